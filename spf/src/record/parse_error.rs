//! Why octets are not an SPF record.

/// What is wrong with a record or a part of one, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: {kind}")]
pub struct ParseError {
    offset: usize,
    kind: ParseErrorKind,
}

impl ParseError {
    pub(crate) fn new(offset: usize, kind: ParseErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Where in the text, in octets from its beginning.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What was expected there.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }
}

/// The ways in which text departs from the grammar of
/// [RFC 7208 §12](https://www.rfc-editor.org/rfc/rfc7208#section-12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text has 4 GiB or more.
    #[error("the text is too long for a record")]
    TooLong,
    /// The text does not begin with the version.
    #[error("expected `v=spf1`, then a space or the end")]
    Version,
    /// An octet that no term can hold: a tab, another control, or one of 0x80 and above.
    #[error("octet {0:#04x} is not allowed; use visible ASCII, and the space between terms")]
    Octet(u8),
    /// The term is neither a mechanism of this version nor a modifier.
    #[error(
        "`{0}` is not a mechanism; expected all, include, a, mx, ptr, ip4, ip6, exists, or a modifier `name=value`"
    )]
    UnknownMechanism(String),
    /// Something other than a directive where one directive was wanted.
    #[error("expected one directive, such as `include:example.com`, and not a modifier")]
    NotDirective,
    /// A mechanism or modifier without the domain it needs.
    #[error("`{0}` needs a domain; none follows")]
    MissingDomain(&'static str),
    /// An argument where the mechanism takes none.
    #[error("`{0}` does not take what follows it; remove it")]
    UnexpectedArgument(&'static str),
    /// The domain does not end as one: `.` and a top label with a letter or an inner hyphen, or a macro.
    #[error("the domain must end in a macro, or in `.` and a top label that is not all digits")]
    DomainEnd,
    /// `ip4` without four decimal numbers from 0 to 255 without leading zeros.
    #[error("expected an IPv4 address, four numbers from 0 to 255 without leading zeros")]
    Ip4Network,
    /// `ip6` without an IPv6 address.
    #[error("expected an IPv6 address as in RFC 4291 section 2.2")]
    Ip6Network,
    /// A prefix length that is no number, has a leading zero, or is too large.
    #[error("expected a prefix length from 0 to {maximum} without leading zeros")]
    PrefixLength {
        /// The largest length of this address family.
        maximum: u8,
    },
    /// `%` that is not the beginning of `%{`, `%%`, `%_` or `%-`.
    #[error("`%` must be followed by `{{`, `%`, `_` or `-`; write `%%` for the character itself")]
    Percent,
    /// A macro letter that does not exist.
    #[error("expected one of the macro letters s, l, o, d, i, p, v and h")]
    MacroLetter,
    /// The letters c, r and t outside an explanation text.
    #[error("the macro letters c, r and t are allowed in explanation texts only")]
    ExplanationMacro,
    /// `%{d0}`: zero parts to keep.
    #[error("the number of parts to keep must not be zero")]
    ZeroParts,
    /// Something inside `%{…}` that is not digits, `r`, delimiters and the closing brace in this order.
    #[error("expected digits, `r`, delimiters of `.-+,/_=`, then `}}`")]
    MacroEnd,
    /// A second `redirect` or `exp`.
    #[error("`{0}` may appear once only; remove the second")]
    DuplicateModifier(&'static str),
}
