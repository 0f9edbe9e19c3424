//! The profiles that come with the library: the one place in code that names providers.

use super::{Profile, ProfileError};

/// Name and text of each file.
pub(super) const FILES: &[(&str, &str)] = &[
    ("amazon-ses", include_str!("../../profiles/amazon-ses.toml")),
    (
        "google-workspace",
        include_str!("../../profiles/google-workspace.toml"),
    ),
    ("mailgun", include_str!("../../profiles/mailgun.toml")),
    ("mailjet", include_str!("../../profiles/mailjet.toml")),
    (
        "microsoft-365",
        include_str!("../../profiles/microsoft-365.toml"),
    ),
    (
        "oci-email-delivery",
        include_str!("../../profiles/oci-email-delivery.toml"),
    ),
    ("own-server", include_str!("../../profiles/own-server.toml")),
    ("postmark", include_str!("../../profiles/postmark.toml")),
    ("resend", include_str!("../../profiles/resend.toml")),
    ("sendgrid", include_str!("../../profiles/sendgrid.toml")),
    ("sparkpost", include_str!("../../profiles/sparkpost.toml")),
    (
        "zendesk-connector",
        include_str!("../../profiles/zendesk-connector.toml"),
    ),
    (
        "zuora-advanced",
        include_str!("../../profiles/zuora-advanced.toml"),
    ),
    (
        "zuora-default",
        include_str!("../../profiles/zuora-default.toml"),
    ),
    (
        "zuora-external",
        include_str!("../../profiles/zuora-external.toml"),
    ),
    (
        "zuora-workflow",
        include_str!("../../profiles/zuora-workflow.toml"),
    ),
];

pub(super) fn load(name: &str) -> Result<Profile, ProfileError> {
    let Some((_, text)) = FILES.iter().find(|(known, _)| *known == name) else {
        return Err(ProfileError::NotBuiltIn {
            name: name.to_owned(),
        });
    };
    Profile::from_toml(text, |upstream| load(upstream.as_str()).ok())
}
