//! The Received-SPF field: what it says of each result, and that nobody else can write into it.

use std::net::IpAddr;

use letterhead_dns::{Record, RecordData, Txt, Zone, block_on_ready};
use letterhead_spf::{Limits, Query, ReceivedSpf, SpfResult, Verdict, check_host};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::{option, sample};

fn client(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn check(query: &Query) -> Verdict {
    let zone: Zone = r#"
pass.example TXT "v=spf1 +IP4:192.0.2.0/24 -all"
fail.example TXT "v=spf1 -all"
softfail.example TXT "v=spf1 ~all"
neutral.example TXT "v=spf1"
moved.example TXT "v=spf1 redirect=fail.example"
permerror.example TXT "v=spf1 include:none.example"
mail.pass.example TXT "v=spf1 a ip6:2001:db8::/32 -all"
none.example A 192.0.2.99
;fault temperror.example TXT servfail
"#
    .parse()
    .expect("a zone");
    block_on_ready(check_host(query, &zone, &Limits::default())).expect("nothing waits")
}

/// A field as a reader sees it: the result, the comment and the pairs, quotes and escapes taken off.
#[derive(Debug, PartialEq)]
struct Field {
    result: String,
    comment: Option<String>,
    pairs: Vec<(String, String)>,
}

impl Field {
    fn value(&self, wanted: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|(key, _)| key == wanted);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{wanted} twice");
        value
    }
}

/// Reads a field by the grammar of RFC 7208 §9.1 and RFC 5322 §3.2, and panics where it is not one.
fn read(field: &str) -> Field {
    let lines = field.strip_suffix("\r\n").expect("a final line break");
    for line in lines.split("\r\n") {
        assert!(line.len() <= 998, "{line}");
        assert!(!line.trim().is_empty(), "a blank line in {field:?}");
        assert!(
            line.bytes().all(|octet| matches!(octet, b' '..=b'~')),
            "{line:?}"
        );
    }
    for line in lines.split("\r\n").skip(1) {
        assert!(line.starts_with(' '), "{line:?}");
    }
    let text = lines.replace("\r\n", "");
    let mut rest = text.strip_prefix("Received-SPF: ").expect("the name");
    let result = take(&mut rest, |octet| octet.is_ascii_lowercase());
    assert!(rest.starts_with(' '), "{text}");
    rest = rest.trim_start();
    let comment = rest.starts_with('(').then(|| {
        let text = delimited(&mut rest, ')');
        assert!(rest.starts_with(' '), "{rest}");
        rest = rest.trim_start();
        text
    });
    let mut pairs = Vec::new();
    loop {
        let key = take(&mut rest, |octet| {
            octet.is_ascii_lowercase() || octet == b'-'
        });
        assert!(!key.is_empty(), "{rest}");
        rest = rest.strip_prefix('=').expect("an equals sign");
        let value = if rest.starts_with('"') {
            delimited(&mut rest, '"')
        } else {
            let atom = take(&mut rest, |octet| {
                octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&octet)
            });
            assert!(atom.split('.').all(|part| !part.is_empty()), "{atom:?}");
            atom
        };
        pairs.push((key, value));
        if rest.is_empty() {
            return Field {
                result,
                comment,
                pairs,
            };
        }
        rest = rest.strip_prefix("; ").expect("a semicolon");
    }
}

fn take(rest: &mut &str, belongs: impl Fn(u8) -> bool) -> String {
    let end = rest.bytes().take_while(|octet| belongs(*octet)).count();
    let (taken, after) = rest.split_at(end);
    *rest = after;
    taken.to_owned()
}

/// Reads to the closing delimiter; an opening parenthesis inside would begin another comment, and none may.
fn delimited(rest: &mut &str, closing: char) -> String {
    let mut text = String::new();
    let mut characters = rest.chars();
    characters.next();
    loop {
        match characters.next().expect("a closing delimiter") {
            '\\' => text.push(characters.next().expect("an escaped character")),
            found if found == closing => break,
            '(' if closing == ')' => panic!("a comment in a comment: {rest}"),
            found => text.push(found),
        }
    }
    *rest = characters.as_str();
    text
}

