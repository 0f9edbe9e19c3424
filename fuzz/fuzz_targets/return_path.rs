//! Return paths: nothing that we have not issued is one of ours, and what we have issued names its recipient in any case.
#![no_main]

use std::time::{Duration, SystemTime};

use letterhead_feedback::{ReturnPath, TokenKey, TokenKeys};
use letterhead_mail::EmailAddress;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let keys = TokenKeys::new(&TokenKey::new(0.try_into().expect("an id"), [7; 32]));
    let base: EmailAddress = "bounces@mail.example.com".parse().expect("an address");
    let paths = ReturnPath::new(base, keys).expect("a short base");
    let text = String::from_utf8_lossy(octets);
    // A token that verifies would have to be guessed.
    assert!(paths.find_in(octets, now).is_err());
    let Ok(recipient) = text.trim().parse::<EmailAddress>() else {
        return;
    };
    assert!(paths.read(&recipient, now).is_err());
    let submission = "s-1".parse().expect("an id");
    let Ok(issued) = paths.for_recipient(&submission, &recipient, now) else {
        return;
    };
    assert!(issued.address.local_part().len() <= 64);
    for address in [
        issued.address.to_string(),
        issued.address.to_string().to_uppercase(),
    ] {
        let address: EmailAddress = address.parse().expect("it is an address in any case");
        let token = paths.read(&address, now).expect("it is ours");
        assert_eq!(token.id(), issued.id);
        if let Some(mailing) = token.mailing() {
            assert_eq!(mailing.recipient(), &recipient);
        }
    }
});
