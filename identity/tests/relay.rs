//! What the servers on the way do to a message, and how they are set.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{DkimResult, PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_dns::{Severity, Zone, block_on_ready};
use letterhead_identity::profile::ProfileError;
use letterhead_identity::relay::{
    Setting, check_forwarding, code::Code, fallback_requester, forwarding_path,
};
use letterhead_identity::{
    Environment, Profile, RelayCheck, RelayServer, relay_advice, relay_check,
};
use letterhead_mail::{LineEndings, Message};
use letterhead_spf::AddressSet;
use letterhead_spf::record::network::Ip4Network;

const HEAD: &str = "schema = 1\nid = \"connector\"\ntitle = \"Connector\"\n\
    [sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

const RULES: &str = r#"
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

const NOTIFICATION: &str = "From: Acme Support <support@acme.example>\r\n\
    Reply-To: support+id7@acme.example\r\n\
    To: Ada <ada@customer.example>\r\n\
    Cc: bob@customer.example\r\n\
    Subject: [Acme] Re: My order\r\n\
    Auto-Submitted: auto-generated\r\n\
    X-Auto-Response-Suppress: All\r\n\
    X-Mailer: Zendesk Mailer\r\n\
    X-Zendesk-From-Account-Id: 1b9df3\r\n\
    X-Zendesk-Email-Id: 01JZ5J2W3K6ZV8N8Q7\r\n\
    \r\n\
    Your order is on its way.\r\n";

fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

fn profile() -> Profile {
    read(RULES).unwrap()
}

fn message(text: &str) -> Message {
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[seed; 32]).unwrap()
}

/// The provider's key and the customer's own, both of the customer's domain, and one of somebody else.
fn zone() -> Zone {
    let record = |name: &str, seed| {
        let record = PublicKeyRecord::for_key(&key(seed)).to_txt();
        format!("{name}. IN TXT {record}\n")
    };
    let text = [
        record("zendesk1._domainkey.acme.example", 1),
        record("own._domainkey.acme.example", 2),
        record("gateway._domainkey.filter.example", 3),
    ];
    text.concat().parse().unwrap()
}

fn signed(text: &str, domain: &str, selector: &str, seed: u8) -> String {
    let signer = Signer::new(
        domain.parse().unwrap(),
        selector.parse().unwrap(),
        Arc::new(key(seed)),
    );
    let fields = sign(text.as_bytes(), &[signer.ed25519_alone()], now()).unwrap();
    format!("{}{text}", fields[0])
}

/// As the provider hands it over.
fn handed_over() -> String {
    signed(NOTIFICATION, "acme.example", "zendesk1", 1)
}

fn check(before: &str, after: &str) -> RelayCheck {
    let (before, after) = (message(before), message(after));
    let (profile, zone) = (profile(), zone());
    let check = relay_check(&profile, &before, &after, &zone, now());
    block_on_ready(check).unwrap()
}

fn codes(check: &RelayCheck) -> Vec<(Code, &str)> {
    let findings = check.findings.iter();
    findings
        .map(|finding| (finding.code, finding.text.as_str()))
        .collect()
}

const ZENDESK: &str = "d=acme.example; s=zendesk1";

#[test]
fn what_gets_through_untouched_is_without_findings() {
    let before = handed_over();
    // Servers write on top, fold anew, and order fields as they like.
    let after = format!("Received: from a by b; Fri, 15 Jan 2027 08:00:00 +0000\r\n{before}");
    let found = check(&before, &after);
    assert!(found.holds());
    assert_eq!(found.to_string(), "everything got through as it was\n");
    let [signature] = found.signatures.as_slice() else {
        panic!("{:?}", found.signatures);
    };
    assert_eq!(
        (signature.before, signature.after),
        (Some(DkimResult::Pass), Some(DkimResult::Pass))
    );
}

