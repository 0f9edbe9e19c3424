use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_dns::{Answer, LookupError, Name, RecordType, Resolver, Zone, block_on_ready};
use letterhead_mail::{
    BoxFuture, Clock, DomainName, HttpGet, HttpGetError, HttpGetErrorKind, HttpLimits, HttpResponse,
};

use super::{MtaStsFailure, MtaStsFinding, MtaStsPolicies};
use crate::mta_sts::MtaStsMode;

/// A DNS that changes.
#[derive(Debug, Default)]
struct Dns(Mutex<Zone>);

impl Dns {
    fn set(&self, text: &str) {
        *self.0.lock().unwrap() = text.parse().unwrap();
    }
}

impl Resolver for Dns {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        let answer = self
            .0
            .lock()
            .unwrap()
            .lookup_now(name, record_type)
            .unwrap();
        Box::pin(std::future::ready(answer))
    }
}

/// A clock that is stepped; who waits on it has to be polled again.
#[derive(Debug)]
struct Stepped(Mutex<SystemTime>);

impl Stepped {
    fn step(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for Stepped {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(std::future::poll_fn(move |_| {
            if self.now() < deadline {
                std::task::Poll::Pending
            } else {
                std::task::Poll::Ready(())
            }
        }))
    }
}

/// A web whose answers are laid out beforehand; `None` never answers.
#[derive(Debug, Default)]
struct Web {
    answers: Mutex<VecDeque<Option<Result<HttpResponse, HttpGetErrorKind>>>>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn answers(&self, answer: Result<HttpResponse, HttpGetErrorKind>) {
        self.answers.lock().unwrap().push_back(Some(answer));
    }

    fn has(&self, policy: &str) {
        self.answers(Ok(
            HttpResponse::new(200, policy).with_content_type("text/plain")
        ));
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl HttpGet for Web {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        assert_eq!(
            (limits.max_body(), limits.time()),
            (65_536, Duration::from_secs(60))
        );
        self.asked.lock().unwrap().push(url.to_owned());
        match self
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("an answer is laid out")
        {
            Some(answer) => Box::pin(std::future::ready(answer.map_err(HttpGetError::new))),
            None => Box::pin(std::future::pending()),
        }
    }
}

struct World {
    dns: Arc<Dns>,
    web: Arc<Web>,
    clock: Arc<Stepped>,
    policies: MtaStsPolicies,
}

impl World {
    fn new(zone: &str) -> Self {
        let (dns, web) = (Arc::new(Dns::default()), Arc::new(Web::default()));
        dns.set(zone);
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let clock = Arc::new(Stepped(Mutex::new(start)));
        let policies = MtaStsPolicies::new(
            Arc::<Dns>::clone(&dns),
            Arc::<Web>::clone(&web),
            Arc::<Stepped>::clone(&clock),
        );
        Self {
            dns,
            web,
            clock,
            policies,
        }
    }

    fn find(&self) -> MtaStsFinding {
        self.find_at("x.example")
    }

    fn find_at(&self, domain: &str) -> MtaStsFinding {
        let domain: DomainName = domain.parse().unwrap();
        block_on_ready(self.policies.find(&domain)).expect("ready at once")
    }

