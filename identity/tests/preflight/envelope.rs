//! Whose envelope sender it is, which hosts it authorises, and where bounces go.

use letterhead_dmarc::DmarcResult;
use letterhead_dns::Severity;
use letterhead_identity::preflight::{Code, MailFromSource, SpfBasis};
use letterhead_identity::profile::ProfileError;
use letterhead_identity::{PreflightRequest, Profile};
use letterhead_mail::ReversePath;
use letterhead_spf::SpfResult;

use crate::senders::{COMPANY, FROM, REJECT, company, found};
use crate::support::{
    ask, built_in, identity, inline, message, now, of_code, only, own_domain, zone,
};

const GATEWAY: &str = r#"
schema = 1
id = "gateway"
title = "A provider's default server"
sources.page = { url = "https://provider.example/spf", as_of = "2025-12-24" }

[[identity]]
kind = "email"
covers = "exact-address"
verified_by = "mail-link"
source = "page"

[[spf]]
term = "a:zgateway.zuora.com"
necessity = "required"
source = "page"

[authentication]
needs = "any"
of = ["spf", "dkim"]
source = "page"
"#;

/// Z1-21 to Z1-23, Z2-07.
#[test]
fn a_record_that_lost_the_providers_term_does_not_authorise_it() {
    let profile = inline(GATEWAY);
    let address = identity(&profile, FROM, &[]);
    let text = |spf: &str| {
        COMPANY.replace("v=spf1 mx include:amazonses.com ~all", spf)
            + "zgateway.zuora.com. IN A 203.0.113.7\n"
            + REJECT
    };
    let good = found(
        &profile,
        &address,
        FROM,
        &zone(&text("v=spf1 mx a:zgateway.zuora.com -all")),
    );
    assert_eq!(
        (good.spf.result, good.spf.basis),
        (Some(SpfResult::Pass), SpfBasis::ProviderTerms)
    );
    assert_eq!(good.dmarc.result, Some(DmarcResult::Pass), "{good}");
    assert_eq!(only(&good, Code::Authentication).severity, Severity::Advice);

    let stripped = found(&profile, &address, FROM, &zone(&text("v=spf1 mx -all")));
    assert_eq!(stripped.spf.result, Some(SpfResult::Fail));
    assert_eq!(stripped.dmarc.result, Some(DmarcResult::Fail));
    let lint = of_code(&stripped, Code::SpfRecord);
    assert!(
        lint.iter().any(
            |finding| finding.detail.as_deref() == Some("not-authorised")
                && finding
                    .remedy
                    .contains("v=spf1 mx a:zgateway.zuora.com -all")
        ),
        "{stripped}"
    );
    // Z1-14.
    assert_eq!(
        only(&stripped, Code::Authentication).severity,
        Severity::Error
    );
}

#[test]
fn hosts_that_nobody_knows_make_spf_unknown() {
    let profile = inline(&GATEWAY.replace("a:zgateway", "a:nowhere"));
    let address = identity(&profile, FROM, &[]);
    let found = found(&profile, &address, FROM, &company(REJECT));
    assert_eq!(
        (found.spf.result, found.spf.basis),
        (None, SpfBasis::Nothing)
    );
    assert_eq!(found.dmarc.result, None);
    only(&found, Code::SpfUnknown);
    assert!(of_code(&found, Code::SpfFails).is_empty());
}

/// Z1-14.
#[test]
fn a_channel_may_ask_for_both() {
    let profile = inline(&GATEWAY.replace("\"any\"", "\"all\""));
    let address = identity(&profile, FROM, &[]);
    let text = COMPANY.replace("include:amazonses.com", "a:zgateway.zuora.com")
        + "zgateway.zuora.com. IN A 203.0.113.7\n";
    let found = found(&profile, &address, FROM, &zone(&text));
    let missing = only(&found, Code::Authentication);
    assert_eq!(missing.severity, Severity::Error);
    assert!(
        missing.problem.contains("DKIM is not known to pass"),
        "{missing}"
    );
    let nothing = GATEWAY.replace("of = [\"spf\", \"dkim\"]", "of = []");
    let error = Profile::from_toml(&nothing, |_| None).unwrap_err();
    assert!(
        matches!(
            error,
            ProfileError::NotDefined {
                section: "authentication",
                ..
            }
        ),
        "{error}"
    );
}

