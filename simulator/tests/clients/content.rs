//! Mails arrive octet for octet.

use crate::client::{Ability, Client};
use crate::programs::CLIENTS;
use crate::setting::{ADA, MAIL, Setting, expect_success};

/// Dots at the beginning of lines, alone on a line, and many; a line as long as it may be.
fn dots() -> Vec<u8> {
    let long = "y".repeat(998);
    let text =
        format!("\r\n.\r\n..\r\n...\r\n.a line\r\n a.\r\n\r\n.\r\n{long}\r\n\tend \t\r\n\r\n");
    [MAIL, text.as_bytes()].concat()
}

fn eight_bit() -> Vec<u8> {
    [MAIL, "gr\u{fc}n \u{1f331}\r\n.\u{e4}\r\n\r\n".as_bytes()].concat()
}

/// About two million octets.
fn large() -> Vec<u8> {
    [MAIL, &b".0123456789 abcdef\t x\r\n".repeat(90_000), b"\r\n"].concat()
}

async fn arrives_unchanged(client: &Client, mail: &[u8]) {
    let setting = Setting::new().await;
    expect_success(client, &client.send(&setting.job(&[ADA], mail)));
    let [stored] = &setting.mailbox(ADA)[..] else {
        panic!("{}: one mail", client.name);
    };
    let octets = stored.message.as_bytes();
    // The receiver's trace fields are on top of it.
    assert!(
        octets.ends_with(mail),
        "{}: {}",
        client.name,
        difference(octets, mail)
    );
}

/// Where two mails differ, read from their ends.
fn difference(stored: &[u8], sent: &[u8]) -> String {
    let equal = stored.iter().rev().zip(sent.iter().rev());
    let equal = equal.take_while(|(left, right)| left == right).count();
    let around = |octets: &[u8]| {
        let end = octets.len() - equal;
        let part = &octets[end.saturating_sub(40)..(end + 20).min(octets.len())];
        String::from_utf8_lossy(part).into_owned()
    };
    format!("stored {:?}, sent {:?}", around(stored), around(sent))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_with_dots_arrive_octet_for_octet() {
    for client in CLIENTS {
        if client.is_there("lines_with_dots_arrive_octet_for_octet") {
            arrives_unchanged(client, &dots()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn octets_outside_ascii_arrive_where_they_are_announced_and_are_refused_elsewhere() {
    for client in CLIENTS {
        if !client.is_there(
            "octets_outside_ascii_arrive_where_they_are_announced_and_are_refused_elsewhere",
        ) {
            continue;
        }
        if client.can(Ability::EightBit) {
            arrives_unchanged(client, &eight_bit()).await;
            continue;
        }
        let setting = Setting::new().await;
        let said = client.send(&setting.job(&[ADA], &eight_bit()));
        assert!(!said.succeeded, "{}: {}", client.name, said.text);
        let refusal = "554 5.6.3 octets outside ASCII need BODY=8BITMIME";
        assert!(
            said.text.contains(refusal),
            "{}: {}",
            client.name,
            said.text
        );
        assert!(setting.mailbox(ADA).is_empty(), "{}", client.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_mail_arrives_octet_for_octet() {
    for client in CLIENTS {
        if client.is_there("a_large_mail_arrives_octet_for_octet") {
            arrives_unchanged(client, &large()).await;
        }
    }
}
