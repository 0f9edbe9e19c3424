//! What is wrong with a policy, the DNS taken into account.

mod wanted;

use std::iter::successors;
use std::net::IpAddr;

use letterhead_dns::{Finding, LookupErrorKind, Name, RecordType, Severity, Txt};

use super::{in_text, no_record, terms};
use crate::address_set::AddressSet;
use crate::audit::explanation::PublishedExplanation;
use crate::audit::{Audit, Branch, BranchTerm};
use crate::check::lookup::Lookup;
use crate::check::outcome::ExplanationProblem;
use crate::check::reason::Reason;
use crate::limits::Limits;
use crate::lint::code::Code;
use crate::record::term::{Directive, Mechanism};

impl Audit {
    /// Looks for what is wrong with the policy: with the text of the domain's record as [`lint`](crate::lint()) does, and
    /// with what the DNS says about its terms. Senders that were wanted of [`audit_for`](crate::audit_for) are authorised
    /// also by a record that is included, and by networks that hold all their addresses.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding<Code>> {
        let texts: Vec<Txt> = self.tree.texts().cloned().collect();
        let mut findings = in_text(&texts);
        match &self.tree.problem {
            Some(Reason::NoRecord) => {
                let wanted: Vec<Directive> = self.wanted_directives().collect();
                findings.push(no_record(&wanted));
            }
            Some(Reason::Syntax(_) | Reason::SeveralRecords(_)) | None => {}
            Some(problem) => findings.push(Finding::new(
                Code::LookupFailed,
                "",
                problem.to_string(),
                String::from("try again when the DNS answers"),
            )),
        }
        for branch in successors(self.tree.redirected(), |branch| branch.redirected()) {
            if let Some(record) = &branch.record {
                let found = terms::lint(record).into_iter();
                findings.extend(found.map(|finding| finding.of(&branch.domain)));
            }
        }
        self.tree.visit(&mut |branch| {
            for term in &branch.terms {
                findings.extend(in_term(branch, term).map(|finding| finding.of(&branch.domain)));
            }
        });
        findings.extend(self.explanations.iter().filter_map(explanation));
        findings.extend(self.limits(&findings));
        findings.extend(self.everyone(&findings));
        findings.extend(self.missing_ip6());
        findings.extend(self.wide(&findings));
        findings.extend(self.missing_senders());
        for finding in &mut findings {
            finding
                .domain
                .get_or_insert_with(|| self.domain.as_str().to_owned());
        }
        findings
    }

    /// Limits that the tree as a whole exceeds.
    fn limits(&self, known: &[Finding<Code>]) -> Vec<Finding<Code>> {
        let (cost, limits) = (self.tree.cost, Limits::default());
        let mut findings = Vec::new();
        let is_known = known
            .iter()
            .any(|finding| finding.code == Code::TooManyLookups);
        if cost.lookups > limits.lookups() && !is_known {
            let mut most: Vec<(usize, &str)> = self
                .tree
                .terms
                .iter()
                .map(|term| (term.cost.lookups, self.tree.text_of(term)))
                .collect();
            most.sort_by_key(|(lookups, _)| std::cmp::Reverse(*lookups));
            let most: Vec<String> = most
                .iter()
                .take(3)
                .filter(|(lookups, _)| *lookups > 0)
                .map(|(lookups, text)| format!("`{text}` ({lookups})"))
                .collect();
            findings.push(Finding::new(
                Code::TooManyLookups,
                "",
                format!(
                    "with the records it includes, {} terms cause lookups and {} are allowed",
                    cost.lookups,
                    limits.lookups()
                ),
                format!(
                    "remove terms, or flatten some; most are caused by {}",
                    most.join(", ")
                ),
            ));
        }
        let allowed = limits.void_lookups();
        if cost.void_ip4 > allowed || cost.void_ip6 > allowed {
            let clients = match (cost.void_ip4 > allowed, cost.void_ip6 > allowed) {
                (true, true) => "",
                (true, false) => " of IPv4 clients",
                _ => " of IPv6 clients",
            };
            let mut finding = Finding::new(
                Code::TooManyVoidLookups,
                "",
                format!(
                    "in checks{clients}, {} terms find nothing and {allowed} are allowed",
                    cost.void_ip4.max(cost.void_ip6)
                ),
                String::from(
                    "remove terms for hosts that are gone, or name addresses in place of hosts",
                ),
            );
            if cost.void_ip4 <= allowed {
                finding.severity = Severity::Warning;
            }
            findings.push(finding);
        }
        findings
    }

    /// Every address passes, and no `+all` that is seen in the text says so.
    fn everyone(&self, known: &[Finding<Code>]) -> Option<Finding<Code>> {
        if known.iter().any(|finding| finding.code == Code::PlusAll) {
            return None;
        }
        let families = [
            (AddressSet::all_ip4(), "IPv4"),
            (AddressSet::all_ip6(), "IPv6"),
        ];
        let (every, family) = families
            .into_iter()
            .find(|(every, _)| self.authorised().covers(every))?;
        let term = self
            .tree
            .terms
            .iter()
            .find(|term| term.addresses.covers(&every));
        Some(Finding::new(
            Code::PlusAll,
            term.map_or("", |term| self.tree.text_of(term)),
            format!("every {family} host on the internet may send for the domain"),
            String::from("remove the term that passes them"),
        ))
    }

    /// Mail hosts that pass with their IPv4 address and not with their IPv6 address.
    fn missing_ip6(&self) -> Option<Finding<Code>> {
        let pass = self.authorised();
        if pass.is_empty() || self.tree.problem.is_some() {
            return None;
        }
        let has_no_ip6 = pass.ip6_networks().next().is_none();
        self.exchangers.iter().find_map(|exchanger| {
            let passes = |address: &IpAddr| pass.contains(*address);
            let sends = exchanger.addresses.iter().any(passes);
            let missing = exchanger
                .addresses
                .iter()
                .find(|address| address.is_ipv6() && !passes(address))?;
            if !sends && !has_no_ip6 {
                return None;
            }
            let mut finding = Finding::new(
                Code::Ip6Missing,
                "",
                format!(
                    "the mail exchanger {} has the address {missing}, which does not pass",
                    exchanger.name
                ),
                format!("if it sends mail too, add `mx` or `ip6:{missing}`"),
            );
            if !sends {
                finding.severity = Severity::Advice;
            }
            Some(finding)
        })
    }

    /// So many addresses pass that hardly all are the domain's.
    fn wide(&self, known: &[Finding<Code>]) -> Option<Finding<Code>> {
        let count = self.authorised().ip4_count();
        let is_known =
            |finding: &Finding<Code>| matches!(finding.code, Code::WideNetwork | Code::PlusAll);
        if count <= WIDE || known.iter().any(is_known) {
            return None;
        }
        let most = self.tree.terms.iter().max_by_key(|term| {
            let passes = self.authorised().intersection(&term.addresses);
            passes.ip4_count()
        });
        Some(Finding::new(
            Code::WideNetwork,
            most.map_or("", |term| self.tree.text_of(term)),
            format!("{count} IPv4 addresses pass, which are hardly all the domain's"),
            String::from("name the networks that send"),
        ))
    }
}

