//! Lookups, each made once.

use std::collections::HashMap;

use letterhead_dns::{Answer, LookupError, Name, RecordType, Resolver};

use crate::check::lookup::Lookup;
use crate::check::reason::Reason;

/// A resolver that is asked each question once, and no more than [`MAX_QUESTIONS`](Self::MAX_QUESTIONS) questions.
#[derive(Debug)]
pub(crate) struct Memo<'a> {
    resolver: &'a dyn Resolver,
    known: HashMap<(Name, RecordType), Result<Answer, LookupError>>,
}

impl<'a> Memo<'a> {
    /// Many more than a policy within the limits of RFC 7208 can need, few enough for a hostile one.
    const MAX_QUESTIONS: usize = 1000;

    pub(crate) fn new(resolver: &'a dyn Resolver) -> Self {
        Self {
            resolver,
            known: HashMap::new(),
        }
    }

    pub(crate) async fn lookup(
        &mut self,
        name: Name,
        record_type: RecordType,
    ) -> Result<Lookup, Reason> {
        let key = (name, record_type);
        if !self.known.contains_key(&key) {
            if self.known.len() >= Self::MAX_QUESTIONS {
                let limit = Self::MAX_QUESTIONS;
                return Err(Reason::NotFollowed { limit });
            }
            let answer = self.resolver.lookup(&key.0, record_type).await;
            self.known.insert(key.clone(), answer);
        }
        let answer = match self.known.get(&key) {
            Some(answer) => answer.clone(),
            // It was put there above.
            None => Ok(Answer::new(Vec::new())),
        };
        Ok(Lookup {
            name: key.0,
            record_type,
            answer,
        })
    }
}