#[test]
fn each_of_the_five_headers_has_to_survive() {
    for (header, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Mailer", "Zendesk Mailer"),
        ("X-Zendesk-From-Account-Id", "1b9df3"),
        ("X-Zendesk-Email-Id", "01JZ5J2W3K6ZV8N8Q7"),
    ] {
        let before = handed_over();
        let field = format!("{header}: {value}\r\n");
        let without = check(&before, &before.replace(&field, ""));
        assert!(!without.holds());
        assert_eq!(
            codes(&without).first(),
            Some(&(Code::FieldLost, header)),
            "{without}"
        );
        let other = check(
            &before,
            &before.replace(&field, &format!("{header}: other\r\n")),
        );
        assert_eq!(codes(&other).first(), Some(&(Code::FieldChanged, header)));
        let first = &other.findings[0];
        assert!(
            first
                .problem
                .starts_with(&format!("the field was {value:?} and is \"other\"")),
            "{first}"
        );
        // Twice is not what it was.
        let twice = check(&before, &before.replace(&field, &format!("{field}{field}")));
        assert_eq!(codes(&twice).first(), Some(&(Code::FieldChanged, header)));
        // The name's case and the folds are the server's.
        let folded = format!("{}:\r\n {value}\r\n", header.to_ascii_lowercase());
        let folded = check(&before, &before.replace(&field, &folded));
        assert!(
            codes(&folded).iter().all(|(_, text)| *text != header),
            "{folded}"
        );
        // A copy from behind a filter says nothing.
        let late = before.replace(&field, "");
        let nothing = check(&late, &late);
        assert!(codes(&nothing).contains(&(Code::FieldNotHandedOver, header)));
    }
}

#[test]
fn a_value_that_is_fixed_has_to_be_that_value() {
    let before = handed_over().replace("X-Mailer: Zendesk Mailer", "X-Mailer: Other");
    let found = check(&before, &before);
    let finding = &found.findings[0];
    assert_eq!(
        (finding.code, finding.problem.as_str()),
        (
            Code::FieldChanged,
            "the field was \"Other\" and is \"Other\", and has to be \"Zendesk Mailer\""
        )
    );
}

#[test]
fn to_from_cc_and_reply_to_leave_as_they_came() {
    for (field, instead, codes_found) in [
        (
            "To: Ada <ada@customer.example>\r\n",
            "To: ada@customer.example\r\n",
            vec![(Code::FieldChanged, "To")],
        ),
        (
            "From: Acme Support <support@acme.example>\r\n",
            "From: Acme <support@acme.example>\r\n",
            vec![(Code::FieldChanged, "From")],
        ),
        (
            "Cc: bob@customer.example\r\n",
            "",
            vec![
                (Code::FieldLost, "Cc"),
                (Code::RecipientsChanged, "bob@customer.example"),
            ],
        ),
        (
            "Cc: bob@customer.example\r\n",
            "Cc: eve@customer.example\r\n",
            vec![
                (Code::FieldChanged, "Cc"),
                (
                    Code::RecipientsChanged,
                    "eve@customer.example, bob@customer.example",
                ),
            ],
        ),
        (
            "Reply-To: support+id7@acme.example\r\n",
            "Reply-To: desk@acme.example\r\n",
            vec![(Code::FieldChanged, "Reply-To")],
        ),
    ] {
        let found = check(NOTIFICATION, &NOTIFICATION.replace(field, instead));
        let found = codes(&found);
        assert_eq!(found[..found.len() - 1], codes_found, "{instead}");
        assert_eq!(
            found.last(),
            Some(&(Code::NoAuthorSignature, "acme.example"))
        );
    }
    let before = NOTIFICATION.replace("Cc: bob@customer.example\r\n", "");
    let added = check(&before, NOTIFICATION);
    assert_eq!(
        codes(&added)[..2],
        [
            (Code::FieldAdded, "Cc"),
            (Code::RecipientsChanged, "bob@customer.example")
        ]
    );
    // Bcc is nobody's business, so that one that comes in on the way shows as well.
    let copied = NOTIFICATION.replace("Cc:", "Bcc: archive@acme.example\r\nCc:");
    assert_eq!(
        codes(&check(NOTIFICATION, &copied))[0],
        (Code::RecipientsChanged, "archive@acme.example")
    );
    let broken = NOTIFICATION.replace("Cc: bob@customer.example", "Cc: <<bob");
    assert!(codes(&check(&broken, NOTIFICATION)).contains(&(Code::RecipientsNotReadable, "")));
}

