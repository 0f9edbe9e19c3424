//! Limits, thresholds and suppression as a profile's data.

use letterhead_identity::Profile;
use letterhead_identity::profile::{
    Amount, Changed, CountsQuota, Metric, OnSend, QuotaPer, QuotaUnit, SizeBasis, Standing,
    SuppressionCause, Window,
};

use crate::{error, profile, quota};

#[test]
fn a_quota_says_whose_mail_it_counts_and_what_of_it() {
    let text = quota("external-recipients", "hour", "7", "per = \"user\"")
        + &quota(
            "octets",
            "lifetime",
            "\"unknown\"",
            "basis = \"raw\"\nchanged = \"on-request\"",
        )
        + &quota("connections", "at-once", "3", "tier = \"trial\"");
    let profile = profile(&text);
    let [users, octets, connections] = profile.quotas() else {
        panic!("{:?}", profile.quotas());
    };
    assert_eq!(
        (users.unit, users.window, users.per, users.changed),
        (
            QuotaUnit::ExternalRecipients,
            Window::Hour,
            QuotaPer::User,
            Changed::Unknown
        )
    );
    assert_eq!(
        (octets.basis, octets.per, octets.changed, octets.window),
        (
            SizeBasis::Raw,
            QuotaPer::Account,
            Changed::OnRequest,
            Window::Lifetime
        )
    );
    assert_eq!(connections.tier.as_ref().unwrap().as_str(), "trial");
    assert_eq!(connections.basis, SizeBasis::Encoded);
    assert!(error(&quota("octets", "fortnight", "1", "")).contains("fortnight"));
    assert!(error(&quota("octets", "hour", "1", "per = \"planet\"")).contains("planet"));
}

#[test]
fn a_limit_of_a_tier_holds_in_that_tier_only() {
    let text = quota(
        "recipients",
        "rolling-day",
        "50000",
        "tier = \"enterprise\"",
    ) + &quota("recipients", "rolling-day", "200", "tier = \"trial\"")
        + &quota("octets", "message", "2000", "")
        + &quota("octets", "message", "6000", "tier = \"enterprise\"");
    let profile = profile(&text);
    let amounts = |tier: Option<&str>| -> Vec<(QuotaUnit, Amount)> {
        let tier = tier.map(|tier| tier.parse().unwrap());
        let limits = profile.limits(tier.as_ref()).unwrap();
        let quotas = limits.quotas().iter();
        quotas.map(|quota| (quota.unit, quota.maximum)).collect()
    };
    let (recipients, octets) = (QuotaUnit::Recipients, QuotaUnit::Octets);
    assert_eq!(
        amounts(Some("trial")),
        [
            (recipients, Amount::Known(200)),
            (octets, Amount::Known(2_000))
        ]
    );
    assert_eq!(
        amounts(Some("enterprise")),
        [
            (recipients, Amount::Known(50_000)),
            (octets, Amount::Known(6_000))
        ]
    );
    // Where nobody says which tier it is, what depends on it is unknown, which is not unlimited.
    assert_eq!(
        amounts(None),
        [
            (octets, Amount::Known(2_000)),
            (recipients, Amount::Unknown)
        ]
    );
    let gone = profile.limits(Some(&"gold".parse().unwrap())).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "test has no limits of a tier gold; known are: enterprise, trial"
    );
    let none = Profile::built_in("own-server").unwrap();
    let gone = none.limits(Some(&"gold".parse().unwrap())).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "own-server has no limits of a tier gold; it has no tiers, so name none"
    );
}

#[test]
fn a_message_is_checked_under_its_tier() {
    let text = quota("octets", "message", "2000", "")
        + &quota("octets", "message", "6000", "tier = \"enterprise\"")
        + &quota("octets", "message", "1000", "basis = \"raw\"")
        + &quota("external-recipients", "message", "1", "")
        + &quota("unique-recipients", "message", "3", "");
    let profile = profile(&text);
    let enterprise = profile.limits(Some(&"enterprise".parse().unwrap()));
    let enterprise = enterprise.unwrap();
    assert!(profile.check_message(3, 2_000).is_ok());
    assert!(profile.check_message(3, 2_001).is_err());
    assert!(enterprise.check_message(3, 6_000).is_ok());
    assert_eq!(
        enterprise.check_message(3, 6_001).unwrap_err().to_string(),
        "test takes at most 6000 octets a message, and this one has 6001"
    );
    assert_eq!(
        enterprise.check_message(4, 1).unwrap_err().unit,
        QuotaUnit::UniqueRecipients
    );
}

/// The operation that this route hands mail over by takes less than SMTP does.
#[test]
fn the_limits_of_the_raw_operation_are_quotas() {
    let zuora = Profile::built_in("zuora-advanced").unwrap();
    assert!(zuora.check_message(50, 10_485_760).is_ok());
    assert!(zuora.check_message(51, 1).is_err());
    assert!(zuora.check_message(1, 10_485_761).is_err());
}

