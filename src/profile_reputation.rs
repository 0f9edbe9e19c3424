//! From the rates that providers act on to what an application judges itself by.

use letterhead_feedback::{
    PerMillion, ReputationMetric, ReputationPolicy, ReputationThreshold, SimulatedRecipients,
};
use letterhead_identity::Profile;
use letterhead_identity::profile::{Metric, Rate, SimulatedMailboxes, Threshold};

/// How senders under these profiles are judged: by the rates at which their providers look closer, and may stop an account;
/// mail to the providers' mailbox simulators does not count. The worst verdict holds; a profile that says nothing of rates adds
/// none.
///
/// ```
/// use letterhead::identity::Profile;
/// use letterhead::feedback::{Reputation, ReputationThreshold};
/// use letterhead::profile_reputation;
///
/// let ses = Profile::built_in("amazon-ses")?;
/// let policy = profile_reputation(&[ses]).threshold(ReputationThreshold::GOOGLE[0]);
/// let reputation = Reputation::new(policy);
/// # let _ = reputation;
/// # Ok::<(), letterhead::identity::profile::ProfileError>(())
/// ```
#[must_use]
pub fn profile_reputation(profiles: &[Profile]) -> ReputationPolicy {
    let mut thresholds: Vec<ReputationThreshold> = Vec::new();
    let mut simulated = SimulatedRecipients::default();
    for profile in profiles {
        let own = profile.thresholds().iter().filter_map(threshold);
        thresholds.extend(own);
        for mailbox in profile.simulated_addresses() {
            simulated = match &mailbox.mailboxes {
                SimulatedMailboxes::Address(address) => simulated.address(address.clone()),
                SimulatedMailboxes::Domain { domain, .. } => simulated.domain(domain.clone()),
                _ => simulated,
            };
        }
    }
    ReputationPolicy::new(thresholds).simulated(simulated)
}

fn threshold(threshold: &Threshold) -> Option<ReputationThreshold> {
    let metric = match threshold.metric {
        Metric::BounceRate => ReputationMetric::BounceRate,
        Metric::ComplaintRate => ReputationMetric::ComplaintRate,
        _ => return None,
    };
    let rate = |rate: Option<Rate>| rate.and_then(|rate| PerMillion::from_ratio(rate.as_f64()));
    let (review, pause) = (rate(threshold.review), rate(threshold.pause));
    let is_said = review.is_some() || pause.is_some();
    is_said.then(|| ReputationThreshold::new(metric, review, pause))
}

#[cfg(test)]
mod tests {
    use letterhead_feedback::{ReputationPolicy, ReputationThreshold, SimulatedRecipients};
    use letterhead_identity::Profile;

    use super::profile_reputation;

    #[test]
    fn the_rates_of_a_profile_are_those_that_are_known() {
        let ses = Profile::built_in("amazon-ses").unwrap();
        let mut simulated = SimulatedRecipients::default();
        for name in ["success", "bounce", "complaint", "ooto", "suppressionlist"] {
            let address = format!("{name}@simulator.amazonses.com");
            simulated = simulated.address(address.parse().unwrap());
        }
        let expected = ReputationPolicy::new(ReputationThreshold::SES).simulated(simulated);
        assert_eq!(profile_reputation(&[ses]), expected);
    }

    #[test]
    fn every_profile_gives_a_policy() {
        let all = Profile::built_in_names().map(|name| Profile::built_in(name).unwrap());
        let all: Vec<Profile> = all.collect();
        let own = Profile::built_in("own-server").unwrap();
        assert_eq!(profile_reputation(&[own]), ReputationPolicy::new([]));
        assert_ne!(profile_reputation(&all), ReputationPolicy::new([]));
    }
}
