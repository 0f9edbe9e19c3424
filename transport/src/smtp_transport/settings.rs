use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use letterhead_mail::{Clock, DomainName};

use crate::address_families::AddressFamilies;
use crate::credentials::CredentialProvider;
use crate::endpoint::Endpoint;
use crate::smtp::{Chunking, LineEnds};
use crate::timeouts::Timeouts;
use crate::tls::TlsSettings;

/// What holds for every connection of a transport.
pub(super) struct Settings {
    pub(super) endpoint: Endpoint,
    pub(super) credentials: Option<Arc<dyn CredentialProvider>>,
    pub(super) tls: Option<TlsSettings>,
    pub(super) ehlo_name: Option<DomainName>,
    pub(super) local_address: Option<IpAddr>,
    pub(super) address_families: Option<AddressFamilies>,
    pub(super) timeouts: Timeouts,
    pub(super) line_ends: LineEnds,
    pub(super) chunking: Chunking,
    pub(super) max_recipients: Option<NonZeroUsize>,
    pub(super) loopback_auth: LoopbackAuth,
    pub(super) clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopbackAuth {
    OverTlsOnly,
    InTheClear,
}
