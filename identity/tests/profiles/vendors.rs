//! Amazon SES and the other vendors.

use letterhead_identity::Limits;
use letterhead_identity::NotAuthorized;
use letterhead_identity::profile::{
    Amount, CommonState, EndpointSecurity, OnList, QuotaUnit, SimulatedOutcome, Window,
};

use crate::{Desk, new, plan, profile, terms};

const DOMAIN: &str = "yourcompany.example";

/// Z0-30, Z1-13, Z2-11: the mailbox simulator that bounces and complaints are tried with.
#[test]
fn simulated_mailboxes_do_what_their_pages_say() {
    for (name, address, outcome) in [
        (
            "amazon-ses",
            "success@simulator.amazonses.com",
            SimulatedOutcome::Delivered,
        ),
        (
            "amazon-ses",
            "bounce+order-7@simulator.amazonses.com",
            SimulatedOutcome::Bounced,
        ),
        (
            "amazon-ses",
            "complaint@simulator.amazonses.com",
            SimulatedOutcome::Complained,
        ),
        (
            "amazon-ses",
            "ooto@simulator.amazonses.com",
            SimulatedOutcome::AutoReplied,
        ),
        (
            "amazon-ses",
            "suppressionlist@simulator.amazonses.com",
            SimulatedOutcome::Suppressed,
        ),
        (
            "zuora-advanced",
            "bounce@simulator.amazonses.com",
            SimulatedOutcome::Bounced,
        ),
        (
            "zuora-workflow",
            "complaint@simulator.amazonses.com",
            SimulatedOutcome::Complained,
        ),
        (
            "sendgrid",
            "anybody@sink.sendgrid.net",
            SimulatedOutcome::Discarded,
        ),
        (
            "postmark",
            "HardBounce@bounce-testing.postmarkapp.com",
            SimulatedOutcome::Bounced,
        ),
        (
            "postmark",
            "autoresponder@bounce-testing.postmarkapp.com",
            SimulatedOutcome::AutoReplied,
        ),
        (
            "postmark",
            "whatever@bounce-testing.postmarkapp.com",
            SimulatedOutcome::Bounced,
        ),
        (
            "sparkpost",
            "x@gmail.com.sink.sparkpostmail.com",
            SimulatedOutcome::Discarded,
        ),
        (
            "sparkpost",
            "x@fbl.bouncy-sink.trymsys.net",
            SimulatedOutcome::Complained,
        ),
    ] {
        let profile = profile(name);
        let address = address.parse().unwrap();
        let mut rows = profile.simulated_addresses().iter();
        let found = rows.find(|row| row.is_meant_by(&address));
        assert_eq!(
            found.map(|row| row.outcome),
            Some(outcome),
            "{name}: {address}"
        );
    }
    for name in ["google-workspace", "microsoft-365", "mailgun", "mailjet"] {
        assert!(profile(name).simulated_addresses().is_empty(), "{name}");
    }
}

