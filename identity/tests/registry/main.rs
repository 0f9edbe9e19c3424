//! What a tenant may register, how it is proven, and as whom it may then send.

mod authorization;
mod credentials;
mod default_sender;
mod links;
mod office;
mod places;
mod rules;
mod standing;
mod verification;
