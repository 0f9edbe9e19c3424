//! The TXT record.

use std::fmt;

use letterhead_dns::Answer;

use crate::policy_record;

/// What a domain says at `_mta-sts` below its name: that it has a policy, and which version of it
/// ([RFC 8461 §3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
///
/// ```
/// use letterhead_dns::{Answer, RecordData, Txt};
/// use letterhead_transport::mta_sts::MtaStsRecord;
///
/// let text = RecordData::Txt(Txt::split(b"v=STSv1; id=20261122;"));
/// let record = MtaStsRecord::from_answer(&Answer::new(vec![text])).expect("a record");
/// assert_eq!(record.id().as_str(), "20261122");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MtaStsRecord {
    id: PolicyId,
}

/// The version of a policy: 1 to 32 letters and digits, which say nothing but whether it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PolicyId(Box<str>);

impl MtaStsRecord {
    /// The record in the answer to a question for TXT. `None` where there is none, where there are several, and where the
    /// one there is cannot be read: for all of these the domain counts as having none.
    #[must_use]
    pub fn from_answer(answer: &Answer) -> Option<Self> {
        let fields = policy_record::fields(answer, "v=STSv1")?;
        let (_, id) = fields.into_iter().find(|(name, _)| *name == "id")?;
        let is_id = id.len() <= 32 && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
        is_id.then(|| Self {
            id: PolicyId(id.into()),
        })
    }

    /// The version of the policy.
    #[must_use]
    pub fn id(&self) -> &PolicyId {
        &self.id
    }
}

impl PolicyId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use letterhead_dns::{Answer, RecordData, Txt};

    use super::MtaStsRecord;

    #[test]
    fn the_id_is_letters_and_digits() {
        for (record, id) in [
            ("v=STSv1; id=20160831085700Z;", Some("20160831085700Z")),
            ("v=STSv1; x=1; id=a; id=b", Some("a")),
            (
                "v=STSv1; id=12345678901234567890123456789012",
                Some("12345678901234567890123456789012"),
            ),
            ("v=STSv1; id=123456789012345678901234567890123", None),
            ("v=STSv1; id=a-b", None),
            ("v=STSv1; id=a b", None),
            ("v=STSv1; ID=a", None),
            ("v=STSv1; x=1", None),
            ("v=STSv2; id=a", None),
        ] {
            let answer = Answer::new(vec![RecordData::Txt(Txt::split(record.as_bytes()))]);
            let found = MtaStsRecord::from_answer(&answer);
            assert_eq!(
                found.as_ref().map(|record| record.id().as_str()),
                id,
                "{record}"
            );
        }
    }
}
