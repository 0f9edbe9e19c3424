//! What would become of a message, held against what becomes of it.

use letterhead_identity::ReceiverPolicy;
use letterhead_identity::receiver_policy::Strength;
use letterhead_mail::{Clock as _, LineEndings, Message, Report, Submission};
use letterhead_simulator::{Approach, Disposition, Receiver, Simulator};

use crate::common::{address, name, publish, send, start, submission_of};

const MX: &str = "mx.big.example";
const OTHER: &str = "mx.other.example";
const CLIENT: &str = "203.0.113.5";
const FROM: &str = "From: billing@yourcompany.example\r\n";
const DATE: &str = "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n";

const SPF: &str = "yourcompany.example. 300 IN TXT \"v=spf1 ip4:203.0.113.5 -all\"\n";
const REVERSE: &str = "out.yourcompany.example. 300 IN A 203.0.113.5\n\
    5.113.0.203.in-addr.arpa. 300 IN PTR out.yourcompany.example.\n";
const REJECT: &str = "_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"\n";
const QUARANTINE: &str = "_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=quarantine\"\n";
const FAULT: &str = ";fault _dmarc.yourcompany.example. TXT servfail\n";

/// Google's rules, with three messages a day in place of 5,000.
fn small() -> ReceiverPolicy {
    let own = include_str!("../../../identity/receivers/google.toml");
    let text = own.replace("from = 5000", "from = 3");
    assert_ne!(text, own);
    ReceiverPolicy::from_toml(&text).unwrap()
}

/// One receiver that asks what Google asks, and one that asks for DMARC only and has mailboxes with behaviours.
fn world(zone: &str) -> Simulator {
    let big = Receiver::new(name(MX), "192.0.2.60".parse().unwrap())
        .domain(name("big.example"))
        .catch_all()
        .assumed_client(CLIENT.parse().unwrap())
        .policy(small());
    let other = Receiver::new(name(OTHER), "192.0.2.61".parse().unwrap())
        .triggers(name("other.example"))
        .mailbox(address("joe@other.example"))
        .maximum_octets(2000)
        .assumed_client(CLIENT.parse().unwrap());
    let simulator = Simulator::builder(start(), 1)
        .receiver(big)
        .receiver(other)
        .build()
        .unwrap();
    publish(&simulator, zone);
    simulator
}

fn mail(fields: &str, sender: &str, to: &[&str]) -> Submission {
    let text = format!("{fields}\r\nHello\r\n");
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    submission_of(message, sender, to)
}

fn rows(report: &Report) -> Vec<String> {
    report.rows().iter().map(ToString::to_string).collect()
}

