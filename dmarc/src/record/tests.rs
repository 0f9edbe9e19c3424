use super::{
    Applicability, NoteKind, PolicyTag, PublicSuffix, Record, RecordError, Subject, TestMode,
};
use crate::{AlignmentMode, FailureOption, FailureOptions, Policy, ReportUriError};

fn record(text: &str) -> Record {
    text.parse().unwrap()
}

#[test]
fn the_version_comes_first_and_is_exact() {
    for text in [
        "v=DMARC1",
        "v=DMARC1;",
        "v = DMARC1 ; p=none",
        "V=DMARC1;p=none",
        "v\t=\tDMARC1",
    ] {
        assert!(text.parse::<Record>().is_ok(), "{text}");
    }
    for text in [
        "",
        ";",
        "p=none",
        "p=none; v=DMARC1",
        " v=DMARC1",
        ";v=DMARC1",
        "DMARC1",
        "v",
        "vv=DMARC1",
    ] {
        assert_eq!(
            text.parse::<Record>(),
            Err(RecordError::NoVersion),
            "{text}"
        );
    }
    for (text, found) in [
        ("v=dmarc1; p=none", "dmarc1"),
        ("v=DMARC2; p=none", "DMARC2"),
        ("v=DMARC1 p=none", "DMARC1 p=none"),
        ("v=DMARC10", "DMARC10"),
        ("v=", ""),
        ("v=spf1 -all", "spf1 -all"),
    ] {
        let found = found.into();
        assert_eq!(
            text.parse::<Record>(),
            Err(RecordError::WrongVersion { found }),
            "{text}"
        );
    }
}

#[test]
fn every_tag_is_read() {
    let all = record(
        "v=DMARC1; fo=1:s; ruf=https://x/; rua=mailto:a@b.example , mailto:c@d.example; aspf=s; \
         adkim=s; t=y; psd=n; np=reject; sp=quarantine; p=none",
    );
    assert_eq!(all.policy(), Some(Policy::None));
    assert_eq!(all.subdomain_policy(), Some(Policy::Quarantine));
    assert_eq!(all.nonexistent_subdomain_policy(), Some(Policy::Reject));
    assert_eq!(all.public_suffix(), PublicSuffix::No);
    assert_eq!(all.test_mode(), TestMode::On);
    assert_eq!(all.dkim_alignment(), AlignmentMode::Strict);
    assert_eq!(all.spf_alignment(), AlignmentMode::Strict);
    assert_eq!(all.aggregate_reports().len(), 2);
    assert_eq!(all.failure_reports().len(), 1);
    let options = FailureOptions::new([FailureOption::AnyFails, FailureOption::SpfFails]);
    assert_eq!(all.failure_options(), options.ok());
    assert_eq!(all.notes(), []);
    assert_eq!(
        all.to_string(),
        "v=DMARC1; p=none; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; \
         rua=mailto:a@b.example,mailto:c@d.example; ruf=https://x/; fo=1:s"
    );
}

#[test]
fn absent_tags_have_their_defaults() {
    let bare = record("v=DMARC1");
    assert_eq!(bare.policy(), None);
    assert_eq!(
        bare.requested_policy(Subject::PolicyDomain),
        Some(Policy::None)
    );
    assert_eq!(bare.public_suffix(), PublicSuffix::Unspecified);
    assert_eq!(bare.test_mode(), TestMode::Off);
    assert_eq!(bare.dkim_alignment(), AlignmentMode::Relaxed);
    assert_eq!(bare.spf_alignment(), AlignmentMode::Relaxed);
    assert_eq!(bare.failure_options(), None);
    assert_eq!(bare.applicability(), Applicability::Applies);
}

