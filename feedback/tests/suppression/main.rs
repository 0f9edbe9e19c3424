//! The rules of suppression, over the store in memory and over one that is written here.

mod breaker;
mod by_hand;
mod conformance;
mod deciding;
mod erasing;
mod exchange;
mod ordering;
mod scopes;
mod setting;
mod soft_bounces;
mod sorted_store;
