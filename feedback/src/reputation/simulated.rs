use letterhead_mail::{DomainName, EmailAddress};

/// Recipients that no mailbox stands behind: those of a provider's mailbox simulator, and an application's own for tests.
/// Which they are is data; a provider's profile has its own.
///
/// ```
/// use letterhead_feedback::SimulatedRecipients;
///
/// let simulated = SimulatedRecipients::default().domain("simulator.amazonses.com".parse()?);
/// assert!(simulated.contains(&"bounce+7@simulator.amazonses.com".parse()?));
/// assert!(!simulated.contains(&"joe@example.org".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulatedRecipients {
    domains: Vec<DomainName>,
    addresses: Vec<EmailAddress>,
}

impl SimulatedRecipients {
    /// With every address at this domain and below it.
    #[must_use]
    pub fn domain(mut self, domain: DomainName) -> Self {
        self.domains.push(domain);
        self
    }

    /// With this address, in any case and with any label (`+7`) behind it.
    #[must_use]
    pub fn address(mut self, address: EmailAddress) -> Self {
        self.addresses.push(address);
        self
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn contains(&self, recipient: &EmailAddress) -> bool {
        let at = |domain: &DomainName| {
            let own = recipient.domain_name();
            own.is_some_and(|own| own.is_at_or_below(domain))
        };
        let is = |address: &EmailAddress| {
            address.domain() == recipient.domain()
                && (same_local_part(address, recipient)
                    || same_local_part(address, &recipient.without_label()))
        };
        self.domains.iter().any(at) || self.addresses.iter().any(is)
    }
}

fn same_local_part(one: &EmailAddress, other: &EmailAddress) -> bool {
    one.local_part().to_lowercase() == other.local_part().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::SimulatedRecipients;

    #[test]
    fn domains_and_addresses_are_told_from_real_ones() {
        let simulated = SimulatedRecipients::default()
            .domain("sink.example".parse().unwrap())
            .address("test@blackhole.example".parse().unwrap());
        for (recipient, expected) in [
            ("a@sink.example", true),
            ("a@Deep.Sink.example", true),
            ("a@notsink.example", false),
            ("TEST@blackhole.example", true),
            ("test+1@blackhole.example", true),
            ("other@blackhole.example", false),
            ("a@[192.0.2.1]", false),
        ] {
            let recipient = recipient.parse().unwrap();
            assert_eq!(simulated.contains(&recipient), expected, "{recipient}");
        }
    }
}
