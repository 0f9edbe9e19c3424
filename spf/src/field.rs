//! Verdicts in the header of a message.

pub mod received_spf;
pub mod result_clause;
mod text;
