//! No octets make the reader panic, and what it gives keeps its promises.

use letterhead_feedback::{Event, EventKind, Proof, Reading, ReportKind, read_report};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::sample::Index;
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof};

const MAILS: [&str; 6] = [
    include_str!("mails/several_recipients.eml"),
    include_str!("mails/unicode_recipient.eml"),
    include_str!("mails/one_group.eml"),
    include_str!("mails/complaint.eml"),
    include_str!("mails/absence.eml"),
    include_str!("mails/ordinary.eml"),
];

/// The samples of bounces, one file a kind of system, with the lines between them that say what is expected.
const SAMPLES: [&str; 8] = [
    include_str!("mails/bounces/unix.txt"),
    include_str!("mails/bounces/providers.txt"),
    include_str!("mails/bounces/offices.txt"),
    include_str!("mails/bounces/gateways.txt"),
    include_str!("mails/bounces/languages.txt"),
    include_str!("mails/bounces/older.txt"),
    include_str!("mails/bounces/current.txt"),
    include_str!("mails/bounces/status.txt"),
];

/// All mails that are written for tests of bounces.
fn samples() -> Vec<&'static str> {
    let mails = SAMPLES.iter().flat_map(|text| text.split("%%% "));
    let mails = mails.filter_map(|mail| mail.split_once('\n').map(|(_, mail)| mail));
    mails.filter(|mail| !mail.is_empty()).collect()
}

/// One change to a mail.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
    Cut(Index),
}

impl Mutation {
    fn apply(&self, mail: &mut Vec<u8>) {
        if mail.is_empty() {
            return;
        }
        let end = |start: usize, length: usize, mail: &[u8]| (start + length).min(mail.len());
        match self {
            Self::Replace(at, octet) => {
                let at = at.index(mail.len());
                mail[at] = *octet;
            }
            Self::Remove(at, length) => {
                let start = at.index(mail.len());
                mail.drain(start..end(start, *length, mail));
            }
            Self::Insert(at, octets) => {
                let at = at.index(mail.len());
                mail.splice(at..at, octets.iter().copied());
            }
            Self::Repeat(at, length) => {
                let start = at.index(mail.len());
                let piece = mail[start..end(start, *length, mail)].to_vec();
                mail.splice(start..start, piece);
            }
            Self::Cut(at) => mail.truncate(at.index(mail.len())),
        }
    }
}

