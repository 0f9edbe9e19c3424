//! Follows a policy from record to record.

use std::net::{IpAddr, Ipv4Addr};

use letterhead_dns::{BoxFuture, Name, RecordData, RecordType, Resolver};

use super::coverage::{Coverage, coverage};
use super::memo::Memo;
use super::{Branch, BranchTerm, Cost, Exchanger};
use crate::address_set::AddressSet;
use crate::audit::provider::Provider;
use crate::check::bad_target::BadTarget;
use crate::check::expand::Values;
use crate::check::lookup::Lookup;
use crate::check::policy::policy_name;
use crate::check::query::{Query, query_name};
use crate::check::reason::Reason;
use crate::limits::{Limits, MAX_DEPTH};
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::network::{DualPrefix, Ip4Network, Ip6Network};
use crate::record::term::{HostSpec, Mechanism, Modifier, TermKind};

pub(crate) struct Walk<'a> {
    pub(super) memo: Memo<'a>,
    limits: Limits,
    /// For the expansion of domains that are the same for every sender.
    nobody: Query,
    /// The records that lead to the one looked at.
    path: Vec<Name>,
    branches: usize,
    terms: usize,
    records: usize,
}

impl<'a> Walk<'a> {
    /// Many more than the ten lookups of a check allow, few enough for a tree that doubles at each level.
    const MAX_BRANCHES: usize = 200;

    /// The terms of all records together: more than a record of 64 KiB has of any use.
    const MAX_TERMS: usize = 5000;

    /// The DNS records that terms find, each counted as often as a term finds it.
    const MAX_RECORDS: usize = 50_000;

    pub(crate) fn new(resolver: &'a dyn Resolver) -> Self {
        Self {
            memo: Memo::new(resolver),
            limits: Limits::default(),
            nobody: Query::helo(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "unknown"),
            path: Vec::new(),
            branches: 0,
            terms: 0,
            records: 0,
        }
    }

