//! What the tests of combinators share: a stepped clock, scripted transports, and a future that is polled by hand.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

use letterhead_mail::{
    BoxFuture, Clock, EmailAddress, Entropy, Envelope, LineEndings, Message, NotAttemptedReason,
    Outcome, Phase, RecipientReport, Reply, ReplyCode, Report, Submission, Transport,
};

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A submission from `s@sender.example` to these.
pub(crate) fn submission(recipients: &[&str]) -> Submission {
    let message = Message::from_bytes(
        "From: Ada <ada@from.example>\r\nMessage-ID: <1@from.example>\r\n\r\nHello\r\n",
        LineEndings::Strict,
    )
    .unwrap();
    let recipients = recipients.iter().map(|text| address(text));
    let envelope = Envelope::new(address("s@sender.example"), recipients).unwrap();
    Submission::new(
        "id-1".parse().unwrap(),
        "acme".parse().unwrap(),
        message,
        envelope,
    )
}

/// What became of whom, as `local-part outcome`, with the phase where nothing was accepted for certain.
pub(crate) fn outcomes(report: &Report) -> Vec<String> {
    let short = |row: &RecipientReport| {
        let (who, outcome) = (row.recipient().local_part(), row.outcome());
        match outcome {
            Outcome::Accepted | Outcome::InDoubt => format!("{who} {outcome}"),
            Outcome::Deferred | Outcome::Rejected | Outcome::NotAttempted(_) => {
                format!("{who} {outcome} at {}", row.phase())
            }
        }
    };
    report.rows().iter().map(short).collect()
}

/// What a scripted transport says of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    Accepted,
    /// The mailbox is busy.
    Busy,
    /// The same, with a number of seconds to wait.
    BusyFor(u64),
    NoSuchUser,
    /// The content is refused.
    Spam,
    Unreachable,
    LoginRefused,
    /// The connection was lost behind the final dot.
    Lost,
    Cancelled,
    Postponed,
    Withheld,
}

impl Say {
    pub(crate) const ALL: [Self; 11] = [
        Self::Accepted,
        Self::Busy,
        Self::BusyFor(2),
        Self::NoSuchUser,
        Self::Spam,
        Self::Unreachable,
        Self::LoginRefused,
        Self::Lost,
        Self::Cancelled,
        Self::Postponed,
        Self::Withheld,
    ];

    pub(crate) fn row(self, recipient: &EmailAddress) -> RecipientReport {
        let row = |outcome, phase| RecipientReport::new(recipient.clone(), outcome, phase);
        let reply = |code, text: &str| Reply::new(ReplyCode::new(code).unwrap(), None, text);
        match self {
            Self::Accepted => row(Outcome::Accepted, Phase::Final).with_reply(reply(250, "ok")),
            Self::Busy => row(Outcome::Deferred, Phase::Rcpt).with_reply(reply(450, "busy")),
            Self::BusyFor(wait) => Self::Busy.row(recipient).with_retry_after(seconds(wait)),
            Self::NoSuchUser => row(Outcome::Rejected, Phase::Rcpt)
                .with_reply(reply(550, &format!("no such user {recipient}"))),
            Self::Spam => row(Outcome::Rejected, Phase::Final).with_reply(reply(554, "spam")),
            Self::Unreachable => {
                row(Outcome::Deferred, Phase::Connect).with_detail("connection refused")
            }
            Self::LoginRefused => {
                row(Outcome::Rejected, Phase::Auth).with_reply(reply(535, "who are you"))
            }
            Self::Lost => row(Outcome::InDoubt, Phase::Final).with_detail("connection reset"),
            Self::Cancelled => row(
                Outcome::NotAttempted(NotAttemptedReason::Cancelled),
                Phase::Mail,
            ),
            Self::Postponed => row(
                Outcome::NotAttempted(NotAttemptedReason::Postponed),
                Phase::Local,
            ),
            Self::Withheld => row(
                Outcome::NotAttempted(NotAttemptedReason::Withheld),
                Phase::Local,
            ),
        }
    }
}

/// Says what it is told: a list for each attempt, with a word for each recipient. The last list and the last word are
/// repeated.
#[derive(Debug)]
pub(crate) struct Scripted {
    script: Vec<Vec<Say>>,
    attempts: Mutex<Vec<Submission>>,
}

impl Scripted {
    pub(crate) fn new(script: &[&[Say]]) -> Arc<Self> {
        Self::of(script.iter().map(|says| says.to_vec()).collect())
    }

    pub(crate) fn of(script: Vec<Vec<Say>>) -> Arc<Self> {
        Arc::new(Self {
            script,
            attempts: Mutex::default(),
        })
    }

