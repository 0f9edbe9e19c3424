//! What is wrong with the policy of a domain, the DNS taken into account.

use letterhead_dns::{DomainName, Finding, LookupError, RecordType, Resolver, Txt};

use super::near_miss::near_miss;
use super::{FIRST_RECORD, in_text, read};
use crate::destination::{DestinationVerdict, Refusal, check_destinations};
use crate::discovery::{DiscoveryOutcome, discover, organizational_domain};
use crate::lint::code::Code;
use crate::record::Record;

/// Looks for what is wrong with the policy of a domain: with the text of its record as [`lint`](crate::lint()) does, and
/// with what the DNS says. That is whether a record stands where nobody looks, whether one above applies, whether `sp` and
/// `np` are read, and whether those who are to get reports take them.
///
/// A lookup that fails is a finding.
///
/// ```
/// use letterhead_dmarc::lint_published;
/// use letterhead_dns::{DomainName, Zone, block_on_ready};
///
/// let zone: Zone = "example.org TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.org\"".parse()?;
/// let domain: DomainName = "example.org".parse()?;
/// let findings = block_on_ready(lint_published(&domain, &zone)).expect("ready at once");
/// let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
/// assert_eq!(codes, ["wrong-place", "no-record"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn lint_published(domain: &DomainName, resolver: &dyn Resolver) -> Vec<Finding<Code>> {
    let texts = match texts(&format!("_dmarc.{domain}"), resolver).await {
        Ok(texts) => texts,
        Err(error) => return vec![lookup_failed(&error).of(domain.as_str())],
    };
    let mut findings = in_text(&texts);
    let mut records = texts.iter().filter_map(read);
    match (records.next(), records.next()) {
        (None, _) => {
            findings.extend(elsewhere(domain, resolver).await);
            findings.push(absent(domain, resolver).await);
        }
        (Some(record), None) => findings.extend(in_effect(domain, &record, resolver).await),
        (Some(_), Some(_)) => {}
    }
    findings
        .into_iter()
        .map(|finding| finding.of(domain.as_str()))
        .collect()
}

/// The TXT records of a name; none where it does not exist or cannot.
async fn texts(name: &str, resolver: &dyn Resolver) -> Result<Vec<Txt>, LookupError> {
    let Ok(name) = name.parse::<DomainName>() else {
        return Ok(Vec::new());
    };
    match resolver.lookup(name.as_name(), RecordType::TXT).await {
        Ok(answer) => Ok(answer.txts().cloned().collect()),
        Err(error) if error.is_no_such_name() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Records at the names where they are published by mistake.
async fn elsewhere(domain: &DomainName, resolver: &dyn Resolver) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    for (place, remedy) in [
        (
            domain.to_string(),
            format!("publish it at `_dmarc.{domain}`"),
        ),
        (
            format!("dmarc.{domain}"),
            format!("publish it at `_dmarc.{domain}`, with the underscore"),
        ),
        (
            format!("_dmarc.{domain}.{domain}"),
            format!("publish it at `_dmarc.{domain}`; in a zone file end that name in a dot"),
        ),
    ] {
        // These are guesses, about which a lookup that fails says nothing.
        for text in texts(&place, resolver).await.unwrap_or_default() {
            let octets = text.joined();
            let is_meant = read(&text).is_some()
                || near_miss(&octets).is_some_and(|finding| finding.code == Code::NearMiss);
            if is_meant {
                findings.push(Finding::new(
                    Code::WrongPlace,
                    String::from_utf8_lossy(&octets),
                    format!("it stands at {place}, where no receiver looks for it"),
                    remedy.clone(),
                ));
            }
        }
    }
    findings
}

/// What applies to a domain without a record of its own.
async fn absent(domain: &DomainName, resolver: &dyn Resolver) -> Finding<Code> {
    let discovery = discover(domain, resolver).await;
    let policy = match discovery.outcome() {
        DiscoveryOutcome::Failed(error) => return lookup_failed(error),
        DiscoveryOutcome::NoRecord => {
            return Finding::new(
                Code::NoRecord,
                "",
                String::from(
                    "neither the domain nor one above it has a DMARC record, so that nothing is asked for mail that is forged",
                ),
                String::from(FIRST_RECORD),
            );
        }
        DiscoveryOutcome::DoesNotApply(policy) => {
            return Finding::new(
                Code::NoRecord,
                policy.record().to_string(),
                format!(
                    "the domain has no DMARC record, and that of {} does not apply",
                    policy.domain()
                ),
                String::from(FIRST_RECORD),
            );
        }
        DiscoveryOutcome::Found(policy) => policy,
    };
    let asked = policy
        .record()
        .requested_policy(policy.subject())
        .map_or_else(|| String::from("nothing"), |policy| policy.to_string());
    Finding::new(
        Code::Inherited,
        policy.record().to_string(),
        format!(
            "the domain has no record of its own, and that of {} applies, which asks for {asked}",
            policy.domain()
        ),
        format!("publish one at `_dmarc.{domain}` if something else is meant for it"),
    )
}

/// What the DNS says about a record that applies.
async fn in_effect(
    domain: &DomainName,
    record: &Record,
    resolver: &dyn Resolver,
) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    let has_subdomain_tags =
        record.subdomain_policy().is_some() || record.nonexistent_subdomain_policy().is_some();
    if has_subdomain_tags {
        match organizational_domain(domain, resolver).await {
            Err(error) => findings.push(lookup_failed(&error)),
            Ok(found) if found.domain() != domain => findings.push(Finding::new(
                Code::NotOrganizational,
                "",
                format!(
                    "sp and np are read at the organizational domain only, which is {}",
                    found.domain()
                ),
                String::from(
                    "remove them, or add `psd=n` to make the domain an organization of its own",
                ),
            )),
            Ok(_) => {}
        }
    }
    for destination in check_destinations(domain, record, resolver).await {
        let (tag, uri) = (destination.kind().tag(), destination.uri().as_str());
        let finding = match destination.verdict() {
            DestinationVerdict::Internal | DestinationVerdict::Accepted => continue,
            DestinationVerdict::AcceptedElsewhere(addresses) => {
                let addresses: Vec<&str> = addresses.iter().map(AsRef::as_ref).collect();
                let addresses = addresses.join(",");
                // To be named in full by its own host is no news.
                if addresses == uri {
                    continue;
                }
                Finding::new(
                    Code::ReportElsewhere,
                    uri,
                    format!("its host wants the reports at {addresses}"),
                    format!("write `{tag}={addresses}`"),
                )
            }
            DestinationVerdict::NotAccepted(refusal) => Finding::new(
                Code::ReportNotAccepted,
                uri,
                format!("no reports are sent there: {refusal}"),
                accept_remedy(refusal),
            ),
            DestinationVerdict::Failed(error) => {
                let mut finding = lookup_failed(error);
                uri.clone_into(&mut finding.text);
                finding
            }
        };
        findings.push(finding);
    }
    findings
}

fn accept_remedy(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoRecord { name } => format!(
            "have its owner publish `{name}. TXT \"v=DMARC1\"`, or name an address in the domain"
        ),
        Refusal::OtherHost { .. } => String::from("have its owner correct that record"),
        Refusal::NameTooLong | Refusal::NoHost => String::from("name an address in the domain"),
        Refusal::TooManyHosts => String::from("name fewer addresses"),
    }
}

fn lookup_failed(error: &LookupError) -> Finding<Code> {
    Finding::new(
        Code::LookupFailed,
        "",
        error.to_string(),
        String::from("try again when the DNS answers"),
    )
}
