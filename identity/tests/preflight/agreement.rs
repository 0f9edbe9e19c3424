//! What is predicted for a message is what a receiver finds in it once it is signed and has come from those hosts.

use std::collections::BTreeSet;
use std::net::IpAddr;

use letterhead_dkim::sign;
use letterhead_dmarc::DmarcResult::{self, Fail, None as NoPolicy, Pass, TempError};
use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::authenticate::Arrival;
use letterhead_identity::preflight::{Code, SpfBasis};
use letterhead_identity::{PreflightRequest, authenticate};
use letterhead_mail::ReversePath;

use crate::support::{ask, built_in, key_line, message, now, of_code, own_domain, signers, zone};

/// A way in which mail of example.org is set up.
struct SetUp {
    name: &'static str,
    from: &'static str,
    /// Empty for the null sender.
    mail_from: &'static str,
    client: &'static str,
    /// What is other than in [`ZONE`]: a text there, and what stands in its place.
    changes: &'static [(&'static str, &'static str)],
    /// What DMARC comes to, so that both cannot be wrong together.
    dmarc: DmarcResult,
    /// What passes and is aligned, `SPF` or `DKIM` and the domain.
    aligned: &'static [&'static str],
    /// Kinds of findings that say what is wrong.
    codes: &'static [Code],
}

const GOOD: SetUp = SetUp {
    name: "all is well",
    from: "ada@example.org",
    mail_from: "bounce@example.org",
    client: "192.0.2.9",
    changes: &[],
    dmarc: Pass,
    aligned: &["DKIM example.org", "SPF example.org"],
    codes: &[],
};

const ZONE: &str = "\
example.org. IN MX 10 mta.example.org.\n\
example.org. IN TXT \"v=spf1 a:mta.example.org -all\"\n\
mta.example.org. IN A 192.0.2.9\n\
mta.example.org. IN TXT \"v=spf1 a -all\"\n\
9.2.0.192.in-addr.arpa. IN PTR mta.example.org.\n\
7.100.51.198.in-addr.arpa. IN PTR elsewhere.example.\n\
elsewhere.example. IN A 198.51.100.7\n\
news.example.org. IN MX 10 mta.example.org.\n\
news.example.org. IN TXT \"v=spf1 a:mta.example.org -all\"\n\
other.example. IN MX 10 mta.example.org.\n\
other.example. IN TXT \"v=spf1 ip4:192.0.2.9 -all\"\n\
_dmarc.example.org. IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.org\"\n\
KEYS";

const BOTH: &[&str] = &["DKIM example.org", "SPF example.org"];
const DKIM: &[&str] = &["DKIM example.org"];
const SPF: &[&str] = &["SPF example.org"];
const NO_KEYS: (&str, &str) = ("KEYS", "");
const SPF_RECORD: &str = "\"v=spf1 a:mta.example.org -all\"";
const POLICY: &str = "p=reject;";

