//! When a front tells things.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::form::{Form, Post, Telling};
use super::sns::SnsSubscriber;
use super::{Occurrence, ProviderNotification, Webhook};
use crate::entropy::SeededEntropy;
use crate::front::{FrontHost, TestKeyError};
use crate::world::{Happening, Host, Outbound, World, later};

/// A webhook of a front that is part of a world.
#[derive(Debug)]
pub(crate) struct Subscriber {
    webhook: Webhook,
    entropy: SeededEntropy,
    sns: Option<SnsSubscriber>,
    is_asked: AtomicBool,
}

impl Subscriber {
    /// The webhook, and what it draws from: a stream of its own, so that whether anything is told changes nothing else.
    ///
    /// # Errors
    ///
    /// When a built-in test key cannot be read.
    pub(crate) fn new(webhook: Webhook, entropy: SeededEntropy) -> Result<Self, TestKeyError> {
        let sns = match webhook.form() {
            Form::Ses(form) => Some(SnsSubscriber::new(form.topic().clone(), &entropy)?),
            _ => None,
        };
        Ok(Self {
            webhook,
            entropy,
            sns,
            is_asked: AtomicBool::new(false),
        })
    }

    pub(super) fn sns(&self) -> Option<&SnsSubscriber> {
        self.sns.as_ref()
    }

    /// Confirms the subscription, if this is its URL.
    pub(crate) fn confirm(&self, subscribe_url: &str) -> Option<()> {
        let sns = self.sns.as_ref()?;
        (sns.subscribe_url() == subscribe_url).then(|| sns.confirm())
    }

    /// The request to confirm the subscription, once.
    fn request(&self, world: &World) -> Option<Post> {
        let sns = self.sns.as_ref()?;
        let is_first = !self.is_asked.swap(true, Ordering::Relaxed);
        is_first.then(|| sns.request(world.clock.now_time(), &self.entropy))
    }

    /// Whether it is told anything: nobody is who has not said that they want it.
    fn is_told(&self) -> bool {
        match (self.webhook.form(), &self.sns) {
            (Form::Ses(form), Some(sns)) => !form.awaits_confirmation() || sns.is_confirmed(),
            _ => true,
        }
    }
}

/// Tells the webhooks of the host, after `delay`.
pub(crate) fn tell(
    world: &World,
    outbound: &Arc<Outbound>,
    occurrence: Occurrence,
    delay: Duration,
) {
    let is_told = matches!(
        world.hosts.get(&outbound.host.name),
        Some(Host::Front(front)) if !front.subscribers().is_empty()
    );
    if outbound.submitted.is_none() || !is_told || occurrence.is_about_nobody() {
        return;
    }
    let now = world.clock.now_time();
    let happening = Happening::Tell {
        outbound: Arc::clone(outbound),
        occurrence,
    };
    world.schedule(later(now, delay), happening);
}

/// Asks the host's webhooks whether they want to be told.
pub(crate) fn subscribe(world: &World, host: &FrontHost) {
    for subscriber in host.subscribers() {
        if let Some(post) = subscriber.request(world) {
            hand_in(world, host, subscriber, post);
        }
    }
}

/// Tells the host's webhooks, now.
pub(crate) fn publish(world: &World, outbound: &Outbound, occurrence: &Occurrence) {
    let (Some(Host::Front(host)), Some(submitted)) =
        (world.hosts.get(&outbound.host.name), &outbound.submitted)
    else {
        return;
    };
    for subscriber in host.subscribers().iter().filter(|one| one.is_told()) {
        let telling = Telling {
            world,
            outbound,
            submitted,
            now: world.clock.now_time(),
            entropy: &subscriber.entropy,
        };
        for post in subscriber
            .webhook
            .form()
            .write(&telling, occurrence, subscriber)
        {
            hand_in(world, host, subscriber, post);
        }
    }
}

fn hand_in(world: &World, host: &FrontHost, subscriber: &Subscriber, post: Post) {
    let notification = ProviderNotification {
        time: world.clock.now_time(),
        host: host.name().clone(),
        target: subscriber.webhook.target().to_owned(),
        content_type: post.content_type.to_owned(),
        headers: [subscriber.webhook.headers(), &post.headers].concat(),
        body: post.body,
    };
    world.notify(notification, subscriber.webhook.taker());
}
