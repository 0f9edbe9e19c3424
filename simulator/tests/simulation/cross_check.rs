//! Every message judged twice: by the receiver, and by mail-auth.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer};
use letterhead_dns::{Record, RecordData, Zone};
use letterhead_mail::{Entropy as _, LineEndings, Message};
use letterhead_simulator::cross_check::{Disagreement, Judged, KnownError, SecondOpinion};
use letterhead_simulator::{Receiver, SeededEntropy, SimEventKind, Simulator};

use crate::common::{address, name, ready, submission_of};

const CLIENT: &str = "203.0.113.5";
const JOE: &str = "joe@receiver.example";
const RSA: &str = include_str!("../../../dkim/tests/keys/rsa2048.pem");
const ED25519: &str = include_str!("../../../dkim/tests/keys/ed25519.pem");

/// The clock of the machine is what mail-auth judges expiry by.
fn simulation(zone: &str) -> Simulator {
    let receiver = Receiver::new(name("mx.receiver.example"), "192.0.2.20".parse().unwrap())
        .mailbox(address(JOE))
        .assumed_client(CLIENT.parse().unwrap());
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let zone: Zone = zone.parse().unwrap();
    let simulator = Simulator::builder(start, 1)
        .zone(zone)
        .receiver(receiver)
        .cross_check()
        .build()
        .unwrap();
    for (selector, pem) in [("rsa", RSA), ("ed", ED25519)] {
        for domain in DOMAINS {
            let owner = format!("{selector}._domainkey.{domain}").parse().unwrap();
            let record = PublicKeyRecord::for_key(&PrivateKey::from_pem(pem).unwrap()).to_txt();
            simulator
                .dns()
                .publish(Record::new(owner, 300, RecordData::Txt(record)));
        }
    }
    simulator
}

const DOMAINS: [&str; 4] = ["a.example", "sub.a.example", "b.example", "org.example"];

fn signer(domain: &str, selector: &str) -> Signer {
    let pem = if selector == "ed" { ED25519 } else { RSA };
    let key = PrivateKey::from_pem(pem).unwrap();
    Signer::new(name(domain), selector.parse().unwrap(), Arc::new(key))
}

fn signed(message: &Message, signers: &[Signer]) -> Message {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let signatures = letterhead_dkim::sign(message.as_bytes(), signers, start).unwrap();
    let fields: String = signatures.iter().map(ToString::to_string).collect();
    message.with_field_prepended(fields.as_bytes()).unwrap()
}

