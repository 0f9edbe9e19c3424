//! What a domain's policy consists of, found out without a sender.

pub mod coverage;
mod draw;
pub mod explanation;
pub(crate) mod memo;
pub mod provider;
pub(crate) mod walk;

use std::ops::{Add, AddAssign};
use std::time::Duration;

use letterhead_dns::{Answer, DomainName, Name, Resolver, Txt};

use self::coverage::Coverage;
use self::explanation::PublishedExplanation;
use self::walk::Walk;
use crate::address_set::AddressSet;
use crate::audit::provider::Provider;
use crate::check::lookup::Lookup;
use crate::check::reason::Reason;
use crate::record::Record;
use crate::record::parser::has_version;
use crate::record::term::{Directive, Term};

/// Follows every `include` and `redirect` of a domain's policy and looks up every host it names, for all clients at once.
///
/// The whole tree is followed, also where it goes beyond the limits that a check has, so that it shows what to remove;
/// only loops and hostile trees (more than 200 records, 5,000 terms or 50,000 addresses) are cut, and say so. To audit
/// a record before it is published, give a resolver that answers with it, such as
/// [`Overlay`](letterhead_dns::Overlay).
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_spf::audit;
///
/// let zone: Zone = r#"
/// example.org.        300 IN TXT "v=spf1 include:amazonses.com ip4:192.0.2.0/31 ~all"
/// amazonses.com.      300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
/// "#.parse()?;
/// let domain = "example.org".parse()?;
/// let audit = block_on_ready(audit(&domain, &zone)).expect("a zone in memory answers at once");
/// assert_eq!(audit.lookups(), 1);
/// assert_eq!(audit.authorised().ip4_count(), 258);
/// assert_eq!(audit.providers()[0].name, "Amazon SES");
/// println!("{audit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn audit(domain: &DomainName, resolver: &dyn Resolver) -> Audit {
    audit_for(domain, &[], resolver).await
}

/// [`audit()`], with senders that the policy should authorise: their addresses and lookups are found out too, so that
/// [`Audit::lint`] can tell whether they pass and what adding them would cost.
pub async fn audit_for(
    domain: &DomainName,
    wanted: &[Directive],
    resolver: &dyn Resolver,
) -> Audit {
    let mut walk = Walk::new(resolver);
    let mut audit = follow(domain, &mut walk).await;
    audit.exchangers = walk.exchangers(domain.as_name()).await;
    audit.explanations = walk.explanations(&audit.tree).await;
    for directive in wanted {
        let found = walk.wanted(directive.mechanism(), domain.as_str()).await;
        audit.wanted.push(WantedSender {
            directive: directive.clone(),
            found,
        });
    }
    audit
}

/// The policy alone, for who does not lint it: nothing is looked up but what it leads to.
pub(crate) async fn follow(domain: &DomainName, walk: &mut Walk<'_>) -> Audit {
    Audit {
        domain: domain.clone(),
        tree: walk.branch(domain.as_str().to_owned()).await,
        exchangers: Vec::new(),
        explanations: Vec::new(),
        wanted: Vec::new(),
    }
}

/// A domain's policy, laid open. `Display` draws it as a tree.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Audit {
    /// The domain.
    pub domain: DomainName,
    /// Its record, and below it every record that it leads to.
    pub tree: Branch,
    /// The hosts that take the domain's mail, which often send it too.
    pub exchangers: Vec<Exchanger>,
    /// What it says to those whose mail fails.
    pub explanations: Vec<PublishedExplanation>,
    /// The senders that it should authorise.
    pub wanted: Vec<WantedSender>,
}

impl Audit {
    /// How many terms count as lookups in the check of a client that nothing matches: the most a check can need. Up to
    /// ten are allowed ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn lookups(&self) -> usize {
        self.tree.cost.lookups
    }

    /// The addresses that pass, where who the sender is makes no difference; the limits of a check are not applied.
    #[must_use]
    pub fn authorised(&self) -> &AddressSet {
        &self.tree.coverage.pass
    }

    /// Whether some terms match or not by what the sender or client says or is called, so that more addresses may pass, or
    /// fewer, than [`authorised`](Self::authorised) holds.
    #[must_use]
    pub fn depends_on_sender(&self) -> bool {
        self.tree.depends_on_sender
    }

    /// The services that terms anywhere in the tree stand for, each once, in order.
    #[must_use]
    pub fn providers(&self) -> Vec<&'static Provider> {
        let mut found = Vec::new();
        self.tree.visit(&mut |branch| {
            for provider in branch.terms.iter().filter_map(|term| term.provider) {
                if !found.contains(&provider) {
                    found.push(provider);
                }
            }
        });
        found
    }

    /// The shortest time to live of what the domain's record leads to: after that, its addresses may be others. `None`
    /// where it leads nowhere.
    #[must_use]
    pub fn shortest_ttl(&self) -> Option<Duration> {
        let mut shortest: Option<Duration> = None;
        let mut note = |lookup: &Lookup| {
            if let Ok(answer) = &lookup.answer
                && !answer.is_empty()
            {
                let ttl = answer.ttl();
                shortest = Some(shortest.map_or(ttl, |before| before.min(ttl)));
            }
        };
        self.tree.visit(&mut |branch| {
            for term in &branch.terms {
                term.lookups.iter().for_each(&mut note);
                let nested = term.nested.as_ref();
                nested
                    .and_then(|nested| nested.lookup.as_ref())
                    .into_iter()
                    .for_each(&mut note);
            }
        });
        shortest
    }
}

