//! Reserving and settling.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use letterhead_identity::quota::{
    Claim, QuotaKey, QuotaStore as _, Reservation, ReserveError, Sender, Usage, Volume, claims,
};
use letterhead_identity::recipients::RecipientCount;
use letterhead_identity::{InMemoryQuotaStore, OverQuota, Profile};

use crate::{profile, quota};

const LASTS: Duration = Duration::from_mins(10);

pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    letterhead_dns::block_on_ready(future).expect("the store is in memory")
}

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// So many messages with one recipient each.
pub(crate) fn mail(messages: u64) -> Volume {
    let mut count = RecipientCount::default();
    (count.messages, count.recipients) = (messages, messages);
    Volume::new(count, 0)
}

pub(crate) fn claims_of(profile: &Profile, messages: u64) -> Vec<Claim> {
    let limits = profile.limits(None).unwrap();
    claims(&limits, &Sender::new("main"), &mail(messages))
}

fn key(profile: &Profile) -> QuotaKey {
    claims_of(profile, 1)[0].key.clone()
}

fn reserve(
    store: &InMemoryQuotaStore,
    profile: &Profile,
    messages: u64,
    now: SystemTime,
) -> Result<Reservation, OverQuota> {
    match ready(store.reserve(claims_of(profile, messages), now, LASTS)) {
        Ok(reservation) => Ok(reservation),
        Err(ReserveError::OverQuota(over)) => Err(over),
        Err(other) => panic!("{other}"),
    }
}

fn send(store: &InMemoryQuotaStore, profile: &Profile, messages: u64, now: SystemTime) {
    let reservation = reserve(store, profile, messages, now).unwrap();
    ready(store.settle(reservation, mail(messages), now)).unwrap();
}

fn usage(store: &InMemoryQuotaStore, profile: &Profile, now: SystemTime) -> Usage {
    ready(store.usage(&key(profile), now)).unwrap()
}

#[test]
fn a_limit_holds_in_any_window_and_says_when_there_is_room() {
    let minute = profile(&quota("messages", "minute", "10", ""));
    let store = InMemoryQuotaStore::new();
    let half = Duration::from_secs(30);
    send(&store, &minute, 4, start());
    send(&store, &minute, 6, start() + half);
    let over = reserve(&store, &minute, 1, start() + half).unwrap_err();
    assert_eq!((over.maximum, over.left, over.asked), (10, 0, 1));
    let wait = over.retry_after.unwrap();
    assert!(
        wait >= half && wait < half + Duration::from_millis(250),
        "{wait:?}"
    );
    assert_eq!(
        over.to_string(),
        "messages a minute of the account \"main\" under test: 0 of 10 left, and 1 is needed; try again in 31 s"
    );
    // At that time there is room for what was sent first, and not before.
    let then = start() + half + wait;
    reserve(&store, &minute, 1, then - Duration::from_millis(1)).unwrap_err();
    assert_eq!(reserve(&store, &minute, 5, then).unwrap_err().left, 4);
    send(&store, &minute, 4, then);
    let over = reserve(&store, &minute, 11, then).unwrap_err();
    assert_eq!(over.retry_after, None);
    assert!(
        over.to_string()
            .ends_with("ask the provider for more, or send less")
    );
}

#[test]
fn a_reservation_is_all_or_nothing() {
    let text = quota("messages", "second", "100", "") + &quota("recipients", "hour", "3", "");
    let both = profile(&text);
    let store = InMemoryQuotaStore::new();
    send(&store, &both, 2, start());
    let over = reserve(&store, &both, 2, start()).unwrap_err();
    assert_eq!((over.maximum, over.left), (3, 1));
    // The other limit was not charged for what was refused.
    assert_eq!(usage(&store, &both, start()), Usage::new(2, 0));
    let mut twice = claims_of(&both, 1);
    twice.extend(claims_of(&both, 1));
    assert!(ready(store.reserve(twice, start(), LASTS)).is_err());
    send(&store, &both, 1, start());
}

#[test]
fn what_was_not_sent_is_free_again() {
    let hour = profile(&quota("messages", "hour", "10", ""));
    let store = InMemoryQuotaStore::new();
    let reservation = reserve(&store, &hour, 10, start()).unwrap();
    assert_eq!(usage(&store, &hour, start()), Usage::new(0, 10));
    assert_eq!(reserve(&store, &hour, 1, start()).unwrap_err().left, 0);
    ready(store.settle(reservation, mail(3), start())).unwrap();
    assert_eq!(usage(&store, &hour, start()), Usage::new(3, 0));
    let reservation = reserve(&store, &hour, 7, start()).unwrap();
    ready(store.settle(reservation, Volume::default(), start())).unwrap();
    assert_eq!(usage(&store, &hour, start()), Usage::new(3, 0));
}

#[test]
fn what_is_set_aside_counts_until_it_expires_and_what_was_sent_late_counts_all_the_same() {
    let hour = profile(&quota("messages", "hour", "5", ""));
    let store = InMemoryQuotaStore::new();
    let abandoned = reserve(&store, &hour, 5, start()).unwrap();
    assert_eq!(abandoned.expires, start() + LASTS);
    let just_before = start() + LASTS - Duration::from_nanos(1);
    let over = reserve(&store, &hour, 1, just_before).unwrap_err();
    assert_eq!(over.retry_after, Some(Duration::from_nanos(1)));
    let later = start() + LASTS;
    send(&store, &hour, 5, later);
    // Both were sent: the truth is counted, though it is above the limit.
    ready(store.settle(abandoned, mail(5), later)).unwrap();
    assert_eq!(usage(&store, &hour, later), Usage::new(10, 0));
    assert_eq!(reserve(&store, &hour, 1, later).unwrap_err().left, 0);
}

