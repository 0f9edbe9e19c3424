//! What a preflight can find.

letterhead_dns::finding_codes! {
    /// The profile does not let anyone send as this From address, or the identity does not cover it.
    NotAuthorised = "not-authorised", Error;
    /// The identity was turned off.
    Disabled = "disabled", Error;
    /// The identity is not proven yet; the prediction is for the time when it is.
    NotVerified = "not-verified", Warning;
    /// The identity's values do not make records.
    Values = "values", Error;
    /// A record that the identity needs is not published.
    RecordMissing = "record-missing", Error;
    /// From names nobody, or several domains, or cannot be read.
    From = "from", Error;
    /// From is at a domain where anyone can have a mailbox.
    FreemailFrom = "freemail-from", Warning;
    /// Nobody can answer: the From domain has no host for mail, or says that it takes none.
    FromUnreachable = "from-unreachable", Warning;
    /// No envelope sender was named, so that of From was taken.
    MailFromAssumed = "mail-from-assumed", Advice;
    /// The provider puts its own envelope sender in place of the application's.
    MailFromReplaced = "mail-from-replaced", Advice;
    /// The envelope sender of the customer's is chosen, and its records are not there.
    MailFromNotReady = "mail-from-not-ready", Warning;
    /// Bounces reach nobody: the envelope sender's domain has no host for mail, or says that it takes none.
    MailFromUnreachable = "mail-from-unreachable", Error;
    /// Something is taken as the provider says, because it is the provider's to publish.
    TakenAsGiven = "taken-as-given", Advice;
    /// SPF fails or is an error.
    SpfFails = "spf-fails", Error;
    /// SPF does not pass, and nothing speaks against the hosts either.
    SpfWeak = "spf-weak", Warning;
    /// What SPF will say is not known.
    SpfUnknown = "spf-unknown", Warning;
    /// Something in the SPF policy of the envelope sender's domain; the detail is the code of letterhead-spf.
    SpfRecord = "spf-record", Error;
    /// The From domain has no SPF record.
    FromSpfMissing = "from-spf-missing", Warning;
    /// Something in the SPF policy of the From domain; the detail is the code of letterhead-spf.
    FromSpfRecord = "from-spf-record", Warning;
    /// The provider's terms in the From domain's SPF record authenticate nothing that DMARC looks at.
    SpfTermsDoNotAlign = "spf-terms-do-not-align", Advice;
    /// No signature is to be expected.
    NotSigned = "not-signed", Warning;
    /// A value that a key's record is made of has not been issued.
    KeyAwaited = "key-awaited", Warning;
    /// Nobody says where the key of a signature is published.
    KeyUnknown = "key-unknown", Warning;
    /// The key of a signature is not published, or another is.
    KeyNotPublished = "key-not-published", Error;
    /// Something in a key record; the detail is the code of letterhead-dkim.
    KeyRecord = "key-record", Error;
    /// All keys are Ed25519 ones, which many receivers do not verify.
    Ed25519Only = "ed25519-only", Warning;
    /// A signature that the message comes with does not verify.
    SignatureBroken = "signature-broken", Warning;
    /// A signature that the message comes with covers a field that the provider replaces.
    SignatureRewritten = "signature-rewritten", Error;
    /// DMARC fails.
    DmarcFails = "dmarc-fails", Error;
    /// No policy applies, and nothing would pass if one did.
    NothingAligns = "nothing-aligns", Error;
    /// What DMARC will say is not known.
    DmarcUnknown = "dmarc-unknown", Warning;
    /// Something in the DMARC policy; the detail is the code of letterhead-dmarc.
    DmarcRecord = "dmarc-record", Error;
    /// The profile asks for authentication that is not there.
    Authentication = "authentication", Error;
    /// A header field that has to be there is missing.
    FieldMissing = "field-missing", Error;
    /// A header field stands more often than it may.
    FieldRepeated = "field-repeated", Error;
    /// A header field cannot be read.
    FieldUnreadable = "field-unreadable", Error;
    /// A line is longer than mail carries.
    LineTooLong = "line-too-long", Error;
    /// A sending host's address has no name that leads back to it.
    ReverseDns = "reverse-dns", Warning;
    /// A receiver's rule is not met; the detail is the rule.
    ReceiverRule = "receiver-rule", Error;
    /// Whether a receiver's rule is met cannot be seen here; the detail is the rule.
    ReceiverRuleUnknown = "receiver-rule-unknown", Advice;
    /// A lookup failed, so that nothing can be said about what it would find.
    LookupFailed = "lookup-failed", Warning;
}