/// Each vendor's SPF terms and the owner names of its records, for a domain with everything issued.
#[test]
fn records_stand_where_each_vendor_looks_for_them() {
    let one = |name: &'static str, value: &'static str| (name, vec![value]);
    for (name, values, spf, records) in [
        (
            "amazon-ses",
            vec![("dkim-token", vec!["a", "b", "c"])],
            &["include:amazonses.com"][..],
            &["a._domainkey.yourcompany.example. 3600 IN CNAME a.dkim.amazonses.com."][..],
        ),
        (
            "sendgrid",
            vec![
                one("return-path-domain", "em1234.yourcompany.example"),
                one("account-host", "u17.wl002.sendgrid.net"),
            ],
            &[],
            &[
                "em1234.yourcompany.example. 3600 IN CNAME u17.wl002.sendgrid.net.",
                "s1._domainkey.yourcompany.example. 3600 IN CNAME s1.domainkey.u17.wl002.sendgrid.net.",
                "s2._domainkey.yourcompany.example. 3600 IN CNAME s2.domainkey.u17.wl002.sendgrid.net.",
            ],
        ),
        (
            "mailgun",
            vec![one("selector", "k1"), one("key-record", "k=rsa; p=MIGf")],
            &["include:mailgun.org"],
            &["k1._domainkey.yourcompany.example. 3600 IN TXT \"k=rsa; p=MIGf\""],
        ),
        (
            "postmark",
            vec![
                one("selector", "20260101120000pm"),
                one("key-record", "k=rsa; p=MIGf"),
                one("return-path-domain", "pm-bounces.yourcompany.example"),
            ],
            &[],
            &[
                "20260101120000pm._domainkey.yourcompany.example. 3600 IN TXT \"k=rsa; p=MIGf\"",
                "pm-bounces.yourcompany.example. 3600 IN CNAME pm.mtasv.net.",
            ],
        ),
        (
            "mailjet",
            vec![
                one("ownership-name", "abcdef0123456789"),
                one("ownership-token", "0123456789abcdef"),
                one("key-record", "k=rsa; p=FFFF"),
            ],
            &["include:spf.mailjet.com"],
            &[
                "abcdef0123456789.yourcompany.example. 3600 IN TXT \"0123456789abcdef\"",
                "mailjet._domainkey.yourcompany.example. 3600 IN TXT \"k=rsa; p=FFFF\"",
            ],
        ),
        (
            "sparkpost",
            vec![
                one("selector", "scph0316"),
                one("key-record", "v=DKIM1; k=rsa; p=MIGf"),
                one("return-path-domain", "bounces.yourcompany.example"),
            ],
            &[],
            &[
                "scph0316._domainkey.yourcompany.example. 3600 IN TXT \"v=DKIM1; k=rsa; p=MIGf\"",
                "bounces.yourcompany.example. 3600 IN CNAME sparkpostmail.com.",
            ],
        ),
        (
            "google-workspace",
            vec![one("key-record", "v=DKIM1; k=rsa; p=MIGf")],
            &["include:_spf.google.com"],
            &["google._domainkey.yourcompany.example. 3600 IN TXT \"v=DKIM1; k=rsa; p=MIGf\""],
        ),
        (
            "microsoft-365",
            vec![
                one(
                    "selector1-target",
                    "selector1-yourcompany-example._domainkey.yc.n-v1.dkim.mail.microsoft",
                ),
                one(
                    "selector2-target",
                    "selector2-yourcompany-example._domainkey.yc.n-v1.dkim.mail.microsoft",
                ),
            ],
            &["include:spf.protection.outlook.com"],
            &[
                "selector1._domainkey.yourcompany.example. 3600 IN CNAME selector1-yourcompany-example._domainkey.yc.n-v1.dkim.mail.microsoft.",
                "selector2._domainkey.yourcompany.example. 3600 IN CNAME selector2-yourcompany-example._domainkey.yc.n-v1.dkim.mail.microsoft.",
            ],
        ),
    ] {
        let mut new = new(name, DOMAIN);
        for (value, several) in values {
            new = new.value(value, several.into_iter().map(str::to_owned).collect());
        }
        let plan = plan(&profile(name), &[new]);
        assert_eq!(terms(&plan), spf, "{name}");
        let text = plan.to_string();
        for record in records {
            assert!(text.contains(record), "{name}: {record}\n{text}");
        }
        assert!(!text.contains('{'), "{name} awaits something:\n{text}");
    }
}

/// The servers that mail is handed to, in the order of preference; Z1-16, ZD-53, ZD-54.
#[test]
fn servers_and_ports_are_those_of_the_pages() {
    for (name, host, ports) in [
        (
            "amazon-ses",
            "email-smtp.{region}.amazonaws.com",
            &[587, 465, 2587, 2465, 25][..],
        ),
        ("sendgrid", "smtp.sendgrid.net", &[587, 465, 2525, 25]),
        ("mailgun", "smtp.mailgun.org", &[587, 465, 2525, 25]),
        ("mailgun", "smtp.eu.mailgun.org", &[587, 465]),
        ("postmark", "smtp.postmarkapp.com", &[587, 2525, 25]),
        ("mailjet", "in-v3.mailjet.com", &[587, 465]),
        ("sparkpost", "smtp.sparkpostmail.com", &[587, 2525]),
        ("google-workspace", "smtp.gmail.com", &[587, 465]),
        ("google-workspace", "smtp-relay.gmail.com", &[587]),
        ("microsoft-365", "smtp.office365.com", &[587, 25]),
    ] {
        let profile = profile(name);
        let rows = profile.endpoints().iter().filter(|row| row.host == host);
        assert_eq!(
            rows.clone().map(|row| row.port).collect::<Vec<_>>(),
            ports,
            "{name}"
        );
        for row in rows {
            let is_implicit = matches!(row.port, 465 | 2465);
            assert_eq!(
                row.security == EndpointSecurity::Implicit,
                is_implicit,
                "{name}"
            );
        }
    }
}

