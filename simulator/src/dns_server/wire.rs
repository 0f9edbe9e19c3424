//! Our records as the server library's.

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, PTR, SOA, TXT};
use hickory_proto::rr::{Name as WireName, RData, Record};
use letterhead_dns::{Name, RecordData};

/// The record for a response; `None` for data that a response cannot carry.
pub(super) fn record(owner: &Name, ttl: u32, data: &RecordData) -> Option<Record> {
    Some(Record::from_rdata(name(owner)?, ttl, value(data)?))
}

/// By raw labels: nothing is escaped, mapped or refused on the way.
fn name(name: &Name) -> Option<WireName> {
    WireName::from_labels(name.labels()).ok()
}

fn value(data: &RecordData) -> Option<RData> {
    Some(match data {
        RecordData::A(address) => RData::A(A(*address)),
        RecordData::Aaaa(address) => RData::AAAA(AAAA(*address)),
        RecordData::Cname(target) => RData::CNAME(CNAME(name(target)?)),
        RecordData::Ns(server) => RData::NS(NS(name(server)?)),
        RecordData::Ptr(target) => RData::PTR(PTR(name(target)?)),
        RecordData::Mx {
            preference,
            exchange,
        } => RData::MX(MX::new(*preference, name(exchange)?)),
        RecordData::Soa {
            primary,
            responsible,
            serial,
            refresh,
            retry,
            expire,
            minimum,
        } => RData::SOA(SOA::new(
            name(primary)?,
            name(responsible)?,
            *serial,
            interval(*refresh),
            interval(*retry),
            interval(*expire),
            *minimum,
        )),
        RecordData::Txt(text) => RData::TXT(TXT::from_bytes(text.strings().collect())),
        RecordData::Unknown {
            record_type,
            octets,
        } => RData::Unknown {
            code: record_type.number().into(),
            rdata: NULL::with(octets.clone()),
        },
        _ => return None,
    })
}

fn interval(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