#[test]
fn a_signature_that_breaks_says_what_broke_it() {
    let before = handed_over();
    let body = check(
        &before,
        &before.replace("on its way.", "on its way.\r\n-- \r\nAcme Ltd"),
    );
    assert_eq!(
        codes(&body),
        [
            (Code::SignatureBroken, ZENDESK),
            (Code::NoAuthorSignature, "acme.example")
        ]
    );
    assert_eq!(
        body.findings[0].problem,
        "the signature held and does not any more: the body was changed"
    );
    assert_eq!(body.signatures[0].after, Some(DkimResult::Fail));

    let header = check(
        &before,
        &before.replace("Re: My order", "[EXTERNAL] Re: My order"),
    );
    assert_eq!(
        header.findings[0].problem,
        "the signature held and does not any more: signed header fields were changed: Subject"
    );

    let (_, without) = before.split_once("From: Acme").unwrap();
    let removed = check(&before, &format!("From: Acme{without}"));
    assert_eq!(codes(&removed)[0], (Code::SignatureRemoved, ZENDESK));
    assert_eq!(
        (removed.signatures[0].before, removed.signatures[0].after),
        (Some(DkimResult::Pass), None)
    );
}

#[test]
fn the_authors_domain_may_sign_again() {
    let before = handed_over();
    let changed = before.replace("on its way.", "on its way.\r\n-- \r\nAcme Ltd");
    let again = check(&before, &signed(&changed, "acme.example", "own", 2));
    assert!(again.holds());
    assert_eq!(codes(&again), [(Code::SignatureReplaced, ZENDESK)]);
    assert_eq!(again.findings[0].severity, Severity::Advice);
    let last = &again.signatures[1];
    assert_eq!(
        (last.selector.as_str(), last.before, last.after),
        ("own", None, Some(DkimResult::Pass))
    );
    // Beside the provider's, which holds, it is fine too.
    let both = check(&before, &signed(&before, "acme.example", "own", 2));
    assert_eq!(codes(&both), []);
    // Somebody else's is not the author's.
    let foreign = check(&before, &signed(&changed, "filter.example", "gateway", 3));
    assert!(!foreign.holds());
    assert_eq!(codes(&foreign)[0], (Code::SignatureBroken, ZENDESK));
    // One that does not hold helps nobody.
    let wrong = check(&before, &signed(&changed, "acme.example", "own", 9));
    assert!(codes(&wrong).contains(&(Code::NewSignatureFails, "d=acme.example; s=own")));
    assert!(codes(&wrong).contains(&(Code::SignatureBroken, ZENDESK)));
}

#[test]
fn a_signature_that_never_held_is_no_fault_of_the_relay() {
    let before = signed(NOTIFICATION, "acme.example", "unpublished", 1);
    let found = check(&before, &before);
    assert_eq!(
        codes(&found)[0],
        (Code::SignatureFailedBefore, "d=acme.example; s=unpublished")
    );
    assert!(found.holds());
    assert!(found.findings[0].problem.ends_with("no key record"));
}

