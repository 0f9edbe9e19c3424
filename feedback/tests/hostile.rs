//! Mails that somebody wrote to keep the reader busy.

use letterhead_feedback::read_report;

/// Numbers that may be reply codes, with no space between them.
const NUMBERS: [&str; 5] = [",550x", "550,minute,", "550:hour:", "<550>", "550#"];
const HEADER: &str =
    "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n";

/// Reads it: in no time that one waits for, or else the reader goes over what it has read again and again, and this takes hours.
/// How long it takes exactly is in the bench `reading`.
fn is_read(mail: &str, place: &str) {
    let reading = read_report(mail.as_bytes());
    assert!(reading.events.len() <= 300, "{place}");
    assert_eq!(reading.omitted, 0, "{place}");
}

#[test]
fn a_line_of_numbers_without_spaces_is_read() {
    for number in NUMBERS {
        let line = number.repeat(4 * 1024 * 1024 / number.len());
        is_read(&format!("{HEADER}\n{line}\n"), number);
    }
}

#[test]
fn many_diagnostics_of_numbers_without_spaces_are_read() {
    for number in NUMBERS.into_iter().take(3) {
        let words = number.repeat(2_400 / number.len());
        let recipient =
            format!("Final-Recipient: rfc822; a@b.example\nDiagnostic-Code: smtp; {words}\n\n");
        let mail = format!(
            "{HEADER}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\nContent-Type: message/delivery-status\n\n{}",
            recipient.repeat(300)
        );
        is_read(&mail, number);
    }
}