#[test]
fn each_result_is_written_with_its_sentence_and_what_decided() {
    for (domain, result, comment, mechanism, problem) in [
        (
            "pass",
            "pass",
            "domain of ada@pass.example designates 192.0.2.1 as permitted sender",
            Some("+IP4:192.0.2.0/24"),
            None,
        ),
        (
            "fail",
            "fail",
            "domain of ada@fail.example does not designate 192.0.2.1 as permitted sender",
            Some("-all"),
            None,
        ),
        (
            "moved",
            "fail",
            "domain of ada@moved.example does not designate 192.0.2.1 as permitted sender",
            Some("-all"),
            None,
        ),
        (
            "softfail",
            "softfail",
            "transitioning domain of ada@softfail.example does not designate 192.0.2.1 as permitted sender",
            Some("~all"),
            None,
        ),
        (
            "neutral",
            "neutral",
            "192.0.2.1 is neither permitted nor denied by domain of ada@neutral.example",
            Some("default"),
            None,
        ),
        (
            "none",
            "none",
            "domain of ada@none.example does not designate permitted senders",
            None,
            Some("none.example: no SPF record"),
        ),
        (
            "temperror",
            "temperror",
            "domain of ada@temperror.example could not be checked for now",
            None,
            Some("temperror.example: lookup failed, temperror.example. TXT: temporary failure"),
        ),
        (
            "permerror",
            "permerror",
            "domain of ada@permerror.example has a policy that cannot be evaluated",
            None,
            Some(
                "`include:none.example` of permerror.example: none.example has no SPF record; remove the term or publish \
                 one there",
            ),
        ),
    ] {
        let sender = format!("ada@{domain}.example");
        let query = Query::mail_from(client("192.0.2.1"), &sender, "mail.pass.example");
        let text = ReceivedSpf::new(&check(&query), &query)
            .receiver("mx.example.org")
            .to_header_field();
        assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
        let field = read(&text);
        assert_eq!(field.result, result, "{domain}");
        assert_eq!(field.comment, Some(format!("mx.example.org: {comment}")));
        let mut pairs = vec![
            ("client-ip", "192.0.2.1"),
            ("envelope-from", sender.as_str()),
            ("helo", "mail.pass.example"),
            ("receiver", "mx.example.org"),
            ("identity", "mailfrom"),
        ];
        pairs.extend(mechanism.map(|mechanism| ("mechanism", mechanism)));
        pairs.extend(problem.map(|problem| ("problem", problem)));
        let found: Vec<_> = field
            .pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, pairs, "{domain}");
    }
}

#[test]
fn the_null_sender_and_the_helo_identity_speak_of_the_helo_name() {
    for (query, envelope_from, identity) in [
        (
            Query::mail_from(client("2001:db8::1"), "", "mail.pass.example"),
            Some("<>"),
            "mailfrom",
        ),
        (
            Query::helo(client("2001:db8::1"), "mail.pass.example"),
            None,
            "helo",
        ),
    ] {
        let field = read(&ReceivedSpf::new(&check(&query), &query).to_header_field());
        assert_eq!(field.result, "pass");
        assert_eq!(field.value("client-ip"), Some("2001:db8::1"));
        assert_eq!(field.value("envelope-from"), envelope_from);
        assert_eq!(field.value("identity"), Some(identity));
        assert_eq!(field.value("receiver"), None);
        assert_eq!(
            field.comment.as_deref(),
            Some("domain mail.pass.example designates 2001:db8::1 as permitted sender")
        );
    }
}

#[test]
fn the_comment_says_which_domain_was_checked() {
    let query = Query::mail_from(client("192.0.2.1"), "ada@fail.example", "h.example")
        .with_domain("pass.example");
    let field = read(&ReceivedSpf::new(&check(&query), &query).to_header_field());
    assert_eq!(
        field.comment.as_deref(),
        Some("domain pass.example designates 192.0.2.1 as permitted sender")
    );
    assert_eq!(field.value("envelope-from"), Some("ada@fail.example"));
}

#[test]
fn the_receiver_and_the_comment_can_be_chosen() {
    let query = Query::mail_from(client("192.0.2.1"), "ada@pass.example", "h.example")
        .with_receiver("query.example");
    let received = ReceivedSpf::new(&check(&query), &query);
    assert_eq!(
        read(&received.to_header_field()).value("receiver"),
        Some("query.example")
    );
    assert_eq!(
        received.clone().without_comment().to_header_field(),
        "Received-SPF: pass client-ip=192.0.2.1; envelope-from=\"ada@pass.example\";\r\n \
         helo=h.example; receiver=query.example; identity=mailfrom;\r\n mechanism=\"+IP4:192.0.2.0/24\"\r\n"
    );
    let commented = received
        .receiver("mx.example.org")
        .comment("looks (mostly) \\ good");
    let text = commented.to_string();
    assert!(
        text.starts_with("pass (looks \\(mostly\\) \\\\ good)"),
        "{text}"
    );
    let field = read(&commented.to_header_field());
    assert_eq!(field.comment.as_deref(), Some("looks (mostly) \\ good"));
    assert_eq!(field.value("receiver"), Some("mx.example.org"));
}

