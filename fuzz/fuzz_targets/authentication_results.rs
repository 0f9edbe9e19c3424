//! Authentication-Results: what is printed reads back and adds no header field.
#![no_main]

use letterhead_mail::AuthenticationResults;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(results) = text.parse::<AuthenticationResults>() else {
        return;
    };
    let printed = results.to_string();
    assert_eq!(printed.parse().as_ref(), Ok(&results), "{printed}");
    assert!(!printed.replace("\r\n ", "").contains(char::is_control));
});
