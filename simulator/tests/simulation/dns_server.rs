//! The simulated DNS over UDP and TCP, seen by an independent resolver.

use std::time::Duration;

use letterhead_dns::hickory::HickoryOptions;
use letterhead_dns::zone::Fault;
use letterhead_dns::{Answer, HickoryResolver, LookupError, Name, RecordType, Resolver};
use letterhead_simulator::Served;

use crate::common::{provider, publish};

const ZONE: &str = r#"
$ORIGIN zone.example.
@ 300 IN SOA ns.zone.example. admin.zone.example. 1 3600 600 86400 60
@ 300 IN MX 10 mail
@ 300 IN MX 20 backup
mail 300 IN A 192.0.2.1
mail 300 IN AAAA 2001:db8::1
*.wild 300 IN TXT "wild"
alias 60 IN CNAME alias2
alias2 300 IN CNAME mail
dangling 300 IN CNAME nothing
loop1 300 IN CNAME loop2
loop2 300 IN CNAME loop1
a\.b 300 IN TXT "dot in a label"
odd 300 IN TXT "a\000b\255" "second"
tlsa 300 IN TLSA \# 4 03010101
;fault broken TXT servfail
"#;

fn resolver(served: &Served) -> HickoryResolver {
    let options = HickoryOptions::default()
        .timeout(Duration::from_millis(200))
        .retries(0)
        .cached_answers(0);
    HickoryResolver::with_name_server_and_options(served.dns(), options).unwrap()
}

/// An answer in words that both resolvers share.
fn words(answer: &Result<Answer, LookupError>) -> String {
    match answer {
        Ok(answer) => {
            let mut records: Vec<String> =
                answer.records().iter().map(ToString::to_string).collect();
            records.sort();
            format!(
                "{records:?} by way of {:?}, {:?}",
                answer.aliases(),
                answer.ttl()
            )
        }
        Err(error) => error.kind().to_string(),
    }
}

#[tokio::test]
async fn the_socket_answers_as_the_zone_does() {
    let simulator = provider(1);
    publish(&simulator, ZONE);
    let long = "x".repeat(3_000);
    publish(
        &simulator,
        &format!(
            "long.zone.example. 300 IN TXT {}",
            letterhead_dns::Txt::split(long.as_bytes())
        ),
    );
    let served = simulator.serve().await.unwrap();
    let outside = resolver(&served);
    for (name, record_type) in [
        ("zone.example", RecordType::MX),
        ("ZONE.example", RecordType::MX),
        ("zone.example", RecordType::SOA),
        ("zone.example", RecordType::TXT),
        ("mail.zone.example", RecordType::A),
        ("mail.zone.example", RecordType::AAAA),
        ("a.b.wild.zone.example", RecordType::TXT),
        ("wild.zone.example", RecordType::TXT),
        ("alias.zone.example", RecordType::A),
        ("alias.zone.example", RecordType::CNAME),
        ("alias.zone.example", RecordType::TXT),
        ("dangling.zone.example", RecordType::A),
        ("loop1.zone.example", RecordType::A),
        ("a\\.b.zone.example", RecordType::TXT),
        ("odd.zone.example", RecordType::TXT),
        ("tlsa.zone.example", RecordType::TLSA),
        ("long.zone.example", RecordType::TXT),
        ("nothing.zone.example", RecordType::A),
        ("elsewhere.test", RecordType::A),
        ("broken.zone.example", RecordType::TXT),
        ("mx.receiver.example", RecordType::A),
    ] {
        let name: Name = name.parse().unwrap();
        let expected = words(&simulator.dns().lookup(&name, record_type).await);
        let found = words(&outside.lookup(&name, record_type).await);
        assert_eq!(found, expected, "{name} {record_type}");
    }
}

#[tokio::test]
async fn changes_show_at_once_and_faults_come_and_go() {
    let simulator = provider(1);
    let served = simulator.serve().await.unwrap();
    let outside = resolver(&served);
    let name: Name = "new.example".parse().unwrap();
    assert!(
        outside
            .lookup(&name, RecordType::TXT)
            .await
            .unwrap_err()
            .is_no_such_name()
    );
    publish(&simulator, "new.example. 300 IN TXT \"here\"");
    assert_eq!(
        outside
            .lookup(&name, RecordType::TXT)
            .await
            .unwrap()
            .records()
            .len(),
        1
    );
    simulator
        .dns()
        .set_fault(name.clone(), RecordType::TXT, Fault::Timeout);
    assert!(
        outside
            .lookup(&name, RecordType::TXT)
            .await
            .unwrap_err()
            .is_temporary()
    );
    assert_eq!(
        simulator.dns().clear_fault(&name, RecordType::TXT),
        Some(Fault::Timeout)
    );
    assert_eq!(
        outside
            .lookup(&name, RecordType::TXT)
            .await
            .unwrap()
            .records()
            .len(),
        1
    );
    assert_eq!(simulator.dns().remove(&name, RecordType::TXT).len(), 1);
    assert!(
        outside
            .lookup(&name, RecordType::TXT)
            .await
            .unwrap_err()
            .is_no_such_name()
    );
}
