//! What a receiver writes down about a message.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_dmarc::DmarcResult;
use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::authenticate::Arrival;
use letterhead_identity::{Authenticated, authenticate};
use letterhead_mail::{AuthenticationResults, LineEndings, Message, ReversePath};

const NOW: SystemTime = SystemTime::UNIX_EPOCH;
const MESSAGE: &str =
    "From: Ada <ada@example.org>\r\nTo: bob@example.net\r\nSubject: Hello\r\n\r\nHello Bob\r\n";

fn key() -> PrivateKey {
    PrivateKey::ed25519_from_seed(b"an Ed25519 seed for these tests.").unwrap()
}

fn now() -> SystemTime {
    NOW + Duration::from_secs(1_800_000_000)
}

fn zone(extra: &str) -> Zone {
    format!(
        "example.org. IN TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n\
         _dmarc.example.org. IN TXT \"v=DMARC1; p=reject\"\n\
         sel._domainkey.example.org. IN TXT {}\n\
         mta.example.org. IN TXT \"v=spf1 a -all\"\nmta.example.org. IN A 192.0.2.9\n\
         other.example. IN TXT \"v=spf1 +all\"\n{extra}",
        PublicKeyRecord::for_key(&key()).to_txt()
    )
    .parse()
    .unwrap()
}

fn signed(text: &str) -> Message {
    let signer = Signer::new(
        "example.org".parse().unwrap(),
        "sel".parse().unwrap(),
        Arc::new(key()),
    )
    .ed25519_alone();
    let fields = sign(text.as_bytes(), &[signer], now()).unwrap();
    let field: &[u8] = fields[0].as_ref();
    plain(text).with_field_prepended(field).unwrap()
}

