//! Several plans of one domain in one.

use super::planned::PlannedRecord;
use super::{DnsPlan, PlanError, PlannedTerm, stricter};
use crate::profile::{Necessity, Purpose};

impl DnsPlan {
    /// One plan for a domain that sends in several ways: each record once, one SPF record with the terms of all of them,
    /// and one DMARC record. Published one after another, plans of one domain get into each other's way: a second SPF
    /// record makes every check end in a permanent error
    /// ([RFC 7208 §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.5)), and of two DMARC records none applies
    /// ([RFC 9989](https://www.rfc-editor.org/rfc/rfc9989)).
    ///
    /// Where providers advise different DMARC records, the first holds. It is complete when what each requires is there;
    /// where one provider takes SPF or DKIM and another wants both, both are wanted.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::time::SystemTime;
    ///
    /// use letterhead_identity::{DnsPlan, NewIdentity, Profile, Subject};
    ///
    /// let subject: Subject = "yourcompany.example".parse()?;
    /// let plan_of = |name: &str| -> Result<DnsPlan, Box<dyn std::error::Error>> {
    ///     let profile = Profile::built_in(name)?;
    ///     let new = NewIdentity::new("acme".parse()?, profile.id().clone(), subject.clone());
    ///     Ok(DnsPlan::preview(&profile, &new, &[], &BTreeMap::new(), SystemTime::UNIX_EPOCH)?)
    /// };
    /// let plan = DnsPlan::merge([plan_of("own-server")?, plan_of("mailgun")?])?;
    /// assert_eq!(plan.spf().len(), 2);
    /// assert_eq!(plan.to_string().matches("v=DMARC1").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no plan, they are not of one domain, or two of the records exclude each other.
    pub fn merge(plans: impl IntoIterator<Item = Self>) -> Result<Self, PlanError> {
        let mut plans = plans.into_iter();
        let mut merged = plans.next().ok_or(PlanError::NoDomain)?;
        for plan in plans {
            merged.add_plan(plan)?;
        }
        merged.sort();
        Ok(merged)
    }

    fn add_plan(&mut self, mut other: Self) -> Result<(), PlanError> {
        if other.domain != self.domain {
            return Err(PlanError::SeveralDomains);
        }
        other.name_sources_apart(self);
        if self.any_of != other.any_of {
            self.any_of.clear();
        }
        let earlier = self.records.len();
        for record in other.records {
            self.add_record_once(record);
        }
        self.check_clashes(earlier)?;
        for term in other.spf {
            self.add_term_once(term);
        }
        self.sources.extend(other.sources);
        self.obsolete.extend(other.obsolete);
        add_new(&mut self.profiles, other.profiles);
        add_new(&mut self.environments, other.environments);
        add_new(&mut self.notices, other.notices);
        Ok(())
    }

    /// Gives the sources whose names stand for other pages in `there` names of their own.
    fn name_sources_apart(&mut self, there: &Self) {
        let taken = |name: &str| {
            let known = there.sources.get(name);
            known.is_some_and(|known| self.sources.get(name) != Some(known))
        };
        let taken: Vec<String> = self
            .sources
            .keys()
            .filter(|name| taken(name))
            .cloned()
            .collect();
        let profiles: Vec<&str> = self.profiles.iter().map(|id| id.as_str()).collect();
        let profiles = profiles.join(", ");
        for name in taken {
            let apart = format!("{name} of {profiles}");
            let records = self.records.iter_mut().map(|record| &mut record.source);
            let terms = self.spf.iter_mut().map(|term| &mut term.source);
            let obsolete = self.obsolete.iter_mut().map(|term| &mut term.source);
            let named = records.chain(terms).chain(obsolete);
            named
                .filter(|source| **source == name)
                .for_each(|source| source.clone_from(&apart));
            if let Some(source) = self.sources.remove(&name) {
                self.sources.insert(apart, source);
            }
        }
    }

    fn add_record_once(&mut self, record: PlannedRecord) {
        let is_policy = record.purpose == Purpose::Dmarc;
        let there = self.records.iter_mut().find(|there| {
            there.purpose == record.purpose
                && (there.data == record.data || is_policy && there.is_of_name_of(&record))
        });
        let Some(there) = there else {
            self.records.push(record);
            return;
        };
        if there.switch != record.switch {
            there.switch = None;
        }
        let is_stricter =
            there.necessity == Necessity::Advised && record.necessity == Necessity::Required;
        if is_stricter {
            *there = record;
        } else if there.data != record.data && record.necessity == Necessity::Required {
            // Both are required: what is left over shows as a clash.
            self.records.push(record);
        }
    }

    fn add_term_once(&mut self, term: PlannedTerm) {
        match self.spf.iter_mut().find(|there| there.text == term.text) {
            Some(there) => there.necessity = stricter(there.necessity, term.necessity),
            None => self.spf.push(term),
        }
    }
}

fn add_new<T: PartialEq>(to: &mut Vec<T>, from: Vec<T>) {
    for one in from {
        if !to.contains(&one) {
            to.push(one);
        }
    }
}