#[test]
fn the_policy_falls_back_from_np_to_sp_to_p() {
    use Policy::{None, Quarantine, Reject};
    for (text, own, existing, nonexistent) in [
        ("v=DMARC1; p=reject", Reject, Reject, Reject),
        ("v=DMARC1; p=reject; sp=none", Reject, None, None),
        ("v=DMARC1; p=none; np=reject", None, None, Reject),
        (
            "v=DMARC1; p=none; sp=quarantine; np=reject",
            None,
            Quarantine,
            Reject,
        ),
        ("v=DMARC1; sp=reject", None, Reject, Reject),
        ("v=DMARC1; np=reject", None, None, Reject),
        (
            "v=DMARC1; p=reject; sp=quarantine; np=none; t=y",
            Quarantine,
            None,
            None,
        ),
        ("v=DMARC1; p=none; np=reject; t=y", None, None, Quarantine),
        (
            "v=DMARC1; p=REJECT; sp=Quarantine; T=N",
            Reject,
            Quarantine,
            Quarantine,
        ),
    ] {
        let record = record(text);
        for (subject, policy) in [
            (Subject::PolicyDomain, own),
            (Subject::ExistingSubdomain, existing),
            (Subject::Subdomain, existing),
            (Subject::NonexistentSubdomain, nonexistent),
        ] {
            assert_eq!(
                record.requested_policy(subject),
                Some(policy),
                "{text} {subject:?}"
            );
        }
    }
}

#[test]
fn an_invalid_policy_acts_as_none_only_with_a_valid_rua() {
    for (text, applicability) in [
        (
            "v=DMARC1; p=block",
            Applicability::DoesNotApply(PolicyTag::Domain),
        ),
        (
            "v=DMARC1; p=reject; sp=x",
            Applicability::DoesNotApply(PolicyTag::Subdomain),
        ),
        (
            "v=DMARC1; p=reject; np=x; ruf=mailto:a@b.example",
            Applicability::DoesNotApply(PolicyTag::NonexistentSubdomain),
        ),
        (
            "v=DMARC1; p=block; rua=nonsense",
            Applicability::DoesNotApply(PolicyTag::Domain),
        ),
        (
            "v=DMARC1; p=block; rua=nonsense,mailto:a@b.example",
            Applicability::ActsAsNone(PolicyTag::Domain),
        ),
        (
            "v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example",
            Applicability::ActsAsNone(PolicyTag::Subdomain),
        ),
        (
            "v=DMARC1; p=reject; np=x; rua=mailto:a@b.example!10m",
            Applicability::ActsAsNone(PolicyTag::NonexistentSubdomain),
        ),
        // The tag is there, so the policy is not missing but invalid.
        (
            "v=DMARC1; p=",
            Applicability::DoesNotApply(PolicyTag::Domain),
        ),
        (
            "v=DMARC1; psd=x; t=x; adkim=x; aspf=x; fo=x; p=reject",
            Applicability::Applies,
        ),
    ] {
        let record = record(text);
        assert_eq!(record.applicability(), applicability, "{text}");
        let expected = match applicability {
            Applicability::Applies => continue,
            Applicability::ActsAsNone(_) => Some(Policy::None),
            Applicability::DoesNotApply(_) => None,
        };
        for subject in [Subject::PolicyDomain, Subject::NonexistentSubdomain] {
            assert_eq!(record.requested_policy(subject), expected, "{text}");
        }
        assert_eq!(
            record
                .to_string()
                .parse::<Record>()
                .unwrap()
                .applicability(),
            applicability
        );
    }
}

#[test]
fn failure_options_count_only_with_ruf() {
    assert_eq!(record("v=DMARC1; fo=1").failure_options(), None);
    let with_ruf = |fo: &str| {
        record(&format!("v=DMARC1; ruf=mailto:a@b.example{fo}"))
            .failure_options()
            .map(|options| options.to_string())
    };
    assert_eq!(with_ruf("").as_deref(), Some("0"));
    assert_eq!(with_ruf("; fo=1:d:s").as_deref(), Some("1:d:s"));
    // 0 and 1 exclude each other: the default takes over.
    assert_eq!(with_ruf("; fo=0:1").as_deref(), Some("0"));
}

