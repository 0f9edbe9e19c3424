//! The customer's own mail servers, by what the profiles say of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_dns::{Severity, Zone, block_on_ready};
use letterhead_identity::relay::code::Code;
use letterhead_identity::relay::{Setting, check_forwarding, fallback_requester};
use letterhead_identity::{
    Environment, Profile, RelayCheck, RelayServer, relay_advice, relay_check,
};
use letterhead_mail::{LineEndings, Message};
use letterhead_spf::AddressSet;
use letterhead_spf::record::network::Ip4Network;

use crate::profile;

const ZENDESK: &str = "zendesk-connector";

const NOTIFICATION: &str = "From: Help <help@yourcompany.example>\r\n\
    Reply-To: help+id7@yourcompany.example\r\n\
    To: Ada <ada@customer.example>\r\n\
    Cc: bob@customer.example\r\n\
    Subject: Re: My order\r\n\
    Auto-Submitted: auto-generated\r\n\
    X-Auto-Response-Suppress: All\r\n\
    X-Mailer: Zendesk Mailer\r\n\
    X-Zendesk-From-Account-Id: 1b9df3\r\n\
    X-Zendesk-Email-Id: 01JZ5J2W3K6ZV8N8Q7\r\n\
    \r\n\
    Your order is on its way.\r\n";

/// ZD-30 to ZD-36, ZD-38: what has to leave the customer's server as Zendesk handed it over.
#[test]
fn fields_of_zendesk_have_to_get_through_as_they_were() {
    for (field, instead, expected) in [
        (
            "Auto-Submitted: auto-generated\r\n",
            "",
            (Code::FieldLost, "Auto-Submitted"),
        ),
        (
            "Auto-Submitted: auto-generated",
            "Auto-Submitted: no",
            (Code::FieldChanged, "Auto-Submitted"),
        ),
        (
            "X-Auto-Response-Suppress: All\r\n",
            "",
            (Code::FieldLost, "X-Auto-Response-Suppress"),
        ),
        (
            "X-Mailer: Zendesk Mailer",
            "X-Mailer: Postfix",
            (Code::FieldChanged, "X-Mailer"),
        ),
        (
            "X-Zendesk-From-Account-Id: 1b9df3\r\n",
            "",
            (Code::FieldLost, "X-Zendesk-From-Account-Id"),
        ),
        (
            "X-Zendesk-Email-Id: 01JZ5J2W3K6ZV8N8Q7",
            "X-Zendesk-Email-Id: other",
            (Code::FieldChanged, "X-Zendesk-Email-Id"),
        ),
        ("To: Ada <", "To: Eve <", (Code::FieldChanged, "To")),
        ("From: Help <", "From: Desk <", (Code::FieldChanged, "From")),
        (
            "Reply-To: help+id7@yourcompany.example\r\n",
            "",
            (Code::FieldLost, "Reply-To"),
        ),
        ("Cc: bob@customer.example\r\n", "", (Code::FieldLost, "Cc")),
        (
            "Cc: bob@customer.example\r\n",
            "",
            (Code::RecipientsChanged, "bob@customer.example"),
        ),
    ] {
        let after = NOTIFICATION.replace(field, instead);
        assert_ne!(after, NOTIFICATION, "{field}");
        let found = check(NOTIFICATION, &after);
        assert!(codes(&found).contains(&expected), "{expected:?}: {found}");
    }
}

/// ZD-27, ZD-60, ZD-61, ZD-63: the customer's server signs, or lets the signature that is there get through.
#[test]
fn mail_leaves_the_customers_server_with_a_signature_of_the_customers_domain() {
    let unsigned = check(NOTIFICATION, NOTIFICATION);
    assert_eq!(
        codes(&unsigned),
        [(Code::NoAuthorSignature, "yourcompany.example")]
    );
    let own = check(NOTIFICATION, &signed(NOTIFICATION, "own", 2));
    assert_eq!(codes(&own), []);

    let before = signed(NOTIFICATION, "zendesk1", 1);
    assert_eq!(codes(&check(&before, &before)), []);
    let footer = before.replace("on its way.", "on its way.\r\n-- \r\nYour Company");
    let broken = check(&before, &footer);
    assert!(!broken.holds());
    assert!(
        codes(&broken).contains(&(Code::SignatureBroken, "d=yourcompany.example; s=zendesk1")),
        "{broken}"
    );
    let signed_again = check(&before, &signed(&footer, "own", 2));
    assert!(signed_again.holds(), "{signed_again}");
}

