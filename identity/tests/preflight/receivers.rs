//! Rules of receivers, the form of messages, and the report.

use letterhead_dns::Severity;
use letterhead_identity::preflight::{Code, MailKind};
use letterhead_identity::profile::Amount;
use letterhead_identity::receiver_policy::{CountedBy, Lasts, ReceiverPolicyError};
use letterhead_identity::{Preflight, PreflightRequest, ReceiverPolicy};

use crate::support::{
    ask, built_in, identity, key_line, message, now, of_code, only, own_domain, signers, zone,
};

const ZONE: &str = "\
example.org. IN MX 10 mta.example.org.\n\
example.org. IN TXT \"v=spf1 a:mta.example.org -all\"\n\
mta.example.org. IN A 192.0.2.9\n\
9.2.0.192.in-addr.arpa. IN PTR mta.example.org.\n\
_dmarc.example.org. IN TXT \"v=DMARC1; p=none; rua=mailto:d@example.org\"\n";
const ONE_CLICK: &str = "List-Unsubscribe: <mailto:u@example.org>, <https://example.org/u/1>\n\
List-Unsubscribe-Post: List-Unsubscribe=One-Click\n";

/// Of a bulk sender's promotional mail.
fn bulk(from: &str, extra: &str, dns: &str) -> Preflight {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let receivers = ReceiverPolicy::all_built_in();
    let message = message(from, extra);
    let hosts = ["192.0.2.9".parse().unwrap()];
    let request = PreflightRequest::new(&profile, &domain, &message, now())
        .hosts(&hosts)
        .receivers(&receivers)
        .daily_volume(5000)
        .kind(MailKind::Promotional);
    let keys = ["r1", "e1"].map(|selector| key_line(selector, "example.org"));
    ask(&request, &zone(&(dns.to_owned() + &keys.concat())))
}

/// The rules that are not met, with whose they are.
fn not_met(found: &Preflight) -> Vec<String> {
    of_code(found, Code::ReceiverRule)
        .iter()
        .map(|finding| {
            let whose: Vec<&str> = finding
                .sources
                .iter()
                .filter_map(|source| source.name.split(':').next())
                .collect();
            format!(
                "{} {}: {}",
                finding.severity,
                finding.detail.as_deref().unwrap_or_default(),
                whose.join(" ")
            )
        })
        .collect()
}

#[test]
fn the_built_in_policies_say_what_is_known_and_no_more() {
    let names: Vec<&str> = ReceiverPolicy::built_in_names().collect();
    assert_eq!(ReceiverPolicy::all_built_in().len(), names.len());
    let bulk = |name: &str| {
        let policy = ReceiverPolicy::built_in(name).unwrap();
        let bulk = policy.bulk().unwrap();
        (bulk.from, bulk.counted_by, bulk.lasts)
    };
    assert_eq!(
        bulk("google"),
        (
            Amount::Known(5000),
            CountedBy::PrimaryDomain,
            Lasts::Forever
        )
    );
    assert_eq!(
        bulk("yahoo"),
        (Amount::Unknown, CountedBy::Unknown, Lasts::Unknown)
    );
    let google = ReceiverPolicy::built_in("google").unwrap();
    let rate = google.complaint_rate().unwrap();
    assert_eq!((rate.good, rate.limit), (Some(0.001), Some(0.003)));
    let microsoft = ReceiverPolicy::built_in("microsoft").unwrap();
    assert!(microsoft.complaint_rate().is_none());
    assert!(
        microsoft
            .requirements()
            .iter()
            .all(|row| !row.rule.as_str().contains("unsubscribe"))
    );
    let refusal = &microsoft.refusals()[0];
    assert_eq!(
        (refusal.code, refusal.enhanced.as_deref()),
        (550, Some("5.7.515"))
    );
    for name in names {
        let policy = ReceiverPolicy::built_in(name).unwrap();
        for row in policy.requirements() {
            assert!(policy.source(&row.source).is_some(), "{name} {}", row.rule);
        }
    }
}

