use letterhead_dns::{Zone, block_on_ready};
use letterhead_mail::{AddressDomain, Entropy, Outcome};

use super::{MailExchanger, MailExchangers};
use crate::AddressFamilies;
use crate::mx::{NoRoute, OwnHosts, RouteSettings};
use crate::system::SystemEntropy;

/// Draws zeros, with which a shuffle is always the same.
#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

const ZONE: &str = "
plain         MX 10 a.host
plain         MX 10 a.host
plain         MX 30 a.host
plain         MX 20 b.host
bare          A 8.8.8.1
bare          AAAA 2606::1
text          TXT \"no host\"
null          MX 0 .
null-at-10    MX 10 .
null-and-more MX 0 .
null-and-more MX 10 a.host
alias         CNAME plain
mx-to-alias   MX 10 mail.alias
mail.alias    CNAME a.host
mx-to-nothing MX 10 nothing.host
mx-to-nothing MX 20 text
mx-to-octets  MX 10 a\\032b.host
half-broken   MX 10 broken.host
half-broken   MX 20 b.host
broken-then-nothing MX 10 nothing.host
broken-then-nothing MX 20 broken.host
inside        MX 10 inside.host
inside-first  MX 10 inside.host
inside-first  MX 20 b.host
many          MX 10 many.host
a.host        A 8.8.8.8
b.host        A 8.8.4.4
b.host        AAAA 2606::2
inside.host   A 10.0.0.1
inside.host   AAAA ::1
many.host     A 8.0.0.1
many.host     A 8.0.0.2
many.host     A 8.0.0.3
many.host     A 8.0.0.4
many.host     A 8.0.0.5
many.host     AAAA 2606::3
;fault servfail MX servfail
;fault broken.host A timeout
;fault broken.host AAAA servfail
";

fn find_with(domain: &str, settings: &RouteSettings) -> Result<MailExchangers, NoRoute> {
    let zone: Zone = ZONE.parse().unwrap();
    let domain: AddressDomain = domain.parse().unwrap();
    block_on_ready(MailExchangers::find(&zone, &domain, settings, &Zeros)).unwrap()
}

fn hosts(found: &MailExchangers) -> Vec<String> {
    found.hosts().iter().map(ToString::to_string).collect()
}

#[test]
fn hosts_come_by_preference_with_their_addresses() {
    for (domain, expected) in [
        (
            "plain",
            &["10 a.host [8.8.8.8]", "20 b.host [2606::2, 8.8.4.4]"][..],
        ),
        ("bare", &["0 bare [2606::1, 8.8.8.1]"]),
        (
            "alias",
            &["10 a.host [8.8.8.8]", "20 b.host [2606::2, 8.8.4.4]"],
        ),
        ("mx-to-alias", &["10 mail.alias [8.8.8.8]"]),
        ("null-and-more", &["10 a.host [8.8.8.8]"]),
        ("half-broken", &["20 b.host [2606::2, 8.8.4.4]"]),
        ("inside-first", &["20 b.host [2606::2, 8.8.4.4]"]),
        (
            "many",
            &["10 many.host [2606::3, 8.0.0.1, 8.0.0.2, 8.0.0.3]"],
        ),
        ("[8.8.8.8]", &["0 8.8.8.8 [8.8.8.8]"]),
        ("[IPv6:2606::1]", &["0 2606::1 [2606::1]"]),
        ("[IPv6:::ffff:8.8.8.8]", &["0 8.8.8.8 [8.8.8.8]"]),
    ] {
        let found = find_with(domain, &RouteSettings::default()).unwrap();
        assert_eq!(hosts(&found), expected, "{domain}");
    }
}

