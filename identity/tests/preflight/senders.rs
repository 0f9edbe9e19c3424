//! Rows of providers: who signs, whose envelope sender it is, and what that makes of DMARC.

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::{Severity, Zone};
use letterhead_identity::preflight::{Code, MailFromSource, SignatureMaker, Standing};
use letterhead_identity::{Identity, NewIdentity, Preflight, PreflightRequest, Profile, Subject};
use letterhead_spf::SpfResult;

use crate::support::{
    ask, built_in, identity, inline, key_line, key_record, message, now, of_code, only, own_domain,
    signers, zone,
};

pub(crate) const COMPANY: &str = "\
yourcompany.example. IN MX 10 mx.yourcompany.example.\n\
yourcompany.example. IN TXT \"v=spf1 mx include:amazonses.com ~all\"\n\
mx.yourcompany.example. IN A 192.0.2.1\n\
amazonses.com. IN TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n";
pub(crate) const REJECT: &str = "_dmarc.yourcompany.example. IN TXT \"v=DMARC1; p=reject\"\n";

pub(crate) fn company(extra: &str) -> Zone {
    zone(&format!("{COMPANY}{extra}"))
}

/// The three CNAMEs that the provider has issued, and its keys.
fn tokens() -> String {
    let key = key_record("r1");
    let (first, rest) = key.split_at(200);
    ["t1", "t2", "t3"]
        .map(|token| {
            format!(
                "{token}._domainkey.yourcompany.example. IN CNAME {token}.dkim.amazonses.com.\n\
                 {token}.dkim.amazonses.com. IN TXT \"{first}\" \"{rest}\"\n"
            )
        })
        .concat()
}

pub(crate) fn found(profile: &Profile, identity: &Identity, from: &str, zone: &Zone) -> Preflight {
    let message = message(from, "");
    ask(
        &PreflightRequest::new(profile, identity, &message, now()),
        zone,
    )
}

const TOKENS: (&str, &[&str]) = ("dkim-token", &["t1", "t2", "t3"]);
pub(crate) const FROM: &str = "billing@yourcompany.example";

/// Z0-38 to Z0-40, Z1-11 and what follows from them.
#[test]
fn a_tenant_with_single_addresses_only_cannot_pass_dmarc() {
    let profile = built_in("zuora-advanced");
    let billing = identity(&profile, FROM, &[]);
    let under_policy = found(&profile, &billing, FROM, &company(REJECT));
    assert_eq!(under_policy.spf.result, Some(SpfResult::Pass));
    assert_eq!(under_policy.spf.mail_from, MailFromSource::Provider);
    let signing: Vec<String> = under_policy
        .dkim
        .iter()
        .flat_map(|signature| &signature.domain)
        .map(ToString::to_string)
        .collect();
    assert_eq!(signing, ["amazonses.com"]);
    assert!(under_policy.dkim[0].is_pass());
    assert_eq!(under_policy.dmarc.result, Some(DmarcResult::Fail));
    assert_eq!(under_policy.dmarc.disposition, Some(Policy::Reject));
    let fails = only(&under_policy, Code::DmarcFails);
    assert!(
        fails
            .remedy
            .starts_with("register yourcompany.example as a domain"),
        "{fails}"
    );
    assert!(
        fails.sources.iter().any(
            |source| source.url.starts_with("https://docs.aws.amazon.com/")
                && source.as_of.is_some()
        ),
        "{fails}"
    );

    let without = found(&profile, &billing, FROM, &company(""));
    assert_eq!(without.dmarc.result, Some(DmarcResult::None));
    assert!(without.dmarc.aligned.is_empty());
    assert_eq!(
        only(&without, Code::NothingAligns).severity,
        Severity::Error
    );
}

/// Z0-13, Z0-38 to Z0-40, Z1-09, Z1-10.
#[test]
fn a_domain_identity_is_signed_for_twice_and_passes() {
    let profile = built_in("zuora-advanced");
    let domain = identity(&profile, "yourcompany.example", &[TOKENS]);
    let zone = company(&(REJECT.to_owned() + &tokens()));
    for from in [FROM, "noreply@en.yourcompany.example"] {
        let found = found(&profile, &domain, from, &zone);
        assert_eq!(
            found.dkim.len(),
            4,
            "one of the provider's and one for each token: {found}"
        );
        assert!(
            found
                .dkim
                .iter()
                .all(|signature| signature.is_pass()
                    && signature.made_by == SignatureMaker::Provider),
            "{found}"
        );
        assert_eq!(found.dkim[1].key_bits, Some(2048));
        assert_eq!(found.dmarc.result, Some(DmarcResult::Pass), "{found}");
        assert_eq!(
            found.dmarc.aligned[0].domain.as_str(),
            "yourcompany.example"
        );
        assert_eq!(
            only(&found, Code::SpfTermsDoNotAlign).severity,
            Severity::Advice
        );
    }
}

