//! Limits of verification.

use std::time::Duration;

/// How much work a message may cause, and how far clocks may differ.
///
/// ```
/// use letterhead_dkim::VerifyLimits;
///
/// let limits = VerifyLimits::default().signatures(3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct VerifyLimits {
    pub(crate) signatures: usize,
    pub(crate) signature_octets: usize,
    pub(crate) header_fields: usize,
    pub(crate) clock_skew: Duration,
}

impl VerifyLimits {
    /// Sets how many signatures are verified, from the top. Default: 10. Each costs a lookup, a hash and a key
    /// operation; below 3, mail signed by both author and provider loses verdicts.
    pub fn signatures(mut self, count: usize) -> Self {
        self.signatures = count;
        self
    }

    /// Sets how long a DKIM-Signature field may be, in octets. Default: 8192; RSA with 4096 bits and a long `h=` takes
    /// under 2000.
    pub fn signature_octets(mut self, octets: usize) -> Self {
        self.signature_octets = octets;
        self
    }

    /// Sets how many header fields a signed message may have. Default: 1000.
    pub fn header_fields(mut self, count: usize) -> Self {
        self.header_fields = count;
        self
    }

    /// Sets how far `x=` may lie in the past, and from when on a `t=` in the future is
    /// [noted](crate::Verdict::signed_ahead). Default: 5 minutes.
    pub fn clock_skew(mut self, tolerance: Duration) -> Self {
        self.clock_skew = tolerance;
        self
    }
}

impl Default for VerifyLimits {
    fn default() -> Self {
        Self {
            signatures: 10,
            signature_octets: 8192,
            header_fields: 1000,
            clock_skew: Duration::from_secs(300),
        }
    }
}
