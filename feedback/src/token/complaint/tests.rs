//! A report that returns a message with its token says whom it is about.

use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, Envelope, HeaderName, LineEndings, Message, Submission};
use proptest::collection;
use proptest::prelude::{ProptestConfig, any, proptest};

use super::{ComplaintTokens, TokenTooLong};
use crate::event::{EventKind, Proof};
use crate::report::read_report;
use crate::token::{TokenError, TokenKey, TokenKeys, spoiled};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn tokens() -> ComplaintTokens {
    let test_key = TokenKey::new(3.try_into().unwrap(), [3; 32]);
    let name: HeaderName = "X-Feedback-Token".parse().unwrap();
    ComplaintTokens::new(TokenKeys::new(&test_key), name)
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn joe() -> EmailAddress {
    "joe@example.org".parse().unwrap()
}

fn submission(id: &str) -> Submission {
    let message = Message::from_bytes("From: a@x.example\r\n\r\nHi\r\n", LineEndings::Strict);
    let from: EmailAddress = "b@x.example".parse().unwrap();
    let envelope = Envelope::new(from, [joe()]).unwrap();
    let (id, tenant) = (id.parse().unwrap(), "acme".parse().unwrap());
    let mut submission = Submission::new(id, tenant, message.unwrap(), envelope);
    submission.stream = Some("news".parse().unwrap());
    submission
}

/// The whole field, for this submission to this recipient.
fn field(id: &str, recipient: &str) -> String {
    let recipient = recipient.parse().unwrap();
    let (name, value) = tokens().field(&submission(id), &recipient, now()).unwrap();
    format!("{name}: {value}\r\n")
}

fn find(report: &str) -> Result<String, TokenError> {
    let mailing = tokens().find(report.as_bytes(), now());
    mailing.map(|mailing| mailing.recipient().to_string())
}

#[test]
fn a_redacted_complaint_is_about_whom_the_token_names() {
    let report = format!(
        "From: fbl@isp.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: redacted@example.org\r\n{}\r\n--b--\r\n",
        field("s-1", "joe@example.org")
    );
    let mailing = tokens().find(report.as_bytes(), now() + 60 * DAY).unwrap();
    let reading = read_report(report.as_bytes());
    let events = mailing.prove(reading.events);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind(), EventKind::Complained);
    assert_eq!(events[0].proof(), Proof::Token);
    assert_eq!(events[0].addressee(), Some(&joe()));
    assert_eq!(events[0].submission().unwrap().as_str(), "s-1");
    assert_eq!(events[0].tenant().unwrap().as_str(), "acme");
    assert_eq!(events[0].stream().unwrap().as_str(), "news");
    assert_eq!(events[0].identity(), None);
}

#[test]
fn a_token_is_found_wherever_the_message_is_returned() {
    let field = field("s-1", "joe@example.org");
    let (name, token) = field.trim_end().split_once(": ").unwrap();
    let quoted_printable = format!("{}=\r\n{}", &name, field.strip_prefix(name).unwrap());
    for report in [
        field.clone(),
        field.replace("\r\n", "\n"),
        format!("To: me\r{}", field.replace("\r\n", "\r")),
        field.to_uppercase(),
        field.to_lowercase(),
        format!("From: a@x.example\r\n\r\nSee:\r\n> > {field}> To: you\r\n"),
        format!("{name}:\r\n\t{token}\r\n"),
        format!("{name} : {token} \r\n"),
        format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\n{quoted_printable}\n--b--\n"
        ),
        format!("{field}{field}"),
        format!("{name}: forged\r\n{name}:\r\n\r\n{field}"),
    ] {
        assert_eq!(find(&report).as_deref(), Ok("joe@example.org"), "{report}");
    }
}

#[test]
fn what_names_nobody_or_several_is_told_apart() {
    let (joe, ann) = (
        field("s-1", "joe@example.org"),
        field("s-1", "ann@example.org"),
    );
    for (report, expected) in [
        (String::new(), TokenError::NotOurs),
        (
            "To: me\r\n\r\nX-Feedback-Tokens: aaaa".to_owned(),
            TokenError::NotOurs,
        ),
        (format!("To: me\r\n\r\nit said {joe}"), TokenError::NotOurs),
        (format!("{joe}{ann}"), TokenError::Ambiguous),
        (
            joe.replace(": a", ": b"),
            TokenError::UnknownKey(11.try_into().unwrap()),
        ),
        (
            joe.trim_end()
                .trim_end_matches(char::is_alphanumeric)
                .to_owned(),
            TokenError::NotOurs,
        ),
    ] {
        assert_eq!(find(&report), Err(expected), "{report}");
    }
    let late = now() + 181 * DAY;
    assert_eq!(
        tokens().find(joe.as_bytes(), late).err(),
        Some(TokenError::Expired)
    );
    let short = tokens().lifetime(DAY);
    assert!(short.find(joe.as_bytes(), now() + 60 * DAY).is_ok());
    assert!(short.find(joe.as_bytes(), now() + 61 * DAY).is_err());
}

#[test]
fn every_change_is_refused() {
    let field = field("s-1", "joe@example.org");
    let (_, token) = field.trim_end().split_once(": ").unwrap();
    for changed in spoiled(token) {
        // White space around it is not part of a token.
        let read = tokens().read(&changed, now());
        assert!(read.is_err() || changed.trim() == token, "{changed:?}");
    }
}

#[test]
fn ids_that_are_too_long_are_told_when_the_token_is_made() {
    let long = submission(&"\u{1f4e8}".repeat(255));
    assert_eq!(tokens().field(&long, &joe(), now()), Err(TokenTooLong));
    assert!(
        tokens()
            .field(&submission(&"x".repeat(255)), &joe(), now())
            .is_ok()
    );
}

#[test]
fn no_more_than_so_many_tokens_are_looked_at() {
    let decoys: String = (0..ComplaintTokens::MAX_TOKENS)
        .map(|number| format!("X-Feedback-Token: decoy{number}\r\n"))
        .collect();
    let joe = field("s-1", "joe@example.org");
    assert_eq!(find(&format!("{decoys}{joe}")), Err(TokenError::NotOurs));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_octets_are_read_or_refused(mut report in collection::vec(any::<u8>(), 0..200), end in collection::vec(any::<u8>(), 0..200)) {
        report.extend_from_slice(b"\nX-Feedback-Token:");
        report.extend(end);
        assert!(tokens().find(&report, now()).is_err());
    }
}
