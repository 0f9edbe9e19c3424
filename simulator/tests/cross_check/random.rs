//! Mails of any kind, as they were sent and as they were damaged on the way.

use std::collections::BTreeMap;

use proptest::prelude::{ProptestConfig, proptest};
use proptest::test_runner::RngSeed;

use crate::drawn::{DOMAINS, Dice, damage, mail, records};
use crate::support::{Judged, bring, twice};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    AsSent,
    Damaged,
}

/// Everything about one mail drawn, and brought; a disagreement that is not known is a failure.
fn one(dice: &mut Dice, condition: Condition) -> Judged {
    let zone = records(dice);
    let simulator = twice(&zone);
    let author = format!("x@{}", dice.pick(&DOMAINS));
    let local = dice.pick(&["y", "a-c", "host"]);
    let sender = match dice.roll(12) {
        0 => String::new(),
        _ => format!("{local}@{}", dice.pick(&DOMAINS)),
    };
    let mut mail = mail(dice, &author);
    if condition == Condition::Damaged {
        damage(dice, &mut mail);
    }
    let judged = bring(&simulator, &sender, mail.clone());
    let text = String::from_utf8_lossy(&mail);
    assert_eq!(
        judged.unknown(),
        [""; 0],
        "{}\nfrom {sender}\n{zone}\n{text}",
        judged.ours
    );
    judged
}

/// What the receivers found of two hundred mails, each word with how often, and about how many mails a known error of mail-auth
/// kept the two from coming to the same.
fn two_hundred(seed: u64, condition: Condition) -> (BTreeMap<String, usize>, usize) {
    let mut dice = Dice(seed);
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    let mut disputed = 0;
    for _ in 0..200 {
        let judged = one(&mut dice, condition);
        disputed += usize::from(!judged.disagreements.is_empty());
        for word in judged.ours.split([' ', ';', '\r']) {
            *words.entry(word.trim().to_owned()).or_default() += 1;
        }
    }
    (words, disputed)
}

proptest! {
    // The same ones each time; `PROPTEST_CASES` says how many. A seed has no smaller one that means less.
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_103),
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_mail_is_judged_alike(seed: u64) {
        one(&mut Dice(seed), Condition::AsSent);
    }

    #[test]
    fn any_damaged_mail_is_judged_alike(seed: u64) {
        one(&mut Dice(!seed), Condition::Damaged);
    }
}

#[test]
fn both_judge_damaged_mails_alike() {
    let (words, disputed) = two_hundred(20_260_102, Condition::Damaged);
    assert!(words.contains_key("dkim=neutral"), "{words:?}");
    assert!(disputed > 10, "{disputed}");
}

#[test]
fn both_judge_alike() {
    let (words, disputed) = two_hundred(20_260_101, Condition::AsSent);
    // It is about something: each of these comes often.
    for word in [
        "spf=pass",
        "spf=fail",
        "spf=softfail",
        "spf=neutral",
        "spf=none",
        "spf=temperror",
        "spf=permerror",
        "dkim=pass",
        "dkim=fail",
        "dkim=permerror",
        "dkim=temperror",
        "dkim=none",
        "dmarc=pass",
        "dmarc=fail",
        "dmarc=none",
        "dmarc=temperror",
    ] {
        assert!(
            words.get(word).is_some_and(|count| *count >= 3),
            "{word} in {words:?}"
        );
    }
    // And of most mails both say the same.
    assert!(disputed < 80, "{disputed}");
}