fn set_ups() -> Vec<SetUp> {
    vec![
        GOOD,
        SetUp {
            name: "aligned by DKIM only: the envelope sender is at another domain",
            mail_from: "x@other.example",
            aligned: DKIM,
            ..GOOD
        },
        SetUp {
            name: "aligned by DKIM only: from a host that is not authorised",
            client: "198.51.100.7",
            aligned: DKIM,
            codes: &[Code::SpfFails],
            ..GOOD
        },
        SetUp {
            name: "aligned by SPF only: the keys are not published",
            changes: &[NO_KEYS],
            aligned: SPF,
            codes: &[Code::KeyNotPublished],
            ..GOOD
        },
        SetUp {
            name: "aligned by SPF only: the keys are withdrawn",
            changes: &[(
                "KEYS",
                "r1._domainkey.example.org. IN TXT \"v=DKIM1; p=\"\ne1._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519; p=\"\n",
            )],
            aligned: SPF,
            codes: &[Code::KeyNotPublished],
            ..GOOD
        },
        SetUp {
            name: "neither: no keys, and from elsewhere",
            client: "198.51.100.7",
            changes: &[NO_KEYS],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::KeyNotPublished, Code::SpfFails, Code::DmarcFails],
            ..GOOD
        },
        SetUp {
            name: "neither: SPF passes for another domain",
            mail_from: "x@other.example",
            changes: &[NO_KEYS],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails],
            ..GOOD
        },
        SetUp {
            name: "neither, and no policy",
            client: "198.51.100.7",
            changes: &[NO_KEYS, ("_dmarc.example.org.", "x.example.org.")],
            dmarc: NoPolicy,
            aligned: &[],
            codes: &[Code::NothingAligns, Code::DmarcRecord],
            ..GOOD
        },
        SetUp {
            name: "strict alignment holds at the domain itself",
            changes: &[(POLICY, "p=reject; adkim=s; aspf=s;")],
            aligned: BOTH,
            ..GOOD
        },
        SetUp {
            name: "strict alignment fails for a subdomain that the domain signs for",
            from: "ada@news.example.org",
            mail_from: "bounce@example.org",
            changes: &[(POLICY, "p=reject; adkim=s; aspf=s;")],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails],
            ..GOOD
        },
        SetUp {
            name: "strict alignment of DKIM, relaxed of SPF",
            from: "ada@news.example.org",
            changes: &[(POLICY, "p=reject; adkim=s;")],
            aligned: SPF,
            ..GOOD
        },
        SetUp {
            name: "relaxed alignment of a subdomain",
            from: "ada@news.example.org",
            mail_from: "bounce@news.example.org",
            aligned: &["DKIM example.org", "SPF news.example.org"],
            ..GOOD
        },
        SetUp {
            name: "a subdomain has the subdomain policy",
            from: "ada@news.example.org",
            mail_from: "x@other.example",
            changes: &[NO_KEYS, (POLICY, "p=reject; sp=quarantine;")],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails],
            ..GOOD
        },
        SetUp {
            name: "a subdomain that does not exist has its own policy",
            from: "ada@gone.example.org",
            mail_from: "x@other.example",
            changes: &[NO_KEYS, (POLICY, "p=reject; sp=quarantine; np=none;")],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails, Code::FromUnreachable],
            ..GOOD
        },
        SetUp {
            name: "test mode weakens the policy",
            client: "198.51.100.7",
            changes: &[NO_KEYS, (POLICY, "p=reject; t=y;")],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails],
            ..GOOD
        },
        SetUp {
            name: "SPF is a permerror: two records",
            changes: &[(
                SPF_RECORD,
                "\"v=spf1 a:mta.example.org -all\"\nexample.org. IN TXT \"v=spf1 mx -all\"",
            )],
            aligned: DKIM,
            codes: &[Code::SpfFails, Code::SpfRecord],
            ..GOOD
        },
        SetUp {
            name: "SPF is a permerror: an include without record",
            changes: &[(SPF_RECORD, "\"v=spf1 include:gone.example -all\"")],
            aligned: DKIM,
            codes: &[Code::SpfFails, Code::SpfRecord],
            ..GOOD
        },
        SetUp {
            name: "no SPF record",
            changes: &[(SPF_RECORD, "\"nothing\"")],
            aligned: DKIM,
            codes: &[Code::SpfWeak, Code::SpfRecord],
            ..GOOD
        },
        SetUp {
            name: "softfail",
            client: "198.51.100.7",
            changes: &[(SPF_RECORD, "\"v=spf1 a:mta.example.org ~all\"")],
            aligned: DKIM,
            codes: &[Code::SpfWeak],
            ..GOOD
        },
        SetUp {
            name: "the null sender, aligned by the host's name",
            mail_from: "",
            aligned: &["DKIM example.org", "SPF mta.example.org"],
            ..GOOD
        },
        SetUp {
            name: "an envelope sender at an address",
            mail_from: "bounce@[192.0.2.9]",
            aligned: DKIM,
            codes: &[Code::SpfWeak],
            ..GOOD
        },
        SetUp {
            name: "the keys cannot be looked up",
            client: "198.51.100.7",
            changes: &[(
                "KEYS",
                ";fault r1._domainkey.example.org TXT servfail\n;fault e1._domainkey.example.org TXT timeout\n",
            )],
            dmarc: TempError,
            aligned: &[],
            codes: &[Code::LookupFailed],
            ..GOOD
        },
        SetUp {
            name: "the SPF record cannot be looked up",
            changes: &[
                NO_KEYS,
                (SPF_RECORD, "\"x\"\n;fault example.org TXT servfail"),
            ],
            dmarc: TempError,
            aligned: &[],
            codes: &[Code::LookupFailed],
            ..GOOD
        },
        SetUp {
            name: "the policy cannot be looked up",
            changes: &[(
                "_dmarc.example.org.",
                ";fault _dmarc.example.org TXT servfail\nx.example.org.",
            )],
            dmarc: TempError,
            aligned: &[],
            codes: &[Code::LookupFailed],
            ..GOOD
        },
        SetUp {
            name: "a policy that is none",
            client: "198.51.100.7",
            changes: &[NO_KEYS, (POLICY, "p=none;")],
            dmarc: Fail,
            aligned: &[],
            codes: &[Code::DmarcFails],
            ..GOOD
        },
    ]
}

fn zone_of(set_up: &SetUp) -> Zone {
    let mut text = ZONE.to_owned();
    for (from, to) in set_up.changes {
        assert!(text.contains(from), "{}: {from}", set_up.name);
        // The first only: other domains have records of the same text.
        text = text.replacen(from, to, 1);
    }
    let keys = ["r1", "e1"].map(|selector| key_line(selector, "example.org"));
    zone(&text.replace("KEYS", &keys.concat()))
}

