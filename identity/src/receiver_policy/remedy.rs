//! What to do about a rule that is not met.

use std::borrow::Cow;

use super::Requirement;

impl Requirement {
    /// What to do where it is not met; the requirement's own note for a rule that is not one of the preflight's
    /// [table](mod@crate::preflight#rules-of-receivers).
    #[must_use]
    pub fn remedy(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self.rule.as_str() {
            "spf" => "authorise the sending hosts",
            "dkim" => "sign the message",
            "spf-or-dkim" => "sign the message, or authorise the sending hosts",
            "dmarc" => {
                "publish `v=DMARC1; p=none` with an address for reports, and tighten it once they show only your own senders"
            }
            "alignment" => "sign with a key of the From domain, or use an envelope sender there",
            "reverse-dns" => "publish PTR and address records for each sending host",
            "message-format" => "write fields and lines as RFC 5322 has them",
            "no-mailbox-from" => "write a From address at a domain of yours",
            "list-unsubscribe" => "add `List-Unsubscribe` with an https address",
            "one-click-unsubscribe" => {
                "add `List-Unsubscribe` with an https address and `List-Unsubscribe-Post: List-Unsubscribe=One-Click`, each once"
            }
            "one-click-signed" => {
                "cover List-Unsubscribe and List-Unsubscribe-Post with a signature"
            }
            "key-bits" => "sign with a key of 2048 bits",
            "tls" => "have the servers that deliver use STARTTLS wherever it is offered",
            "honour-unsubscribe" => {
                return match self.hours {
                    Some(hours) => Cow::Owned(format!(
                        "stop sending within {hours} hours of unsubscription"
                    )),
                    None => Cow::Borrowed("stop sending soon after unsubscription"),
                };
            }
            _ => self.note.as_deref().unwrap_or("look at it by hand"),
        })
    }
}
