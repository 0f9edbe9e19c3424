//! Which envelope sender a message leaves with.

use std::fmt;

use letterhead_dns::{DomainName, LookupError, RecordData, RecordType};
use letterhead_mail::ReversePath;
use serde::Serialize;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use crate::dns_plan::Status;
use crate::lookup::records_at;
use crate::profile::Purpose;

/// Whose envelope sender a message leaves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MailFromSource {
    /// The provider's own.
    Provider,
    /// A domain of the customer's that the provider uses.
    Custom,
    /// The one that the application sets.
    Application,
    /// The From address, because nothing else was said.
    Author,
    /// None: the host's name in EHLO stands in for it.
    Helo,
}

impl fmt::Display for MailFromSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Provider => "the provider's envelope sender",
            Self::Custom => "the envelope sender chosen with the provider",
            Self::Application => "the application's envelope sender",
            Self::Author => "the From address, in place of an envelope sender",
            Self::Helo => "the host's name, for mail without envelope sender",
        })
    }
}

/// The envelope sender of a message.
pub(super) struct MailFrom {
    pub(super) source: MailFromSource,
    /// As SPF is asked about it; empty for the null sender.
    pub(super) address: String,
    /// The domain that SPF checks; `None` where it is not known, or an address has none.
    pub(super) domain: Option<DomainName>,
}

impl MailFrom {
    fn at(source: MailFromSource, domain: &DomainName) -> Self {
        Self {
            source,
            address: format!("postmaster@{domain}"),
            domain: Some(domain.clone()),
        }
    }
}

impl Inspection<'_> {
    pub(super) async fn mail_from(&mut self) -> MailFrom {
        let mail_from = self.choose_mail_from();
        if let Some(domain) = &mail_from.domain
            && !matches!(
                mail_from.source,
                MailFromSource::Provider | MailFromSource::Helo
            )
        {
            self.check_reachable(domain, Code::MailFromUnreachable)
                .await;
        }
        if let Some(author) = self.author.clone()
            && (mail_from.source == MailFromSource::Helo
                || mail_from.domain.as_ref() != Some(&author))
        {
            self.check_reachable(&author, Code::FromUnreachable).await;
        }
        mail_from
    }

    fn choose_mail_from(&mut self) -> MailFrom {
        let request = self.request;
        if let Some(path) = request.profile.return_path() {
            let source = RuleSource::profile(request.profile, &path.source);
            if let Some(named) = request.mail_from.and_then(ReversePath::address) {
                self.add(
                    Finding::new(
                        Code::MailFromReplaced,
                        source.clone(),
                        "the provider puts an envelope sender of its own in its place",
                        "expect bounces through the provider",
                    )
                    .about(named),
                );
            }
            if let Some(custom) = self.custom_mail_from(&source) {
                return MailFrom::at(MailFromSource::Custom, &custom);
            }
            return MailFrom::at(MailFromSource::Provider, &path.domain);
        }
        match (request.mail_from, &self.author) {
            (Some(ReversePath::Null), _) => MailFrom {
                source: MailFromSource::Helo,
                address: String::new(),
                domain: request.helo.and_then(|helo| helo.parse().ok()),
            },
            (Some(ReversePath::Address(address)), _) => MailFrom {
                source: MailFromSource::Application,
                address: address.to_string(),
                domain: address.domain_name().cloned(),
            },
            (None, Some(author)) => {
                let mail_from = MailFrom::at(MailFromSource::Author, author);
                self.add(
                    Finding::new(
                        Code::MailFromAssumed,
                        RuleSource::rfc(5321, "4.1.1.2"),
                        "no envelope sender was named; this takes it to be at the From domain",
                        "name the envelope sender that the message will have",
                    )
                    .about(&mail_from.address),
                );
                mail_from
            }
            (None, None) => MailFrom {
                source: MailFromSource::Author,
                address: String::new(),
                domain: None,
            },
        }
    }

    /// The domain that was chosen with the provider, once its records are there.
    fn custom_mail_from(&mut self, source: &RuleSource) -> Option<DomainName> {
        let request = self.request;
        let name = request.profile.return_path()?.custom.as_ref()?;
        let value = request.identity.values.get(name)?.first()?;
        let Ok(domain) = value.parse::<DomainName>() else {
            self.add(
                Finding::new(
                    Code::Values,
                    source.clone(),
                    format!("the value {name} is no domain"),
                    "write a domain of yours",
                )
                .about(value),
            );
            return None;
        };
        let rows = self.diff.as_ref().map_or(&[][..], |diff| diff.rows());
        let missing: Vec<String> = rows
            .iter()
            .filter(|row| row.planned.purpose == Purpose::MailFrom)
            .filter(|row| !matches!(row.status, Status::Present | Status::Unknown(_)))
            .map(|row| format!("`{}` is {}", row.planned.data, row.status))
            .collect();
        if missing.is_empty() {
            return Some(domain);
        }
        self.add(
            Finding::new(
                Code::MailFromNotReady,
                source.clone(),
                format!(
                    "until its records are there, mail leaves with the provider's envelope sender, or not at all: {}",
                    missing.join(", ")
                ),
                "publish them",
            )
            .about(&domain),
        );
        None
    }

    /// Mail to the domain must have somewhere to go: an exchanger, or an address of the domain itself, and no null MX.
    async fn check_reachable(&mut self, domain: &DomainName, code: Code) {
        let found = match self.reachability(domain).await {
            Ok(found) => found,
            Err(error) => return self.add(Finding::lookup_failed(&error)),
        };
        let (section, problem) = match found {
            Reachability::Reachable => return,
            Reachability::NullMx => (
                RuleSource::rfc(7505, "4.2"),
                "it says that it takes no mail, and servers refuse mail from such a domain",
            ),
            Reachability::Nowhere => (
                RuleSource::rfc(5321, "5.1"),
                "it has neither a mail exchanger nor an address, so that no answer reaches it; many servers refuse such mail",
            ),
        };
        self.add(
            Finding::new(
                code,
                section,
                problem,
                format!("publish an MX record at {domain}"),
            )
            .about(domain),
        );
    }

    async fn reachability(&self, domain: &DomainName) -> Result<Reachability, LookupError> {
        let exchangers = records_at(domain.as_name(), RecordType::MX, self.resolver).await?;
        let is_null = |record: &RecordData| matches!(record, RecordData::Mx { exchange, .. } if exchange.is_root());
        if exchangers.iter().any(is_null) {
            return Ok(Reachability::NullMx);
        }
        if !exchangers.is_empty() {
            return Ok(Reachability::Reachable);
        }
        for family in [RecordType::A, RecordType::AAAA] {
            if !records_at(domain.as_name(), family, self.resolver)
                .await?
                .is_empty()
            {
                return Ok(Reachability::Reachable);
            }
        }
        Ok(Reachability::Nowhere)
    }
}

enum Reachability {
    Reachable,
    NullMx,
    Nowhere,
}
