use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use letterhead_mail::Report;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use super::SmtpTransport;
use super::alarm::Alarm;
use super::live::Live;
use crate::error_chain::chain;
use crate::smtp::{ClientSession, ReplyError, Step, Transmit};
use crate::time_limit::earlier;

impl SmtpTransport {
    /// Does what the session asks for until the submission in hand is dealt with.
    pub(super) async fn drive(&self, live: &mut Live) -> Report {
        loop {
            match self.advance(live).await {
                Advance::Going => {}
                Advance::Done(report) => return report,
                // A session ends no submission without a report; should one, nothing is known.
                Advance::Over => return Report::new(Vec::new()),
            }
        }
    }

    /// Does what the session asks for until a submission could come.
    pub(super) async fn greet(&self, live: &mut Live) {
        while let Advance::Going | Advance::Done(_) = self.advance(live).await {}
    }

    /// Says goodbye, and waits for the answer for a short time.
    pub(super) async fn quit(&self, live: &mut Live) {
        live.session.quit();
        while let Advance::Going | Advance::Done(_) = self.advance(live).await {}
    }

    /// One step.
    async fn advance(&self, live: &mut Live) -> Advance {
        let Live {
            connection,
            session,
            buffer,
            alarm,
            ..
        } = live;
        let step = session.step(self.settings.clock.now());
        tracing::trace!(phase = %session.phase(), step = %name(&step));
        let deadline = session.deadline();
        match step {
            Step::Write(transmit) => {
                self.write(connection, session, &transmit, buffer, alarm)
                    .await;
            }
            Step::Read => match alarm.until(deadline, connection.read(buffer)).await {
                Ok(Ok(0)) => session.connection_lost(CLOSED),
                Ok(Ok(count)) => session.received(buffer.get(..count).unwrap_or_default()),
                Ok(Err(error)) => session.connection_lost(&format!("reading failed: {error}")),
                Err(_) => session.timed_out(),
            },
            Step::StartTls => {
                let handshake =
                    connection.secure(&self.settings.endpoint, self.settings.tls.as_ref());
                match alarm.until(deadline, handshake).await {
                    Ok(Ok(facts)) => session.tls_established(Some(facts)),
                    Ok(Err(error)) => session.tls_failed(error.failure(), &chain(&error)),
                    Err(_) => session.timed_out(),
                }
            }
            Step::Done(report) => {
                tracing::debug!(all_accepted = report.all_accepted(), "done");
                return Advance::Done(report);
            }
            Step::Idle | Step::Close => return Advance::Over,
        }
        Advance::Going
    }

    /// A server that refuses and closes leaves its reason to be read. That there is something to read is known only once
    /// the runtime has looked again, so this waits for a moment.
    async fn hear_last_words<S: AsyncRead + Unpin>(
        &self,
        connection: &mut S,
        session: &mut ClientSession,
        buffer: &mut [u8],
        alarm: &mut Alarm,
    ) {
        let end = self.settings.clock.now().checked_add(LAST_WORDS);
        for _ in 0..MAX_LAST_READS {
            let reading = connection.read(buffer);
            match alarm.until(earlier(session.deadline(), end), reading).await {
                Ok(Ok(count @ 1..)) => session.received(buffer.get(..count).unwrap_or_default()),
                Ok(Ok(0) | Err(_)) | Err(_) => break,
            }
        }
    }

    /// Writes all parts, then flushes, and reads meanwhile: a server that answers many pipelined commands stops reading
    /// them once nobody takes its answers.
    async fn write<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: &mut S,
        session: &mut ClientSession,
        transmit: &Transmit,
        buffer: &mut [u8],
        alarm: &mut Alarm,
    ) {
        let mut unwritten = Unwritten::new(transmit.parts());
        let mut stage = Stage::Writing;
        loop {
            let event = poll_fn(|context| {
                poll_exchange(connection, context, unwritten.parts(), stage, buffer)
            });
            match alarm.until(session.deadline(), event).await {
                Ok(Event::Wrote(Ok(0))) => return session.connection_lost(CLOSED),
                Ok(Event::Wrote(Ok(count))) => {
                    unwritten.advance(count);
                    if unwritten.parts().is_empty() {
                        stage = Stage::Flushing;
                        session.written();
                    }
                    session.wrote_block(self.settings.clock.now());
                }
                Ok(Event::Flushed(Ok(()))) => return,
                Ok(Event::Read(Ok(0))) => return session.connection_lost(CLOSED),
                Ok(Event::Read(Ok(count))) => {
                    session.received(buffer.get(..count).unwrap_or_default());
                    // Where there is always something to read, no deadline would ever be looked at.
                    if session.is_flooded() {
                        return session.connection_lost(&ReplyError::Flood.to_string());
                    }
                }
                Ok(Event::Read(Err(error))) => {
                    return session.connection_lost(&format!("reading failed: {error}"));
                }
                Ok(Event::Wrote(Err(error)) | Event::Flushed(Err(error))) => {
                    self.hear_last_words(connection, session, buffer, alarm)
                        .await;
                    return session.connection_lost(&format!("writing failed: {error}"));
                }
                Err(_) => return session.timed_out(),
            }
        }
    }
}