const RATES: &str = "[[threshold]]\nmetric = \"bounce-rate\"\ngood = 0.02\nreview = 0.05\npause = 0.10\nsource = \"page\"\n\
    [[threshold]]\nmetric = \"complaint-rate\"\nreview = 0.001\npause = 0.005\nsource = \"page\"\n";

#[test]
fn rates_are_judged_by_the_thresholds() {
    let profile = profile(RATES);
    for (metric, count, of, standing) in [
        (Metric::BounceRate, 0, 0, Standing::Unknown),
        (Metric::BounceRate, 0, 10, Standing::Good),
        (Metric::BounceRate, 2, 100, Standing::Good),
        (Metric::BounceRate, 21, 1_000, Standing::Watch),
        (Metric::BounceRate, 49_999, 1_000_000, Standing::Watch),
        (Metric::BounceRate, 5, 100, Standing::Review),
        (Metric::BounceRate, 99, 1_000, Standing::Review),
        (Metric::BounceRate, 10, 100, Standing::Pause),
        (Metric::BounceRate, u64::MAX, 1, Standing::Pause),
        (Metric::ComplaintRate, 9, 10_000, Standing::Good),
        (Metric::ComplaintRate, 1, 1_000, Standing::Review),
        (Metric::ComplaintRate, 7, 1_400, Standing::Pause),
    ] {
        assert_eq!(
            profile.judge(metric, count, of),
            standing,
            "{metric}: {count} of {of}"
        );
    }
    let first = profile.thresholds()[0].good.unwrap();
    assert_eq!(first.to_string(), "2%");
    let second = profile.thresholds()[1].review.unwrap();
    assert_eq!(second.to_string(), "0.1%");
}

#[test]
fn without_a_threshold_nothing_is_known() {
    let nothing = profile("");
    assert_eq!(
        nothing.judge(Metric::BounceRate, 50, 100),
        Standing::Unknown
    );
    let bounces = "[[threshold]]\nmetric = \"bounce-rate\"\nsource = \"page\"\n";
    let silent = profile(bounces);
    assert_eq!(silent.judge(Metric::BounceRate, 50, 100), Standing::Unknown);
    // The worst of two pages that disagree.
    let two = profile(&format!("{bounces}good = 0.05\n{bounces}good = 0.02\n"));
    assert_eq!(two.judge(Metric::BounceRate, 3, 100), Standing::Watch);
}

#[test]
fn rates_that_cannot_be_are_refused() {
    let text = |rates: &str| {
        format!("[[threshold]]\nmetric = \"bounce-rate\"\nsource = \"page\"\n{rates}\n")
    };
    for (rates, problem) in [
        ("good = 0.2\nreview = 0.1", "rise"),
        ("review = 5.0", "from 0 to 1"),
        ("review = -0.1", "from 0 to 1"),
        ("review = nan", "from 0 to 1"),
        ("revue = 0.1", "revue"),
    ] {
        let error = error(&text(rates));
        assert!(error.contains(problem), "{rates}: {error}");
    }
}

#[test]
fn suppression_reasons_are_the_providers_words() {
    let profile = profile(
        "[suppression]\nreasons = { HARDBOUNCE = \"hard-bounce\", SOFTBOUNCE = \"soft-bounce\", COMPLAINT = \"complaint\", \
         MANUAL = \"manual\", UNSUBSCRIBE = \"unsubscribe\", UNKNOWN = \"other\" }\non_send = \"dropped\"\n\
         counts_quota = \"yes\"\nsource = \"page\"\n",
    );
    let rule = profile.suppression().unwrap();
    for (native, cause) in [
        ("HARDBOUNCE", Some(SuppressionCause::HardBounce)),
        ("SOFTBOUNCE", Some(SuppressionCause::SoftBounce)),
        ("complaint", Some(SuppressionCause::Complaint)),
        ("Manual", Some(SuppressionCause::Manual)),
        ("UNSUBSCRIBE", Some(SuppressionCause::Unsubscribe)),
        ("UNKNOWN", Some(SuppressionCause::Other)),
        // One that the provider adds later is no error, and nobody here knows what it means.
        ("SPAMTRAP", None),
    ] {
        assert_eq!(rule.cause(native), cause, "{native}");
    }
    assert_eq!(
        (rule.on_send, rule.counts_quota),
        (OnSend::Dropped, CountsQuota::Yes)
    );
    let silent = crate::profile("[suppression]\nsource = \"page\"\n");
    let silent = silent.suppression().unwrap();
    assert_eq!(
        (silent.on_send, silent.counts_quota),
        (OnSend::Unknown, CountsQuota::Unknown)
    );
    assert!(crate::profile("").suppression().is_none());
}
