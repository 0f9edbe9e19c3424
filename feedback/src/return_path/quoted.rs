//! Return paths in the content of a report.

use letterhead_mail::EmailAddress;
use memchr::memchr_iter;

use crate::report::Reading;
use crate::report::part::Part;

/// The addresses below this base that the report quotes, each once and at most so many.
pub(super) fn addresses(base: &EmailAddress, report: &[u8], limit: usize) -> Vec<EmailAddress> {
    let report = report.get(..Reading::MAX_INPUT).unwrap_or(report);
    let mut found = Vec::new();
    collect(base, report, limit, &mut found);
    for leaf in Part::read(report).leaves() {
        collect(base, &leaf.decoded(), limit, &mut found);
    }
    let address = |local_part: String| EmailAddress::new(&local_part, base.domain().clone()).ok();
    found.into_iter().filter_map(address).collect()
}

/// The local parts, as they are written.
fn collect(base: &EmailAddress, text: &[u8], limit: usize, found: &mut Vec<String>) {
    let domain = base.domain().to_string();
    for at in memchr_iter(b'@', text) {
        if found.len() >= limit {
            return;
        }
        let local_part = before(base.local_part(), text, at);
        let local_part = local_part.filter(|_| is_followed_by_domain(&domain, text, at));
        if let Some(local_part) = local_part.filter(|one| found.iter().all(|other| other != one)) {
            found.push(local_part.to_owned());
        }
    }
}

/// What ends at the `@` and begins with the base.
fn before<'a>(base: &str, text: &'a [u8], at: usize) -> Option<&'a str> {
    let front = text.get(at.saturating_sub(EmailAddress::MAX_LOCAL_PART)..at)?;
    let token = front.iter().rev();
    let token = token.take_while(|octet| octet.is_ascii_alphanumeric());
    // One octet of separator, and the base in front of it.
    let length = base.len() + 1 + token.count();
    let local_part = front.get(front.len().checked_sub(length)?..)?;
    let own = local_part.get(..base.len())?;
    if !own.eq_ignore_ascii_case(base.as_bytes()) {
        return None;
    }
    std::str::from_utf8(local_part).ok()
}

/// Whether this domain follows, and nothing that would make it another one.
fn is_followed_by_domain(domain: &str, text: &[u8], at: usize) -> bool {
    let after = text.get(at + 1..).unwrap_or_default();
    let Some((own, rest)) = after.split_at_checked(domain.len()) else {
        return false;
    };
    let goes_on = match rest {
        [b'.', next, ..] | [next, ..] => next.is_ascii_alphanumeric() || *next == b'-',
        [] => false,
    };
    own.eq_ignore_ascii_case(domain.as_bytes()) && !goes_on
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn addresses_below_the_base_are_found_in_any_dress() {
        let base = "bounces@m.example".parse().unwrap();
        for (report, expected) in [
            ("", vec![]),
            (
                "Return-Path: <bounces+abc@m.example>\r\n",
                vec!["bounces+abc"],
            ),
            (
                "Original-Mail-From: Bounces-AB2@M.EXAMPLE",
                vec!["Bounces-AB2"],
            ),
            ("from=<bounces=abc@m.example>.", vec!["bounces=abc"]),
            ("to bounces+abc@m.example.", vec!["bounces+abc"]),
            (
                "bounces+a@m.example, bounces+a@m.example bounces+b@m.example",
                vec!["bounces+a", "bounces+b"],
            ),
            ("prvs=1234=bounces+abc@m.example", vec!["bounces+abc"]),
            (
                "To: x\n\nContent-Type: text/plain\n\nbounces+abc@m.example",
                vec!["bounces+abc"],
            ),
            (
                "Content-Transfer-Encoding: base64\n\nYm91bmNlcythYmNAbS5leGFtcGxl\n",
                vec!["bounces+abc"],
            ),
            ("bounces@m.example", vec![]),
            ("bounce+abc@m.example", vec![]),
            ("bounces+abc@n.example", vec![]),
            ("bounces+abc@m.example.org", vec![]),
            ("bounces+abc@m.example-x", vec![]),
            ("bounces+abc@m.exampl", vec![]),
            ("@", vec![]),
        ] {
            let found = addresses(&base, report.as_bytes(), 3);
            let found: Vec<&str> = found.iter().map(|address| address.local_part()).collect();
            assert_eq!(found, expected, "{report}");
        }
        let many =
            "bounces+a@m.example bounces+b@m.example bounces+c@m.example bounces+d@m.example";
        assert_eq!(addresses(&base, many.as_bytes(), 3).len(), 3);
    }
}
