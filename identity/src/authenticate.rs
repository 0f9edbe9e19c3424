//! SPF, DKIM and DMARC of one message, as a receiver judges it.

use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_dkim::{DkimResult, VerifyLimits};
use letterhead_dmarc::{DkimEvidence, EvidenceResult, Origin, SpfEvidence};
use letterhead_dns::{DomainName, Resolver};
use letterhead_mail::authentication_results::{Method, PropertyType};
use letterhead_mail::{
    AuthenticationResults, Message, MethodResult, ReversePath, parse_mailbox_list,
};
use letterhead_spf::{Limits, Query, SpfResult};

/// What a receiver knows about how a message came.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Arrival<'a> {
    /// The address the connection came from.
    pub client: IpAddr,
    /// What the client said in EHLO or HELO.
    pub helo: &'a str,
    /// The envelope's sender.
    pub mail_from: &'a ReversePath,
    /// When it came.
    pub now: SystemTime,
}

impl<'a> Arrival<'a> {
    /// An arrival.
    #[must_use]
    pub fn new(client: IpAddr, helo: &'a str, mail_from: &'a ReversePath, now: SystemTime) -> Self {
        Self {
            client,
            helo,
            mail_from,
            now,
        }
    }
}

/// Checks a message's SPF, DKIM signatures and DMARC, and writes down what was found as `authserv_id`
/// ([RFC 8601](https://www.rfc-editor.org/rfc/rfc8601)).
///
/// This is the one place of the library where evidence for DMARC is asserted from what the verifiers found.
pub async fn authenticate(
    message: &Message,
    arrival: &Arrival<'_>,
    authserv_id: &DomainName,
    resolver: &dyn Resolver,
) -> Authenticated {
    let mail_from = arrival.mail_from.to_string();
    let query = Query::mail_from(arrival.client, &mail_from, arrival.helo)
        .with_receiver(authserv_id.as_str())
        .with_now(arrival.now);
    let spf = letterhead_spf::check_host(&query, resolver, &Limits::default()).await;
    let dkim = letterhead_dkim::verify(
        message.as_bytes(),
        resolver,
        arrival.now,
        &VerifyLimits::default(),
    )
    .await;
    let dmarc = match author_domain(message) {
        Ok(author_domain) => {
            let spf_evidence = spf.domain_name().map(|checked| {
                SpfEvidence::assertion(checked, spf_evidence(spf.result), Origin::Verifier)
            });
            let dkim_evidence: Vec<DkimEvidence> = dkim.iter().filter_map(evidence_of).collect();
            Ok(letterhead_dmarc::evaluate(
                &author_domain,
                spf_evidence.as_ref(),
                &dkim_evidence,
                resolver,
            )
            .await)
        }
        Err(problem) => Err(problem),
    };
    let mut results =
        AuthenticationResults::new(authserv_id.clone()).with(spf_clause(&spf, arrival));
    if dkim.is_empty() {
        results = results.with(MethodResult::new(Method::DKIM, "none"));
    }
    for verdict in &dkim {
        results = results.with(dkim_clause(verdict));
    }
    results = results.with(dmarc_clause(&dmarc));
    Authenticated {
        spf,
        dkim,
        dmarc: dmarc.ok(),
        results,
    }
}

/// What a receiver found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Authenticated {
    /// SPF of the envelope's sender.
    pub spf: letterhead_spf::Verdict,
    /// Each DKIM signature, in the message's order.
    pub dkim: Vec<letterhead_dkim::Verdict>,
    /// DMARC of the From domain; `None` where From names no domain, or several, and nothing can be judged.
    pub dmarc: Option<letterhead_dmarc::Verdict>,
    /// All of it as a header field says it.
    pub results: AuthenticationResults,
}

/// The one domain of the message's authors. Only the domains matter here, so this reads what the grammar allows, quoted
/// local parts included, where [`Message::authors`] is stricter because it authorises.
pub(crate) fn author_domain(message: &Message) -> Result<DomainName, &'static str> {
    let mut fields = message.headers_named("From");
    let (Some(from), None) = (fields.next(), fields.next()) else {
        return Err("From is missing or repeated");
    };
    let authors = parse_mailbox_list(from.value()).map_err(|_| "From is not readable")?;
    let mut domains: Vec<Option<&DomainName>> = authors
        .iter()
        .map(|author| author.address().domain_name())
        .collect();
    domains.dedup();
    match domains.as_slice() {
        [Some(only)] => Ok((*only).clone()),
        _ => Err("From does not name one domain"),
    }
}

pub(crate) fn spf_evidence(result: SpfResult) -> EvidenceResult {
    match result {
        SpfResult::Pass => EvidenceResult::Pass,
        SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => EvidenceResult::Fail,
        SpfResult::TempError => EvidenceResult::TempError,
        SpfResult::PermError => EvidenceResult::PermError,
        SpfResult::None => EvidenceResult::None,
    }
}

/// None where the domain is testing: such mail is as if it were not signed
/// ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)).
pub(crate) fn evidence_of(verdict: &letterhead_dkim::Verdict) -> Option<DkimEvidence> {
    if verdict.is_testing() {
        return None;
    }
    let result = match verdict.result() {
        DkimResult::Pass => EvidenceResult::Pass,
        DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy => EvidenceResult::Fail,
        DkimResult::TempError => EvidenceResult::TempError,
        DkimResult::PermError => EvidenceResult::PermError,
    };
    let selector = verdict
        .selector()
        .map(ToString::to_string)
        .unwrap_or_default();
    Some(DkimEvidence::assertion(
        verdict.domain()?.clone(),
        &selector,
        result,
        Origin::Verifier,
    ))
}

fn spf_clause(spf: &letterhead_spf::Verdict, arrival: &Arrival<'_>) -> MethodResult {
    let clause = MethodResult::new(Method::SPF, spf.result.as_str());
    match arrival.mail_from {
        ReversePath::Null => clause.property(PropertyType::SMTP, "helo", arrival.helo),
        ReversePath::Address(address) => {
            clause.property(PropertyType::SMTP, "mailfrom", &address.to_string())
        }
    }
}

fn dkim_clause(verdict: &letterhead_dkim::Verdict) -> MethodResult {
    let found = letterhead_dkim::ResultClause::new(verdict);
    let mut clause = MethodResult::new(Method::DKIM, &found.result().to_string());
    if let Some(reason) = found.reason() {
        clause = clause.reason(reason);
    }
    found.properties().fold(clause, |clause, (name, value)| {
        clause.property(PropertyType::HEADER, name, value)
    })
}

fn dmarc_clause(dmarc: &Result<letterhead_dmarc::Verdict, &'static str>) -> MethodResult {
    match dmarc {
        Ok(verdict) => MethodResult::new(Method::DMARC, &verdict.result().to_string()).property(
            PropertyType::HEADER,
            "from",
            verdict.author_domain().as_str(),
        ),
        Err(problem) => MethodResult::new(Method::DMARC, "permerror").reason(problem),
    }
}
