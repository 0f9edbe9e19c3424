//! What a customer's own server does to a vendor's mail on its way, and whether it may.

use std::fmt;
use std::sync::Arc;

use letterhead_dns::block_on_ready;
use letterhead_identity::relay_check;
use letterhead_mail::Message;

use super::FrontHost;
use crate::event::SimEventKind;
use crate::world::World;

/// What a server does to the mail that goes through it.
#[derive(Clone)]
pub(super) struct Alteration(pub(super) Arc<dyn Fn(Message) -> Message + Send + Sync>);

impl fmt::Debug for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alteration(…)")
    }
}

/// Compares what was handed over with what leaves, where the profile has rules for servers on the way, and writes down
/// what it finds.
pub(super) fn check(world: &World, host: &FrontHost, before: &Message, after: &Message) {
    let profile = host.profile();
    if profile.relay().is_none() {
        return;
    }
    let now = world.clock.now_time();
    let check = block_on_ready(relay_check(profile, before, after, &world.dns, now));
    // Simulated DNS answers at once.
    let Some(check) = check else { return };
    let checked = SimEventKind::RelayChecked {
        message_id: before.message_id(),
        check,
    };
    world.log(host.name(), checked);
}
