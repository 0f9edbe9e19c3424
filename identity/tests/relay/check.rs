//! A message before and after a relay.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{DkimResult, PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_dns::{Severity, Zone, block_on_ready};
use letterhead_identity::relay::code::Code;
use letterhead_identity::{RelayCheck, relay_check};

use crate::{message, profile, read};

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

/// The tree of `acme.example` has a policy, so that what is below it is one organisation.
#[test]
fn the_authors_signature_is_one_of_its_organisation() {
    let policy = "_dmarc.acme.example. IN TXT \"v=DMARC1; p=none\"\n";
    let key = |domain: &str| {
        let record = PublicKeyRecord::for_key(&key(1)).to_txt();
        format!("s._domainkey.{domain}. IN TXT {record}\n")
    };
    for (author, signer, records, expected) in [
        ("news.acme.example", "mail.acme.example", policy, None),
        ("news.acme.example", "acme.example", policy, None),
        ("acme.example", "mail.acme.example", policy, None),
        (
            "news.acme.example",
            "mail.acme.example",
            "",
            Some(Code::NoAuthorSignature),
        ),
        (
            "acme.example",
            "example",
            policy,
            Some(Code::NoAuthorSignature),
        ),
        (
            "acme.example",
            "other.example",
            policy,
            Some(Code::NoAuthorSignature),
        ),
    ] {
        let before = NOTIFICATION.replace("support@acme.example", &format!("support@{author}"));
        let after = message(&signed(&before, signer, "s", 1));
        let zone: Zone = (key(signer) + records).parse().unwrap();
        let (profile, before) = (profile(), message(&before));
        let found = block_on_ready(relay_check(&profile, &before, &after, &zone, now()));
        let found = found.unwrap();
        let codes: Vec<Code> = codes(&found).iter().map(|(code, _)| *code).collect();
        assert_eq!(
            codes,
            Vec::from_iter(expected),
            "{author} signed by {signer}\n{found}"
        );
    }
}
