//! Domain names as the tags of a signature hold them.

use letterhead_dns::DomainName;

/// Reads the `domain-name` of `d=` and `i=` ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)): two
/// labels or more, and no final dot.
pub(crate) fn parse(text: &str) -> Option<DomainName> {
    parse_sub_domains(text).filter(|domain| domain.labels().nth(1).is_some())
}

/// Reads labels without a final dot, one or more: what a selector is.
pub(crate) fn parse_sub_domains(text: &str) -> Option<DomainName> {
    text.parse().ok().filter(|_| !text.ends_with('.'))
}