#[test]
fn a_policy_that_cannot_be_used_says_why() {
    let good = "schema = 1\nid = \"x\"\ntitle = \"X\"\nsources.s = { url = \"https://x.example\", as_of = \"2026-01-01\" }\nmailboxes = { domains = [], source = \"s\" }\n";
    assert!(ReceiverPolicy::from_toml(good).is_ok());
    let error = |text: &str| ReceiverPolicy::from_toml(text).unwrap_err();
    assert_eq!(
        error(&good.replace("schema = 1", "schema = 2")),
        ReceiverPolicyError::Schema { found: 2 }
    );
    let unnamed = good.to_owned() + "[[requirement]]\nrule = \"spf\"\nsource = \"gone\"\n";
    assert_eq!(
        error(&unnamed),
        ReceiverPolicyError::NoSource {
            name: "gone".to_owned()
        }
    );
    let unknown = good.to_owned() + "[[requirement]]\nrule = \"spf\"\nsouce = \"s\"\n";
    assert!(matches!(
        error(&unknown),
        ReceiverPolicyError::Syntax { .. }
    ));
    assert!(matches!(
        ReceiverPolicy::built_in("x"),
        Err(ReceiverPolicyError::NotBuiltIn { .. })
    ));
}

#[test]
fn mail_that_meets_every_rule_leaves_only_what_cannot_be_seen() {
    let found = bulk("ada@example.org", ONE_CLICK, ZONE);
    assert!(found.is_ready(), "{found}");
    assert_eq!(not_met(&found), [""; 0], "{found}");
    let unknown: Vec<&str> = of_code(&found, Code::ReceiverRuleUnknown)
        .iter()
        .filter_map(|finding| finding.detail.as_deref())
        .collect();
    assert_eq!(unknown, ["tls", "honour-unsubscribe"]);
}

#[test]
fn each_rule_that_is_not_met_names_all_receivers_that_ask() {
    let found = bulk("ada@example.org", "", &ZONE.replace("_dmarc.", "x."));
    assert_eq!(
        not_met(&found),
        [
            "error dmarc: google microsoft yahoo",
            "error one-click-unsubscribe: google yahoo",
            // Who sends bulk mail is not published.
            "warning list-unsubscribe: yahoo",
        ],
        "{found}"
    );
}

#[test]
fn neither_authentication_nor_alignment() {
    let dns = ZONE.replace("a:mta.example.org", "ip4:198.51.100.1");
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let receivers = ReceiverPolicy::all_built_in();
    let message = message("ada@example.org", ONE_CLICK);
    let hosts = ["192.0.2.9".parse().unwrap()];
    let request = PreflightRequest::new(&profile, &domain, &message, now())
        .hosts(&hosts)
        .receivers(&receivers)
        .daily_volume(100_000);
    let found = ask(&request, &zone(&dns));
    let missing = not_met(&found);
    for rule in [
        "error spf-or-dkim: google yahoo",
        "error spf: google microsoft yahoo",
        "error dkim: google microsoft yahoo",
        "error alignment: google microsoft yahoo",
    ] {
        let (severity_and_rule, _) = rule.split_once(':').unwrap();
        assert!(
            missing
                .iter()
                .any(|line| line.starts_with(severity_and_rule)),
            "{rule}: {missing:?}"
        );
    }
}

#[test]
fn below_the_threshold_only_what_is_asked_of_everyone_counts() {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let google = [ReceiverPolicy::built_in("google").unwrap()];
    let message = message("ada@example.org", "");
    let hosts = ["192.0.2.9".parse().unwrap()];
    let request = PreflightRequest::new(&profile, &domain, &message, now())
        .hosts(&hosts)
        .receivers(&google);
    let dns = zone(&ZONE.replace("_dmarc.", "x."));
    assert_eq!(
        not_met(&ask(&request.clone().daily_volume(4999), &dns)),
        [""; 0]
    );
    let lines = |found| not_met(&found);
    // Nobody said how much, or of which kind.
    assert_eq!(
        lines(ask(&request, &dns)),
        [
            "warning dkim: google",
            "warning dmarc: google",
            "warning one-click-unsubscribe: google"
        ]
    );
    assert_eq!(
        lines(ask(
            &request.daily_volume(5000).kind(MailKind::Transactional),
            &dns
        )),
        ["error dkim: google", "error dmarc: google"]
    );
}

#[test]
fn one_click_is_written_exactly() {
    for (fields, missing) in [
        (ONE_CLICK.replace("https:", "http:"), true),
        (ONE_CLICK.replace("One-Click", "one-click"), true),
        (ONE_CLICK.replace("List-Unsubscribe=One-Click", "yes"), true),
        (
            format!("{ONE_CLICK}List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"),
            true,
        ),
        (
            ONE_CLICK.replace("https://example.org/u/1", "https://"),
            true,
        ),
        (ONE_CLICK.replace("<https", "<HTTPS"), false),
        (ONE_CLICK.replace(", <", ",\n <"), false),
    ] {
        let found = bulk("ada@example.org", &fields, ZONE);
        let is_missing = not_met(&found)
            .iter()
            .any(|line| line.starts_with("error one-click-unsubscribe"));
        assert_eq!(is_missing, missing, "{fields}");
    }
}

