//! Every word that names a behaviour, as each client meets it.

use std::time::Duration;

use crate::client::Client;
use crate::programs::{CURL, MSMTP, NODEMAILER, SMTP_SOURCE, SMTPLIB, SWAKS};
use crate::setting::{MAIL, SENDER, Setting};

/// Something that happens at a mailbox, in order.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The client sends, and succeeds.
    Takes,
    /// The client sends, fails, and shows this code and this enhanced code.
    Says(&'static str, &'static str),
    /// The client sends, and fails, without an answer that it could make sense of.
    HangsUp,
    /// Time passes.
    Minutes(u64),
    /// So many mails are in the mailbox.
    Keeps(usize),
    /// The sender's newest mail contains this.
    Comes(&'static str),
}
use Step::{Comes, HangsUp, Keeps, Minutes, Says, Takes};

const WORDS: &[(&str, &[Step])] = &[
    ("450-4.2.2", &[Says("450", "4.2.2"), Keeps(0)]),
    ("550-5.1.1-ada", &[Says("550", "5.1.1"), Keeps(0)]),
    ("421", &[Says("421", ""), Keeps(0)]),
    ("dot-451-4.3.0", &[Says("451", "4.3.0"), Keeps(0)]),
    ("dot-554-5.6.0", &[Says("554", "5.6.0"), Keeps(0)]),
    (
        "defer-3",
        &[
            Says("451", "4.3.0"),
            Says("451", "4.3.0"),
            Says("451", "4.3.0"),
            Takes,
            Keeps(1),
        ],
    ),
    (
        "greylist-5m",
        &[
            Says("451", "4.7.1"),
            Minutes(4),
            Says("451", "4.7.1"),
            Minutes(1),
            Takes,
            Keeps(1),
        ],
    ),
    (
        "full-after-5",
        &[
            Takes,
            Takes,
            Takes,
            Takes,
            Takes,
            Says("452", "4.2.2"),
            Keeps(5),
        ],
    ),
    (
        "dies-after-5",
        &[
            Takes,
            Takes,
            Takes,
            Takes,
            Takes,
            Says("550", "5.1.1"),
            Keeps(5),
        ],
    ),
    (
        "limit-2-per-1h",
        &[
            Takes,
            Takes,
            Says("450", "4.7.28"),
            Minutes(60),
            Takes,
            Keeps(3),
        ],
    ),
    ("slow-1s", &[Takes, Keeps(1)]),
    ("drop-at-rcpt", &[HangsUp, Keeps(0)]),
    ("drop-at-dot", &[HangsUp, Keeps(0)]),
    ("drop-after-dot", &[HangsUp, Keeps(1)]),
    ("discard", &[Takes, Keeps(0)]),
    (
        "bounce",
        &[Takes, Minutes(1), Comes("\r\nStatus: 5.1.1\r\n")],
    ),
    (
        "bounce-5.2.1",
        &[Takes, Minutes(1), Comes("\r\nStatus: 5.2.1\r\n")],
    ),
    (
        "complaint",
        &[
            Takes,
            Keeps(1),
            Minutes(120),
            Comes("\r\nFeedback-Type: abuse\r\n"),
        ],
    ),
    (
        "autoreply",
        &[Takes, Minutes(1), Comes("\r\nAuto-Submitted: auto-replied")],
    ),
    (
        "autoreply-rude",
        &[Takes, Minutes(1), Comes("\r\nX-Autoreply: yes")],
    ),
    (
        "receipt",
        &[
            Takes,
            Minutes(1),
            Comes("\r\nContent-Type: message/disposition-notification"),
        ],
    ),
    ("data-451", &[Says("451", ""), Keeps(0)]),
    // None of these clients sends chunks.
    ("chunk-452", &[Takes, Keeps(1)]),
    ("lf-550", &[HangsUp, Keeps(0)]),
    ("dot-garbage-250", &[HangsUp]),
    ("huge-550", &[HangsUp, Keeps(0)]),
    ("slow-1s-at-rcpt", &[Takes, Keeps(1)]),
    ("drop-at-data", &[HangsUp, Keeps(0)]),
    (
        "malformed-no-status-part",
        &[Takes, Minutes(1), Comes("could not be delivered")],
    ),
    ("unsubscribe", &[Takes, Minutes(1), Keeps(1)]),
    (
        "defer-1_dot-554-5.6.0",
        &[Says("451", "4.3.0"), Says("554", "5.6.0"), Keeps(0)],
    ),
];

/// One client goes through the table.
async fn meets_every_word(client: &Client) {
    if !client.is_there("meets_every_word") {
        return;
    }
    let setting = Setting::new().await;
    for (word, steps) in WORDS {
        let mailbox = format!("{word}@receiver.example");
        for (place, step) in steps.iter().enumerate() {
            let at = format!("{}, {word}, step {place}", client.name);
            take(&setting, client, &mailbox, *step, &at);
        }
    }
}

fn take(setting: &Setting, client: &Client, mailbox: &str, step: Step, at: &str) {
    let send = || client.send(&setting.job(&[mailbox], MAIL));
    match step {
        Takes => {
            let said = send();
            assert!(said.succeeded, "{at}: {}", said.text);
        }
        Says(code, enhanced) => {
            let said = send();
            assert!(!said.succeeded, "{at}: {}", said.text);
            for number in [code, enhanced] {
                assert!(said.text.contains(number), "{at}: {}", said.text);
            }
        }
        HangsUp => {
            let said = send();
            assert!(!said.succeeded, "{at}: {}", said.text);
        }
        Minutes(minutes) => setting.simulator.advance(Duration::from_mins(minutes)),
        Keeps(count) => assert_eq!(setting.mailbox(mailbox).len(), count, "{at}"),
        Comes(part) => {
            let came = setting.mailbox(SENDER);
            let newest = came.last().unwrap_or_else(|| panic!("{at}: nothing came"));
            assert!(newest.source().contains(part), "{at}: {}", newest.source());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swaks_meets_every_word() {
    meets_every_word(&SWAKS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn msmtp_meets_every_word() {
    meets_every_word(&MSMTP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodemailer_meets_every_word() {
    meets_every_word(&NODEMAILER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtplib_meets_every_word() {
    meets_every_word(&SMTPLIB).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_meets_every_word() {
    meets_every_word(&CURL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_source_meets_every_word() {
    meets_every_word(&SMTP_SOURCE).await;
}

/// The table above has every address that the README names, with whatever numbers.
#[test]
fn no_word_of_the_readme_is_missing() {
    let readme = include_str!("../../README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let words = cells.flat_map(|cell| cell.split('`').filter_map(|part| part.strip_suffix('@')));
    let form = |word: &str| word.replace(|letter: char| letter.is_ascii_digit(), "0");
    let missing: Vec<&str> = words
        .filter(|named| !WORDS.iter().any(|(word, _)| form(word) == form(named)))
        .collect();
    assert_eq!(missing, [] as [&str; 0]);
}
