//! Properties of the builder over arbitrary text.

use letterhead_mail::{HeaderText, Mailbox};
use mail_parser::MimeHeaders;
use proptest::prelude::{ProptestConfig, any, proptest};

use super::{build, builder, pairs, parse, text};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_header_text_is_read_back_and_injects_nothing(
        subject in "(\\PC| |=\\?|\\?=){0,120}",
        name in "\\PC{0,60}",
        file in "\\PC{1,60}",
        extra in "\\PC{0,120}",
    ) {
        let (Ok(subject), Ok(name), Ok(file), Ok(extra)) = (
            subject.parse::<HeaderText>(), name.parse::<HeaderText>(), file.parse::<HeaderText>(), extra.parse::<HeaderText>(),
        ) else {
            return Ok(());
        };
        let to = Mailbox::with_name(name.clone(), "a@example.com".parse().unwrap());
        let draft = build(
            builder()
                .to(to.clone())
                .to(to)
                .subject(subject.clone())
                .header("X-Extra".parse().unwrap(), extra)
                .text("t")
                .attachment(file.clone(), "application/pdf".parse().unwrap(), *b"a"),
        );
        let message = draft.message();
        let names: Vec<_> = message.header_fields().map(|field| field.name()).filter(|&name| name != "Subject").collect();
        assert_eq!(names, ["Date", "From", "To", "Message-ID", "X-Extra", "MIME-Version", "Content-Type"]);
        assert!(message.longest_line() <= 998 && message.is_seven_bit());
        for line in String::from_utf8_lossy(message.header_bytes()).lines() {
            assert!(!line.trim().is_empty());
            assert!(line.len() <= 76 || !line.contains("=?utf-8?"), "{line}");
        }
        let parsed = parse(&draft);
        assert_eq!(parsed.subject().unwrap_or_default(), subject.as_str());
        assert_eq!(pairs(parsed.to()), vec![(name.to_string(), "a@example.com".to_owned()); 2]);
        assert_eq!(parsed.attachments().next().unwrap().attachment_name(), Some(file.as_str()));
    }

    #[test]
    fn any_text_is_read_back(plain in any::<String>(), html in "[a-z<>é=\r\n \t.]{0,300}", octets in any::<Vec<u8>>()) {
        if plain.contains('\0') {
            return Ok(());
        }
        let crlf = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        let draft = build(
            builder()
                .text(plain.clone())
                .html(html.clone())
                .attachment(text("a"), "application/octet-stream".parse().unwrap(), octets.clone()),
        );
        let message = parse(&draft);
        assert_eq!(message.body_text(0).unwrap(), crlf(&plain));
        assert_eq!(message.body_html(0).unwrap(), crlf(&html));
        assert_eq!(message.attachments().next().unwrap().contents(), octets);
        let (first, last) = (build(builder().text(plain.clone())), crlf(&plain));
        assert_eq!(parse(&first).body_text(0).unwrap().trim_end_matches("\r\n"), last.trim_end_matches("\r\n"));
    }
}