#[test]
fn one_click_must_be_covered_by_a_signature_that_will_be_there() {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let google = [ReceiverPolicy::built_in("google").unwrap()];
    let message = message("ada@example.org", ONE_CLICK);
    let keys = ["r1", "e1"].map(|selector| key_line(selector, "example.org"));
    let zone = zone(&(ZONE.to_owned() + &keys.concat()));
    let request = PreflightRequest::new(&profile, &domain, &message, now())
        .receivers(&google)
        .daily_volume(5000)
        .kind(MailKind::Promotional);
    let covering = signers("example.org");
    let leaving_out: Vec<_> = signers("example.org")
        .into_iter()
        .map(|signer| {
            signer
                .leaving_out(["List-Unsubscribe".parse().unwrap()])
                .unwrap()
        })
        .collect();
    assert_eq!(
        not_met(&ask(&request.clone().signers(&covering), &zone)),
        [""; 0]
    );
    assert_eq!(
        not_met(&ask(&request.clone().signers(&leaving_out), &zone)),
        ["error one-click-signed: google"]
    );
    // What a provider's signature covers is for the provider to say.
    let ses = built_in("amazon-ses");
    let address = identity(&ses, "ada@example.org", &[]);
    let provided = PreflightRequest::new(&ses, &address, &message, now())
        .receivers(&google)
        .daily_volume(5000)
        .kind(MailKind::Promotional);
    let found = ask(&provided, &zone);
    assert!(
        of_code(&found, Code::ReceiverRuleUnknown)
            .iter()
            .any(|finding| finding.detail.as_deref() == Some("one-click-signed")),
        "{found}"
    );
}

#[test]
fn a_from_address_at_a_free_mailbox_is_told() {
    let found = bulk("ada@gmail.com", ONE_CLICK, ZONE);
    assert_eq!(
        only(&found, Code::FreemailFrom).about.as_deref(),
        Some("gmail.com")
    );
    assert!(
        not_met(&found)
            .iter()
            .any(|line| line == "error no-mailbox-from: google"),
        "{found}"
    );
    only(&bulk("ada@hotmail.com", "", ZONE), Code::FreemailFrom);
}

#[test]
fn a_key_shorter_than_asked_for_is_told() {
    let yahoo = include_str!("../../receivers/yahoo.toml");
    let strict = yahoo.replace("minimum = 1024", "minimum = 4096");
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let message = message("ada@example.org", "");
    let keys = ["r1", "e1"].map(|selector| key_line(selector, "example.org"));
    let zone = zone(&(ZONE.to_owned() + &keys.concat()));
    for (policy, is_told) in [(yahoo, false), (&strict, true)] {
        let receivers = [ReceiverPolicy::from_toml(policy).unwrap()];
        let request =
            PreflightRequest::new(&profile, &domain, &message, now()).receivers(&receivers);
        let found = ask(&request, &zone);
        let line = "error key-bits: yahoo".to_owned();
        assert_eq!(not_met(&found).contains(&line), is_told, "{found}");
    }
}

#[test]
fn complaints_are_held_against_the_published_rates() {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "example.org");
    let receivers = ReceiverPolicy::all_built_in();
    let message = message("ada@example.org", "");
    let request = PreflightRequest::new(&profile, &domain, &message, now()).receivers(&receivers);
    let severities = |rate: f64| -> Vec<(Severity, usize)> {
        let found = ask(&request.clone().complaint_rate(rate), &zone(ZONE));
        of_code(&found, Code::ReceiverRule)
            .iter()
            .filter(|finding| finding.detail.as_deref() == Some("complaint-rate"))
            .map(|finding| (finding.severity, finding.sources.len()))
            .collect()
    };
    assert_eq!(severities(0.0005), []);
    assert_eq!(severities(0.001), [(Severity::Warning, 1)]);
    assert_eq!(severities(0.003), [(Severity::Error, 2)]);
}

#[test]
fn an_address_without_a_name_that_leads_back_is_told() {
    let gone = bulk(
        "ada@example.org",
        ONE_CLICK,
        &ZONE.replace("9.2.0.192.in-addr", "x.in-addr"),
    );
    assert_eq!(
        only(&gone, Code::ReverseDns).problem,
        "it has no name in reverse DNS"
    );
    assert!(
        not_met(&gone).contains(&"error reverse-dns: google yahoo".to_owned()),
        "{gone}"
    );
    let other = ZONE.replace("PTR mta.example.org", "PTR example.org");
    let other = bulk("ada@example.org", ONE_CLICK, &other);
    assert!(
        only(&other, Code::ReverseDns)
            .problem
            .contains("does not lead back")
    );
    let failed = bulk(
        "ada@example.org",
        ONE_CLICK,
        &(ZONE.to_owned() + ";fault 9.2.0.192.in-addr.arpa PTR servfail\n"),
    );
    only(&failed, Code::LookupFailed);
    assert!(of_code(&failed, Code::ReverseDns).is_empty());
}