#[test]
fn unknown_tags_are_kept_and_ignored() {
    let record = record("v=DMARC1; x=y z; p=reject; Future=1=2");
    assert_eq!(
        record.requested_policy(Subject::PolicyDomain),
        Some(Policy::Reject)
    );
    let tags: Vec<_> = record
        .unknown_tags()
        .iter()
        .map(|tag| (tag.name(), tag.value()))
        .collect();
    assert_eq!(tags, [("x", "y z"), ("Future", "1=2")]);
    assert_eq!(record.to_string(), "v=DMARC1; p=reject; x=y z; Future=1=2");
}

#[test]
fn what_is_passed_over_is_noted_with_its_place() {
    let invalid = |name, value: &str| NoteKind::InvalidValue {
        name,
        value: value.into(),
    };
    let obsolete = |name, value: &str| NoteKind::ObsoleteTag {
        name,
        value: value.into(),
    };
    for (text, offset, kind) in [
        ("v=DMARC1; pct=50", 10, obsolete("pct", "50")),
        ("v=DMARC1; rf=afrf", 10, obsolete("rf", "afrf")),
        ("v=DMARC1; RI=1", 10, obsolete("ri", "1")),
        ("v=DMARC1; p=x", 12, invalid("p", "x")),
        ("v=DMARC1; psd = q", 16, invalid("psd", "q")),
        ("v=DMARC1;t=maybe", 11, invalid("t", "maybe")),
        ("v=DMARC1;adkim=relaxed", 15, invalid("adkim", "relaxed")),
        ("v=DMARC1;fo=0:1", 12, invalid("fo", "0:1")),
        ("v=DMARC1;p", 9, NoteKind::NotATag),
        ("v=DMARC1;p=", 11, invalid("p", "")),
        ("v=DMARC1;x=", 9, NoteKind::NotATag),
        ("v=DMARC1;=none", 9, NoteKind::NotATag),
        ("v=DMARC1;p1=none", 9, NoteKind::NotATag),
        ("v=DMARC1;x=\u{e9}", 9, NoteKind::NotATag),
        (
            "v=DMARC1;p=none;P=reject",
            16,
            NoteKind::RepeatedTag { name: "P".into() },
        ),
        (
            "v=DMARC1;v=DMARC1",
            9,
            NoteKind::RepeatedTag { name: "v".into() },
        ),
        (
            "v=DMARC1;rua=urn:x!10m",
            13,
            NoteKind::ObsoleteSizeLimit {
                limit: "10m".into(),
            },
        ),
        (
            "v=DMARC1;rua=urn:x,y",
            19,
            NoteKind::InvalidReportUri {
                uri: "y".into(),
                error: ReportUriError::NoScheme,
            },
        ),
        (
            "v=DMARC1;ruf=urn:\u{1}",
            13,
            NoteKind::InvalidReportUri {
                uri: "urn:?".into(),
                error: ReportUriError::Character { offset: 4 },
            },
        ),
    ] {
        let record = record(text);
        let notes: Vec<_> = record
            .notes()
            .iter()
            .map(|note| (note.offset(), note.kind().clone()))
            .collect();
        assert_eq!(notes, [(offset, kind)], "{text}");
        let canonical: Record = record.to_string().parse().unwrap();
        assert_eq!(canonical.applicability(), record.applicability(), "{text}");
    }
    assert_eq!(
        record("v=DMARC1; pct=50").notes()[0].to_string(),
        "at offset 10: pct=50 is obsolete and has no effect; remove it"
    );
}

#[test]
fn empty_pieces_are_no_tags() {
    let record = record("v=DMARC1;; ;\t; p=reject; ;");
    assert_eq!(record.notes(), []);
    assert_eq!(record.policy(), Some(Policy::Reject));
}
