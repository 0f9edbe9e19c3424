//! Verdicts and findings as JSON.

use letterhead_dns::{Txt, Zone, block_on_ready};
use letterhead_spf::{Limits, Query, check_host, lint};
use serde_json::json;

#[test]
fn a_verdict_is_an_object_with_its_trace() {
    let zone: Zone = "
example.com TXT \"v=spf1 include:b.example.net a:c.example.net exp=why.example.com -all\"
b.example.net TXT \"v=spf1 ~all\"
why.example.com TXT \"not %{i}\"
;fault x.example A servfail
"
    .parse()
    .expect("a zone");
    let client = "192.0.2.1".parse().expect("an address");
    let query = Query::mail_from(client, "ada@example.com", "mail.example.com");
    let limits = Limits::default();
    let verdict = block_on_ready(check_host(&query, &zone, &limits)).expect("at once");
    let record = "v=spf1 include:b.example.net a:c.example.net exp=why.example.com -all";
    assert_eq!(
        serde_json::to_value(&verdict).expect("plain data"),
        json!({
            "result": "fail",
            "identity": "mailfrom",
            "domain": "example.com",
            "decided_by": {"domain": "example.com", "term": "-all", "span": {"start": 65, "end": 69}, "reason": "matched"},
            "explanation": "not 192.0.2.1",
            "lookups": 2,
            "void_lookups": 1,
            "trace": {
                "domain": "example.com",
                "result": "fail",
                "reason": "matched",
                "lookup": {"name": "example.com.", "type": "TXT", "records": [format!("\"{record}\"")], "error": null},
                "record": record,
                "steps": [
                    {
                        "term": "include:b.example.net",
                        "target": "b.example.net",
                        "outcome": "not matched, the included record says softfail",
                        "lookups": [],
                        "lookups_so_far": 1,
                        "void_lookups_so_far": 0,
                        "nested": {
                            "domain": "b.example.net",
                            "result": "softfail",
                            "reason": "matched",
                            "lookup": {"name": "b.example.net.", "type": "TXT", "records": ["\"v=spf1 ~all\""], "error": null},
                            "record": "v=spf1 ~all",
                            "steps": [{
                                "term": "~all", "target": null, "outcome": "matched", "lookups": [],
                                "lookups_so_far": 1, "void_lookups_so_far": 0, "nested": null
                            }],
                        },
                    },
                    {
                        "term": "a:c.example.net",
                        "target": "c.example.net",
                        "outcome": "not matched, nothing found",
                        "lookups": [{"name": "c.example.net.", "type": "A", "records": null, "error": "no such name"}],
                        "lookups_so_far": 2, "void_lookups_so_far": 1, "nested": null
                    },
                    {
                        "term": "-all", "target": null, "outcome": "matched", "lookups": [],
                        "lookups_so_far": 2, "void_lookups_so_far": 1, "nested": null
                    },
                    {
                        "term": "exp=why.example.com",
                        "target": "why.example.com",
                        "outcome": "explained as \"not 192.0.2.1\"",
                        "lookups": [{"name": "why.example.com.", "type": "TXT", "records": ["\"not %{i}\""], "error": null}],
                        "lookups_so_far": 2, "void_lookups_so_far": 1, "nested": null
                    },
                ],
            },
        })
    );
}

#[test]
fn a_finding_has_code_place_and_remedy() {
    let findings = lint(&[Txt::split(b"v=spf1 mx +all")], &[]);
    assert_eq!(
        serde_json::to_value(&findings).expect("plain data"),
        json!([{
            "code": "plus-all",
            "severity": "error",
            "domain": null,
            "span": {"start": 10, "end": 14},
            "text": "+all",
            "problem": "every host on the internet may send for the domain",
            "remedy": "write `~all`, or `-all` once every sender is named",
        }])
    );
}
