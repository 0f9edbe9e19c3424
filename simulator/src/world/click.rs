//! A click on the link to unsubscribe.

use std::time::Duration;

use letterhead_mail::{DomainName, EmailAddress, Message};

use super::World;
use super::happening::{Happening, later};
use crate::event::SimEventKind;
use crate::one_click::{OneClickRequest, offer};

/// Plans the click of `recipient`, where the message that has come to `host` offers one; a mail program looks at that when
/// the message comes.
pub(crate) fn schedule_click(
    world: &World,
    host: &DomainName,
    recipient: &EmailAddress,
    message: &Message,
    delay: Duration,
) {
    let (host, recipient) = (host.clone(), recipient.clone());
    match offer(world, message) {
        Ok(request) => {
            let due = later(world.clock.now_time(), delay);
            let click = Happening::Click {
                host,
                recipient,
                request,
            };
            world.schedule(due, click);
        }
        Err(faults) => {
            world.log(
                &host,
                SimEventKind::UnsubscribeNotPosted { recipient, faults },
            );
        }
    }
}

/// Asks whoever answers for the host of the URI.
pub(super) fn carry_out(
    world: &World,
    host: &DomainName,
    recipient: EmailAddress,
    request: &OneClickRequest,
) {
    let event = match world.one_click.post(request) {
        Ok(status) => SimEventKind::UnsubscribePosted {
            recipient,
            uri: request.uri().to_owned(),
            status,
        },
        Err(fault) => SimEventKind::UnsubscribeNotPosted {
            recipient,
            faults: vec![fault],
        },
    };
    world.log(host, event);
}
