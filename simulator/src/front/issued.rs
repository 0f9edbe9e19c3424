//! What a provider issues to a customer's domain, and the DKIM records that the customer makes of it.

use letterhead_dkim::{PublicKeyRecord, SigningKey};
use letterhead_dns::{Name, RecordData, RecordType};
use letterhead_identity::Values;
use letterhead_identity::profile::{Purpose, RecordTemplate, ValueIssuer, ValueRule};
use letterhead_mail::DomainName;

use super::FrontHost;
use super::keys::publish_at;
use crate::dns::SimulatedDns;
use crate::entropy::SeededEntropy;

/// A DKIM record that a customer has to publish, for the key at the same place. What nobody has said stands in braces.
struct Wanted {
    kind: RecordType,
    owner: String,
    value: String,
}

/// Issues the values for a domain, the same ones each time, and publishes the keys that aliases among them lead to.
pub(super) fn issue(
    host: &FrontHost,
    dns: &SimulatedDns,
    entropy: &SeededEntropy,
    domain: &DomainName,
) -> Values {
    let source = entropy.derive(&format!("tokens/{}/{domain}", host.name()));
    let rules = host.front.profile.values().iter();
    let mut keys = 0;
    let issued: Values = rules
        .filter(|rule| is_issued(host, rule))
        .map(|rule| {
            let one = |_| value(host, rule, domain, &source, &mut keys);
            let several = (0..rule.count.unwrap_or(1)).map(one).collect();
            (rule.name.clone(), several)
        })
        .collect();
    if issued.is_empty() {
        return issued;
    }
    for (place, record) in wanted(host, domain, &issued).iter().enumerate() {
        if record.kind == RecordType::CNAME
            && let Ok(target) = record.value.parse()
        {
            publish_key(host, dns, &target, place);
        }
    }
    host.lock().issued.insert(domain.clone(), issued.clone());
    issued
}

/// The selector that signs for a domain, with the first key: that of the first of the profile's DKIM records, if all of
/// these are published.
///
/// An alias that the customer was not told of here counts if it is one that the profile describes: what it leads to is the
/// provider's, and so is published with it.
pub(super) fn published(
    host: &FrontHost,
    dns: &SimulatedDns,
    domain: &DomainName,
) -> Option<String> {
    let issued = host.lock().issued.get(domain).cloned().unwrap_or_default();
    let records = wanted(host, domain, &issued);
    for (place, record) in records.iter().enumerate() {
        let owner: Name = record.owner.parse().ok()?;
        let answer = dns.answer(&owner, record.kind).ok()?;
        let found = answer.records().iter().find(|data| match data {
            RecordData::Cname(target) => fits(&record.value, &target.to_string()),
            RecordData::Txt(text) => is_key(host, place, text.octets()),
            _ => false,
        })?;
        if let RecordData::Cname(target) = found
            && dns.answer(target, RecordType::TXT).is_err()
        {
            publish_key(host, dns, target, place);
        }
    }
    let (selector, _) = records.first()?.owner.split_once("._domainkey")?;
    Some(selector.to_owned())
}

/// Whether the provider says what it is; and a name that the sender would choose for a key that the provider makes.
fn is_issued(host: &FrontHost, rule: &ValueRule) -> bool {
    let by_provider =
        |rule: &&ValueRule| rule.issued_by == Some(ValueIssuer::Provider) && rule.default.is_none();
    if by_provider(&rule) {
        return true;
    }
    rule.default.is_none()
        && templates(host).any(|template| {
            let mut others = host.front.profile.values().iter().filter(by_provider);
            holds(&template.owner, &rule.name)
                && others.any(|other| holds(&template.value, &other.name))
        })
}

/// A value of the kind that the records have a place for.
fn value(
    host: &FrontHost,
    rule: &ValueRule,
    domain: &DomainName,
    source: &SeededEntropy,
    keys: &mut usize,
) -> String {
    let is_part_of = |text: &str| holds(text, &rule.name);
    if templates(host).any(|template| is_part_of(&template.owner)) {
        return source.token(32);
    }
    if let Some(template) = templates(host).find(|template| is_part_of(&template.value)) {
        if template.kind == RecordType::CNAME {
            return format!("u{}.{}", source.token(8), host.name());
        }
        let key = host.keys.customer(*keys);
        *keys += 1;
        return key.map_or_else(String::new, |key| {
            PublicKeyRecord::for_key(key.as_ref()).to_string()
        });
    }
    let is_name = |template: &RecordTemplate| template.owner == format!("{{{}}}", rule.name);
    if host.front.profile.records().iter().any(is_name) {
        return format!("em{}.{domain}", source.token(4));
    }
    source.token(16)
}

fn templates(host: &FrontHost) -> impl Iterator<Item = &RecordTemplate> {
    let records = host.front.profile.records().iter();
    records.filter(|template| {
        template.purpose == Purpose::Dkim
            && matches!(template.kind, RecordType::CNAME | RecordType::TXT)
    })
}

/// The profile's DKIM records for a domain, made of these values.
fn wanted(host: &FrontHost, domain: &DomainName, values: &Values) -> Vec<Wanted> {
    let mut records = Vec::new();
    for template in templates(host) {
        let several = template.each.iter().filter_map(|name| values.get(name));
        let count = several.map(Vec::len).min().unwrap_or(1);
        for number in 0..count {
            let fill = |text: &str| {
                let mut filled = text.replace("{domain}", domain.as_str());
                for rule in host.front.profile.values() {
                    let place = if template.each.contains(&rule.name) {
                        number
                    } else {
                        0
                    };
                    let value = values
                        .get(&rule.name)
                        .and_then(|several| several.get(place));
                    if let Some(value) = value.or(rule.default.as_ref()) {
                        filled = filled.replace(&format!("{{{}}}", rule.name), value);
                    }
                }
                filled
            };
            records.push(Wanted {
                kind: template.kind,
                owner: fill(&template.owner),
                value: fill(&template.value),
            });
        }
    }
    records
}

fn holds(text: &str, name: &str) -> bool {
    text.contains(&format!("{{{name}}}"))
}

/// Whether a name is the one that a record wants; braces stand for any labels.
fn fits(wanted: &str, name: &str) -> bool {
    let [wanted, name] = [wanted, name].map(|text| text.trim_end_matches('.').to_lowercase());
    match (wanted.split_once('{'), wanted.rsplit_once('}')) {
        (Some((front, _)), Some((_, back))) => name
            .strip_prefix(front)
            .and_then(|rest| rest.strip_suffix(back))
            .is_some_and(|labels| !labels.is_empty()),
        _ => wanted == name,
    }
}

/// Whether a record publishes the key at this place.
fn is_key(host: &FrontHost, place: usize, text: &[u8]) -> bool {
    let record = PublicKeyRecord::parse(text).ok();
    let public = record.as_ref().and_then(PublicKeyRecord::key);
    let own = host.keys.customer(place).map(|key| key.public_key());
    public.is_some() && public == own.as_ref()
}

fn publish_key(host: &FrontHost, dns: &SimulatedDns, target: &Name, place: usize) {
    if let (Some(key), Ok(owner)) = (host.keys.customer(place), DomainName::try_from(target)) {
        publish_at(dns, owner, key.as_ref());
    }
}
