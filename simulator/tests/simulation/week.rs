//! A week of an application that sends mail: what is delayed, given up, complained about and not sent again, while the
//! domain's key changes. No time passes but the simulation's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::key_ring::step::Action;
use letterhead_dkim::{KeyRing, PrivateKey, RotationSchedule, Selector, SigningKey, sign};
use letterhead_dns::{RecordType, block_on_ready};
use letterhead_feedback::{
    Attribution, Event, InMemorySentLog, InMemorySuppressionStore, SentLog as _, SentMessage,
    SentName, SuppressionList, SuppressionPolicy, SuppressionScope, read_report,
};
use letterhead_identity::Profile;
use letterhead_mail::{
    Clock as _, EmailAddress, Envelope, LineEndings, Message, Notify, Recipient, Submission,
    SubmissionId, TenantId, Transport as _,
};
use letterhead_simulator::behaviour::Afterwards;
use letterhead_simulator::{
    Behaviour, Front, Password, Receiver, SimEvent, SimEventKind, Simulator, StoredMail,
};

use crate::common::{address, name, send, start, submission};

const DAY: Duration = Duration::from_hours(24);
const RELAY: &str = "mail.yourcompany.example";
const BOUNCES: &str = "bounces@yourcompany.example";
const KEYS: [(&str, &str); 3] = [
    ("first", include_str!("../../keys/customer-1.pem")),
    ("second", include_str!("../../keys/customer-2.pem")),
    ("third", include_str!("../../keys/customer-3.pem")),
];

/// The company's own relay, which tries for five days, its mailbox for bounces, and a receiver.
fn internet() -> Simulator {
    let ip = |text: &str| text.parse().unwrap();
    let hours = [1, 6, 17, 24, 24, 24, 24];
    let relay = Front::new(
        name(RELAY),
        ip("192.0.2.10"),
        Profile::built_in("own-server").unwrap(),
    )
    .login("application", Password::new("secret"))
    .retry_after(hours.map(Duration::from_hours));
    let late = Behaviour::new().afterwards(Afterwards::Complaint { after: 4 * DAY });
    let receiver = Receiver::new(name("mx.receiver.example"), ip("192.0.2.20"))
        .triggers(name("receiver.example"))
        .mailbox(address("joe@receiver.example"))
        .behaves(address("ann@receiver.example"), late);
    let home =
        Receiver::new(name("mx.yourcompany.example"), ip("192.0.2.30")).mailbox(address(BOUNCES));
    Simulator::builder(start(), 7)
        .front(relay)
        .receiver(receiver)
        .receiver(home)
        .build()
        .unwrap()
}

/// What an application keeps.
struct Application {
    simulator: Simulator,
    tenant: TenantId,
    ring: KeyRing,
    /// Keys that were made and wait for their turn.
    made: Vec<(Selector, Arc<dyn SigningKey>)>,
    sent: InMemorySentLog,
    suppression: SuppressionList,
    numbered: usize,
    /// How many mails of the mailbox for bounces were read.
    read: usize,
}

impl Application {
    /// It signs with its first key.
    fn new() -> Self {
        let schedule = RotationSchedule::default()
            .signs_for(3 * DAY)
            .introduce_ahead(DAY);
        let mut made: Vec<(Selector, Arc<dyn SigningKey>)> = Vec::new();
        for (selector, pem) in KEYS {
            let key = Arc::new(PrivateKey::from_pem(pem).unwrap());
            made.push((selector.parse().unwrap(), key));
        }
        let store = Arc::new(InMemorySuppressionStore::new());
        let mut application = Self {
            simulator: internet(),
            tenant: "acme".parse().unwrap(),
            ring: KeyRing::new(name("yourcompany.example"), schedule),
            made,
            sent: InMemorySentLog::new(100),
            suppression: SuppressionList::new(store, SuppressionPolicy::default()),
            numbered: 0,
            read: 0,
        };
        let first = application.introduce();
        application.check(&first);
        application.simulator.advance(DAY);
        application.check(&first);
        application.ring.switch(&first, application.now()).unwrap();
        application
    }

    fn now(&self) -> SystemTime {
        self.simulator.clock().now()
    }

