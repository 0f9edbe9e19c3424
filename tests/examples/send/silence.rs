//! Servers that do not answer, and `--timeout`.

use std::thread;
use std::time::Duration;

use letterhead::SystemClock;
use letterhead::mail::Clock as _;

use super::peer::{Peer, STEPS, serve};
use super::{failure, send, sign_in};

/// The command's row under `--timeout`, and how long it took.
fn timed(
    seconds: &str,
    options: &[&str],
    script: impl FnOnce(Peer) + Send + 'static,
) -> ((String, String, Option<u64>, String), Duration) {
    let server = serve(script);
    let clock = SystemClock::new();
    let started = clock.now();
    let output = send(server.address, &[options, &["--timeout", seconds]].concat());
    let took = clock.now().duration_since(started).unwrap_or_default();
    server.end();
    (failure(&output), took)
}

/// How much longer than its time the command may take on a machine with other things to do.
const GRACE: Duration = Duration::from_secs(3);

#[test]
fn a_silent_server_gets_three_seconds() {
    let ((outcome, phase, code, words), took) =
        timed("3", &[], |mut peer: Peer| peer.until_closed());
    assert_eq!(
        (outcome.as_str(), phase.as_str(), code),
        ("deferred", "greeting", None)
    );
    assert_eq!(words, "timed out at greeting");
    let limit = Duration::from_secs(3);
    assert!(took >= limit && took < limit + GRACE, "{took:?}");
}

/// Whatever came before: the time is that of the whole attempt.
#[test]
fn silence_at_any_step_ends_with_the_time_and_names_the_step() {
    let steps = STEPS.map(|step| {
        thread::spawn(move || {
            let options = match step {
                "tls" => vec!["--tls".to_owned(), "required".to_owned()],
                step => sign_in(&format!("silence-{step}")).to_vec(),
            };
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let ((outcome, phase, code, words), took) = timed("1.5", &options, move |mut peer| {
                peer.reach(step);
                peer.until_closed();
            });
            let expected = if step == "final" {
                "in_doubt"
            } else {
                "deferred"
            };
            assert_eq!(
                (outcome.as_str(), phase.as_str(), code),
                (expected, step, None)
            );
            assert_eq!(words, format!("timed out at {step}"));
            assert!(
                took < Duration::from_millis(1_500) + GRACE,
                "{step}: {took:?}"
            );
        })
    });
    for step in steps {
        step.join().expect("each step holds");
    }
}

#[test]
fn a_greeting_that_drips_does_not_outlive_the_time() {
    let ((outcome, phase, _, words), took) = timed("1", &[], |mut peer: Peer| {
        peer.say("220-");
        while !peer.is_closed_after(Duration::from_millis(20)) {
            peer.say("x");
        }
    });
    assert_eq!((outcome.as_str(), phase.as_str()), ("deferred", "greeting"));
    assert_eq!(words, "timed out at greeting");
    assert!(took < Duration::from_secs(1) + GRACE, "{took:?}");
}

/// The answer to QUIT changes nothing, and is not waited for beyond the time.
#[test]
fn a_server_that_is_silent_after_it_accepted_has_accepted() {
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250 mx\r\n");
        peer.exchange("MAIL ", "250 ok\r\n");
        peer.exchange("RCPT ", "250 ok\r\n");
        peer.exchange("DATA", "354 go\r\n");
        peer.content();
        peer.say("250 2.0.0 queued\r\n");
        peer.until_closed();
    });
    let clock = SystemClock::new();
    let started = clock.now();
    super::assert_accepted(&send(server.address, &["--timeout", "1"]));
    let took = clock.now().duration_since(started).unwrap_or_default();
    assert!(took < Duration::from_secs(1) + GRACE, "{took:?}");
    server.end();
}
