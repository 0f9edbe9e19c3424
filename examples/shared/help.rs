//! `--help`.

/// Whether the command is asked what it does; then it has been told.
pub(crate) fn is_asked(usage: &str) -> bool {
    let is_asked = std::env::args()
        .skip(1)
        .any(|argument| argument == "--help" || argument == "-h");
    if is_asked {
        println!("{usage}");
    }
    is_asked
}