#[test]
fn it_is_what_a_delivery_gives() {
    let whole = format!("{FROM}{DATE}");
    let long = format!("{whole}X-Long: {}\r\n", "long ".repeat(500).trim_end());
    let all = |dmarc: &str| format!("{SPF}{REVERSE}{dmarc}");
    let to_joe = &["joe@other.example"][..];
    let ours = "bounces@yourcompany.example";
    let mut seen = std::collections::BTreeSet::new();
    for (zone, fields, sender, to) in [
        (all(REJECT), &whole, ours, to_joe),
        (all(REJECT), &FROM.to_owned(), ours, to_joe),
        (all(REJECT), &DATE.to_owned(), ours, to_joe),
        (all(REJECT), &whole, "", to_joe),
        (all(REJECT), &whole, "a@elsewhere.example", to_joe),
        (all(QUARANTINE), &whole, "a@elsewhere.example", to_joe),
        (all(""), &whole, "a@elsewhere.example", to_joe),
        (all(FAULT), &whole, ours, to_joe),
        (all(REJECT), &long, ours, to_joe),
        (format!("{SPF}{REJECT}"), &whole, ours, to_joe),
        (format!("{REVERSE}{REJECT}"), &whole, ours, to_joe),
        (
            all(REJECT),
            &whole,
            ours,
            &[
                "joe@other.example",
                "nobody@other.example",
                "defer-2@other.example",
                "greylist@other.example",
                "ada@big.example",
                "a@nowhere.example",
            ],
        ),
        (all(REJECT), &whole, ours, &["drop-at-dot@other.example"]),
        (all(REJECT), &whole, ours, &["drop-after-dot@other.example"]),
        (all(REJECT), &whole, ours, &["discard@other.example"]),
        (all(REJECT), &whole, ours, &["dot-554-5.6.0@other.example"]),
        (all(REJECT), &whole, ours, &["nobody@other.example"]),
    ] {
        let simulator = world(&zone);
        // Each delivery changes what the next one meets.
        for _ in 0..4 {
            let submission = mail(fields, sender, to);
            for host in [MX, OTHER] {
                let found = simulator.deliverability(&submission, &Approach::new().policies([]));
                assert_eq!(found.outlooks.len(), 2);
                let outlook = found.of_host(&name(host)).unwrap();
                let stored = simulator.mails().len();
                let mut own = submission.clone();
                own.envelope = own.envelope.to_others(outlook.recipients.clone()).unwrap();
                let report = send(&simulator, host, &own);
                assert_eq!(
                    rows(&outlook.report),
                    rows(&report),
                    "{host}: {fields}\n{outlook}"
                );
                seen.extend(
                    report
                        .rows()
                        .iter()
                        .filter_map(|row| Some(row.code()?.get())),
                );
                let mails = simulator.mails();
                let new = mails.get(stored).map(|(_, mail)| mail);
                assert_eq!(outlook.disposition, new.map(|mail| mail.disposition));
                if let Some(mail) = new {
                    let verdicts = outlook.authenticated.as_ref().unwrap();
                    assert_eq!(verdicts.results, mail.authentication);
                }
                let breaks = |rule: &&letterhead_simulator::deliverability::RuleOutlook| {
                    rule.strength == Strength::Required
                };
                if host == MX && report.all_accepted() {
                    assert_eq!(outlook.unmet().find(breaks), None);
                }
            }
        }
    }
    assert!(
        [250, 451, 550, 554].iter().all(|code| seen.contains(code)),
        "{seen:?}"
    );
}

#[test]
fn the_other_mailboxes_of_an_envelope_are_for_others() {
    let simulator = world(SPF);
    let submission = mail(FROM, "a@yourcompany.example", &["joe@other.example"]);
    let found = simulator.deliverability(&submission, &Approach::new().policies([]));
    let asked_of = |host| &found.of_host(&name(host)).unwrap().recipients;
    assert_eq!(asked_of(OTHER), &[address("joe@other.example")]);
    assert_eq!(asked_of(MX), &[address("postmaster@mx.big.example")]);
}

#[test]
fn nothing_comes_of_it() {
    let zone = format!("{SPF}{REVERSE}");
    let (asked, twin) = (world(&zone), world(&zone));
    let to = [
        "defer-2@other.example",
        "bounce@other.example",
        "ada@big.example",
    ];
    let submission = mail(&format!("{FROM}{DATE}"), "a@yourcompany.example", &to);
    for _ in 0..5 {
        let found = asked.deliverability(&submission, &Approach::new());
        assert_eq!(
            found.outlooks.len(),
            2 + ReceiverPolicy::built_in_names().count()
        );
    }
    assert_eq!(asked.events(), []);
    assert_eq!(asked.sessions().len(), 0);
    assert_eq!(asked.mails().len(), 0);
    assert_eq!(asked.next_due(), None);
    assert_eq!(asked.notifications().len(), 0);
    assert_eq!(
        asked.dns().snapshot().to_string(),
        twin.dns().snapshot().to_string()
    );
    assert_eq!(asked.clock().now(), start());
    // What is counted and drawn goes on as if nobody had asked.
    for _ in 0..4 {
        for host in [MX, OTHER] {
            let own = |simulator: &Simulator| {
                let own = if host == MX { &to[2..] } else { &to[..2] };
                let submission = mail(&format!("{FROM}{DATE}"), "a@yourcompany.example", own);
                rows(&send(simulator, host, &submission))
            };
            assert_eq!(own(&asked), own(&twin));
        }
    }
    assert_eq!(asked.events(), twin.events());
    assert_eq!(asked.next_due(), twin.next_due());
}

