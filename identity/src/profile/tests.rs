use super::{Amount, Profile, ProfileError, ProfileId, QuotaUnit, Window};
use crate::word::Environment;

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

fn below(sections: &str) -> Result<Profile, ProfileError> {
    let head = HEAD.replace("[sources", "upstream = \"amazon-ses\"\n[sources");
    Profile::from_toml(&format!("{head}{sections}"), |id| {
        Profile::built_in(id.as_str()).ok()
    })
}

fn environment(name: &str) -> Environment {
    name.parse().unwrap()
}

#[test]
fn every_built_in_profile_loads_under_its_own_name() {
    let names: Vec<_> = Profile::built_in_names().collect();
    assert_eq!(
        names,
        [
            "amazon-ses",
            "google-workspace",
            "mailgun",
            "mailjet",
            "microsoft-365",
            "oci-email-delivery",
            "own-server",
            "postmark",
            "resend",
            "sendgrid",
            "sparkpost",
            "zendesk-connector",
            "zuora-advanced",
            "zuora-default",
            "zuora-external",
            "zuora-workflow"
        ]
    );
    for name in names {
        let profile = Profile::built_in(name).unwrap();
        assert_eq!(profile.id().as_str(), name);
        assert!(!profile.title().is_empty());
        let named = profile
            .identities()
            .iter()
            .map(|rule| &rule.source)
            .chain(profile.records().iter().map(|rule| &rule.source))
            .chain(profile.spf().iter().map(|rule| &rule.source))
            .chain(profile.quotas().iter().map(|rule| &rule.source));
        for source in named {
            assert!(profile.source(source).unwrap().url.starts_with("https://"));
        }
    }
    assert_eq!(
        Profile::built_in("nobody").unwrap_err().to_string(),
        "there is no built-in profile \"nobody\""
    );
}

#[test]
fn what_does_not_parse_is_named_with_line_column_and_key() {
    for (sections, line, column, words) in [
        ("[[quota]]\nunit = \"recipients\n", 8, 19, "string"),
        ("[[spf]]\nterms = \"mx\"\n", 8, 1, "unknown field `terms`"),
        ("colour = 1\n", 7, 1, "unknown field `colour`"),
        (
            "[[identity]]\nkind = \"a\"\ncovers = \"everything\"\n",
            9,
            10,
            "covers: unknown variant `everything`",
        ),
        (
            "[[quota]]\nunit = \"octets\"\nwindow = \"message\"\nmaximum = -1\n",
            10,
            11,
            "maximum: invalid value: integer `-1`",
        ),
        (
            "[[quota]]\nunit = \"octets\"\nwindow = \"message\"\nmaximum = \"none\"\n",
            10,
            11,
            "a number from 0, \"unlimited\" or \"unknown\"",
        ),
        (
            "[sources.b]\nurl = \"https://x.example\"\nas_of = \"2026-13-01\"\n",
            9,
            9,
            "YYYY-MM-DD",
        ),
        (
            "[[maximum]]\nkind = \"a\"\nper = \"identity\"\n",
            9,
            7,
            "per \"tenant\"",
        ),
        ("[[spf]]\nterm = \"mx\\nall\"\n", 8, 8, "term: control"),
        (
            "[[record]]\npurpose = \"dkim\"\nkind = \"A\"\n",
            9,
            8,
            "kind: A records are not planned",
        ),
        (
            "[[signature]]\ndomain = \"{identity}\"\n",
            8,
            10,
            "domain: the domain name holds '{'",
        ),
    ] {
        // A key of the document's own stands before its tables.
        let text = if sections.starts_with("colour") {
            format!(
                "{}{sections}",
                HEAD.replace("title", "\n\n\ntitle")
                    .split("[s")
                    .next()
                    .unwrap()
            )
        } else {
            format!("{HEAD}{sections}")
        };
        match Profile::from_toml(&text, |_| None) {
            Err(ProfileError::Syntax {
                line: found_line,
                column: found_column,
                problem,
            }) => {
                assert_eq!(
                    (found_line, found_column),
                    (line, column),
                    "{text}\n{problem}"
                );
                assert!(problem.contains(words), "{problem}");
            }
            other => panic!("{sections}: {other:?}"),
        }
    }
}

#[test]
fn columns_count_characters() {
    let error = read("[[spf]]\n\"äö\" = 1\n").unwrap_err();
    assert!(
        error.to_string().starts_with("line 8, column 1: "),
        "{error}"
    );
    let error = read("[[quota]]\nnote = \"äöü\", x\n").unwrap_err();
    assert!(
        error.to_string().starts_with("line 8, column 13: "),
        "{error}"
    );
}

