//! SMTP commands: what is printed is one line and reads back.
#![no_main]

use letterhead_transport::smtp::Command;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    match Command::parse(line) {
        Ok(command) => {
            let printed = command.to_string();
            assert!(!printed.contains(char::is_control), "{printed:?}");
            // A-labels are longer than what they stand for, so that the longest lines may grow beyond the limit.
            if printed.len() <= line.len().max(Command::MAX_LINE) {
                assert_eq!(Command::parse(printed.as_bytes()).as_ref(), Ok(&command));
            }
            assert!(!format!("{command:?}").contains(char::is_control));
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
});
