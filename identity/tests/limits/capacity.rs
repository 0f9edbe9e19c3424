//! Bulk runs against the limits.

use std::time::Duration;

use letterhead_identity::capacity::{CapacityPlan, NotKnown, Quantity, Verdict};
use letterhead_identity::profile::{Amount, Profile, QuotaUnit, Window};
use letterhead_identity::{Run, plan_capacity};

use crate::{profile, quota};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Limits like those of two office providers, each read on a page of its own.
fn offices() -> Profile {
    let text = quota("messages", "rolling-day", "2000", "per = \"user\"")
        + &quota(
            "messages",
            "rolling-day",
            "500",
            "per = \"user\"\ntier = \"trial\"",
        )
        + &quota(
            "external-recipients",
            "rolling-day",
            "3000",
            "per = \"user\"",
        )
        + &quota("recipients", "message", "100", "")
        + &quota("messages", "minute", "30", "per = \"user\"")
            .replace("source = \"page\"", "source = \"other\"")
        + &quota("recipients", "rolling-day", "10000", "per = \"user\"")
            .replace("source = \"page\"", "source = \"other\"");
    let other = "[sources.other]\nurl = \"https://o.example/rates\"\nas_of = \"2026-05-31\"\n";
    profile(&(other.to_owned() + &text))
}

fn billing() -> [Run; 3] {
    [
        Run::new("invoice", 12_000, 4 * HOUR),
        Run::new("payment", 3_000, HOUR),
        Run::new("account statement", 1_000, 30 * MINUTE),
    ]
}

fn verdict(plan: &CapacityPlan, unit: QuotaUnit, window: Window) -> Verdict {
    let mut rows = plan.rows.iter();
    rows.find(|row| row.unit == unit && row.window == window)
        .unwrap()
        .verdict
}

#[test]
fn a_bulk_run_that_passes_an_office_providers_limits_is_warned_of() {
    let plan = plan_capacity(&offices(), None, &billing()).unwrap();
    assert!(!plan.is_within());
    assert_eq!(
        verdict(&plan, QuotaUnit::Messages, Window::RollingDay),
        Verdict::Over {
            by: 14_000,
            // 50, 50 and 33 a minute.
            reached_after: Some(15 * MINUTE),
            takes_at_limit: Some(7 * DAY),
        }
    );
    assert_eq!(
        verdict(&plan, QuotaUnit::Messages, Window::Minute),
        Verdict::Over {
            by: 104,
            reached_after: Some(Duration::from_millis(14_400)),
            takes_at_limit: Some(533 * MINUTE),
        }
    );
    assert_eq!(
        verdict(&plan, QuotaUnit::Recipients, Window::RollingDay),
        Verdict::Over {
            by: 6_000,
            reached_after: Some(2 * HOUR),
            takes_at_limit: Some(DAY),
        }
    );
    assert_eq!(
        verdict(&plan, QuotaUnit::Recipients, Window::Message),
        Verdict::Within
    );
    // How many of them are external nobody said, so nobody can say that it fits.
    assert_eq!(
        verdict(&plan, QuotaUnit::ExternalRecipients, Window::RollingDay),
        Verdict::Unknown {
            because: NotKnown::Plan
        }
    );
}

#[test]
fn the_table_names_the_events_the_source_and_its_day() {
    let plan = plan_capacity(&offices(), None, &billing()).unwrap();
    let table = plan.to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "test");
    for (line, words) in [
        (1, vec!["limit", "planned", "verdict", "source"]),
        (
            2,
            vec![
                "2000 messages in 24 hours (user)",
                "16000",
                "over by 14000, reached after 15 min, takes 7 d at the limit",
                "(invoice 12000, payment 3000, account statement 1000)",
                "https://p.example/limits as of 2026-07-01",
            ],
        ),
        (3, vec!["at most 16000", "unknown: the plan does not say"]),
        (
            5,
            vec![
                "takes 8 h 53 min",
                "https://o.example/rates as of 2026-05-31",
            ],
        ),
    ] {
        for word in words {
            assert!(lines[line].contains(word), "{word}\n{table}");
        }
    }
    let columns: Vec<usize> = lines[2..]
        .iter()
        .map(|line| line.find("https").unwrap())
        .collect();
    assert!(columns.iter().all(|at| *at == columns[0]), "{table}");
    let first = plan.over().next().unwrap().to_string();
    assert!(
        first.starts_with("2000 messages in 24 hours (user): 16000 planned, over by 14000")
            && first.ends_with("https://p.example/limits as of 2026-07-01"),
        "{first}"
    );
}

#[test]
fn the_form_is_plain() {
    let plan = plan_capacity(&offices(), None, &billing()).unwrap();
    let json = serde_json::to_value(&plan).unwrap();
    let row = &json["rows"][0];
    assert_eq!(json["profile"], "test");
    assert_eq!(
        (&row["unit"], &row["window"]),
        (&"messages".into(), &"rolling-day".into())
    );
    assert_eq!(
        (&row["maximum"], &row["per"]),
        (&2_000.into(), &"user".into())
    );
    assert_eq!(row["planned"]["exactly"], 16_000);
    assert_eq!(row["events"][1]["event"], "payment");
    assert_eq!(row["verdict"]["over"]["by"], 14_000);
    assert_eq!(row["verdict"]["over"]["reached_after_seconds"], 900);
    assert_eq!(row["source"]["as_of"], "2026-07-01");
}

