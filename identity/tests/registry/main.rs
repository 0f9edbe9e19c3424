//! What a tenant may register, how it is proven, and as whom it may then send.

mod authorization;
mod office;
mod rules;
mod verification;
