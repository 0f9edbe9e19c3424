//! Settings in files and variables.

mod directory;
mod documents;
mod places;
mod sending;
mod simulating;
