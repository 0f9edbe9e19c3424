//! What arrives, octet by octet.

use super::peer::{Peer, serve};
use super::{assert_accepted, send_mail};
use crate::text;

/// The content as it came to a server, for this mail.
fn arrived(mail: &[u8], options: &[&str], extensions: &str) -> Vec<u8> {
    let offer = format!("250-mx\r\n{extensions}250 HELP\r\n");
    let server = serve(move |mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", &offer);
        peer.take_message()
    });
    assert_accepted(&send_mail(server.address, options, mail));
    server.end()
}

#[test]
fn dots_are_stuffed_and_line_ends_are_crlf() {
    let header = "From: s@x.example\r\n\r\n";
    for (body, expected) in [
        (".\r\n", "..\r\n"),
        ("..\r\n", "...\r\n"),
        (".hidden\r\nand.not\r\n", "..hidden\r\nand.not\r\n"),
        ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"),
        ("a\n.\nb\n", "a\r\n..\r\nb\r\n"),
        ("a\r.\rb\r", "a\r\n..\r\nb\r\n"),
        ("a\n\r.\r\nb", "a\r\n\r\n..\r\nb\r\n"),
        ("a\r\r\nb\r\n", "a\r\n\r\nb\r\n"),
        ("no end", "no end\r\n"),
        ("\r\n\r\n", "\r\n\r\n"),
        ("", ""),
    ] {
        let content = arrived(format!("{header}{body}").as_bytes(), &[], "");
        assert_eq!(
            text(&content),
            format!("{header}{expected}.\r\n"),
            "{body:?}"
        );
    }
}

/// The smuggler's end of a message is one of its lines, whatever line ends it has.
#[test]
fn no_line_of_the_mail_ends_it() {
    for end in [
        "\r\n.\r\n",
        "\n.\n",
        "\r.\r",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r\n",
    ] {
        let mail = format!("From: s@x.example\r\n\r\nbefore{end}MAIL FROM:<evil@x.example>\r\n");
        let content = arrived(mail.as_bytes(), &[], "");
        assert_eq!(
            text(&content),
            "From: s@x.example\r\n\r\nbefore\r\n..\r\nMAIL FROM:<evil@x.example>\r\n.\r\n",
            "{end:?}"
        );
    }
}

#[test]
fn a_large_mail_of_any_octets_arrives_whole() {
    let line: Vec<u8> = (1..=255).filter(|octet| !b"\r\n".contains(octet)).collect();
    let mut mail = b"From: s@x.example\r\n\r\n".to_vec();
    let mut expected = mail.clone();
    for number in 0..8_000 {
        let dot: &[u8] = if number % 3 == 0 { b"." } else { b"" };
        mail.extend([dot, &line, b"\r\n"].concat());
        expected.extend([dot, dot, &line, b"\r\n"].concat());
    }
    expected.extend(b".\r\n");
    let content = arrived(&mail, &[], "250-8BITMIME\r\n");
    assert!(
        content == expected,
        "{} octets of {}",
        content.len(),
        expected.len()
    );
}

#[test]
fn bcc_fields_stay_behind_and_everything_else_goes_as_it_is() {
    let mail = "From: s@x.example\r\nBcc: secret@x.example,\r\n\tother@x.example\r\nX-Odd :  1\r\nbcc:third@x.example\r\nResent-Bcc: f@x.example\r\n\r\nBcc: this is text\r\n";
    let content = arrived(mail.as_bytes(), &["--strict"], "");
    assert_eq!(
        text(&content),
        "From: s@x.example\r\nX-Odd :  1\r\n\r\nBcc: this is text\r\n.\r\n"
    );
}