#[test]
fn a_sender_writes_no_field_of_its_own() {
    let sender = "a\r\nX: \"\\(é)\u{0}\"@pass.example\r\n; mechanism=x";
    let query = Query::mail_from(client("192.0.2.1"), sender, "h) client-ip=6.6.6.6; (\r\n");
    let field = read(&ReceivedSpf::new(&check(&query), &query).to_header_field());
    assert_eq!(
        field.value("envelope-from"),
        Some("a??X: \"\\(?)?\"@pass.example??; mechanism=x")
    );
    assert_eq!(field.value("helo"), Some("h) client-ip=6.6.6.6; (??"));
    assert_eq!(field.value("client-ip"), Some("192.0.2.1"));
}

#[test]
fn a_cut_address_is_not_another_address() {
    let long = "x".repeat(387);
    let query = Query::mail_from(
        client("192.0.2.1"),
        &format!("{long}@pass.example.of.a.stranger.example"),
        "h.example",
    );
    let field = read(&ReceivedSpf::new(&check(&query), &query).to_header_field());
    let sender = field.value("envelope-from").expect("a sender");
    assert_eq!(sender, format!("{long}@pass.exam..."));
}

fn expected(text: &str) -> Option<&str> {
    let is_clean = text.len() <= 400 && text.bytes().all(|octet| matches!(octet, b' '..=b'~'));
    is_clean.then_some(text)
}

/// A check of a record whose only term that matches is this one.
fn check_hostile(query: &Query, term: &str) -> Verdict {
    let mut zone: Zone = "*.x.example A 127.0.0.2".parse().expect("a zone");
    let text = Txt::split(format!("v=spf1 {term} -all").as_bytes());
    let name = "hostile.example".parse().expect("a name");
    zone.insert(Record::new(name, 60, RecordData::Txt(text)));
    block_on_ready(check_host(query, &zone, &Limits::default())).expect("nothing waits")
}

proptest! {
    #[test]
    fn nothing_a_stranger_says_leaves_its_place(
        sender in "([ -~]{1,40}|\\PC{0,20}|[a \\\\\"();=\r\n\t\u{0}\u{85}é]{0,450})@[a-z]{1,9}\\.example",
        helo in any::<String>(),
        receiver in option::of("[ -~]{0,420}"),
        // No label that is `*` alone: a name below it has the zone's wildcard as its closest encloser (RFC 4592 section 3.3.1).
        label in "[!-$&-)+,/-~-][!-$&-,/-~-]{0,59}",
        labels_before in 0..100_usize,
        comment in option::of(any::<String>()),
        domain in option::of("[ \\\\\"()\r\n.a-z]{0,80}|\\PC{0,20}"),
        result in sample::select(vec![SpfResult::Pass, SpfResult::Fail, SpfResult::PermError, SpfResult::None]),
    ) {
        let query = Query::mail_from(client("192.0.2.1"), &sender, &helo);
        let term = format!("exists:{}{label}.x.example", "%{d}.".repeat(labels_before));
        let mut base = Query::mail_from(client("192.0.2.1"), "a@hostile.example", "h.example");
        if let Some(domain) = &domain {
            base = base.with_domain(domain);
        }
        let mut verdict = check_hostile(&base, &term);
        prop_assert!(domain.is_some() || verdict.result == SpfResult::Pass, "{}", verdict);
        verdict.result = result;
        let mut received = ReceivedSpf::new(&verdict, &query);
        if let Some(receiver) = &receiver {
            received = received.receiver(receiver);
        }
        if let Some(comment) = &comment {
            received = received.comment(comment);
        }
        let field = read(&received.to_header_field());
        prop_assert_eq!(&field.result, result.as_str());
        prop_assert_eq!(field.value("client-ip"), Some("192.0.2.1"));
        prop_assert_eq!(field.value("identity"), Some("mailfrom"));
        let is_decided = matches!(result, SpfResult::Pass | SpfResult::Fail);
        prop_assert_eq!(field.value("mechanism").is_some(), is_decided);
        prop_assert_eq!(field.value("problem").is_some(), !is_decided);
        if let Some(sender) = expected(&query.sender()) {
            prop_assert_eq!(field.value("envelope-from"), Some(sender));
        }
        if let Some(helo) = expected(helo.strip_suffix('.').unwrap_or(&helo)).filter(|helo| !helo.is_empty()) {
            prop_assert_eq!(field.value("helo"), Some(helo));
        }
        if let Some(receiver) = receiver.as_deref().and_then(expected).filter(|receiver| !receiver.is_empty()) {
            prop_assert_eq!(field.value("receiver"), Some(receiver));
        }
        if let (Some(term), true, None) = (expected(&term), is_decided, domain) {
            prop_assert_eq!(field.value("mechanism"), Some(term));
        }
        if let Some(comment) = comment.as_deref().and_then(expected) {
            prop_assert_eq!(field.comment.as_deref(), Some(comment));
        }
        for (_, value) in &field.pairs {
            prop_assert!(value.len() <= 400);
        }
    }
}
