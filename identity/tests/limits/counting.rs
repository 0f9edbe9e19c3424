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
fn what_is_never_settled_counts_as_used_when_it_was_set_aside() {
    let hour = profile(&quota("messages", "hour", "5", ""));
    let store = InMemoryQuotaStore::new();
    let abandoned = reserve(&store, &hour, 5, start()).unwrap();
    assert_eq!(abandoned.expires, start() + LASTS);
    let just_before = start() + LASTS - Duration::from_nanos(1);
    assert_eq!(usage(&store, &hour, just_before), Usage::new(0, 5));
    let expired = start() + LASTS;
    assert_eq!(usage(&store, &hour, expired), Usage::new(5, 0));
    let over = reserve(&store, &hour, 1, expired).unwrap_err();
    let free = expired + over.retry_after.unwrap();
    let window = free.duration_since(start()).unwrap();
    assert!(window >= Duration::from_hours(1) && window < Duration::from_secs(3_615));
    reserve(&store, &hour, 1, free - Duration::from_millis(1)).unwrap_err();
    send(&store, &hour, 5, free);
}

#[test]
fn what_is_settled_after_it_expired_counts_on_top() {
    let hour = profile(&quota("messages", "hour", "5", ""));
    let store = InMemoryQuotaStore::new();
    let late = reserve(&store, &hour, 3, start()).unwrap();
    let expired = start() + LASTS;
    ready(store.settle(late, mail(3), expired)).unwrap();
    assert_eq!(usage(&store, &hour, expired), Usage::new(6, 0));
    assert_eq!(reserve(&store, &hour, 1, expired).unwrap_err().left, 0);
}

#[test]
fn what_is_never_settled_holds_each_limit_for_its_own_window() {
    let text = quota("messages", "second", "1", "")
        + &quota("recipients", "rolling-day", "200", "")
        + &quota("octets", "lifetime", "1000", "");
    let limits = profile(&text).limits(None).unwrap();
    let store = InMemoryQuotaStore::new();
    let hour = Duration::from_hours(1);
    let abandon = |now: SystemTime| {
        let mail = Volume::new(mail(1).count, 1);
        let claims = claims(&limits, &Sender::new("main"), &mail);
        ready(store.reserve(claims, now, hour)).map_err(|error| match error {
            ReserveError::OverQuota(over) => over,
            other => panic!("{other}"),
        })
    };
    // One attempt a minute, and none of them is settled.
    let minute = |number: u32| start() + number * Duration::from_mins(1);
    for number in 0..200 {
        let _ = abandon(minute(number)).unwrap();
    }
    let over = abandon(minute(199)).unwrap_err();
    assert_eq!(over.maximum, 200);
    let over = abandon(minute(200)).unwrap_err();
    assert_eq!((over.maximum, over.left), (200, 0));
    let day = (minute(200) + over.retry_after.unwrap())
        .duration_since(start())
        .unwrap();
    assert!(day >= 24 * hour && day < 24 * hour + Duration::from_mins(6));
    for number in 201..24 * 60 {
        abandon(minute(number)).unwrap_err();
    }
    // The next day has room again, except under the limit for life.
    let _ = abandon(start() + day).unwrap();
    let mut of_life = claims(
        &limits,
        &Sender::new("main"),
        &Volume::new(RecipientCount::default(), 1),
    );
    let life = of_life.pop().unwrap().key;
    let long_after = start() + 1_000 * hour;
    assert_eq!(
        ready(store.usage(&life, long_after)).unwrap(),
        Usage::new(201, 0)
    );
}

#[test]
fn who_waits_for_what_was_never_settled_waits_once() {
    let second = profile(&quota("messages", "second", "1", ""));
    let store = InMemoryQuotaStore::new();
    let abandoned = reserve(&store, &second, 1, start()).unwrap();
    let wait = reserve(&store, &second, 1, start()).unwrap_err();
    let then = start() + wait.retry_after.unwrap();
    let next = reserve(&store, &second, 1, then).unwrap();
    // It took longer than the window, so it counts again.
    ready(store.settle(next, Volume::default(), then)).unwrap();
    ready(store.settle(abandoned, mail(1), then)).unwrap();
    assert_eq!(usage(&store, &second, then), Usage::new(1, 0));
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
    // It is found again though its expiry has moved.
    let soon = start() + Duration::from_secs(30);
    ready(held.settle(reservation, mail(2), soon)).unwrap();
    assert_eq!(usage(&held, &minute, soon), Usage::new(2, 0));

    let abandoned = InMemoryQuotaStore::new();
    let _ = reserve(&abandoned, &minute, 5, wrong).unwrap();
    reserve(&abandoned, &minute, 1, start()).unwrap_err();
    reserve(&abandoned, &minute, 1, start() + Duration::from_secs(59)).unwrap_err();
    let _ = reserve(&abandoned, &minute, 5, start() + Duration::from_secs(61)).unwrap();
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
                "messages an hour of the user {user:?} in the account \"main\" under test: 0 of 1 left, and 1 is needed; try again in 3615 s"
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
