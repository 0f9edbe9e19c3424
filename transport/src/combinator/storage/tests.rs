use std::fs;
use std::io::ErrorKind;

use letterhead_mail::Report;

use super::{NewFile, StorageError, create_directory, store};
use crate::combinator::testing::{ScratchDirectory, outcomes, submission};

#[tokio::test]
async fn errors_are_rows() {
    let submission = submission(&["a@x.example", "b@x.example"]);
    let full = || std::io::Error::from(ErrorKind::StorageFull);
    let report = store(&submission.envelope, move |_| {
        Err(StorageError::at("write the message")(full()))
    })
    .await;
    assert_eq!(
        outcomes(&report),
        ["a deferred at local", "b deferred at local"]
    );
    let detail = |report: &Report| report.rows()[1].detail().unwrap().to_owned();
    assert!(detail(&report).starts_with("cannot write the message: "));
    let report = store(&submission.envelope, move |_| {
        Err(StorageError::PerhapsStored(full()))
    })
    .await;
    assert_eq!(outcomes(&report), ["a in doubt", "b in doubt"]);
    let report = store(&submission.envelope, |_| Ok("1.eml".to_owned())).await;
    assert_eq!(outcomes(&report), ["a accepted", "b accepted"]);
    assert_eq!(detail(&report), "written as 1.eml");
}

#[tokio::test]
async fn a_job_that_ends_without_a_result_is_in_doubt() {
    let submission = submission(&["a@x.example"]);
    let report = store(&submission.envelope, |_| panic!("as a test")).await;
    assert_eq!(outcomes(&report), ["a in doubt"]);
}

#[test]
fn an_attempt_that_is_dropped_tells_its_job() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let submission = submission(&["a@x.example"]);
    let (begun_tell, begun) = std::sync::mpsc::channel();
    let (dropped_tell, dropped) = std::sync::mpsc::channel::<()>();
    let (checked_tell, checked) = std::sync::mpsc::channel();
    runtime.block_on(async {
        let mut attempt = Box::pin(store(&submission.envelope, move |abandonment| {
            begun_tell.send(()).unwrap();
            dropped.recv().unwrap();
            checked_tell.send(abandonment.check().is_err()).unwrap();
            Ok(String::new())
        }));
        let poll = std::future::poll_fn(|context| {
            std::task::Poll::Ready(attempt.as_mut().poll(context).is_pending())
        });
        assert!(poll.await);
        begun.recv().unwrap();
        drop(attempt);
        dropped_tell.send(()).unwrap();
    });
    assert!(checked.recv().unwrap());
}

#[test]
fn a_new_file_is_there_when_it_is_whole_or_not_at_all() {
    let scratch = ScratchDirectory::new();
    let (temporary, name) = (
        scratch.path().join("temporary"),
        scratch.path().join("name"),
    );
    let mut file = NewFile::create(temporary.clone()).unwrap();
    let taken = NewFile::create(temporary.clone()).unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
    file.write(b"whole").unwrap();
    assert!(!name.exists());
    file.publish(&name).unwrap();
    assert_eq!(fs::read(&name).unwrap(), b"whole");
    let mut given_up = NewFile::create(temporary).unwrap();
    given_up.write(b"part").unwrap();
    drop(given_up);
    assert_eq!(scratch.names(), ["name"]);
}

#[cfg(unix)]
#[test]
fn files_and_directories_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = ScratchDirectory::new();
    let directory = scratch.path().join("a/b");
    create_directory(&directory).unwrap();
    create_directory(&directory).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let file = NewFile::create(directory.join("temporary")).unwrap();
    file.publish(&directory.join("name")).unwrap();
    assert_eq!(mode(&directory.join("name")), 0o600);
}