/// What the DNS says about a term.
fn in_term(branch: &Branch, term: &BranchTerm) -> Option<Finding<Code>> {
    let published = branch.published(term)?;
    let (code, problem, remedy) = match &term.problem {
        Some(problem) => of_problem(problem)?,
        None => match &term.nested {
            Some(nested) if nested.problem.is_some() => of_problem(nested.problem.as_ref()?)?,
            Some(nested)
                if published.directive().is_some()
                    && !nested.depends_on_sender
                    && nested.coverage.pass.is_empty()
                    && nested.coverage.error.is_empty() =>
            {
                (
                    Code::VoidLookup,
                    String::from("the record there passes nobody"),
                    String::from("remove the term, or correct the name"),
                )
            }
            Some(_) => return None,
            None if !term.addresses.is_empty() => {
                let host = missing_host(term)?;
                (
                    Code::VoidLookup,
                    format!("the host {host} has no address"),
                    String::from("remove it from the MX records, or give it an address"),
                )
            }
            None if !term.lookups.is_empty() && term.in_error.is_empty() => {
                let is_mx = published
                    .directive()
                    .is_some_and(|directive| matches!(directive.mechanism(), Mechanism::Mx(_)));
                if is_mx && term.lookups.len() == 1 {
                    (
                        Code::MxWithoutMx,
                        String::from("the domain has no mail exchanger"),
                        String::from("remove the term, or name the hosts that send"),
                    )
                } else {
                    (
                        Code::VoidLookup,
                        String::from("nothing is found there"),
                        String::from("remove the term, or correct the name"),
                    )
                }
            }
            None => return None,
        },
    };
    Some(Finding::new(code, branch.text_of(term), problem, remedy).at(published.span()))
}

