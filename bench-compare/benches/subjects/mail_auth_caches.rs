//! A zone's records as mail-auth's caches, which answer every question, so that no resolver is ever asked.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use letterhead_dns::{RecordData, Zone, block_on_ready};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    DnsError, DnssecStatus, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};

use super::fixture;

/// Everything of a zone but its texts, and the texts as `T` has them.
pub struct Caches<T> {
    texts: T,
    exchangers: Known<RecordSet<MX>>,
    ipv4: Known<RecordSet<Ipv4Addr>>,
    ipv6: Known<RecordSet<Ipv6Addr>>,
}

/// The texts are parsed once, before the first check.
pub type Parsed = Caches<Known<Txt>>;

/// The texts are octets, and parsed each time they are asked for, as they are after a lookup.
pub type Fetched = Caches<Texts>;

pub struct Known<V> {
    by_name: HashMap<Box<str>, V>,
    unknown: V,
}

pub struct Texts {
    by_name: HashMap<Box<str>, Vec<Vec<u8>>>,
}

impl Parsed {
    pub fn of(zone: &Zone) -> Self {
        let texts = Texts::of(zone);
        let by_name = texts
            .by_name
            .iter()
            .map(|(name, records)| (name.clone(), read(records)))
            .collect();
        let unknown = read(&[]);
        Self::with_texts(Known { by_name, unknown }, zone)
    }
}

impl Fetched {
    pub fn of(zone: &Zone) -> Self {
        Self::with_texts(Texts::of(zone), zone)
    }
}

impl<T> Caches<T> {
    fn with_texts(texts: T, zone: &Zone) -> Self {
        Self {
            texts,
            exchangers: Known::of(zone, |data| match data {
                RecordData::Mx {
                    preference,
                    exchange,
                } => Some(MX {
                    exchanges: Box::new([exchange.to_string().into()]),
                    preference: *preference,
                }),
                _ => None,
            }),
            ipv4: Known::of(zone, |data| match data {
                RecordData::A(address) => Some(*address),
                _ => None,
            }),
            ipv6: Known::of(zone, |data| match data {
                RecordData::Aaaa(address) => Some(*address),
                _ => None,
            }),
        }
    }
}

impl<T> Known<RecordSet<T>> {
    fn of(zone: &Zone, pick: impl Fn(&RecordData) -> Option<T>) -> Self {
        let mut lists: HashMap<Box<str>, Vec<T>> = HashMap::new();
        for record in zone.records() {
            if let Some(value) = pick(&record.data) {
                let name = record.name.to_string().into();
                lists.entry(name).or_default().push(value);
            }
        }
        let set = |values: Vec<T>| RecordSet {
            rrset: values.into(),
            dnssec_status: DnssecStatus::Indeterminate,
        };
        Self {
            by_name: lists
                .into_iter()
                .map(|(name, values)| (name, set(values)))
                .collect(),
            unknown: set(Vec::new()),
        }
    }
}

impl Texts {
    fn of(zone: &Zone) -> Self {
        let mut by_name: HashMap<Box<str>, Vec<Vec<u8>>> = HashMap::new();
        for record in zone.records() {
            if let RecordData::Txt(text) = &record.data {
                let name = record.name.to_string().into();
                by_name.entry(name).or_default().push(text.joined());
            }
        }
        Self { by_name }
    }
}

/// The first of a name's texts that is an SPF record, as `MessageAuthenticator::txt_lookup` picks it.
fn read(records: &[Vec<u8>]) -> Txt {
    let mut result = Err(mail_auth::Error::Dns(DnsError::InvalidRecordType));
    for record in records {
        result = Spf::parse(record);
        if result.is_ok() {
            break;
        }
    }
    result.map_or_else(Txt::Error, |spf| Txt::Spf(Arc::new(spf)))
}

impl<V: Clone> ResolverCache<Box<str>, V> for Known<V> {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.by_name.get(name).unwrap_or(&self.unknown).clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: V, _: Instant) {}
}

impl ResolverCache<Box<str>, Txt> for Texts {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(read(self.by_name.get(name).map_or(&[], Vec::as_slice)))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Checks the fixture's sender, and gives the result in Letterhead's words.
pub fn check<T: ResolverCache<Box<str>, Txt>>(
    authenticator: &MessageAuthenticator,
    caches: &Caches<T>,
    client: IpAddr,
) -> &'static str {
    let parameters =
        SpfParameters::verify_mail_from(client, fixture::HELO, "rx.example.net", fixture::SENDER);
    let parameters = Parameters::new(parameters)
        .with_txt_cache(&caches.texts)
        .with_mx_cache(&caches.exchangers)
        .with_ipv4_cache(&caches.ipv4)
        .with_ipv6_cache(&caches.ipv6);
    let output =
        block_on_ready(authenticator.check_host(parameters)).expect("every answer is there");
    match output.result() {
        mail_auth::SpfResult::Pass => "pass",
        mail_auth::SpfResult::Fail => "fail",
        mail_auth::SpfResult::SoftFail => "softfail",
        mail_auth::SpfResult::Neutral => "neutral",
        mail_auth::SpfResult::TempError => "temperror",
        mail_auth::SpfResult::PermError => "permerror",
        mail_auth::SpfResult::None => "none",
    }
}
