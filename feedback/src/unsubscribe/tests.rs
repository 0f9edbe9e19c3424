//! Links to unsubscribe work for the one they were made for, as often as they are asked, and for nobody else.

use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, Entropy, LineEndings, Message};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection, option, prop_assert, prop_assert_eq};

use super::{Subscription, Unsubscribe, UnsubscribeError, UnsubscribeFields};
use crate::event::{EventKind, Proof, Reason};
use crate::token::{TokenError, TokenKey, TokenKeys, spoiled};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const BODY: &[u8] = b"List-Unsubscribe=One-Click";

fn test_key(id: u8) -> TokenKey {
    TokenKey::new(id.try_into().unwrap(), [id; 32])
}

fn unsubscribe() -> Unsubscribe {
    with_keys(TokenKeys::new(&test_key(3)))
}

fn with_keys(keys: TokenKeys) -> Unsubscribe {
    Unsubscribe::new("https://m.example/u/", keys).unwrap()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn subscription() -> Subscription {
    to("joe@example.org").stream("news".parse().unwrap())
}

fn to(recipient: &str) -> Subscription {
    Subscription::new("acme".parse().unwrap(), recipient.parse().unwrap())
}

fn fields() -> UnsubscribeFields {
    unsubscribe().fields(&subscription(), now()).unwrap()
}

#[derive(Debug)]
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

#[test]
fn a_post_is_an_event_of_the_recipient_the_stream_and_the_tenant() {
    let fields = fields();
    let event = unsubscribe().post(fields.token(), None, BODY, now() + DAY);
    let event = event.unwrap();
    assert_eq!(event.kind(), EventKind::Unsubscribed);
    assert_eq!(event.addressee(), Some(&subscription().recipient));
    assert_eq!(event.tenant(), Some(&subscription().tenant));
    assert_eq!(event.stream(), subscription().stream.as_ref());
    assert_eq!(event.proof(), Proof::Token);
    assert_eq!(event.reason(), &Reason::OPT_OUT);
    assert_eq!(event.time(), Some(now() + DAY));
    assert_eq!(event.native_kind(), Some("one-click"));
}

#[test]
fn the_same_request_is_the_same_event_until_the_day_is_over() {
    let fields = fields();
    let post = |token: &str, at| unsubscribe().post(token, None, BODY, at).unwrap().id();
    let first = post(fields.token(), now());
    assert_eq!(post(fields.token(), now() + Duration::from_secs(60)), first);
    assert_eq!(post(&fields.token().to_uppercase(), now()), first);
    assert_ne!(post(fields.token(), now() + DAY), first);
    let by_mail = format!("Subject: unsubscribe {}\r\n\r\n", fields.token());
    let by_mail = unsubscribe().mail(by_mail.as_bytes(), now()).unwrap();
    assert_eq!(by_mail.id(), first);
    assert_eq!(by_mail.native_kind(), Some("mailto"));
    let others = [
        to("joe@example.org"),
        to("joe@example.org").stream("receipts".parse().unwrap()),
        to("ann@example.org").stream("news".parse().unwrap()),
        Subscription::new("other".parse().unwrap(), "joe@example.org".parse().unwrap())
            .stream("news".parse().unwrap()),
    ];
    for other in others {
        let fields = unsubscribe().fields(&other, now()).unwrap();
        assert_ne!(post(fields.token(), now()), first, "{other:?}");
    }
    let later = unsubscribe().fields(&subscription(), now() + Duration::from_secs(1));
    assert_ne!(post(later.unwrap().token(), now()), first);
}

#[test]
fn looking_at_a_link_says_what_it_is_for() {
    let fields = fields();
    assert_eq!(
        fields.url(),
        format!("https://m.example/u/{}", fields.token())
    );
    let seen = unsubscribe().subscription(fields.token(), now());
    assert_eq!(seen, Ok(subscription()));
    for hidden in ["joe", "example.org", "acme", "news"] {
        assert!(!fields.token().contains(hidden));
    }
    assert!(!format!("{fields:?}").contains(fields.token()));
}

#[test]
fn a_token_is_valid_for_its_lifetime_and_across_rotation() {
    let fields = fields();
    let post = |unsubscribe: &Unsubscribe, at| {
        let event = unsubscribe.post(fields.token(), None, BODY, at);
        event
            .map(|_| ())
            .map_err(|error| (error.http_status(), error))
    };
    let error = |status, error| Err((status, UnsubscribeError::Token(error)));
    let rotated = TokenKeys::new(&test_key(4));
    let without = with_keys(rotated.clone());
    let rotated = with_keys(rotated.with_older(&test_key(3)).unwrap());
    let stolen = TokenKey::new(3.try_into().unwrap(), [9; 32]);
    let brief = unsubscribe().lifetime(DAY);
    for (unsubscribe, at, expected) in [
        (unsubscribe(), now() + 180 * DAY, Ok(())),
        (
            unsubscribe(),
            now() + 181 * DAY,
            error(410, TokenError::Expired),
        ),
        (brief.clone(), now() + 60 * DAY, Ok(())),
        (brief, now() + 61 * DAY, error(410, TokenError::Expired)),
        (
            unsubscribe(),
            now() - 2 * DAY,
            error(404, TokenError::NotYet),
        ),
        (rotated, now(), Ok(())),
        (
            without,
            now(),
            error(410, TokenError::UnknownKey(3.try_into().unwrap())),
        ),
        (
            with_keys(TokenKeys::new(&stolen)),
            now(),
            error(404, TokenError::Forged),
        ),
    ] {
        assert_eq!(post(&unsubscribe, at), expected, "{at:?}");
    }
}

#[test]
fn every_change_is_refused() {
    let fields = fields();
    for changed in spoiled(fields.token()) {
        assert!(
            unsubscribe().post(&changed, None, BODY, now()).is_err(),
            "{changed:?}"
        );
    }
}

#[test]
fn a_valid_token_alone_unsubscribes_nobody() {
    let fields = fields();
    for (body, status) in [(b"".as_slice(), 400), (b"x", 400), (&[b'x'; 20_000], 413)] {
        let error = unsubscribe()
            .post(fields.token(), None, body, now())
            .unwrap_err();
        assert_eq!(error.http_status(), status);
    }
    let json = unsubscribe().post(fields.token(), Some("application/json"), BODY, now());
    assert_eq!(json.unwrap_err().http_status(), 415);
}

#[test]
fn mails_without_the_token_unsubscribe_nobody() {
    let fields = fields();
    let other = unsubscribe().fields(&to("ann@example.org"), now()).unwrap();
    let mail = |subject: &str| {
        let raw = format!(
            "From: x@x.example\r\nSubject: {subject}\r\n\r\n{}\r\n",
            fields.token()
        );
        unsubscribe().mail(raw.as_bytes(), now()).map(|_| ())
    };
    let token = fields.token();
    assert_eq!(mail(&format!("Re: UNSUBSCRIBE <{token}>.")), Ok(()));
    assert_eq!(mail(&format!("unsubscribe\r\n {token}")), Ok(()));
    assert_eq!(mail("unsubscribe"), Err(TokenError::NotOurs));
    assert_eq!(mail("unsubscribe me please"), Err(TokenError::NotOurs));
    let both = format!("{token} {}", other.token());
    assert_eq!(mail(&both), Err(TokenError::Ambiguous));
    assert_eq!(
        unsubscribe().mail(b"", now()).map(|_| ()),
        Err(TokenError::NotOurs)
    );
}

#[test]
fn the_fields_go_into_messages_built_and_read() {
    let offer = unsubscribe().mailto("\"un sub+x\"@m.example".parse().unwrap());
    let fields = offer.fields(&subscription(), now()).unwrap();
    let token = fields.token();
    let expected = format!(
        "<https://m.example/u/{token}>, <mailto:%22un%20sub+x%22@m.example?subject=unsubscribe%20{token}>"
    );
    let built = fields.add_to(Message::builder("a@x.example".parse().unwrap()));
    let built = built.to("joe@example.org".parse().unwrap()).text("Hi");
    let built = built.build(now(), &Fixed).unwrap();
    let raw = "list-unsubscribe: <https://old.example/>\r\nFrom: a@x.example\r\nList-Unsubscribe-Post: x\r\n\r\nHi\r\n";
    let read = Message::from_bytes(raw, LineEndings::Strict).unwrap();
    let read = fields.put_on(&read).unwrap();
    for message in [built.message(), &read] {
        let values = |name| -> Vec<String> {
            let fields = message.headers_named(name);
            fields.map(|field| field.unfolded()).collect()
        };
        assert_eq!(values("List-Unsubscribe"), [expected.as_str()]);
        assert_eq!(
            values("List-Unsubscribe-Post"),
            ["List-Unsubscribe=One-Click"]
        );
        assert!(message.longest_line() <= 998);
    }
}

#[test]
fn links_that_no_line_can_hold_are_refused() {
    let long: Subscription = to("joe@example.org").stream("x".repeat(255).parse().unwrap());
    assert!(unsubscribe().fields(&long, now()).is_ok());
    let base = format!("https://m.example/{}/", "u".repeat(480));
    let unsubscribe = Unsubscribe::new(&base, TokenKeys::new(&test_key(3))).unwrap();
    assert!(unsubscribe.fields(&subscription(), now()).is_ok());
    assert!(unsubscribe.fields(&long, now()).is_err());
    let wide = to("joe@example.org").stream("\u{1f4e8}".repeat(255).parse().unwrap());
    assert!(self::unsubscribe().fields(&wide, now()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_subscription_reads_back(
        tenant in "\\PC{1,20}",
        stream in option::of("\\PC{1,20}"),
        local_part in "[ -~\u{e4}]{1,20}",
    ) {
        let domain: letterhead_mail::DomainName = "x.example".parse().unwrap();
        let (Ok(recipient), Ok(tenant)) = (EmailAddress::new(&local_part, domain), tenant.parse()) else {
            return Ok(());
        };
        let mut subscription = Subscription::new(tenant, recipient);
        subscription.stream = stream.and_then(|stream| stream.parse().ok());
        let offer = unsubscribe().mailto(subscription.recipient.clone());
        let fields = offer.fields(&subscription, now()).unwrap();
        let [(_, value), _] = fields.names_and_values();
        let of_header = |byte: u8| matches!(byte, b' '..=b'~');
        prop_assert!(value.bytes().all(of_header), "{}", value);
        prop_assert_eq!(value.matches(['<', '>', ',']).count(), 5);
        prop_assert_eq!(offer.subscription(fields.token(), now()), Ok(subscription));
    }

    #[test]
    fn any_request_is_read_or_refused(
        token in "\\PC{0,100}",
        content_type in option::of("(multipart/form-data; boundary=\"?b\"?)?\\PC{0,20}"),
        body in collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert!(unsubscribe().post(&token, content_type.as_deref(), &body, now()).is_err());
        prop_assert!(unsubscribe().mail(&body, now()).is_err());
    }
}
