//! Where reports may go, beyond the vectors: what is asked, what is said, what comes of it.

use std::sync::Mutex;

use letterhead_dmarc::{Record, ReportKind, check_destinations};
use letterhead_dns::{
    Answer, BoxFuture, DomainName, LookupError, Name, RecordType, Resolver, Zone, block_on_ready,
};

/// A zone that remembers what it was asked.
#[derive(Debug)]
struct Asked {
    zone: Zone,
    names: Mutex<Vec<String>>,
}

impl Resolver for Asked {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        let mut names = self.names.lock().expect("not poisoned");
        names.push(format!("{name} {record_type}"));
        self.zone.lookup(name, record_type)
    }
}

const ZONE: &str = "
a.test._report._dmarc.b.example TXT \"v=DMARC1; rua=mailto:new@b.example\"
a.test._report._dmarc.c.example TXT \"v=DMARC1; rua=mailto:x@d.example\"
;fault a.test._report._dmarc.e.example TXT timeout
";

const RECORD: &str = "v=DMARC1; p=none; \
    rua=mailto:x@a.test,mailto:x@b.example,mailto:x@c.example,mailto:x@e.example; \
    ruf=mailto:x@b.example,urn:x,mailto:x@f.example";

fn checked() -> (Vec<letterhead_dmarc::Destination>, Vec<String>) {
    let dns = Asked {
        zone: ZONE.parse().expect("a zone"),
        names: Mutex::default(),
    };
    let policy_domain: DomainName = "a.test".parse().expect("a domain");
    let record: Record = RECORD.parse().expect("a record");
    let checked = block_on_ready(check_destinations(&policy_domain, &record, &dns));
    let names = dns.names.into_inner().expect("not poisoned");
    (checked.expect("a zone never waits"), names)
}

#[test]
fn each_host_is_asked_once_and_an_own_one_never() {
    let (_, names) = checked();
    let host = |host: &str| format!("a.test._report._dmarc.{host}. TXT");
    let expected = ["b.example", "c.example", "e.example", "f.example"].map(host);
    assert_eq!(names, expected);
}

#[test]
fn reports_go_only_where_they_are_taken() {
    let (checked, _) = checked();
    let addresses = |kind| -> Vec<&str> {
        checked
            .iter()
            .filter(|destination| destination.kind() == kind)
            .flat_map(|destination| destination.addresses())
            .map(AsRef::as_ref)
            .collect()
    };
    assert_eq!(
        addresses(ReportKind::Aggregate),
        ["mailto:x@a.test", "mailto:new@b.example"]
    );
    assert_eq!(addresses(ReportKind::Failure), ["mailto:x@b.example"]);
}

#[test]
fn each_says_why() {
    let (checked, _) = checked();
    let lines: Vec<String> = checked.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "aggregate reports to mailto:x@a.test: within the organization",
            "aggregate reports to mailto:x@b.example: accepted at mailto:new@b.example",
            "aggregate reports to mailto:x@c.example: not accepted: its host points to another one, mailto:x@d.example",
            "aggregate reports to mailto:x@e.example: not known: a.test._report._dmarc.e.example. TXT: temporary failure",
            "failure reports to mailto:x@b.example: accepted",
            "failure reports to urn:x: not accepted: the URI names no host",
            "failure reports to mailto:x@f.example: not accepted: there is no DMARC record at a.test._report._dmarc.f.example",
        ]
    );
}
