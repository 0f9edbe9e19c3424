//! The live resolver against a small name server on loopback.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{A, CNAME, MX, NULL, SOA, TLSA, TXT};
use hickory_proto::rr::{Name as WireName, RData, Record as WireRecord, RecordType as WireType};
use letterhead_dns::hickory::{HickoryOptions, HickoryResolver};
use letterhead_dns::{
    Answer, LookupError, LookupErrorKind, Name, RecordData, RecordType, Resolver, Security, Txt,
    block_on_ready,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn wire_name(text: &str) -> WireName {
    WireName::from_labels(name(text).labels()).unwrap()
}

/// By which way a query came.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Udp,
    Tcp,
}

/// What the server holds: owner, time to live, data.
fn records() -> Vec<(&'static str, u32, RData)> {
    let cname = |target| RData::CNAME(CNAME(wire_name(target)));
    let mx = |preference, host| RData::MX(MX::new(preference, wire_name(host)));
    let text = |bytes: &[u8]| {
        let mut text = TXT::new(vec![]);
        text.txt_data = bytes.chunks(255).map(Box::from).collect();
        RData::TXT(text)
    };
    vec![
        ("host.test.", 60, RData::A(A::new(192, 0, 2, 1))),
        ("host.test.", 60, RData::A(A::new(192, 0, 2, 2))),
        ("mail.test.", 60, mx(10, "Host.test.")),
        ("mail.test.", 60, mx(0, ".")),
        ("text.test.", 60, text(&[b'x'; 300])),
        ("text.test.", 60, text(b"\x00\x80\xff\"\\")),
        ("large.test.", 60, text(&[b'y'; 9000])),
        (
            r"\255\.\000\195\164.test.",
            60,
            RData::A(A::new(192, 0, 2, 3)),
        ),
        ("alias.test.", 50, cname("second.test.")),
        ("second.test.", 70, cname("host.test.")),
        ("gone.test.", 60, cname("missing.test.")),
        ("loop.test.", 60, cname("loop.test.")),
        ("odd.test.", 60, cname("even.test.")),
        ("even.test.", 60, cname("odd.test.")),
        (
            "cert.test.",
            60,
            RData::TLSA(TLSA::new(
                CertUsage::DaneEe,
                Selector::Spki,
                Matching::Sha256,
                vec![1, 2, 3],
            )),
        ),
        (
            "private.test.",
            60,
            RData::Unknown {
                code: WireType::Unknown(65280),
                rdata: NULL::with(vec![9, 8, 7]),
            },
        ),
    ]
}

/// Answers as an authoritative server does: with the records, or a CNAME alone, which leaves following it to the
/// resolver; or with the whole chain where the name begins with `alias`.
fn respond(query: &[u8], way: Way) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).unwrap();
    let question = query.queries[0].clone();
    let mut reply = Message::response(query.id, query.op_code);
    reply.metadata.message_type = MessageType::Response;
    reply.add_query(question.clone());
    let first = question
        .name()
        .iter()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match first.as_slice() {
        b"silent" => return None,
        b"broken" => return Some([&query.id.to_be_bytes()[..], &[0x80, 0, 0, 9]].concat()),
        b"servfail" => reply.metadata.response_code = ResponseCode::ServFail,
        b"refused" => reply.metadata.response_code = ResponseCode::Refused,
        _ => {}
    }
    if reply.response_code != ResponseCode::NoError {
        return Some(reply.to_vec().unwrap());
    }
    let all = records();
    let at = |owner: &WireName| -> Vec<_> {
        let here = all.iter().filter(|(name, ..)| wire_name(name) == *owner);
        here.map(|(_, ttl, data)| WireRecord::from_rdata(owner.clone(), *ttl, data.clone()))
            .collect()
    };
    let mut owner = question.name().clone();
    loop {
        let here = at(&owner);
        if here.is_empty() {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        let wanted = |record: &WireRecord| {
            record.record_type() == question.query_type() || record.record_type() == WireType::CNAME
        };
        reply.add_answers(here.iter().filter(|record| wanted(record)).cloned());
        match here.first().map(|record| &record.data) {
            Some(RData::CNAME(target)) if first == b"alias" => owner = target.0.clone(),
            _ => break,
        }
    }
    if reply.answers.is_empty() {
        let soa = SOA::new(
            wire_name("ns.test."),
            wire_name("admin.test."),
            1,
            2,
            3,
            4,
            30,
        );
        let soa = WireRecord::from_rdata(wire_name("test."), 900, RData::SOA(soa));
        reply.add_authority(soa);
    }
    if way == Way::Udp && first == b"large" {
        reply = reply.truncate();
    }
    Some(reply.to_vec().unwrap())
}