    /// The record of this domain and all that it leads to. Boxed, because records lead to records.
    pub(crate) fn branch(&mut self, domain: String) -> BoxFuture<'_, Branch> {
        Box::pin(async move {
            let mut branch = Branch {
                domain,
                lookup: None,
                record: None,
                problem: None,
                terms: Vec::new(),
                cost: Cost::default(),
                coverage: Coverage::all_in_error(),
                depends_on_sender: false,
            };
            match self.fetch(&mut branch).await {
                Ok(record) => {
                    self.terms(&record, &mut branch).await;
                    branch.record = Some(record);
                    self.path.pop();
                }
                Err(problem) => branch.problem = Some(problem),
            }
            branch
        })
    }

    /// What a term of this mechanism would come to in the domain's record.
    pub(crate) async fn wanted(&mut self, mechanism: &Mechanism, domain: &str) -> BranchTerm {
        let mut term = BranchTerm::new(0);
        self.directive(mechanism, domain, &mut term).await;
        term
    }

    /// The hosts that take mail for the domain, as far as they can be found.
    pub(crate) async fn exchangers(&mut self, domain: &Name) -> Vec<Exchanger> {
        let mut exchangers = Vec::new();
        let found = self.memo.lookup(domain.clone(), RecordType::MX).await;
        for name in found
            .iter()
            .flat_map(exchanges)
            .take(self.limits.exchangers())
        {
            let mut addresses = Vec::new();
            for record_type in [RecordType::A, RecordType::AAAA] {
                let found = self.memo.lookup(name.clone(), record_type).await;
                addresses.extend(found.iter().flat_map(addresses_in));
            }
            exchangers.push(Exchanger { name, addresses });
        }
        exchangers
    }

    /// Finds the record, and puts its name on the path where there is one.
    async fn fetch(&mut self, branch: &mut Branch) -> Result<Record, Reason> {
        let name = policy_name(&branch.domain)?;
        if self.path.contains(&name) {
            return Err(Reason::Loop);
        }
        if self.path.len() > MAX_DEPTH {
            return Err(Reason::TooDeep { limit: MAX_DEPTH });
        }
        self.branches += 1;
        if self.branches > Self::MAX_BRANCHES {
            let limit = Self::MAX_BRANCHES;
            return Err(Reason::NotFollowed { limit });
        }
        let lookup = self.memo.lookup(name.clone(), RecordType::TXT).await?;
        let lookup = branch.lookup.insert(lookup);
        let record = lookup.policy()?;
        self.path.push(name);
        Ok(record)
    }

    async fn terms(&mut self, record: &Record, branch: &mut Branch) {
        let mut counted_name = false;
        for (index, term) in record.terms().iter().enumerate() {
            let Some(directive) = term.directive() else {
                continue;
            };
            let mechanism = directive.mechanism();
            let mut found = BranchTerm::new(index);
            self.terms += 1;
            if self.terms > Self::MAX_TERMS {
                let limit = Self::MAX_TERMS;
                found.problem = Some(Reason::NotFollowed { limit });
                found.in_error = AddressSet::all();
                branch.terms.push(found);
                break;
            }
            self.directive(mechanism, &branch.domain, &mut found).await;
            let uses_name =
                |domain: &DomainSpec| domain.macro_string().uses(MacroLetter::ValidatedName);
            if !counted_name && mechanism.domain().is_some_and(uses_name) {
                counted_name = true;
                found.cost.lookups += 1;
            }
            branch.terms.push(found);
            if *mechanism == Mechanism::All {
                break;
            }
        }
        if record.all().is_none() {
            for (index, term) in record.terms().iter().enumerate() {
                if let TermKind::Modifier(Modifier::Redirect(domain)) = term.kind() {
                    let mut found = BranchTerm::new(index);
                    found.cost.lookups = 1;
                    self.follow(domain, &branch.domain, &mut found).await;
                    branch.terms.push(found);
                }
            }
        }
        for term in &branch.terms {
            branch.cost += term.cost;
            branch.depends_on_sender |= term.depends_on_sender;
        }
        branch.coverage = coverage(record, &branch.terms);
    }

    async fn directive(&mut self, mechanism: &Mechanism, domain: &str, term: &mut BranchTerm) {
        term.cost.lookups = usize::from(mechanism.counts_as_lookup());
        term.provider = Provider::named_by(mechanism);
        let found = match mechanism {
            Mechanism::All => {
                term.addresses = AddressSet::all();
                Ok(())
            }
            Mechanism::Ip4(network) => {
                term.addresses = [*network].into_iter().collect();
                Ok(())
            }
            Mechanism::Ip6(network) => {
                term.addresses = [*network].into_iter().collect();
                Ok(())
            }
            Mechanism::Include(target) => {
                self.follow(target, domain, term).await;
                if let Some(nested) = &term.nested {
                    term.addresses = nested.coverage.pass.clone();
                    term.in_error = nested.coverage.error.clone();
                }
                Ok(())
            }
            Mechanism::Ptr(_) => {
                term.depends_on_sender = true;
                Ok(())
            }
            Mechanism::A(host) => self.host(host, domain, term).await,
            Mechanism::Mx(host) => self.mail_hosts(host, domain, term).await,
            Mechanism::Exists(target) => self.exists(target, domain, term).await,
        };
        if let Err(problem) = found {
            // A domain that cannot be asked for does not match; anything else is an error for every client.
            if !matches!(problem, Reason::BadTarget(_)) {
                term.in_error = AddressSet::all();
            }
            term.problem = Some(problem);
        }
    }

    /// The record that `include` or `redirect` names.
    async fn follow(&mut self, target: &DomainSpec, domain: &str, term: &mut BranchTerm) {
        let target = match self.target(target, domain, term) {
            Ok(Some(target)) => target,
            Ok(None) => return,
            Err(problem) => {
                term.in_error = AddressSet::all();
                term.problem = Some(problem);
                return;
            }
        };
        let nested = self.branch(target.clone()).await;
        if nested.lookup.as_ref().is_some_and(Lookup::is_void) {
            term.cost += VOID;
        }
        term.cost += nested.cost;
        term.depends_on_sender = nested.depends_on_sender;
        term.problem = match nested.problem {
            Some(Reason::NoRecord) => Some(Reason::NoRecordAtTarget { target }),
            _ => None,
        };
        if nested.problem.is_some() {
            term.in_error = AddressSet::all();
        }
        term.nested = Some(Box::new(nested));
    }

    /// `a`.
    async fn host(
        &mut self,
        host: &HostSpec,
        domain: &str,
        term: &mut BranchTerm,
    ) -> Result<(), Reason> {
        let Some(name) = self.name(host.domain(), domain, term)? else {
            return Ok(());
        };
        let void = self.addresses(&name, host.prefix(), term).await?;
        term.cost += void;
        Ok(())
    }

    /// `mx`.
    async fn mail_hosts(
        &mut self,
        host: &HostSpec,
        domain: &str,
        term: &mut BranchTerm,
    ) -> Result<(), Reason> {
        let Some(name) = self.name(host.domain(), domain, term)? else {
            return Ok(());
        };
        let lookup = self.ask(name, RecordType::MX).await?;
        let names: Vec<Name> = exchanges(&lookup).collect();
        let (void, answer) = (lookup.is_void(), lookup.answer.clone());
        term.lookups.push(lookup);
        if void {
            term.cost += VOID;
            return Ok(());
        }
        let answer = answer.map_err(Reason::of_lookup)?;
        let (found, limit) = (answer.records().len(), self.limits.exchangers());
        if found > limit {
            return Err(Reason::TooManyExchangers { found, limit });
        }
        // However many of its hosts are not there, the term counts once.
        let mut missing = Cost::default();
        for name in names {
            let void = self.addresses(&name, host.prefix(), term).await?;
            missing.void_ip4 |= void.void_ip4;
            missing.void_ip6 |= void.void_ip6;
        }
        term.cost += missing;
        Ok(())
    }

    /// `exists`, whose address record matches clients of both families.
    async fn exists(
        &mut self,
        target: &DomainSpec,
        domain: &str,
        term: &mut BranchTerm,
    ) -> Result<(), Reason> {
        let Some(name) = self.name(Some(target), domain, term)? else {
            return Ok(());
        };
        let lookup = self.ask(name, RecordType::A).await?;
        let (void, answer) = (lookup.is_void(), lookup.answer.clone());
        term.lookups.push(lookup);
        if void {
            term.cost += VOID;
            return Ok(());
        }
        answer.map_err(Reason::of_lookup)?;
        term.addresses = AddressSet::all();
        Ok(())
    }

    /// Looks up the addresses of a host in both families, and says for which there are none.
    async fn addresses(
        &mut self,
        name: &Name,
        prefix: DualPrefix,
        term: &mut BranchTerm,
    ) -> Result<Cost, Reason> {
        let mut void = Cost::default();
        let families = [
            (RecordType::A, AddressSet::all_ip4(), &mut void.void_ip4),
            (RecordType::AAAA, AddressSet::all_ip6(), &mut void.void_ip6),
        ];
        for (record_type, family, missing) in families {
            let lookup = self.ask(name.clone(), record_type).await?;
            *missing = usize::from(lookup.is_void());
            match &lookup.answer {
                Err(error) if !error.is_no_such_name() => {
                    // Clients that a host before this one has are matched; for the others of the family it is an error.
                    let rest = family.difference(&term.addresses);
                    term.in_error = term.in_error.union(&rest);
                    term.problem = Some(Reason::of_lookup(error.clone()));
                }
                _ => {
                    let networks = networks_in(&lookup, prefix).difference(&term.in_error);
                    term.addresses = term.addresses.union(&networks);
                }
            }
            term.lookups.push(lookup);
        }
        Ok(void)
    }

    /// Looks up for a term.
    async fn ask(&mut self, name: Name, record_type: RecordType) -> Result<Lookup, Reason> {
        let lookup = self.memo.lookup(name, record_type).await?;
        self.records += lookup.records().len().max(1);
        if self.records > Self::MAX_RECORDS {
            let limit = Self::MAX_RECORDS;
            return Err(Reason::NotFollowed { limit });
        }
        Ok(lookup)
    }

    /// The name a term asks for; `None` where that depends on the sender.
    fn name(
        &self,
        spec: Option<&DomainSpec>,
        domain: &str,
        term: &mut BranchTerm,
    ) -> Result<Option<Name>, Reason> {
        let target = match spec {
            Some(spec) => self.target(spec, domain, term)?,
            None => Some(domain.to_owned()),
        };
        let malformed = |problem| Reason::BadTarget(BadTarget::Malformed(problem));
        target
            .map(|target| query_name(&target).map_err(malformed))
            .transpose()
    }

    /// The domain a term names; `None` where that depends on the sender.
    fn target(
        &self,
        spec: &DomainSpec,
        domain: &str,
        term: &mut BranchTerm,
    ) -> Result<Option<String>, Reason> {
        if spec.depends_on_sender() {
            term.depends_on_sender = true;
            return Ok(None);
        }
        let values = Values {
            query: &self.nobody,
            domain,
            validated: None,
        };
        let target = values.target(spec).map_err(Reason::BadTarget)?.to_string();
        term.target = Some(target.clone());
        Ok(Some(target))
    }
}

