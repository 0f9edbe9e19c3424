//! The outcome of a check.

use std::fmt;
use std::sync::{Arc, OnceLock};

use letterhead_dns::{
    Answer, BoxFuture, DomainName, LookupError, LookupErrorKind, Name, RecordType, Resolver,
};

use crate::check::decision::Decision;
use crate::check::frame::Subject;
use crate::check::log::Log;
use crate::check::query::{Identity, Query};
use crate::check::recorder::Recorder;
use crate::check::session::Session;
use crate::check::trace::{Shown, Trace};
use crate::limits::Limits;
use crate::spf_result::SpfResult;

/// What the domain's policy says of the client, and why.
///
/// `Display` is one sentence; [`trace`](Self::trace) prints the whole evaluation. A clone shares what the check was told.
#[derive(Clone)]
#[must_use]
#[non_exhaustive]
pub struct Verdict {
    /// The result.
    pub result: SpfResult,
    /// The domain's explanation of a fail, expanded: printable ASCII, written by a stranger
    /// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
    pub explanation: Option<String>,
    /// How many terms were evaluated that count as lookups.
    pub lookups: usize,
    /// For how many terms a lookup found nothing.
    pub void_lookups: usize,
    evidence: Arc<Evidence>,
}

/// All that the evaluation depends on.
#[derive(Debug)]
struct Evidence {
    query: Query,
    limits: Limits,
    log: Log,
    /// Made when it is first asked for.
    account: OnceLock<Box<Account>>,
}

/// What was done, in full.
#[derive(Debug)]
struct Account {
    trace: Trace,
    decision: Decision,
}

impl Verdict {
    /// The verdict of a session that has ended; it takes the session's log and explanation.
    pub(crate) fn new(result: SpfResult, session: &mut Session<'_>) -> Self {
        Self {
            result,
            explanation: session.explanation.take(),
            lookups: session.lookups,
            void_lookups: session.void_lookups,
            evidence: Arc::new(Evidence {
                query: session.query.clone(),
                limits: session.limits,
                log: std::mem::take(&mut session.log),
                account: OnceLock::new(),
            }),
        }
    }

    /// Which identity was checked.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.evidence.query.identity()
    }

    /// The domain checked, in A-labels; as it was given where it is malformed.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.evidence.query.domain_text()
    }

    /// The domain checked, where it has the form of a mail domain.
    #[must_use]
    pub fn domain_name(&self) -> Option<DomainName> {
        self.domain().parse().ok()
    }

    /// What decided.
    #[must_use]
    pub fn decided_by(&self) -> &Decision {
        &self.account().decision
    }

    /// Everything that was evaluated: each term, what it asked for and what came back, and why it matched or not.
    ///
    /// A check keeps the answers it was given and no more. The trace, and [what decided](Self::decided_by), are made from
    /// them when one of the two is first asked for, by the same evaluation: that takes about as long as the check did.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.account().trace
    }

    fn account(&self) -> &Account {
        self.evidence.account.get_or_init(|| {
            let trace = self.evaluate_again();
            let decision = trace.decision();
            Box::new(Account { trace, decision })
        })
    }

    fn evaluate_again(&self) -> Trace {
        let Evidence {
            query, limits, log, ..
        } = &*self.evidence;
        let mut session = Session {
            recorder: Some(Recorder::new()),
            ..Session::new(query, &Silent, *limits, log.clone())
        };
        session.rewind();
        // It ends, because all answers are there.
        let _ = session.evaluate(&Subject::first(query));
        session
            .recorder
            .map_or_else(|| Trace::empty(self.domain()), Recorder::finish)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {} {}: {} ({} lookups, {} void)",
            self.result,
            self.identity(),
            Shown(self.domain()),
            self.decided_by(),
            self.lookups,
            self.void_lookups
        )
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict")
            .field("result", &self.result)
            .field("identity", &self.identity())
            .field("domain", &self.domain())
            .field("explanation", &self.explanation)
            .field("lookups", &self.lookups)
            .field("void_lookups", &self.void_lookups)
            .field("trace", self.trace())
            .finish()
    }
}

/// Knows nothing: an evaluation over a log that holds all answers never gets to ask it.
#[derive(Debug)]
struct Silent;

impl Resolver for Silent {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(std::future::ready(unknown(name, record_type)))
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        Some(unknown(name, record_type))
    }
}

fn unknown(name: &Name, record_type: RecordType) -> Result<Answer, LookupError> {
    let kind = LookupErrorKind::Temporary;
    Err(LookupError::new(name.clone(), record_type, kind))
}
