//! The behaviours, and what a client is told.

use std::time::Duration;

use letterhead_mail::{Outcome, Phase, ReplyCode};
use letterhead_simulator::behaviour::{Act, Behaviour, RawReply, Stage, When};
use letterhead_simulator::session::{Extension, Greeting};
use letterhead_simulator::{Front, Receiver, TlsFault};
use letterhead_transport::smtp::ServerReply;

pub(super) type Told = (Outcome, Phase, Option<u16>);

pub(super) struct Row {
    pub(super) what: String,
    /// Local parts at the receiver's domain.
    pub(super) sender: &'static str,
    pub(super) recipient: &'static str,
    pub(super) host: Host,
    pub(super) told: Vec<Told>,
}

/// Changed from one that takes everything, or passes it on.
pub(super) enum Host {
    Receiver(Box<dyn Fn(Receiver) -> Receiver>),
    /// Where clients insist on TLS and log in.
    Front(Box<dyn Fn(Front) -> Front>),
}

impl Row {
    /// Neither slow, nor so long that octet by octet it would be.
    pub(super) fn is_quick(&self) -> bool {
        !self.recipient.contains("huge") && !self.recipient.starts_with("slow-1s")
    }
}

/// A recipient's word.
fn word(word: &'static str, told: impl Into<Vec<Told>>) -> Row {
    of(word, "sender", word, told, |receiver| receiver)
}

/// A recipient's word, of a client that has to send DATA.
fn word_without_chunks(word: &'static str, told: impl Into<Vec<Told>>) -> Row {
    of(word, "sender", word, told, |receiver| {
        receiver.session(|session| session.hide(Extension::Chunking))
    })
}

/// A sender's word.
fn sender(word: &'static str, told: impl Into<Vec<Told>>) -> Row {
    of(word, word, "ada", told, |receiver| receiver)
}

/// A rule of the host.
fn rule(stage: Stage, when: When, act: Act, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("{when:?} at {stage}: {act:.80?}");
    of(&what, "sender", "ada", told, move |receiver| {
        let behaviour = Behaviour::new().rule(stage, when, act.clone());
        receiver.answers(behaviour)
    })
}

/// The same with messages that go behind DATA.
fn rule_without_chunks(stage: Stage, act: Act, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("{stage}: {act:.80?}, without CHUNKING");
    of(&what, "sender", "ada", told, move |receiver| {
        let behaviour = Behaviour::new().rule(stage, When::Always, act.clone());
        let receiver = receiver.answers(behaviour);
        receiver.session(|session| session.hide(Extension::Chunking))
    })
}

fn tls(fault: TlsFault, told: impl Into<Vec<Told>>) -> Row {
    of(&fault.to_string(), "sender", "ada", told, move |receiver| {
        receiver.tls_fault(fault)
    })
}

fn greets(greeting: Greeting, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("{greeting:?}");
    of(&what, "sender", "ada", told, move |receiver| {
        let greeting = greeting.clone();
        receiver.session(|session| session.greeting(greeting))
    })
}

fn hides(extension: Extension, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("without {extension}");
    of(&what, "sender", "ada", told, move |receiver| {
        receiver.session(|session| session.hide(extension))
    })
}

fn of(
    what: &str,
    sender: &'static str,
    recipient: &'static str,
    told: impl Into<Vec<Told>>,
    host: impl Fn(Receiver) -> Receiver + 'static,
) -> Row {
    Row {
        what: what.to_owned(),
        sender,
        recipient,
        host: Host::Receiver(Box::new(host)),
        told: told.into(),
    }
}

/// A rule of a front.
fn front_rule(stage: Stage, when: When, act: Act, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("{when:?} at a front's {stage}: {act:.80?}");
    of_front(&what, told, move |front| {
        front.answers(Behaviour::new().rule(stage, when, act.clone()))
    })
}

fn front_tls(fault: TlsFault, told: impl Into<Vec<Told>>) -> Row {
    let what = format!("a front's {fault}");
    of_front(&what, told, move |front| front.tls_fault(fault))
}

