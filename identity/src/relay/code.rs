//! What can be wrong with the servers that a provider's mail goes through.

letterhead_dns::finding_codes! {
    /// A field that has to get through is gone.
    FieldLost = "field-lost", Error;
    /// A field has another value than it had, or than it has to have.
    FieldChanged = "field-changed", Error;
    /// A field that has to stay as it was came in on the way.
    FieldAdded = "field-added", Error;
    /// A field that has to get through was not there before either.
    FieldNotHandedOver = "field-not-handed-over", Warning;
    /// Other people are named as recipients.
    RecipientsChanged = "recipients-changed", Error;
    /// The recipients that are named cannot be read.
    RecipientsNotReadable = "recipients-not-readable", Warning;
    /// A signature held before and does not any more.
    SignatureBroken = "signature-broken", Error;
    /// A signature held before and is gone.
    SignatureRemoved = "signature-removed", Error;
    /// A signature is broken or gone, and the author's domain signed again.
    SignatureReplaced = "signature-replaced", Advice;
    /// A signature did not hold before.
    SignatureFailedBefore = "signature-failed-before", Warning;
    /// A signature that was made on the way does not hold.
    NewSignatureFails = "new-signature-fails", Error;
    /// The key of a signature could not be looked up now.
    SignatureNotJudged = "signature-not-judged", Warning;
    /// No signature of the author's domain holds when the message leaves.
    NoAuthorSignature = "no-author-signature", Warning;
    /// Mail that comes in was forwarded more often than it may be.
    ForwardedTooOften = "forwarded-too-often", Error;
    /// The server takes the provider's mail in the clear.
    NoEncryption = "no-encryption", Error;
    /// The server does not let the provider sign in.
    NoAuthentication = "no-authentication", Error;
    /// The server puts the provider's mail off.
    Greylisting = "greylisting", Warning;
    /// The server does not let all addresses of the provider in.
    AllowList = "allow-list", Warning;
    /// The addresses that the provider sends from were not given.
    SendingAddresses = "sending-addresses", Advice;
    /// The server checks SPF of mail that comes from the provider.
    InnerHopSpf = "inner-hop-spf", Warning;
}
