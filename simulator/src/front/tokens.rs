//! The DKIM tokens that a provider issues to a customer's domain.

use letterhead_dns::{Name, RecordData, RecordType};
use letterhead_identity::profile::{Purpose, RecordTemplate, ValueIssuer};
use letterhead_mail::DomainName;

use super::FrontHost;
use super::keys::publish_at;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;

/// A token and the alias that the customer has to publish for it.
pub(super) struct Token {
    pub(super) owner: Name,
    pub(super) target: Name,
    pub(super) selector: String,
}

/// Issues the domain's tokens, the same ones each time, and publishes the keys that they stand for.
pub(super) fn issue(
    host: &FrontHost,
    dns: &SimulatedDns,
    entropy: &SeededEntropy,
    domain: &DomainName,
) -> Vec<String> {
    let Some((count, _)) = rule(host) else {
        return Vec::new();
    };
    let label = format!("tokens/{}/{domain}", host.name());
    let source = entropy.derive(&label);
    let issued: Vec<String> = (0..count).map(|_| source.token(32)).collect();
    for (position, token) in expand(host, domain, &issued).into_iter().enumerate() {
        if let (Some(key), Ok(owner)) = (
            host.keys.customer(position),
            DomainName::try_from(&token.target),
        ) {
            publish_at(dns, owner, key.as_ref());
        }
    }
    host.lock().tokens.insert(domain.clone(), issued.clone());
    issued
}

/// The domain's tokens with their places among the keys, if all of their records are published.
pub(super) fn published(
    host: &FrontHost,
    dns: &SimulatedDns,
    domain: &DomainName,
) -> Option<Vec<Token>> {
    let issued = host.lock().tokens.get(domain).cloned()?;
    let tokens = expand(host, domain, &issued);
    let is_published = |token: &Token| {
        dns.answer(&token.owner, RecordType::CNAME)
            .is_ok_and(|answer| {
                let aliases = answer.records().iter();
                aliases
                    .into_iter()
                    .any(|record| *record == RecordData::Cname(token.target.clone()))
            })
    };
    (!tokens.is_empty() && tokens.iter().all(is_published)).then_some(tokens)
}

/// How many tokens there are, and the record that each of them makes.
fn rule(host: &FrontHost) -> Option<(usize, (&str, &RecordTemplate))> {
    let profile = &host.front.profile;
    let value = profile
        .values()
        .iter()
        .find(|value| value.issued_by == Some(ValueIssuer::Provider))?;
    let template = profile.records().iter().find(|template| {
        template.purpose == Purpose::Dkim
            && template.kind == RecordType::CNAME
            && template.each.contains(&value.name)
    })?;
    Some((value.count.unwrap_or(1), (&value.name, template)))
}

fn expand(host: &FrontHost, domain: &DomainName, issued: &[String]) -> Vec<Token> {
    let Some((_, (name, template))) = rule(host) else {
        return Vec::new();
    };
    let fill = |text: &str, token: &str| {
        let mut filled = text
            .replace(&format!("{{{name}}}"), token)
            .replace("{domain}", domain.as_str());
        for value in host.front.profile.values() {
            if let Some(default) = &value.default {
                filled = filled.replace(&format!("{{{}}}", value.name), default);
            }
        }
        filled.parse::<Name>().ok()
    };
    let token = |token: &String| {
        Some(Token {
            owner: fill(&template.owner, token)?,
            target: fill(&template.value, token)?,
            selector: token.clone(),
        })
    };
    issued.iter().filter_map(token).collect()
}
