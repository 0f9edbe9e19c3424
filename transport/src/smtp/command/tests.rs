use letterhead_mail::ReversePath;
use proptest::prelude::*;

use super::{BdatLast, Command, CommandErrorKind, ForwardPath};

fn parse(line: &str) -> Result<Command, CommandErrorKind> {
    Command::parse(line.as_bytes()).map_err(|error| error.kind().clone())
}

#[test]
fn well_formed_lines_print_in_their_canonical_form() {
    for (line, printed) in [
        ("ehlo Mail.Example.ORG", "EHLO Mail.Example.ORG"),
        ("EHLO [192.0.2.1]", "EHLO [192.0.2.1]"),
        ("EHLO [IPv6:2001:db8::1]", "EHLO [IPv6:2001:db8::1]"),
        ("HELO localhost", "HELO localhost"),
        ("mail from:<>", "MAIL FROM:<>"),
        ("MAIL FROM:<a@x.example>  ", "MAIL FROM:<a@x.example>"),
        (
            "Mail From:<a@x.example> size=12 Body=8BITMIME",
            "MAIL FROM:<a@x.example> SIZE=12 BODY=8BITMIME",
        ),
        (
            "RCPT TO:<\"a > b\"@x.example>",
            "RCPT TO:<\"a > b\"@x.example>",
        ),
        (
            "RCPT TO:<\"a\\\"> b\"@x.example> NOTIFY=NEVER",
            "RCPT TO:<\"a\\\"> b\"@x.example> NOTIFY=NEVER",
        ),
        ("RCPT TO:<a@[192.0.2.1]>", "RCPT TO:<a@[192.0.2.1]>"),
        ("rcpt to:<PostMaster>", "RCPT TO:<postmaster>"),
        ("bdat 10", "BDAT 10"),
        ("BDAT 0 last", "BDAT 0 LAST"),
        ("NOOP", "NOOP"),
        ("noop are you there", "NOOP are you there"),
        ("data ", "DATA"),
        ("quit", "QUIT"),
        ("rset", "RSET"),
        ("starttls", "STARTTLS"),
        ("auth plain AGEAYg==", "AUTH PLAIN AGEAYg=="),
        ("AUTH EXTERNAL =", "AUTH EXTERNAL ="),
        ("AUTH LOGIN", "AUTH LOGIN"),
        ("VRFY Smith", "VRFY Smith"),
        ("HELP DATA", "HELP"),
    ] {
        let command = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(command.to_string(), printed, "{line}");
        assert_eq!(parse(printed), Ok(command), "{line}");
    }
}

#[test]
fn what_is_not_the_grammar_is_a_syntax_error() {
    for line in [
        "EHLO",
        "EHLO ",
        "EHLO a b",
        "EHLO -a.example",
        "EHLO [192.0.2.300]",
        "EHLO [IPv6:x]",
        "EHLO caf\u{e9}.example",
        "MAIL",
        "MAIL FROM",
        "MAIL FROM:",
        "MAIL FROM: <a@x.example>",
        "MAIL  FROM:<a@x.example>",
        "MAIL FROM:a@x.example",
        "MAIL FROM:<a@x.example",
        "MAIL FROM:<a@x.example>SIZE=1",
        "MAIL FROM:<a@x.example>  SIZE=1",
        "MAIL FROM:<a@x.example> SIZE=",
        "MAIL FROM:<a@x.example> SIZE=1=2",
        "MAIL FROM:<@relay.example:a@x.example>",
        "MAIL FROM:<a>",
        "MAIL FROM:<a@x.example>>",
        "MAIL FROM:< >",
        "MAIL TO:<a@x.example>",
        "RCPT TO:<>",
        "RCPT TO:<a@x.example,b@x.example>",
        "RCPT TO:<\"a@x.example>",
        "DATA now",
        "QUIT now",
        "RSET x",
        "STARTTLS x",
        "BDAT",
        "BDAT x",
        "BDAT +1",
        "BDAT 1 FIRST",
        "BDAT 99999999999999999999",
        "AUTH",
        "AUTH PLAIN a b",
        "AUTH PLAIN abc",
        "AUTH PLAIN a===",
        "AUTH PL@IN",
        "VRFY",
        "NOOP a\u{1}b",
    ] {
        assert!(
            matches!(parse(line), Err(CommandErrorKind::Syntax(_))),
            "{line}: {:?}",
            parse(line)
        );
    }
}

#[test]
fn a_bare_line_end_within_a_line_is_never_read_as_one() {
    for line in [
        "MAIL FROM:<a@x.example>\nRSET",
        "EHLO a\rb",
        "RCPT TO:<a@x.example>\r\nDATA",
        "QUIT\nQUIT",
    ] {
        assert!(parse(line).is_err(), "{line:?}");
    }
}