#[test]
fn one_token_without_its_key_is_enough_to_fail() {
    let profile = built_in("zuora-advanced");
    let domain = identity(&profile, "yourcompany.example", &[TOKENS]);
    let gone = tokens().replace(
        "t2._domainkey.yourcompany.example.",
        "x.yourcompany.example.",
    );
    let found_gone = found(
        &profile,
        &domain,
        FROM,
        &company(&(REJECT.to_owned() + &gone)),
    );
    assert_eq!(
        found_gone.dmarc.result,
        Some(DmarcResult::Fail),
        "{found_gone}"
    );
    let missing = only(&found_gone, Code::KeyNotPublished);
    assert_eq!(
        missing.about.as_deref(),
        Some("t2._domainkey.yourcompany.example")
    );
    assert_eq!(
        missing.remedy,
        "publish `t2._domainkey.yourcompany.example. 3600 IN CNAME t2.dkim.amazonses.com.`"
    );

    let elsewhere = tokens().replace("CNAME t2.dkim.", "CNAME t3.dkim.");
    let found_elsewhere = found(
        &profile,
        &domain,
        FROM,
        &company(&(REJECT.to_owned() + &elsewhere)),
    );
    assert_eq!(
        found_elsewhere.dkim[2].result,
        Some(DkimResult::Fail),
        "{found_elsewhere}"
    );
    assert_eq!(
        only(&found_elsewhere, Code::KeyNotPublished).problem,
        "another key is published"
    );
}

#[test]
fn what_was_not_issued_yet_leaves_the_result_unknown() {
    let profile = built_in("zuora-advanced");
    let domain = identity(&profile, "yourcompany.example", &[]);
    let found = found(&profile, &domain, FROM, &company(REJECT));
    assert_eq!(found.dmarc.result, None, "{found}");
    assert!(
        found
            .to_string()
            .contains("\nDMARC unknown for yourcompany.example"),
        "{found}"
    );
    assert!(!of_code(&found, Code::KeyAwaited).is_empty());
    assert!(of_code(&found, Code::DmarcFails).is_empty());
}

/// Z0-25 to Z0-27, Z1-03, Z1-04 and finding 3.
#[test]
fn the_providers_terms_in_the_from_domains_record_never_align() {
    let profile = built_in("amazon-ses");
    let address = identity(&profile, FROM, &[]);
    let with = found(&profile, &address, FROM, &company(REJECT));
    let terms = only(&with, Code::SpfTermsDoNotAlign);
    assert_eq!(terms.severity, Severity::Warning);
    assert!(
        terms
            .problem
            .contains("`include:amazonses.com` in its SPF record never makes DMARC pass"),
        "{terms}"
    );
    assert!(of_code(&with, Code::FromSpfRecord).is_empty(), "{with}");

    let profile = built_in("zuora-advanced");
    let address = identity(&profile, FROM, &[]);
    let text = COMPANY.replace("include:amazonses.com ", "") + REJECT;
    let without = found(&profile, &address, FROM, &zone(&text));
    let missing = only(&without, Code::FromSpfRecord);
    assert_eq!(
        (missing.severity, missing.detail.as_deref()),
        (Severity::Warning, Some("not-authorised"))
    );
    assert!(
        missing
            .remedy
            .contains("v=spf1 mx include:amazonses.com ~all"),
        "{missing}"
    );
}

/// OC-34 to OC-37: per sender, whether there is a record, and which is to be published.
#[test]
fn a_from_domain_without_spf_record_is_told_which_to_publish() {
    let profile = built_in("amazon-ses");
    let address = identity(&profile, FROM, &[]);
    let text = COMPANY.replace("v=spf1 mx include:amazonses.com ~all", "other");
    let found = found(&profile, &address, FROM, &zone(&text));
    let missing = only(&found, Code::FromSpfMissing);
    assert!(
        missing
            .remedy
            .contains("publish `v=spf1 include:amazonses.com"),
        "{missing}"
    );
}

/// ZD-27, ZD-57, ZD-60: what the customer's own server signed in between counts as well.
#[test]
fn a_signature_over_a_field_that_the_provider_replaces_breaks() {
    let ses = built_in("amazon-ses");
    let own = built_in("own-server");
    let plain = message("ada@yourcompany.example", "");
    let keys = signers("yourcompany.example");
    let mut block = Vec::new();
    for field in letterhead_dkim::sign(plain.as_bytes(), &keys, now()).unwrap() {
        block.extend_from_slice(field.as_ref());
    }
    let signed = plain.with_field_prepended(&block).unwrap();
    let lines = ["r1", "e1"].map(|selector| key_line(selector, "yourcompany.example"));
    let zone = company(&(REJECT.to_owned() + &lines.concat()));

    let address = identity(&ses, "ada@yourcompany.example", &[]);
    let replaced = ask(
        &PreflightRequest::new(&ses, &address, &signed, now()),
        &zone,
    );
    assert_eq!(replaced.dkim[0].made_by, SignatureMaker::Message);
    assert_eq!(replaced.dkim[0].result, Some(DkimResult::Fail));
    assert_eq!(replaced.dmarc.result, Some(DmarcResult::Fail), "{replaced}");
    assert_eq!(of_code(&replaced, Code::SignatureRewritten).len(), 2);

    let domain = own_domain(&own, "yourcompany.example");
    let kept = ask(&PreflightRequest::new(&own, &domain, &signed, now()), &zone);
    assert!(kept.dkim[0].is_pass());
    assert_eq!(kept.dmarc.result, Some(DmarcResult::Pass), "{kept}");

    let text = String::from_utf8(signed.as_bytes().to_vec()).unwrap();
    let changed = text.replace("Hello Bob", "Hello Eve");
    let changed =
        letterhead_mail::Message::from_bytes(changed, letterhead_mail::LineEndings::Strict)
            .unwrap();
    let broken = ask(
        &PreflightRequest::new(&ses, &address, &changed, now()),
        &zone,
    );
    assert_eq!(of_code(&broken, Code::SignatureBroken).len(), 2);
}

