//! What a provider does about viruses.

use letterhead_mail::Message;

/// Whether the provider looks for viruses in what it took. It finds one only: the EICAR test file, which is harmless and
/// which every scanner takes for a virus.
///
/// A message that has it is taken, reported as rejected to webhooks whose provider has a word for that, and goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VirusCheck {
    /// It does not.
    Off,
    /// It does: the test file is found in the text and at the beginning of an attachment in base64.
    EicarTestFile,
}

impl VirusCheck {
    /// Whether it finds something.
    pub(super) fn finds(self, message: &Message) -> bool {
        match self {
            Self::Off => false,
            Self::EicarTestFile => {
                let plain = [PLAIN.0, PLAIN.1].concat();
                let encoded = [ENCODED.0, ENCODED.1].concat();
                let body = message.body();
                contains(body, plain.as_bytes()) || contains(body, encoded.as_bytes())
            }
        }
    }
}

fn contains(octets: &[u8], wanted: &[u8]) -> bool {
    octets.windows(wanted.len()).any(|window| window == wanted)
}

/// In two parts, or a scanner would find it here.
const PLAIN: (&str, &str) = (
    "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR",
    "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
);

/// As much of it as is in one line of base64 together.
const ENCODED: (&str, &str) = (
    "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9",
    "JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJV",
);