fn of_front(
    what: &str,
    told: impl Into<Vec<Told>>,
    host: impl Fn(Front) -> Front + 'static,
) -> Row {
    Row {
        host: Host::Front(Box::new(host)),
        ..of(what, "sender", "ada", told, |receiver| receiver)
    }
}

fn says(code: u16) -> Act {
    Act::Answer(reply(code))
}

/// These octets and no more.
fn closing(octets: &[u8]) -> Act {
    Act::Raw(RawReply::new(reply(421), octets))
}

fn reply(code: u16) -> ServerReply {
    ServerReply::new(ReplyCode::new(code).unwrap(), None, "as it is told to")
}

const TAKEN: Told = (Outcome::Accepted, Phase::Final, Some(250));
const IN_DOUBT: Told = (Outcome::InDoubt, Phase::Final, None);

const fn deferred(phase: Phase, code: u16) -> Told {
    (Outcome::Deferred, phase, Some(code))
}

const fn rejected(phase: Phase, code: u16) -> Told {
    (Outcome::Rejected, phase, Some(code))
}

const fn lost(phase: Phase) -> Told {
    (Outcome::Deferred, phase, None)
}

pub(super) fn rows() -> Vec<Row> {
    use Phase::{Auth, Data, Ehlo, Final, Greeting as Greeted, Mail, Rcpt, Tls};
    use Stage::{Authentication, Chunk, EndOfData, Helo, Quit, Recipient, Reset, Sender, StartTls};
    let always = When::Always;
    let starting = reply(220);
    let mut rows = vec![
        // Replies that words ask for.
        word("450-4.2.2-ada", [deferred(Rcpt, 450)]),
        word("550-5.1.1", [rejected(Rcpt, 550)]),
        word("421-4.3.2", [deferred(Rcpt, 421)]),
        word("data-451", [deferred(Final, 451)]),
        word_without_chunks("data-451", [deferred(Data, 451)]),
        word_without_chunks("data-554-5.7.1", [rejected(Data, 554)]),
        word_without_chunks("data-421", [deferred(Data, 421)]),
        word("dot-452-4.3.1", [deferred(Final, 452)]),
        word("dot-554-5.6.0", [rejected(Final, 554)]),
        word("dot-421", [deferred(Final, 421)]),
        word_without_chunks("dot-554-5.6.0", [rejected(Final, 554)]),
        sender("mail-451-4.7.1", [deferred(Mail, 451)]),
        sender("mail-553-5.7.1", [rejected(Mail, 553)]),
        sender("mail-421", [deferred(Mail, 421)]),
        // What mailboxes remember.
        word(
            "defer-2+invoice-7",
            [deferred(Rcpt, 451), deferred(Rcpt, 451), TAKEN],
        ),
        word("greylist-5m", [deferred(Rcpt, 451), deferred(Rcpt, 451)]),
        word("full-after-1", [TAKEN, deferred(Rcpt, 452)]),
        word("dies-after-1", [TAKEN, rejected(Rcpt, 550)]),
        word("limit-1-per-1h", [TAKEN, deferred(Rcpt, 450)]),
        word("discard", [TAKEN]),
        // Waits.
        word("slow-0s", [TAKEN]),
        word("slow-1s-at-rcpt", [TAKEN]),
        // Connections that are closed.
        word("drop-at-rcpt", [IN_DOUBT]),
        word_without_chunks("drop-at-rcpt", [lost(Rcpt)]),
        word_without_chunks("drop-at-data", [lost(Data)]),
        word("drop-at-dot", [IN_DOUBT]),
        word_without_chunks("drop-at-dot", [IN_DOUBT]),
        word("drop-after-dot", [IN_DOUBT]),
        word_without_chunks("drop-after-dot", [IN_DOUBT]),
        sender("drop-at-mail", [IN_DOUBT]),
        // Replies in a form of their own.
        word("bare-250", [TAKEN]),
        word("bare-550", [rejected(Rcpt, 550)]),
        word("lines-550-5.7.1", [rejected(Rcpt, 550)]),
        word("lines-450", [deferred(Rcpt, 450)]),
        word("wrong-550", [rejected(Rcpt, 550)]),
        word("dot-wrong-250", [TAKEN]),
        word("latin-550", [rejected(Rcpt, 550)]),
        word("dot-latin-250", [TAKEN]),
        word("lf-250", [IN_DOUBT]),
        word("dot-lf-250", [IN_DOUBT]),
        word_without_chunks("lf-550", [lost(Rcpt)]),
        word("mixed-250", [IN_DOUBT]),
        word_without_chunks("mixed-550", [lost(Rcpt)]),
        word_without_chunks("garbage-250", [lost(Rcpt)]),
        word("dot-garbage-250", [IN_DOUBT]),
        word_without_chunks("long-550", [lost(Rcpt)]),
        word_without_chunks("huge-550", [lost(Rcpt)]),
        word("dot-huge-250", [IN_DOUBT]),
        // Hosts.
        rule(Stage::Greeting, always, says(421), [deferred(Greeted, 421)]),
        rule(Stage::Greeting, always, says(554), [rejected(Greeted, 554)]),
        rule(Stage::Greeting, always, Act::HangUp, [lost(Greeted)]),
        rule(
            Stage::Greeting,
            When::FirstAttempts(1),
            says(450),
            [deferred(Greeted, 450), TAKEN],
        ),
        rule(
            Stage::Greeting,
            When::AfterAttempts(1),
            says(421),
            [TAKEN, deferred(Greeted, 421)],
        ),
        rule(
            Stage::Greeting,
            When::Client("192.0.2.1".parse().unwrap()),
            says(421),
            [TAKEN],
        ),
        rule(
            Stage::Greeting,
            When::Client("127.0.0.1".parse().unwrap()),
            says(554),
            [rejected(Greeted, 554)],
        ),
        rule(
            Stage::Greeting,
            always,
            Act::Raw(RawReply::garbage(starting.clone())),
            [lost(Greeted)],
        ),
        rule(Stage::Ehlo, always, says(421), [deferred(Ehlo, 421)]),
        rule(Stage::Ehlo, always, says(451), [deferred(Ehlo, 451)]),
        rule(Stage::Ehlo, always, says(502), [TAKEN]),
        rule(Stage::Ehlo, always, says(250), [TAKEN]),
        rule(Stage::Ehlo, always, Act::HangUp, [lost(Ehlo)]),
        rule(Helo, always, says(550), [TAKEN]),
        rule(StartTls, always, says(454), [TAKEN]),
        rule(StartTls, always, says(501), [TAKEN]),
        rule(StartTls, always, Act::HangUp, [lost(Tls)]),
        rule(
            StartTls,
            always,
            Act::Raw(RawReply::followed_by(
                starting,
                b"250-evil\r\n250 PIPELINING\r\n",
            )),
            [lost(Tls)],
        ),
        rule(Sender, always, says(451), [deferred(Mail, 451)]),
        rule(Recipient, always, says(550), [rejected(Rcpt, 550)]),
        rule(
            Recipient,
            When::AfterMails(1),
            says(452),
            [TAKEN, deferred(Rcpt, 452)],
        ),
        rule(Stage::Data, always, says(451), [deferred(Final, 451)]),
        rule_without_chunks(Stage::Data, says(451), [deferred(Data, 451)]),
        rule_without_chunks(Stage::Data, says(250), [lost(Data)]),
        rule_without_chunks(Stage::Data, Act::HangUp, [lost(Data)]),
        // What is written before the connection is closed: an invitation, half a reply.
        rule_without_chunks(Stage::Data, closing(b"354 go on\r\n"), [IN_DOUBT]),
        rule_without_chunks(Recipient, closing(b"25"), [lost(Rcpt)]),
        rule(Stage::Greeting, always, closing(b"220-mx"), [lost(Greeted)]),
        rule(Chunk, always, says(452), [TAKEN]),
        rule(EndOfData, always, says(451), [deferred(Final, 451)]),
        rule(EndOfData, always, Act::HangUp, [IN_DOUBT]),
        rule(EndOfData, always, Act::TakeAndHangUp, [IN_DOUBT]),
        rule(EndOfData, always, says(354), [IN_DOUBT]),
        rule(Reset, always, says(550), [TAKEN]),
        rule(Quit, always, says(421), [TAKEN]),
        rule(Quit, always, Act::HangUp, [TAKEN]),
        greets(Greeting::Banner(reply(220)), [TAKEN]),
        greets(Greeting::HangUp(reply(421)), [deferred(Greeted, 421)]),
        greets(Greeting::Refuse(reply(554)), [rejected(Greeted, 554)]),
        hides(Extension::Size, [TAKEN]),
        hides(Extension::EightBitMime, [TAKEN]),
        hides(Extension::Chunking, [TAKEN]),
        hides(Extension::EnhancedStatusCodes, [TAKEN]),
        hides(Extension::StartTls, [TAKEN]),
        hides(Extension::Pipelining, [TAKEN]),
        // TLS.
        tls(TlsFault::Expired, [lost(Tls)]),
        tls(TlsFault::NotYetValid, [lost(Tls)]),
        tls(TlsFault::WrongName, [lost(Tls)]),
        tls(TlsFault::SelfSigned, [lost(Tls)]),
        tls(TlsFault::OnlyTls12, [TAKEN]),
        tls(TlsFault::Garbage, [lost(Tls)]),
        tls(TlsFault::Closed, [lost(Tls)]),
        tls(TlsFault::Alert(40), [lost(Tls)]),
        tls(TlsFault::Alert(70), [lost(Tls)]),
        // Fronts, to clients that insist on TLS and log in.
        front_rule(
            Stage::Greeting,
            When::FirstAttempts(1),
            says(421),
            [deferred(Greeted, 421), TAKEN],
        ),
        front_rule(StartTls, always, says(454), [deferred(Tls, 454)]),
        front_rule(StartTls, always, Act::HangUp, [lost(Tls)]),
        front_rule(Authentication, always, says(454), [deferred(Auth, 454)]),
        front_rule(Authentication, always, says(535), [rejected(Auth, 535)]),
        front_rule(Authentication, always, says(421), [deferred(Auth, 421)]),
        front_rule(Authentication, always, says(334), [lost(Auth)]),
        front_rule(Authentication, always, says(235), [TAKEN]),
        front_rule(Authentication, always, Act::HangUp, [lost(Auth)]),
        front_rule(
            Authentication,
            always,
            Act::Raw(RawReply::garbage(reply(235))),
            [lost(Auth)],
        ),
        front_rule(
            Sender,
            When::FirstAttempts(1),
            says(451),
            [deferred(Mail, 451), TAKEN],
        ),
        front_rule(Recipient, always, says(550), [rejected(Rcpt, 550)]),
        front_rule(Stage::Data, always, says(451), [deferred(Final, 451)]),
        front_rule(
            EndOfData,
            When::AfterMails(1),
            says(454),
            [TAKEN, deferred(Final, 454)],
        ),
        front_rule(EndOfData, always, Act::HangUp, [IN_DOUBT]),
        front_rule(EndOfData, always, Act::TakeAndHangUp, [IN_DOUBT]),
        front_tls(TlsFault::Expired, [lost(Tls)]),
        front_tls(TlsFault::NotYetValid, [lost(Tls)]),
        front_tls(TlsFault::WrongName, [lost(Tls)]),
        front_tls(TlsFault::SelfSigned, [lost(Tls)]),
        front_tls(TlsFault::OnlyTls12, [TAKEN]),
        front_tls(TlsFault::Garbage, [lost(Tls)]),
        front_tls(TlsFault::Closed, [lost(Tls)]),
        front_tls(TlsFault::Alert(40), [lost(Tls)]),
    ];
    // Waits, everywhere.
    let moment = Duration::from_millis(1);
    rows.extend(Stage::ALL.map(|stage| rule(stage, always, Act::Wait(moment), [TAKEN])));
    rows.extend(Stage::ALL.map(|stage| front_rule(stage, always, Act::Wait(moment), [TAKEN])));
    rows
}