/// A record in the tree of a policy.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Branch {
    /// The domain whose record it is.
    pub domain: String,
    /// The lookup of the record; `None` where none was made.
    pub lookup: Option<Lookup>,
    /// The record, where there is exactly one and it is valid.
    pub record: Option<Record>,
    /// Why there is no record to follow.
    pub problem: Option<Reason>,
    /// The terms a check can come to, in order: none after `all`, and `redirect` last.
    pub terms: Vec<BranchTerm>,
    /// What its terms cost together, those of records below included.
    pub cost: Cost,
    /// Which addresses get which result from it.
    pub coverage: Coverage,
    /// Whether some of its terms, or of the records below, depend on the sender.
    pub depends_on_sender: bool,
}

impl Branch {
    /// The octets of all TXT records at the name. RFC 7208 advises to stay below 450
    /// ([RFC 7208 §3.4](https://www.rfc-editor.org/rfc/rfc7208#section-3.4)).
    #[must_use]
    pub fn text_octets(&self) -> usize {
        self.texts().map(|text| text.octets().len()).sum()
    }

    /// How many character-strings of at most 255 octets the record is published in; zero without a record.
    #[must_use]
    pub fn strings(&self) -> usize {
        let records = self.texts().filter(|text| has_version(text.octets()));
        records.map(|text| text.strings().count()).sum()
    }

    /// The TXT records at the name.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Txt> {
        let answers = self.lookup.iter().flat_map(|lookup| &lookup.answer);
        answers.flat_map(Answer::txts)
    }

    /// A term of the record, as published.
    #[must_use]
    pub fn published(&self, term: &BranchTerm) -> Option<&Term> {
        self.record.as_ref()?.terms().get(term.index)
    }

    /// The record that takes the place of this one where nothing matches: that of `redirect`.
    #[must_use]
    pub fn redirected(&self) -> Option<&Self> {
        let last = self.terms.last()?;
        let is_redirect = self.published(last)?.directive().is_none();
        last.nested.as_deref().filter(|_| is_redirect)
    }

    /// A term's text, as published.
    #[must_use]
    pub fn text_of<'a>(&'a self, term: &BranchTerm) -> &'a str {
        let text = |record: &'a Record| Some(record.text_of(self.published(term)?));
        self.record.as_ref().and_then(text).unwrap_or_default()
    }

    /// Calls the function with this record and every one below, from the top down.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        for nested in self.terms.iter().filter_map(|term| term.nested.as_deref()) {
            nested.visit(see);
        }
    }
}

/// A term of a [`Branch`], and what it comes to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BranchTerm {
    /// Which term of the record it is, counted from 0.
    pub index: usize,
    /// The domain it names; `None` where it names none or where that depends on the sender.
    pub target: Option<String>,
    /// The lookups made for it, except those of a record below.
    pub lookups: Vec<Lookup>,
    /// What it costs a check, a record below included.
    pub cost: Cost,
    /// The addresses it matches.
    pub addresses: AddressSet,
    /// The addresses for which it is an error.
    pub in_error: AddressSet,
    /// Whether it matches more or fewer, depending on the sender.
    pub depends_on_sender: bool,
    /// What is wrong with it.
    pub problem: Option<Reason>,
    /// The record that `include` or `redirect` leads to.
    pub nested: Option<Box<Branch>>,
    /// The service whose domain it names.
    pub provider: Option<&'static Provider>,
}

impl BranchTerm {
    fn new(index: usize) -> Self {
        Self {
            index,
            target: None,
            lookups: Vec::new(),
            cost: Cost::default(),
            addresses: AddressSet::empty(),
            in_error: AddressSet::empty(),
            depends_on_sender: false,
            problem: None,
            nested: None,
            provider: None,
        }
    }
}

/// What terms cost a check whose client they do not match
/// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cost {
    /// How many terms count as lookups.
    pub lookups: usize,
    /// For how many terms a lookup finds nothing when the client is an IPv4 one.
    pub void_ip4: usize,
    /// For how many terms a lookup finds nothing when the client is an IPv6 one.
    pub void_ip6: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            lookups: self.lookups + other.lookups,
            void_ip4: self.void_ip4 + other.void_ip4,
            void_ip6: self.void_ip6 + other.void_ip6,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// A sender that a policy should authorise.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WantedSender {
    /// The term it asks for.
    pub directive: Directive,
    /// What the term would come to.
    pub found: BranchTerm,
}

/// A host that takes the domain's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchanger {
    /// Its name.
    pub name: Name,
    /// Its addresses.
    pub addresses: Vec<std::net::IpAddr>,
}
