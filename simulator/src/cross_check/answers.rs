//! The simulated DNS as mail-auth asks it: through its caches, which here answer every question.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use letterhead_dns::{Answer, LookupError, Name, RecordData, RecordType};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::{DnsError, DnssecStatus, Error, MX, RecordSet, ResolverCache, Txt};

use crate::dns::SimulatedDns;

/// Answers from the simulated DNS.
///
/// A cache can say that there are no records, not that the lookup failed: then it has nothing, mail-auth asks its resolver,
/// and that has no server to ask.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a>(pub(super) &'a SimulatedDns);

/// The names of one address: the client's, the only one that is asked about.
#[derive(Clone, Copy)]
pub(super) struct NamesOf<'a> {
    pub(super) dns: &'a SimulatedDns,
    pub(super) client: IpAddr,
}

impl ResolverCache<Box<str>, Txt> for Answers<'_> {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let text = text_of(name)?;
        let Some(answer) = self.answer(&text, RecordType::TXT) else {
            return Some(not_found(ResponseCode::NXDomain));
        };
        Some(match answer {
            Ok(answer) if text.contains("._domainkey.") => {
                first(&answer, DomainKey::parse, |key| {
                    Txt::DomainKey(Arc::new(key))
                })
            }
            Ok(answer) if text.starts_with("_dmarc.") => {
                first(&answer, Dmarc::parse, |record| Txt::Dmarc(Arc::new(record)))
            }
            Ok(answer) => first(&answer, Spf::parse, |record| Txt::Spf(Arc::new(record))),
            Err(error) if error.is_no_such_name() => not_found(ResponseCode::NXDomain),
            Err(error) => Txt::Error(Error::Dns(DnsError::Resolver(error.to_string()))),
        })
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

/// As mail-auth reads what its resolver finds: the first that can be read, or why the last cannot.
fn first<T>(answer: &Answer, parse: fn(&[u8]) -> mail_auth::Result<T>, wrap: fn(T) -> Txt) -> Txt {
    if answer.is_empty() {
        return not_found(ResponseCode::NoError);
    }
    let mut read = Err(Error::Dns(DnsError::InvalidRecordType));
    for text in answer.texts() {
        read = parse(text);
        if read.is_ok() {
            break;
        }
    }
    read.map_or_else(Txt::Error, wrap)
}

fn not_found(code: ResponseCode) -> Txt {
    Txt::Error(Error::Dns(DnsError::RecordNotFound(code)))
}

/// A cache of addresses or exchangers.
macro_rules! record_sets {
    ($($record_type:ident: $value:ty, |$data:ident| $read:expr;)*) => {
        $(
            impl ResolverCache<Box<str>, RecordSet<$value>> for Answers<'_> {
                fn get<Q>(&self, name: &Q) -> Option<RecordSet<$value>>
                where
                    Box<str>: Borrow<Q>,
                    Q: Hash + Eq + ?Sized,
                {
                    let answer = self.answer(&text_of(name)?, RecordType::$record_type);
                    set_of(answer, |$data| $read)
                }

                fn remove<Q>(&self, _: &Q) -> Option<RecordSet<$value>>
                where
                    Box<str>: Borrow<Q>,
                    Q: Hash + Eq + ?Sized,
                {
                    None
                }

                fn insert(&self, _: Box<str>, _: RecordSet<$value>, _: Instant) {}
            }
        )*
    };
}

record_sets! {
    A: Ipv4Addr, |data| match data {
        RecordData::A(address) => Some(*address),
        _ => None,
    };
    AAAA: Ipv6Addr, |data| match data {
        RecordData::Aaaa(address) => Some(*address),
        _ => None,
    };
    MX: MX, |data| match data {
        RecordData::Mx { preference, exchange } => Some(MX {
            exchanges: Box::new([full_name(exchange)]),
            preference: *preference,
        }),
        _ => None,
    };
}

impl ResolverCache<IpAddr, RecordSet<Box<str>>> for NamesOf<'_> {
    fn get<Q>(&self, address: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if self.client.borrow() != address {
            return None;
        }
        let name = crate::publication::reverse_name(self.client)?;
        let answer = self.dns.answer(&name, RecordType::PTR);
        set_of(Some(answer), |data| match data {
            RecordData::Ptr(name) => Some(full_name(name)),
            _ => None,
        })
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: IpAddr, _: RecordSet<Box<str>>, _: Instant) {}
}

impl Answers<'_> {
    /// `None` for what is no name, which nothing has.
    fn answer(&self, text: &str, record_type: RecordType) -> Option<Result<Answer, LookupError>> {
        let name: Name = text.parse().ok()?;
        Some(self.0.answer(&name, record_type))
    }
}

/// The records that are there, none where the name or the type does not exist; `None` where the lookup failed.
fn set_of<T>(
    answer: Option<Result<Answer, LookupError>>,
    read: impl Fn(&RecordData) -> Option<T>,
) -> Option<RecordSet<T>> {
    let records: Vec<T> = match answer {
        Some(Ok(answer)) => answer.records().iter().filter_map(read).collect(),
        Some(Err(error)) if !error.is_no_such_name() => return None,
        Some(Err(_)) | None => Vec::new(),
    };
    Some(RecordSet {
        rrset: records.into(),
        dnssec_status: DnssecStatus::Indeterminate,
    })
}

/// With the dot at the end, as its keys are written.
fn full_name(name: &Name) -> Box<str> {
    let text = name.to_string();
    match text.strip_suffix('.') {
        Some(_) => text.into(),
        None => format!("{text}.").into(),
    }
}

/// The text of a key. A cache is given any type that a `Box<str>` lends, of which only hash and equality are known: the
/// octets that it hashes are the text, and equality says whether they are all of it.
fn text_of<Q>(key: &Q) -> Option<Box<str>>
where
    Box<str>: Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let mut spelling = Spelling(Vec::new());
    key.hash(&mut spelling);
    let octets = spelling.0.strip_suffix(&[0xff]).unwrap_or(&spelling.0);
    let text: Box<str> = std::str::from_utf8(octets).ok()?.into();
    (text.borrow() == key).then_some(text)
}

/// Keeps what is hashed.
struct Spelling(Vec<u8>);

impl Hasher for Spelling {
    fn write(&mut self, octets: &[u8]) {
        self.0.extend_from_slice(octets);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn the_text_of_a_key_is_what_it_hashes() {
        for text in ["", "example.org.", "_dmarc.yourcompany.example.", "\u{e9}."] {
            assert_eq!(text_of::<str>(text).as_deref(), Some(text));
            let boxed: Box<str> = text.into();
            assert_eq!(text_of::<Box<str>>(&boxed).as_deref(), Some(text));
        }
    }
}