fn plain(text: &str) -> Message {
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn judge(message: &Message, client: &str, mail_from: &str, zone: &Zone) -> Authenticated {
    let client: IpAddr = client.parse().unwrap();
    let mail_from = match mail_from {
        "" => ReversePath::Null,
        address => ReversePath::Address(address.parse().unwrap()),
    };
    let arrival = Arrival::new(client, "mta.example.org", &mail_from, now());
    let authserv_id = "mx.example.net".parse().unwrap();
    let authenticated =
        block_on_ready(authenticate(message, &arrival, &authserv_id, zone)).unwrap();
    // Whatever stands in it, it is a field that reads back.
    let text = authenticated.results.to_string();
    assert_eq!(
        text.parse::<AuthenticationResults>().as_ref(),
        Ok(&authenticated.results),
        "{text}"
    );
    authenticated
}

/// The value without folds.
fn line(authenticated: &Authenticated) -> String {
    authenticated.results.to_string().replace("\r\n", "")
}

#[test]
fn aligned_mail_passes_everything() {
    let found = judge(
        &signed(MESSAGE),
        "192.0.2.1",
        "bounce@example.org",
        &zone(""),
    );
    assert_eq!(
        found.results.to_header_field(),
        "Authentication-Results: mx.example.net;\r\n \
         spf=pass smtp.mailfrom=bounce@example.org;\r\n \
         dkim=pass header.d=example.org header.s=sel header.a=ed25519-sha256\r\n \
         header.b=tgfo1jcl;\r\n \
         dmarc=pass header.from=example.org\r\n"
    );
    assert!(found.dkim[0].is_pass());
    assert_eq!(found.dmarc.unwrap().aligned().count(), 2);
}

#[test]
fn a_changed_body_from_elsewhere_fails() {
    let text = String::from_utf8(signed(MESSAGE).as_bytes().to_vec()).unwrap();
    let changed = plain(&text.replace("Hello Bob", "Hello Eve"));
    let found = judge(&changed, "198.51.100.7", "bounce@example.org", &zone(""));
    assert_eq!(
        line(&found),
        "mx.example.net; spf=fail smtp.mailfrom=bounce@example.org; \
         dkim=fail reason=\"the body was changed\" header.d=example.org header.s=sel header.a=ed25519-sha256 header.b=tgfo1jcl; \
         dmarc=fail header.from=example.org"
    );
}

#[test]
fn a_pass_for_another_domain_aligns_with_nothing() {
    let found = judge(
        &plain(MESSAGE),
        "198.51.100.7",
        "x@other.example",
        &zone(""),
    );
    assert_eq!(
        line(&found),
        "mx.example.net; spf=pass smtp.mailfrom=x@other.example; dkim=none; dmarc=fail header.from=example.org"
    );
}

#[test]
fn what_could_not_be_looked_up_is_a_temporary_error() {
    let zone =
        zone(";fault example.org TXT servfail\n;fault sel._domainkey.example.org TXT timeout");
    let found = judge(&signed(MESSAGE), "192.0.2.1", "bounce@example.org", &zone);
    assert_eq!(
        line(&found),
        "mx.example.net; spf=temperror smtp.mailfrom=bounce@example.org; \
         dkim=temperror reason=\"the key could not be looked up now\" header.d=example.org header.s=sel header.a=ed25519-sha256 header.b=tgfo1jcl; \
         dmarc=temperror header.from=example.org"
    );
}

#[test]
fn where_nothing_is_published_there_is_nothing_to_find() {
    let found = judge(
        &plain(MESSAGE),
        "192.0.2.1",
        "bounce@example.org",
        &Zone::new(),
    );
    assert_eq!(
        line(&found),
        "mx.example.net; spf=none smtp.mailfrom=bounce@example.org; dkim=none; dmarc=none header.from=example.org"
    );
    assert_eq!(found.dmarc.unwrap().result(), DmarcResult::None);
}

#[test]
fn for_the_null_sender_the_helo_name_is_checked() {
    let found = judge(&plain(MESSAGE), "192.0.2.9", "", &zone(""));
    assert_eq!(
        line(&found),
        "mx.example.net; spf=pass smtp.helo=mta.example.org; dkim=none; dmarc=pass header.from=example.org"
    );
}

#[test]
fn without_one_author_domain_there_is_nothing_to_judge() {
    let two = "a@example.org, b@other.example";
    for (from, reason) in [
        (two, "From does not name one domain"),
        (
            "a@example.org, b@[192.0.2.1]",
            "From does not name one domain",
        ),
        ("a@[192.0.2.1]", "From does not name one domain"),
        ("nobody", "From is not readable"),
        (
            "a@example.org\r\nFrom: a@example.org",
            "From is missing or repeated",
        ),
    ] {
        let message = plain(&MESSAGE.replace("Ada <ada@example.org>", from));
        let found = judge(&message, "192.0.2.1", "bounce@example.org", &zone(""));
        assert!(found.dmarc.is_none());
        assert!(
            line(&found).ends_with(&format!("dmarc=permerror reason=\"{reason}\"")),
            "{}",
            line(&found)
        );
    }
    let one = plain(&MESSAGE.replace("Ada <ada@example.org>", "a@example.org, b@Example.ORG"));
    let found = judge(&one, "192.0.2.1", "bounce@example.org", &zone(""));
    assert_eq!(found.dmarc.unwrap().result(), DmarcResult::Pass);
    // Whoever may write as such an address, the domain is clear.
    let quoted = plain(&MESSAGE.replace("Ada <ada@example.org>", "\"Ada, the first\"@example.org"));
    let found = judge(&quoted, "192.0.2.1", "bounce@example.org", &zone(""));
    assert_eq!(found.dmarc.unwrap().result(), DmarcResult::Pass);
}

#[test]
fn mail_of_a_domain_that_tests_dkim_is_as_if_it_were_not_signed() {
    let mut zone = zone("");
    let name = "sel._domainkey.example.org".parse().unwrap();
    zone.remove(&name, letterhead_dns::RecordType::TXT);
    let record = PublicKeyRecord::for_key(&key()).testing().to_txt();
    zone.insert(letterhead_dns::Record::new(
        name,
        60,
        letterhead_dns::RecordData::Txt(record),
    ));
    let found = judge(&signed(MESSAGE), "198.51.100.7", "x@other.example", &zone);
    assert_eq!(
        line(&found),
        "mx.example.net; spf=pass smtp.mailfrom=x@other.example; \
         dkim=pass reason=\"the domain is testing DKIM\" header.d=example.org header.s=sel header.a=ed25519-sha256 header.b=tgfo1jcl; \
         dmarc=fail header.from=example.org"
    );
}

#[test]
fn what_the_client_says_cannot_leave_its_place() {
    let zone = zone("");
    let sender = ReversePath::Null;
    let helo = "x\r\nX-Evil: 1; dmarc=pass \"";
    let arrival = Arrival::new("192.0.2.1".parse().unwrap(), helo, &sender, now());
    let message = plain(MESSAGE);
    let authserv_id = "mx.example.net".parse().unwrap();
    let found = block_on_ready(authenticate(&message, &arrival, &authserv_id, &zone)).unwrap();
    let field = found.results.to_header_field();
    assert!(
        field.lines().skip(1).all(|line| line.starts_with(' ')),
        "{field}"
    );
    let read: AuthenticationResults = found.results.to_string().parse().unwrap();
    assert_eq!(read.results().len(), 3, "{field}");
}
