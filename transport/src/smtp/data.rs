//! The content of a message behind DATA: dots doubled on the way out, and taken out on the way in.

mod reader;
mod stuffing;

pub use reader::{DataFinding, DataFindingKind, DataProgress, DataReader};
pub use stuffing::{DotStuffed, end_of_data, stuff_dots};

#[cfg(test)]
mod tests;
