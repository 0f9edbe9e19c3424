//! A week of an application that sends mail, as its author would test it: what is put off arrives later, what expires comes
//! back, a late complaint suppresses, and keys change while mail is on its way. Only the virtual clock moves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use letterhead_dkim::{KeyRing, PrivateKey, RotationSchedule, Selector, Signer, sign};
use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Attribution, InMemorySentLog, InMemorySuppressionStore, SentLog as _, SentMessage, SentName,
    SuppressionList, SuppressionPolicy, SuppressionScope, read_report,
};
use letterhead_identity::Profile;
use letterhead_mail::{
    Clock as _, Envelope, LineEndings, Message, Method, Notify, Recipient, Submission, TenantId,
};
use letterhead_simulator::behaviour::{Afterwards, Behaviour};
use letterhead_simulator::{Front, Password, Receiver, Simulator};

use crate::common::{FRONT, address, builder, name, publish, send};

const AUTHOR: &str = "billing@yourcompany.example";
const RETURN_PATH: &str = "bounces@yourcompany.example";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_week_passes_without_waiting() {
    let began = stopwatch();
    let mut app = Application::start();

    // Monday: the first key is published, and may sign a day later.
    app.introduce("2026a", 1);
    app.simulator.advance(DAY);
    app.switch("2026a");

    // Tuesday: one mailbox is greylisted for hours, one never has room, one does not exist, one complains on Friday.
    let tuesday = ["defer-4", "defer-1000", "550-5.1.1", "angry"].map(at_sim);
    for to in &tuesday {
        assert!(app.send(to));
    }
    app.simulator.advance(HOUR);
    assert_eq!(
        app.read_returned(),
        [
            "550-5.1.1@sim.example bounced-hard",
            "defer-1000@sim.example deferred",
            "defer-4@sim.example deferred"
        ]
    );
    app.simulator.inbox(tuesday[0].as_str()).expect_none();
    app.simulator.advance(6 * HOUR);
    app.expect_signed_by(&tuesday[0], "2026a");
    app.introduce("2026b", 2);

    // Wednesday: the key changes while a mail is on its way.
    app.simulator.advance(DAY);
    assert_eq!(app.read_returned(), ["defer-1000@sim.example bounced-soft"]);
    let under_way = at_sim("defer-3");
    assert!(app.send(&under_way));
    app.switch("2026b");
    let after = "ann@receiver.example";
    assert!(app.send(after));
    app.simulator.advance(12 * HOUR);
    app.expect_signed_by(&under_way, "2026a");
    app.expect_signed_by(after, "2026b");
    assert_eq!(app.read_returned(), ["defer-3@sim.example deferred"]);

    // Friday: a complaint about Tuesday's mail.
    assert!(!app.is_suppressed(&tuesday[3]));
    app.simulator.advance(2 * DAY);
    assert_eq!(app.read_returned(), ["angry@sim.example complained"]);

    // Sunday: who complained and who does not exist are not written to, and the others are.
    app.simulator.advance(2 * DAY);
    let sessions = app.simulator.sessions().len();
    assert!(!app.send(&tuesday[2]) && !app.send(&tuesday[3]));
    assert_eq!(app.simulator.sessions().len(), sessions);
    assert!(app.send(&tuesday[1]));

    // The first key's record stays for as long as mail may be on its way, and no longer.
    let retires = |app: &Application| {
        let due = app.ring.due(app.simulator.clock().now());
        due.iter()
            .any(|step| step.to_string().starts_with("retire 2026a;"))
    };
    assert!(!retires(&app));
    app.simulator.advance(14 * DAY);
    assert!(retires(&app));
    println!("a week and two more took {:?}", began.elapsed());
}

/// What an application is made of: keys, a way out, and what it remembers of mail and recipients.
struct Application {
    simulator: Simulator,
    ring: KeyRing,
    sent: InMemorySentLog,
    suppression: SuppressionList,
    tenant: TenantId,
    mails: usize,
    returned: usize,
}

impl Application {
    fn start() -> Self {
        let profile = Profile::built_in("own-server").unwrap();
        let relay = Front::new(name(FRONT), "192.0.2.10".parse().unwrap(), profile)
            .login("user", Password::new("secret"));
        let late = Behaviour::new().afterwards(Afterwards::Complaint { after: 3 * DAY });
        let sim = Receiver::new(name("mx.sim.example"), "192.0.2.40".parse().unwrap())
            .triggers(name("sim.example"))
            .behaves(address("angry@sim.example"), late);
        let simulator = builder(7).receiver(sim).front(relay).build().unwrap();
        publish(
            &simulator,
            "_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"",
        );
        Self {
            simulator,
            ring: KeyRing::new(name("yourcompany.example"), RotationSchedule::default()),
            sent: InMemorySentLog::new(100),
            suppression: SuppressionList::new(
                Arc::new(InMemorySuppressionStore::new()),
                SuppressionPolicy::default(),
            ),
            tenant: "acme".parse().unwrap(),
            mails: 0,
            returned: 0,
        }
    }

