//! How each program is told what to do.

use std::process::Command;

use crate::client::{Ability, Client, DeliveryStatus, Job, Protection};

pub(crate) const CLIENTS: [&Client; 6] =
    [&SWAKS, &MSMTP, &NODEMAILER, &SMTPLIB, &CURL, &SMTP_SOURCE];

pub(crate) const SWAKS: Client = Client {
    name: "swaks",
    probe: &["swaks", "--version"],
    abilities: &[Ability::Tls, Ability::SomeRecipients],
    command: |job| {
        let mut command = Command::new("swaks");
        command
            .args(["--server", &job.server.ip().to_string()])
            .args(["--port", &job.server.port().to_string()])
            .args(["--helo", "client.example", "--timeout", "60"])
            .args(["--from", job.sender, "--to", &job.recipients.join(",")])
            .args(["--data", "-"]);
        match job.protection {
            Protection::None => {}
            Protection::StartTls => {
                command.arg("--tls");
            }
            Protection::Tls => {
                command.arg("--tls-on-connect");
            }
        }
        if job.protection != Protection::None {
            command
                .args(["--tls-verify", "--tls-ca-path"])
                .arg(job.authority);
        }
        if let Some((user, password)) = job.login {
            command
                .args(["--auth", "LOGIN", "--auth-user", user])
                .args(["--auth-password", password]);
        }
        (command, without_last_end(job.lines()))
    },
};

pub(crate) const MSMTP: Client = Client {
    name: "msmtp",
    probe: &["msmtp", "--version"],
    abilities: &[Ability::Tls, Ability::Dsn],
    command: |job| {
        let mut command = Command::new("msmtp");
        command
            .args(["--host=localhost", "--domain=client.example"])
            .args(["--timeout=60", "--debug"])
            .arg(format!("--port={}", job.server.port()))
            .arg(format!("--from={}", job.sender));
        if job.protection != Protection::None {
            command.arg("--tls=on").arg(format!(
                "--tls-trust-file={}",
                job.authority.to_str().expect("a path of ours")
            ));
        }
        if job.protection == Protection::Tls {
            command.arg("--tls-starttls=off");
        }
        if let Some((user, password)) = job.login {
            command
                .arg("--auth=plain")
                .arg(format!("--user={user}"))
                .arg(format!("--passwordeval=echo {password}"));
        }
        if job.delivery_status == DeliveryStatus::HeadersOfFailures {
            command.args(["--dsn-return=headers", "--dsn-notify=failure,delay"]);
        }
        command.arg("--").args(job.recipients);
        (command, job.lines())
    },
};

pub(crate) const NODEMAILER: Client = Client {
    name: "nodemailer",
    probe: &[
        "node",
        "-e",
        "module.paths.push(process.argv[1]); require('nodemailer')",
        NODE_MODULES,
    ],
    abilities: &[
        Ability::Tls,
        Ability::SomeRecipients,
        Ability::Dsn,
        Ability::EightBit,
    ],
    command: |job| {
        let mut command = Command::new("node");
        command.args(["-e", include_str!("nodemailer.js"), NODE_MODULES]);
        scripted(command, job)
    },
};

pub(crate) const SMTPLIB: Client = Client {
    name: "smtplib",
    probe: &["python3", "-c", "import smtplib, ssl"],
    abilities: &[
        Ability::Tls,
        Ability::SomeRecipients,
        Ability::Dsn,
        Ability::EightBit,
    ],
    command: |job| {
        let mut command = Command::new("python3");
        command.args(["-c", include_str!("smtplib.py")]);
        scripted(command, job)
    },
};

pub(crate) const CURL: Client = Client {
    name: "curl",
    probe: &["curl", "--version"],
    abilities: &[Ability::Tls, Ability::SomeRecipients],
    command: |job| {
        let scheme = match job.protection {
            Protection::Tls => "smtps",
            Protection::None | Protection::StartTls => "smtp",
        };
        let mut command = Command::new("curl");
        command
            .args(["--disable", "--silent", "--show-error", "--verbose"])
            .args(["--noproxy", "*", "--max-time", "60"])
            .args([
                "--url",
                &format!("{scheme}://{}/client.example", job.server),
            ])
            .args(["--mail-from", job.sender, "--upload-file", "-"])
            .arg("--cacert")
            .arg(job.authority);
        for recipient in job.recipients {
            command.args(["--mail-rcpt", recipient]);
        }
        if job.recipients.len() > 1 {
            command.arg("--mail-rcpt-allowfails");
        }
        if job.protection == Protection::StartTls {
            command.arg("--ssl-reqd");
        }
        if let Some((user, password)) = job.login {
            command.args(["--user", &format!("{user}:{password}")]);
        }
        (command, job.mail.to_vec())
    },
};

pub(crate) const SMTP_SOURCE: Client = Client {
    name: "smtp-source",
    probe: &[
        "sh",
        "-c",
        "PATH=$PATH:/usr/sbin:/usr/libexec/postfix; command -v smtp-source",
    ],
    abilities: &[],
    command: |job| {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "PATH=$PATH:/usr/sbin:/usr/libexec/postfix; exec smtp-source \"$@\"",
                "sh",
            ])
            .args(["-M", "client.example", "-F", "/dev/stdin"])
            .args(["-f", job.sender])
            .args(["-t", job.recipients.first().expect("a recipient")])
            .arg(job.server.to_string());
        // It adds an empty line: a mail that ends with one arrives as it is.
        (command, without_last_end(job.lines()))
    },
};

/// For programs that put a line end before the last dot, whatever there is.
fn without_last_end(mut lines: Vec<u8>) -> Vec<u8> {
    lines.pop();
    lines
}

/// What both scripts are told in the same words.
fn scripted(mut command: Command, job: &Job<'_>) -> (Command, Vec<u8>) {
    let (user, password) = job.login.unwrap_or_default();
    command
        .arg(job.server.port().to_string())
        .arg(match job.protection {
            Protection::None => "plain",
            Protection::StartTls => "starttls",
            Protection::Tls => "tls",
        })
        .arg(job.authority)
        .args([user, password])
        .arg(match job.delivery_status {
            DeliveryStatus::Unsaid => "unsaid",
            DeliveryStatus::HeadersOfFailures => "headers-of-failures",
        })
        .arg(job.sender)
        .args(job.recipients);
    (command, job.mail.to_vec())
}

/// Where `.ci/run` puts what Node needs.
const NODE_MODULES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../peers/node/node_modules");
