mod authentication;
mod dialogue;
mod faults;
mod message;
mod opening;
mod order;