/// Serves until the test's runtime ends.
async fn serve() -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        // The same port may be taken for TCP.
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            if let Some(reply) = respond(&buffer[..length], Way::Udp) {
                udp.send_to(&reply, from).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut query = vec![0; length.into()];
                    stream.read_exact(&mut query).await.unwrap();
                    if let Some(reply) = respond(&query, Way::Tcp) {
                        let length = u16::try_from(reply.len()).unwrap();
                        let framed = [&length.to_be_bytes()[..], &reply].concat();
                        stream.write_all(&framed).await.unwrap();
                    }
                }
            });
        }
    });
    address
}

async fn ask(owner: &str, record_type: RecordType) -> Result<Answer, LookupError> {
    let options = HickoryOptions::default().timeout(Duration::from_millis(500));
    let resolver = HickoryResolver::with_name_server_and_options(serve().await, options).unwrap();
    resolver.lookup(&name(owner), record_type).await
}

async fn failure(owner: &str) -> LookupErrorKind {
    let error = ask(owner, RecordType::A).await.unwrap_err();
    assert!(error.source().is_some(), "{error}");
    assert_eq!(error.name(), &name(owner));
    error.kind()
}

#[tokio::test]
async fn addresses_come_with_their_time_to_live() {
    let answer = ask("HOST.test", RecordType::A).await.unwrap();
    let expected = [[192, 0, 2, 1], [192, 0, 2, 2]].map(|octets| RecordData::A(octets.into()));
    assert_eq!(answer.records(), expected);
    assert_eq!(answer.ttl(), Duration::from_secs(60));
    assert_eq!(answer.aliases(), []);
    assert_eq!(answer.security(), Security::Unchecked);
}

#[tokio::test]
async fn mail_exchangers_include_the_null_one() {
    let answer = ask("mail.test", RecordType::MX).await.unwrap();
    let mx = |preference, host: &str| RecordData::Mx {
        preference,
        exchange: name(host),
    };
    assert_eq!(answer.records(), [mx(10, "host.test"), mx(0, ".")]);
}