/// The mail with these changes, one after the other.
fn mutated(mail: &str, mutations: &[Mutation]) -> Vec<u8> {
    let mut octets = mail.as_bytes().to_vec();
    for mutation in mutations {
        mutation.apply(&mut octets);
    }
    octets
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let pieces = prop_oneof![
        collection::vec(any::<u8>(), 1..8),
        proptest::sample::select(vec![
            "\n",
            "\r",
            "\n\n",
            "--",
            "--b",
            "\\x{",
            "}",
            "(",
            "\"",
            "<",
            ";",
            "=",
            "=?utf-8?B?",
            "\u{e9}",
            "\0",
            " ",
            "Final-Recipient:",
            "Content-Type: multipart/x; boundary=b\n\n",
            "Content-Transfer-Encoding: base64\n",
            "Content-Transfer-Encoding: quoted-printable\n",
            "boundary*0=a; boundary*1=b;",
            "charset*=utf-8'en'%41;",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Mutation::Replace(at, octet)),
        (at(), 1..200_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (at(), pieces).prop_map(|(at, octets)| Mutation::Insert(at, octets)),
        (at(), 1..400_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        at().prop_map(Mutation::Cut),
    ]
}

fn promises_hold(reading: &Reading) -> Result<(), proptest::test_runner::TestCaseError> {
    match reading.kind {
        ReportKind::DeliveryStatus
        | ReportKind::Feedback
        | ReportKind::DispositionNotification
        | ReportKind::ProviderNotification
        | ReportKind::TextBounce => {}
        ReportKind::AutoReply => prop_assert_eq!(reading.events.len(), 1),
        _ => prop_assert!(reading.events.is_empty()),
    }
    prop_assert!(reading.delivered_to.len() <= 16);
    for event in &reading.events {
        prop_assert!(event.raw().is_some());
        prop_assert_eq!(event.proof(), Proof::Unproven);
        let texts = [
            (event.diagnostic(), Event::MAX_DIAGNOSTIC),
            (event.message_id(), 998),
            (event.remote_mta(), Event::MAX_NAME),
            (event.reporting_mta(), Event::MAX_NAME),
            (event.original_envelope_id(), Event::MAX_NAME),
        ];
        for (text, limit) in texts
            .into_iter()
            .filter_map(|(text, limit)| Some((text?, limit)))
        {
            prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
            prop_assert!(
                !text.is_empty() && text.chars().count() <= limit,
                "{:?}",
                text
            );
        }
        prop_assert!(
            reading.kind == ReportKind::AutoReply || event.kind() != EventKind::AutoReplied
        );
        prop_assert_eq!(event.id().to_string().parse(), Ok(event.id()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_octets_are_read(octets in collection::vec(any::<u8>(), 0..2_000)) {
        promises_hold(&read_report(&octets))?;
    }

    #[test]
    fn arbitrary_octets_in_the_machine_readable_part_are_read(
        octets in collection::vec(any::<u8>(), 0..500),
        feedback in any::<bool>(),
    ) {
        let part: &[u8] = if feedback { b"feedback-report" } else { b"delivery-status" };
        let head: &[u8] = b"Content-Type: message/";
        promises_hold(&read_report(&[head, part, b"\n\n", &octets].concat()))?;
    }

    #[test]
    fn mutated_reports_are_read(
        mail in proptest::sample::select(MAILS.to_vec()),
        mutations in collection::vec(mutation(), 1..12),
    ) {
        promises_hold(&read_report(&mutated(mail, &mutations)))?;
    }

    #[test]
    fn mutated_bounces_are_read(
        mail in proptest::sample::select(samples()),
        mutations in collection::vec(mutation(), 1..12),
    ) {
        promises_hold(&read_report(&mutated(mail, &mutations)))?;
    }

    #[test]
    fn a_bounce_cut_anywhere_is_read(mail in proptest::sample::select(samples()), end in any::<Index>()) {
        let octets = mail.as_bytes();
        promises_hold(&read_report(&octets[..end.index(octets.len())]))?;
        promises_hold(&read_report(&octets.repeat(3)))?;
    }

    #[test]
    fn arbitrary_words_of_a_mail_system_are_read(words in "([ -~\u{a0}-\u{ff}\u{3000}-\u{30ff}]{0,40}[@<>:\\n. 5]{0,4}){0,20}") {
        let mail = format!("From: mailer-daemon@x.example\nSubject: failure notice\n\n{words}");
        promises_hold(&read_report(mail.as_bytes()))?;
    }

    #[test]
    fn a_recipient_is_found_whatever_surrounds_it(
        local in "[a-z0-9]{1,6}([.+_-][a-z0-9+_-]{1,6}){0,3}",
        status in proptest::sample::select(vec!["5.1.1", "5.2.2", "4.4.7"]),
        other in "[A-Za-z-]{1,20}: [ -~]{0,60}",
    ) {
        let address = format!("{local}@example.org");
        proptest::prop_assume!(!other.to_ascii_lowercase().contains("recipient:"));
        proptest::prop_assume!(!["action:", "status:", "diagnostic-code:"]
            .iter()
            .any(|name| other.to_ascii_lowercase().starts_with(name)));
        let mail = format!(
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n\
             {other}\nFinal-Recipient: rfc822; {address}\n{other}\nAction: failed\nStatus: {status}\n"
        );
        let reading = read_report(mail.as_bytes());
        prop_assert_eq!(reading.events.len(), 1);
        let event = &reading.events[0];
        prop_assert_eq!(event.recipient().map(ToString::to_string), Some(address));
        prop_assert_eq!(event.status().map(|found| found.to_string()), Some(status.to_owned()));
    }
}
