use proptest::prelude::*;

use super::{Run, config};
use crate::session::{AuthOffer, Extension, LinePolicy, SessionConfig, TlsOffer};

/// Parts of dialogues, sensible or not.
fn parts() -> impl Strategy<Value = Vec<&'static str>> {
    let part = prop::sample::select(vec![
        "EHLO a.example\r\n",
        "HELO a.example\r\n",
        "MAIL FROM:<a@b.example>\r\n",
        "MAIL FROM:<> RET=HDRS ENVID=x BODY=8BITMIME\r\n",
        "RCPT TO:<c@d.example>\r\n",
        "RCPT TO:<nobody@d.example> NOTIFY=NEVER\r\n",
        "DATA\r\n",
        "DATA\r\nx\r\n.\r\n",
        "BDAT 3\r\n",
        "BDAT 4\r\nx\r\n.",
        "BDAT 2 LAST\r\n",
        "BDAT 2 LAST\r\n\r\n",
        "BDAT 99999999999 LAST\r\n",
        "BDAT -\r\n",
        "RSET\r\n",
        "NOOP\n",
        ".\r\n",
        "\r\n",
        "x",
        "\n",
        "\r",
        "..",
        "*\r\n",
        "\0",
    ]);
    prop::collection::vec(part, 0..40)
}

fn policies() -> impl Strategy<Value = LinePolicy> {
    prop::sample::select(vec![
        LinePolicy::Reject,
        LinePolicy::AcceptAndReport,
        LinePolicy::Normalise,
    ])
}

/// Everything that comes of a dialogue that arrives in pieces of this size.
fn outcome(
    config: SessionConfig,
    octets: &[u8],
    step: usize,
) -> (Vec<String>, Vec<Vec<u8>>, String) {
    let mut run = Run::new(config);
    let codes = octets
        .chunks(step.max(1))
        .flat_map(|piece| run.say(piece))
        .collect();
    (codes, run.stored, run.session.transcript().to_string())
}

proptest! {
    #[test]
    fn no_octets_make_it_panic_or_store_what_is_not_a_message(
        parts in parts(),
        policy in policies(),
        tls in prop::sample::select(vec!["STARTTLS\r\n", "AUTH PLAIN\r\n", "AUTH LOGIN\r\nx\r\n", ""]),
        noise in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let config = config().tls(TlsOffer::StartTls).auth(AuthOffer::Always).line_policy(policy).maximum_octets(30);
        let mut run = Run::new(config);
        let (before, behind) = parts.split_at(parts.len() / 2);
        for part in before.iter().chain([&tls]).chain(behind) {
            run.say(part.as_bytes());
        }
        run.say(&noise);
        for message in &run.stored {
            prop_assert!(message.ends_with(b"\r\n") && !message.contains(&0));
            prop_assert!(message.len() <= 30);
        }
    }

    #[test]
    fn how_octets_are_cut_into_pieces_does_not_matter(
        parts in parts(),
        policy in policies(),
        hidden in prop::option::of(prop::sample::select(vec![Extension::Chunking, Extension::Dsn])),
        step in 1_usize..9,
    ) {
        let octets = parts.concat();
        let config = config().line_policy(policy).maximum_octets(30);
        let config = hidden.into_iter().fold(config, SessionConfig::hide);
        let at_once = outcome(config.clone(), octets.as_bytes(), octets.len());
        prop_assert_eq!(outcome(config, octets.as_bytes(), step), at_once);
    }
}
