//! Whether the published record is that of the private key.

use letterhead_dkim::lint::code::Code;
use letterhead_dkim::{
    Algorithm, Digest, KeyError, PrivateKey, PublicKey, PublicKeyRecord, Publication,
    PublicationCheck, PublicationError, SigningKey, check_published,
};
use letterhead_dns::{LookupErrorKind, Zone, block_on_ready};

use crate::support::{ED25519, RSA, domain, insert, key, key_file};

const NAME: &str = "sel._domainkey.example.org";

fn check(key: &dyn SigningKey, zone: &Zone) -> PublicationCheck {
    let selector = "sel".parse().unwrap();
    block_on_ready(check_published(&selector, &domain(), key, zone))
        .unwrap()
        .unwrap()
}

fn zone(texts: &[&str]) -> Zone {
    let mut zone = Zone::new();
    for text in texts {
        insert(&mut zone, NAME, text.as_bytes());
    }
    zone
}

#[test]
fn each_state_of_the_name_has_its_verdict() {
    let signing = key(ED25519);
    let good = PublicKeyRecord::for_key(&signing).to_string();
    let other = PublicKey::ed25519([7; 32]);
    let rsa = PublicKeyRecord::for_key(&key(RSA));
    for (texts, verdict) in [
        (vec![good.as_str()], Publication::Matches),
        (vec![&good, "v=spf1 -all"], Publication::Matches),
        (vec![&good, "v=DKIM1"], Publication::Matches),
        (vec![], Publication::Missing),
        (vec!["v=spf1 -all"], Publication::Missing),
        (
            vec![&PublicKeyRecord::new(other.clone()).to_string()],
            Publication::OtherKey { found: other },
        ),
        (
            vec![&rsa.to_string()],
            Publication::OtherKey {
                found: rsa.key().unwrap().clone(),
            },
        ),
        (vec!["v=DKIM1; k=ed25519; p="], Publication::Revoked),
        (
            vec![&good, &rsa.to_string()],
            Publication::Several { count: 2 },
        ),
        (vec![&good.replace("; p=", "\\; p=")], Publication::Broken),
        (
            vec![&good.replace("; p=", "; h=sha1; p=")],
            Publication::Broken,
        ),
        (vec![&good[..good.len() - 4]], Publication::Broken),
    ] {
        let found = check(&signing, &zone(&texts));
        assert_eq!(found.verdict(), &verdict, "{texts:?}");
        assert_eq!(found.is_match(), verdict == Publication::Matches);
        assert_eq!(found.remedy().is_none(), found.is_match(), "{found}");
        assert_eq!(found.key(), &signing.public_key());
    }
}

#[test]
fn the_private_key_decides_and_not_how_its_public_half_is_written() {
    let rsa = key(RSA);
    let pkcs1: String = key_file!("rsa2048-public-pkcs1.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let found = check(&rsa, &zone(&[&format!("v=DKIM1; p={pkcs1}")]));
    assert!(found.is_match());
    assert_eq!(found.findings()[0].code, Code::Pkcs1);

    /// Signs with another key than it says.
    #[derive(Debug)]
    struct Mistaken(PrivateKey);
    impl SigningKey for Mistaken {
        fn algorithm(&self) -> Algorithm {
            self.0.algorithm()
        }
        fn public_key(&self) -> PublicKey {
            key(ED25519).public_key()
        }
        fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
            self.0.sign_digest(digest)
        }
    }
    let mistaken = Mistaken(PrivateKey::ed25519_from_seed(&[1; 32]).unwrap());
    let record = PublicKeyRecord::for_key(&mistaken).to_string();
    assert!(matches!(
        check(&mistaken, &zone(&[&record])).verdict(),
        Publication::OtherKey { .. }
    ));
}

#[test]
fn the_line_for_a_zone_file_publishes_the_key() {
    for signing in [key(RSA), key(ED25519)] {
        let selector = "sel".parse().unwrap();
        let record = PublicKeyRecord::for_key(&signing).notes("\"a; b\\");
        let line = record.at(&selector, &domain(), 60).unwrap().to_string();
        assert!(line.starts_with("sel._domainkey.example.org. 60 IN TXT \"v=DKIM1;"));
        assert!(line.split('"').all(|string| string.len() <= 255));
        let found = check(&signing, &line.parse().unwrap());
        assert!(found.is_match() && found.findings().is_empty(), "{found}");
        assert_eq!(found.ttl(), Some(std::time::Duration::from_secs(60)));
    }
}

#[test]
fn a_delegated_name_tells_where_it_leads() {
    let signing = key(ED25519);
    let record = PublicKeyRecord::for_key(&signing).to_txt();
    let alias = format!("{NAME}. IN CNAME sel.dkim.provider.example.\n");
    let whole: Zone = format!("{alias}sel.dkim.provider.example. 60 IN TXT {record}")
        .parse()
        .unwrap();
    let found = check(&signing, &whole);
    assert!(found.is_match());
    assert_eq!(found.aliases().len(), 1);
    assert_eq!(
        found.to_string(),
        "sel._domainkey.example.org -> sel.dkim.provider.example.: the published key is that of the signer"
    );
    let found = check(&signing, &alias.parse().unwrap());
    assert_eq!(
        found.to_string(),
        "sel._domainkey.example.org -> sel.dkim.provider.example.: no key record is published; \
         publish the record of the key at sel.dkim.provider.example."
    );
    let looped: Zone = format!("{alias}sel.dkim.provider.example. IN CNAME {NAME}.")
        .parse()
        .unwrap();
    let found = check(&signing, &looped);
    assert_eq!(
        found.verdict(),
        &Publication::LookupFailed {
            kind: LookupErrorKind::Temporary
        }
    );
    assert_eq!(found.aliases().len(), 2);
}

#[test]
fn what_is_not_known_is_no_verdict_on_the_key() {
    let found = check(
        &key(ED25519),
        &format!(";fault {NAME}. TXT servfail").parse().unwrap(),
    );
    assert_eq!(
        found.to_string(),
        "sel._domainkey.example.org: the record could not be looked up, temporary failure; \
         try again later; nothing is known until then"
    );
    let long = format!("{}org", "abcdefghi.".repeat(25)).parse().unwrap();
    let selector = "sel".parse().unwrap();
    let error = block_on_ready(check_published(
        &selector,
        &long,
        &key(ED25519),
        &Zone::new(),
    ));
    assert!(matches!(error.unwrap(), Err(PublicationError::Name(_))));
}
