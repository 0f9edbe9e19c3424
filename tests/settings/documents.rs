//! What the documents show can be read.

use letterhead::settings::Settings;

use crate::directory::{Directory, PEM};

#[test]
fn the_readmes_file_is_read() {
    let readme = include_str!("../../README.md");
    let (_, toml) = readme.split_once("```toml\n").unwrap();
    let (toml, _) = toml.split_once("```").unwrap();
    let directory = Directory::new();
    directory.write("2026a.yourcompany.example.pem", PEM);
    let path = directory.write("letterhead.toml", toml);
    let settings = Settings::from_file(path, [("SMTP_PASSWORD", "secret")]).unwrap();
    assert_eq!(settings.routes().len(), 1);
    assert_eq!(settings.identities().len(), 1);
}
