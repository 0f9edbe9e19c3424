//! Lists that are exported and imported.

use std::io::{BufReader, Read};

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Evidence, Import, LineErrorKind, ListFormat, Provider, Suppression, SuppressionFilter,
    SuppressionKey, SuppressionReason, SuppressionScope,
};
use letterhead_mail::EmailAddress;
use proptest::prelude::{Strategy, any, proptest};
use proptest::{collection, option, prop_assert_eq, sample};

use crate::setting::{HARD, JOE, List, day, event, keys};

const BOTH: [ListFormat; 2] = [ListFormat::Csv, ListFormat::JsonLines];

fn export(list: &List, format: ListFormat) -> String {
    let mut file = format.header();
    for suppression in list.all(&SuppressionFilter::all(), 100) {
        file.push_str(&format.row(&suppression));
    }
    file
}

fn import(list: &List, format: ListFormat, file: &[u8], now: u32) -> Import {
    let rows = format.read(file);
    block_on_ready(list.list.import(&list.tenant, rows, day(now)))
        .unwrap()
        .unwrap()
}

#[test]
fn a_row_is_what_the_documentation_says() {
    let list = List::new();
    let bounce = event(HARD, 1, 0).with_diagnostic("smtp; 550 \"joe\", unknown");
    list.record(&bounce, 0);
    let id = bounce.id();
    assert_eq!(
        export(&list, ListFormat::Csv),
        format!(
            "address,reason,stream,provider,since,until,event,note\r\n\
             joe@example.org,hard-bounce,,,2024-10-04T00:00:00.000Z,,{id},\"smtp; 550 \"\"joe\"\", unknown\"\r\n"
        )
    );
    assert_eq!(
        export(&list, ListFormat::JsonLines),
        format!(
            "{{\"address\":\"joe@example.org\",\"event\":\"{id}\",\"note\":\"smtp; 550 \\\"joe\\\", unknown\",\
             \"reason\":\"hard-bounce\",\"since\":\"2024-10-04T00:00:00.000Z\"}}\n"
        )
    );
}

#[test]
fn importing_again_changes_nothing() {
    let file = b"joe@example.org,BOUNCE\nann@example.org,COMPLAINT\n";
    let list = List::new();
    let first = import(&list, ListFormat::Csv, file, 1);
    assert_eq!((first.added, first.known, first.stale), (2, 0, 0));
    let before = list.all(&SuppressionFilter::all(), 9);
    let again = import(&list, ListFormat::Csv, file, 2);
    assert_eq!((again.added, again.known, again.stale), (0, 2, 0));
    assert_eq!(list.all(&SuppressionFilter::all(), 9), before);
    // What was lifted stays lifted.
    list.remove(3);
    let again = import(&list, ListFormat::Csv, file, 4);
    assert_eq!((again.added, again.known), (0, 2));
    assert_eq!(list.reason(), None);
    let dated = b"address,since\njoe@example.org,2020-01-01\n";
    assert_eq!(import(&list, ListFormat::Csv, dated, 5).stale, 1);
}