#[test]
fn what_is_named_must_be_defined_once() {
    let identity = "[[identity]]\nkind = \"domain\"\ncovers = \"domain\"\nverified_by = \"dns\"\nsource = \"page\"\n";
    let environments = "[environments]\nsource = \"page\"\nnames = ";
    for (sections, sentence) in [
        (
            "[[spf]]\nterm = \"mx\"\nnecessity = \"required\"\nsource = \"book\"\n".to_owned(),
            "the source \"book\" is not defined; add [sources.book] with url and as_of",
        ),
        (
            format!("{identity}[[maximum]]\nkind = \"email\"\nper = \"tenant\"\ncount = 1\nsource = \"page\"\n"),
            "[maximum] names \"email\", which the profile does not define",
        ),
        (
            format!("{identity}[[exclusive]]\nkinds = [\"domain\", \"email\"]\nshare = \"domain\"\nsource = \"page\"\n"),
            "[exclusive] names \"email\", which the profile does not define",
        ),
        (
            format!("{identity}{identity}"),
            "[identity] has \"domain\" twice; leave one",
        ),
        (
            "[[spf]]\nterm = \"exists:%{i}.{zone}\"\nnecessity = \"required\"\nsource = \"page\"\n".to_owned(),
            "[spf] names \"zone\", which the profile does not define",
        ),
        (
            "[[value]]\nname = \"domain\"\nsource = \"page\"\n".to_owned(),
            "[value] has \"domain\" twice; leave one",
        ),
        (
            "[[record]]\npurpose = \"dkim\"\nkind = \"TXT\"\nowner = \"{s}.{domain}\"\nvalue = \"x\"\nper = \"identity\"\nnecessity = \"required\"\nsource = \"page\"\n".to_owned(),
            "[record] names \"s\", which the profile does not define",
        ),
        (
            format!("{environments}[\"a\", \"a\"]\n"),
            "[environments] has \"a\" twice; leave one",
        ),
        (
            format!("{environments}[\"a\", \"b\"]\nshare_verification = [[\"a\", \"b\"], [\"b\"]]\n"),
            "[environments] has \"b\" twice; leave one",
        ),
        (
            format!("{environments}[\"a\"]\nshare_verification = [[\"a\", \"c\"]]\n"),
            "[environments] names \"c\", which the profile does not define",
        ),
    ] {
        assert_eq!(read(&sections).unwrap_err().to_string(), sentence);
    }
}

#[test]
fn another_schema_is_told_from_bad_keys() {
    let text = "schema = 2\nid = \"x\"\ncolour = \"red\"\n";
    let error = Profile::from_toml(text, |_| None).unwrap_err();
    assert_eq!(error, ProfileError::Schema { found: 2 });
    let error = Profile::from_toml("id = \"x\"\ntitle = \"X\"\n", |_| None).unwrap_err();
    assert!(
        error.to_string().contains("missing field `schema`"),
        "{error}"
    );
}

#[test]
fn a_section_that_is_not_given_is_the_upstreams() {
    let ses = Profile::built_in("amazon-ses").unwrap();
    let zuora = Profile::built_in("zuora-advanced").unwrap();
    assert_eq!(zuora.upstream().map(ProfileId::as_str), Some("amazon-ses"));
    assert_eq!(zuora.signatures(), ses.signatures());
    assert_eq!(zuora.headers(), ses.headers());
    assert_ne!(zuora.spf(), ses.spf());
    assert_ne!(zuora.identities(), ses.identities());
    assert!(ses.maxima().is_empty() && ses.environments().is_none());
    assert!(
        zuora.source("easy-dkim").is_some(),
        "the upstream's sources come along"
    );

    let own = below("").unwrap();
    assert_eq!(own.spf(), ses.spf());
    assert_eq!(own.id().as_str(), "x");
}

#[test]
fn an_empty_section_says_that_there_is_none() {
    let head = HEAD.replace(
        "[sources",
        "upstream = \"amazon-ses\"\nspf = []\nquota = []\n[sources",
    );
    let own = Profile::from_toml(&head, |id| Profile::built_in(id.as_str()).ok()).unwrap();
    assert!(own.spf().is_empty() && own.quotas().is_empty());
    assert!(!own.records().is_empty());
}

#[test]
fn a_source_never_changes_what_the_upstreams_values_point_to() {
    let error = below("[sources.quotas]\nurl = \"https://x.example\"\nas_of = \"2026-01-01\"\n")
        .unwrap_err();
    assert_eq!(
        error,
        ProfileError::SourceTaken {
            name: "quotas".to_owned()
        }
    );
}

