//! DKIM verification: a bounded number of verdicts, signatures that read back, and no pass for anyone but the author
//! whose messages the key has signed.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signature, SigningKey, VerifyLimits, verify};
use letterhead_dns::{Zone, block_on_ready};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
    let limits = VerifyLimits::default().signatures(MAX_SIGNATURES);
    let verdicts = block_on_ready(verify(message, &*ZONE, now, &limits)).expect("ready at once");
    assert!(verdicts.len() <= MAX_SIGNATURES + 1);
    for verdict in verdicts {
        assert!(!verdict.to_string().contains(char::is_control));
        if let Some(signature) = verdict.signature() {
            let printed = signature.to_string();
            let (_, value) = printed.split_once(':').expect("a field has a colon");
            assert_eq!(Signature::parse(value.as_bytes()).as_ref(), Ok(signature));
        }
        if verdict.is_pass() {
            assert_eq!(authors(message), ["author@example.org"]);
        }
    }
});

/// The values of the From fields without white space.
fn authors(message: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(message);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let header = header.replace("\r\n ", " ").replace("\r\n\t", " ");
    let fields = header
        .split("\r\n")
        .filter_map(|field| field.split_once(':'));
    fields
        .filter(|(name, _)| name.trim_end().eq_ignore_ascii_case("From"))
        .map(|(_, value)| value.split_whitespace().collect())
        .collect()
}

const MAX_SIGNATURES: usize = 5;

/// `ed` is the key with which the messages in `seeds` are signed.
static ZONE: LazyLock<Zone> = LazyLock::new(|| {
    let key = PrivateKey::ed25519_from_seed(&[7; 32]).expect("a key");
    let key: Arc<dyn SigningKey> = Arc::new(key);
    let record = PublicKeyRecord::for_key(&key).to_txt();
    let text = format!(
        "ed._domainkey.example.org. IN TXT {record}\n\
         strict._domainkey.example.org. IN TXT \"v=DKIM1; t=y:s; p=\"\n\
         ;fault down._domainkey.example.org. TXT timeout\n"
    );
    text.parse().expect("a zone")
});