#[test]
fn what_is_predicted_comes_true() {
    let profile = built_in("own-server");
    let identity = own_domain(&profile, "example.org");
    let keys = signers("example.org");
    for set_up in set_ups() {
        let zone = zone_of(&set_up);
        let plain = message(set_up.from, "");
        let mail_from = match set_up.mail_from {
            "" => ReversePath::Null,
            address => ReversePath::Address(address.parse().unwrap()),
        };
        let client: [IpAddr; 1] = [set_up.client.parse().unwrap()];

        let fields = sign(plain.as_bytes(), &keys, now()).unwrap();
        let mut block = Vec::new();
        for field in &fields {
            block.extend_from_slice(field.as_ref());
        }
        let signed = plain.with_field_prepended(&block).unwrap();
        let arrival = Arrival::new(client[0], "mta.example.org", &mail_from, now());
        let receiver = "mx.example.net".parse().unwrap();
        let real = block_on_ready(authenticate(&signed, &arrival, &receiver, &zone)).unwrap();
        let dmarc = real.dmarc.as_ref().unwrap();
        assert_eq!(dmarc.result(), set_up.dmarc, "{}", set_up.name);

        let request = PreflightRequest::new(&profile, &identity, &plain, now())
            .mail_from(&mail_from)
            .helo("mta.example.org")
            .hosts(&client);
        // The keys by the identity's values, by the application's signers, and in a message that is signed already.
        let by_values = ask(&request, &zone);
        let by_signers = ask(&request.clone().signers(&keys), &zone);
        for found in [&by_values, &by_signers] {
            let predicted: Vec<_> = found
                .dkim
                .iter()
                .map(|signature| (signature.selector.clone(), signature.result))
                .collect();
            let judged: Vec<_> = real
                .dkim
                .iter()
                .map(|verdict| {
                    (
                        verdict.selector().map(ToString::to_string),
                        Some(verdict.result()),
                    )
                })
                .collect();
            assert_eq!(predicted, judged, "{}: {found}", set_up.name);
        }
        let mut ready = request.clone();
        ready.message = &signed;
        let of_signed = ask(&ready, &zone);
        for found in [by_values, by_signers, of_signed] {
            assert_eq!(
                found.spf.result,
                Some(real.spf.result),
                "{}: {found}",
                set_up.name
            );
            if found.spf.domain.is_some() {
                assert_eq!(found.spf.basis, SpfBasis::Hosts);
            }
            assert_eq!(
                found.dmarc.result,
                Some(dmarc.result()),
                "{}: {found}",
                set_up.name
            );
            assert_eq!(
                found.dmarc.disposition,
                Some(dmarc.disposition()),
                "{}: {found}",
                set_up.name
            );
            assert_eq!(found.dmarc.policy, dmarc.requested_policy());
            let judged: BTreeSet<String> = dmarc
                .aligned()
                .map(|identifier| format!("{} {}", identifier.mechanism(), identifier.domain()))
                .collect();
            let predicted: BTreeSet<String> = found
                .dmarc
                .aligned
                .iter()
                .map(|aligned| format!("{} {}", aligned.mechanism, aligned.domain))
                .collect();
            assert_eq!(predicted, judged, "{}: {found}", set_up.name);
            let expected: BTreeSet<String> =
                set_up.aligned.iter().map(ToString::to_string).collect();
            assert_eq!(predicted, expected, "{}: {found}", set_up.name);
            for code in set_up.codes {
                assert!(
                    !of_code(&found, *code).is_empty(),
                    "{} {code}: {found}",
                    set_up.name
                );
            }
            if set_up.codes.is_empty() {
                assert!(found.is_ready(), "{}: {found}", set_up.name);
            }
            // A lookup that fails is never taken for a fail.
            if set_up.dmarc == TempError {
                assert!(of_code(&found, Code::DmarcFails).is_empty(), "{found}");
            }
        }
    }
}

#[test]
fn a_policy_that_authorises_the_relay_predicts_what_its_host_will_find() {
    let profile = built_in("own-server");
    let identity = own_domain(&profile, "example.org");
    let zone = zone_of(&GOOD);
    let plain = message("ada@example.org", "");
    let bounce = ReversePath::Address("bounce@example.org".parse().unwrap());
    let request = PreflightRequest::new(&profile, &identity, &plain, now()).mail_from(&bounce);
    let found = ask(&request, &zone);
    assert_eq!(found.spf.basis, SpfBasis::ProviderTerms);
    assert_eq!(found.spf.hosts.len(), 1);
    assert_eq!(found.spf.hosts[0].address.to_string(), "192.0.2.9");
    assert_eq!(found.dmarc.result, Some(Pass));
}

#[test]
fn of_several_hosts_the_worst_decides_and_each_is_shown() {
    let profile = built_in("own-server");
    let identity = own_domain(&profile, "example.org");
    let zone = zone_of(&SetUp {
        changes: &[NO_KEYS],
        ..GOOD
    });
    let plain = message("ada@example.org", "");
    let hosts = ["192.0.2.9", "198.51.100.7"].map(|host| host.parse().unwrap());
    let request = PreflightRequest::new(&profile, &identity, &plain, now()).hosts(&hosts);
    let found = ask(&request, &zone);
    let results: Vec<String> = found
        .spf
        .hosts
        .iter()
        .map(|host| format!("{} {}", host.address, host.result))
        .collect();
    assert_eq!(results, ["192.0.2.9 pass", "198.51.100.7 fail"]);
    assert_eq!(found.dmarc.result, Some(Fail));
}
