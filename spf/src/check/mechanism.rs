//! The mechanisms ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)).

use std::net::IpAddr;

use letterhead_dns::{Answer, LookupError, LookupErrorKind, Name, RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::evaluate::network_mismatch;
use crate::check::expand::dotted;
use crate::check::frame::{Frame, Target};
use crate::check::log::{Pause, found};
use crate::check::outcome::Mismatch;
use crate::check::reason::Reason;
use crate::check::session::{Miss, Session, Stop};
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::term::{HostSpec, Mechanism};

impl Session<'_> {
    /// Whether the mechanism matches the client.
    pub(crate) fn matches<'a>(
        &mut self,
        mechanism: &'a Mechanism,
        frame: &mut Frame<'a>,
    ) -> Result<(), Miss> {
        match mechanism {
            Mechanism::All => Ok(()),
            Mechanism::Ip4(_) | Mechanism::Ip6(_) => {
                match network_mismatch(mechanism, self.query.client()) {
                    Some(mismatch) => Err(mismatch.into()),
                    None => Ok(()),
                }
            }
            Mechanism::Include(domain) => self.include(domain, frame),
            Mechanism::A(host) => self.address(host, frame),
            Mechanism::Mx(host) => self.exchangers(host, frame),
            Mechanism::Ptr(domain) => self.pointer(domain.as_ref(), frame),
            Mechanism::Exists(domain) => self.exists(domain, frame),
        }
    }

    /// `a` ([RFC 7208 §5.3](https://www.rfc-editor.org/rfc/rfc7208#section-5.3)).
    fn address<'a>(&mut self, host: &'a HostSpec, frame: &mut Frame<'a>) -> Result<(), Miss> {
        self.count_lookup()?;
        let Some(spec) = host.domain() else {
            return self.address_matches(frame.name, host, frame);
        };
        let target = self.target(spec, frame)?;
        self.address_matches(name_of(&target)?, host, frame)
    }

    /// `mx` ([RFC 7208 §5.4](https://www.rfc-editor.org/rfc/rfc7208#section-5.4)). A domain without MX records has no
    /// exchangers here, whatever SMTP makes of its address records; more exchangers than the limit are an error before
    /// any is looked up, so that the result does not depend on their order.
    fn exchangers<'a>(&mut self, host: &'a HostSpec, frame: &mut Frame<'a>) -> Result<(), Miss> {
        self.count_lookup()?;
        let reply = match host.domain() {
            None => self.ask(frame.name, RecordType::MX, frame)?,
            Some(spec) => {
                let target = self.target(spec, frame)?;
                self.ask(name_of(&target)?, RecordType::MX, frame)?
            }
        };
        found(reply).map_err(failed)?;
        self.count_void(frame)?;
        // The exchangers are borrowed from the reply, which is out of the log meanwhile.
        let taken = self.log.take()?;
        let matched = self.exchangers_match(&taken.reply, host, frame);
        self.log.put_back(taken);
        matched
    }

    /// Whether the client is at one of the exchangers.
    fn exchangers_match(
        &mut self,
        reply: &Result<Answer, LookupError>,
        host: &HostSpec,
        frame: &mut Frame<'_>,
    ) -> Result<(), Miss> {
        let records = found(reply).unwrap_or_default();
        let (found, limit) = (records.len(), self.limits.exchangers());
        if found > limit {
            return Err(Stop::permanent(Reason::TooManyExchangers { found, limit }).into());
        }
        let mut mismatch = Mismatch::NothingFound;
        for record in records {
            // The root is the exchange of a null MX (RFC 7505) and has no addresses.
            let RecordData::Mx { exchange, .. } = record else {
                continue;
            };
            if exchange.is_root() {
                continue;
            }
            match self.address_matches(exchange, host, frame) {
                Err(Miss::Mismatch(Mismatch::NothingFound)) => {}
                Err(Miss::Mismatch(other)) => mismatch = other,
                decided => return decided,
            }
        }
        Err(mismatch.into())
    }

    /// `ptr` ([RFC 7208 §5.5](https://www.rfc-editor.org/rfc/rfc7208#section-5.5)).
    fn pointer<'a>(
        &mut self,
        domain: Option<&'a DomainSpec>,
        frame: &mut Frame<'a>,
    ) -> Result<(), Miss> {
        self.count_lookup()?;
        let target = domain.map(|spec| self.target(spec, frame)).transpose()?;
        let target = target.as_ref().map_or(Ok(frame.name), name_of)?;
        let names = self.client_names(frame)?;
        self.count_void(frame)?;
        let names = names.map_err(Mismatch::NamesUnavailable)?;
        for name in names {
            if name.is_at_or_below(target) {
                let validated = self.is_client(&name, frame)?;
                self.count_void(frame)?;
                if validated {
                    return Ok(());
                }
            }
        }
        Err(Mismatch::NoValidatedName.into())
    }

    /// `exists` ([RFC 7208 §5.7](https://www.rfc-editor.org/rfc/rfc7208#section-5.7)).
    fn exists<'a>(&mut self, domain: &'a DomainSpec, frame: &mut Frame<'a>) -> Result<(), Miss> {
        self.count_lookup()?;
        let target = self.target(domain, frame)?;
        let reply = self.ask(name_of(&target)?, RecordType::A, frame)?;
        let exists = !found(reply).map_err(failed)?.is_empty();
        self.count_void(frame)?;
        if exists {
            Ok(())
        } else {
            Err(Mismatch::NothingFound.into())
        }
    }

    /// Whether the client is at, or within the prefix length of, an address of the host.
    fn address_matches(
        &mut self,
        name: &Name,
        host: &HostSpec,
        frame: &mut Frame<'_>,
    ) -> Result<(), Miss> {
        let client = self.query.client();
        let mut mismatch = Mismatch::NothingFound;
        let reply = self.ask_addresses(name, frame)?;
        for address in found(reply)
            .map_err(failed)?
            .iter()
            .filter_map(RecordData::address)
        {
            if host.prefix().matches(address, client) {
                return Ok(());
            }
            mismatch = Mismatch::Elsewhere;
        }
        self.count_void(frame)?;
        Err(mismatch.into())
    }

    /// Asks for the addresses of a host in the client's family.
    fn ask_addresses(
        &mut self,
        name: &Name,
        frame: &mut Frame<'_>,
    ) -> Result<&Result<Answer, LookupError>, Pause> {
        let record_type = match self.query.client() {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::AAAA,
        };
        self.ask(name, record_type, frame)
    }

    /// The names the client's address points back to, not yet validated, no more than the limit.
    fn client_names(
        &mut self,
        frame: &mut Frame<'_>,
    ) -> Result<Result<Vec<Name>, LookupErrorKind>, Pause> {
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
        let limit = self.limits.pointers();
        let reply = self.ask(&name, RecordType::PTR, frame)?;
        let names = found(reply).map(|records| {
            let names = records.iter().filter_map(|record| match record {
                RecordData::Ptr(name) => Some(name.clone()),
                _ => None,
            });
            names.take(limit).collect()
        });
        Ok(names.map_err(LookupError::kind))
    }

    /// Whether the name has the client's address. A name that cannot be looked up does not.
    fn is_client(&mut self, name: &Name, frame: &mut Frame<'_>) -> Result<bool, Pause> {
        let client = self.query.client();
        let reply = self.ask_addresses(name, frame)?;
        let mut addresses = found(reply).unwrap_or_default().iter();
        Ok(addresses.any(|record| record.address() == Some(client)))
    }

    /// The value of `%{p}`: a validated name, best the domain itself, else one below it, else any
    /// ([RFC 7208 §7.3](https://www.rfc-editor.org/rfc/rfc7208#section-7.3)).
    pub(crate) fn validated_name(
        &mut self,
        frame: &mut Frame<'_>,
    ) -> Result<Option<String>, Pause> {
        let Ok(mut names) = self.client_names(frame)? else {
            return Ok(None);
        };
        names.sort_by_key(|name| {
            if name == frame.name {
                0
            } else if name.is_at_or_below(frame.name) {
                1
            } else {
                2
            }
        });
        for name in &names {
            if let Some(text) = macro_text(name)
                && self.is_client(name, frame)?
            {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The domain of a term, macros expanded.
    #[inline(always)]
    pub(crate) fn target<'a>(
        &mut self,
        spec: &'a DomainSpec,
        frame: &mut Frame<'a>,
    ) -> Result<Target<'a>, Miss> {
        match frame.literal(spec) {
            Some(target) => {
                self.note(|recorder| recorder.target(target.text()));
                Ok(target)
            }
            None => self.expand(spec, frame),
        }
    }

    fn expand<'a>(&mut self, spec: &DomainSpec, frame: &mut Frame<'a>) -> Result<Target<'a>, Miss> {
        if spec.macro_string().uses(MacroLetter::ValidatedName) && frame.validated.is_none() {
            self.count_lookup()?;
            let name = self.validated_name(frame)?;
            frame.validated = Some(name.unwrap_or_else(|| String::from("unknown")));
            self.count_void(frame)?;
        }
        let target = frame
            .expanded(spec, self.query, &mut self.log)
            .map_err(Mismatch::BadTarget)?;
        self.note(|recorder| recorder.target(target.text()));
        Ok(target)
    }
}

/// The name that a term asks for.
fn name_of<'t>(target: &'t Target<'_>) -> Result<&'t Name, Mismatch> {
    let malformed = |problem| Mismatch::BadTarget(BadTarget::Malformed(problem));
    target.name().map_err(malformed)
}

fn failed(error: &LookupError) -> Stop {
    Stop::temporary(Reason::of_lookup(error.clone()))
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