/// The hosts named by an MX answer; the root is the exchange of a null MX (RFC 7505) and no host.
fn exchanges(lookup: &Lookup) -> impl Iterator<Item = Name> {
    lookup.records().iter().filter_map(|record| match record {
        RecordData::Mx { exchange, .. } if !exchange.is_root() => Some(exchange.clone()),
        _ => None,
    })
}

fn addresses_in(lookup: &Lookup) -> impl Iterator<Item = IpAddr> {
    lookup.records().iter().filter_map(RecordData::address)
}

/// The networks of this prefix length around the addresses found.
fn networks_in(lookup: &Lookup, prefix: DualPrefix) -> AddressSet {
    let (mut ip4, mut ip6) = (Vec::new(), Vec::new());
    for address in addresses_in(lookup) {
        match address {
            IpAddr::V4(address) => ip4.extend(Ip4Network::new(address, prefix.ip4())),
            IpAddr::V6(address) => ip6.extend(Ip6Network::new(address, prefix.ip6())),
        }
    }
    let ip4: AddressSet = ip4.into_iter().collect();
    ip4.union(&ip6.into_iter().collect())
}

/// A lookup that finds nothing, whoever the client is.
const VOID: Cost = Cost {
    lookups: 0,
    void_ip4: 1,
    void_ip6: 1,
};
