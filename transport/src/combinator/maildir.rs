use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock, DomainName, Entropy, Report, Submission, Transport};

use super::storage::{Abandonment, NewFile, StorageError, create_directory, store, sync_directory};

#[cfg(test)]
mod tests;

/// Delivers each submission into a [Maildir](https://cr.yp.to/proto/maildir.html), where mail programs show it.
///
/// The message is written to `tmp`, synced, moved to `new` and synced there; then every recipient is accepted. There is one
/// file for a submission, whoever its recipients are, with the message octet for octet: CRLF line ends stay, and no
/// `Return-Path` or `Delivered-To` is added. The name is made of the time, random octets and the
/// [host's name](Self::host_name), and nothing is overwritten.
///
/// Errors of the disk are deferred, at the phase [`Local`](letterhead_mail::Phase::Local); one behind the move is in doubt,
/// since a mail program may have shown the message by then.
///
/// The directories are made when they are missing. It runs on tokio, and waits for the disk on its blocking threads; an
/// attempt that is dropped before the move leaves nothing.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport};
/// use letterhead_transport::{Maildir, SystemClock, SystemEntropy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let path = std::env::temp_dir().join(format!("letterhead-maildir-{}", std::process::id()));
/// let clock = Arc::new(SystemClock::new());
/// let maildir = Maildir::new(&path, clock, Arc::new(SystemEntropy::new()));
/// let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
/// let to: EmailAddress = "ada@customer.example".parse()?;
/// let envelope = Envelope::new(ReversePath::Null, [to])?;
/// let submission = Submission::new("welcome-1".parse()?, "acme".parse()?, message, envelope);
/// assert!(maildir.send(&submission).await.all_accepted());
/// assert_eq!(std::fs::read_dir(path.join("new"))?.count(), 1);
/// # std::fs::remove_dir_all(path)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Maildir {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    host_name: Option<DomainName>,
}

impl Maildir {
    /// Delivers into the Maildir at this path.
    pub fn new(path: impl Into<PathBuf>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            path: path.into(),
            clock,
            entropy,
            host_name: None,
        }
    }

    /// The host's name for the names of files; `localhost` by default. Where hosts share the directory each needs its own
    /// to follow the rules; the random octets keep names apart either way.
    #[must_use]
    pub fn host_name(mut self, name: DomainName) -> Self {
        self.host_name = Some(name);
        self
    }

    /// What the names of this delivery have in common.
    fn unique(&self) -> Unique {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        Unique {
            time: since.unwrap_or_default(),
            random: u64::from_be_bytes(random),
            host: match &self.host_name {
                Some(name) => name.to_string(),
                None => "localhost".to_owned(),
            },
        }
    }
}

impl Transport for Maildir {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let (path, unique) = (self.path.clone(), self.unique());
            let message = submission.message.clone();
            store(&submission.envelope, move |abandonment| {
                deliver(&path, &unique, message.as_bytes(), abandonment)
            })
            .await
        })
    }
}

struct Unique {
    time: Duration,
    random: u64,
    host: String,
}

impl Unique {
    fn name(&self, number: u32) -> String {
        let (seconds, microseconds) = (self.time.as_secs(), self.time.subsec_micros());
        let Self { random, host, .. } = self;
        format!("{seconds}.M{microseconds}R{random:016x}Q{number}.{host}")
    }
}

/// Delivers a message and gives the name of its file.
fn deliver(
    path: &Path,
    unique: &Unique,
    message: &[u8],
    abandonment: &Abandonment,
) -> Result<String, StorageError> {
    let (tmp, new) = (path.join("tmp"), path.join("new"));
    // A directory without all three is no Maildir to a mail program.
    for directory in [&tmp, &new, &path.join("cur")] {
        create_directory(directory).map_err(StorageError::at("make the directory"))?;
    }
    for number in 1..=MOST_NAMES {
        let name = unique.name(number);
        let mut file = match NewFile::create(tmp.join(&name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(StorageError::at("make a file")(error)),
        };
        // Whoever delivers under this name holds it in tmp, so nobody puts it into new meanwhile.
        let target = new.join(&name);
        if fs::symlink_metadata(&target).is_ok() {
            continue;
        }
        file.write(message)
            .map_err(StorageError::at("write the message"))?;
        abandonment.check()?;
        file.publish(&target)
            .map_err(StorageError::at("move the message"))?;
        sync_directory(&new).map_err(StorageError::PerhapsStored)?;
        return Ok(name);
    }
    Err(StorageError::at("find a name for the message")(
        ErrorKind::AlreadyExists.into(),
    ))
}

/// So many names are tried; the second is hardly ever needed.
const MOST_NAMES: u32 = 1_000;
