use std::net::IpAddr;

use letterhead_identity::ReceiverPolicy;
use letterhead_transport::smtp::ClientName;

/// How a message would come to receivers, and whose rules are asked beside theirs.
#[derive(Debug, Clone)]
#[must_use]
pub struct Approach {
    pub(super) client: Option<IpAddr>,
    pub(super) name: Option<ClientName>,
    pub(super) policies: Vec<ReceiverPolicy>,
    pub(super) daily_volume: u64,
}

impl Default for Approach {
    fn default() -> Self {
        Self::new()
    }
}

impl Approach {
    /// From each receiver's [assumed client](crate::Receiver::assumed_client), as through
    /// [`transport`](crate::Simulator::transport), under the policies that are
    /// [built in](ReceiverPolicy::all_built_in) as well.
    pub fn new() -> Self {
        Self {
            client: None,
            name: None,
            policies: ReceiverPolicy::all_built_in(),
            daily_volume: 0,
        }
    }

    /// From this address.
    pub fn from(client: IpAddr) -> Self {
        Self {
            client: Some(client),
            ..Self::new()
        }
    }

    /// The client calls itself so in EHLO; by its address where nothing is said.
    pub fn client_name(mut self, name: impl Into<ClientName>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Under these policies and no others; none, and only receivers of the simulation are asked.
    pub fn policies(mut self, policies: impl IntoIterator<Item = ReceiverPolicy>) -> Self {
        self.policies = policies.into_iter().collect();
        self
    }

    /// How many messages a day the sender sends to each who is asked under a policy, beside this one: it decides who counts as
    /// a sender of bulk mail. Receivers of the simulation go by what they have counted. 0 where nothing is said.
    pub fn daily_volume(mut self, messages: u64) -> Self {
        self.daily_volume = messages;
        self
    }
}
