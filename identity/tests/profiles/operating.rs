//! Connecting, signing in, setting up and staying in good standing.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use letterhead_identity::profile::{
    AllowList, Amount, Greylisting, InnerHopSpf, Metric, Need, Standing, SuppressionCause,
    TlsVersion,
};
use letterhead_identity::{Profile, Secret};

use crate::{new, plan, profile};

/// OC-48, OC-49, OC-C1 to OC-C9: TLS 1.2 and the nine suites.
#[test]
fn oracle_takes_nine_suites_of_tls_1_2() {
    let profile = profile("oci-email-delivery");
    let tls = profile.tls().unwrap();
    assert_eq!(
        (tls.needed, tls.floor),
        (Need::Required, Some(TlsVersion::Tls12))
    );
    assert_eq!(
        tls.cipher_suites.as_deref().unwrap(),
        [
            "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
            "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
            "TLS_RSA_WITH_AES_256_CBC_SHA256",
            "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        ]
    );
}

/// OC-46, OC-51: the host of a region by its code, the recommended port first.
#[test]
fn oracles_hosts_are_found_by_the_code_of_the_region() {
    let endpoints = profile("oci-email-delivery")
        .endpoints_in(Some(&"PHX".parse().unwrap()))
        .unwrap();
    let found: Vec<_> = endpoints
        .iter()
        .map(|one| (one.host.to_string(), one.port))
        .collect();
    let host = "smtp.email.us-phoenix-1.oci.oraclecloud.com".to_owned();
    assert_eq!(
        found,
        [(host.clone(), 587), (host.clone(), 25), (host, 465)]
    );
}

/// OC-54 to OC-61: the reasons there are, and room for those that will be added.
#[test]
fn oracles_reasons_for_suppression_are_known_and_may_grow() {
    let profile = profile("oci-email-delivery");
    let rule = profile.suppression().unwrap();
    for (word, cause) in [
        ("COMPLAINT", Some(SuppressionCause::Complaint)),
        ("HARDBOUNCE", Some(SuppressionCause::HardBounce)),
        ("SOFTBOUNCE", Some(SuppressionCause::SoftBounce)),
        ("MANUAL", Some(SuppressionCause::Manual)),
        ("UNSUBSCRIBE", Some(SuppressionCause::Unsubscribe)),
        ("UNKNOWN", Some(SuppressionCause::Other)),
        ("A_NEW_REASON", None),
    ] {
        assert_eq!(rule.cause(word), cause, "{word}");
    }
}

/// OC-31, OC-32, OC-62, OC-63, OC-64: what the API is asked.
#[test]
fn oracles_requests_have_the_form_of_the_guide() {
    let profile = profile("oci-email-delivery");
    let values: BTreeMap<String, String> = [
        ("compartment", "ocid1.compartment.oc1..aaaa"),
        ("address", "user@example.com"),
        ("suppression", "ocid1.emailsuppression.oc1..bbbb"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let body =
        "{\"compartmentId\":\"ocid1.compartment.oc1..aaaa\",\"emailAddress\":\"user@example.com\"}";
    for (name, method, path, body) in [
        ("create-identity", "POST", "/20170907/senders", Some(body)),
        (
            "add-suppression",
            "POST",
            "/20170907/suppressions",
            Some(body),
        ),
        (
            "get-suppression",
            "GET",
            "/20170907/suppressions/ocid1.emailsuppression.oc1..bbbb",
            None,
        ),
        (
            "remove-suppression",
            "DELETE",
            "/20170907/suppressions/ocid1.emailsuppression.oc1..bbbb",
            None,
        ),
    ] {
        let operation = profile.operation(&name.parse().unwrap()).unwrap();
        let request = operation.request(&values).unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            (method, path),
            "{name}"
        );
        assert_eq!(request.body.as_deref(), body, "{name}");
    }
}

/// OC-05, OC-06, OC-07, OC-12, OC-13, OC-20: two credentials a user, shown once; the permissions; ten seconds.
#[test]
fn oracles_users_have_two_credentials_and_need_permissions() {
    let profile = profile("oci-email-delivery");
    let rule = &profile.credentials()[0];
    assert_eq!(rule.maximum, Some(Amount::Known(2)));
    for (credentials, users) in [(1, 1), (2, 1), (3, 2), (5, 3)] {
        assert_eq!(rule.users_needed(credentials), Some(users));
    }
    let wanted: Vec<_> = profile
        .permissions()
        .iter()
        .map(|row| (row.verb.as_str(), row.resource.as_str()))
        .collect();
    assert_eq!(
        wanted,
        [
            ("use", "approved-senders"),
            ("manage", "approved-senders"),
            ("manage", "suppressions")
        ]
    );
    let policy = profile
        .operation(&"create-policy".parse().unwrap())
        .unwrap();
    let done = SystemTime::UNIX_EPOCH;
    assert_eq!(
        policy.takes_effect(done),
        Some(done + Duration::from_secs(10))
    );
}

/// ZD-08, ZD-10, ZD-24, ZD-26, ZD-30 to ZD-36, ZD-41, ZD-62: what the servers behind Zendesk have to do.
#[test]
fn zendesk_says_what_the_servers_behind_it_have_to_do() {
    let profile = profile("zendesk-connector");
    let relay = profile.relay().unwrap();
    assert_eq!(relay.authentication, Need::Required);
    assert_eq!(relay.ip_allow_list, AllowList::Recommended);
    assert_eq!(relay.greylisting, Greylisting::Discouraged);
    assert_eq!(relay.inner_hop_spf, Some(InnerHopSpf::Ignored));
    let fixed: Vec<&str> = relay
        .fixed_headers
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(fixed, ["To", "From", "Cc", "Reply-To"]);
    let preserved: Vec<_> = profile
        .preserved_headers()
        .iter()
        .map(|row| (row.header.as_str(), row.value.as_deref()))
        .collect();
    assert_eq!(
        preserved,
        [
            ("Auto-Submitted", Some("auto-generated")),
            ("X-Auto-Response-Suppress", Some("All")),
            ("X-Mailer", Some("Zendesk Mailer")),
            ("X-Zendesk-From-Account-Id", None),
            ("X-Zendesk-Email-Id", None),
        ]
    );
    assert_eq!(profile.forwarding().unwrap().maximum_hops, 1);
    assert_eq!(profile.tls().unwrap().needed, Need::Required);
}

/// ZD-69 to ZD-72: deleting goes through the API, one address a call; adding and credentials only by hand.
#[test]
fn zendesk_adds_addresses_by_hand_only() {
    let profile = profile("zendesk-connector");
    let api = "api".parse().unwrap();
    for (name, has_api) in [
        ("create-identity", false),
        ("enter-credentials", false),
        ("delete-identity", true),
    ] {
        let operation = profile.operation(&name.parse().unwrap()).unwrap();
        assert_eq!(operation.check_way(&api).is_ok(), has_api, "{name}");
        assert!(operation.check_way(&"console".parse().unwrap()).is_ok());
    }
    let delete = profile
        .operation(&"delete-identity".parse().unwrap())
        .unwrap();
    assert_eq!(delete.batches(&[1, 2, 3]).count(), 3);
}

/// ZD-12, ZD-13, ZD-15, ZD-40, ZD-44, ZD-49, ZD-51, ZD-52, ZD-56, ZD-59, ZD-61: the order of setting up, signatures last.
#[test]
fn zendesk_is_set_up_in_order_and_signs_last() {
    let profile = profile("zendesk-connector");
    let set_up = profile.procedure("set-up").unwrap();
    let conditions = ["microsoft", "digital-signatures"].map(|word| word.parse().unwrap());
    let mut progress = set_up.begin(conditions).unwrap();
    for (step, before) in [
        ("sandbox-clean-up", "sandbox-test"),
        ("forwarding", "sandbox-clean-up"),
        ("credentials", "smtp-auth"),
        ("add-address", "credentials"),
        ("outbound-test", "inbound-test"),
        ("digital-signatures", "cnames"),
    ] {
        let refused = set_up.check(&progress, &step.parse().unwrap()).unwrap_err();
        assert!(refused.to_string().contains(before), "{step}: {refused}");
    }
    let mut done = Vec::new();
    while let Some(step) = set_up.next(&progress).first().map(|step| step.name.clone()) {
        set_up.complete(&mut progress, &step).unwrap();
        done.push(step.to_string());
    }
    assert!(set_up.is_complete(&progress));
    assert_eq!(done.last().unwrap(), "digital-signatures");
    assert_eq!(done.len(), 14);
}

/// ZD-65 to ZD-68, Z1-26 to Z1-29 and the other procedures: every provider has a set-up, and each can be gone through to
/// its end.
#[test]
fn every_procedure_can_be_gone_through() {
    for name in Profile::built_in_names() {
        let profile = profile(name);
        assert!(profile.procedure("set-up").is_some(), "{name}");
        for procedure in profile.procedures() {
            let all: Vec<_> = procedure.conditions().into_iter().cloned().collect();
            for conditions in [Vec::new(), all] {
                let mut progress = procedure.begin(conditions).unwrap();
                while let Some(step) = procedure.next(&progress).first() {
                    let step = step.name.clone();
                    procedure.complete(&mut progress, &step).unwrap();
                }
                let what = &procedure.name;
                assert!(procedure.is_complete(&progress), "{name}: {what}");
            }
        }
    }
    for other in ["rotate", "disconnect"] {
        assert!(profile("zendesk-connector").procedure(other).is_some());
    }
}

/// Z1-17, Z1-18: an external server may have to let Zuora in; SendGrid need not.
#[test]
fn letting_addresses_in_depends_on_the_vendor() {
    let listed = |profile: &Profile| profile.relay().unwrap().ip_allow_list;
    assert_eq!(listed(&profile("zuora-external")), AllowList::Maybe);
    assert_eq!(listed(&profile("sendgrid")), AllowList::None);
}

/// Z0-28, Z0-29: rates at which Amazon looks at an account, and may stop it; of Zuora's tenants too.
#[test]
fn bounces_and_complaints_are_judged() {
    for name in ["amazon-ses", "zuora-advanced"] {
        let profile = profile(name);
        for (metric, count, standing) in [
            (Metric::BounceRate, 20, Standing::Good),
            (Metric::BounceRate, 30, Standing::Watch),
            (Metric::BounceRate, 50, Standing::Review),
            (Metric::BounceRate, 100, Standing::Pause),
            (Metric::ComplaintRate, 0, Standing::Good),
            (Metric::ComplaintRate, 5, Standing::Pause),
        ] {
            assert_eq!(
                profile.judge(metric, count, 1000),
                standing,
                "{name}: {metric} {count}"
            );
        }
    }
    assert_eq!(
        profile("mailgun").judge(Metric::BounceRate, 1000, 1000),
        Standing::Unknown
    );
}

/// Limits that depend on the tier of the account.
#[test]
fn a_sandbox_has_limits_of_its_own() {
    let ses = profile("amazon-ses");
    let daily = |tier: Option<&str>| {
        let tier = tier.map(|tier| tier.parse().unwrap());
        let limits = ses.limits(tier.as_ref()).unwrap();
        let mut rows = limits.quotas().iter();
        rows.find(|row| row.window == letterhead_identity::profile::Window::RollingDay)
            .map(|row| row.maximum)
    };
    assert_eq!(daily(Some("sandbox")), Some(Amount::Known(200)));
    assert_eq!(daily(Some("production")), Some(Amount::Unknown));
    assert_eq!(daily(None), Some(Amount::Unknown));
}

/// Amazon's passwords are derived from the key of a user, for one region.
#[test]
fn amazons_passwords_are_derived() {
    let ses = profile("amazon-ses");
    let rule = &ses.credentials()[0];
    let secret = Secret::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let password = rule
        .derivation
        .as_ref()
        .unwrap()
        .derive_password(&secret, &"eu-west-1".parse().unwrap());
    assert_eq!(
        password.expose(),
        "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"
    );
    assert!(rule.check_username("AKIAIOSFODNN7EXAMPLE").is_ok());
    assert!(rule.check_username("ASIAIOSFODNN7EXAMPLE").is_err());
    assert!(profile("zuora-advanced").credentials().is_empty());
}

/// A return path of the customer's: one MX and one SPF record, in the region.
#[test]
fn a_return_path_has_its_records_in_the_region() {
    for (name, value, region, exchange) in [
        (
            "amazon-ses",
            "mail-from-domain",
            "eu-west-1",
            "feedback-smtp.eu-west-1.amazonses.com.",
        ),
        (
            "oci-email-delivery",
            "return-path-domain",
            "FRA",
            "bmta.email.eu-frankfurt-1.oci.oraclecloud.com.",
        ),
    ] {
        let new = new(name, "yourcompany.example").region(region.parse().unwrap());
        let profile = profile(name);
        assert!(
            !plan(&profile, std::slice::from_ref(&new))
                .to_string()
                .contains(" MX "),
            "{name}"
        );
        let chosen = new.value(value, vec!["rp.yourcompany.example".to_owned()]);
        let text = plan(&profile, &[chosen]).to_string();
        let record = format!("rp.yourcompany.example. 3600 IN MX 10 {exchange}");
        assert_eq!(text.matches(&record).count(), 1, "{text}");
        assert_eq!(
            text.matches("rp.yourcompany.example. 3600 IN TXT \"v=spf1")
                .count(),
            1,
            "{text}"
        );
    }
}
