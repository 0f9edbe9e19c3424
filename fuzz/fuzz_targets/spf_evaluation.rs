//! SPF evaluation: on any zone it ends at the first poll, within its limits, and says the same twice.
//!
//! The first line of the input is the client's address, the MAIL FROM and the HELO name; the rest is the zone.
#![no_main]

use std::time::{Duration, SystemTime};

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::{Limits, Query, Trace, check_host};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some(end) = octets.iter().position(|octet| *octet == b'\n') else {
        return;
    };
    let (line, text) = octets.split_at(end);
    let (Ok(line), Ok(zone)) = (str::from_utf8(line), Zone::parse(text)) else {
        return;
    };
    let mut words = line.split(' ');
    let Some(Ok(client)) = words.next().map(str::parse) else {
        return;
    };
    let (mail_from, helo) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let query = Query::mail_from(client, mail_from, helo)
        .with_now(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .with_receiver("mx.example.com");

    let limits = Limits::default();
    let check = || block_on_ready(check_host(&query, &zone, &limits)).expect("ready at once");
    let verdict = check();
    assert!(verdict.lookups <= limits.lookups() + 1);
    assert!(verdict.void_lookups <= limits.void_lookups() + 1);
    assert!(lookups(verdict.trace()) <= MAX_LOOKUPS);
    if let Some(explanation) = &verdict.explanation {
        assert!(
            explanation
                .bytes()
                .all(|octet| octet == b' ' || octet.is_ascii_graphic())
        );
    }
    let said = format!("{verdict}\n{}", verdict.trace());
    assert!(
        said.chars().all(|c| c == '\n' || !c.is_control()),
        "{said:?}"
    );
    let again = check();
    assert_eq!(said, format!("{again}\n{}", again.trace()));
});

/// The lookups of a trace and of what is nested in it.
fn lookups(trace: &Trace) -> usize {
    let steps = trace.steps().iter();
    let below = steps.map(|step| step.lookups().len() + step.nested().map_or(0, lookups));
    usize::from(trace.lookup().is_some()) + below.sum::<usize>()
}

/// The record of the domain; for each term that counts, itself, ten names and ten names of the client; the limit's own.
const MAX_LOOKUPS: usize = 1 + 11 * 22;
