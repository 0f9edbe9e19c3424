//! Mail that comes in by forwarding.

use letterhead_identity::relay::{check_forwarding, fallback_requester, forwarding_path};

use crate::{message, profile, read};

#[test]
fn mail_is_forwarded_once() {
    assert!(check_forwarding(&profile(), 0).is_none());
    assert!(check_forwarding(&profile(), 1).is_none());
    let finding = check_forwarding(&profile(), 2).unwrap();
    assert_eq!(
        finding.to_string(),
        "error forwarded-too-often: mail is forwarded 2 times on its way in, and may be 1 (the requester is then the \
         first address of Reply-To or From); forward straight from the mailbox that people write to"
    );
    assert!(check_forwarding(&read("").unwrap(), 9).is_none());
}

#[test]
fn the_received_fields_tell_the_way() {
    let text = "Received: from mx.acme.example by in.zendesk.example\r\n\
        \twith ESMTPS (for the record) for <support@acme.zendesk.example>;\r\n\
        \tFri, 15 Jan 2027 08:00:03 +0000\r\n\
        Received: by mx.acme.example (Postfix, from userid 1); Fri, 15 Jan 2027 08:00:02 +0000\r\n\
        Received: from old.example by mx.acme.example for <support@acme.example>; Fri, 15 Jan 2027 08:00:01 +0000\r\n\
        Received: from home.example by mx.old.example\r\n\tFOR help@old.example; Fri, 15 Jan 2027 08:00:00 +0000\r\n\
        From: Ada <ada@customer.example>\r\n\r\n";
    let path = forwarding_path(&message(text));
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    assert_eq!(
        path,
        [
            "help@old.example",
            "support@acme.example",
            "support@acme.zendesk.example"
        ]
    );
    assert!(check_forwarding(&profile(), path.len() - 1).is_some());
    let nothing = forwarding_path(&message(
        "Received: for\r\nReceived: (for <a@b.example>\r\n\r\n",
    ));
    assert_eq!(nothing, []);
}

#[test]
fn the_requester_is_then_the_first_of_reply_to_or_from() {
    let requester = |text: &str| fallback_requester(&message(text)).map(|one| one.to_string());
    let from = "From: Desk <desk@old.example>, b@old.example\r\n\r\n";
    assert_eq!(requester(from).as_deref(), Some("Desk <desk@old.example>"));
    let both = format!("Reply-To: ada@customer.example\r\n{from}");
    assert_eq!(requester(&both).as_deref(), Some("ada@customer.example"));
    let unreadable = format!("Reply-To: <<\r\n{from}");
    assert_eq!(
        requester(&unreadable).as_deref(),
        Some("Desk <desk@old.example>")
    );
    assert_eq!(requester("Subject: x\r\n\r\n"), None);
}