    /// A new key waits, and its record is published.
    fn introduce(&mut self, selector: &str, seed: u8) {
        let key = PrivateKey::ed25519_from_seed(&[seed; 32]).unwrap();
        let selector: Selector = selector.parse().unwrap();
        let now = self.simulator.clock().now();
        self.ring.introduce(&selector, Arc::new(key), now).unwrap();
        let records = self.ring.records();
        self.simulator
            .dns()
            .publish(records.last().unwrap().clone());
        self.check(&selector);
    }

    fn check(&mut self, selector: &Selector) {
        let check = block_on_ready(self.ring.check(selector, self.simulator.dns()));
        let now = self.simulator.clock().now();
        self.ring
            .note_published(&check.unwrap().unwrap(), now)
            .unwrap();
    }

    /// The key that waited signs from now on.
    fn switch(&mut self, selector: &str) {
        let selector = selector.parse().unwrap();
        self.check(&selector);
        let now = self.simulator.clock().now();
        self.ring.switch(&selector, now).unwrap();
    }

    /// Whether it was sent: not to who is suppressed.
    fn send(&mut self, to: &str) -> bool {
        if self.is_suppressed(to) {
            return false;
        }
        let now = self.simulator.clock().now();
        self.mails += 1;
        let id = format!("<{}@yourcompany.example>", self.mails);
        let text = format!(
            "From: {AUTHOR}\r\nTo: {to}\r\nSubject: Invoice\r\nMessage-ID: {id}\r\n\
             Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n\r\nPlease pay.\r\n"
        );
        let signers = self.ring.signers().into_iter();
        let signers: Vec<Signer> = signers.map(Signer::ed25519_alone).collect();
        let signature = sign(text.as_bytes(), &signers, now).unwrap().remove(0);
        let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
        let message = message.with_field_prepended(signature.as_ref()).unwrap();

        let wanted = Notify::DELAY.and(Notify::FAILURE);
        let recipient = Recipient::from(address(to)).with_notify(wanted);
        let envelope = Envelope::new(address(RETURN_PATH), [recipient]).unwrap();
        let number = self.mails.to_string().parse().unwrap();
        let submission = Submission::new(number, self.tenant.clone(), message, envelope);
        let report = send(&self.simulator, FRONT, &submission);
        assert!(report.all_accepted(), "{report}");
        let sent = SentMessage::new(
            self.tenant.clone(),
            self.mails.to_string().parse().unwrap(),
            vec![SentName::message_id(&id)],
            vec![address(to)],
            now,
        );
        block_on_ready(self.sent.record(sent)).unwrap().unwrap();
        true
    }

    fn is_suppressed(&self, to: &str) -> bool {
        let scope = SuppressionScope::new(self.tenant.clone());
        let (to, now) = ([address(to)], self.simulator.clock().now());
        let screening = block_on_ready(self.suppression.check(&scope, &to, now));
        !screening.unwrap().unwrap().suppressed.is_empty()
    }

    /// Reads what has come to the return path since the last time, and lets it decide; sorted.
    fn read_returned(&mut self) -> Vec<String> {
        let mails = self.simulator.mailbox(&address(RETURN_PATH));
        let mut told = Vec::new();
        for mail in mails.iter().skip(self.returned) {
            let events = read_report(mail.message.as_bytes()).events;
            let mut attribution = Attribution::new(&self.sent);
            let attributed = block_on_ready(attribution.attribute_all(events));
            for event in attributed.unwrap().unwrap() {
                let now = self.simulator.clock().now();
                let decision = self.suppression.record(&self.tenant, &event, now);
                block_on_ready(decision).unwrap().unwrap();
                let to = event.addressee().unwrap();
                told.push(format!("{to} {}", event.kind().as_str()));
            }
        }
        self.returned = mails.len();
        told.sort();
        told
    }

    /// The mail has arrived, with a signature of this key that holds.
    fn expect_signed_by(&self, to: &str, selector: &str) {
        let inbox = self.simulator.inbox(to).signed_by("yourcompany.example");
        let mail = inbox.verdict(Method::DMARC, "pass").expect_one();
        let signature = mail.message.header("DKIM-Signature").unwrap().unfolded();
        assert!(signature.contains(&format!("s={selector};")), "{signature}");
    }
}

fn at_sim(local: &str) -> String {
    format!("{local}@sim.example")
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the simulation of a week takes is shown, and nothing depends on it"
)]
fn stopwatch() -> Instant {
    Instant::now()
}
