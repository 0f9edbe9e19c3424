//! Lists of mailboxes: what is printed reads back to the same names and addresses, on one line.
#![no_main]

use letterhead_mail::Mailbox;
use letterhead_mail::mailbox::parse_mailbox_list;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(list) = parse_mailbox_list(octets)
        && !list.is_empty()
    {
        let printed: Vec<String> = list.iter().map(Mailbox::to_string).collect();
        let printed = printed.join(", ");
        assert!(printed.chars().all(|c| !c.is_control()));
        assert_eq!(
            parse_mailbox_list(printed.as_bytes()),
            Ok(list),
            "{printed}"
        );
    }
    if let Ok(text) = str::from_utf8(octets)
        && let Ok(mailbox) = text.parse::<Mailbox>()
    {
        assert_eq!(parse_mailbox_list(octets).as_deref(), Ok(&[mailbox][..]));
    }
});