    /// Sends a mail, unless it must not be sent: then it says why.
    fn send(&mut self, to: &str) -> Result<(), String> {
        let now = self.now();
        let scope = SuppressionScope::new(self.tenant.clone());
        let recipients = [address(to)];
        let check = self.suppression.check(&scope, &recipients, now);
        let screening = block_on_ready(check).unwrap().unwrap();
        if let Some(suppression) = screening.suppression_of(&address(to)) {
            return Err(suppression.reason().to_string());
        }
        self.numbered += 1;
        let message_id = format!("<{}@yourcompany.example>", self.numbered);
        let text = format!(
            "From: billing@yourcompany.example\r\nTo: {to}\r\nSubject: Invoice\r\n\
             Date: Fri, 15 Jan 2027 08:00:00 +0000\r\nMessage-ID: {message_id}\r\n\r\nPlease pay.\r\n"
        );
        let fields = sign(text.as_bytes(), &self.ring.signers(), now).unwrap();
        let fields: String = fields.iter().map(|field| field.as_str()).collect();
        let message = Message::from_bytes(fields + &text, LineEndings::Strict).unwrap();
        let told = Notify::FAILURE.and(Notify::DELAY);
        let recipient = Recipient::from(address(to)).with_notify(told);
        let envelope = Envelope::new(address(BOUNCES), [recipient]).unwrap();
        let id: SubmissionId = self.numbered.to_string().parse().unwrap();
        let submission = Submission::new(id.clone(), self.tenant.clone(), message, envelope);
        let transport = self.simulator.transport(name(RELAY)).unwrap();
        let report = block_on_ready(transport.send(&submission)).unwrap();
        assert!(report.all_accepted(), "{report:?}");
        let names = vec![SentName::message_id(&message_id)];
        let sent = SentMessage::new(self.tenant.clone(), id, names, vec![address(to)], now);
        block_on_ready(self.sent.record(sent)).unwrap().unwrap();
        Ok(())
    }

    /// A day goes by; at its end the keys are looked after, and what came back is read and told.
    fn day(&mut self) -> Vec<String> {
        self.simulator.advance(DAY);
        self.look_after_keys();
        self.read_what_came_back()
    }

    fn read_what_came_back(&mut self) -> Vec<String> {
        let mails = self.simulator.mails_of(&address(BOUNCES));
        let mut told = Vec::new();
        for mail in &mails[self.read..] {
            let mut attribution = Attribution::new(&self.sent);
            for event in read_report(mail.message.as_bytes()).events {
                let known = block_on_ready(attribution.attribute(event)).unwrap();
                for event in known.unwrap() {
                    told.push(self.record(&event));
                }
            }
        }
        self.read = mails.len();
        told
    }

    fn record(&self, event: &Event) -> String {
        let recorded = self.suppression.record(&self.tenant, event, self.now());
        block_on_ready(recorded).unwrap().unwrap();
        let about = event.addressee().map(EmailAddress::to_string);
        format!("{} {}", about.unwrap_or_default(), event.kind().as_str())
    }

    /// Does what the ring says is due.
    fn look_after_keys(&mut self) {
        while let Some(step) = self.ring.due(self.now()).first().cloned() {
            match step.action() {
                Action::Introduce => {
                    self.introduce();
                }
                Action::Publish | Action::Republish | Action::Check => self.check(step.selector()),
                Action::Switch => {
                    self.ring.switch(step.selector(), self.now()).unwrap();
                }
                action => panic!("{action:?} is not due in the first week"),
            }
        }
    }

    /// Takes the next key in, and publishes its record.
    fn introduce(&mut self) -> Selector {
        let (selector, key) = self.made.remove(0);
        self.ring.introduce(&selector, key, self.now()).unwrap();
        let dns = self.simulator.dns();
        for record in self.ring.records() {
            dns.remove(&record.name, RecordType::TXT);
            dns.publish(record);
        }
        selector
    }

    fn check(&mut self, selector: &Selector) {
        let check = block_on_ready(self.ring.check(selector, self.simulator.dns()));
        let now = self.now();
        self.ring
            .note_published(&check.unwrap().unwrap(), now)
            .unwrap();
    }