fn message(from: &str, body: &str) -> Message {
    let text = format!(
        "From: {from}\r\nTo: {JOE}\r\nSubject: Invoice\r\n  folded\r\nMessage-ID: <1@a.example>\r\n\r\n{body}"
    );
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

/// What both said, the receiver first: its reply, and the disagreements that were told.
fn judge(simulator: &Simulator, sender: &str, message: &Message) -> (String, Vec<Disagreement>) {
    let before = simulator.events().len();
    let transport = simulator.transport("mx.receiver.example").unwrap();
    let report = ready(transport.send(&submission_of(message.clone(), sender, &[JOE])));
    let reply = report.rows()[0].reply().unwrap().to_string();
    let events = simulator.events();
    let told = events[before..].iter();
    let told = told.filter_map(|event| match &event.kind {
        SimEventKind::Disagreed { disagreement, .. } => Some(disagreement.clone()),
        _ => None,
    });
    (reply, told.collect())
}

fn opinion(simulator: &Simulator) -> SecondOpinion {
    let mails = simulator.mails_of(&address(JOE));
    mails.last().unwrap().second_opinion.clone().unwrap()
}

const POLICIES: &str = "a.example. TXT \"v=spf1 ip4:203.0.113.5 -all\"\n\
    a.example. A 192.0.2.77\n\
    _dmarc.a.example. TXT \"v=DMARC1; p=reject; sp=quarantine\"\n\
    sub.a.example. TXT \"v=spf1 -all\"\n\
    b.example. TXT \"v=spf1 include:a.example ~all\"\n\
    c.example. TXT \"v=spf1 mx a:nowhere.example ?all\"\n\
    c.example. MX 10 mail.c.example.\n\
    mail.c.example. A 203.0.113.5\n\
    _dmarc.c.example. TXT \"v=DMARC1; p=none; adkim=s; aspf=s\"\n\
    d.example. TXT \"v=spf1 a -all\"\n\
    ;fault d.example. A servfail\n\
    _dmarc.d.example. TXT \"v=DMARC1; p=reject\"\n\
    e.example. TXT \"v=spf1 +all\"\n\
    ;fault _dmarc.e.example. TXT servfail\n\
    f.example. TXT \"v=spf1 ip4:1.2.3 -all\"\n\
    p.example. TXT \"v=spf1 ptr -all\"\n\
    5.113.0.203.in-addr.arpa. PTR host.p.example.\n\
    host.p.example. A 203.0.113.5\n";

#[test]
fn both_come_to_the_same_results() {
    let plain = |from: &str| message(from, "Please pay.\r\n");
    let a = plain("ada@a.example");
    let by = |domain: &str, selectors: &[&str]| -> Message {
        let signers: Vec<Signer> = selectors.iter().map(|one| signer(domain, one)).collect();
        signed(&plain("ada@a.example"), &signers)
    };
    let altered = |message: &Message| {
        let text = String::from_utf8(message.as_bytes().to_vec()).unwrap();
        Message::from_bytes(
            text.replace("Please pay", "Please do not pay"),
            LineEndings::Strict,
        )
        .unwrap()
    };
    let cases: Vec<(&str, Message, &str, [&str; 2])> = vec![
        ("ada@a.example", a.clone(), "250", ["pass", "pass (reject)"]),
        (
            "ada@b.example",
            a.clone(),
            "550 5.7.26",
            ["pass", "fail (reject)"],
        ),
        (
            "ada@b.example",
            by("a.example", &["rsa"]),
            "250",
            ["pass", "pass (reject)"],
        ),
        (
            "ada@b.example",
            by("a.example", &["rsa", "ed"]),
            "250",
            ["pass", "pass (reject)"],
        ),
        (
            "ada@b.example",
            by("sub.a.example", &["rsa", "ed"]),
            "250",
            ["pass", "pass (reject)"],
        ),
        (
            "ada@b.example",
            by("org.example", &["rsa", "ed"]),
            "550 5.7.26",
            ["pass", "fail (reject)"],
        ),
        (
            "ada@b.example",
            altered(&by("a.example", &["rsa", "ed"])),
            "550 5.7.26",
            ["pass", "fail (reject)"],
        ),
        (
            "ada@b.example",
            plain("ada@sub.a.example"),
            "250",
            ["pass", "fail (quarantine)"],
        ),
        (
            "ada@sub.a.example",
            plain("ada@sub.a.example"),
            "250",
            ["fail", "fail (quarantine)"],
        ),
        (
            "ada@c.example",
            plain("ada@c.example"),
            "250",
            ["pass", "pass (none)"],
        ),
        (
            "ada@c.example",
            plain("ada@x.c.example"),
            "250",
            ["pass", "fail (none)"],
        ),
        (
            "ada@d.example",
            plain("ada@d.example"),
            "451 4.7.0",
            ["temperror", "temperror (reject)"],
        ),
        (
            "ada@e.example",
            plain("ada@e.example"),
            "451 4.7.0",
            ["pass", "temperror"],
        ),
        (
            "ada@f.example",
            plain("ada@f.example"),
            "250",
            ["permerror", "none"],
        ),
        (
            "ada@p.example",
            plain("ada@p.example"),
            "250",
            ["pass", "none"],
        ),
        (
            "ada@nowhere.example",
            plain("ada@nowhere.example"),
            "250",
            ["none", "none"],
        ),
        ("", plain("ada@nowhere.example"), "250", ["none", "none"]),
    ];
    for (number, (sender, message, reply, [spf, dmarc])) in cases.into_iter().enumerate() {
        let simulator = simulation(POLICIES);
        let (said, told) = judge(&simulator, sender, &message);
        assert!(said.starts_with(reply), "{number} {sender}: {said}");
        assert_eq!(
            told,
            [],
            "{number} {sender}: {}",
            simulator
                .events()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        );
        if reply == "250" {
            let opinion = opinion(&simulator);
            assert_eq!(
                [&opinion.spf, &opinion.dmarc],
                [spf, dmarc],
                "{number} {sender}"
            );
            assert!(opinion.agrees());
        }
    }
}

/// A key that is replaced while mail is on its way counts for both from that moment on.
#[test]
fn a_key_rotated_between_two_messages_is_seen_by_both() {
    let simulator = simulation(POLICIES);
    let mail = signed(
        &message("ada@a.example", "x\r\n"),
        &[signer("a.example", "rsa")],
    );
    assert!(
        judge(&simulator, "ada@b.example", &mail)
            .0
            .starts_with("250")
    );
    assert_eq!(opinion(&simulator).dkim[0].result, "pass");
    let owner = "rsa._domainkey.a.example".parse().unwrap();
    simulator
        .dns()
        .remove(&owner, letterhead_dns::RecordType::TXT);
    simulator.dns().publish_zone(
        "rsa._domainkey.a.example. TXT \"v=DKIM1; p=\""
            .parse()
            .unwrap(),
    );
    let (said, told) = judge(&simulator, "ada@b.example", &mail);
    assert!(said.starts_with("550 5.7.26"), "{said}");
    assert_eq!(told, []);
    simulator.dns().publish_zone(
        ";fault rsa._domainkey.a.example. TXT servfail"
            .parse()
            .unwrap(),
    );
    let (said, told) = judge(&simulator, "ada@b.example", &mail);
    assert!(said.starts_with("451 4.7.0"), "{said}");
    assert_eq!(told, []);
}

/// Where the other implementation errs, the difference is told and known.
#[test]
fn known_errors_are_told_as_such() {
    let blank = signed(
        &message("ada@a.example", "x\r\n \r\n\t\r\n"),
        &[signer("a.example", "rsa")],
    );
    let plain = |from: &str| message(from, "x\r\n");
    let zone = "v.example. TXT \"v=spf1 a:x1.example a:x2.example a:x3.example +all\"\n\
        y.example. TXT \"v=spf1 ip4:203.0.113.300 -all\"\n\
        l.example. TXT \"v=spf1 a:com +all\"\n\
        x.example. TXT \"v=spf1 exists:%{i}.none.example -all\"\n\
        q.example. TXT \"v=spf1 -include:q1.example\"\n\
        q1.example. TXT \"v=spf1 include:q2.example\"\n\
        q2.example. TXT \"v=spf1 +all\"\n\
        _dmarc.m.example. TXT \"v=DMARC1; sp=reject; rua=mailto:x@m.example\"\n\
        t.m.example. A 192.0.2.1\n\
        _dmarc.i.example. TXT \"v=DMARC1; p=reject; adkim=x\"\n\
        _dmarc.n.example. TXT \"v=DMARC1; p=none; sp=none; np=reject\"\n\
        n.example. A 192.0.2.1\n\
        _dmarc.u.example. TXT \"v=dmarc1; p=reject\"\n\
        _dmarc.s.example. TXT \"v=DMARC1; p=reject\"\n\
        _dmarc.s.example. TXT \"v=DMARC1; p=none\"\n\
        _dmarc.w.example. TXT \"v=DMARC1; p=reject\"\n\
        ;fault _dmarc.example. TXT servfail\n\
        _dmarc.solo. TXT \"v=DMARC1; p=reject\"\n\
        solo. A 192.0.2.1\n";
    let cases = [
        ("ada@a.example", blank, KnownError::WhiteSpaceLines),
        (
            "ada@v.example",
            plain("ada@v.test"),
            KnownError::VoidLookups,
        ),
        ("ada@l.example", plain("ada@l.test"), KnownError::LoneLabel),
        (
            "ada@y.example",
            plain("ada@y.test"),
            KnownError::LenientSyntax,
        ),
        ("ada@x.example", plain("ada@x.test"), KnownError::Exists),
        (
            "ada@q.example",
            plain("ada@q.test"),
            KnownError::IncludeQualifier,
        ),
        ("", plain("ada@t.m.example"), KnownError::MissingPolicy),
        ("", plain("ada@i.example"), KnownError::InvalidTag),
        (
            "",
            plain("ada@gone.n.example"),
            KnownError::NonExistentDomain,
        ),
        ("", plain("ada@u.example"), KnownError::VersionCase),
        ("", plain("ada@s.example"), KnownError::SeveralRecords),
        ("", plain("ada@w.example"), KnownError::WalksFirst),
        ("", plain("ada@solo"), KnownError::TopLevelAuthor),
    ];
    for (sender, message, known) in cases {
        let zone = match known {
            KnownError::WhiteSpaceLines => POLICIES.to_owned(),
            KnownError::WalksFirst => zone.to_owned(),
            _ => zone.replace(";fault _dmarc.example. TXT servfail\n", ""),
        };
        let simulator = simulation(&zone);
        let (_, told) = judge(&simulator, sender, &message);
        let found: Vec<Option<KnownError>> = told.iter().map(|one| one.known).collect();
        assert!(found.contains(&Some(known)), "{known:?}: {told:?}");
        assert!(!found.contains(&None), "{known:?}: {told:?}");
    }
}

/// Mail and policies as they come, drawn from a seed: no difference that is not known.
#[test]
fn three_hundred_messages_of_any_kind_are_judged_alike() {
    let seed = SeededEntropy::new(7);
    let pick = |from: &[&'static str]| -> &'static str {
        let mut octets = [0; 8];
        seed.fill(&mut octets);
        let drawn = usize::try_from(u64::from_le_bytes(octets) % 1_000_003).unwrap();
        from[drawn % from.len()]
    };
    let mut known = 0;
    for round in 0..300 {
        let spf = [
            "v=spf1 -all",
            "v=spf1 ip4:203.0.113.0/24 -all",
            "v=spf1 mx ~all",
            "v=spf1 include:b.example -all",
            "v=spf1 a ?all",
            "v=spf1 redirect=b.example",
            "v=spf1 ip4:x -all",
            "nothing",
            "v=spf1 ptr:a.example -all",
        ];
        let dmarc = [
            "v=DMARC1; p=none",
            "v=DMARC1; p=reject",
            "v=DMARC1; p=quarantine; sp=none",
            "v=DMARC1; p=reject; adkim=s; aspf=s",
            "v=DMARC1; p=reject; t=y",
            "v=DMARC1; p=reject; psd=n",
            "nothing",
        ];
        let mut zone = String::new();
        for domain in DOMAINS {
            zone += &format!("{domain}. TXT \"{}\"\n", pick(&spf));
            zone += &format!("{domain}. A {}\n", pick(&[CLIENT, "192.0.2.9"]));
            zone += &format!("{domain}. MX 10 {}.\n", pick(&DOMAINS));
            zone += &format!("_dmarc.{domain}. TXT \"{}\"\n", pick(&dmarc));
        }
        zone += pick(&[
            "",
            "",
            "",
            ";fault _dmarc.a.example. TXT timeout\n",
            ";fault b.example. TXT servfail\n",
            ";fault rsa._domainkey.b.example. TXT servfail\n",
        ]);
        let simulator = simulation(&zone);
        let from = format!("ada@{}", pick(&DOMAINS));
        let mut mail = message(
            &from,
            pick(&[
                "x\r\n",
                "a  b \r\n\r\n\r\n",
                "",
                "\tx\r\n.\r\n",
                "x\r\n \r\n",
            ]),
        );
        let signers: Vec<Signer> = match pick(&["none", "one", "one", "two"]) {
            "none" => vec![],
            "one" => vec![signer(pick(&DOMAINS), "rsa")],
            _ => {
                let domain = pick(&DOMAINS);
                vec![signer(domain, "rsa"), signer(domain, "ed")]
            }
        };
        if !signers.is_empty() {
            mail = signed(&mail, &signers);
        }
        if pick(&["as it is", "as it is", "altered"]) == "altered" {
            let text = String::from_utf8(mail.as_bytes().to_vec()).unwrap();
            let (old, new) = [
                ("Invoice", "invoice"),
                ("  folded", " folded"),
                ("\r\n\r\n", "\r\n\r\nmore\r\n"),
            ][round % 3];
            mail = Message::from_bytes(text.replacen(old, new, 1), LineEndings::Strict).unwrap();
        }
        let sender = pick(&[
            "ada@a.example",
            "ada@sub.a.example",
            "ada@b.example",
            "ada@org.example",
            "",
        ]);
        let (_, told) = judge(&simulator, sender, &mail);
        for one in &told {
            assert!(
                one.known.is_some(),
                "round {round}: {one}\n{sender}\n{zone}{:?}",
                mail
            );
        }
        known += told.len();
    }
    assert!(known < 100, "{known} of 300 differ");
}

#[test]
fn a_disagreement_says_what_differs() {
    let simulator =
        simulation("v.example. TXT \"v=spf1 a:x1.example a:x2.example a:x3.example +all\"\n");
    let (_, told) = judge(&simulator, "ada@v.example", &message("ada@v.test", "x\r\n"));
    assert_eq!(told[0].about, Judged::Spf);
    assert_eq!(
        told[0].to_string(),
        "SPF is permerror, and pass to mail-auth: it has no limit on void lookups (RFC 7208 §4.6.4)"
    );
}