#[test]
fn only_spaces_are_ignored_at_the_end_of_a_line() {
    for line in ["DATA", "RCPT TO:<a@b.example>"] {
        assert!(parse(&format!("{line}  ")).is_ok(), "{line}");
        for end in ["\r", "\t", "\u{c}", "\n", " \r", "\t "] {
            assert!(parse(&format!("{line}{end}")).is_err(), "{line}{end:?}");
        }
    }
}

#[test]
fn unknown_verbs_are_named_short_and_printable() {
    let Err(CommandErrorKind::Unrecognised(verb)) = parse(&format!("\u{1b}{}", "X".repeat(300)))
    else {
        panic!("accepted");
    };
    assert_eq!(verb, format!("?{}", "X".repeat(19)));
    assert!(matches!(parse(""), Err(CommandErrorKind::Unrecognised(verb)) if verb.is_empty()));
}

#[test]
fn long_lines_are_refused_by_what_their_verb_allows() {
    assert_eq!(
        parse(&format!("NOOP {}", "x".repeat(510))),
        Err(CommandErrorKind::TooLong)
    );
    let parameters = format!("RCPT TO:<a@x.example> ORCPT=rfc822;{}", "x".repeat(600));
    assert!(parse(&parameters).is_ok());
    assert_eq!(
        parse(&format!("RCPT TO:<{}>", "x".repeat(2_046))),
        Err(CommandErrorKind::TooLong)
    );
    assert!(parse(&format!("AUTH PLAIN {}", "AAAA".repeat(1_000))).is_ok());
    assert_eq!(
        parse(&format!("AUTH PLAIN {}", "AAAA".repeat(4_000))),
        Err(CommandErrorKind::TooLong)
    );
}

#[test]
fn what_auth_carries_is_not_in_debug() {
    let command = parse("AUTH PLAIN AGFsaWNlAHMzY3IzdA==").unwrap();
    assert_eq!(format!("{command:?}"), "Command(AUTH PLAIN [redacted])");
}

#[test]
fn a_command_built_by_hand_is_still_one_line() {
    let command = Command::Ehlo("x\r\nMAIL FROM:<>".to_owned());
    assert_eq!(command.to_string(), "EHLO x??MAIL FROM:<>");
}

#[test]
fn addresses_arrive_as_values() {
    let Ok(Command::Mail { sender, parameters }) = parse("MAIL FROM:<a@X.example> SMTPUTF8") else {
        panic!("not MAIL");
    };
    assert_eq!(
        sender,
        ReversePath::from(
            "a@x.example"
                .parse::<letterhead_mail::EmailAddress>()
                .unwrap()
        )
    );
    assert!(parameters[0].is("smtputf8"));
    assert!(matches!(
        parse("RCPT TO:<postmaster>"),
        Ok(Command::Rcpt {
            recipient: ForwardPath::Postmaster,
            ..
        })
    ));
    assert_eq!(
        parse("BDAT 3 LAST"),
        Ok(Command::Bdat {
            size: 3,
            last: BdatLast::Last
        })
    );
}

fn lines() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        Just(String::new()),
        Just("postmaster".to_owned()),
        "[a-z]{1,8}@[a-z]{1,8}\\.example",
        "\"[a-z >\\[]{1,8}\"@[a-z]{1,8}\\.example",
        "[a-z]{1,3}@\\[192\\.0\\.2\\.[1-9]\\]",
    ];
    let parameters = "( [A-Za-z][A-Z0-9-]{0,5}(=[!-<>-~]{1,6})?){0,3}";
    prop_oneof![
        (path.clone(), parameters)
            .prop_map(|(path, parameters)| format!("MAIL FROM:<{path}>{parameters}")),
        (path, parameters).prop_map(|(path, parameters)| format!("rcpt to:<{path}>{parameters}")),
        "(EHLO|helo) [a-z]{1,8}(\\.[a-z]{1,8}){0,2}",
        "bdat [0-9]{1,8}( LAST)?",
        "AUTH [A-Z-]{1,8}( [A-Za-z0-9+/]{4})?",
        "(NOOP|VRFY|HELP|DATA|QUIT|RSET)( [ -~]{1,10})?",
    ]
}

proptest! {
    #[test]
    fn printing_what_was_read_reads_the_same(line in lines()) {
        if let Ok(command) = parse(&line) {
            prop_assert_eq!(parse(&command.to_string()), Ok(command));
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(line in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(command) = Command::parse(&line) {
            let printed = command.to_string();
            prop_assert!(!printed.chars().any(char::is_control));
            prop_assert_eq!(Command::parse(printed.as_bytes()), Ok(command));
        }
    }

    #[test]
    fn any_octets_behind_a_verb_are_read_or_refused(
        verb in "(MAIL FROM:<|RCPT TO:<|EHLO |AUTH |BDAT |VRFY )",
        rest in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let line = [verb.as_bytes(), &rest].concat();
        if let Ok(command) = Command::parse(&line) {
            prop_assert_eq!(Command::parse(command.to_string().as_bytes()), Ok(command));
        }
    }
}