#[test]
fn the_form_of_mail_is_looked_at() {
    let about = |code, found: &Preflight| -> Vec<String> {
        of_code(found, code)
            .iter()
            .filter_map(|finding| finding.about.clone())
            .collect()
    };
    let twice = bulk("ada@example.org", "Subject: again\nDate: x\n", ZONE);
    assert_eq!(about(Code::FieldRepeated, &twice), ["Date", "Subject"]);
    assert!(
        not_met(&twice).contains(&"error message-format: google yahoo".to_owned()),
        "{twice}"
    );
    let two = bulk("ada@example.org, bob@example.org", "", ZONE);
    assert_eq!(about(Code::FieldMissing, &two), ["Sender"]);
    let several = bulk("ada@example.org, bob@other.example", "", ZONE);
    assert_eq!(about(Code::From, &several), ["From"]);
    assert_eq!(several.dmarc.result, None);
    let repeated = bulk("ada@example.org", "From: eve@example.org\n", ZONE);
    assert_eq!(about(Code::From, &repeated), ["From"]);
    let long = bulk(
        "ada@example.org",
        &format!("X-Long: {}\n", "x".repeat(999)),
        ZONE,
    );
    assert!(
        only(&long, Code::LineTooLong)
            .problem
            .contains("1007 octets")
    );

    let bare = letterhead_mail::Message::from_bytes(
        "From: ada@example.org\n\nx\n",
        letterhead_mail::LineEndings::Normalise,
    )
    .unwrap();
    let own = built_in("own-server");
    let domain = own_domain(&own, "example.org");
    let found = ask(
        &PreflightRequest::new(&own, &domain, &bare, now()),
        &zone(ZONE),
    );
    assert_eq!(about(Code::FieldMissing, &found), ["Date", "Message-ID"]);
    // A provider that writes them itself needs neither.
    let ses = built_in("amazon-ses");
    let address = identity(&ses, "ada@example.org", &[]);
    let found = ask(
        &PreflightRequest::new(&ses, &address, &bare, now()),
        &zone(ZONE),
    );
    assert_eq!(about(Code::FieldMissing, &found), [""; 0]);
}

/// ZD-64: three verdicts.
#[test]
fn the_report_reads_from_the_verdicts_to_the_worst_and_is_the_same_for_programs() {
    let found = bulk("ada@example.org", "", ZONE);
    let text = found.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "SPF   pass for example.org, the From address, in place of an envelope sender: `a:mta.example.org` of example.org: matched from 192.0.2.9",
            "DKIM  pass for example.org (r1), made by the application: the key is published",
            "DKIM  pass for example.org (e1), made by the application: the key is published",
            "DMARC pass for example.org: SPF example.org aligned (relaxed), DKIM example.org aligned (relaxed); _dmarc.example.org asks for none, for this message none",
        ]
    );
    let severities: Vec<Severity> = found
        .findings
        .iter()
        .map(|finding| finding.severity)
        .collect();
    assert!(severities.is_sorted_by(|one, other| one >= other));
    assert!(
        lines[4].starts_with("error receiver-rule (one-click-unsubscribe): "),
        "{text}"
    );
    assert!(
        lines[4].ends_with("[google: guidelines, 2024-02-01; yahoo: faq, 2026-05-15]"),
        "{text}"
    );

    let value = serde_json::to_value(&found).unwrap();
    assert_eq!(value["spf"]["result"], "pass");
    assert_eq!(value["dkim"][0]["selector"], "r1");
    assert_eq!(value["dkim"][0]["result"], "pass");
    assert_eq!(value["dmarc"]["result"], "pass");
    assert_eq!(value["dmarc"]["aligned"][0]["mechanism"], "SPF");
    assert_eq!(value["findings"][0]["code"], "receiver-rule");
    assert_eq!(value["findings"][0]["detail"], "one-click-unsubscribe");
    assert_eq!(value["findings"][0]["severity"], "error");
    assert_eq!(value["findings"][0]["sources"][0]["as_of"], "2024-02-01");
    assert_eq!(
        value["findings"].as_array().map(Vec::len),
        Some(found.findings.len())
    );
}
