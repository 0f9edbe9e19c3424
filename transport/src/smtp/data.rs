//! The content of a message behind DATA: dots doubled on the way out, and taken out on the way in. And behind BDAT, in
//! chunks.

mod chunks;
mod content;
mod finding;
mod reader;
mod stuffing;

pub use chunks::ChunkReader;
pub use finding::{DataFinding, DataFindingKind};
pub use reader::{DataProgress, DataReader};
pub use stuffing::{DotStuffed, end_of_data, stuff_dots};

#[cfg(test)]
mod chunk_tests;
#[cfg(test)]
mod tests;
