//! What a provider reports by mail in its own JSON: notices that Amazon SNS delivers to a mailbox.

use crate::event::Event;
use crate::field_group::FieldGroup;
use crate::part::Part;
use crate::provider::{Provider, read_events};

/// The events, if the mail is such a notice.
pub(crate) fn read(header: FieldGroup<'_>, leaves: &[Part<'_>]) -> Option<Vec<Event>> {
    header.value("X-Amz-SNS-Message-Id")?;
    let text = leaves.iter().find_map(Part::text)?;
    let document = document(&text)?;
    let reading = read_events(Provider::Ses, document.as_bytes()).ok()?;
    Some(reading.events).filter(|events| !events.is_empty())
}

/// The JSON in front of the footer, in one line: long lines are broken on the way, with a mark before the break.
fn document(text: &str) -> Option<String> {
    let start = text.find('{')?;
    let lines: Vec<&str> = text
        .get(start..)?
        .lines()
        .take_while(|line| line.trim_end() != "--")
        .collect();
    let broken = lines.join("\n").replace("!\n ", "");
    let end = broken.rfind('}')?;
    broken.get(..=end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn a_broken_line_is_joined_and_the_footer_is_left_out() {
        let text = "\n{\"a\":\"b@si!\r\n m.example\"}\r\n\r\n--\r\nIf you wish {to} stop\n";
        assert_eq!(document(text).as_deref(), Some("{\"a\":\"b@sim.example\"}"));
        assert_eq!(document("no"), None);
        assert_eq!(document("}{"), None);
    }
}