    /// Which keys signed the mails in a mailbox, all of whose signatures the receiver found to pass, and on which day
    /// after the first they came.
    fn arrivals(&self, mailbox: &str) -> Vec<(u64, String)> {
        let inbox = self.simulator.mailbox(mailbox);
        let all = inbox.mails().unwrap();
        let passed = inbox.signed_by("yourcompany.example").mails().unwrap();
        assert_eq!(passed.len(), all.len(), "every signature passes");
        let arrival = |mail: &StoredMail| {
            let passed = mail.received_at.duration_since(start() + DAY).unwrap();
            let source = mail.source().into_owned();
            let selector = source.split(" s=").nth(1).unwrap();
            let selector = selector.split(';').next().unwrap().to_owned();
            (passed.as_secs() / DAY.as_secs(), selector)
        };
        passed.iter().map(arrival).collect()
    }
}

#[test]
fn a_week_goes_by() {
    let mut application = Application::new();
    for to in ["ann", "bounce", "defer-2", "450-4.2.2"] {
        application.send(&format!("{to}@receiver.example")).unwrap();
    }
    let mut told = BTreeMap::new();
    for day in 1..=7 {
        application.send("joe@receiver.example").unwrap();
        if day == 3 {
            // Signed with the old key, and not taken before the new one signs.
            application.send("greylist-2d@receiver.example").unwrap();
        }
        told.insert(day, application.day());
    }
    let [held, gone, late, grey] =
        ["450-4.2.2", "bounce", "ann", "greylist-2d"].map(|to| format!("{to}@receiver.example"));
    let expected = BTreeMap::from([
        (
            1,
            vec![format!("{gone} bounced-hard"), format!("{held} deferred")],
        ),
        (2, vec![]),
        (3, vec![format!("{grey} deferred")]),
        (4, vec![format!("{late} complained")]),
        (5, vec![]),
        // The relay has given up after five days, and says so half a minute later.
        (6, vec![format!("{held} bounced-soft")]),
        (7, vec![]),
    ]);
    assert_eq!(told, expected);

    assert_eq!(application.send(&gone).unwrap_err(), "hard-bounce");
    assert_eq!(application.send(&late).unwrap_err(), "complaint");
    application.send(&held).unwrap();

    let by = |day: u64, key: &str| (day, key.to_owned());
    assert_eq!(
        application.arrivals("joe@receiver.example"),
        [
            by(0, "first"),
            by(1, "first"),
            by(2, "first"),
            by(3, "second"),
            by(4, "second"),
            by(5, "second"),
            by(6, "third"),
        ]
    );
    assert_eq!(
        application.arrivals("defer-2@receiver.example"),
        [by(0, "first")]
    );
    assert_eq!(
        application.arrivals("greylist-2d@receiver.example"),
        [by(4, "first")]
    );
}

/// The same week twice is the same to the octet.
#[test]
fn the_same_week_comes_back_the_same() {
    let week = || {
        let mut application = Application::new();
        for to in ["ann", "bounce", "450-4.2.2"] {
            application.send(&format!("{to}@receiver.example")).unwrap();
        }
        (0..7).for_each(|_| {
            application.day();
        });
        let mails = application.simulator.mails_of(&address(BOUNCES));
        let sources = mails.iter().map(|mail| mail.source().into_owned());
        sources.collect::<Vec<String>>()
    };
    let first = week();
    assert_eq!(first.len(), 4);
    assert_eq!(first, week());
}

/// It counts as none, and three waits are four attempts.
#[test]
fn a_wait_that_the_clock_cannot_show_does_no_harm() {
    let relay = Front::new(
        name(RELAY),
        "192.0.2.10".parse().unwrap(),
        Profile::built_in("own-server").unwrap(),
    )
    .login("application", Password::new("secret"))
    .retry_after([DAY, Duration::MAX, Duration::MAX]);
    let receiver = Receiver::new(name("mx.receiver.example"), "192.0.2.20".parse().unwrap())
        .triggers(name("receiver.example"));
    let simulator = Simulator::builder(start(), 7)
        .front(relay)
        .receiver(receiver)
        .build()
        .unwrap();
    let mail = submission(BOUNCES, BOUNCES, &["450-4.2.2@receiver.example"]);
    assert!(send(&simulator, RELAY, &mail).all_accepted());
    simulator.advance(2 * DAY);
    let deferred = |event: &SimEvent| matches!(event.kind, SimEventKind::Deferred { .. });
    let events = simulator.events();
    assert_eq!(events.iter().filter(|event| deferred(event)).count(), 4);
}
