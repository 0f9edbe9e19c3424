use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use letterhead_mail::{BoxFuture, Report, Submission, SubmissionId, Transport};

use super::storage::{Abandonment, NewFile, StorageError, create_directory, store, sync_directory};

#[cfg(test)]
mod tests;

/// Writes each submission to a directory: the message as `<id>.eml`, octet for octet, and the envelope as `<id>.json`, in
/// serde's form of [`Envelope`](letterhead_mail::Envelope).
///
/// Characters of the [id](SubmissionId) other than ASCII letters, digits, `-`, `_` and `.` are written as `%` and hexadecimal
/// digits, and a long id is cut and ends in a hash. Nothing is overwritten: where an id comes again, as on another attempt or
/// for other recipients, its files are `<id>.2.eml` and `<id>.2.json`, and so on.
///
/// A recipient is accepted when both files are written, synced and renamed, and their names are synced. The `.json` comes
/// last: an `.eml` without it is not complete. Errors of the disk are deferred, at the phase
/// [`Local`](letterhead_mail::Phase::Local); one behind the last rename is in doubt, since somebody may have read the files by
/// then. Names that begin with a dot are unfinished.
///
/// The directory is made when it is missing. It runs on tokio, and waits for the disk on its blocking threads; an attempt
/// that is dropped before the files have their names leaves none.
///
/// ```
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport};
/// use letterhead_transport::FileTransport;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let directory = std::env::temp_dir().join(format!("letterhead-{}", std::process::id()));
/// let transport = FileTransport::new(&directory);
/// let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
/// let to: EmailAddress = "ada@customer.example".parse()?;
/// let envelope = Envelope::new(ReversePath::Null, [to])?;
/// let submission = Submission::new("welcome 1".parse()?, "acme".parse()?, message, envelope);
/// assert!(transport.send(&submission).await.all_accepted());
/// assert_eq!(std::fs::read(directory.join("welcome%201.eml"))?, b"Subject: hello\r\n\r\n");
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileTransport {
    directory: PathBuf,
}

impl FileTransport {
    /// Writes to this directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }
}

impl Transport for FileTransport {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let (directory, copy) = (self.directory.clone(), submission.clone());
            store(&submission.envelope, move |abandonment| {
                write(&directory, &copy, abandonment)
            })
            .await
        })
    }
}

/// Writes both files and gives the name of the message's.
fn write(
    directory: &Path,
    submission: &Submission,
    abandonment: &Abandonment,
) -> Result<String, StorageError> {
    let envelope = serde_json::to_vec_pretty(&submission.envelope)
        .map_err(|error| StorageError::at("write the envelope")(error.into()))?;
    create_directory(directory).map_err(StorageError::at("make the directory"))?;
    let mut files = claim(directory, &submission.id)?;
    files
        .message
        .write(submission.message.as_bytes())
        .map_err(StorageError::at("write the message"))?;
    files
        .envelope
        .write(&envelope)
        .map_err(StorageError::at("write the envelope"))?;
    abandonment.check()?;
    publish(directory, files)
}

/// Gives the files their names, the envelope last.
fn publish(directory: &Path, files: Files) -> Result<String, StorageError> {
    let message_name = format!("{}.eml", files.name);
    let message_path = directory.join(&message_name);
    files
        .message
        .publish(&message_path)
        .map_err(StorageError::at("rename the message"))?;
    let envelope_path = directory.join(format!("{}.json", files.name));
    if let Err(error) = files.envelope.publish(&envelope_path) {
        if let Err(error) = fs::remove_file(&message_path) {
            tracing::warn!(%error, "a message stays behind without its envelope");
        }
        return Err(StorageError::at("rename the envelope")(error));
    }
    sync_directory(directory).map_err(StorageError::PerhapsStored)?;
    Ok(message_name)
}

/// Two new files and the name that they are to have.
struct Files {
    name: String,
    message: NewFile,
    envelope: NewFile,
}

/// Finds a name that is free. Whoever writes under a name holds its temporary names, so that of two who look for one only
/// one finds it free.
fn claim(directory: &Path, id: &SubmissionId) -> Result<Files, StorageError> {
    let base = file_name(id);
    for number in 1..=MOST_OF_ONE_ID {
        let name = match number {
            1 => base.clone(),
            _ => format!("{base}.{number}"),
        };
        let temporary = |extension| directory.join(format!(".{name}.{extension}.tmp"));
        let create = |path| match NewFile::create(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(StorageError::at("make a file")(error)),
        };
        let Some(envelope) = create(temporary("json"))? else {
            continue;
        };
        let Some(message) = create(temporary("eml"))? else {
            continue;
        };
        let is_taken =
            |extension| fs::symlink_metadata(directory.join(format!("{name}.{extension}"))).is_ok();
        if !is_taken("json") && !is_taken("eml") {
            return Ok(Files {
                name,
                message,
                envelope,
            });
        }
    }
    Err(StorageError::at("find a name for the files")(
        ErrorKind::AlreadyExists.into(),
    ))
}

/// So many submissions of one id find a place.
const MOST_OF_ONE_ID: u32 = 10_000;

/// The id as a name that means a file in the directory and no other.
fn file_name(id: &SubmissionId) -> String {
    let mut name = String::new();
    for (place, octet) in id.as_str().bytes().enumerate() {
        let plain = octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        if plain || (octet == b'.' && place > 0) {
            name.push(char::from(octet));
        } else {
            name.push_str(&format!("%{octet:02X}"));
        }
    }
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let hash = digest(&SHA256, id.as_str().as_bytes());
    let front = name.chars().take(LONGEST_NAME - 17);
    let hash = hash.as_ref().iter().take(8);
    front
        .chain(std::iter::once('-'))
        .chain(hash.flat_map(|octet| format!("{octet:02x}").chars().collect::<Vec<_>>()))
        .collect()
}

/// With a number and an extension it stays below the 255 octets that file systems allow.
const LONGEST_NAME: usize = 180;
