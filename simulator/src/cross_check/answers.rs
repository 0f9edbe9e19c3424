//! The simulated DNS, as mail-auth asks it: as a cache that has everything.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use letterhead_dns::{Answer, LookupError, LookupErrorKind, Name, RecordData, RecordType};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{Atps, DomainKeyReport};
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::Hosts;
use mail_auth::hickory_resolver::lookup::Lookup;
use mail_auth::hickory_resolver::proto::op::{Query, ResponseCode};
use mail_auth::hickory_resolver::proto::rr;
use mail_auth::spf::Spf;
use mail_auth::{DnsError, DnssecStatus, Error, MX, Parameters, RecordSet, ResolverCache, Txt};

use crate::dns::SimulatedDns;
use crate::publication;

/// What TXT records are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Spf,
    Dkim,
    /// Of this author domain.
    Dmarc(AuthorDomain),
}

/// Whether it exists decides between `np` and `sp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthorDomain {
    Exists,
    IsMissing,
}

/// All the answers, for one check.
///
/// A cache of mail-auth can say that there are no TXT records and why, and of other types only what there is. What it does
/// not have is asked of the resolver, which here has no servers: that is how a lookup fails. A name without addresses is
/// [noted](Self::hosts), and the check made once more with a resolver whose host table says so.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    dns: &'a SimulatedDns,
    purpose: Purpose,
    client: IpAddr,
    without_address: Mutex<BTreeSet<(Box<str>, Family)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    V4,
    V6,
}

impl<'a> Answers<'a> {
    pub(super) fn new(dns: &'a SimulatedDns, purpose: Purpose, client: IpAddr) -> Self {
        Self {
            dns,
            purpose,
            client,
            without_address: Mutex::default(),
        }
    }

    pub(super) fn parameters<P>(
        &self,
        asked: P,
    ) -> Parameters<'_, P, Self, Self, Self, Self, Self> {
        Parameters::new(asked)
            .with_txt_cache(self)
            .with_mx_cache(self)
            .with_ptr_cache(self)
            .with_ipv4_cache(self)
            .with_ipv6_cache(self)
    }

    /// How many names without addresses were asked for.
    pub(super) fn missed(&self) -> usize {
        self.without_address().len()
    }

    /// A host table in which these names have no addresses.
    pub(super) fn hosts(&self) -> Hosts {
        let mut hosts = Hosts::default();
        for (name, family) in self.without_address().iter() {
            let record_type = match family {
                Family::V4 => rr::RecordType::A,
                Family::V6 => rr::RecordType::AAAA,
            };
            if let Ok(name) = rr::Name::from_str_relaxed(name) {
                let query = Query::query(name.clone(), record_type);
                hosts.insert(name, record_type, Lookup::new_with_max_ttl(query, []));
            }
        }
        hosts
    }

    fn without_address(&self) -> std::sync::MutexGuard<'_, BTreeSet<(Box<str>, Family)>> {
        let names = self.without_address.lock();
        names.unwrap_or_else(PoisonError::into_inner)
    }

    fn lookup(&self, name: &str, record_type: RecordType) -> Option<Result<Answer, LookupError>> {
        let name: Name = name.parse().ok()?;
        Some(self.dns.answer(&name, record_type))
    }

    fn text(&self, name: &str) -> Txt {
        let answer = match self.lookup(name, RecordType::TXT) {
            Some(Ok(answer)) if answer.is_empty() => return not_found(ResponseCode::NoError),
            Some(Ok(answer)) => answer,
            Some(Err(error)) => return failure(&error),
            None => return Txt::Error(Error::ParseError),
        };
        match self.purpose {
            Purpose::Spf => read::<Spf>(&answer).into(),
            Purpose::Dkim if name.starts_with("_report._domainkey.") => {
                read::<DomainKeyReport>(&answer).into()
            }
            Purpose::Dkim if name.contains("._atps.") => read::<Atps>(&answer).into(),
            Purpose::Dkim => read::<DomainKey>(&answer).into(),
            Purpose::Dmarc(AuthorDomain::Exists) => read::<Dmarc>(&answer).into(),
            Purpose::Dmarc(AuthorDomain::IsMissing) => read::<Dmarc>(&answer)
                .map(|record| Dmarc {
                    sp: record.np,
                    ..record
                })
                .into(),
        }
    }

    fn addresses(&self, name: &str, family: Family) -> Option<Vec<IpAddr>> {
        let record_type = match family {
            Family::V4 => RecordType::A,
            Family::V6 => RecordType::AAAA,
        };
        let found: Vec<IpAddr> = match self.lookup(name, record_type)? {
            Ok(answer) => {
                let records = answer.records().iter();
                records.filter_map(RecordData::address).collect()
            }
            Err(error) if error.is_no_such_name() => Vec::new(),
            Err(_) => return None,
        };
        if found.is_empty() {
            self.without_address().insert((name.into(), family));
            return None;
        }
        Some(found)
    }

    /// By preference, those of the same one together.
    fn exchangers(&self, name: &str) -> Option<Vec<MX>> {
        let answer = match self.lookup(name, RecordType::MX)? {
            Ok(answer) => answer,
            Err(error) if error.is_no_such_name() => return Some(Vec::new()),
            Err(_) => return None,
        };
        let mut found: Vec<(u16, Vec<Box<str>>)> = Vec::new();
        for record in answer.records() {
            let RecordData::Mx {
                preference,
                exchange,
            } = record
            else {
                continue;
            };
            let exchange = dotted(exchange);
            match found.iter_mut().find(|(known, _)| known == preference) {
                Some((_, exchanges)) => exchanges.push(exchange),
                None => found.push((*preference, vec![exchange])),
            }
        }
        found.sort_by_key(|(preference, _)| *preference);
        let found = found.into_iter().map(|(preference, exchanges)| MX {
            exchanges: exchanges.into(),
            preference,
        });
        Some(found.collect())
    }

    fn names_of_client(&self) -> Option<Vec<Box<str>>> {
        let name = publication::reverse_name(self.client)?;
        let answer = match self.dns.answer(&name, RecordType::PTR) {
            Ok(answer) => answer,
            Err(error) if error.is_no_such_name() => return Some(Vec::new()),
            Err(_) => return None,
        };
        let names = answer.records().iter().filter_map(|record| match record {
            RecordData::Ptr(name) => Some(dotted(name)),
            _ => None,
        });
        Some(names.collect())
    }
}

