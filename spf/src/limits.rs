//! How much one check may ask of the DNS.

/// The limits of [RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4); the defaults are the ones it
/// names, and receivers apply them, so a check with other limits predicts nothing about them.
///
/// The RFC also asks for a limit of at least 20 seconds on the whole check. Nothing here reads a clock: give a timer of
/// your runtime to [`check_host_until`](crate::check_host_until).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    lookups: usize,
    void_lookups: usize,
    exchangers: usize,
    pointers: usize,
}

impl Limits {
    /// With this many terms that cause lookups; one more is a permerror. Default 10.
    ///
    /// Each such term may cost eleven queries, so a large value lets a hostile record keep the resolver busy.
    #[must_use]
    pub fn with_lookups(mut self, lookups: usize) -> Self {
        self.lookups = lookups;
        self
    }

    /// With this many terms for which a lookup finds nothing; one more is a permerror. Default 2.
    #[must_use]
    pub fn with_void_lookups(mut self, void_lookups: usize) -> Self {
        self.void_lookups = void_lookups;
        self
    }

    /// With this many mail exchangers of one `mx`; one more is a permerror. Default 10.
    #[must_use]
    pub fn with_exchangers(mut self, exchangers: usize) -> Self {
        self.exchangers = exchangers;
        self
    }

    /// With this many names of the client for one `ptr` or `%{p}`; further ones are ignored. Default 10.
    #[must_use]
    pub fn with_pointers(mut self, pointers: usize) -> Self {
        self.pointers = pointers;
        self
    }

    /// How many terms may cause lookups.
    #[must_use]
    pub fn lookups(&self) -> usize {
        self.lookups
    }

    /// For how many terms lookups may find nothing.
    #[must_use]
    pub fn void_lookups(&self) -> usize {
        self.void_lookups
    }

    /// How many mail exchangers one `mx` may have.
    #[must_use]
    pub fn exchangers(&self) -> usize {
        self.exchangers
    }

    /// How many names of the client are looked at.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.pointers
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lookups: 10,
            void_lookups: 2,
            exchangers: 10,
            pointers: 10,
        }
    }
}

/// How deep `include` and `redirect` may nest, whatever the limit of lookups: each level holds a future on the heap and
/// a few frames on the stack when it is polled. The default limit of lookups ends a chain at ten.
pub(crate) const MAX_DEPTH: usize = 32;

/// The octets of the TXT records at a name that RFC 7208 advises to stay below, so that an answer fits into a UDP message
/// ([RFC 7208 §3.4](https://www.rfc-editor.org/rfc/rfc7208#section-3.4)).
pub(crate) const ADVISED_OCTETS: usize = 450;
