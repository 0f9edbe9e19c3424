//! The evaluation of records ([RFC 7208 §4.3 to §4.6](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).

use std::net::IpAddr;

use letterhead_dns::{Name, RecordType};

use crate::check::frame::{Domain, Frame, Role, Subject};
use crate::check::log::{Pause, is_void};
use crate::check::outcome::{Mismatch, Outcome};
use crate::check::policy::{Published, result_without, without_answer};
use crate::check::query::check_labels;
use crate::check::reason::Reason;
use crate::check::session::{Miss, Session, Stop};
use crate::limits::MAX_DEPTH;
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::term::{Mechanism, Term};
use crate::spf_result::SpfResult;

/// How the evaluation of a record ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) result: SpfResult,
    /// Why, unless a term matched: boxed, because it is rare and large.
    reason: Option<Box<Reason>>,
}

impl Ending {
    fn matched(result: SpfResult) -> Self {
        Self {
            result,
            reason: None,
        }
    }

    fn new(result: SpfResult, reason: Reason) -> Self {
        Self {
            result,
            reason: Some(Box::new(reason)),
        }
    }

    fn without_policy(reason: Reason) -> Self {
        Self::new(result_without(&reason), reason)
    }

    fn reason(&self) -> &Reason {
        self.reason.as_deref().unwrap_or(&Reason::Matched)
    }
}