#[test]
fn a_check_is_lines_and_json() {
    let found = check(
        NOTIFICATION,
        &NOTIFICATION.replace("X-Mailer: Zendesk Mailer\r\n", ""),
    );
    assert_eq!(
        found.to_string(),
        "error field-lost `X-Mailer`: the field was \"Zendesk Mailer\" and is gone; take out the rule of the server that \
         removes it\nwarning no-author-signature `acme.example`: the message leaves without a signature of its author's \
         domain that holds; let the server sign outgoing mail, or let the provider do it, and see that the signature \
         gets through\n"
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["findings"][0]["code"], "field-lost");
    assert_eq!(json["findings"][0]["severity"], "error");
    let signed = serde_json::to_value(check(&handed_over(), NOTIFICATION)).unwrap();
    assert_eq!(
        signed["signatures"][0],
        serde_json::json!({"domain": "acme.example", "selector": "zendesk1", "before": "pass", "after": null})
    );
}

#[test]
fn mail_is_forwarded_once() {
    assert!(check_forwarding(&profile(), 0).is_none());
    assert!(check_forwarding(&profile(), 1).is_none());
    let finding = check_forwarding(&profile(), 2).unwrap();
    assert_eq!(
        finding.to_string(),
        "error forwarded-too-often: mail is forwarded 2 times on its way in, and may be 1 (the requester is then the \
         first address of Reply-To or From); forward straight from the mailbox that people write to"
    );
    assert!(check_forwarding(&read("").unwrap(), 9).is_none());
}

#[test]
fn the_received_fields_tell_the_way() {
    let text = "Received: from mx.acme.example by in.zendesk.example\r\n\
        \twith ESMTPS (for the record) for <support@acme.zendesk.example>;\r\n\
        \tFri, 15 Jan 2027 08:00:03 +0000\r\n\
        Received: by mx.acme.example (Postfix, from userid 1); Fri, 15 Jan 2027 08:00:02 +0000\r\n\
        Received: from old.example by mx.acme.example for <support@acme.example>; Fri, 15 Jan 2027 08:00:01 +0000\r\n\
        Received: from home.example by mx.old.example\r\n\tFOR help@old.example; Fri, 15 Jan 2027 08:00:00 +0000\r\n\
        From: Ada <ada@customer.example>\r\n\r\n";
    let path = forwarding_path(&message(text));
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    assert_eq!(
        path,
        [
            "help@old.example",
            "support@acme.example",
            "support@acme.zendesk.example"
        ]
    );
    assert!(check_forwarding(&profile(), path.len() - 1).is_some());
    let nothing = forwarding_path(&message(
        "Received: for\r\nReceived: (for <a@b.example>\r\n\r\n",
    ));
    assert_eq!(nothing, []);
}

#[test]
fn the_requester_is_then_the_first_of_reply_to_or_from() {
    let requester = |text: &str| fallback_requester(&message(text)).map(|one| one.to_string());
    let from = "From: Desk <desk@old.example>, b@old.example\r\n\r\n";
    assert_eq!(requester(from).as_deref(), Some("Desk <desk@old.example>"));
    let both = format!("Reply-To: ada@customer.example\r\n{from}");
    assert_eq!(requester(&both).as_deref(), Some("ada@customer.example"));
    let unreadable = format!("Reply-To: <<\r\n{from}");
    assert_eq!(
        requester(&unreadable).as_deref(),
        Some("Desk <desk@old.example>")
    );
    assert_eq!(requester("Subject: x\r\n\r\n"), None);
}

fn network(text: &str, prefix: u8) -> AddressSet {
    [Ip4Network::new(text.parse().unwrap(), prefix).unwrap()]
        .into_iter()
        .collect()
}

fn addresses() -> BTreeMap<Environment, AddressSet> {
    BTreeMap::from([
        ("production".parse().unwrap(), network("192.0.2.0", 24)),
        ("sandbox".parse().unwrap(), network("198.51.100.0", 28)),
    ])
}

fn well_set() -> RelayServer {
    RelayServer::new()
        .encryption(Setting::On)
        .authentication(Setting::On)
        .greylisting(Setting::Off)
        .spf_check(Setting::Off)
        .allowed(network("192.0.2.0", 24))
}