/// Limits of one message, as far as pages agree on them; Z0-17.
#[test]
fn messages_are_held_to_what_is_published() {
    for (name, recipients, octets) in [
        ("amazon-ses", Some(50), Some(41_943_040)),
        ("sendgrid", None, None),
        ("mailgun", None, Some(26_214_400)),
        ("postmark", Some(50), Some(10_485_760)),
        ("mailjet", None, None),
        ("sparkpost", None, Some(20_971_520)),
        ("google-workspace", Some(100), None),
        ("microsoft-365", None, None),
    ] {
        let profile = profile(name);
        let (most, size) = (recipients.unwrap_or(1_000_000), octets.unwrap_or(1 << 40));
        assert!(profile.check_message(most, size).is_ok(), "{name}");
        assert_eq!(
            profile.check_message(most + 1, 1).is_err(),
            recipients.is_some(),
            "{name}"
        );
        assert_eq!(
            profile.check_message(1, size + 1).is_err(),
            octets.is_some(),
            "{name}"
        );
    }
}

/// Each provider's own words for states of verification.
#[test]
fn states_of_verification_are_known_by_their_names() {
    for (name, kind, word, state) in [
        ("amazon-ses", "domain", "SUCCESS", CommonState::Verified),
        (
            "amazon-ses",
            "email",
            "TEMPORARY_FAILURE",
            CommonState::Temporary,
        ),
        ("amazon-ses", "email", "Pending", CommonState::Pending),
        ("sparkpost", "domain", "unverified", CommonState::NotStarted),
        ("mailjet", "domain", "OK", CommonState::Verified),
    ] {
        let profile = profile(name);
        let rule = profile.identity(&kind.parse().unwrap()).unwrap();
        assert_eq!(rule.states.get(word), Some(&state), "{name}");
    }
}

/// Identities of Amazon SES belong to the region that they are registered in, where one is named.
#[test]
fn regions_of_amazon_are_told_apart_where_they_are_named() {
    let desk = Desk::new("amazon-ses");
    let here = new("amazon-ses", DOMAIN).region("eu-west-1".parse().unwrap());
    desk.prove(&desk.create(&here).unwrap());
    let from = "x@en.yourcompany.example";
    assert!(desk.authorize_in(from, "", "", "eu-west-1").is_ok());
    for region in ["us-east-1", ""] {
        assert!(matches!(
            desk.authorize_in(from, "", "", region),
            Err(NotAuthorized::OtherRegion { .. })
        ));
    }
}

/// A customer's own numbers stand in place of those that are not known, and of those that are.
#[test]
fn a_customers_own_numbers_stand_in_place_of_the_profiles() {
    let maximum = |limits: &Limits, unit, window| {
        let mut quotas = limits.quotas().iter();
        let quota = quotas.find(|quota| quota.unit == unit && quota.window == window);
        quota.map(|quota| quota.maximum)
    };
    let (recipients, octets) = (QuotaUnit::Recipients, QuotaUnit::Octets);
    let limits = profile("amazon-ses").limits(None).unwrap();
    assert_eq!(
        maximum(&limits, recipients, Window::Second),
        Some(Amount::Unknown)
    );
    let own = limits
        .with_maximum(recipients, Window::Second, Amount::Known(14))
        .with_maximum(recipients, Window::Message, Amount::Known(5))
        .with_maximum(octets, Window::RollingDay, Amount::Known(1_000_000));
    assert_eq!(
        maximum(&own, recipients, Window::Second),
        Some(Amount::Known(14))
    );
    assert_eq!(
        maximum(&own, octets, Window::RollingDay),
        Some(Amount::Known(1_000_000))
    );
    assert_eq!(own.check_message(6, 100).unwrap_err().maximum, 5);
    own.check_message(5, 100).unwrap();
}

/// What Resend's pages say that no other profile has: an address for each fate, and a return path below the domain.
#[test]
fn resends_test_addresses_have_labels() {
    let profile = profile("resend");
    for (address, outcome) in [
        ("delivered@resend.dev", SimulatedOutcome::Delivered),
        ("bounced+signup@resend.dev", SimulatedOutcome::Bounced),
        ("complained@resend.dev", SimulatedOutcome::Complained),
        ("suppressed+1@resend.dev", SimulatedOutcome::Suppressed),
    ] {
        let address = address.parse().unwrap();
        let mut rows = profile.simulated_addresses().iter();
        let row = rows.find(|row| row.is_meant_by(&address)).unwrap();
        assert_eq!(
            (row.outcome, row.on_list),
            (outcome, OnList::Never),
            "{address}"
        );
    }
    let free = profile.limits(Some(&"free".parse().unwrap())).unwrap();
    assert_eq!(free.quotas()[0].maximum, Amount::Known(100));
}
