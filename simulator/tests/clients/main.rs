//! Mail programs that are not ours, as clients of the served hosts: swaks, msmtp, nodemailer, Python's smtplib, curl and
//! Postfix's smtp-source. Where one is not installed, its part of a test says that it is skipped.

mod client;
mod content;
mod programs;
mod refusals;
mod setting;
mod tls;
mod words;
