//! How a server has to be set that a provider's mail goes through.

use std::collections::BTreeMap;

use letterhead_dns::{Finding, Severity};
use letterhead_spf::AddressSet;

use super::code::Code;
use crate::profile::{AllowList, Greylisting, InnerHopSpf, Need, Profile};
use crate::word::Environment;

/// What is known of a server that a provider's mail goes through. What is not said is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelayServer {
    encryption: Setting,
    authentication: Setting,
    greylisting: Setting,
    spf_check: Setting,
    allowed: Option<AddressSet>,
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Setting {
    /// It is.
    On,
    /// It is not.
    Off,
    /// Nobody said.
    #[default]
    Unknown,
}

impl RelayServer {
    /// A server of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it takes the provider's mail over TLS only.
    #[must_use]
    pub fn encryption(mut self, setting: Setting) -> Self {
        self.encryption = setting;
        self
    }

    /// Whether the provider can sign in (SMTP AUTH).
    #[must_use]
    pub fn authentication(mut self, setting: Setting) -> Self {
        self.authentication = setting;
        self
    }

    /// Whether it puts the provider's mail off.
    #[must_use]
    pub fn greylisting(mut self, setting: Setting) -> Self {
        self.greylisting = setting;
        self
    }

    /// Whether it checks SPF of the provider's mail.
    #[must_use]
    pub fn spf_check(mut self, setting: Setting) -> Self {
        self.spf_check = setting;
        self
    }

    /// The addresses that it lets in.
    #[must_use]
    pub fn allowed(mut self, addresses: AddressSet) -> Self {
        self.allowed = Some(addresses);
        self
    }
}

/// What has to be set otherwise for the provider's mail to get through, and, as advice, what is not known.
///
/// `addresses` are those that the provider sends from in each environment. They change, so the caller gives them; no
/// profile has them. Without an `environment`, those of all count.
#[must_use]
pub fn relay_advice(
    profile: &Profile,
    server: &RelayServer,
    environment: Option<&Environment>,
    addresses: &BTreeMap<Environment, AddressSet>,
) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    let tls_needed = profile
        .tls()
        .is_some_and(|tls| tls.needed == Need::Required);
    if tls_needed && server.encryption != Setting::On {
        findings.push(finding(
            Code::NoEncryption,
            server.encryption,
            "the server takes the provider's mail in the clear",
            "offer STARTTLS, with a certificate for the host's name",
        ));
    }
    let Some(relay) = profile.relay() else {
        return findings;
    };
    if relay.authentication == Need::Required && server.authentication != Setting::On {
        findings.push(finding(
            Code::NoAuthentication,
            server.authentication,
            "the provider cannot sign in to the server",
            "turn SMTP AUTH on for the address that the provider signs in as",
        ));
    }
    if relay.greylisting == Greylisting::Discouraged && server.greylisting != Setting::Off {
        findings.push(finding(
            Code::Greylisting,
            server.greylisting,
            "the server puts the provider's mail off, and verification mail with it",
            "take the provider's addresses out of greylisting",
        ));
    }
    if relay.inner_hop_spf == Some(InnerHopSpf::Ignored) && server.spf_check != Setting::Off {
        findings.push(finding(
            Code::InnerHopSpf,
            server.spf_check,
            "the server checks SPF of mail that comes from the provider, whose hosts the domain's record need not name",
            "pass over SPF for mail of the provider; the recipients check it of the server",
        ));
    }
    findings.extend(of_allow_list(
        relay.ip_allow_list,
        server,
        environment,
        addresses,
    ));
    findings
}

fn of_allow_list(
    rule: AllowList,
    server: &RelayServer,
    environment: Option<&Environment>,
    addresses: &BTreeMap<Environment, AddressSet>,
) -> Option<Finding<Code>> {
    let severity = match rule {
        AllowList::None => return None,
        AllowList::Required => Severity::Error,
        AllowList::Recommended => Severity::Warning,
        AllowList::Maybe | AllowList::Unknown => Severity::Advice,
    };
    let sending = match environment {
        Some(environment) => addresses.get(environment).cloned().unwrap_or_default(),
        None => {
            let all = addresses.values();
            all.fold(AddressSet::empty(), |all, some| all.union(some))
        }
    };
    let place = environment
        .map(|name| format!(" in {name}"))
        .unwrap_or_default();
    if sending.is_empty() {
        return Some(Finding::new(
            Code::SendingAddresses,
            "",
            format!(
                "the addresses that the provider sends from{place} were not given, so that the allow-list was not compared"
            ),
            "take them from the provider's page",
        ));
    }
    let (severity, missing, problem) = match &server.allowed {
        Some(allowed) if allowed.covers(&sending) => return None,
        Some(allowed) => (
            severity,
            sending.difference(allowed),
            format!("the server does not let in all addresses that the provider sends from{place}"),
        ),
        None => (
            Severity::Advice,
            sending,
            format!(
                "it is not known whether the server lets in the addresses that the provider sends from{place}"
            ),
        ),
    };
    let remedy = match rule {
        AllowList::Maybe | AllowList::Unknown => {
            "ask whoever runs the server whether they have to be on its allow-list"
        }
        AllowList::None | AllowList::Recommended | AllowList::Required => {
            "put them on the server's allow-list"
        }
    };
    let mut finding = Finding::new(Code::AllowList, networks(&missing), problem, remedy);
    finding.severity = severity;
    Some(finding)
}

/// What is known is as bad as its code; what is not known is to be looked at.
fn finding(code: Code, setting: Setting, problem: &str, remedy: &str) -> Finding<Code> {
    match setting {
        Setting::On | Setting::Off => Finding::new(code, "", problem, remedy),
        Setting::Unknown => {
            let problem = format!("it is not known whether {problem}");
            let mut finding = Finding::new(code, "", problem, remedy);
            finding.severity = Severity::Advice;
            finding
        }
    }
}

fn networks(addresses: &AddressSet) -> String {
    let ip4 = addresses.ip4_networks().map(|network| network.to_string());
    let ip6 = addresses.ip6_networks().map(|network| network.to_string());
    let all: Vec<String> = ip4.chain(ip6).collect();
    all.join(", ")
}
