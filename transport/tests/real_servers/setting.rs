//! Processes that end with their test, files for them, and what is sent.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use crate::submission::submission_of;
use letterhead_mail::{Outcome, Phase, Report, Submission};
use letterhead_transport::Timeouts;

/// A process that is stopped when the test is over, however that comes.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder of this test alone, which is deleted with it. Servers that give up their rights can write to it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("letterhead-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        Self(path)
    }

    /// A file in it, with this in it.
    pub(crate) fn file(&self, name: &str, octets: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// No server takes as long, and no test waits longer.
pub(crate) fn timeouts() -> Timeouts {
    Timeouts::default().with_total(Duration::from_secs(60))
}

/// To one recipient.
pub(crate) fn submission(message: &[u8]) -> Submission {
    submission_of(message, &["r@x.example"])
}

/// Every row: outcome, phase and code.
pub(crate) fn rows(report: &Report) -> Vec<(Outcome, Phase, Option<u16>)> {
    let rows = report.rows().iter();
    rows.map(|row| {
        (
            row.outcome(),
            row.phase(),
            row.code().map(|code| code.get()),
        )
    })
    .collect()
}

pub(crate) const MAIL: &[u8] = b"From: s@x.example\r\nSubject: one\r\n\r\nHello\r\n";

/// Mails that are easily changed on their way, of 7-bit and of 8-bit octets.
pub(crate) fn mails() -> Vec<Vec<u8>> {
    let header = b"From: s@x.example\r\nX-Folded: one\r\n\ttwo \r\nX-Empty:\r\n";
    let with = |body: &[u8]| [header, &b"\r\n"[..], body].concat();
    let line: Vec<u8> = (1..=255).filter(|octet| !b"\r\n".contains(octet)).collect();
    vec![
        MAIL.to_vec(),
        header.to_vec(),
        with(b""),
        with(b"\r\n\r\n \r\n\r\n"),
        with(b".\r\n..\r\n...\r\n.a\r\n a.\r\n\r\n.\r\n"),
        with(&[&b"y".repeat(998)[..], b"\r\n"].concat()),
        with("gr\u{fc}n \u{1f331}\r\n".as_bytes()),
        with(&[b".", &line[..], b"\r\n"].concat()),
        with(&b".0123456789 abcdef\t \r\n".repeat(100_000)),
    ]
}