const CUSTOM: &str = r#"
schema = 1
id = "custom"
title = "A provider that takes an envelope sender of the customer's"
sources.page = { url = "https://provider.example/mail-from", as_of = "2026-01-01" }

[[identity]]
kind = "domain"
covers = "domain-and-subdomains"
verified_by = "dns"
source = "page"

[[value]]
name = "mail-from"
issued_by = "sender"
count = 1
source = "page"

[[record]]
purpose = "mail-from"
kind = "MX"
owner = "{mail-from}"
value = "10 feedback.provider.example."
with = "mail-from"
necessity = "required"
source = "page"

[[record]]
purpose = "mail-from"
kind = "TXT"
owner = "{mail-from}"
value = "v=spf1 include:provider.example ~all"
with = "mail-from"
necessity = "required"
source = "page"

[[spf]]
term = "include:provider.example"
necessity = "advised"
source = "page"

[[signature]]
domain = "provider.example"
when = "always"
made_by = "provider"
source = "page"

[return_path]
domain = "provider.example"
custom = "mail-from"
source = "page"
"#;

#[test]
fn an_envelope_sender_chosen_with_the_provider_aligns_once_its_records_are_there() {
    let profile = inline(CUSTOM);
    let domain = identity(
        &profile,
        "yourcompany.example",
        &[("mail-from", &["bounce.yourcompany.example"])],
    );
    let provider = "provider.example. IN TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\n";
    let records = "bounce.yourcompany.example. IN MX 10 feedback.provider.example.\n\
                   bounce.yourcompany.example. IN TXT \"v=spf1 include:provider.example ~all\"\n";
    let ready = found(
        &profile,
        &domain,
        FROM,
        &company(&[REJECT, provider, records].concat()),
    );
    assert_eq!(ready.spf.mail_from, MailFromSource::Custom);
    assert_eq!(ready.spf.result, Some(SpfResult::Pass));
    assert_eq!(ready.dmarc.result, Some(DmarcResult::Pass), "{ready}");
    assert!(of_code(&ready, Code::SpfTermsDoNotAlign).is_empty());

    let missing = found(
        &profile,
        &domain,
        FROM,
        &company(&[REJECT, provider].concat()),
    );
    assert_eq!(missing.spf.mail_from, MailFromSource::Provider);
    assert_eq!(missing.dmarc.result, Some(DmarcResult::Fail), "{missing}");
    only(&missing, Code::MailFromNotReady);

    let unchosen = identity(&profile, "yourcompany.example", &[]);
    let unchosen = found(
        &profile,
        &unchosen,
        FROM,
        &company(&[REJECT, provider].concat()),
    );
    assert!(
        only(&unchosen, Code::DmarcFails)
            .remedy
            .contains("set mail-from to a domain below"),
        "{unchosen}"
    );
}

#[test]
fn the_applications_envelope_sender_is_replaced_where_the_provider_has_its_own() {
    let profile = built_in("amazon-ses");
    let address = identity(&profile, FROM, &[]);
    let message = message(FROM, "");
    let mail_from = ReversePath::Address("bounce@yourcompany.example".parse().unwrap());
    let request = PreflightRequest::new(&profile, &address, &message, now()).mail_from(&mail_from);
    let found = ask(&request, &company(REJECT));
    assert_eq!(found.spf.mail_from, MailFromSource::Provider);
    only(&found, Code::MailFromReplaced);
    only(&found, Code::DmarcFails);
}

#[test]
fn a_domain_that_takes_no_mail_is_no_envelope_sender() {
    let profile = built_in("own-server");
    let domain = own_domain(&profile, "yourcompany.example");
    let message = message(FROM, "");
    for (zone_text, code) in [
        ("null.example. IN MX 0 .\n", "no mail"),
        (
            "null.example. IN TXT \"x\"\n",
            "neither a mail exchanger nor an address",
        ),
    ] {
        let mail_from = ReversePath::Address("bounce@null.example".parse().unwrap());
        let request =
            PreflightRequest::new(&profile, &domain, &message, now()).mail_from(&mail_from);
        let found = ask(&request, &company(zone_text));
        let finding = only(&found, Code::MailFromUnreachable);
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.problem.contains(code), "{finding}");
    }
}
