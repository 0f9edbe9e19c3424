//! DSN, REQUIRETLS, and what they are bound to.

use letterhead_mail::envelope::{Notify, ReturnContent};
use letterhead_mail::report::ServerAuthentication;
use letterhead_mail::{
    EmailAddress, Envelope, NotAttemptedReason, Outcome, Phase, Recipient, Submission, TlsFacts,
    TlsRequirement,
};

use super::dialogue::{BODY, NOW, acts, run, settings, submission};
use crate::endpoint::Security;
use crate::smtp::session::{ClientSession, Step};

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn with_wishes() -> Submission {
    let recipients = [
        Recipient::from(address("a@x.example"))
            .with_notify(Notify::SUCCESS.and(Notify::DELAY))
            .with_original(address("team+a@x.example")),
        Recipient::from(address("b@x.example")).with_notify(Notify::NEVER),
        Recipient::from(address("c@x.example")),
    ];
    let mut submission = submission(BODY, "s@x.example", &["a@x.example"]);
    submission.envelope = Envelope::new(address("s@x.example"), recipients)
        .unwrap()
        .with_id("QQ+314=1".parse().unwrap())
        .with_return_content(ReturnContent::Headers);
    submission
}

#[test]
fn wishes_for_reports_go_to_servers_that_take_them() {
    for (dsn, mail, recipients) in [
        (
            "DSN",
            "MAIL FROM:<s@x.example> RET=HDRS ENVID=QQ+2B314+3D1\r\n",
            "RCPT TO:<a@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;team+2Ba@x.example\r\n\
             RCPT TO:<b@x.example> NOTIFY=NEVER\r\nRCPT TO:<c@x.example>\r\n",
        ),
        (
            "HELP",
            "MAIL FROM:<s@x.example>\r\n",
            "RCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\n",
        ),
    ] {
        let ehlo = format!("250-mx\r\n250-PIPELINING\r\n250 {dsn}");
        let replies = [
            "220 mx", &ehlo, "250", "250", "250", "250", "354", "250", "221",
        ];
        let outcomes = run(
            settings(Security::Plaintext),
            &with_wishes(),
            &acts(&replies),
        );
        assert!(outcomes.report.all_accepted());
        assert!(
            outcomes.written.contains(&format!("{mail}{recipients}")),
            "{}",
            outcomes.written
        );
    }
}

/// What a session over TLS makes of a submission that requires TLS on every hop.
fn required(ehlo: &str, server: ServerAuthentication) -> (Outcome, Phase, String) {
    let mut submission = submission(BODY, "s@x.example", &["a@x.example"]);
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let mut session = ClientSession::new(settings(Security::ImplicitTls)).with_tls(TlsFacts::new(
        "TLSv1.3",
        "TLS13_AES_128_GCM_SHA256",
        server,
    ));
    session.submit(&submission, NOW, NOW);
    let mut replies = ["220 mx", ehlo, "250", "250", "354", "250"].into_iter();
    let mut written = String::new();
    loop {
        match session.step(NOW) {
            Step::Write(transmit) => {
                written.push_str(&String::from_utf8(transmit.to_bytes()).unwrap());
            }
            Step::Read => {
                session.received(format!("{}\r\n", replies.next().unwrap()).as_bytes());
            }
            Step::Done(report) => {
                let row = &report.rows()[0];
                assert_eq!(row.tls().unwrap().server(), server);
                if row.outcome() != Outcome::Accepted {
                    assert_eq!(row.enhanced().unwrap().to_string(), "5.7.30");
                }
                return (row.outcome(), row.phase(), written);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn tls_on_every_hop_is_asked_of_a_verified_server_that_promises_it() {
    const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
    let (outcome, _, written) =
        required("250-mx\r\n250 REQUIRETLS", ServerAuthentication::Verified);
    assert_eq!(outcome, Outcome::Accepted);
    assert!(written.contains("MAIL FROM:<s@x.example> REQUIRETLS\r\n"));
    for (ehlo, server) in [
        ("250 mx", ServerAuthentication::Verified),
        (
            "250-mx\r\n250 REQUIRETLS",
            ServerAuthentication::NotVerified,
        ),
    ] {
        let (outcome, phase, written) = required(ehlo, server);
        assert_eq!((outcome, phase), (UNSUPPORTED, Phase::Local));
        assert!(!written.contains("MAIL"));
    }
}

#[test]
fn in_the_clear_tls_on_every_hop_is_not_to_be_had() {
    let mut submission = submission(BODY, "s@x.example", &["a@x.example"]);
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let replies = acts(&["220 mx", "250-mx\r\n250 REQUIRETLS", "221"]);
    let outcomes = run(settings(Security::Plaintext), &submission, &replies);
    assert_eq!(
        outcomes.report.rows()[0].enhanced().unwrap().to_string(),
        "5.7.30"
    );
}
