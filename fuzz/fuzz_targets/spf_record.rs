//! SPF records: what is printed is what was read, each term is where it says, and merging twice changes nothing more.
#![no_main]

use letterhead_spf::merge::{Change, Notice};
use letterhead_spf::{Directive, Record, Selection, Term, TermKind, merge, select};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(record) = Record::try_from(octets) else {
        return;
    };
    assert_eq!(record.to_string().as_bytes(), octets);
    let mut end = 0;
    for term in record.terms() {
        assert!(term.span().start > end);
        end = term.span().end;
        assert_eq!(record.text_of(term).as_bytes(), &octets[term.span()]);
        if let Some(directive) = term.directive() {
            assert_eq!(directive.to_string().parse().as_ref(), Ok(directive));
        }
    }
    let counted = record
        .terms()
        .iter()
        .filter(|term| term.counts_as_lookup())
        .count();
    assert!(record.own_lookups() <= counted);
    check_merge(&record);
    assert_eq!(select([octets]), Selection::One(record));
});

fn check_merge(record: &Record) {
    let wanted: Directive = "include:spf.example.net".parse().expect("a directive");
    let wanted = [wanted];
    if let Ok(merged) = merge(Some(record.as_str()), &wanted) {
        let again = merge(Some(&merged.record), &wanted).expect("what was merged can be merged");
        assert_eq!(
            (again.change, again.record.as_str()),
            (Change::Unchanged, merged.record.as_str())
        );
        let added = merged
            .record
            .parse::<Record>()
            .expect("what was merged is a record");
        let kinds = |record: &Record| {
            record
                .terms()
                .iter()
                .map(Term::kind)
                .cloned()
                .collect::<Vec<_>>()
        };
        let added = kinds(&added);
        let is_kept = |kind: &TermKind| {
            let gave_way = |notice: &Notice| matches!((notice, kind), (Notice::Replaced(gone), TermKind::Directive(directive)) if **gone == *directive);
            added.contains(kind) || merged.notices.iter().any(gave_way)
        };
        assert!(kinds(record).iter().all(is_kept));
    }
}
