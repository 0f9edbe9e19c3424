use std::fs;

use letterhead_mail::envelope::Notify;
use letterhead_mail::{Envelope, Recipient, Transport as _};

use super::{FileTransport, claim, file_name, publish, write};
use crate::combinator::storage::{Abandonment, StorageError};
use crate::combinator::testing::{Run, ScratchDirectory, address, outcomes, send_now, submission};

#[tokio::test]
async fn the_message_and_the_envelope_are_written_whole() {
    let scratch = ScratchDirectory::new();
    let directory = scratch.path().join("below/here");
    let mut submission = submission(&["a@x.example"]);
    submission.envelope = Envelope::new(
        submission.envelope.sender().clone(),
        [
            address("a@x.example").into(),
            Recipient::from(address("b@x.example")).with_notify(Notify::NEVER),
        ],
    )
    .unwrap();
    let report = FileTransport::new(&directory).send(&submission).await;
    assert_eq!(outcomes(&report), ["a accepted", "b accepted"]);
    assert_eq!(report.rows()[0].detail(), Some("written as id-1.eml"));
    assert_eq!(
        crate::combinator::testing::names(&directory),
        ["id-1.eml", "id-1.json"]
    );
    assert_eq!(
        fs::read(directory.join("id-1.eml")).unwrap(),
        submission.message.as_bytes()
    );
    let envelope = fs::read(directory.join("id-1.json")).unwrap();
    let envelope: Envelope = serde_json::from_slice(&envelope).unwrap();
    assert_eq!(envelope, submission.envelope);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_id_that_comes_again_overwrites_nothing() {
    let scratch = ScratchDirectory::new();
    let transport = FileTransport::new(scratch.path());
    // What somebody else put there stays as well.
    fs::write(scratch.path().join("id-1.eml"), "theirs").unwrap();
    let attempts: Vec<_> = (0..12)
        .map(|number| {
            let transport = transport.clone();
            tokio::spawn(async move {
                let submission = submission(&[&format!("{number}@x.example")]);
                transport.send(&submission).await.all_accepted()
            })
        })
        .collect();
    for attempt in attempts {
        assert!(attempt.await.unwrap());
    }
    let names = scratch.names();
    assert_eq!(names.len(), 1 + 2 * 12, "{names:?}");
    assert_eq!(
        fs::read(scratch.path().join("id-1.eml")).unwrap(),
        b"theirs"
    );
    let envelopes = names.iter().filter(|name| name.ends_with(".json"));
    let mut recipients: Vec<String> = envelopes
        .map(|name| {
            let envelope = fs::read(scratch.path().join(name)).unwrap();
            let envelope: Envelope = serde_json::from_slice(&envelope).unwrap();
            envelope.addresses().next().unwrap().to_string()
        })
        .collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 12);
}

#[test]
fn no_id_leads_elsewhere() {
    for (id, name) in [
        ("2024-01_a.b", "2024-01_a.b"),
        ("..", "%2E."),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        (".hidden", "%2Ehidden"),
        ("a\\b:c*\u{e4}", "a%5Cb%3Ac%2A%C3%A4"),
    ] {
        assert_eq!(file_name(&id.parse().unwrap()), name);
    }
    let long = |last: &str| file_name(&format!("{}{last}", "\u{e4}".repeat(254)).parse().unwrap());
    assert_eq!(long("a").len(), 180);
    assert_ne!(long("a"), long("b"));
}

#[tokio::test]
async fn an_error_of_the_disk_is_deferred() {
    let scratch = ScratchDirectory::new();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let submission = submission(&["a@x.example", "b@x.example"]);
    for directory in [file.clone(), file.join("below")] {
        let report = FileTransport::new(directory).send(&submission).await;
        assert_eq!(
            outcomes(&report),
            ["a deferred at local", "b deferred at local"]
        );
        let detail = report.rows()[0].detail().unwrap();
        assert!(
            detail.starts_with("cannot make the directory: "),
            "{detail}"
        );
    }
}

#[test]
fn an_abandoned_attempt_leaves_no_file() {
    let scratch = ScratchDirectory::new();
    let abandonment = Abandonment::default();
    abandonment.abandon();
    let submission = submission(&["a@x.example"]);
    let error = write(scratch.path(), &submission, &abandonment).unwrap_err();
    assert!(matches!(error, StorageError::Abandoned));
    assert!(scratch.names().is_empty());
    assert!(write(scratch.path(), &submission, &Abandonment::default()).is_ok());
    assert_eq!(scratch.names(), ["id-1.eml", "id-1.json"]);
}

#[cfg(unix)]
#[test]
fn where_the_envelope_gets_no_name_the_message_goes_too() {
    let scratch = ScratchDirectory::new();
    // A directory in the way appears after the name was found free: the rename fails.
    let submission = submission(&["a@x.example"]);
    let files = claim(scratch.path(), &submission.id).unwrap();
    fs::create_dir(scratch.path().join("id-1.json")).unwrap();
    let error = publish(scratch.path(), files).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot rename the envelope: ")
    );
    assert_eq!(scratch.names(), ["id-1.json"]);
}

#[test]
fn without_a_runtime_nothing_is_written_and_nothing_panics() {
    let scratch = ScratchDirectory::new();
    let transport = FileTransport::new(scratch.path());
    let submission = submission(&["a@x.example"]);
    let report = send_now(&transport, &submission);
    assert_eq!(outcomes(&report), ["a deferred at local"]);
    drop(Run::start(&transport, &submission));
    assert!(scratch.names().is_empty());
}