#[tokio::test]
async fn text_keeps_its_octets_and_strings() {
    let answer = ask("text.test", RecordType::TXT).await.unwrap();
    let text = |octets: &[u8]| RecordData::Txt(Txt::split(octets));
    assert_eq!(
        answer.records(),
        [text(&[b'x'; 300]), text(b"\x00\x80\xff\"\\")]
    );
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_over_tcp() {
    let answer = ask("large.test", RecordType::TXT).await.unwrap();
    assert_eq!(answer.texts().next(), Some(&[b'y'; 9000][..]));
}

#[tokio::test]
async fn labels_of_any_octets_are_asked_for_as_they_are() {
    let answer = ask(r"\255\.\000\195\164.test", RecordType::A)
        .await
        .unwrap();
    assert_eq!(answer.records().len(), 1);
}

#[tokio::test]
async fn types_without_variant_are_octets() {
    let answer = ask("cert.test", RecordType::TLSA).await.unwrap();
    let expected = RecordData::Unknown {
        record_type: RecordType::TLSA,
        octets: vec![3, 1, 1, 1, 2, 3],
    };
    assert_eq!(answer.records(), [expected]);
    let private = RecordType::new(65280);
    let answer = ask("private.test", private).await.unwrap();
    let expected = RecordData::Unknown {
        record_type: private,
        octets: vec![9, 8, 7],
    };
    assert_eq!(answer.records(), [expected]);
}

#[tokio::test]
async fn aliases_are_reported_in_order_with_the_lowest_time_to_live() {
    for (owner, aliases, seconds) in [
        ("alias.test", &["second.test", "host.test"][..], 50),
        ("second.test", &["host.test"], 60),
    ] {
        let aliases: Vec<Name> = aliases.iter().map(|alias| name(alias)).collect();
        let answer = ask(owner, RecordType::A).await.unwrap();
        assert_eq!(answer.aliases(), aliases, "{owner}");
        assert_eq!(answer.records().len(), 2, "{owner}");
        assert_eq!(answer.ttl(), Duration::from_secs(seconds), "{owner}");
    }
}

#[tokio::test]
async fn a_cached_target_does_not_hide_the_aliases() {
    let options = HickoryOptions::default().cached_answers(100);
    let resolver = HickoryResolver::with_name_server_and_options(serve().await, options).unwrap();
    let (host, second) = (name("host.test"), name("second.test"));
    for _ in 0..2 {
        let target = resolver.lookup(&host, RecordType::A).await.unwrap();
        let answer = resolver.lookup(&second, RecordType::A).await.unwrap();
        assert_eq!(answer.aliases(), std::slice::from_ref(&host));
        assert_eq!(answer.records(), target.records());
        let none = resolver.lookup(&second, RecordType::MX).await.unwrap();
        assert!(none.is_empty());
        assert_eq!(none.aliases(), std::slice::from_ref(&host));
    }
}

#[tokio::test]
async fn an_alias_can_be_asked_for_itself() {
    let answer = ask("alias.test", RecordType::CNAME).await.unwrap();
    assert_eq!(answer.records(), [RecordData::Cname(name("second.test"))]);
    assert_eq!(answer.aliases(), []);
}

#[tokio::test]
async fn no_data_is_an_empty_answer_with_its_aliases() {
    let answer = ask("host.test", RecordType::MX).await.unwrap();
    assert!(answer.is_empty());
    assert_eq!(answer.ttl(), Duration::from_secs(30));
    for owner in ["alias.test", "second.test"] {
        let answer = ask(owner, RecordType::MX).await.unwrap();
        assert!(answer.is_empty(), "{owner}");
        assert_eq!(answer.aliases().last(), Some(&name("host.test")), "{owner}");
    }
}

#[tokio::test]
async fn a_missing_name_or_target_is_no_such_name() {
    assert_eq!(failure("missing.test").await, LookupErrorKind::NoSuchName);
    assert_eq!(failure("gone.test").await, LookupErrorKind::NoSuchName);
}

#[tokio::test]
async fn failures_that_may_pass_are_temporary() {
    for owner in ["servfail.test", "refused.test", "silent.test"] {
        assert_eq!(failure(owner).await, LookupErrorKind::Temporary, "{owner}");
    }
}

#[tokio::test]
async fn loops_of_aliases_are_temporary() {
    for owner in ["loop.test", "odd.test"] {
        assert_eq!(failure(owner).await, LookupErrorKind::Temporary, "{owner}");
    }
}

#[tokio::test]
async fn a_reply_that_is_no_dns_message_is_malformed() {
    assert_eq!(failure("broken.test").await, LookupErrorKind::Malformed);
}

#[test]
fn outside_of_a_runtime_a_lookup_is_temporary() {
    let resolver = HickoryResolver::with_name_server(([127, 0, 0, 1], 9).into()).unwrap();
    let asked = name("host.test");
    let answer = block_on_ready(resolver.lookup(&asked, RecordType::A)).unwrap();
    assert!(answer.unwrap_err().is_temporary());
}