#[test]
fn each_rule_is_met_or_not_with_its_remedy() {
    let zone = format!("{SPF}_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=none\"\n");
    let simulator = world(&zone);
    let fields = format!("{FROM}{DATE}List-Unsubscribe: <mailto:a@yourcompany.example>\r\n");
    let submission = mail(&fields, "a@yourcompany.example", &["ada@gmail.com"]);
    let unmet = |approach: Approach, policy: &str| -> Vec<String> {
        let found = simulator.deliverability(&submission, &approach);
        let outlook = found.of_policy(policy).unwrap();
        let rules = outlook
            .unmet()
            .filter(|rule| rule.strength == Strength::Required);
        rules.map(|rule| rule.rule.to_string()).collect()
    };
    let from = || Approach::from(CLIENT.parse().unwrap());
    assert_eq!(unmet(from(), "google"), ["reverse-dns"]);
    let bulk = unmet(from().daily_volume(4999), "google");
    assert_eq!(bulk, ["reverse-dns", "dkim", "one-click-unsubscribe"]);
    assert_eq!(unmet(from().daily_volume(4998), "google"), ["reverse-dns"]);
    let elsewhere = Approach::from("198.51.100.9".parse().unwrap());
    assert_eq!(unmet(elsewhere, "google"), ["spf-or-dkim", "reverse-dns"]);
    publish(&simulator, REVERSE);
    assert_eq!(unmet(from(), "google"), Vec::<String>::new());

    let found = simulator.deliverability(&submission, &from());
    for policy in ReceiverPolicy::all_built_in() {
        let outlook = found.of_policy(policy.id().as_str()).unwrap();
        assert!(outlook.is_taken(), "{outlook}");
        assert_eq!(outlook.disposition, Some(Disposition::Inbox));
        assert_eq!(outlook.rules.len(), policy.requirements().len());
        for rule in &outlook.rules {
            assert!(!rule.remedy.is_empty() && rule.source.is_some(), "{rule:?}");
        }
    }
}

#[test]
fn the_report_is_aligned() {
    let simulator = world(&format!("{SPF}{REJECT}"));
    let submission = mail(
        &format!("{FROM}{DATE}"),
        "a@elsewhere.example",
        &["joe@other.example"],
    );
    let found = simulator.deliverability(&submission, &Approach::new().policies([]));
    let outlook = found.of_host(&name(OTHER)).unwrap().to_string();
    assert_eq!(
        outlook,
        "mx.other.example: not taken\n\
         \x20 client   203.0.113.5\n\
         \x20 to       joe@other.example: 550 5.7.26 mail that says it is from yourcompany.example and cannot prove it is refused by that domain's DMARC policy\n\
         \x20 SPF      none      elsewhere.example: no SPF record\n\
         \x20 DKIM     none      the message is not signed\n\
         \x20 DMARC    fail      yourcompany.example: asks for reject, for this message reject\n"
    );
    let google = found.of_host(&name(MX)).unwrap().to_string();
    let rules: Vec<&str> = google.lines().skip(6).collect();
    assert_eq!(rules.len(), small().requirements().len());
    let remedies = rules
        .iter()
        .filter(|line| !line.trim_start().starts_with("met"));
    let columns: std::collections::BTreeSet<_> = remedies
        .filter_map(|line| line.get(11..)?.find("  "))
        .map(|gap| gap.min(22))
        .collect();
    assert!(!columns.is_empty(), "{google}");
    assert!(
        google.contains("  NOT MET  spf-or-dkim            sign the message, or"),
        "{google}"
    );
}
