//! What the servers on the way do to a message, and how they are set.

mod check;
mod forwarding;
mod server;

use letterhead_identity::Profile;
use letterhead_identity::profile::ProfileError;
use letterhead_mail::{LineEndings, Message};

const HEAD: &str = "schema = 1\nid = \"connector\"\ntitle = \"Connector\"\n\
    [sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

pub(crate) const RULES: &str = r#"
[tls]
needed = "required"
source = "page"

[relay]
authentication = "required"
ip_allow_list = "recommended"
greylisting = "discouraged"
inner_hop_spf = "ignored"
fixed_headers = ["To", "From", "Cc", "Reply-To"]
source = "page"

[[preserved]]
header = "Auto-Submitted"
value = "auto-generated"
source = "page"

[[preserved]]
header = "X-Auto-Response-Suppress"
value = "All"
source = "page"

[[preserved]]
header = "X-Mailer"
value = "Zendesk Mailer"
source = "page"

[[preserved]]
header = "X-Zendesk-From-Account-Id"
source = "page"

[[preserved]]
header = "X-Zendesk-Email-Id"
source = "page"

[forwarding]
maximum_hops = 1
note = "the requester is then the first address of Reply-To or From"
source = "page"
"#;

pub(crate) fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

pub(crate) fn profile() -> Profile {
    read(RULES).unwrap()
}

pub(crate) fn message(text: &str) -> Message {
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}