#[test]
fn where_there_is_no_host_the_reason_decides() {
    for (domain, outcome, code, text) in [
        (
            "null",
            Outcome::Rejected,
            "5.1.10",
            "null takes no mail (null MX)",
        ),
        (
            "null-at-10",
            Outcome::Rejected,
            "5.1.10",
            "null-at-10 takes no mail (null MX)",
        ),
        (
            "missing",
            Outcome::Rejected,
            "5.1.2",
            "missing does not exist",
        ),
        (
            "text",
            Outcome::Rejected,
            "5.1.2",
            "text has neither an MX record nor an address",
        ),
        (
            "servfail",
            Outcome::Deferred,
            "4.4.3",
            "servfail cannot be looked up now",
        ),
        (
            "broken-then-nothing",
            Outcome::Deferred,
            "4.4.3",
            "broken-then-nothing cannot be looked up now",
        ),
        (
            "mx-to-nothing",
            Outcome::Rejected,
            "5.4.4",
            "mx-to-nothing has MX records, and none of them leads to an address",
        ),
        (
            "mx-to-octets",
            Outcome::Rejected,
            "5.4.4",
            "mx-to-octets has MX records, and none of them leads to an address",
        ),
        (
            "inside",
            Outcome::Rejected,
            "5.4.4",
            "inside has no address on the public internet: ::1 is not on the public internet: a loopback address",
        ),
        (
            "[127.0.0.1]",
            Outcome::Rejected,
            "5.4.4",
            "[127.0.0.1] has no address on the public internet: 127.0.0.1 is not on the public internet: a loopback address",
        ),
        (
            "[x400:c=us]",
            Outcome::Rejected,
            "5.1.2",
            "[x400:c=us] is an address of an unknown kind",
        ),
    ] {
        let none = find_with(domain, &RouteSettings::default()).unwrap_err();
        assert_eq!(
            (
                none.outcome(),
                none.enhanced().to_string().as_str(),
                none.to_string().as_str()
            ),
            (outcome, code, text),
            "{domain}"
        );
    }
}

#[test]
fn mail_that_leads_back_to_us_is_not_sent() {
    let own = |name: &str| OwnHosts::default().with_name(name.parse().unwrap());
    let at = |address: &str| OwnHosts::default().with_address(address.parse().unwrap());
    for (domain, own, expected) in [
        // As the backup, we pass on to better hosts only.
        ("plain", own("b.host"), Some(&["10 a.host [8.8.8.8]"][..])),
        ("plain", own("a.host"), None),
        ("plain", at("8.8.4.4"), Some(&["10 a.host [8.8.8.8]"])),
        ("plain", at("2606::2"), Some(&["10 a.host [8.8.8.8]"])),
        ("plain", at("::ffff:8.8.8.8"), None),
        ("bare", own("bare"), None),
        ("[8.8.8.8]", at("8.8.8.8"), None),
        ("[8.8.4.4]", at("8.8.8.8"), Some(&["0 8.8.4.4 [8.8.4.4]"])),
    ] {
        let found = find_with(domain, &RouteSettings::default().with_own(own));
        match (found, expected) {
            (Ok(found), Some(expected)) => assert_eq!(hosts(&found), expected, "{domain}"),
            (Err(none), None) => {
                let said = (none.outcome(), none.enhanced().to_string());
                assert_eq!(said, (Outcome::Rejected, "5.4.6".to_owned()), "{domain}");
            }
            (found, _) => panic!("{domain}: {found:?}"),
        }
    }
}

#[test]
fn families_and_caps_are_kept() {
    let one = std::num::NonZeroUsize::MIN;
    let settings = RouteSettings::default().with_families(AddressFamilies::Ipv4Only);
    let found = find_with("plain", &settings).unwrap();
    assert_eq!(
        hosts(&found),
        ["10 a.host [8.8.8.8]", "20 b.host [8.8.4.4]"]
    );
    let found = find_with("plain", &settings.clone().with_max_hosts(one)).unwrap();
    assert_eq!(hosts(&found), ["10 a.host [8.8.8.8]"]);
    let found = find_with("many", &settings.with_max_addresses(one)).unwrap();
    assert_eq!(hosts(&found), ["10 many.host [8.0.0.1]"]);
    let v6 = RouteSettings::default().with_families(AddressFamilies::Ipv6Only);
    assert_eq!(
        find_with("[8.8.8.8]", &v6)
            .unwrap_err()
            .enhanced()
            .to_string(),
        "5.4.4"
    );
}

#[test]
fn equal_preferences_take_turns_and_others_do_not() {
    let zone: Zone = "
d MX 10 a
d MX 10 b
d MX 10 c
d MX 20 e
a A 8.0.0.1
b A 8.0.0.2
c A 8.0.0.3
e A 8.0.0.4
"
    .parse()
    .unwrap();
    let domain: AddressDomain = "d".parse().unwrap();
    let (settings, entropy) = (RouteSettings::default(), SystemEntropy::new());
    let mut firsts = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let found = MailExchangers::find(&zone, &domain, &settings, &entropy);
        let found = block_on_ready(found).unwrap().unwrap();
        let names: Vec<String> = found.hosts().iter().map(MailExchanger::name).collect();
        assert_eq!((names.len(), names[3].as_str()), (4, "e"));
        firsts.insert(names[0].clone());
    }
    assert_eq!(firsts.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}
