//! What comes every day, and what goes wrong every day: both come to the same.

use std::sync::Arc;
use std::time::Duration;

use letterhead_dkim::{Canonicalization, DkimResult, PrivateKey, PublicKeyRecord, SigningKey};
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::block_on_ready;
use letterhead_simulator::cross_check::SecondOpinion;
use letterhead_simulator::{Receiver, SimEventKind};
use letterhead_spf::SpfResult;

use crate::craft::crafted;
use crate::mails::{plain, rich};
use crate::support::{
    Judged, address, bring, builder, ed25519, name, published, rsa, signed, signed_at, signer,
    start, submission, twice,
};

/// What the receiver says has all of these, and mail-auth says the same.
#[track_caller]
fn agreed(judged: &Judged, found: &[&str]) {
    for part in found {
        assert!(judged.ours.contains(part), "{part} in {}", judged.ours);
    }
    let disagreements: Vec<String> = judged
        .disagreements
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(disagreements, [""; 0], "{}", judged.ours);
    let second = judged.second.as_ref();
    assert!(second.is_none_or(SecondOpinion::agrees));
}

/// The server answered so to the message.
#[track_caller]
fn answered(judged: &Judged, reply: &str) {
    let said = judged.report.rows()[0].reply().unwrap().to_string();
    assert!(said.starts_with(reply), "{said}");
}

fn policies() -> String {
    let mut zone = String::from(
        "a.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n\
         other.example. 300 IN TXT \"v=spf1 -all\"\n\
         soft.example. 300 IN TXT \"v=spf1 ip4:198.51.100.1 ~all\"\n\
         neutral.example. 300 IN TXT \"v=spf1 ?all\"\n\
         broken.example. 300 IN TXT \"v=spf1 ip4:1.2.3 -all\"\n\
         slow.example. 300 IN TXT \"v=spf1 a:host.slow.example -all\"\n\
         ;fault host.slow.example. A timeout\n\
         _dmarc.slow.example. 300 IN TXT \"v=DMARC1; p=reject\"\n\
         ;fault failing.example. TXT servfail\n\
         absent.example. 300 IN TXT \"v=spf1 exists:%{i}.list.example a:gone.example -all\"\n\
         listed.example. 300 IN TXT \"v=spf1 exists:%{ir}.list.example -all\"\n\
         1.2.0.192.list.example. 300 IN A 127.0.0.2\n\
         hosts.example. 300 IN TXT \"v=spf1 mx include:a.example -all\"\n\
         hosts.example. 300 IN MX 10 mx.hosts.example.\n\
         mx.hosts.example. 300 IN A 192.0.2.1\n\
         named.example. 300 IN TXT \"v=spf1 ptr -all\"\n\
         1.2.0.192.in-addr.arpa. 300 IN PTR host.named.example.\n\
         host.named.example. 300 IN A 192.0.2.1\n\
         moved.example. 300 IN TXT \"v=spf1 redirect=a.example\"\n\
         lost.example. 300 IN TXT \"v=spf1 include:nobody.example -all\"\n\
         alias.example. 300 IN CNAME a.example.\n\
         _dmarc.a.example. 300 IN TXT \"v=DMARC1; p=reject; sp=quarantine; np=reject\"\n\
         news.a.example. 300 IN A 192.0.2.80\n\
         _dmarc.quarantine.example. 300 IN TXT \"v=DMARC1; p=quarantine\"\n\
         _dmarc.none.example. 300 IN TXT \"v=DMARC1; p=none\"\n\
         _dmarc.strict.example. 300 IN TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n\
         strict.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n\
         bounce.strict.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n\
         ;fault _dmarc.shaky.example. TXT servfail\n",
    );
    for domain in [
        "a.example",
        "news.a.example",
        "other.example",
        "strict.example",
    ] {
        zone += &published(&rsa(), "rsa", domain);
        zone += &published(&ed25519(), "ed", domain);
    }
    zone
}