    fn mode(&self) -> Option<MtaStsMode> {
        self.find().policy().map(|policy| policy.mode())
    }
}

const RECORD: &str = "_mta-sts.x.example TXT \"v=STSv1; id=1;\"";
const RECORD_2: &str = "_mta-sts.x.example TXT \"v=STSv1; id=2;\"";
const ENFORCE: &str = "version: STSv1\nmode: enforce\nmx: mx.x.example\nmax_age: 864000\n";
const TESTING: &str = "version: STSv1\nmode: testing\nmx: mx.x.example\nmax_age: 864000\n";
const DAY: u64 = 86_400;

#[test]
fn without_a_record_nothing_is_fetched() {
    let world = World::new("_mta-sts.x.example TXT \"v=spf1 -all\"");
    let finding = world.find();
    assert!(finding.policy().is_none() && finding.failure().is_none());
    world.dns.set("");
    assert!(world.find().failure().is_none());
    world.dns.set(";fault _mta-sts.x.example TXT servfail");
    let finding = world.find();
    assert!(matches!(finding.failure(), Some(MtaStsFailure::Lookup(_))));
    assert_eq!((finding.policy(), world.web.asked()), (None, 0));
}

#[test]
fn a_policy_is_fetched_once_and_again_when_its_id_changes() {
    let world = World::new(RECORD);
    world.web.has(ENFORCE);
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    assert_eq!(
        *world.web.asked.lock().unwrap(),
        ["https://mta-sts.x.example/.well-known/mta-sts.txt"]
    );
    world.dns.set(RECORD_2);
    world.web.has(TESTING);
    assert_eq!(world.mode(), Some(MtaStsMode::Testing));
    assert_eq!(world.web.asked(), 2);
}

#[test]
fn a_kept_policy_holds_when_the_record_or_the_new_text_is_gone() {
    let world = World::new(RECORD);
    world.web.has(ENFORCE);
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    for zone in [
        "",
        ";fault _mta-sts.x.example TXT timeout",
        "_mta-sts.x.example TXT \"v=STSv1\"",
    ] {
        world.dns.set(zone);
        assert_eq!(world.mode(), Some(MtaStsMode::Enforce), "{zone}");
    }
    world.dns.set(RECORD_2);
    world.web.answers(Err(HttpGetErrorKind::Certificate));
    let finding = world.find();
    assert!(matches!(finding.failure(), Some(MtaStsFailure::Fetch(_))));
    assert_eq!(finding.policy().unwrap().mode(), MtaStsMode::Enforce);
    assert_eq!(world.web.asked(), 2);
    // Until its time is over, and then no longer.
    world.dns.set("");
    world.clock.step(864_000 - 1);
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    world.clock.step(1);
    assert_eq!(world.mode(), None);
}

#[test]
fn a_policy_is_read_anew_once_a_day_and_a_failure_leaves_the_old_one() {
    let world = World::new(RECORD);
    world.web.has(ENFORCE);
    world.find();
    world.clock.step(DAY - 1);
    world.find();
    assert_eq!(world.web.asked(), 1);
    world.clock.step(1);
    world.web.answers(Err(HttpGetErrorKind::Unreachable));
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    world.clock.step(299);
    assert!(
        world.find().failure().is_some(),
        "it says that the policy may be old"
    );
    assert_eq!(world.web.asked(), 2);
    world.clock.step(1);
    world.web.has(ENFORCE);
    assert!(world.find().failure().is_none());
    assert_eq!(world.web.asked(), 3);
    // The life of the policy began anew.
    world.dns.set("");
    world.clock.step(864_000 - 1);
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
}

#[test]
fn after_a_failure_nothing_is_fetched_for_five_minutes_unless_the_id_changes() {
    let world = World::new(RECORD);
    world.web.answers(Err(HttpGetErrorKind::TimedOut));
    for _ in 0..3 {
        assert!(matches!(
            world.find().failure(),
            Some(MtaStsFailure::Fetch(_))
        ));
    }
    assert_eq!((world.mode(), world.web.asked()), (None, 1));
    world.dns.set(RECORD_2);
    world.web.has(ENFORCE);
    assert_eq!(
        (world.mode(), world.web.asked()),
        (Some(MtaStsMode::Enforce), 2)
    );
}

#[test]
fn only_a_plain_text_with_status_200_is_a_policy() {
    let plain =
        |status, body: &str| HttpResponse::new(status, body).with_content_type("text/plain");
    for (answer, text) in [
        (
            plain(301, ENFORCE),
            "the web server answered the request for the MTA-STS policy with status 301",
        ),
        (
            plain(404, ENFORCE),
            "the web server answered the request for the MTA-STS policy with status 404",
        ),
        (
            HttpResponse::new(200, ENFORCE),
            "what is at the place of the MTA-STS policy is not of the type text/plain",
        ),
        (
            HttpResponse::new(200, ENFORCE).with_content_type("text/html"),
            "what is at the place of the MTA-STS policy is not of the type text/plain",
        ),
        (
            plain(200, "hello"),
            "what is at the place of the MTA-STS policy is no policy",
        ),
        (
            plain(200, &"x: y\n".repeat(20_000)),
            "what is at the place of the MTA-STS policy is no policy",
        ),
    ] {
        let world = World::new(RECORD);
        world.web.answers(Ok(answer));
        let finding = world.find();
        assert_eq!(finding.failure().unwrap().to_string(), text);
        assert!(finding.policy().is_none());
    }
}

#[test]
fn a_policy_of_no_age_is_kept_for_five_minutes() {
    let world = World::new(RECORD);
    world.web.has("version: STSv1\nmode: none\nmax_age: 0\n");
    assert_eq!(world.mode(), Some(MtaStsMode::None));
    world.clock.step(299);
    assert_eq!(
        (world.mode(), world.web.asked()),
        (Some(MtaStsMode::None), 1)
    );
    world.clock.step(1);
    world.dns.set("");
    assert_eq!(world.mode(), None);
}

#[tokio::test]
async fn one_fetches_for_all_and_a_dropped_fetch_leaves_the_turn_to_another() {
    let world = World::new(RECORD);
    let domain: DomainName = "x.example".parse().unwrap();
    world.web.answers.lock().unwrap().push_back(None);
    assert!(
        block_on_ready(world.policies.find(&domain)).is_none(),
        "it waits, and is dropped"
    );
    world.web.has(ENFORCE);
    let (one, other) = tokio::join!(world.policies.find(&domain), world.policies.find(&domain));
    assert!(one.policy().is_some() && other.policy().is_some());
    assert_eq!(world.web.asked(), 2);
}

#[test]
fn while_one_reads_it_anew_the_others_go_on_with_what_is_kept() {
    let world = World::new(RECORD);
    world.web.has(ENFORCE);
    world.find();
    world.clock.step(DAY);
    world.web.answers.lock().unwrap().push_back(None);
    let domain: DomainName = "x.example".parse().unwrap();
    let mut slow = Box::pin(world.policies.find(&domain));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(slow.as_mut().poll(&mut context).is_pending());
    assert_eq!(world.mode(), Some(MtaStsMode::Enforce));
    // The time limit is kept, whatever the client does.
    world.clock.step(59);
    assert!(slow.as_mut().poll(&mut context).is_pending());
    world.clock.step(1);
    let std::task::Poll::Ready(finding) = slow.as_mut().poll(&mut context) else {
        panic!("the time is over");
    };
    assert!(matches!(finding.failure(), Some(MtaStsFailure::TimedOut)));
    assert!(finding.policy().is_some());
}

#[test]
fn few_domains_are_remembered_when_few_are_asked_for() {
    let mut world = World::new("*.example TXT \"v=STSv1; id=1;\"");
    world.policies = world.policies.with_max_domains(NonZeroUsize::MIN);
    for domain in ["a.example", "b.example"] {
        world.web.has(ENFORCE);
        assert!(world.find_at(domain).policy().is_some());
    }
    world.dns.set("");
    assert!(world.find_at("a.example").policy().is_none());
    assert!(world.find_at("b.example").policy().is_some());
}
