//! The records that a check went through, and what each term came to.

use letterhead::spf::check::trace::{Outcome, Step};
use letterhead::spf::{SpfResult, Trace, Verdict};

use crate::drawing::{BAD, CHARACTER, Drawing, FAINT, GOOD, INK, PALE};

const ROW: f64 = 20.0;
const GAP: f64 = 24.0;
const COLUMN_GAP: f64 = 56.0;

pub(crate) fn picture(verdict: &Verdict, client: &str) -> String {
    let mut drawing = Drawing::default();
    let result = verdict.result;
    let head = format!(
        "May {client} send as {}? {result}",
        verdict.trace().domain()
    );
    drawing.text([16.0, 28.0], colour(result), &head);
    let spent = format!(
        "{} of 10 lookups, {} of 2 that find nothing",
        verdict.lookups, verdict.void_lookups
    );
    drawing.text([16.0, 48.0], FAINT, &spent);
    record(&mut drawing, verdict.trace(), [16.0, 66.0]);
    drawing.finish(&head)
}

/// Draws a record and those that it includes to the right of it; gives where the lowest of them ends.
fn record(drawing: &mut Drawing, trace: &Trace, at: [f64; 2]) -> f64 {
    let [x, y] = at;
    let steps = trace.steps();
    let rows: Vec<[String; 2]> = steps
        .iter()
        .map(|step| [trace.text_of(step).to_owned(), told(step)])
        .collect();
    let title = format!("{}: {}", trace.domain(), trace.result());
    let longest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let terms = longest(0).unwrap_or(0) as f64 * CHARACTER;
    let outcomes = longest(1).unwrap_or(0) as f64 * CHARACTER;
    let of_title = title.chars().count() as f64 * CHARACTER;
    let width = (terms + outcomes + 40.0).max(of_title + 24.0);
    let height = ROW * (rows.len() as f64 + 1.0) + 14.0;
    drawing.rectangle(at, [width, height], "#ffffff", PALE);
    drawing.code([x + 10.0, y + 18.0], colour(trace.result()), &title);
    let mut below = y + height;
    let mut next = y;
    for (number, (step, [term, outcome])) in steps.iter().zip(&rows).enumerate() {
        let line = y + ROW * (number as f64 + 2.0);
        let decides = matches!(step.outcome(), Outcome::Matched | Outcome::Followed(_));
        let ink = if decides { colour(trace.result()) } else { INK };
        drawing.code([x + 10.0, line], ink, term);
        drawing.code(
            [x + terms + 28.0, line],
            if decides { ink } else { FAINT },
            outcome,
        );
        if let Some(nested) = step.nested() {
            let place = [x + width + COLUMN_GAP, next];
            drawing.curve([x + width, line - 4.0], [place[0], place[1] + 14.0]);
            next = record(drawing, nested, place) + GAP;
            below = below.max(next - GAP);
        }
    }
    below
}

/// What a term came to; that it did not match goes without saying.
fn told(step: &Step) -> String {
    match step.outcome() {
        Outcome::NotMatched(mismatch) => mismatch.to_string(),
        outcome => outcome.to_string(),
    }
}

fn colour(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => GOOD,
        SpfResult::Fail | SpfResult::PermError => BAD,
        _ => FAINT,
    }
}
