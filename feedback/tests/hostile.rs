//! Mails that somebody wrote to keep the reader busy: each is read in a time that its length explains.

use std::time::{Duration, Instant};

use letterhead_feedback::read_report;

/// Numbers that may be reply codes, with no space between them.
const NUMBERS: [&str; 5] = [",550x", "550,minute,", "550:hour:", "<550>", "550#"];
/// What takes a second in a slow build; without limits it took minutes.
const LIMIT: Duration = Duration::from_secs(10);

const HEADER: &str =
    "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n";

#[expect(clippy::disallowed_methods, reason = "the time is what is tested")]
fn is_read_soon(mail: &str, place: &str) {
    let start = Instant::now();
    let _ = read_report(mail.as_bytes());
    let elapsed = start.elapsed();
    assert!(elapsed < LIMIT, "{place}: {elapsed:?}");
}

#[test]
fn a_line_of_numbers_without_spaces_is_read() {
    for number in NUMBERS {
        let line = number.repeat(256 * 1024 / number.len());
        is_read_soon(&format!("{HEADER}\n{line}\n"), number);
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
        is_read_soon(&mail, number);
    }
}
