use std::fs;
use std::sync::Arc;

use letterhead_mail::{Clock as _, Transport as _};

use super::{Maildir, deliver};
use crate::combinator::storage::{Abandonment, StorageError};
use crate::combinator::testing::{
    SameOctet, ScratchDirectory, StepClock, names, outcomes, send_now, submission,
};

fn maildir(scratch: &ScratchDirectory) -> Maildir {
    let clock = StepClock::new();
    clock.set(clock.now() + std::time::Duration::from_micros(42));
    Maildir::new(
        scratch.path().join("mail"),
        clock,
        Arc::new(SameOctet(0xab)),
    )
}

#[tokio::test]
async fn one_file_in_new_holds_the_message() {
    let scratch = ScratchDirectory::new();
    let maildir = maildir(&scratch).host_name("mx.shop.example".parse().unwrap());
    let submission = submission(&["a@x.example", "b@x.example"]);
    let report = maildir.send(&submission).await;
    assert_eq!(outcomes(&report), ["a accepted", "b accepted"]);
    let mail = scratch.path().join("mail");
    assert_eq!(names(&mail), ["cur", "new", "tmp"]);
    let name = "1700000000.M42RababababababababQ1.mx.shop.example";
    assert_eq!(names(&mail.join("new")), [name]);
    assert_eq!(
        report.rows()[0].detail(),
        Some(format!("written as {name}").as_str())
    );
    assert_eq!(
        fs::read(mail.join("new").join(name)).unwrap(),
        submission.message.as_bytes()
    );
    assert!(names(&mail.join("tmp")).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_time_and_the_same_random_octets_overwrite_nothing() {
    let scratch = ScratchDirectory::new();
    let maildir = maildir(&scratch);
    let attempts: Vec<_> = (0..12)
        .map(|_| {
            let maildir = maildir.clone();
            tokio::spawn(async move {
                maildir
                    .send(&submission(&["a@x.example"]))
                    .await
                    .all_accepted()
            })
        })
        .collect();
    for attempt in attempts {
        assert!(attempt.await.unwrap());
    }
    assert_eq!(names(&scratch.path().join("mail/new")).len(), 12);
    assert!(names(&scratch.path().join("mail/tmp")).is_empty());
}

#[tokio::test]
async fn an_error_of_the_disk_is_deferred() {
    let scratch = ScratchDirectory::new();
    fs::write(scratch.path().join("mail"), "").unwrap();
    let report = maildir(&scratch)
        .send(&submission(&["a@x.example", "b@x.example"]))
        .await;
    assert_eq!(
        outcomes(&report),
        ["a deferred at local", "b deferred at local"]
    );
    assert!(
        report.rows()[1]
            .detail()
            .unwrap()
            .starts_with("cannot make the directory: ")
    );
}

#[test]
fn an_abandoned_attempt_leaves_nothing() {
    let scratch = ScratchDirectory::new();
    let abandonment = Abandonment::default();
    abandonment.abandon();
    let mail = scratch.path().join("mail");
    let unique = maildir(&scratch).unique();
    let error = deliver(&mail, &unique, b"A: b\r\n", &abandonment).unwrap_err();
    assert!(matches!(error, StorageError::Abandoned));
    assert!(names(&mail.join("tmp")).is_empty() && names(&mail.join("new")).is_empty());
}

#[test]
fn without_a_runtime_nothing_is_delivered_and_nothing_panics() {
    let scratch = ScratchDirectory::new();
    let report = send_now(&maildir(&scratch), &submission(&["a@x.example"]));
    assert_eq!(outcomes(&report), ["a deferred at local"]);
    assert!(scratch.names().is_empty());
}
