//! Greeting, EHLO, HELO and STARTTLS.

use letterhead_mail::{Outcome, Phase, TlsFailure};

use super::dialogue::{Act, NOW, acts, password, run, settings, two_recipients};
use crate::endpoint::Security;
use crate::smtp::session::{ClientName, ClientSession, SessionSettings, Step};

const DEFERRED_AT_TLS: [(Outcome, Phase); 2] = [(Outcome::Deferred, Phase::Tls); 2];

#[test]
fn helo_is_tried_where_ehlo_is_not_known() {
    let server = acts(&[
        "220 mx", "502 what", "250 mx", "250", "250", "250", "354", "250", "221",
    ]);
    for security in [Security::Plaintext, Security::Opportunistic] {
        let outcomes = run(settings(security), &two_recipients(), &server);
        assert!(outcomes.report.all_accepted());
        assert!(
            outcomes
                .written
                .starts_with("EHLO client.example.org\r\nHELO client.example.org\r\nMAIL")
        );
    }
}

#[test]
fn helo_is_not_tried_where_tls_or_auth_is_needed() {
    let server = acts(&["220 mx", "502 what", "221"]);
    for (settings, outcome) in [
        (settings(Security::StartTls), Outcome::Deferred),
        (
            settings(Security::Plaintext).with_credentials(password()),
            Outcome::Rejected,
        ),
        (
            settings(Security::ImplicitTls).with_credentials(password()),
            Outcome::Rejected,
        ),
    ] {
        let outcomes = run(settings, &two_recipients(), &server);
        assert_eq!(outcomes.rows(), [(outcome, Phase::Ehlo); 2]);
        assert!(!outcomes.written.contains("HELO"));
    }
}

#[test]
fn a_refusing_greeting_rejects_unless_required_tls_is_still_to_come() {
    for (security, outcome) in [
        (Security::StartTls, Outcome::Deferred),
        (Security::Opportunistic, Outcome::Rejected),
        (Security::Plaintext, Outcome::Rejected),
        (Security::ImplicitTls, Outcome::Rejected),
    ] {
        let server = acts(&["554 5.7.1 no", "221"]);
        let outcomes = run(settings(security), &two_recipients(), &server);
        assert_eq!(outcomes.rows(), [(outcome, Phase::Greeting); 2]);
        assert_eq!(
            outcomes.report.rows()[0].reply().unwrap().to_string(),
            "554 5.7.1 no"
        );
        assert_eq!(outcomes.written, "QUIT\r\n");
    }
}

#[test]
fn nothing_is_sent_without_the_tls_that_is_required() {
    for server in [
        acts(&["220 mx", "250-mx\r\n250 PIPELINING", "221"]),
        acts(&[
            "220 mx",
            "250-mx\r\n250 STARTTLS",
            "454 4.7.0 not now",
            "221",
        ]),
        acts(&["220 mx", "250-mx\r\n250 STARTTLS", "502 5.5.1 no", "221"]),
    ] {
        let outcomes = run(
            settings(Security::StartTls).with_credentials(password()),
            &two_recipients(),
            &server,
        );
        assert_eq!(outcomes.rows(), DEFERRED_AT_TLS);
        assert!(!outcomes.written.contains("AUTH") && !outcomes.written.contains("MAIL"));
        assert!(outcomes.written.ends_with("QUIT\r\n"));
    }
}

#[test]
fn opportunistic_tls_goes_on_without_it() {
    for server in [
        acts(&["220 mx", "250 mx", "250", "250", "250", "354", "250", "221"]),
        acts(&[
            "220 mx",
            "250-mx\r\n250 STARTTLS",
            "454 no",
            "250",
            "250",
            "250",
            "354",
            "250",
            "221",
        ]),
    ] {
        assert!(
            run(
                settings(Security::Opportunistic),
                &two_recipients(),
                &server
            )
            .report
            .all_accepted()
        );
    }
}

#[test]
fn any_octet_behind_the_answer_to_starttls_ends_the_session() {
    for injected in [
        "220 go\r\n2",
        "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n",
        "220 go\r\n\r\n",
        "220 go\r\n421 bye\r\n",
    ] {
        let mut server = acts(&["220 mx", "250-mx\r\n250 STARTTLS"]);
        server.push(Act::Say(injected.to_owned()));
        let outcomes = run(
            settings(Security::StartTls).with_credentials(password()),
            &two_recipients(),
            &server,
        );
        assert_eq!(outcomes.rows(), DEFERRED_AT_TLS, "{injected:?}");
        assert!(!outcomes.written.contains("<tls>"), "{injected:?}");
    }
}

#[test]
fn what_was_offered_before_tls_is_forgotten() {
    let server = acts(&[
        "220 mx",
        "250-mx\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 SIZE 10",
        "220 go",
        "250 mx",
        "250",
        "250",
        "250",
        "354",
        "250",
        "221",
    ]);
    let outcomes = run(settings(Security::StartTls), &two_recipients(), &server);
    assert!(
        outcomes.report.all_accepted(),
        "the size limit was said in the clear"
    );
    assert!(outcomes.written.contains("MAIL FROM:<s@x.example>\r\n"));
}

#[test]
fn starttls_is_not_asked_for_twice() {
    let server = acts(&[
        "220 mx",
        "250-mx\r\n250 STARTTLS",
        "220 go",
        "250-mx\r\n250 STARTTLS",
        "250",
        "250",
        "250",
        "354",
        "250",
        "221",
    ]);
    let outcomes = run(settings(Security::StartTls), &two_recipients(), &server);
    assert_eq!(outcomes.written.matches("STARTTLS").count(), 1);
    assert!(outcomes.report.all_accepted());
}

#[test]
fn a_handshake_that_takes_too_long_is_a_tls_failure() {
    let mut session = ClientSession::new(settings(Security::StartTls));
    session.submit(&two_recipients(), NOW, NOW);
    for reply in ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"] {
        session.received(reply.as_bytes());
        session.step(NOW);
    }
    session.timed_out();
    let Step::Done(report) = session.step(NOW) else {
        panic!("no report");
    };
    for row in report.rows() {
        assert_eq!((row.outcome(), row.phase()), DEFERRED_AT_TLS[0]);
        assert_eq!(row.tls_failure(), Some(TlsFailure::Handshake));
    }
}

#[test]
fn a_client_without_a_name_gives_its_address() {
    for (ip, greeting) in [
        ("192.0.2.1", "EHLO [192.0.2.1]\r\n"),
        ("2001:db8::1", "EHLO [IPv6:2001:db8::1]\r\n"),
    ] {
        let name = ClientName::from(ip.parse::<std::net::IpAddr>().unwrap());
        let settings = SessionSettings::new("mx", name, Security::Plaintext);
        let outcomes = run(settings, &two_recipients(), &acts(&["220 mx"]));
        assert_eq!(outcomes.written, greeting);
    }
}
