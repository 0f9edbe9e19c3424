//! What is wrong with the terms of a valid record.

mod repeated;

use std::net::{Ipv4Addr, Ipv6Addr};

use letterhead_dns::{Finding, Severity};

use super::syntax;
use crate::audit::provider::Provider;
use crate::limits::Limits;
use crate::lint::code::Code;
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::network::{Ip4Network, Ip6Network};
use crate::record::term::{Directive, Mechanism, Modifier, Qualifier, Term, TermKind};

/// Everything that the terms themselves tell, in their order.
pub(super) fn lint(record: &Record) -> Vec<Finding<Code>> {
    let all = record.all().map(Term::span);
    let mut findings = repeated::lint(record);
    for term in record.terms() {
        let is_behind = all
            .as_ref()
            .is_some_and(|all| term.span().start > all.start);
        let found = match term.kind() {
            TermKind::Directive(_) if is_behind => Some((
                Code::AfterAll,
                String::from("it stands behind `all` and is never looked at"),
                String::from("put it in front of `all`, or remove it"),
            )),
            TermKind::Directive(directive) => {
                findings.extend(network(record, term, directive));
                self::directive(directive)
            }
            TermKind::Modifier(Modifier::Redirect(_)) if all.is_some() => Some((
                Code::RedirectBesideAll,
                String::from("beside `all` it is ignored"),
                String::from("remove one of the two"),
            )),
            TermKind::Modifier(modifier) => self::modifier(modifier),
        };
        if let Some((code, problem, remedy)) = found {
            findings.push(at(record, term, code, problem, remedy));
        }
        let uses_name =
            |domain: &DomainSpec| domain.macro_string().uses(MacroLetter::ValidatedName);
        if term.domain().is_some_and(uses_name) {
            findings.push(at(
                record,
                term,
                Code::Ptr,
                String::from("`%{p}` is slow, unreliable, and not to be published"),
                String::from("write a domain without it"),
            ));
        }
    }
    findings.extend(no_all(record));
    findings.extend(too_many_lookups(record));
    findings.sort_by_key(|finding| finding.span.clone().map_or(usize::MAX, |span| span.start));
    findings
}

fn at(record: &Record, term: &Term, code: Code, problem: String, remedy: String) -> Finding<Code> {
    Finding::new(code, record.text_of(term), problem, remedy).at(term.span())
}

fn directive(directive: &Directive) -> Option<(Code, String, String)> {
    let mechanism = directive.mechanism();
    Some(match (mechanism, directive.qualifier()) {
        (Mechanism::All, Qualifier::Pass) => (
            Code::PlusAll,
            String::from("every host on the internet may send for the domain"),
            String::from("write `~all`, or `-all` once every sender is named"),
        ),
        (Mechanism::All, Qualifier::Neutral) => (
            Code::NeutralAll,
            String::from("senders that are not named are neutral, as if there were no record"),
            String::from("write `~all`, or `-all` once every sender is named"),
        ),
        (Mechanism::Ip6(network), _) if network.is_ip4_mapped() => (
            Code::NeverMatches,
            String::from(
                "a client with such an address is checked as an IPv4 client, so that it never matches",
            ),
            format!(
                "write `{}`",
                network.as_ip4().map_or_else(
                    || String::from("ip4:…"),
                    |ip4| Mechanism::Ip4(ip4).to_string()
                )
            ),
        ),
        (Mechanism::Ptr(_), _) => (
            Code::Ptr,
            String::from("`ptr` is slow, unreliable, and not to be published"),
            String::from("name the hosts with `a`, `mx`, `ip4` or `ip6`"),
        ),
        (mechanism, _) if not_a_host(mechanism).is_some() => not_a_host(mechanism)?,
        (mechanism, Qualifier::Pass) => {
            let provider = Provider::named_by(mechanism)?;
            if provider.asks_for(mechanism) {
                return None;
            }
            let meant = format!("{}:{}", provider.mechanism, provider.domain);
            (
                Code::WrongMechanism,
                format!(
                    "{} asks for `{meant}`, and `{}` of that domain does not authorise it",
                    provider.name,
                    mechanism.name()
                ),
                format!("write `{meant}`"),
            )
        }
        _ => return None,
    })
}

/// Domains that are well-formed and hardly meant.
fn not_a_host(mechanism: &Mechanism) -> Option<(Code, String, String)> {
    let domain = mechanism.domain()?.literal()?;
    let remedy = if domain.to_ascii_lowercase().ends_with("-all") {
        "put a space in front of `-all`"
    } else if domain.contains("://") {
        "write the domain alone, without `https://` and path"
    } else if domain.contains('@') {
        "write the domain alone, without `@` and what stands in front of it"
    } else if domain.contains(['*', ':', '/', ',', ';']) || domain.contains("..") {
        "write a domain, labels with dots between them"
    } else {
        return None;
    };
    let problem = String::from("no host or policy has such a name");
    Some((Code::NotAHost, problem, remedy.to_owned()))
}

