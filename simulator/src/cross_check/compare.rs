//! Where two opinions differ.

use letterhead_dkim::DkimResult;
use letterhead_dmarc::DmarcResult;
use letterhead_identity::Authenticated;

use super::known::{KnownError, Scene, explanation};
use super::{Brought, Difference, Disagreement, DmarcOpinion, SecondOpinion};

/// All of them. `by_ours` is what mail-auth makes of DMARC when it is given what the receiver found by SPF and DKIM.
pub(super) fn disagreements(
    brought: &Brought<'_>,
    ours: &Authenticated,
    theirs: &SecondOpinion,
    by_ours: DmarcOpinion,
) -> Vec<Disagreement> {
    let scene = Scene {
        brought,
        ours,
        theirs,
    };
    let evidence = spf(ours, theirs).into_iter().chain(dkim(ours, theirs));
    let mut found: Vec<Disagreement> = evidence
        .map(|difference| Disagreement {
            difference,
            known: explanation(&scene, &difference),
        })
        .collect();
    let own = dmarc_of(ours);
    if is_same(own, theirs.dmarc) {
        return found;
    }
    let difference = Difference::Dmarc {
        ours: own,
        theirs: theirs.dmarc,
    };
    // It comes from what was found before, if both come to the same from the same.
    let known = if is_same(own, by_ours) {
        inherited(&scene, &found)
    } else {
        explanation(&scene, &difference)
    };
    found.push(Disagreement { difference, known });
    found
}

/// Why mail-auth judges by other evidence; `None` where any of it is not explained.
fn inherited(scene: &Scene<'_>, evidence: &[Disagreement]) -> Option<KnownError> {
    if evidence.iter().any(|found| found.known.is_none()) {
        return None;
    }
    if let Some(found) = evidence.first() {
        return found.known;
    }
    let is_testing = scene.ours.dkim.iter().any(|verdict| verdict.is_testing());
    is_testing.then_some(KnownError::TestingKey)
}

fn spf(ours: &Authenticated, theirs: &SecondOpinion) -> Option<Difference> {
    let (ours, theirs) = (ours.spf.result, theirs.spf);
    (ours != theirs).then_some(Difference::Spf { ours, theirs })
}

fn dkim(ours: &Authenticated, theirs: &SecondOpinion) -> Vec<Difference> {
    let fields = ours.dkim.len().max(theirs.dkim.len());
    let differences = (0..fields).filter_map(|field| {
        let own = ours.dkim.get(field).map(letterhead_dkim::Verdict::result);
        let other = theirs.dkim.get(field).and_then(|opinion| opinion.result);
        let differs = own.map(standing) != other.map(standing);
        differs.then_some(Difference::Dkim {
            field,
            ours: own,
            theirs: other,
        })
    });
    differences.collect()
}

/// What is compared of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    DoesNotHold,
    NotKnownNow,
}

fn standing(result: DkimResult) -> Standing {
    match result {
        DkimResult::Pass => Standing::Holds,
        DkimResult::TempError => Standing::NotKnownNow,
        DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy | DkimResult::PermError => {
            Standing::DoesNotHold
        }
    }
}

fn dmarc_of(ours: &Authenticated) -> DmarcOpinion {
    let verdict = ours.dmarc.as_ref();
    let result = verdict.map_or(DmarcResult::None, letterhead_dmarc::Verdict::result);
    DmarcOpinion {
        result,
        policy: verdict.and_then(letterhead_dmarc::Verdict::requested_policy),
    }
}

/// What a record asks for matters only where it is applied.
fn is_same(one: DmarcOpinion, other: DmarcOpinion) -> bool {
    let applies = matches!(one.result, DmarcResult::Pass | DmarcResult::Fail);
    one.result == other.result && (!applies || one.policy == other.policy)
}