/// As mail-auth reads what comes from a server: the first record that is one.
fn read<T: TxtRecordParser>(answer: &Answer) -> mail_auth::Result<T> {
    let mut read = Err(Error::Dns(DnsError::InvalidRecordType));
    for text in answer.texts() {
        read = T::parse(text);
        if read.is_ok() {
            break;
        }
    }
    read
}

fn not_found(code: ResponseCode) -> Txt {
    Txt::Error(Error::Dns(DnsError::RecordNotFound(code)))
}

fn failure(error: &LookupError) -> Txt {
    match error.kind() {
        LookupErrorKind::NoSuchName => not_found(ResponseCode::NXDomain),
        LookupErrorKind::Temporary | LookupErrorKind::Malformed => {
            Txt::Error(Error::Dns(DnsError::Resolver(error.to_string())))
        }
    }
}

/// In lower case and with the dot at the end.
fn dotted(name: &Name) -> Box<str> {
    let mut text = name.to_string().to_ascii_lowercase();
    if !text.ends_with('.') {
        text.push('.');
    }
    text.into()
}

fn set<T>(values: impl IntoIterator<Item = T>) -> RecordSet<T> {
    RecordSet {
        rrset: values.into_iter().collect::<Arc<[T]>>(),
        dnssec_status: DnssecStatus::Indeterminate,
    }
}

/// The name that is asked for. The trait gives something that a name can be compared with and that can be hashed; what is
/// hashed of a text is its octets and one that no text has.
fn name_of<Q>(asked: &Q) -> Option<Box<str>>
where
    Box<str>: Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let mut heard = Heard(Vec::new());
    asked.hash(&mut heard);
    let octets = heard.0.strip_suffix(&[0xff])?;
    let name: Box<str> = str::from_utf8(octets).ok()?.into();
    let is_it = <Box<str> as Borrow<Q>>::borrow(&name) == asked;
    is_it.then_some(name)
}

/// Keeps what is hashed.
struct Heard(Vec<u8>);

impl Hasher for Heard {
    fn write(&mut self, octets: &[u8]) {
        self.0.extend_from_slice(octets);
    }

    fn finish(&self) -> u64 {
        0
    }
}

macro_rules! answer {
    ($key:ty, $value:ty, |$self:ident, $asked:ident| $answer:expr) => {
        impl ResolverCache<$key, $value> for Answers<'_> {
            fn get<Q>(&$self, $asked: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                $answer
            }

            fn remove<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    };
}

answer!(Box<str>, Txt, |self, asked| {
    let name = name_of(asked);
    Some(name.map_or(Txt::Error(Error::ParseError), |name| self.text(&name)))
});
answer!(Box<str>, RecordSet<MX>, |self, asked| {
    self.exchangers(&name_of(asked)?).map(set)
});
answer!(Box<str>, RecordSet<Ipv4Addr>, |self, asked| {
    let addresses = self.addresses(&name_of(asked)?, Family::V4)?;
    Some(set(addresses.into_iter().filter_map(
        |address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        },
    )))
});
answer!(Box<str>, RecordSet<Ipv6Addr>, |self, asked| {
    let addresses = self.addresses(&name_of(asked)?, Family::V6)?;
    Some(set(addresses.into_iter().filter_map(
        |address| match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(address),
        },
    )))
});
answer!(IpAddr, RecordSet<Box<str>>, |self, asked| {
    let is_client = <IpAddr as Borrow<Q>>::borrow(&self.client) == asked;
    is_client.then(|| self.names_of_client()).flatten().map(set)
});
