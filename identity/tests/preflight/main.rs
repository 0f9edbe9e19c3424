//! What a preflight predicts, and that it comes true.

mod agreement;
mod envelope;
mod form;
mod hostile;
mod receivers;
mod senders;
mod support;
