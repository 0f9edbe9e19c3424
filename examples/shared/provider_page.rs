//! A page under `docs/providers`.

use letterhead::Settings;
use letterhead::identity::Profile;

/// What the profile says, and what of it stands in a file of settings.
pub(crate) fn page_of(profile: &Profile) -> String {
    let (guide, sample) = (profile.guide(), Settings::sample(profile));
    format!("{guide}\n## In `letterhead.toml`\n\n```toml\n{sample}```\n")
}
