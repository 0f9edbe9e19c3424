//! A zone printed is the same zone when read back, and no text makes the reader panic.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use letterhead_dns::zone::Fault;
use letterhead_dns::{
    Name, Overlay, Record, RecordData, RecordType, Resolver, Txt, Zone, block_on_ready,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

fn octets(up_to: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=up_to)
}

fn names() -> impl Strategy<Value = Name> {
    let label = prop_oneof![
        "[a-bA-B*@$]{1,2}".prop_map(String::into_bytes),
        vec(any::<u8>(), 1..=8)
    ];
    vec(label, 0..=4).prop_map(|labels| Name::from_labels(labels).unwrap())
}

fn types() -> impl Strategy<Value = RecordType> {
    prop_oneof![
        Just(RecordType::TXT),
        Just(RecordType::A),
        any::<u16>().prop_map(RecordType::new)
    ]
}

fn data() -> impl Strategy<Value = RecordData> {
    prop_oneof![
        any::<u32>().prop_map(|bits| RecordData::A(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| RecordData::Aaaa(Ipv6Addr::from_bits(bits))),
        names().prop_map(RecordData::Cname),
        names().prop_map(RecordData::Ns),
        names().prop_map(RecordData::Ptr),
        (any::<u16>(), names()).prop_map(|(preference, exchange)| RecordData::Mx {
            preference,
            exchange
        }),
        (names(), names(), any::<[u32; 5]>()).prop_map(
            |(primary, responsible, [serial, refresh, retry, expire, minimum])| RecordData::Soa {
                primary,
                responsible,
                serial,
                refresh,
                retry,
                expire,
                minimum,
            }
        ),
        vec(octets(40), 1..=3)
            .prop_map(|strings| RecordData::Txt(Txt::from_strings(strings).unwrap())),
        octets(600).prop_map(|text| RecordData::Txt(Txt::split(&text))),
        (types(), octets(20)).prop_map(|(record_type, octets)| RecordData::Unknown {
            record_type,
            octets
        }),
    ]
}

fn zones() -> impl Strategy<Value = Zone> {
    let record =
        (names(), any::<u32>(), data()).prop_map(|(name, ttl, data)| Record::new(name, ttl, data));
    let fault = (
        names(),
        types(),
        prop_oneof![Just(Fault::ServFail), Just(Fault::Timeout)],
    );
    (vec(record, 0..12), vec(fault, 0..3)).prop_map(|(records, faults)| {
        let mut zone = Zone::new();
        for record in records {
            zone.insert(record);
        }
        for (name, record_type, fault) in faults {
            zone.set_fault(name, record_type, fault);
        }
        zone
    })
}

/// Pieces that mean something to the reader, in any order, so that more than its first check is reached.
fn near_zones() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&[u8]] = &[
        b"a",
        b"@",
        b" ",
        b"\n",
        b"\n ",
        b" IN ",
        b" 1h30m ",
        b" A 192.0.2.1",
        b" TXT ",
        b" SPF ",
        b" MX 10 ",
        b" SOA a b ( 1 2 3 4 5 )",
        b"(",
        b")",
        b"\"",
        b"\\",
        b"\\046",
        b"\\# 2 ab cd",
        b";fault ",
        b" timeout",
        b"; ",
        b"$ORIGIN ",
        b"$TTL ",
        b"\xff",
        b".",
    ];
    vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_zone_printed_reads_back_the_same(zone in zones()) {
        let text = zone.to_string();
        let read = Zone::parse(text.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&zone));
        prop_assert_eq!(read.unwrap().to_string(), text);
    }

    #[test]
    fn arbitrary_octets_never_panic(text in octets(200)) {
        if let Ok(zone) = Zone::parse(&text) {
            prop_assert_eq!(zone.to_string().parse::<Zone>(), Ok(zone));
        }
    }

    #[test]
    fn text_close_to_a_zone_never_panics_and_errors_stay_within_it(text in near_zones()) {
        match Zone::parse(&text) {
            Ok(zone) => prop_assert_eq!(zone.to_string().parse::<Zone>(), Ok(zone)),
            Err(error) => {
                let lines = text.split(|octet| *octet == b'\n').count();
                prop_assert!((1..=lines).contains(&error.line), "{error}");
            }
        }
    }

    #[test]
    fn every_lookup_ends_at_the_first_poll(zone in zones(), name in names(), record_type in types()) {
        let owners = zone.records().map(|record| record.name.clone());
        let asked: Vec<(Name, RecordType)> = owners
            .chain([name])
            .flat_map(|name| [(name.clone(), record_type), (name, RecordType::MX)])
            .collect();
        for (name, record_type) in asked {
            let answer = block_on_ready(zone.lookup(&name, record_type)).unwrap();
            let (nothing, shared) = (Zone::new(), Arc::new(&zone as &dyn Resolver));
            let over = Overlay::new(&zone, &nothing);
            let under = Overlay::new(&nothing, &shared);
            for resolver in [&zone as &dyn Resolver, &shared, &Box::new(&zone), &over, &under] {
                let now = resolver.lookup_now(&name, record_type).unwrap();
                let waited = block_on_ready(resolver.lookup(&name, record_type)).unwrap();
                prop_assert_eq!(format!("{now:?}"), format!("{waited:?}"));
            }
            if let Ok(answer) = answer {
                prop_assert!(answer.records().iter().all(|data| data.record_type() == record_type));
                prop_assert!(answer.aliases().len() <= Zone::MAX_ALIASES);
            }
        }
    }
}