/// ZD-58, ZD-59: which signature there is depends on what was turned on.
#[test]
fn a_signature_that_is_turned_on_counts_once_its_key_is_there() {
    let profile = inline(
        r#"
schema = 1
id = "switched"
title = "A provider that signs when told to"
sources.page = { url = "https://provider.example/dkim", as_of = "2026-01-01" }
switch = [{ name = "digital-signatures", source = "page" }]

[[identity]]
kind = "address"
covers = "exact-address"
verified_by = "outbound-test-mail"
source = "page"

[[record]]
purpose = "dkim"
kind = "CNAME"
owner = "p1._domainkey.{domain}"
value = "p1._domainkey.provider.example."
kinds = ["address"]
switch = "digital-signatures"
necessity = "required"
source = "page"

[[signature]]
domain = "provider.example"
when = "never"
made_by = "provider"
source = "page"

[[signature]]
domain = "{identity-domain}"
when = "switched-on"
switch = "digital-signatures"
made_by = "provider"
source = "page"
"#,
    );
    let key = key_line("r1", "provider.example").replace("r1._domainkey", "p1._domainkey");
    let zone = company(&format!(
        "{REJECT}p1._domainkey.yourcompany.example. IN CNAME p1._domainkey.provider.example.\n{key}"
    ));
    let mut address = identity(&profile, FROM, &[]);
    let off = found(&profile, &address, FROM, &zone);
    assert!(off.dkim.is_empty(), "{off}");
    only(&off, Code::NotSigned);
    address
        .switches
        .insert("digital-signatures".parse().unwrap());
    let on = found(&profile, &address, FROM, &zone);
    assert!(on.dkim[0].is_pass(), "{on}");
    assert_eq!(on.dmarc.result, Some(DmarcResult::Pass));
}

#[test]
fn a_key_that_is_being_tested_does_not_count() {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "yourcompany.example");
    let lines = ["r1", "e1"].map(|selector| key_line(selector, "yourcompany.example"));
    let testing = lines.concat().replace("\"v=DKIM1;", "\"v=DKIM1; t=y\" \";");
    let found = found(
        &profile,
        &domain,
        FROM,
        &company(&(REJECT.to_owned() + &testing)),
    );
    assert!(
        found
            .dkim
            .iter()
            .all(|signature| signature.standing == Standing::Testing && !signature.is_pass()),
        "{found}"
    );
    assert!(
        found
            .dmarc
            .aligned
            .iter()
            .all(|aligned| aligned.mechanism.to_string() != "DKIM")
    );
}

#[test]
fn an_identity_that_may_not_send_is_said_to_be_so() {
    let profile = built_in("amazon-ses");
    let mut address = identity(&profile, FROM, &[]);
    address.disabled = Some(now());
    let found = found(
        &profile,
        &address,
        "other@yourcompany.example",
        &company(REJECT),
    );
    only(&found, Code::Disabled);
    only(&found, Code::NotVerified);
    assert!(
        only(&found, Code::NotAuthorised)
            .problem
            .contains("does not cover it")
    );
    assert!(!found.is_ready());
}

#[test]
fn every_profile_gives_a_report_whose_findings_name_their_source() {
    for name in Profile::built_in_names() {
        let profile = built_in(name);
        let mut reports = 0;
        for subject in ["yourcompany.example", FROM] {
            let mut new = NewIdentity::new(
                "acme".parse().unwrap(),
                profile.id().clone(),
                subject.parse::<Subject>().unwrap(),
            );
            let environments = profile.environments();
            new.environment = environments.and_then(|known| known.names.first().cloned());
            let region = profile.regions().and_then(|known| known.known.first());
            new.region = region.map(|region| region.name.clone());
            // Not every profile has identities of both kinds.
            let Ok(identity) = new.to_identity(&profile, now()) else {
                continue;
            };
            let found = found(&profile, &identity, FROM, &company(REJECT));
            assert!(found.dmarc.domain.is_some(), "{name}");
            for finding in &found.findings {
                for source in &finding.sources {
                    assert!(source.url.starts_with("https://"), "{name}: {finding}");
                }
            }
            reports += 1;
        }
        assert!(reports > 0, "{name}");
    }
}
