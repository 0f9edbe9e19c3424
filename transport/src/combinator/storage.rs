//! Files that are not there until they are whole, written where waiting for a disk holds nobody up.

#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use letterhead_mail::{Envelope, Outcome, Phase, RecipientReport, Report};
use tokio::runtime::Handle;

/// Why a message was not stored, or not for certain.
#[derive(Debug, thiserror::Error)]
pub(super) enum StorageError {
    /// Nothing is there.
    #[error("cannot {step}: {error}")]
    NotStored {
        step: &'static str,
        error: io::Error,
    },
    /// It is there, but may not outlive a loss of power.
    #[error("it was written, but the directory cannot be made durable: {0}")]
    PerhapsStored(io::Error),
    /// Nobody waits for it any more.
    #[error("the attempt was abandoned")]
    Abandoned,
}

impl StorageError {
    /// For [`Result::map_err`]: the step that failed.
    pub(super) fn at(step: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::NotStored { step, error }
    }
}

/// Whether the one who wanted it stored has gone.
#[derive(Debug, Clone, Default)]
pub(super) struct Abandonment(Arc<AtomicBool>);

impl Abandonment {
    /// Fails once the attempt was abandoned; to be asked before anything becomes visible.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        if self.0.load(Ordering::Acquire) {
            return Err(StorageError::Abandoned);
        }
        Ok(())
    }

    pub(super) fn abandon(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Abandons what is under way when it is dropped.
struct AbandonOnDrop(Abandonment);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Runs a job that stores a message on tokio's blocking threads, and says what became of it. The job gives the name under
/// which it is stored.
pub(super) async fn store<J>(envelope: &Envelope, job: J) -> Report
where
    J: FnOnce(&Abandonment) -> Result<String, StorageError> + Send + 'static,
{
    let uniform = |outcome, detail: &str| {
        Report::uniform(envelope, |recipient| {
            RecipientReport::new(recipient, outcome, Phase::Local).with_detail(detail)
        })
    };
    let Ok(runtime) = Handle::try_current() else {
        return uniform(
            Outcome::Deferred,
            "cannot write: this has to run on a tokio runtime",
        );
    };
    let abandonment = Abandonment::default();
    let _guard = AbandonOnDrop(abandonment.clone());
    let job = runtime.spawn_blocking(move || {
        abandonment.check()?;
        job(&abandonment)
    });
    match job.await {
        Ok(Ok(name)) => uniform(Outcome::Accepted, &format!("written as {name}")),
        Ok(Err(error)) => {
            let outcome = match error {
                StorageError::NotStored { .. } | StorageError::Abandoned => Outcome::Deferred,
                StorageError::PerhapsStored(_) => Outcome::InDoubt,
            };
            uniform(outcome, &error.to_string())
        }
        Err(ended) if ended.is_cancelled() => uniform(
            Outcome::Deferred,
            "cannot write: the runtime is shutting down",
        ),
        Err(_) => uniform(Outcome::InDoubt, "writing ended without a result"),
    }
}

/// A file under a temporary name, which is removed again unless the file is published.
#[derive(Debug)]
pub(super) struct NewFile {
    temporary: Option<PathBuf>,
    file: File,
}

impl NewFile {
    /// Makes the file, readable by its owner only. Fails where the name is taken.
    pub(super) fn create(temporary: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary)?;
        Ok(Self {
            temporary: Some(temporary),
            file,
        })
    }

    /// Writes all of it, and returns when the disk has it.
    pub(super) fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.file.sync_all()
    }

    /// Gives it its name. What had that name is replaced, so the caller has to know that there is nothing.
    pub(super) fn publish(mut self, name: &Path) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, name)?;
        }
        self.temporary = None;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary
            && let Err(error) = fs::remove_file(temporary)
        {
            tracing::warn!(%error, "a temporary file stays behind");
        }
    }
}

/// Makes a directory, for its owner only, and those above it where they are missing.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.is_dir())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    for directory in missing {
        match directory.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent)?,
            Some(_) => sync_directory(Path::new("."))?,
            None => {}
        }
    }
    Ok(())
}

/// Returns when the disk has the names in a directory; elsewhere than on Unix a directory cannot be asked for that.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