/// Where a step has led.
enum Advance {
    Going,
    Done(Report),
    /// There is nothing to do.
    Over,
}

#[derive(Clone, Copy)]
enum Stage {
    Writing,
    Flushing,
}

enum Event {
    Wrote(io::Result<usize>),
    Flushed(io::Result<()>),
    Read(io::Result<usize>),
}

fn poll_exchange<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut S,
    context: &mut Context<'_>,
    unwritten: &[&[u8]],
    stage: Stage,
    buffer: &mut [u8],
) -> Poll<Event> {
    let mut connection = Pin::new(connection);
    match stage {
        Stage::Writing => {
            if let Poll::Ready(outcome) = poll_write(connection.as_mut(), context, unwritten) {
                return Poll::Ready(Event::Wrote(outcome));
            }
        }
        Stage::Flushing => {
            if let Poll::Ready(outcome) = connection.as_mut().poll_flush(context) {
                return Poll::Ready(Event::Flushed(outcome));
            }
        }
    }
    poll_read(connection, context, buffer).map(Event::Read)
}

fn poll_write<S: AsyncWrite>(
    connection: Pin<&mut S>,
    context: &mut Context<'_>,
    unwritten: &[&[u8]],
) -> Poll<io::Result<usize>> {
    // Most often there are commands and a message, or a message and its end.
    if let [one, rest @ ..] = unwritten
        && rest.len() < 3
    {
        let part = |place: usize| IoSlice::new(rest.get(place).copied().unwrap_or_default());
        let slices = [IoSlice::new(one), part(0), part(1)];
        return connection.poll_write_vectored(context, &slices);
    }
    let slices: Vec<IoSlice<'_>> = unwritten
        .iter()
        .take(MAX_SLICES)
        .map(|part| IoSlice::new(part))
        .collect();
    connection.poll_write_vectored(context, &slices)
}

fn poll_read<S: AsyncRead>(
    connection: Pin<&mut S>,
    context: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut target = ReadBuf::new(buffer);
    connection
        .poll_read(context, &mut target)
        .map_ok(|()| target.filled().len())
}

/// Parts of which some have been written. A message of many lines that begin with dots has as many parts as these, so only
/// a window of them is looked at.
struct Unwritten<'a, I> {
    window: Vec<&'a [u8]>,
    next: usize,
    rest: I,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Unwritten<'a, I> {
    fn new(parts: I) -> Self {
        let mut unwritten = Self {
            window: Vec::new(),
            next: 0,
            rest: parts,
        };
        unwritten.move_window();
        unwritten
    }

    /// What is to be written next; empty only once everything is.
    fn parts(&self) -> &[&'a [u8]] {
        self.window.get(self.next..).unwrap_or_default()
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(first) = self.window.get_mut(self.next) {
            if let Some(left) = first.get(count..).filter(|left| !left.is_empty()) {
                *first = left;
                return;
            }
            count = count.saturating_sub(first.len());
            self.next += 1;
        }
        self.move_window();
    }

    fn move_window(&mut self) {
        self.window.clear();
        self.window.extend(self.rest.by_ref().take(MAX_SLICES));
        self.next = 0;
    }
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Write(_) => "write",
        Step::Read => "read",
        Step::StartTls => "starttls",
        Step::Done(_) => "done",
        Step::Idle => "idle",
        Step::Close => "close",
    }
}

const MAX_SLICES: usize = 64;
const MAX_LAST_READS: usize = 16;
/// How long to wait for the reason of a server that does not take any more.
const LAST_WORDS: Duration = Duration::from_millis(500);
const CLOSED: &str = "the server closed the connection";

#[cfg(test)]
mod tests;
