//! The mechanisms ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)).

use std::net::IpAddr;
use std::sync::Arc;

use letterhead_dns::{LookupError, Name, RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::expand::{Values, dotted};
use crate::check::query::query_name;
use crate::check::reason::Reason;
use crate::check::trace::{Mismatch, Step};
use crate::check::{Frame, Miss, Session, Stop};
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::term::{HostSpec, Mechanism};
use crate::text::Text;

impl Session<'_> {
    /// Whether the mechanism matches the client.
    pub(crate) async fn matches(
        &mut self,
        mechanism: &Mechanism,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        match mechanism {
            Mechanism::All => Ok(()),
            Mechanism::Ip4(_) | Mechanism::Ip6(_) => match self.network_mismatch(mechanism) {
                Some(mismatch) => Err(mismatch.into()),
                None => Ok(()),
            },
            Mechanism::Include(domain) => self.include(domain, frame, step).await,
            Mechanism::A(host) => self.address(host, frame, step).await,
            Mechanism::Mx(host) => self.exchangers(host, frame, step).await,
            Mechanism::Ptr(domain) => Box::pin(self.pointer(domain.as_ref(), frame, step)).await,
            Mechanism::Exists(domain) => self.exists(domain, frame, step).await,
        }
    }

    /// Why `ip4` or `ip6` does not match ([RFC 7208 §5.6](https://www.rfc-editor.org/rfc/rfc7208#section-5.6)); `None`
    /// where it does, and for other mechanisms.
    #[inline]
    pub(crate) fn network_mismatch(&self, mechanism: &Mechanism) -> Option<Mismatch> {
        let inside = match (mechanism, self.query.client()) {
            (Mechanism::Ip4(network), IpAddr::V4(client)) => network.contains(client),
            (Mechanism::Ip6(network), IpAddr::V6(client)) => network.contains(client),
            (Mechanism::Ip4(_) | Mechanism::Ip6(_), _) => return Some(Mismatch::Family),
            _ => return None,
        };
        (!inside).then_some(Mismatch::Elsewhere)
    }

    /// `a` ([RFC 7208 §5.3](https://www.rfc-editor.org/rfc/rfc7208#section-5.3)).
    async fn address(
        &mut self,
        host: &HostSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(host.domain(), frame, step).await?;
        self.address_matches(name, host, step).await
    }

    /// `mx` ([RFC 7208 §5.4](https://www.rfc-editor.org/rfc/rfc7208#section-5.4)). A domain without MX records has no
    /// exchangers here, whatever SMTP makes of its address records; more exchangers than the limit are an error before
    /// any is looked up, so that the result does not depend on their order.
    async fn exchangers(
        &mut self,
        host: &HostSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(host.domain(), frame, step).await?;
        let records = self.ask(name, RecordType::MX, step).await.map_err(failed)?;
        self.count_void(step)?;
        let (found, limit) = (records.len(), self.limits.exchangers());
        if found > limit {
            return Err(Stop::permanent(Reason::TooManyExchangers { found, limit }).into());
        }
        let mut mismatch = Mismatch::NothingFound;
        for record in &*records {
            // The root is the exchange of a null MX (RFC 7505) and has no addresses.
            let RecordData::Mx { exchange, .. } = record else {
                continue;
            };
            if exchange.is_root() {
                continue;
            }
            match self.address_matches(exchange.clone(), host, step).await {
                Err(Miss::Mismatch(Mismatch::NothingFound)) => {}
                Err(Miss::Mismatch(other)) => mismatch = other,
                decided => return decided,
            }
        }
        Err(mismatch.into())
    }

    /// `ptr` ([RFC 7208 §5.5](https://www.rfc-editor.org/rfc/rfc7208#section-5.5)).
    async fn pointer(
        &mut self,
        domain: Option<&DomainSpec>,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let target = self.target_name(domain, frame, step).await?;
        let names = self.client_names(step).await;
        self.count_void(step)?;
        let names = names.map_err(|error| Mismatch::NamesUnavailable(error.kind()))?;
        for name in names {
            if name.is_at_or_below(&target) {
                let validated = self.is_client(&name, step).await;
                self.count_void(step)?;
                if validated {
                    return Ok(());
                }
            }
        }
        Err(Mismatch::NoValidatedName.into())
    }

    /// `exists` ([RFC 7208 §5.7](https://www.rfc-editor.org/rfc/rfc7208#section-5.7)).
    async fn exists(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(Some(domain), frame, step).await?;
        let records = self.ask(name, RecordType::A, step).await.map_err(failed)?;
        self.count_void(step)?;
        if records.is_empty() {
            return Err(Mismatch::NothingFound.into());
        }
        Ok(())
    }

    /// Whether the client is at, or within the prefix length of, an address of the host.
    async fn address_matches(
        &mut self,
        name: Name,
        host: &HostSpec,
        step: &mut Step,
    ) -> Result<(), Miss> {
        let records = self.addresses(name, step).await.map_err(failed)?;
        self.count_void(step)?;
        let mut mismatch = Mismatch::NothingFound;
        for found in records.iter().filter_map(address) {
            if host.prefix().matches(found, self.query.client()) {
                return Ok(());
            }
            mismatch = Mismatch::Elsewhere;
        }
        Err(mismatch.into())
    }

    /// The addresses of a host in the client's family.
    async fn addresses(
        &mut self,
        name: Name,
        step: &mut Step,
    ) -> Result<Arc<[RecordData]>, LookupError> {
        let record_type = match self.query.client() {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::AAAA,
        };
        self.ask(name, record_type, step).await
    }

    /// The names the client's address points back to, not yet validated, no more than the limit.
    async fn client_names(&mut self, step: &mut Step) -> Result<Vec<Name>, LookupError> {
        let zone = match self.query.client() {
            IpAddr::V4(_) => "in-addr",
            IpAddr::V6(_) => "ip6",
        };
        let address = dotted(self.query.client());
        let labels = address.split('.').rev().chain([zone, "arpa"]);
        // 34 labels of an octet or two are a name; if not, nothing points back.
        let Ok(name) = Name::from_labels(labels) else {
            return Ok(Vec::new());
        };
        let records = self.ask(name, RecordType::PTR, step).await?;
        Ok(records
            .iter()
            .filter_map(|record| match record {
                RecordData::Ptr(name) => Some(name.clone()),
                _ => None,
            })
            .take(self.limits.pointers())
            .collect())
    }

    /// Whether the name has the client's address. A name that cannot be looked up does not.
    async fn is_client(&mut self, name: &Name, step: &mut Step) -> bool {
        let Ok(records) = self.addresses(name.clone(), step).await else {
            return false;
        };
        let mut addresses = records.iter().filter_map(address);
        addresses.any(|found| found == self.query.client())
    }

    /// The value of `%{p}`: a validated name, best the domain itself, else one below it, else any
    /// ([RFC 7208 §7.3](https://www.rfc-editor.org/rfc/rfc7208#section-7.3)).
    pub(crate) async fn validated_name(&mut self, domain: &str, step: &mut Step) -> Option<String> {
        let mut names = self.client_names(step).await.ok()?;
        let domain = query_name(domain).ok();
        names.sort_by_key(|name| match &domain {
            Some(domain) if name == domain => 0,
            Some(domain) if name.is_at_or_below(domain) => 1,
            _ => 2,
        });
        for name in &names {
            if let Some(text) = macro_text(name)
                && self.is_client(name, step).await
            {
                return Some(text);
            }
        }
        None
    }

    /// Expands the domain of a term, or takes the one whose record is evaluated.
    pub(crate) async fn target(
        &mut self,
        domain: Option<&DomainSpec>,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<Text, Miss> {
        let Some(spec) = domain else {
            return Ok(frame.domain.clone());
        };
        if spec.macro_string().uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            self.count_lookup()?;
            // Boxed like all that is rare, because every other evaluation would have to make room for it.
            let name = Box::pin(self.validated_name(&frame.domain, step)).await;
            frame.validated = Some(name.unwrap_or_else(|| String::from("unknown")));
            self.count_void(step)?;
        }
        let target = frame
            .values(self.query)
            .target(spec)
            .map_err(Mismatch::BadTarget)?;
        step.inquiry_mut().target = Some(target.clone());
        Ok(target)
    }

    async fn target_name(
        &mut self,
        domain: Option<&DomainSpec>,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<Name, Miss> {
        let target = self.target(domain, frame, step).await?;
        let malformed = |problem| Mismatch::BadTarget(BadTarget::Malformed(problem));
        Ok(query_name(&target).map_err(malformed)?)
    }
}

impl Frame {
    pub(crate) fn values<'a>(&'a self, query: &'a crate::check::query::Query) -> Values<'a> {
        Values {
            query,
            domain: &self.domain,
            validated: self.validated.as_deref(),
        }
    }
}

fn address(record: &RecordData) -> Option<IpAddr> {
    match record {
        RecordData::A(address) => Some(IpAddr::V4(*address)),
        RecordData::Aaaa(address) => Some(IpAddr::V6(*address)),
        _ => None,
    }
}

fn failed(error: LookupError) -> Stop {
    Stop::temporary(Reason::of_lookup(error))
}

/// The name as macros write it; `None` where its octets are not text, or a label holds a dot.
fn macro_text(name: &Name) -> Option<String> {
    let mut labels = Vec::new();
    for label in name.labels() {
        let plain = |octet: &u8| octet.is_ascii_graphic() && *octet != b'.';
        let text = str::from_utf8(label).ok()?;
        labels.push(label.iter().all(plain).then_some(text)?);
    }
    Some(labels.join("."))
}