#[test]
fn a_tier_has_its_own_limit() {
    let trial = "trial".parse().unwrap();
    let plan = plan_capacity(&offices(), Some(&trial), &[Run::new("invoice", 501, DAY)]).unwrap();
    let over: Vec<Amount> = plan.over().map(|row| row.maximum).collect();
    assert_eq!(over, [Amount::Known(500)]);
    assert!(plan.to_string().starts_with("test, trial\n"));
    assert!(plan_capacity(&offices(), Some(&"gold".parse().unwrap()), &[]).is_err());
}

#[test]
fn what_is_not_known_is_never_within() {
    let text = quota("recipients", "rolling-day", "\"unknown\"", "")
        + &quota("octets", "hour", "1000", "")
        + &quota("messages", "minute", "\"unlimited\"", "")
        + &quota("messages", "connection", "10", "");
    let profile = profile(&text);
    let run = Run::new("invoice", 10, HOUR);
    let plan = plan_capacity(&profile, None, std::slice::from_ref(&run)).unwrap();
    let verdicts: Vec<Verdict> = plan.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Unknown {
                because: NotKnown::Limit
            },
            Verdict::Unknown {
                because: NotKnown::Plan
            },
            Verdict::Within,
            Verdict::ByTransport,
        ]
    );
    assert!(!plan.is_within() && plan.over().next().is_none());
    let plan = plan_capacity(&profile, None, &[run.clone().octets(100)]).unwrap();
    assert_eq!(plan.rows[1].verdict, Verdict::Within);
    let plan = plan_capacity(&profile, None, &[run.octets(101)]).unwrap();
    assert!(matches!(plan.rows[1].verdict, Verdict::Over { by: 10, .. }));
}

#[test]
fn recipients_are_counted_by_what_is_known_of_them() {
    let text = quota("external-recipients", "rolling-day", "100", "")
        + &quota("unique-recipients", "rolling-day", "100", "")
        + &quota("external-recipients", "message", "4", "");
    let profile = profile(&text);
    let plan = |run: Run| plan_capacity(&profile, None, &[run]).unwrap();
    let run = || Run::new("payment", 50, HOUR).recipients(5);
    let known = plan(run().external(100).unique(101));
    assert_eq!(known.rows[0].verdict, Verdict::Within);
    assert!(matches!(known.rows[1].verdict, Verdict::Over { by: 1, .. }));
    // How many of one message's five are external is not said.
    assert_eq!(known.rows[2].planned, Quantity::AtMost(5));
    let all = plan(run().external(250));
    assert!(matches!(all.rows[2].verdict, Verdict::Over { by: 1, .. }));
    // What cannot be more than the limit is within it, whatever it is.
    let few = plan(Run::new("payment", 25, HOUR).recipients(4));
    assert!(few.is_within(), "{few}");
}

#[test]
fn ends_and_extremes() {
    let text = quota("messages", "second", "10", "")
        + &quota("messages", "lifetime", "5", "")
        + &quota("recipients", "minute", "0", "");
    let profile = profile(&text);
    let nothing = plan_capacity(&profile, None, &[]).unwrap();
    assert!(nothing.is_within());
    let zero = plan_capacity(&profile, None, &[Run::new("none", 0, Duration::ZERO)]).unwrap();
    assert!(zero.is_within());
    let all = plan_capacity(&profile, None, &[Run::new("all", 25, Duration::ZERO)]).unwrap();
    let expected = |by, takes_at_limit| Verdict::Over {
        by,
        reached_after: Some(Duration::ZERO),
        takes_at_limit,
    };
    let verdicts: Vec<Verdict> = all.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(
        verdicts,
        [
            expected(15, Some(Duration::from_secs(2))),
            expected(20, None),
            expected(25, None)
        ]
    );
    let huge = Run::new("huge", u64::MAX, Duration::MAX)
        .recipients(u64::MAX)
        .octets(u64::MAX);
    let plan = plan_capacity(&profile, None, &[huge.clone(), huge]).unwrap();
    assert!(!plan.is_within());
}

/// A bulk run of invoices, payments and statements, against what the two office providers say of themselves.
#[test]
fn the_built_in_office_profiles_warn_of_a_bulk_run() {
    for (name, unit, window, by, page) in [
        (
            "google-workspace",
            QuotaUnit::Messages,
            Window::RollingDay,
            14_000,
            "google.com",
        ),
        (
            "google-workspace",
            QuotaUnit::Recipients,
            Window::RollingDay,
            6_000,
            "google.com",
        ),
        (
            "microsoft-365",
            QuotaUnit::Messages,
            Window::Minute,
            104,
            "microsoft.com",
        ),
        (
            "microsoft-365",
            QuotaUnit::Recipients,
            Window::RollingDay,
            6_000,
            "microsoft.com",
        ),
    ] {
        let profile = Profile::built_in(name).unwrap();
        let plan = plan_capacity(&profile, None, &billing()).unwrap();
        let mut over = plan.over();
        let row = over
            .find(|row| row.unit == unit && row.window == window)
            .unwrap();
        assert!(
            matches!(row.verdict, Verdict::Over { by: found, .. } if found == by),
            "{row}"
        );
        let source = row.source.as_ref().unwrap();
        assert!(source.url.contains(page), "{row}");
        let warning = row.to_string();
        assert!(
            warning.ends_with(&format!("{} as of {}", source.url, source.as_of))
                && warning.contains("invoice")
                && warning.contains("account statement"),
            "{warning}"
        );
    }
}
