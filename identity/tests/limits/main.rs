//! How much may be sent: limits as data, plans, and counting.

mod capacity;
mod counting;
mod model;
mod rules;

use letterhead_identity::Profile;

/// A profile with this in it.
pub(crate) fn profile(text: &str) -> Profile {
    let head = "schema = 1\nid = \"test\"\ntitle = \"Test\"\n[sources.page]\nurl = \"https://p.example/limits\"\nas_of = \"2026-07-01\"\n";
    Profile::from_toml(&format!("{head}{text}"), |_| None).unwrap()
}

pub(crate) fn error(text: &str) -> String {
    let head = "schema = 1\nid = \"test\"\ntitle = \"Test\"\n[sources.page]\nurl = \"https://p.example/limits\"\nas_of = \"2026-07-01\"\n";
    Profile::from_toml(&format!("{head}{text}"), |_| None)
        .unwrap_err()
        .to_string()
}

/// A quota row; `more` are further lines.
pub(crate) fn quota(unit: &str, window: &str, maximum: &str, more: &str) -> String {
    format!(
        "[[quota]]\nunit = \"{unit}\"\nwindow = \"{window}\"\nmaximum = {maximum}\nsource = \"page\"\n{more}\n"
    )
}