fn advice(
    profile: &Profile,
    server: &RelayServer,
    environment: Option<&str>,
) -> Vec<(Code, Severity, String)> {
    let environment = environment.map(|name| name.parse().unwrap());
    let findings = relay_advice(profile, server, environment.as_ref(), &addresses());
    findings
        .into_iter()
        .map(|finding| (finding.code, finding.severity, finding.text))
        .collect()
}

#[test]
fn a_server_that_is_set_as_asked_is_without_findings() {
    assert_eq!(advice(&profile(), &well_set(), Some("production")), []);
    // A profile that asks for nothing but says nothing of the allow-list either.
    let silent = read("").unwrap();
    assert_eq!(advice(&silent, &RelayServer::new(), None), []);
}

#[test]
fn each_setting_that_is_wrong_is_named() {
    for (server, code, severity) in [
        (
            well_set().encryption(Setting::Off),
            Code::NoEncryption,
            Severity::Error,
        ),
        (
            well_set().authentication(Setting::Off),
            Code::NoAuthentication,
            Severity::Error,
        ),
        (
            well_set().greylisting(Setting::On),
            Code::Greylisting,
            Severity::Warning,
        ),
        (
            well_set().spf_check(Setting::On),
            Code::InnerHopSpf,
            Severity::Warning,
        ),
        // What is not known is never taken for right.
        (
            well_set().encryption(Setting::Unknown),
            Code::NoEncryption,
            Severity::Advice,
        ),
        (
            well_set().authentication(Setting::Unknown),
            Code::NoAuthentication,
            Severity::Advice,
        ),
        (
            well_set().greylisting(Setting::Unknown),
            Code::Greylisting,
            Severity::Advice,
        ),
        (
            well_set().spf_check(Setting::Unknown),
            Code::InnerHopSpf,
            Severity::Advice,
        ),
    ] {
        let found = advice(&profile(), &server, Some("production"));
        assert_eq!(found, [(code, severity, String::new())]);
    }
}

#[test]
fn the_allow_list_is_compared_with_the_addresses_of_the_environment() {
    let half = well_set().allowed(network("192.0.2.0", 25));
    assert_eq!(
        advice(&profile(), &half, Some("production")),
        [(Code::AllowList, Severity::Warning, "192.0.2.128/25".into())]
    );
    // Each environment sends from its own.
    assert_eq!(
        advice(&profile(), &well_set(), Some("sandbox")),
        [(Code::AllowList, Severity::Warning, "198.51.100.0/28".into())]
    );
    assert_eq!(
        advice(&profile(), &well_set(), None),
        [(Code::AllowList, Severity::Warning, "198.51.100.0/28".into())]
    );
    assert_eq!(
        advice(&profile(), &well_set(), Some("staging")),
        [(Code::SendingAddresses, Severity::Advice, String::new())]
    );
}

#[test]
fn how_bad_a_gap_of_the_allow_list_is_depends_on_the_rule() {
    for (rule, expected) in [
        ("required", Some(Severity::Error)),
        ("recommended", Some(Severity::Warning)),
        ("maybe", Some(Severity::Advice)),
        ("unknown", Some(Severity::Advice)),
        ("none", None),
    ] {
        let profile = read(&RULES.replace("recommended", rule)).unwrap();
        let server = well_set().allowed(AddressSet::empty());
        let found = advice(&profile, &server, Some("production"));
        assert_eq!(
            found.first().map(|(_, severity, _)| *severity),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn a_header_is_preserved_once() {
    let twice = "[[preserved]]\nheader = \"X-Mailer\"\nsource = \"page\"\n\
        [[preserved]]\nheader = \"x-mailer\"\nsource = \"page\"\n";
    assert_eq!(
        read(twice).unwrap_err().to_string(),
        "[preserved] has \"x-mailer\" twice; leave one"
    );
    let error = read("[[preserved]]\nheader = \"X Mailer\"\n").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("header: the header name holds a character"),
        "{error}"
    );
}