#[test]
fn an_upstream_that_is_not_there_is_an_error() {
    let head = HEAD.replace("[sources", "upstream = \"gone\"\n[sources");
    let error = Profile::from_toml(&head, |_| None).unwrap_err();
    assert_eq!(error.to_string(), "the upstream profile gone is not there");
}

#[test]
fn unknown_is_never_unlimited() {
    let quota = |unit: &str, maximum: &str| {
        format!(
            "[[quota]]\nunit = \"{unit}\"\nwindow = \"message\"\nmaximum = {maximum}\nsource = \"page\"\n"
        )
    };
    let text = quota("recipients", "\"unknown\"")
        + &quota("octets", "\"unlimited\"")
        + &quota("messages", "0");
    let profile = read(&text).unwrap();
    let amounts: Vec<Amount> = profile.quotas().iter().map(|quota| quota.maximum).collect();
    assert_eq!(
        amounts,
        [Amount::Unknown, Amount::Unlimited, Amount::Known(0)]
    );
    assert_ne!(Amount::Unknown, Amount::Unlimited);
    // A profile that gives no quota for something does not know it either.
    let ses = Profile::built_in("amazon-ses").unwrap();
    let daily = ses
        .quotas()
        .iter()
        .find(|quota| quota.window == Window::RollingDay)
        .unwrap();
    assert_eq!(daily.maximum, Amount::Unknown);
}

#[test]
fn a_message_is_checked_against_what_is_known() {
    let ses = Profile::built_in("amazon-ses").unwrap();
    assert_eq!(ses.check_message(50, 41_943_040), Ok(()));
    let over = ses.check_message(51, 1).unwrap_err();
    assert_eq!(
        (over.unit, over.maximum, over.planned),
        (QuotaUnit::Recipients, 50, 51)
    );
    assert_eq!(
        ses.check_message(1, 41_943_041).unwrap_err().to_string(),
        "amazon-ses takes at most 41943040 octets a message, and this one has 41943041"
    );
    let zuora = Profile::built_in("zuora-advanced").unwrap();
    assert_eq!(zuora.check_message(50, 10_485_760), Ok(()));
    assert!(zuora.check_message(1, 10_485_761).is_err());
    // The daily limit is none of one message, and a limit that is unknown refuses nothing by itself.
    let own = Profile::built_in("own-server").unwrap();
    assert_eq!(own.check_message(1_000, u64::MAX), Ok(()));
}

#[test]
fn environments_share_verification_within_their_group_only() {
    let zuora = Profile::built_in("zuora-advanced").unwrap();
    for (name, group) in [
        ("production", "production"),
        ("api-sandbox", "production"),
        ("developer-sandbox", "developer-sandbox"),
        ("central-sandbox", "developer-sandbox"),
    ] {
        assert_eq!(
            zuora.environment_group(&environment(name)),
            Ok(environment(group))
        );
    }
    let unknown = zuora
        .environment_group(&environment("staging"))
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no environment staging; known are: production, api-sandbox, developer-sandbox, central-sandbox"
    );
    let alone = read("[environments]\nnames = [\"a\", \"b\"]\nsource = \"page\"\n").unwrap();
    assert_eq!(
        alone.environment_group(&environment("b")),
        Ok(environment("b"))
    );
}

#[test]
fn recipients_see_the_message_id_of_the_reply() {
    let ses = Profile::built_in("amazon-ses").unwrap();
    let headers = ses.headers().unwrap();
    let first = "<0100018f-x@email.amazonses.com>";
    for (region, expected) in [
        (None, &[first][..]),
        (
            Some("eu-west-1"),
            &[first, "<0100018f-x@eu-west-1.amazonses.com>"],
        ),
        (Some(""), &[first]),
        (Some("eu.west"), &[first]),
        (Some("eu west"), &[first]),
        (Some("{reply-id}"), &[first]),
    ] {
        let ids = headers.message_ids_from_reply("Ok 0100018f-x", region);
        assert_eq!(ids, expected, "{region:?}");
    }
    assert_eq!(
        headers.message_ids_from_reply("Ok {region}", Some("eu")),
        [
            "<{region}@email.amazonses.com>",
            "<{region}@eu.amazonses.com>"
        ]
    );
    assert!(headers.message_ids_from_reply("  ", Some("eu")).is_empty());
    let silent = read("[headers]\noverwritten = [\"Date\"]\nsource = \"page\"\n").unwrap();
    let silent = silent.headers().unwrap();
    assert!(silent.message_ids_from_reply("Ok x", None).is_empty());
}