/// ZD-08, ZD-10, ZD-24, ZD-26, ZD-62: each setting of the server that Zendesk's mail would not get past.
#[test]
fn a_server_that_is_not_set_for_zendesk_is_told_each_setting() {
    let zendesk = profile(ZENDESK);
    let wrong = RelayServer::new()
        .encryption(Setting::Off)
        .authentication(Setting::Off)
        .greylisting(Setting::On)
        .spf_check(Setting::On)
        .allowed(AddressSet::empty());
    assert_eq!(
        advice(&zendesk, &wrong, "production"),
        [
            (Code::NoEncryption, Severity::Error, String::new()),
            (Code::NoAuthentication, Severity::Error, String::new()),
            (Code::Greylisting, Severity::Warning, String::new()),
            (Code::InnerHopSpf, Severity::Warning, String::new()),
            (Code::AllowList, Severity::Warning, "192.0.2.0/24".into()),
        ]
    );
    let right = RelayServer::new()
        .encryption(Setting::On)
        .authentication(Setting::On)
        .greylisting(Setting::Off)
        .spf_check(Setting::Off)
        .allowed(network("192.0.2.0", 24));
    assert_eq!(advice(&zendesk, &right, "production"), []);
}

/// Z1-17, Z1-18, Z1-19: addresses of each environment, which the caller has from Zuora's page, may have to be let in.
#[test]
fn addresses_of_a_zuora_environment_may_have_to_be_let_in() {
    let server = RelayServer::new()
        .encryption(Setting::On)
        .authentication(Setting::On)
        .allowed(network("192.0.2.0", 24));
    let external = profile("zuora-external");
    assert_eq!(advice(&external, &server, "production"), []);
    assert_eq!(
        advice(&external, &server, "sandbox"),
        [(Code::AllowList, Severity::Advice, "198.51.100.0/28".into())]
    );
    assert_eq!(
        advice(&external, &server, "elsewhere"),
        [(Code::SendingAddresses, Severity::Advice, String::new())]
    );
    let sendgrid = profile("sendgrid");
    for environment in ["production", "sandbox", "elsewhere"] {
        assert_eq!(advice(&sendgrid, &server, environment), []);
    }
}

/// ZD-40, ZD-41, ZD-42: forwarded once, and who the requester is taken for otherwise.
#[test]
fn mail_is_forwarded_to_zendesk_directly() {
    let zendesk = profile(ZENDESK);
    assert!(check_forwarding(&zendesk, 1).is_none());
    let finding = check_forwarding(&zendesk, 2).unwrap();
    assert_eq!(
        (finding.code, finding.severity),
        (Code::ForwardedTooOften, Severity::Error)
    );
    assert!(
        finding
            .problem
            .contains("the first address found in Reply-To or From"),
        "{finding}"
    );
    let from = "From: Desk <desk@old.example>\r\n\r\n";
    for (text, requester) in [
        (from.to_owned(), "Desk <desk@old.example>"),
        (
            format!("Reply-To: ada@customer.example\r\n{from}"),
            "ada@customer.example",
        ),
    ] {
        let found = fallback_requester(&message(&text)).unwrap();
        assert_eq!(found.to_string(), requester);
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn message(text: &str) -> Message {
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[seed; 32]).unwrap()
}

fn signed(text: &str, selector: &str, seed: u8) -> String {
    let signer = Signer::new(
        "yourcompany.example".parse().unwrap(),
        selector.parse().unwrap(),
        Arc::new(key(seed)),
    );
    let fields = sign(text.as_bytes(), &[signer.ed25519_alone()], now()).unwrap();
    format!("{}{text}", fields[0])
}

fn check(before: &str, after: &str) -> RelayCheck {
    let record = |selector: &str, seed| {
        let record = PublicKeyRecord::for_key(&key(seed)).to_txt();
        format!("{selector}._domainkey.yourcompany.example. IN TXT {record}\n")
    };
    let zone: Zone = (record("zendesk1", 1) + &record("own", 2)).parse().unwrap();
    let (before, after) = (message(before), message(after));
    let rules = profile(ZENDESK);
    let check = relay_check(&rules, &before, &after, &zone, now());
    block_on_ready(check).unwrap()
}

fn codes(check: &RelayCheck) -> Vec<(Code, &str)> {
    let findings = check.findings.iter();
    findings
        .map(|finding| (finding.code, finding.text.as_str()))
        .collect()
}

fn network(text: &str, prefix: u8) -> AddressSet {
    [Ip4Network::new(text.parse().unwrap(), prefix).unwrap()]
        .into_iter()
        .collect()
}

fn advice(
    profile: &Profile,
    server: &RelayServer,
    environment: &str,
) -> Vec<(Code, Severity, String)> {
    let addresses: BTreeMap<Environment, AddressSet> = BTreeMap::from([
        ("production".parse().unwrap(), network("192.0.2.0", 24)),
        ("sandbox".parse().unwrap(), network("198.51.100.0", 28)),
    ]);
    let environment = environment.parse().unwrap();
    relay_advice(profile, server, Some(&environment), &addresses)
        .into_iter()
        .map(|finding| (finding.code, finding.severity, finding.text))
        .collect()
}
