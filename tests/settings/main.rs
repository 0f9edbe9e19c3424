//! Settings in files and variables.

mod directory;
mod places;
mod sending;