impl Session<'_> {
    /// Evaluates the record of a domain.
    pub(crate) fn evaluate(&mut self, subject: &Subject<'_>) -> Result<Ending, Pause> {
        self.note(|recorder| recorder.enter(subject.domain.text()));
        let ending = match subject
            .name
            .and_then(|name| check_labels(name).map(|()| name))
        {
            Ok(name) => self.evaluate_at(name, subject)?,
            Err(problem) => Ending::without_policy(Reason::BadDomain(problem)),
        };
        if let Some(recorder) = &mut self.recorder {
            recorder.leave(ending.result, ending.reason().clone());
        }
        Ok(ending)
    }

    /// Looks up what is published ([RFC 7208 §4.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.4)) and evaluates it.
    fn evaluate_at(&mut self, name: &Name, subject: &Subject<'_>) -> Result<Ending, Pause> {
        self.log.ask(self.resolver, name, RecordType::TXT)?;
        // The record is borrowed from the reply, which is out of the log meanwhile.
        let fetched = self.log.take()?;
        self.note(|recorder| recorder.fetched(name, &fetched.reply));
        let ending = match &fetched.reply {
            Ok(answer) => match Published::kept(answer) {
                Some(published) => self.evaluate_policy(published, name, subject),
                None => self.evaluate_policy(&Published::of(answer), name, subject),
            },
            Err(error) => Ok(Ending::without_policy(without_answer(error))),
        };
        self.log.put_back(fetched);
        ending
    }

    fn evaluate_policy(
        &mut self,
        published: &Published,
        name: &Name,
        subject: &Subject<'_>,
    ) -> Result<Ending, Pause> {
        match published.record() {
            Ok(record) => self.terms(record, &mut Frame::new(subject, name, published)),
            Err(reason) => Ok(Ending::without_policy(reason)),
        }
    }

    /// Evaluates the terms ([RFC 7208 §4.6](https://www.rfc-editor.org/rfc/rfc7208#section-4.6)).
    fn terms<'a>(&mut self, record: &'a Record, frame: &mut Frame<'a>) -> Result<Ending, Pause> {
        let mut next = 0;
        while let Some(rest) = record.terms().get(next..) {
            let index = next + self.pass_over(rest, next);
            let Some(term) = record.terms().get(index) else {
                break;
            };
            next = index + 1;
            let Some(directive) = term.directive() else {
                continue;
            };
            self.begin(index, frame);
            match self.matches(directive.mechanism(), frame) {
                Ok(()) => {
                    self.end(|| Outcome::Matched);
                    let result = directive.qualifier().result();
                    if result == SpfResult::Fail && frame.subject.role == Role::Sender {
                        self.explanation = self.explain(record, frame)?;
                    }
                    return Ok(Ending::matched(result));
                }
                // A failing lookup of `ptr` is no match, but one that was given up leaves no time for the rest.
                Err(Miss::Mismatch(_)) if self.log.is_past_deadline() => {
                    return Ok(self.stop(Stop::temporary(Reason::DeadlinePassed)));
                }
                Err(Miss::Mismatch(mismatch)) => self.end(|| Outcome::NotMatched(mismatch)),
                Err(Miss::Stop(stop)) => return Ok(self.stop(*stop)),
                Err(Miss::Pause) => return Err(Pause),
            }
        }
        // Where the record has `all`, it has matched.
        if let Some((index, domain)) = record.redirect_term() {
            self.begin(index, frame);
            return self.redirect(domain, frame);
        }
        Ok(Ending::new(SpfResult::Neutral, Reason::NoMatch))
    }

    /// How many terms at the front are networks that do not hold the client. Most terms are; this is all that is done for them.
    fn pass_over(&mut self, terms: &[Term], first: usize) -> usize {
        let client = self.query.client();
        let elsewhere = match client {
            IpAddr::V4(client) => count_while(terms, |mechanism| match mechanism {
                Mechanism::Ip4(network) => !network.contains(client),
                other => matches!(other, Mechanism::Ip6(_)),
            }),
            IpAddr::V6(client) => count_while(terms, |mechanism| match mechanism {
                Mechanism::Ip6(network) => !network.contains(client),
                other => matches!(other, Mechanism::Ip4(_)),
            }),
        };
        let counts = self.counts();
        if let Some(recorder) = &mut self.recorder {
            let directives = terms.iter().take(elsewhere).filter_map(Term::directive);
            for (index, directive) in directives.enumerate() {
                if let Some(mismatch) = network_mismatch(directive.mechanism(), client) {
                    recorder.elsewhere(first + index, mismatch, counts);
                }
            }
        }
        elsewhere
    }

    /// `redirect` ([RFC 7208 §6.1](https://www.rfc-editor.org/rfc/rfc7208#section-6.1)).
    fn redirect<'a>(
        &mut self,
        domain: &'a DomainSpec,
        frame: &mut Frame<'a>,
    ) -> Result<Ending, Pause> {
        match self.follow(domain, frame, frame.subject.role) {
            Ok(below) => {
                let result = below.result;
                self.end(|| Outcome::Followed(result));
                Ok(below)
            }
            Err(Miss::Mismatch(Mismatch::BadTarget(problem))) => {
                Ok(self.stop(Stop::permanent(Reason::BadTarget(problem))))
            }
            Err(Miss::Mismatch(mismatch)) => {
                // Following a record has no other mismatch; were there one, nothing has matched.
                self.end(|| Outcome::NotMatched(mismatch));
                Ok(Ending::new(SpfResult::Neutral, Reason::NoMatch))
            }
            Err(Miss::Stop(stop)) => Ok(self.stop(*stop)),
            Err(Miss::Pause) => Err(Pause),
        }
    }

    /// `include` ([RFC 7208 §5.2](https://www.rfc-editor.org/rfc/rfc7208#section-5.2)).
    pub(crate) fn include<'a>(
        &mut self,
        domain: &'a DomainSpec,
        frame: &mut Frame<'a>,
    ) -> Result<(), Miss> {
        let ending = self.follow(domain, frame, Role::Included)?;
        let result = ending.result;
        match result {
            SpfResult::Pass => Ok(()),
            SpfResult::TempError | SpfResult::PermError => {
                let reason = ending.reason().clone();
                Err(Stop { result, reason }.into())
            }
            other => Err(Mismatch::Included(other).into()),
        }
    }

    /// Evaluates the record that a term of this one names. It has to be there.
    fn follow<'a>(
        &mut self,
        domain: &'a DomainSpec,
        frame: &mut Frame<'a>,
        role: Role,
    ) -> Result<Ending, Miss> {
        self.count_lookup()?;
        let depth = frame.subject.depth + 1;
        if depth > MAX_DEPTH {
            let reason = Reason::TooDeep { limit: MAX_DEPTH };
            return Err(Stop::permanent(reason).into());
        }
        let target = self.target(domain, frame)?;
        let ending = self.evaluate(&Subject {
            domain: Domain::Named(&target),
            name: target.name(),
            role,
            depth,
        })?;
        if ending.result != SpfResult::None {
            return Ok(ending);
        }
        if matches!(ending.reason(), Reason::NoRecord) && is_void(self.log.last()?) {
            // The result is permerror in any case, for a reason that says more than the limit.
            self.void_lookups += 1;
        }
        let target = target.text().to_owned();
        Err(Stop::permanent(Reason::NoRecordAtTarget { target }).into())
    }

    fn stop(&mut self, stop: Stop) -> Ending {
        self.end(|| Outcome::Stopped(stop.reason.clone()));
        Ending::new(stop.result, stop.reason)
    }
}

/// How many terms at the front are mechanisms of this kind.
#[inline(always)]
fn count_while(terms: &[Term], is_kind: impl Fn(&Mechanism) -> bool) -> usize {
    let is_other = |term: &Term| {
        let directive = term.directive();
        !directive.is_some_and(|directive| is_kind(directive.mechanism()))
    };
    terms.iter().position(is_other).unwrap_or(terms.len())
}

/// Why `ip4` or `ip6` does not match ([RFC 7208 §5.6](https://www.rfc-editor.org/rfc/rfc7208#section-5.6)); `None` where it
/// does, and for other mechanisms.
#[inline]
pub(crate) fn network_mismatch(mechanism: &Mechanism, client: IpAddr) -> Option<Mismatch> {
    let inside = match (mechanism, client) {
        (Mechanism::Ip4(network), IpAddr::V4(client)) => network.contains(client),
        (Mechanism::Ip6(network), IpAddr::V6(client)) => network.contains(client),
        (Mechanism::Ip4(_) | Mechanism::Ip6(_), _) => return Some(Mismatch::Family),
        _ => return None,
    };
    (!inside).then_some(Mismatch::Elsewhere)
}
