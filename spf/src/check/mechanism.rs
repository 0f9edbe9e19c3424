//! The mechanisms ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)).

use std::net::IpAddr;
use std::sync::Arc;

use letterhead_dns::{LookupError, Name, RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::evaluate::Frame;
use crate::check::expand::{Values, dotted};
use crate::check::log::{Log, Pause};
use crate::check::query::{Query, query_name};
use crate::check::reason::Reason;
use crate::check::session::{Miss, Session, Stop};
use crate::check::trace::{Mismatch, Step};
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::term::{HostSpec, Mechanism};
use crate::text::Text;

impl Session<'_> {
    /// Whether the mechanism matches the client.
    pub(crate) fn matches(
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
            Mechanism::Include(domain) => self.include(domain, frame, step),
            Mechanism::A(host) => self.address(host, frame, step),
            Mechanism::Mx(host) => self.exchangers(host, frame, step),
            Mechanism::Ptr(domain) => self.pointer(domain.as_ref(), frame, step),
            Mechanism::Exists(domain) => self.exists(domain, frame, step),
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
    fn address(&mut self, host: &HostSpec, frame: &mut Frame, step: &mut Step) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(host.domain(), frame, step)?;
        self.address_matches(name, host, step)
    }

    /// `mx` ([RFC 7208 §5.4](https://www.rfc-editor.org/rfc/rfc7208#section-5.4)). A domain without MX records has no
    /// exchangers here, whatever SMTP makes of its address records; more exchangers than the limit are an error before
    /// any is looked up, so that the result does not depend on their order.
    fn exchangers(
        &mut self,
        host: &HostSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(host.domain(), frame, step)?;
        let records = self.ask(name, RecordType::MX, step)?.map_err(failed)?;
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
            match self.address_matches(exchange.clone(), host, step) {
                Err(Miss::Mismatch(Mismatch::NothingFound)) => {}
                Err(Miss::Mismatch(other)) => mismatch = other,
                decided => return decided,
            }
        }
        Err(mismatch.into())
    }

    /// `ptr` ([RFC 7208 §5.5](https://www.rfc-editor.org/rfc/rfc7208#section-5.5)).
    fn pointer(
        &mut self,
        domain: Option<&DomainSpec>,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let target = self.target_name(domain, frame, step)?;
        let names = self.client_names(step)?;
        self.count_void(step)?;
        let names = names.map_err(|error| Mismatch::NamesUnavailable(error.kind()))?;
        for name in names {
            if name.is_at_or_below(&target) {
                let validated = self.is_client(&name, step)?;
                self.count_void(step)?;
                if validated {
                    return Ok(());
                }
            }
        }
        Err(Mismatch::NoValidatedName.into())
    }

    /// `exists` ([RFC 7208 §5.7](https://www.rfc-editor.org/rfc/rfc7208#section-5.7)).
    fn exists(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let name = self.target_name(Some(domain), frame, step)?;
        let records = self.ask(name, RecordType::A, step)?.map_err(failed)?;
        self.count_void(step)?;
        if records.is_empty() {
            return Err(Mismatch::NothingFound.into());
        }
        Ok(())
    }

    /// Whether the client is at, or within the prefix length of, an address of the host.
    fn address_matches(
        &mut self,
        name: Name,
        host: &HostSpec,
        step: &mut Step,
    ) -> Result<(), Miss> {
        let records = self.addresses(name, step)?.map_err(failed)?;
        self.count_void(step)?;
        let mut mismatch = Mismatch::NothingFound;
        for found in records.iter().filter_map(RecordData::address) {
            if host.prefix().matches(found, self.query.client()) {
                return Ok(());
            }
            mismatch = Mismatch::Elsewhere;
        }
        Err(mismatch.into())
    }

    /// The addresses of a host in the client's family.
    fn addresses(
        &mut self,
        name: Name,
        step: &mut Step,
    ) -> Result<Result<Arc<[RecordData]>, LookupError>, Pause> {
        let record_type = match self.query.client() {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::AAAA,
        };
        self.ask(name, record_type, step)
    }

    /// The names the client's address points back to, not yet validated, no more than the limit.
    fn client_names(&mut self, step: &mut Step) -> Result<Result<Vec<Name>, LookupError>, Pause> {
        let zone = match self.query.client() {
            IpAddr::V4(_) => "in-addr",
            IpAddr::V6(_) => "ip6",
        };
        let address = dotted(self.query.client());
        let labels = address.split('.').rev().chain([zone, "arpa"]);
        // 34 labels of an octet or two are a name; if not, nothing points back.
        let Ok(name) = Name::from_labels(labels) else {
            return Ok(Ok(Vec::new()));
        };
        let records = self.ask(name, RecordType::PTR, step)?;
        Ok(records.map(|records| {
            let names = records.iter().filter_map(|record| match record {
                RecordData::Ptr(name) => Some(name.clone()),
                _ => None,
            });
            names.take(self.limits.pointers()).collect()
        }))
    }

    /// Whether the name has the client's address. A name that cannot be looked up does not.
    fn is_client(&mut self, name: &Name, step: &mut Step) -> Result<bool, Pause> {
        let Ok(records) = self.addresses(name.clone(), step)? else {
            return Ok(false);
        };
        let mut addresses = records.iter().filter_map(RecordData::address);
        Ok(addresses.any(|found| found == self.query.client()))
    }

    /// The value of `%{p}`: a validated name, best the domain itself, else one below it, else any
    /// ([RFC 7208 §7.3](https://www.rfc-editor.org/rfc/rfc7208#section-7.3)).
    pub(crate) fn validated_name(
        &mut self,
        domain: &str,
        step: &mut Step,
    ) -> Result<Option<String>, Pause> {
        let Ok(mut names) = self.client_names(step)? else {
            return Ok(None);
        };
        let domain = query_name(domain).ok();
        names.sort_by_key(|name| match &domain {
            Some(domain) if name == domain => 0,
            Some(domain) if name.is_at_or_below(domain) => 1,
            _ => 2,
        });
        for name in &names {
            if let Some(text) = macro_text(name)
                && self.is_client(name, step)?
            {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// Expands the domain of a term, and writes it into the step.
    pub(crate) fn target<'s>(
        &mut self,
        spec: &DomainSpec,
        frame: &mut Frame,
        step: &'s mut Step,
    ) -> Result<&'s Text, Miss> {
        if spec.macro_string().uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            self.count_lookup()?;
            let name = self.validated_name(&frame.domain, step)?;
            frame.validated = Some(name.unwrap_or_else(|| String::from("unknown")));
            self.count_void(step)?;
        }
        let target = frame
            .target(spec, self.query, &mut self.log)
            .map_err(Mismatch::BadTarget)?;
        Ok(step.inquiry_mut().target.insert(target))
    }

    /// The name a term asks for: its domain, or the one whose record is evaluated.
    fn target_name(
        &mut self,
        domain: Option<&DomainSpec>,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<Name, Miss> {
        let name = match domain {
            Some(spec) => query_name(self.target(spec, frame, step)?),
            None => query_name(&frame.domain),
        };
        let malformed = |problem| Mismatch::BadTarget(BadTarget::Malformed(problem));
        Ok(name.map_err(malformed)?)
    }
}

impl Frame {
    pub(crate) fn values<'a>(&'a self, query: &'a Query) -> Values<'a> {
        Values {
            query,
            domain: &self.domain,
            validated: self.validated.as_deref(),
        }
    }

    /// The domain with its macros expanded, which the log keeps.
    pub(crate) fn target(
        &self,
        spec: &DomainSpec,
        query: &Query,
        log: &mut Log,
    ) -> Result<Text, BadTarget> {
        match Values::literal(spec) {
            Some(literal) => Ok(literal),
            None => log.target(|| self.values(query).target(spec)),
        }
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