#[test]
fn lists_of_providers_are_read() {
    let csv = "\u{feff}\"Email Address\";Reason;Created At\n\
        a@x.example;COMPLAINT;2024-01-02T03:04:05.678+00:00\nb@x.example;UNKNOWN;\n";
    let ses = "{\"EmailAddress\":\"c@x.example\",\"Reason\":\"BOUNCE\",\"LastUpdateTime\":1704164645.678}\n\n\
        {\"EmailAddress\":\"d@x.example\",\"Reason\":\"COMPLAINT\",\"LastUpdateTime\":\"2024-01-02T03:04:05Z\"}";
    let oci = "{\"email-address\":\"e@x.example\",\"reason\":\"SOFTBOUNCE\",\"time-created\":\"2024-01-02T03:04:05Z\",\
        \"compartment-id\":\"ocid1\",\"error-detail\":\"mailbox full\",\"defined-tags\":{}}\n";
    let list = List::new();
    for (format, file) in [
        (ListFormat::Csv, csv),
        (ListFormat::JsonLines, ses),
        (ListFormat::JsonLines, oci),
    ] {
        let import = import(&list, format, file.as_bytes(), 0);
        assert!(import.refused.is_empty(), "{:?}", import.refused);
    }
    let all = list.all(&SuppressionFilter::all(), 9);
    let rows: Vec<String> = all
        .iter()
        .map(|one| format!("{one} {}", one.since() < day(0)))
        .collect();
    assert_eq!(
        rows,
        [
            "a@x.example: complaint true",
            "b@x.example: provider false",
            "c@x.example: hard-bounce true",
            "d@x.example: complaint true",
            "e@x.example: repeated-soft-bounce (mailbox full) true",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_imported() {
    let rows = [
        "address,reason,since,until,stream,provider,event,note",
        "a@x.example,bounce",
        "",
        "not an address,bounce",
        "b@x.example,because",
        ",bounce",
        "c@x.example,bounce,yesterday",
        "c@x.example,bounce,,soon",
        "c@x.example,bounce,,,\u{1}",
        "c@x.example,bounce,,,,carrier pigeon",
        "c@x.example,bounce,,,,,7",
        ":abc:def,bounce",
        "\"c@x.example\"x,bounce",
        "d@x.example,bounce,,,news,SES,,a note",
        "\"open,bounce",
        "e@x.example",
    ];
    let list = List::new();
    let import = import(&list, ListFormat::Csv, rows.join("\n").as_bytes(), 0);
    let errors: Vec<String> = import.refused.iter().map(ToString::to_string).collect();
    let lines: Vec<u64> = import.refused.iter().map(|error| error.line()).collect();
    assert_eq!(lines, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]);
    assert!(
        errors[1].starts_with("line 5: the reason \"because\" is not known; use"),
        "{}",
        errors[1]
    );
    assert!(errors[3].contains("since is \"yesterday\", which is no time; write it as"));
    assert!(errors.iter().all(|error| error.contains(';')), "{errors:?}");
    assert_eq!(import.added, 3);
    let all = list.all(&SuppressionFilter::all(), 9);
    assert_eq!(keys(&all), ["a@x.example", "d@x.example", "e@x.example"]);
    assert_eq!(
        all[1].scope().to_string(),
        "acme, stream news, provider ses"
    );
    assert_eq!(all[2].reason(), SuppressionReason::Manual);
}

#[test]
fn json_that_is_none_is_named() {
    let list = List::new();
    let file = b"{\"address\":\"a@x.example\"}\n[1]\n{\"address\":\n\xff\n{\"reason\":null}\nnull";
    let import = import(&list, ListFormat::JsonLines, file, 0);
    let kinds: Vec<&LineErrorKind> = import.refused.iter().map(|error| error.kind()).collect();
    assert!(matches!(
        kinds[..],
        [
            LineErrorKind::Json(_),
            LineErrorKind::Json(_),
            LineErrorKind::NotUtf8,
            LineErrorKind::NoAddress,
            LineErrorKind::Json(_)
        ]
    ));
    assert_eq!(import.added, 1);
}

#[test]
fn a_file_without_addresses_is_refused_once() {
    let list = List::new();
    let import = import(
        &list,
        ListFormat::Csv,
        b"name,reason\njoe,bounce\nann,bounce\n",
        0,
    );
    assert_eq!(import.refused.len(), 1);
    assert!(matches!(
        import.refused[0].kind(),
        LineErrorKind::NoAddressColumn
    ));
    assert_eq!(import.added, 0);
}

#[test]
fn a_long_line_costs_no_memory_and_only_itself() {
    let list = List::new();
    for format in BOTH {
        let mut file = b"a@x.example,bounce\n".to_vec();
        if format == ListFormat::JsonLines {
            file = b"{\"address\":\"b@x.example\"}\n".to_vec();
        }
        let row = file.clone();
        file.resize(file.len() + 5_000_000, b'x');
        file.push(b'\n');
        file.extend(row);
        let import = import(&list, format, &file, 0);
        assert_eq!((import.added, import.known), (1, 1));
        assert!(matches!(import.refused[0].kind(), LineErrorKind::TooLong));
    }
}

#[test]
fn refused_rows_are_counted_beyond_those_that_are_kept() {
    let import = import(
        &List::new(),
        ListFormat::JsonLines,
        &b"x\n".repeat(1_500),
        0,
    );
    assert_eq!(
        (import.refused.len(), import.more_refused),
        (Import::MAX_REFUSED, 500)
    );
}

/// An input that fails after its text.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer) {
            Ok(0) => Err(std::io::Error::other("the line went dead")),
            other => other,
        }
    }
}

#[test]
fn an_input_that_fails_ends_the_import_with_an_error() {
    let list = List::new();
    let input = BufReader::new(Broken(b"a@x.example,bounce\nb@x"));
    let rows = ListFormat::Csv.read(input);
    let import = block_on_ready(list.list.import(&list.tenant, rows, day(0)));
    let import = import.unwrap().unwrap();
    assert_eq!((import.added, import.refused.len()), (1, 1));
    assert!(matches!(import.refused[0].kind(), LineErrorKind::Input(_)));
}

