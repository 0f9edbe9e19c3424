//! Where the two are known to differ, and the section that decides.

use letterhead_dns::RecordType;
use letterhead_spf::Limits;
use letterhead_spf::check::reason::Reason;
use letterhead_spf::check::trace::{Outcome, Step};

use crate::dispute::Dispute;

/// Why an answer of ours that differs is right.
pub(crate) struct Ruling {
    pub(crate) section: &'static str,
    applies: fn(&Dispute<'_>) -> bool,
}

pub(crate) fn ruling(dispute: &Dispute<'_>) -> Option<&'static Ruling> {
    RULINGS.iter().find(|ruling| (ruling.applies)(dispute))
}

const RULINGS: &[Ruling] = &[
    Ruling {
        section: "4.3: a final dot is no empty label; theirs takes it for one",
        applies: |dispute| {
            let sender = &dispute.ask.sender;
            let domain = if sender.is_empty() {
                &dispute.ask.helo
            } else {
                sender
            };
            domain.ends_with('.') && dispute.theirs.result == "none"
        },
    },
    Ruling {
        section: "7.2: `h` is a domain, without the final dot as all domains here; theirs keeps it",
        applies: |dispute| {
            dispute.ask.helo.ends_with('.')
                && dispute.macro_has(|inside| inside.starts_with(['h', 'H']))
        },
    },
    Ruling {
        section: "4.3: `s` has the local part postmaster where the sender has none; theirs leaves it as it came",
        applies: |dispute| {
            let sender = &dispute.ask.sender;
            let bare = sender.starts_with('@') || !sender.contains('@');
            !sender.is_empty() && bare && dispute.macro_has(|inside| inside.starts_with(['s', 'S']))
        },
    },
    Ruling {
        section: "4.3, RFC 5321 4.1.2: the last `@` separates the domain; theirs takes the first",
        applies: |dispute| {
            let asked = |(name, _): &(String, String)| name.contains('@');
            dispute.ask.sender.matches('@').count() > 1 && dispute.theirs.asked.iter().any(asked)
        },
    },
    Ruling {
        section: "4.6.4: terms with void lookups are counted, each once; theirs counts lookups",
        applies: |dispute| {
            let Some(theirs) = dispute.theirs.without_void_limit.as_deref() else {
                return false;
            };
            let limits = Limits::default().with_void_lookups(1000);
            let ours = crate::verdict(dispute.ask, &dispute.case.zone, limits);
            let ours = &ours;
            let unlimited = Dispute {
                ours,
                theirs,
                ..*dispute
            };
            let several = |step: &Step| {
                step.lookups()
                    .iter()
                    .filter(|lookup| lookup.is_void())
                    .count()
                    > 1
            };
            let pointers = theirs.asked.iter().any(|(_, kind)| kind == "PTR");
            (pointers || unlimited.walk(&several) || unlimited.walk(&exchanger_matched))
                && (crate::agree(ours, theirs) || ruling(&unlimited).is_some())
        },
    },
    Ruling {
        section: "4.6.4, 6.1: a redirect counts when it is followed; theirs counts it when it is read",
        applies: |dispute| {
            let texts = dispute.texts();
            let redirects: usize = texts
                .iter()
                .map(|text| text.matches("redirect=").count())
                .sum();
            let ours = dispute.ours.lookups;
            let early = redirects > 0 && ours + redirects > 10;
            dispute.they_say("Too many DNS lookups") && early && ours <= 11
        },
    },
    Ruling {
        section: "5.5, 7.3: names of the client that cannot be looked up are passed over; theirs stops",
        applies: |dispute| {
            let client_names = dispute.they_say("fault PTR");
            let pointers = dispute.theirs.asked.iter().any(|(_, kind)| kind == "PTR");
            client_names || (pointers && dispute.they_say("fault A"))
        },
    },
    Ruling {
        section: "4.6.4: `p` counts as a lookup; theirs does not count it",
        applies: |dispute| {
            matches!(dispute.reason(), Reason::TooManyLookups { .. }) && dispute.validates_names()
        },
    },
    Ruling {
        section: "7.3: `p` is best the domain whose record it is; theirs keeps the one of the first record",
        applies: |dispute| {
            let nested = |step: &Step| step.nested().is_some();
            dispute.validates_names() && dispute.walk(&nested)
        },
    },
    Ruling {
        section: "5.4: an exchanger matches when its address does; theirs looks all of them up first",
        applies: |dispute| dispute.they_say("fault A") && dispute.walk(&exchanger_matched),
    },
    Ruling {
        section: "4.6, 5.2: a record may include itself, and ends at the limit if it gets there; theirs calls it a syntax error",
        applies: |dispute| dispute.they_say("trivial recursion"),
    },
    Ruling {
        section: "4.6: the syntax is judged as the record is written; theirs judges `%{h}` as empty as the client sent it",
        applies: |dispute| {
            let empty = dispute.they_say("empty domain:: ") && dispute.they_say("%{h}");
            dispute.ask.helo.is_empty() && empty
        },
    },
    Ruling {
        section: "6: unknown modifiers may be repeated; theirs lets none",
        applies: |dispute| {
            let known = dispute.they_say("exp= MUST") || dispute.they_say("redirect= MUST");
            dispute.they_say("MUST appear at most once") && !known
        },
    },
    Ruling {
        section: "12, RFC 5234 2.3: names of modifiers have no case; theirs takes upper case for unknown",
        applies: |dispute| {
            dispute.text_has(|text| {
                text.split(' ')
                    .filter_map(|term| term.split_once('='))
                    .any(|(name, _)| {
                        matches!(name.to_ascii_lowercase().as_str(), "redirect" | "exp")
                            && name.chars().any(|letter| letter.is_ascii_uppercase())
                    })
            })
        },
    },
    Ruling {
        section: "7.1, RFC 5234 2.3: `r` has no case; theirs ignores `R` and what follows",
        applies: |dispute| {
            dispute.macro_has(|inside| inside.get(1..).is_some_and(|rest| rest.contains('R')))
        },
    },
    Ruling {
        section: "7.3: split parts are joined with dots; theirs keeps the delimiters except in `s` and `l`",
        applies: |dispute| {
            dispute.macro_has(|inside| {
                !inside.starts_with(['s', 'l', 'S', 'L'])
                    && inside.contains(['-', '+', ',', '/', '_', '='])
            })
        },
    },
    Ruling {
        section: "7.1: terms outside the grammar; theirs lets them pass",
        applies: |dispute| {
            dispute
                .bad_term()
                .is_some_and(|term| LENIENT_TERMS.contains(&term.as_str()))
        },
    },
    Ruling {
        section: "7.4: the nibbles of `i` are written in lower case; theirs in upper case",
        applies: |dispute| match (&dispute.ours.explanation, &dispute.theirs.explanation) {
            (Some(ours), Some(theirs)) => {
                dispute.ask.client.is_ipv6()
                    && ours.eq_ignore_ascii_case(theirs)
                    && dispute.macro_has(|inside| inside.starts_with(['i', 'I']))
            }
            _ => false,
        },
    },
    Ruling {
        section: "6.2: an empty explanation is one; theirs takes it for none",
        applies: |dispute| {
            dispute.same_result()
                && dispute.ours.explanation.as_deref() == Some("")
                && dispute.theirs.explanation.is_none()
        },
    },
    Ruling {
        section: "6.2: explanations outside the grammar are left out; theirs lets them pass",
        applies: |dispute| {
            dispute.same_result()
                && dispute.ours.explanation.is_none()
                && dispute.text_has(|text| LENIENT_EXPLANATIONS.contains(&text))
        },
    },
    Ruling {
        section: "7.3: names are cut to 253 characters and explanations are not; theirs drops one label of either",
        applies: |dispute| {
            let long = |(name, _): &(String, String)| name.len() > 253;
            let explanation = match (&dispute.ours.explanation, &dispute.theirs.explanation) {
                (Some(ours), Some(theirs)) => ours.len() > 253 && ours.ends_with(theirs.as_str()),
                _ => false,
            };
            explanation || dispute.theirs.asked.iter().any(long)
        },
    },
];

fn exchanger_matched(step: &Step) -> bool {
    let mut lookups = step.lookups().iter();
    let exchangers = lookups.next().map(|lookup| lookup.record_type) == Some(RecordType::MX);
    exchangers && matches!(step.outcome(), Outcome::Matched)
}

/// Terms that pyspf tolerates. The grammar has no zero digits, nothing between a macro's letter, digits, `r` and delimiters,
/// no macro without its brace, no `%` before anything else, no control characters, and no `exists` without a domain, which
/// pyspf refuses without a qualifier only.
const LENIENT_TERMS: &[&str] = &[
    "a:%{d0}.example",
    "a:%{d00}",
    "a:%{dx}.example",
    "a:%{d2x}.example",
    "a:%{dr2}.example",
    "a:%{d!}.example",
    "a:%{d.r}.example",
    "a:%{d.example",
    "a:%%%x.example",
    "x=%{d",
    "exists",
    "mx:h0.example\u{7f}.example",
    "mx:\th0.example",
];

/// The same in explanations.
const LENIENT_EXPLANATIONS: &[&str] = &["%{d", "%{d0}", "%{dx}", "%%%x", "tab\there", "line\nhere"];