#[test]
fn it_counts_until_a_window_after_it_was_settled() {
    let minute = profile(&quota("messages", "minute", "1", ""));
    let store = InMemoryQuotaStore::new();
    let reservation = reserve(&store, &minute, 1, start()).unwrap();
    let settled = start() + Duration::from_secs(50);
    ready(store.settle(reservation, mail(1), settled)).unwrap();
    // The server may have taken it at the last moment.
    reserve(&store, &minute, 1, start() + Duration::from_secs(61)).unwrap_err();
    let _ = reserve(&store, &minute, 1, settled + Duration::from_secs(61)).unwrap();
}

#[test]
fn unknown_limits_refuse_nothing_and_are_counted() {
    for maximum in ["\"unknown\"", "\"unlimited\""] {
        let open = profile(&quota("messages", "rolling-day", maximum, ""));
        let store = InMemoryQuotaStore::new();
        send(&store, &open, 1_000_000, start());
        let reservation = reserve(&store, &open, 7, start()).unwrap();
        assert_eq!(usage(&store, &open, start()), Usage::new(1_000_000, 7));
        ready(store.settle(reservation, mail(7), start())).unwrap();
        let day = start() + Duration::from_hours(25);
        assert_eq!(usage(&store, &open, day), Usage::default());
    }
}

#[test]
fn a_limit_for_life_never_has_room_again() {
    let life = profile(&quota("messages", "lifetime", "5", ""));
    let store = InMemoryQuotaStore::new();
    send(&store, &life, 5, start());
    let years = start() + Duration::from_hours(24 * 3_650);
    assert_eq!(
        reserve(&store, &life, 1, years).unwrap_err().retry_after,
        None
    );
}

#[test]
fn a_clock_that_was_set_back_frees_nothing_early_and_locks_nobody_out() {
    let minute = profile(&quota("messages", "minute", "5", ""));
    let store = InMemoryQuotaStore::new();
    let wrong = start() + Duration::from_hours(24 * 36_500);
    send(&store, &minute, 5, wrong);
    // A century too early, it was sent just now; and a minute later there is room again.
    let over = reserve(&store, &minute, 1, start()).unwrap_err();
    assert!(over.retry_after.unwrap() >= Duration::from_secs(60));
    reserve(&store, &minute, 1, start() + Duration::from_secs(59)).unwrap_err();
    send(&store, &minute, 5, start() + Duration::from_secs(61));

    let held = InMemoryQuotaStore::new();
    let reservation = reserve(&held, &minute, 5, wrong).unwrap();
    reserve(&held, &minute, 1, start()).unwrap_err();
    let _ = reserve(&held, &minute, 1, start() + LASTS).unwrap();
    // It is found again though its expiry has moved.
    ready(held.settle(reservation, mail(2), start() + LASTS)).unwrap();
    assert_eq!(usage(&held, &minute, start() + LASTS), Usage::new(2, 1));
}

#[test]
fn accounts_and_users_are_counted_apart_where_the_limit_says_so() {
    let text =
        quota("messages", "hour", "1", "per = \"user\"") + &quota("messages", "minute", "3", "");
    let limits = profile(&text).limits(None).unwrap();
    let store = InMemoryQuotaStore::new();
    let send = |account: &str, user: Option<&str>| {
        let mut sender = Sender::new(account);
        sender.user = user.map(|user| user.parse().unwrap());
        let claims = claims(&limits, &sender, &mail(1));
        ready(store.reserve(claims, start(), LASTS)).map_err(|error| error.to_string())
    };
    for user in ["a", "b", "c"] {
        let _ = send("main", Some(user)).unwrap();
        assert_eq!(
            send("main", Some(user)).unwrap_err(),
            format!(
                "messages an hour of the user {user:?} in the account \"main\" under test: 0 of 1 left, and 1 is needed; try again in 600 s"
            )
        );
    }
    assert!(
        send("main", Some("d"))
            .unwrap_err()
            .starts_with("messages a minute of the account")
    );
    let _ = send("other", None).unwrap();
    send("other", None).unwrap_err();
}

#[test]
fn many_at_once_never_pass_a_limit_and_none_is_lost() {
    let text = quota("messages", "rolling-day", "1000", "")
        + &quota("recipients", "lifetime", "100000", "");
    let day = profile(&text);
    let store = InMemoryQuotaStore::new();
    let sent = AtomicU64::new(0);
    thread::scope(|scope| {
        for number in 0..8_u64 {
            let (store, day, sent) = (&store, &day, &sent);
            scope.spawn(move || {
                for turn in 0..400_u64 {
                    let now = start() + Duration::from_millis(turn);
                    let count = 1 + (turn + number) % 3;
                    let Ok(reservation) = reserve(store, day, count, now) else {
                        continue;
                    };
                    // Every other message loses one recipient.
                    let really = count - turn % 2;
                    ready(store.settle(reservation, mail(really), now)).unwrap();
                    let before = sent.fetch_add(really, Ordering::SeqCst);
                    assert!(before + really <= 1_000);
                }
            });
        }
    });
    let total = sent.load(Ordering::SeqCst);
    let now = start() + Duration::from_secs(1);
    assert_eq!(usage(&store, &day, now), Usage::new(total, 0));
    // What is left is what can still be sent, to the last one.
    if total < 1_000 {
        send(&store, &day, 1_000 - total, now);
    }
    assert_eq!(reserve(&store, &day, 1, now).unwrap_err().left, 0);
}
