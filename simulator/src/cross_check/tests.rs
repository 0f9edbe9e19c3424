//! Made-up opinions, and what is asked of the caches.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{DkimResult, PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::{DomainName, Zone, block_on_ready};
use letterhead_identity::authenticate::Arrival;
use letterhead_identity::{Authenticated, authenticate};
use letterhead_mail::{EmailAddress, LineEndings, Message, ReversePath};
use letterhead_spf::SpfResult;
use mail_auth::{ResolverCache, Txt};

use super::answers::{Answers, Purpose};
use super::{
    Brought, Difference, Disagreement, DmarcOpinion, KnownError, SecondJudge, SecondOpinion,
    compare,
};
use crate::dns::SimulatedDns;

/// A mail that passes everything, and what is needed to judge it.
struct Mail {
    message: Message,
    sender: ReversePath,
    receiver: DomainName,
    dns: SimulatedDns,
}

impl Mail {
    fn new() -> Self {
        let key = PrivateKey::ed25519_from_seed(&[7; 32]).unwrap();
        let signer = Signer::new(
            "a.example".parse().unwrap(),
            "s".parse().unwrap(),
            std::sync::Arc::new(key),
        )
        .ed25519_alone();
        let record = PublicKeyRecord::for_key(signer.key());
        let zone = format!(
            "a.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n\
             s._domainkey.a.example. 300 IN TXT \"{record}\"\n\
             _dmarc.a.example. 300 IN TXT \"v=DMARC1; p=reject\"\n"
        );
        let text = b"From: b@a.example\r\n\r\nHello.\r\n";
        let mut whole = Vec::new();
        for field in sign(text, &[signer], now()).unwrap() {
            whole.extend_from_slice(field.as_ref());
        }
        whole.extend_from_slice(text);
        let dns = SimulatedDns::new();
        dns.publish_zone(zone.parse::<Zone>().unwrap());
        let sender: EmailAddress = "b@a.example".parse().unwrap();
        Self {
            message: Message::from_bytes(whole, LineEndings::Strict).unwrap(),
            sender: sender.into(),
            receiver: "mx.receiver.example".parse().unwrap(),
            dns,
        }
    }

