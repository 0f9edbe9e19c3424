//! The registry against models that are too plain to be wrong.

mod one_proof;
mod places;