/// A mail exchanger that has no address while others have.
fn missing_host(term: &BranchTerm) -> Option<&Name> {
    let hosts = term
        .lookups
        .iter()
        .filter(|lookup| lookup.record_type == RecordType::A);
    let mut missing = hosts.filter(|lookup| {
        let both = term
            .lookups
            .iter()
            .filter(|other| other.name == lookup.name);
        both.filter(|other| other.record_type != RecordType::MX)
            .all(Lookup::is_void)
    });
    missing.next().map(|lookup| &lookup.name)
}

fn of_problem(problem: &Reason) -> Option<(Code, String, String)> {
    let code = match problem {
        Reason::NoRecordAtTarget { target } => {
            return Some((
                Code::IncludeWithoutRecord,
                format!(
                    "a permanent error: {} has no SPF record",
                    target.escape_debug()
                ),
                String::from(
                    "remove the term, correct the name, or write `a:` where the host itself sends",
                ),
            ));
        }
        Reason::Loop => {
            return Some((
                Code::Loop,
                String::from("a permanent error: the record there leads back to itself"),
                String::from("remove the term that does"),
            ));
        }
        Reason::TooManyExchangers { found, limit } => {
            return Some((
                Code::TooManyExchangers,
                format!("a permanent error: {found} mail exchangers, and {limit} are allowed"),
                String::from("name their networks in place of `mx`"),
            ));
        }
        Reason::Syntax(_) | Reason::SeveralRecords(_) | Reason::BadDomain(_) => Code::IncludeBroken,
        Reason::BadTarget(_) => Code::VoidLookup,
        Reason::Lookup(_) | Reason::DeadlinePassed => {
            return Some((
                Code::LookupFailed,
                format!("a temporary error: {problem}"),
                String::from("try again later; if it stays, remove the term"),
            ));
        }
        Reason::TooDeep { .. } | Reason::NotFollowed { .. } => Code::NotFollowed,
        Reason::Matched
        | Reason::NoMatch
        | Reason::NoRecord
        | Reason::TooManyLookups { .. }
        | Reason::TooManyVoidLookups { .. } => return None,
    };
    let remedy = match code {
        Code::IncludeBroken => {
            "remove the term until the owner of that domain has corrected the record"
        }
        Code::NotFollowed => "make the policy smaller",
        _ => "remove the term, or correct the name",
    };
    Some((code, problem.to_string(), remedy.to_owned()))
}

/// A network of prefix length 8.
const WIDE: u64 = 1 << 24;

fn explanation(explanation: &PublishedExplanation) -> Option<Finding<Code>> {
    let problem = explanation.problem?;
    let (code, remedy) = match problem {
        ExplanationProblem::Lookup(LookupErrorKind::Temporary | LookupErrorKind::Malformed) => {
            (Code::LookupFailed, "try again when the DNS answers")
        }
        ExplanationProblem::Syntax => (
            Code::Explanation,
            "write printable ASCII there, with `%%` for a percent sign",
        ),
        _ => (
            Code::Explanation,
            "publish one TXT record there with the text, or remove `exp`",
        ),
    };
    let problem = format!("checks leave the explanation out: {problem}");
    let finding = Finding::new(code, explanation.text.clone(), problem, remedy.to_owned());
    Some(finding.at(explanation.span.clone()).of(&explanation.domain))
}
