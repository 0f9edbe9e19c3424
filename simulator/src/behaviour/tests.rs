use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, ReversePath};

use super::memory::Trial;
use super::{Act, Behaviour, Memory, Stage, When};

const START: SystemTime = SystemTime::UNIX_EPOCH;

struct Scene {
    memory: Memory,
    behaviour: Behaviour,
    recipient: EmailAddress,
}

impl Scene {
    fn new(word: &str) -> Self {
        Self {
            memory: Memory::default(),
            behaviour: word.parse().unwrap(),
            recipient: format!("{word}@sim.example").parse().unwrap(),
        }
    }

    fn at(&mut self, stage: Stage, second: u64, sender: &str, client: &str) -> String {
        let sender = ReversePath::Address(sender.parse().unwrap());
        let trial = Trial {
            stage,
            sender: Some(&sender),
            recipient: Some(&self.recipient),
            client: client.parse().unwrap(),
            now: START + Duration::from_secs(second),
            message: None,
        };
        let host = "mx.sim.example".parse().unwrap();
        let attempt = self.memory.attempt(&host, &self.recipient, trial);
        let (waited, act) = self.behaviour.judge(&attempt);
        let said = match act {
            None => "taken".to_owned(),
            Some(Act::Answer(reply)) => reply.to_reply().to_string(),
            Some(Act::Raw(reply)) => reply.octets().escape_ascii().to_string(),
            Some(other) => format!("{other:?}"),
        };
        let now = trial.now;
        if said == "taken" {
            let recipient = self.recipient.clone();
            self.memory.took(&host, &sender, &recipient, now);
        }
        if waited.is_zero() {
            said
        } else {
            format!("{said} after {waited:?}")
        }
    }

    fn rcpt(&mut self, second: u64) -> String {
        self.at(Stage::Recipient, second, "a@x.example", "192.0.2.1")
    }
}

#[test]
fn words_say_what_a_mailbox_does() {
    for (word, said) in [
        ("450-4.2.2", "450 4.2.2 the mailbox is full"),
        ("450-4.2.2-ada", "450 4.2.2 the mailbox is full"),
        ("550", "550 as the address asks"),
        ("550-ada", "550 as the address asks"),
        ("DROP-at-RCPT", "HangUp"),
        ("bounce", "taken"),
        ("rcpt-452-4.3.1", "452 4.3.1 the receiving system is full"),
        ("slow-2s-at-rcpt", "taken after 2s"),
        ("bare-250", "250\\r\\n"),
        (
            "lf-250-2.1.5-ada",
            "250 2.1.5 the recipient address is valid\\n",
        ),
        ("wrong-550", "550 2.1.5 as the address asks"),
        ("latin-550", "550 k\\xf6nnte sein\\r\\n"),
        (
            "mixed-250",
            "550-one thing\\r\\n250 as the address asks\\r\\n",
        ),
        ("garbage-250", "\\xff\\xfe\\x00what?\\r\\n"),
        (
            "lines-550",
            "550 as the address asks see the manual and ask again",
        ),
        ("data-451_chunk-452_mail-421_drop-at-data", "taken"),
    ] {
        assert_eq!(Scene::new(word).rcpt(0), said, "{word}");
    }
    for (word, said) in [
        ("dot-554-5.6.0", "554 5.6.0 something about the content"),
        ("drop-at-dot", "HangUp"),
        ("drop-after-dot", "TakeAndHangUp"),
        ("slow-2s", "taken after 2s"),
        ("slow-2s_dot-451", "451 as the address asks after 2s"),
        (
            "dot-lf-554-5.6.0",
            "554 5.6.0 something about the content\\n",
        ),
    ] {
        let mut scene = Scene::new(word);
        assert_eq!(scene.rcpt(0), "taken", "{word}");
        let dot = scene.at(Stage::EndOfData, 0, "a@x.example", "192.0.2.1");
        assert_eq!(dot, said, "{word}");
    }
}

