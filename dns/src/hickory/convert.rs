//! Between hickory's types and ours, label by label and octet by octet.

use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::rr::{self, RData};
use hickory_resolver::proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};

use crate::name::{Name, NameError};
use crate::record::{RecordData, RecordType, Txt};

pub(super) fn to_hickory(name: &Name) -> Result<rr::Name, ProtoError> {
    // From text a label would be taken for Unicode and mapped.
    rr::Name::from_labels(name.labels())
}

pub(super) fn name(name: &rr::Name) -> Result<Name, NameError> {
    Name::from_labels(name.iter())
}

pub(super) fn data(data: &RData) -> Result<RecordData, ConvertError> {
    Ok(match data {
        RData::A(address) => RecordData::A(address.0),
        RData::AAAA(address) => RecordData::Aaaa(address.0),
        RData::CNAME(target) => RecordData::Cname(name(&target.0)?),
        RData::NS(server) => RecordData::Ns(name(&server.0)?),
        RData::PTR(target) => RecordData::Ptr(name(&target.0)?),
        RData::MX(mx) => RecordData::Mx {
            preference: mx.preference,
            exchange: name(&mx.exchange)?,
        },
        RData::SOA(soa) => RecordData::Soa {
            primary: name(&soa.mname)?,
            responsible: name(&soa.rname)?,
            serial: soa.serial,
            refresh: soa.refresh.cast_unsigned(),
            retry: soa.retry.cast_unsigned(),
            expire: soa.expire.cast_unsigned(),
            minimum: soa.minimum,
        },
        RData::TXT(text) => {
            let text = Txt::of_strings(text.txt_data.iter());
            RecordData::Txt(text.ok_or(ConvertError::NoStrings)?)
        }
        other => RecordData::Unknown {
            record_type: RecordType::new(other.record_type().into()),
            octets: octets(other)?,
        },
    })
}

fn octets(data: &RData) -> Result<Vec<u8>, ProtoError> {
    let mut octets = Vec::new();
    let mut encoder = BinEncoder::new(&mut octets);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    data.emit(&mut encoder)?;
    Ok(octets)
}

/// Why data of a reply is not ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConvertError {
    #[error("a name in the reply is not a DNS name")]
    Name(#[from] NameError),
    #[error("a TXT record in the reply has no character-string")]
    NoStrings,
    #[error("data in the reply cannot be written as octets")]
    Octets(#[from] ProtoError),
}
