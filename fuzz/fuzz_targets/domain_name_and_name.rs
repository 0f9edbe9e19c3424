//! Names: what is printed reads back, octet for octet, and no name is longer than the wire allows.
#![no_main]

use letterhead_dns::{DomainName, Name};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(name) = Name::parse_relative(octets, None) {
        check_name(&name);
    }
    if let Ok(text) = str::from_utf8(octets)
        && let Ok(domain) = text.parse::<DomainName>()
    {
        check_domain(&domain);
    }
});

fn check_name(name: &Name) {
    let back: Name = name.to_string().parse().expect("what is printed is a name");
    // `==` ignores case, so the labels are compared too.
    assert_eq!(back, *name);
    assert!(back.labels().eq(name.labels()));
    assert!(back.cmp(name).is_eq());
    let octets: usize = name.labels().map(|label| label.len() + 1).sum();
    assert!(octets < Name::MAX_OCTETS);
    if let (Some(first), Some(parent)) = (name.labels().next(), name.parent()) {
        assert!(name.is_at_or_below(&parent) && *name > parent);
        assert_eq!(parent.prepend(first).as_ref(), Ok(name));
    }
    if let Ok(domain) = DomainName::try_from(name) {
        assert_eq!(domain.as_name(), name);
        check_domain(&domain);
    }
}

fn check_domain(domain: &DomainName) {
    let text = domain.as_str();
    assert!(text.len() <= DomainName::MAX_LENGTH && text.is_ascii());
    assert_eq!(text, text.to_ascii_lowercase());
    assert_eq!(domain.to_string().parse().as_ref(), Ok(domain));
    assert_eq!(DomainName::try_from(domain.as_name()).as_ref(), Ok(domain));
    assert!(
        domain
            .labels()
            .map(str::as_bytes)
            .eq(domain.as_name().labels())
    );
    if let Some(parent) = domain.parent() {
        assert!(domain.is_subdomain_of(&parent));
    }
}