/// Networks that are hardly meant.
fn network(record: &Record, term: &Term, directive: &Directive) -> Option<Finding<Code>> {
    if directive.qualifier() != Qualifier::Pass {
        return None;
    }
    let (prefix, least, is_private) = match directive.mechanism() {
        Mechanism::Ip4(network) => (network.prefix(), 8, is_private_ip4(*network)),
        Mechanism::Ip6(network) => (network.prefix(), 16, is_private_ip6(*network)),
        Mechanism::A(host) | Mechanism::Mx(host) if host.prefix().ip4() < 8 => {
            (host.prefix().ip4(), 8, false)
        }
        Mechanism::A(host) | Mechanism::Mx(host) => (host.prefix().ip6(), 16, false),
        _ => return None,
    };
    if prefix < least {
        let problem = if prefix == 0 {
            String::from("every host of that family may send for the domain")
        } else {
            format!(
                "a network of prefix length {prefix} is hardly all the domain's, and whoever is in it passes"
            )
        };
        let remedy = String::from("name the networks that send");
        let mut finding = at(record, term, Code::WideNetwork, problem, remedy);
        if prefix == 0 {
            finding.severity = Severity::Error;
        }
        return Some(finding);
    }
    is_private.then(|| {
        at(
            record,
            term,
            Code::PrivateNetwork,
            String::from("no mail comes from there over the internet"),
            String::from("name the address that receivers see, or remove the term"),
        )
    })
}

fn is_private_ip4(network: Ip4Network) -> bool {
    const PRIVATE: [(Ipv4Addr, u8); 9] = [
        (Ipv4Addr::new(0, 0, 0, 0), 8),
        (Ipv4Addr::new(224, 0, 0, 0), 4),
        (Ipv4Addr::new(240, 0, 0, 0), 4),
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(100, 64, 0, 0), 10),
        (Ipv4Addr::new(127, 0, 0, 0), 8),
        (Ipv4Addr::new(169, 254, 0, 0), 16),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
    ];
    PRIVATE.iter().any(|(address, prefix)| {
        Ip4Network::new(*address, *prefix).is_some_and(|private| private.covers(network))
    })
}

fn is_private_ip6(network: Ip6Network) -> bool {
    const PRIVATE: [(Ipv6Addr, u8); 5] = [
        (Ipv6Addr::UNSPECIFIED, 128),
        (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
        (Ipv6Addr::LOCALHOST, 128),
        (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
        (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    ];
    PRIVATE.iter().any(|(address, prefix)| {
        Ip6Network::new(*address, *prefix).is_some_and(|private| private.covers(network))
    })
}

fn modifier(modifier: &Modifier) -> Option<(Code, String, String)> {
    let Modifier::Unknown(unknown) = modifier else {
        return None;
    };
    let (name, value) = (&unknown.name, &unknown.value);
    if name.eq_ignore_ascii_case("v") {
        return Some((
            Code::SecondVersion,
            String::from("a second version, as when two records were joined; it is ignored"),
            String::from("remove it, and look at what else was joined"),
        ));
    }
    let mechanism = syntax::meant(name).unwrap_or(name);
    let mechanisms = ["include", "a", "mx", "ptr", "ip4", "ip6", "exists", "all"];
    if let Some(meant) = mechanisms
        .iter()
        .find(|known| mechanism.eq_ignore_ascii_case(known))
    {
        let written = Some(value.as_str()).filter(|value| !value.is_empty() && *meant != "all");
        return Some((
            Code::ModifierForMechanism,
            String::from("with `=` it is a modifier without meaning, and is ignored"),
            match written {
                Some(value) => format!("write `{meant}:{value}`"),
                None => format!("write `{meant}`"),
            },
        ));
    }
    let near = ["include", "redirect", "exists"]
        .into_iter()
        .find(|known| syntax::distance(&name.to_ascii_lowercase(), known) <= 2)?;
    Some((
        Code::UnknownModifier,
        String::from("it is a modifier without meaning, and is ignored"),
        match near {
            "redirect" => format!("if `redirect` is meant, write `redirect={value}`"),
            near => format!("if `{near}` is meant, write `{near}:{value}`"),
        },
    ))
}

/// A record that says nothing about those it does not name.
fn no_all(record: &Record) -> Option<Finding<Code>> {
    if record.all().is_some() || record.redirect().is_some() {
        return None;
    }
    Some(Finding::new(
        Code::NoAll,
        record.as_str(),
        String::from("senders that are not named are neutral, as if there were no record"),
        String::from("end it in `~all`, or in `-all` once every sender is named"),
    ))
}

/// The first term beyond the limit.
fn too_many_lookups(record: &Record) -> Option<Finding<Code>> {
    let limit = Limits::default().lookups();
    let count = record.own_lookups();
    if count <= limit {
        return None;
    }
    let end = record.all().map_or(usize::MAX, |all| all.span().start);
    let mut counting = record
        .terms()
        .iter()
        .filter(|term| term.counts_as_lookup() && term.span().start < end);
    let beyond = counting.nth(limit)?;
    Some(at(
        record,
        beyond,
        Code::TooManyLookups,
        format!(
            "{count} terms cause lookups and {limit} are allowed; checks that come to this one are permanent errors"
        ),
        String::from("remove terms that are not needed, or replace `a` and `mx` by the addresses"),
    ))
}
