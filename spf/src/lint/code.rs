//! What can be wrong with a policy.

letterhead_dns::finding_codes! {
    /// There is no record: every check comes to none.
    NoRecord = "no-record", Error;
    /// Text that was meant to be a record and is none.
    NearMiss = "near-miss", Warning;
    /// More than one record: every check is a permerror.
    SeveralRecords = "several-records", Error;
    /// The record cannot be read: every check is a permerror.
    Syntax = "syntax", Error;
    /// The character-strings of the TXT record join into something that was not meant.
    TxtSplit = "txt-split", Error;
    /// More terms than ten cause lookups: checks that come so far are permerrors.
    TooManyLookups = "too-many-lookups", Error;
    /// For more terms than two nothing is found: checks that come so far are permerrors.
    TooManyVoidLookups = "too-many-void-lookups", Error;
    /// An `mx` whose domain has more than ten exchangers: a permerror.
    TooManyExchangers = "too-many-exchangers", Error;
    /// Everyone passes.
    PlusAll = "plus-all", Error;
    /// Who is not named is neutral, as if there were no record.
    NeutralAll = "neutral-all", Warning;
    /// The record has neither `all` nor `redirect`.
    NoAll = "no-all", Warning;
    /// A term behind `all`, which is never looked at.
    AfterAll = "after-all", Warning;
    /// `redirect` beside `all`, where it means nothing.
    RedirectBesideAll = "redirect-beside-all", Warning;
    /// `ptr` or `%{p}`, which the RFC asks not to publish.
    Ptr = "ptr", Warning;
    /// A term that is there already.
    Duplicate = "duplicate", Warning;
    /// A term that matches nothing which another does not match.
    Covered = "covered", Warning;
    /// A network so large that hardly all of it is the domain's.
    WideNetwork = "wide-network", Warning;
    /// A network from which no mail arrives over the internet.
    PrivateNetwork = "private-network", Warning;
    /// A provider's domain with another mechanism than it asks for.
    WrongMechanism = "wrong-mechanism", Error;
    /// A network whose addresses no client has.
    NeverMatches = "never-matches", Warning;
    /// A domain with characters that no host's name has, such as a web address.
    NotAHost = "not-a-host", Warning;
    /// A modifier without meaning that is spelt nearly as one that has.
    UnknownModifier = "unknown-modifier", Warning;
    /// A mechanism written with `=`, which makes it a modifier that is ignored.
    ModifierForMechanism = "modifier-for-mechanism", Warning;
    /// The version stands in the middle, as when two records were joined.
    SecondVersion = "second-version", Warning;
    /// A term asks for something that is not there.
    VoidLookup = "void-lookup", Warning;
    /// `mx` of a domain without mail exchangers.
    MxWithoutMx = "mx-without-mx", Warning;
    /// `include` or `redirect` of a domain without record: a permerror.
    IncludeWithoutRecord = "include-without-record", Error;
    /// A record that this one leads to is an error in every check.
    IncludeBroken = "include-broken", Error;
    /// Records that lead back to themselves: a permerror.
    Loop = "loop", Error;
    /// `exp` leads to no text that can be shown.
    Explanation = "explanation", Warning;
    /// A lookup failed, so that nothing can be said about what it would find.
    LookupFailed = "lookup-failed", Warning;
    /// The audit stopped before the end.
    NotFollowed = "not-followed", Warning;
    /// Hosts that take and, it seems, send the domain's mail have IPv6 addresses that do not pass.
    Ip6Missing = "ip6-missing", Warning;
    /// The TXT records of the name together are longer than fits into a UDP answer with certainty.
    LongRecord = "long-record", Advice;
    /// A wanted sender is not authorised.
    NotAuthorised = "not-authorised", Error;
    /// A term in front of a wanted one covers it and does not pass it.
    Contradicted = "contradicted", Error;
}