    fn brought(&self) -> Brought<'_> {
        Brought {
            message: &self.message,
            sender: &self.sender,
            client: client(),
            client_name: "mail.a.example",
            receiver: &self.receiver,
            now: now(),
            dns: &self.dns,
        }
    }

    fn ours(&self) -> Authenticated {
        let arrival = Arrival::new(client(), "mail.a.example", &self.sender, now());
        let judged = authenticate(&self.message, &arrival, &self.receiver, &self.dns);
        block_on_ready(judged).unwrap()
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn client() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

/// Under this name, whatever it is asked for as.
fn asked(answers: &Answers<'_>, name: &str) -> Txt {
    ResolverCache::<Box<str>, Txt>::get::<str>(answers, name).unwrap()
}

#[test]
fn a_disagreement_that_is_made_up_is_told_and_not_known() {
    let mail = Mail::new();
    let (brought, ours) = (mail.brought(), mail.ours());
    let judge = SecondJudge::new().unwrap();
    let theirs = judge.opinion(&brought, &ours).unwrap();
    assert_eq!(theirs.disagreements, []);
    assert_eq!(theirs.spf, SpfResult::Pass);
    let agreed = theirs.dmarc;
    let told = |changed: &SecondOpinion, by_ours: DmarcOpinion| {
        let found = compare::disagreements(&brought, &ours, changed, by_ours);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };

    let mut spf = theirs.clone();
    spf.spf = SpfResult::SoftFail;
    assert_eq!(
        told(&spf, agreed),
        ["SPF: pass, by mail-auth softfail (not known)"]
    );

    let mut dkim = theirs.clone();
    dkim.dkim[0].result = Some(DkimResult::TempError);
    assert_eq!(
        told(&dkim, agreed),
        ["DKIM signature 1: pass, by mail-auth temperror (not known)"]
    );
    dkim.dkim[0].result = None;
    dkim.dkim.push(theirs.dkim[0].clone());
    assert_eq!(
        told(&dkim, agreed),
        [
            "DKIM signature 1: pass, by mail-auth nothing (not known)",
            "DKIM signature 2: nothing, by mail-auth pass (not known)",
        ]
    );

    let mut dmarc = theirs.clone();
    dmarc.dmarc.policy = Some(Policy::None);
    assert_eq!(
        told(&dmarc, dmarc.dmarc),
        ["DMARC: pass (reject), by mail-auth pass (none) (not known)"]
    );

    // What comes from evidence that is not explained is not explained either.
    let mut both = spf;
    both.dmarc.result = DmarcResult::Fail;
    assert_eq!(
        told(&both, agreed),
        [
            "SPF: pass, by mail-auth softfail (not known)",
            "DMARC: pass (reject), by mail-auth fail (reject) (not known)",
        ]
    );
}

#[test]
fn only_what_is_not_known_is_no_agreement() {
    let mail = Mail::new();
    let (brought, ours) = (mail.brought(), mail.ours());
    let judge = SecondJudge::new().unwrap();
    let mut opinion = judge.opinion(&brought, &ours).unwrap();
    assert!(opinion.agrees());
    let difference = Difference::Spf {
        ours: SpfResult::Pass,
        theirs: SpfResult::Fail,
    };
    let known = Some(KnownError::LoneLabel);
    opinion.disagreements = vec![Disagreement { difference, known }];
    assert!(opinion.agrees());
    let known = None;
    opinion
        .disagreements
        .push(Disagreement { difference, known });
    assert!(!opinion.agrees());
}

/// `known_errors.md` is what people read.
#[test]
fn the_list_of_known_errors_is_up_to_date() {
    let mut list = String::from("| | mail-auth 0.13 | how it should be |\n|---|---|---|\n");
    for error in KnownError::all() {
        let (sentence, rule) = (error.sentence(), error.rule());
        let (document, section) = rule.split_once(" §").unwrap();
        let document = document.replace("RFC ", "rfc");
        list += &format!(
            "| `{error:?}` | {sentence} | [{rule}](https://www.rfc-editor.org/rfc/{document}#section-{section}) |\n"
        );
    }
    assert_eq!(include_str!("known_errors.md"), list);
}

/// The words for a signature that does not hold differ, and what a record asks for where nobody applies it may.
#[test]
fn words_that_mean_the_same_are_no_disagreement() {
    let mail = Mail::new();
    let changed = [mail.message.as_bytes(), b"More.\r\n"].concat();
    let mail = Mail {
        message: Message::from_bytes(changed, LineEndings::Strict).unwrap(),
        ..mail
    };
    let (brought, ours) = (mail.brought(), mail.ours());
    let theirs = SecondJudge::new()
        .unwrap()
        .opinion(&brought, &ours)
        .unwrap();
    assert_eq!(ours.dkim[0].result(), DkimResult::Fail);
    assert_eq!(theirs.dkim[0].result, Some(DkimResult::Neutral));
    assert_eq!(theirs.disagreements, []);
}

#[test]
fn a_difference_of_one_method_is_not_explained_by_an_error_of_another() {
    let mail = Mail::new();
    let zone = "a.example. 300 IN TXT \"v=spf1 -all\"";
    mail.dns.publish_zone(zone.parse().unwrap());
    let (brought, ours) = (mail.brought(), mail.ours());
    let theirs = SecondJudge::new()
        .unwrap()
        .opinion(&brought, &ours)
        .unwrap();
    let [found] = theirs.disagreements.as_slice() else {
        panic!("{:?}", theirs.disagreements);
    };
    assert!(matches!(found.difference, Difference::Spf { .. }));
    assert_eq!(found.known, Some(KnownError::SeveralSpfRecords));
    let mut other = theirs.clone();
    other.dkim[0].result = Some(DkimResult::Fail);
    let found = compare::disagreements(&brought, &ours, &other, theirs.dmarc);
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].known, None);
}

#[test]
fn names_are_heard_and_answered() {
    let mail = Mail::new();
    mail.dns.publish_zone(
        ";fault slow.example. TXT timeout\nempty.example. 300 IN A 192.0.2.1"
            .parse()
            .unwrap(),
    );
    let answers = Answers::new(&mail.dns, Purpose::Spf, client());
    assert!(matches!(asked(&answers, "a.example."), Txt::Spf(_)));
    for (name, error) in [
        ("slow.example.", "DNS resolution error"),
        ("empty.example.", "DNS record not found: No Error"),
        ("gone.example.", "DNS record not found: Non-Existent Domain"),
        ("s._domainkey.a.example.", "Invalid record"),
        ("a..example.", "Parse error"),
    ] {
        let Txt::Error(found) = asked(&answers, name) else {
            panic!("{name} has a record");
        };
        assert!(found.to_string().starts_with(error), "{name}: {found}");
    }
}
