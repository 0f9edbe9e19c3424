//! Mails that are judged twice: by the receiver and by mail-auth.

mod craft;
mod drawn;
mod known_errors;
mod mails;
mod ordinary;
mod random;
mod support;
mod switch;