#[test]
fn no_cell_begins_a_formula() {
    for (who, note) in [
        ("=cmd@x.example", "=1+1"),
        ("+1@x.example", "+1"),
        ("-1@x.example", "-1"),
        ("'a@x.example", "@sum(a1)"),
        ("'=a@x.example", "'quoted'"),
        ("a@x.example", "''=1"),
    ] {
        let list = List::new();
        let joe: EmailAddress = who.parse().unwrap();
        let scope = list.scope();
        let added = list.list.add_manual(&scope, &joe, note, day(0));
        block_on_ready(added).unwrap().unwrap();
        let file = export(&list, ListFormat::Csv);
        for cell in file.split(',').map(|cell| cell.trim_start_matches('"')) {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
        let other = List::new();
        assert_eq!(import(&other, ListFormat::Csv, file.as_bytes(), 9).added, 1);
        let all = SuppressionFilter::all();
        assert_eq!(other.all(&all, 9), list.all(&all, 9));
    }
}

fn suppression() -> impl Strategy<Value = Suppression> {
    let local = sample::select(vec![
        "=a", "joe", "o'hara", "'x", "+tag", "-y", "\"a,b\"", "j\u{f6}",
    ]);
    let address = (local, 0_u32..1_000).prop_map(|(local, number)| match local.strip_suffix('"') {
        Some(open) => format!("{open}{number}\"@x.example"),
        None => format!("{local}{number}@x.example"),
    });
    let names = option::of("[ -~\u{a0}-\u{24f}]{1,20}");
    let provider = option::of(sample::select(Provider::ALL.to_vec()));
    let reason = sample::select(SuppressionReason::ALL.to_vec());
    let note = option::of("\\PC{0,80}");
    (
        address,
        names,
        provider,
        reason,
        any::<u128>(),
        note,
        0_u64..1_727_000_000_000,
        option::of(0_u64..9_000_000_000_000),
    )
        .prop_map(
            |(address, stream, provider, reason, event, note, since, until)| {
                let key: SuppressionKey = address.parse().unwrap();
                let at = |millis| std::time::UNIX_EPOCH + std::time::Duration::from_millis(millis);
                let mut scope = SuppressionScope::new("acme".parse().unwrap());
                if let Some(stream) = stream {
                    scope = scope.stream(stream.parse().unwrap());
                }
                if let Some(provider) = provider {
                    scope = scope.provider(provider);
                }
                let event = format!("{event:032x}").parse().unwrap();
                let evidence = Evidence::new(event, note.as_deref());
                let suppression = Suppression::new(key, scope, reason, at(since), evidence);
                match until {
                    Some(until) => suppression.with_until(at(until)),
                    None => suppression,
                }
            },
        )
}

proptest! {
    #[test]
    fn what_was_exported_is_imported_as_it_was(
        suppressions in collection::vec(suppression(), 0..20),
    ) {
        for format in BOTH {
            let mut file = format.header();
            for suppression in &suppressions {
                file.push_str(&format.row(suppression));
            }
            let list = List::new();
            let import = import(&list, format, file.as_bytes(), 0);
            prop_assert_eq!(import.refused.len(), 0, "{:?}", import.refused);
            for suppression in &suppressions {
                let twice = suppressions.iter().filter(|other| other.key() == suppression.key());
                if twice.count() == 1 {
                    let address = suppression.key().address().unwrap();
                    let record = block_on_ready(list.list.get(&list.tenant, &address));
                    let record = record.unwrap().unwrap().unwrap();
                    let found: Vec<Suppression> = record.suppressions(&list.tenant).collect();
                    prop_assert_eq!(&found[..], std::slice::from_ref(suppression));
                }
            }
            // And once more, out of the list.
            let file = export(&list, format);
            let other = List::new();
            let _ = self::import(&other, format, file.as_bytes(), 0);
            prop_assert_eq!(export(&other, format), file);
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic_or_go_on_for_ever(
        file in collection::vec(any::<u8>(), 0..400),
        text in "[a@x.,;\"'\\n\\r\\t{}:=]{0,200}",
    ) {
        for format in BOTH {
            for file in [&file[..], text.as_bytes()] {
                let lines = file.iter().filter(|octet| **octet == b'\n').count() + 1;
                let rows = format.read(file).count();
                assert!(rows <= lines, "{rows} rows of {lines} lines");
            }
        }
    }
}

#[test]
fn a_quoted_cell_can_have_lines() {
    let file = b"address,note,reason\n\"joe@example.org\",\"first\r\nsecond\",bounce\nann@example.org,x,\"\n";
    let list = List::new();
    let import = import(&list, ListFormat::Csv, file, 0);
    assert_eq!((import.added, import.refused.len()), (1, 1));
    assert_eq!(import.refused[0].line(), 4);
    let joe = list.suppressed(&[JOE]);
    assert_eq!(joe[0].evidence().diagnostic(), Some("first second"));
}