    /// One that takes everything.
    pub(crate) fn accepting() -> Arc<Self> {
        Self::new(&[&[Say::Accepted]])
    }

    /// What was sent so far.
    pub(crate) fn attempts(&self) -> Vec<Submission> {
        self.attempts.lock().unwrap().clone()
    }

    /// To whom was sent so far: the local parts, an attempt an item.
    pub(crate) fn sent_to(&self) -> Vec<String> {
        let locals = |submission: &Submission| {
            let locals: Vec<&str> = submission
                .envelope
                .addresses()
                .map(EmailAddress::local_part)
                .collect();
            locals.join(" ")
        };
        self.attempts.lock().unwrap().iter().map(locals).collect()
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let attempt = {
                let mut attempts = self.attempts.lock().unwrap();
                attempts.push(submission.clone());
                attempts.len() - 1
            };
            let says = self
                .script
                .get(attempt)
                .or_else(|| self.script.last())
                .unwrap();
            let mut says = says.iter();
            let mut say = *says.next().unwrap();
            Report::uniform(&submission.envelope, |recipient| {
                let row = say.row(&recipient);
                say = says.next().copied().unwrap_or(say);
                row
            })
        })
    }
}

/// Takes its time before it hands on.
#[derive(Debug)]
pub(crate) struct Slow {
    pub(crate) takes: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) inner: Arc<dyn Transport>,
}

impl Transport for Slow {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            self.clock.sleep_until(self.clock.now() + self.takes).await;
            self.inner.send(submission).await
        })
    }
}

/// Stands still until it is stepped, and wakes only those whose time has come.
#[derive(Debug)]
pub(crate) struct StepClock {
    state: Mutex<(SystemTime, Vec<(SystemTime, Waker)>)>,
}

impl StepClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new((SystemTime::UNIX_EPOCH + seconds(1_700_000_000), Vec::new())),
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        let now = self.now() + by;
        self.set(now);
    }

    /// The clock may be set back as well.
    pub(crate) fn set(&self, now: SystemTime) {
        let due: Vec<(SystemTime, Waker)> = {
            let mut state = self.state.lock().unwrap();
            state.0 = now;
            state.1.extract_if(.., |(at, _)| *at <= now).collect()
        };
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

impl Clock for StepClock {
    fn now(&self) -> SystemTime {
        self.state.lock().unwrap().0
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(std::future::poll_fn(move |context| {
            let mut state = self.state.lock().unwrap();
            if state.0 >= deadline {
                return Poll::Ready(());
            }
            state.1.push((deadline, context.waker().clone()));
            Poll::Pending
        }))
    }
}

/// Whoever waits for a time has it at once.
#[derive(Debug)]
pub(crate) struct SkippingClock(Mutex<SystemTime>);

impl SkippingClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemTime::UNIX_EPOCH)))
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut now = self.0.lock().unwrap();
            *now = (*now).max(deadline);
        })
    }
}

/// Every octet is this one.
#[derive(Debug)]
pub(crate) struct SameOctet(pub(crate) u8);

impl Entropy for SameOctet {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

/// A sending that goes on only where it was woken.
pub(crate) struct Run<'a> {
    future: Pin<Box<dyn Future<Output = Report> + Send + 'a>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<'a> Run<'a> {
    /// A sending that was begun and went as far as it could.
    pub(crate) fn start(
        transport: &'a dyn Transport,
        submission: &'a Submission,
    ) -> (Self, Option<Report>) {
        let mut run = Self {
            future: transport.send(submission),
            woken: Arc::new(Woken(AtomicBool::new(true))),
        };
        let report = run.step();
        (run, report)
    }

    /// Goes as far as it can.
    pub(crate) fn step(&mut self) -> Option<Report> {
        let waker = Waker::from(self.woken.clone());
        while self.woken.0.swap(false, Ordering::SeqCst) {
            let mut context = Context::from_waker(&waker);
            if let Poll::Ready(report) = self.future.as_mut().poll(&mut context) {
                return Some(report);
            }
        }
        None
    }
}

/// Sends where nothing has to wait.
pub(crate) fn send_now(transport: &dyn Transport, submission: &Submission) -> Report {
    Run::start(transport, submission)
        .1
        .expect("nothing has to wait")
}

/// A directory that goes with its owner.
pub(crate) struct ScratchDirectory(PathBuf);

impl ScratchDirectory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("letterhead-transport-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The names in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.0)
    }
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The names in a directory, in order.
pub(crate) fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