#[test]
fn words_name_points_of_a_session() {
    for (word, stage, said) in [
        ("data-451", Stage::Data, "451 as the address asks"),
        ("drop-at-data", Stage::Data, "HangUp"),
        (
            "chunk-452-4.3.1",
            Stage::Chunk,
            "452 4.3.1 the receiving system is full",
        ),
        (
            "mail-421-4.7.0",
            Stage::Sender,
            "421 4.7.0 something about security or policy",
        ),
        (
            "slow-1m-at-mail_drop-at-mail",
            Stage::Sender,
            "HangUp after 60s",
        ),
    ] {
        let mut scene = Scene::new(word);
        for other in Stage::ALL {
            let expected = if other == stage { said } else { "taken" };
            let heard = scene.at(other, 0, "a@x.example", "192.0.2.1");
            assert_eq!(heard, expected, "{word} at {other}");
        }
    }
    let huge = Scene::new("huge-550").rcpt(0);
    assert!(huge.len() > 1_000_000 && huge.ends_with("550 as the address asks\\r\\n"));
    assert!(Scene::new("long-250").rcpt(0).len() > 10_000);
}

#[test]
fn other_words_name_no_behaviour() {
    for word in [
        "",
        "ada",
        "250",
        "354",
        "999",
        "45",
        "450-5.1.1",
        "defer",
        "defer-",
        "defer-x",
        "defer--1",
        "defer-99999999999",
        "greylist-5",
        "greylist-m",
        "greylist-5é",
        "full-after",
        "limit-3-per-",
        "slow-",
        "drop",
        "dot",
        "dot-250",
        "dot-354",
        "lf-354",
        "lf",
        "lf-",
        "lf-550-2.1.5",
        "lf-lf-550",
        "data",
        "mail-250",
        "noop-550",
        "drop-at-",
        "drop-at-noon",
        "slow-2s-at-noon",
        "slow-at-dot",
        "bounce-4.2.2",
        "bounce-x",
        "complaint-now",
        "defer-3_",
    ] {
        assert!(word.parse::<Behaviour>().is_err(), "{word}");
    }
    let error = "defer-3_Ada".parse::<Behaviour>().unwrap_err();
    assert_eq!(error.word, "ada");
}

#[test]
fn a_deferral_yields_after_so_many_attempts_of_a_sender() {
    let mut scene = Scene::new("defer-2");
    assert!(scene.rcpt(0).starts_with("451 4.3.0"));
    assert!(scene.rcpt(0).starts_with("451 4.3.0"));
    assert_eq!(scene.rcpt(0), "taken");
    let other = scene.at(Stage::Recipient, 0, "b@x.example", "192.0.2.1");
    assert!(other.starts_with("451"), "each sender counts by itself");
}

#[test]
fn greylisting_yields_to_the_same_client_after_its_time() {
    let mut scene = Scene::new("greylist-90s");
    assert!(scene.rcpt(0).starts_with("451 4.7.1"));
    assert!(scene.rcpt(89).starts_with("451 4.7.1"));
    assert_eq!(scene.rcpt(90), "taken");
    let other = scene.at(Stage::Recipient, 90, "a@x.example", "192.0.2.9");
    assert!(other.starts_with("451"), "another client begins anew");
}

#[test]
fn a_mailbox_fills_up_and_another_dies() {
    for (word, said) in [("full-after-2", "452 4.2.2"), ("dies-after-2", "550 5.1.1")] {
        let mut scene = Scene::new(word);
        assert_eq!(scene.rcpt(0), "taken");
        assert_eq!(scene.rcpt(0), "taken");
        assert!(scene.rcpt(0).starts_with(said), "{word}");
        assert!(scene.rcpt(1_000_000).starts_with(said), "{word}");
    }
}

#[test]
fn a_rate_holds_for_a_domain_and_passes() {
    let mut scene = Scene::new("limit-2-per-1m");
    let mut rcpt = |second, sender| scene.at(Stage::Recipient, second, sender, "192.0.2.1");
    assert_eq!(rcpt(0, "a@x.example"), "taken");
    assert_eq!(rcpt(30, "b@x.example"), "taken");
    assert!(rcpt(59, "c@x.example").starts_with("450 4.7.28"));
    assert_eq!(rcpt(59, "c@y.example"), "taken");
    assert_eq!(rcpt(60, "c@x.example"), "taken");
    assert!(rcpt(61, "c@x.example").starts_with("450"));
}

#[test]
fn rules_of_the_caller_are_asked_in_their_place() {
    let mut scene = Scene::new("defer-1");
    scene.behaviour = scene.behaviour.decide(|attempt| {
        (attempt.attempts == 1).then(|| Act::answer(550, (5, 7, 1), "not you again"))
    });
    scene.behaviour = scene
        .behaviour
        .rule(Stage::Recipient, When::Always, Act::HangUp);
    assert!(scene.rcpt(0).starts_with("451"));
    assert_eq!(scene.rcpt(0), "550 5.7.1 not you again");
    assert_eq!(scene.rcpt(0), "HangUp");
}