#[test]
fn spf_of_every_result() {
    let simulator = twice(&policies());
    for (sender, result) in [
        ("b@a.example", "spf=pass"),
        ("b@other.example", "spf=fail"),
        ("b@soft.example", "spf=softfail"),
        ("b@neutral.example", "spf=neutral"),
        ("b@nothing.example", "spf=none"),
        ("b@broken.example", "spf=permerror"),
        ("b@slow.example", "spf=temperror"),
        ("b@failing.example", "spf=temperror"),
        ("b@absent.example", "spf=fail"),
        ("b@listed.example", "spf=pass"),
        ("b@hosts.example", "spf=pass"),
        ("b@moved.example", "spf=pass"),
        ("b@named.example", "spf=pass"),
        ("b@lost.example", "spf=permerror"),
        ("b@alias.example", "spf=pass"),
        ("b@[192.0.2.1]", "spf=none"),
        ("", "spf=none"),
    ] {
        let judged = bring(&simulator, sender, plain("b@nothing.example"));
        agreed(&judged, &[result]);
    }
}

/// A report has the null sender, so that SPF is about the name of the host that brings it.
#[test]
fn spf_of_a_host() {
    let other = Receiver::new(name("mx.other.test"), "192.0.2.50".parse().unwrap());
    let bouncing = other.behaves(address("gone@other.test"), "bounce".parse().unwrap());
    let home = Receiver::new(name("mx.home.test"), "192.0.2.60".parse().unwrap());
    let records = "mx.other.test. 300 IN TXT \"v=spf1 a -all\"\n";
    let simulator = builder()
        .receiver(bouncing)
        .receiver(home.mailbox(address("ann@home.test")))
        .zone(records.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let mail = submission("ann@home.test", "gone@other.test", plain("ann@home.test"));
    let transport = simulator.transport("mx.other.test").unwrap();
    let report = block_on_ready(transport.send(&mail)).unwrap();
    assert!(report.all_accepted(), "{report}");
    simulator.advance(Duration::from_secs(86_400));
    let bounce = simulator.mailbox("ann@home.test").expect_one();
    let second = bounce.second_opinion.unwrap();
    assert_eq!(second.spf, SpfResult::Pass);
    assert_eq!(second.disagreements, []);
}

#[test]
fn spf_of_a_client_with_an_ipv6_address() {
    let receiver = Receiver::new(name("mx.six.test"), "192.0.2.70".parse().unwrap());
    let receiver = receiver.assumed_client("2001:db8::1".parse().unwrap());
    let records = "net.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/64 -all\"\n\
        host.example. 300 IN TXT \"v=spf1 a -all\"\nhost.example. 300 IN AAAA 2001:db8::1\n\
        hosts.example. 300 IN TXT \"v=spf1 mx -all\"\nhosts.example. 300 IN MX 10 host.example.\n\
        list.example. 300 IN TXT \"v=spf1 exists:%{ir}.%{v}.list.example -all\"\n\
        1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.list.example. 300 IN A 127.0.0.2\n\
        named.example. 300 IN TXT \"v=spf1 ptr -all\"\n\
        1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 300 IN PTR host.named.example.\n\
        host.named.example. 300 IN AAAA 2001:db8::1\n\
        four.example. 300 IN TXT \"v=spf1 ip4:0.0.0.0/0 a:old.example -all\"\nold.example. 300 IN A 192.0.2.1\n";
    let simulator = builder()
        .receiver(receiver.mailbox(address("ann@six.test")))
        .zone(records.parse().unwrap())
        .cross_check()
        .build()
        .unwrap();
    let transport = simulator.transport("mx.six.test").unwrap();
    for (sender, result) in [
        ("b@net.example", SpfResult::Pass),
        ("b@host.example", SpfResult::Pass),
        ("b@hosts.example", SpfResult::Pass),
        ("b@list.example", SpfResult::Pass),
        ("b@named.example", SpfResult::Pass),
        ("b@four.example", SpfResult::Fail),
    ] {
        let mail = submission(sender, "ann@six.test", plain("b@nothing.example"));
        let report = block_on_ready(transport.send(&mail)).unwrap();
        assert!(report.all_accepted(), "{report}");
        let mail = simulator.mails_of(&address("ann@six.test")).pop().unwrap();
        let second = mail.second_opinion.unwrap();
        assert_eq!(second.spf, result, "{sender}");
        assert_eq!(second.disagreements, [], "{sender}");
    }
}

#[test]
fn signatures_that_hold() {
    let simulator = twice(&policies());
    for canonicalization in [Canonicalization::SIMPLE, Canonicalization::RELAXED] {
        for mail in [plain("b@a.example"), rich("b@a.example")] {
            let rsa = signer(rsa(), "rsa", "a.example").canonicalization(canonicalization);
            let ed25519 = signer(ed25519(), "ed", "a.example").canonicalization(canonicalization);
            let third = signer(crate::support::rsa(), "rsa", "other.example");
            for signers in [
                vec![rsa.clone()],
                vec![ed25519.clone()],
                vec![rsa.clone(), ed25519.clone()],
                vec![third, ed25519, rsa],
            ] {
                let judged = bring(&simulator, "x@other.example", signed(&mail, &signers));
                agreed(&judged, &["spf=fail", "dkim=pass", "dmarc=pass"]);
                let second = judged.second.unwrap();
                let pass = Some(DkimResult::Pass);
                assert!(second.dkim.iter().all(|opinion| opinion.result == pass));
                assert_eq!(second.dkim.len(), signers.len());
                assert_eq!(second.dmarc.result, DmarcResult::Pass);
                assert_eq!(second.dmarc.policy, Some(Policy::Reject));
            }
        }
    }
}

#[test]
fn signatures_that_do_not_hold() {
    let simulator = twice(&policies());
    let good = signed(plain("b@a.example"), &[signer(rsa(), "rsa", "a.example")]);
    let good = String::from_utf8(good).unwrap();
    let body = good.replace("Please pay.", "Please pay me.");
    let header = good.replace("Subject: Invoice", "Subject: Bill");
    let gone = good.replace("s=rsa;", "s=gone;");
    let other = good.replace("s=rsa;", "s=ed;");
    for (mail, found) in [
        (body, "dkim=fail"),
        (header, "dkim=fail"),
        (gone, "dkim=permerror"),
        (other, "dkim=permerror"),
    ] {
        let judged = bring(&simulator, "b@other.example", mail.clone());
        agreed(&judged, &[found, "dmarc=fail"]);
        assert!(!judged.report.all_accepted());
        let judged = bring(&simulator, "b@a.example", mail);
        agreed(&judged, &["spf=pass", found, "dmarc=pass"]);
    }
}

/// 1,024 bits are the least, and 8,192 the most that everybody computes with.
#[test]
fn keys_of_every_size() {
    for (vector, selector, found) in [
        (
            include_str!("../../../dkim/tests/vectors/rsa1024.eml"),
            "rsa1024",
            "dkim=pass",
        ),
        (
            include_str!("../../../dkim/tests/vectors/rsa1023.eml"),
            "rsa1023",
            "dkim=permerror",
        ),
    ] {
        let (record, mail) = vector.split_once('\n').unwrap();
        let zone = format!("{selector}._domainkey.example.org. 300 IN TXT \"{record}\"");
        let mail = mail.replace('\n', "\r\n");
        agreed(&bring(&twice(&zone), "b@none.example", mail), &[found]);
    }
    let large = PrivateKey::from_pem(include_str!("../../../dkim/tests/keys/rsa8192.pem"));
    let large: Arc<dyn SigningKey> = Arc::new(large.unwrap());
    let record = PublicKeyRecord::for_key(&large).to_string();
    let strings: Vec<&str> = record
        .as_bytes()
        .chunks(200)
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    let zone = format!(
        "rsa._domainkey.a.example. 300 IN TXT \"{}\"",
        strings.join("\" \"")
    );
    let mail = signed(plain("b@a.example"), &[signer(large, "rsa", "a.example")]);
    let judged = bring(&twice(&zone), "b@none.example", mail);
    agreed(&judged, &["dkim=pass"]);
}

/// `i=` may name a domain below, unless the key says `t=s`.
#[test]
fn signatures_for_a_domain_below() {
    let plain = plain("b@news.a.example");
    let tags = "v=1; a=rsa-sha256; d=a.example; i=@news.a.example; s=rsa; h=From; bh={bh}; b={b}";
    let mail = crafted(&*rsa(), tags, &["From"], "Please pay.\r\n", &plain);
    let loose = published(&rsa(), "rsa", "a.example");
    let strict = loose.replace("v=DKIM1; ", "v=DKIM1; t=s; ");
    for (zone, found) in [(loose, "dkim=pass"), (strict, "dkim=permerror")] {
        let judged = bring(&twice(&zone), "b@none.example", mail.clone());
        agreed(&judged, &[found]);
    }
}

/// The other side would ask the machine's clock.
#[test]
fn signatures_expire_by_the_virtual_clock() {
    let simulator = twice(&policies());
    let signer = signer(rsa(), "rsa", "a.example");
    let signer = signer.dangerous_expires_after(Duration::from_secs(3600));
    let mail = signed_at(plain("b@a.example"), &[signer], start());
    let hour = Duration::from_secs(3600);
    agreed(
        &bring(&simulator, "b@other.example", mail.clone()),
        &["dkim=pass"],
    );
    simulator.advance(hour + Duration::from_secs(300));
    agreed(
        &bring(&simulator, "b@other.example", mail.clone()),
        &["dkim=pass"],
    );
    simulator.advance(Duration::from_secs(1));
    agreed(
        &bring(&simulator, "b@other.example", mail),
        &["dkim=policy"],
    );
}

#[test]
fn a_key_that_is_rotated_or_fails() {
    let simulator = twice(&policies());
    let mail = signed(plain("b@a.example"), &[signer(rsa(), "rsa", "a.example")]);
    let sender = "b@other.example";
    agreed(&bring(&simulator, sender, mail.clone()), &["dkim=pass"]);
    let record: letterhead_dns::Name = "rsa._domainkey.a.example".parse().unwrap();
    let txt = letterhead_dns::RecordType::TXT;
    let servfail = letterhead_dns::zone::Fault::ServFail;
    simulator.dns().set_fault(record.clone(), txt, servfail);
    let judged = bring(&simulator, sender, mail.clone());
    agreed(&judged, &["dkim=temperror", "dmarc=temperror"]);
    answered(&judged, "451 4.7.0");
    simulator.dns().clear_fault(&record, txt);
    simulator.dns().remove(&record, txt);
    let next = published(&ed25519(), "rsa", "a.example");
    simulator.dns().publish_zone(next.parse().unwrap());
    agreed(
        &bring(&simulator, sender, mail.clone()),
        &["dkim=permerror", "dmarc=fail"],
    );
    simulator.dns().remove(&record, txt);
    let revoked = "rsa._domainkey.a.example. 300 IN TXT \"v=DKIM1; p=\"";
    simulator.dns().publish_zone(revoked.parse().unwrap());
    agreed(
        &bring(&simulator, sender, mail.clone()),
        &["dkim=permerror"],
    );
    simulator.dns().remove(&record, txt);
    agreed(&bring(&simulator, sender, mail), &["dkim=permerror"]);
    let again = signed(
        plain("b@a.example"),
        &[signer(ed25519(), "ed", "a.example")],
    );
    agreed(&bring(&simulator, sender, again), &["dkim=pass"]);
}

#[test]
fn dmarc_of_every_policy() {
    let simulator = twice(&policies());
    let policy = |judged: &Judged| {
        judged
            .second
            .as_ref()
            .and_then(|second| second.dmarc.policy)
    };
    let quarantine = Some(Policy::Quarantine);
    for (author, found, reply, asked) in [
        ("b@a.example", "dmarc=fail", "550 5.7.26", None),
        ("b@news.a.example", "dmarc=fail", "250", quarantine),
        ("b@gone.a.example", "dmarc=fail", "550 5.7.26", None),
        ("b@quarantine.example", "dmarc=fail", "250", quarantine),
        ("b@none.example", "dmarc=fail", "250", Some(Policy::None)),
        ("b@nothing.example", "dmarc=none", "250", None),
        ("b@shaky.example", "dmarc=temperror", "451 4.7.0", None),
        (
            "b@below.shaky.example",
            "dmarc=temperror",
            "451 4.7.0",
            None,
        ),
    ] {
        let judged = bring(&simulator, "b@other.example", plain(author));
        agreed(&judged, &[found]);
        answered(&judged, reply);
        assert_eq!(policy(&judged), asked, "{author}");
        assert_eq!(judged.report.all_accepted(), judged.second.is_some());
    }
    // Who has a domain below, or the one above, speaks for the other, unless that is strict.
    for (sender, author, found) in [
        ("b@a.example", "b@a.example", "dmarc=pass"),
        ("b@a.example", "b@news.a.example", "dmarc=pass"),
        ("b@strict.example", "b@strict.example", "dmarc=pass"),
        ("b@bounce.strict.example", "b@strict.example", "dmarc=fail"),
        ("b@strict.example", "b@bounce.strict.example", "dmarc=fail"),
        ("b@slow.example", "b@slow.example", "dmarc=temperror"),
        ("b@failing.example", "b@a.example", "dmarc=fail"),
    ] {
        let judged = bring(&simulator, sender, plain(author));
        agreed(&judged, &[found]);
    }
}

#[test]
fn a_signature_of_a_domain_below_speaks_for_the_author() {
    let simulator = twice(&policies());
    let signers = [
        signer(rsa(), "rsa", "news.a.example"),
        signer(ed25519(), "ed", "news.a.example"),
    ];
    let mail = signed(plain("b@a.example"), &signers);
    let judged = bring(&simulator, "x@other.example", mail);
    agreed(&judged, &["spf=fail", "dkim=pass", "dmarc=pass"]);
    let second = judged.second.unwrap();
    assert_eq!(second.dmarc.to_string(), "pass (reject)");
}

/// A reader sees one domain, and what was proven is another.
#[test]
fn a_forged_author() {
    let simulator = twice(&policies());
    let own = signed(
        plain("b@other.example"),
        &[signer(rsa(), "rsa", "other.example")],
    );
    let forged = signed(
        plain("ceo@a.example"),
        &[signer(rsa(), "rsa", "other.example")],
    );
    agreed(
        &bring(&simulator, "x@other.example", own),
        &["dkim=pass", "dmarc=none"],
    );
    let judged = bring(&simulator, "x@strict.example", forged);
    agreed(&judged, &["spf=pass", "dkim=pass", "dmarc=fail"]);
    assert!(!judged.report.all_accepted());
    let two = plain("b@a.example, c@other.example");
    agreed(&bring(&simulator, "x@a.example", two), &["dmarc=permerror"]);
}

#[test]
fn what_is_brought_is_judged_as_it_was_brought() {
    let simulator = twice(&policies());
    let mail = signed(rich("b@a.example"), &[signer(rsa(), "rsa", "a.example")]);
    let judged = bring(&simulator, "b@a.example", mail);
    agreed(&judged, &["spf=pass", "dkim=pass", "dmarc=pass"]);
    let second = judged.second.unwrap();
    assert_eq!(second.spf, SpfResult::Pass);
    assert_eq!(second.dkim[0].domain.as_deref(), Some("a.example"));
    assert_eq!(second.dkim[0].selector.as_deref(), Some("rsa"));
    let events = simulator.events();
    let mut kinds = events.iter().map(|event| &event.kind);
    assert!(!kinds.any(|kind| matches!(kind, SimEventKind::Disagreed { .. })));
}
