//! Where a provider takes mail, and how connections are encrypted.

use letterhead_dns::Severity;
use letterhead_identity::profile::{
    EndpointAddress, EndpointError, EndpointSecurity, ProfileError, RegionError,
};
use letterhead_identity::tls::code::Code;
use letterhead_identity::{Profile, Region, TlsOffer};

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n\
    [sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

/// Code, name, and where its hosts are, which for two of them nobody says.
const REGIONS: [(&str, &str, Option<&str>); 22] = [
    ("YNY", "ap-chuncheon-1", Some("asia-pacific")),
    ("HYD", "ap-hyderabad-1", Some("asia-pacific")),
    ("MEL", "ap-melbourne-1", Some("asia-pacific")),
    ("BOM", "ap-mumbai-1", Some("asia-pacific")),
    ("KIX", "ap-osaka-1", Some("asia-pacific")),
    ("ICN", "ap-seoul-1", Some("asia-pacific")),
    ("SYD", "ap-sydney-1", Some("asia-pacific")),
    ("NRT", "ap-tokyo-1", Some("asia-pacific")),
    ("YUL", "ca-montreal-1", Some("americas")),
    ("YYZ", "ca-toronto-1", Some("americas")),
    ("AMS", "eu-amsterdam-1", Some("europe")),
    ("FRA", "eu-frankfurt-1", Some("europe")),
    ("ZRH", "eu-zurich-1", Some("europe")),
    ("DXB", "me-dubai-1", None),
    ("JED", "me-jeddah-1", None),
    ("SCL", "sa-santiago-1", Some("americas")),
    ("GRU", "sa-saopaulo-1", Some("americas")),
    ("CWL", "uk-cardiff-1", Some("europe")),
    ("LHR", "uk-london-1", Some("europe")),
    ("IAD", "us-ashburn-1", Some("americas")),
    ("PHX", "us-phoenix-1", Some("americas")),
    ("SJC", "us-sanjose-1", Some("americas")),
];

fn endpoint(host: &str, port: u16) -> String {
    format!(
        "[[endpoint]]\nhost = \"{host}\"\nport = {port}\nsecurity = \"starttls\"\nsource = \"page\"\n"
    )
}

fn regional() -> Profile {
    let mut text =
        "[regions]\nidentities = \"required\"\nothers = \"refused\"\nsource = \"page\"\n"
            .to_owned();
    for (code, name, location) in REGIONS {
        text += &format!("[[regions.known]]\nname = \"{name}\"\ncode = \"{code}\"\n");
        if let Some(location) = location {
            text += &format!("location = \"{location}\"\n");
        }
    }
    let host = "smtp.email.{region}.oci.oraclecloud.com";
    text += &endpoint(host, 587);
    text += &endpoint(host, 25);
    read(&text).unwrap()
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn shown(addresses: &[EndpointAddress]) -> Vec<String> {
    let addresses = addresses.iter();
    addresses
        .map(|address| format!("{}:{}", address.host, address.port))
        .collect()
}

#[test]
fn every_region_has_its_endpoints_by_name_and_by_code() {
    let profile = regional();
    for (code, name, location) in REGIONS {
        let known = profile.known_region(&region(code)).unwrap();
        assert_eq!(known.name.as_str(), name);
        assert_eq!(
            known.code,
            profile.known_region(&region(name)).unwrap().code
        );
        assert_eq!(
            known.location.as_ref().map(|place| place.as_str()),
            location
        );
        let expected = [
            format!("smtp.email.{name}.oci.oraclecloud.com:587"),
            format!("smtp.email.{name}.oci.oraclecloud.com:25"),
        ];
        for word in [code, name, &code.to_ascii_lowercase()] {
            let found = profile.endpoints_in(Some(&region(word))).unwrap();
            assert_eq!(shown(&found), expected, "{word}");
            assert!(
                found
                    .iter()
                    .all(|one| one.security == EndpointSecurity::Starttls)
            );
        }
    }
}

#[test]
fn a_region_that_is_not_known_or_not_named_is_an_error() {
    let profile = regional();
    assert!(matches!(
        profile.endpoints_in(Some(&region("xx-nowhere-1"))),
        Err(EndpointError::Region(RegionError::Unknown { known, .. })) if known.len() == 22
    ));
    assert_eq!(
        profile.endpoints_in(None),
        Err(EndpointError::Region(RegionError::NotNamed))
    );
    // Where a profile lists no regions, the name is what its hosts are made of.
    let unlisted = read(&endpoint("smtp.{region}.x.example", 587)).unwrap();
    assert_eq!(
        shown(&unlisted.endpoints_in(Some(&region("eu-1"))).unwrap()),
        ["smtp.eu-1.x.example:587"]
    );
    assert_eq!(
        unlisted.endpoints_in(None).unwrap_err().to_string(),
        "the host smtp.{region}.x.example is another in each region; say in which region"
    );
}

#[test]
fn a_host_of_its_own_needs_no_region() {
    // Ports are in the order of preference that the file has.
    let office = [
        endpoint("smtp.office365.com", 587),
        endpoint("smtp.office365.com", 25),
    ];
    let office = read(&office.concat()).unwrap();
    assert_eq!(
        shown(&office.endpoints_in(None).unwrap()),
        ["smtp.office365.com:587", "smtp.office365.com:25"]
    );
    assert_eq!(read("").unwrap().endpoints_in(None), Ok(Vec::new()));
    let issued = read(&endpoint("{relay-host}", 25)).unwrap();
    assert!(matches!(
        issued.endpoints_in(None),
        Err(EndpointError::MissingValue { name, .. }) if name == "relay-host"
    ));
    let broken = read(&endpoint("smtp office", 25)).unwrap();
    assert!(matches!(
        broken.endpoints_in(None),
        Err(EndpointError::NoHost { .. })
    ));
}

/// The list of one provider, for TLS 1.2.
const NINE: [&str; 9] = [
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
];

fn tls(suites: &[&str]) -> Profile {
    let text = format!(
        "[tls]\nneeded = \"required\"\nfloor = \"1.2\"\ncipher_suites = {suites:?}\nsource = \"page\"\n"
    );
    read(&text).unwrap()
}

fn offer(versions: &[&str], suites: &[&str]) -> TlsOffer {
    TlsOffer::new(versions, suites.iter().copied()).unwrap()
}

fn findings(profile: &Profile, offer: &TlsOffer) -> Vec<(Code, Severity, String)> {
    let findings = profile.tls().unwrap().findings(offer).into_iter();
    findings
        .map(|finding| (finding.code, finding.severity, finding.text))
        .collect()
}

#[test]
fn the_suites_in_common_are_told_by_the_certificates_they_are_for() {
    let profile = tls(&NINE);
    let [.., ecdsa_gcm, _, rsa_gcm, _, rsa_cbc] = NINE;
    for (suites, expected) in [
        (vec![rsa_gcm, rsa_cbc], None),
        (vec![NINE[0], NINE[2]], None),
        (
            vec![
                ecdsa_gcm,
                rsa_gcm,
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            ],
            Some((Code::OneSuiteForRsa, Severity::Advice, rsa_gcm)),
        ),
        (
            vec!["TLS_AES_128_GCM_SHA256", ecdsa_gcm],
            Some((Code::NoSuiteForRsa, Severity::Warning, ecdsa_gcm)),
        ),
        (
            vec![
                "TLS_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            ],
            Some((Code::NoCommonSuite, Severity::Error, "")),
        ),
        (vec![], Some((Code::NoCommonSuite, Severity::Error, ""))),
    ] {
        let found = findings(&profile, &offer(&["1.2", "1.3"], &suites));
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(code, severity, text)| (code, severity, text.to_owned()))
            .collect();
        assert_eq!(found, expected, "{suites:?}");
    }
    // From TLS 1.3 on a suite is for any certificate.
    let newer = tls(&["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]);
    let suites = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];
    assert_eq!(findings(&newer, &offer(&["1.3"], &suites)), []);
}

#[test]
fn an_offer_below_the_floor_or_of_nothing_is_an_error() {
    let profile = tls(&NINE);
    let old = offer(&["1.0", "1.1"], &NINE);
    assert_eq!(
        findings(&profile, &old),
        [(Code::Floor, Severity::Error, "1.1".to_owned())]
    );
    assert_eq!(findings(&profile, &offer(&["1.0", "1.2"], &NINE)), []);
    assert_eq!(
        findings(&profile, &TlsOffer::none()),
        [(Code::NotOffered, Severity::Error, String::new())]
    );
    let optional = read("[tls]\nneeded = \"optional\"\nsource = \"page\"\n").unwrap();
    assert_eq!(findings(&optional, &TlsOffer::none()), []);
}

#[test]
fn what_is_not_known_is_said() {
    let silent = read("[tls]\nneeded = \"required\"\nsource = \"page\"\n").unwrap();
    let found = findings(&silent, &offer(&["1.3"], &NINE));
    assert_eq!(
        found,
        [
            (Code::FloorNotKnown, Severity::Advice, String::new()),
            (Code::SuitesNotKnown, Severity::Advice, String::new())
        ]
    );
    let tls = silent.tls().unwrap();
    assert_eq!(tls.common_suites(&offer(&["1.3"], &NINE)), None);
}

#[test]
fn versions_and_suites_are_read_strictly() {
    let floor = read("[tls]\nneeded = \"required\"\nfloor = \"1.4\"\n").unwrap_err();
    assert!(
        floor.to_string().contains("floor: a version of TLS is"),
        "{floor}"
    );
    for name in ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_", "TLS_aes", "TLS_A B"] {
        let text = format!("[tls]\nneeded = \"required\"\ncipher_suites = [\"{name}\"]\n");
        let error = read(&text).unwrap_err();
        assert!(error.to_string().contains("is no cipher suite"), "{error}");
    }
    assert!(TlsOffer::new(["TLSv1.2"], NINE).is_err());
}
