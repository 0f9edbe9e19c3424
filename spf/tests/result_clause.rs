//! The clause for Authentication-Results: its text, and that nobody else can write into it.

use std::net::IpAddr;

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::{Limits, Query, ResultClause, SpfResult, Verdict, check_host};
use proptest::prelude::{any, prop_assert_eq, proptest};
use proptest::sample;

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn check(query: &Query) -> Verdict {
    let zone: Zone = r#"
pass.example TXT "v=spf1 ip4:192.0.2.0/24 -all"
fail.example TXT "v=spf1 -all"
softfail.example TXT "v=spf1 ~all"
neutral.example TXT "v=spf1"
permerror.example TXT "v=spf1 ip4:x"
;fault temperror.example TXT servfail
"#
    .parse()
    .expect("a zone");
    block_on_ready(check_host(query, &zone, &Limits::default())).expect("nothing waits")
}

fn clause(query: &Query) -> String {
    ResultClause::new(&check(query), query).to_string()
}

#[test]
fn each_result_is_written_with_the_address_checked() {
    for (domain, expected) in [
        ("pass", "spf=pass smtp.mailfrom=ada@pass.example"),
        ("fail", "spf=fail smtp.mailfrom=ada@fail.example"),
        (
            "softfail",
            "spf=softfail smtp.mailfrom=ada@softfail.example",
        ),
        ("neutral", "spf=neutral smtp.mailfrom=ada@neutral.example"),
        (
            "none",
            "spf=none reason=\"none.example: no SPF record\" smtp.mailfrom=ada@none.example",
        ),
        (
            "temperror",
            "spf=temperror\r\n \
             reason=\"temperror.example: lookup failed, temperror.example. TXT: temporary failure\"\r\n \
             smtp.mailfrom=ada@temperror.example",
        ),
        (
            "permerror",
            "spf=permerror\r\n \
             reason=\"permerror.example: syntax error at octet 10: expected an IPv4 address, four numbers from 0 to 255 \
             without leading zeros\"\r\n smtp.mailfrom=ada@permerror.example",
        ),
    ] {
        let query = Query::mail_from(CLIENT, &format!("ada@{domain}.example"), "h.example");
        assert_eq!(clause(&query), expected);
    }
}

#[test]
fn the_null_sender_and_the_helo_identity_are_written_as_helo() {
    for query in [
        Query::mail_from(CLIENT, "<>", "pass.example"),
        Query::helo(CLIENT, "pass.example"),
    ] {
        assert_eq!(clause(&query), "spf=pass smtp.helo=pass.example");
    }
    assert_eq!(
        clause(&Query::mail_from(CLIENT, "pass.example", "h.example")),
        "spf=pass smtp.mailfrom=postmaster@pass.example"
    );
}

#[test]
fn a_reason_can_be_given() {
    let query = Query::mail_from(CLIENT, "ada@fail.example", "h.example");
    let clause = ResultClause::new(&check(&query), &query).reason("not \"on\" the list\r\n");
    assert_eq!(
        clause.to_string(),
        "spf=fail reason=\"not \\\"on\\\" the list??\" smtp.mailfrom=ada@fail.example"
    );
}

#[test]
fn values_are_quoted_unless_every_reader_takes_them_whole() {
    for (sender, expected) in [
        ("a+b_c-d@pass.example", "a+b_c-d@pass.example"),
        ("a/b=c?@pass.example", "\"a/b=c?@pass.example\""),
        ("a..b@pass.example", "\"a..b@pass.example\""),
        ("\"a b\"@pass.example", "\"\\\"a b\\\"@pass.example\""),
        ("a@b@pass.example", "\"a@b@pass.example\""),
        (
            "x; dkim=pass (@pass.example",
            "\"x; dkim=pass (@pass.example\"",
        ),
        ("é@pass.example", "\"?@pass.example\""),
    ] {
        let query = Query::mail_from(CLIENT, sender, "h.example");
        assert_eq!(clause(&query), format!("spf=pass smtp.mailfrom={expected}"));
    }
    let literal = Query::helo(CLIENT, "[192.0.2.1]");
    assert!(clause(&literal).ends_with("smtp.helo=\"[192.0.2.1]\""));
}

/// Reads `method=result`, an optional reason and one property, and panics where that is not what there is.
fn read(clause: &str) -> (String, Option<String>, String) {
    for line in clause.split("\r\n") {
        assert!(line.len() <= 998 && !line.trim().is_empty(), "{line:?}");
        assert!(line.bytes().all(|octet| matches!(octet, b' '..=b'~')));
    }
    assert!(
        clause
            .split("\r\n")
            .skip(1)
            .all(|line| line.starts_with(' '))
    );
    let text = clause.replace("\r\n", "");
    let rest = text.strip_prefix("spf=").expect("the method");
    let (result, rest) = rest.split_once(' ').expect("a space");
    let (reason, rest) = match rest.strip_prefix("reason=") {
        Some(reason) => {
            let (reason, rest) = value(reason);
            (Some(reason), rest.strip_prefix(' ').expect("a space"))
        }
        None => (None, rest),
    };
    let (value, rest) = value(rest.strip_prefix("smtp.mailfrom=").expect("the property"));
    assert_eq!(rest, "");
    (result.to_owned(), reason, value)
}

fn value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let Some(quoted) = text.strip_prefix('"') else {
        assert!(
            !text.contains(|found: char| " ()<>,;:\\\"/[]?=".contains(found)),
            "{text}"
        );
        return (text.to_owned(), "");
    };
    let mut characters = quoted.chars();
    loop {
        match characters.next().expect("a closing quote") {
            '"' => return (value, characters.as_str()),
            '\\' => value.push(characters.next().expect("an escaped character")),
            found => value.push(found),
        }
    }
}

proptest! {
    #[test]
    fn nothing_a_stranger_says_leaves_its_place(
        sender in "([ -~]{1,40}|\\PC{0,20}|[a \\\\\"();=\r\n\t\u{0}\u{85}é]{0,450})@[a-z]{1,9}\\.example",
        domain in any::<String>(),
        reason in any::<Option<String>>(),
        result in sample::select(vec![SpfResult::Fail, SpfResult::TempError, SpfResult::None]),
    ) {
        let query = Query::mail_from(CLIENT, &sender, "h.example");
        let mut verdict = check(&query.clone().with_domain(&domain));
        verdict.result = result;
        let mut clause = ResultClause::new(&verdict, &query);
        if let Some(reason) = &reason {
            clause = clause.reason(reason);
        }
        let (found, found_reason, value) = read(&clause.to_string());
        prop_assert_eq!(found, result.as_str());
        prop_assert_eq!(found_reason.is_some(), reason.is_some() || result != SpfResult::Fail);
        let is_clean = |text: &str| text.len() <= 400 && text.bytes().all(|octet| matches!(octet, b' '..=b'~'));
        let sender = query.sender();
        if is_clean(&sender) {
            prop_assert_eq!(value, sender);
        }
        if let Some(reason) = reason.filter(|reason| is_clean(reason)) {
            prop_assert_eq!(found_reason, Some(reason));
        }
    }
}
