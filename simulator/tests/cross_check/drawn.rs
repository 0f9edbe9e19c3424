//! Mails, records and faults, drawn from a number.

use letterhead_dkim::{Canonicalization, Signer};

use crate::support::{ed25519, published, rsa, signed, signer};

/// The same numbers each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap();
        mixed % sides
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

pub(crate) const DOMAINS: [&str; 6] = [
    "a.example",
    "news.a.example",
    "gone.a.example",
    "b.example",
    "deep.down.b.example",
    "c.test",
];

fn spf_record(dice: &mut Dice) -> String {
    let mut record = String::from("v=spf1");
    for _ in 0..dice.roll(4) {
        record += dice.pick(&[" ", " +", " -", " ~", " ?"]);
        record += dice
            .pick(&[
                " a",
                " mx",
                " a:host.example/24",
                " ip4:192.0.2.0/30",
                " ip4:198.51.100.0/24",
                " ip6:2001:db8::/32",
                " exists:%{i}.list.example",
                " exists:%{ir}.list.example",
                " exists:%{l1r-}.%{d2}",
                " include:c.test",
                " include:b.example",
                " a:faulty.example",
                " mx:faulty.example",
                " ip4:1.2.3",
                " ip4:192.0.2.300",
                " ptr",
                " ptr:b.example",
                " redirect=b.example",
                " why=%{i}",
            ])
            .trim_start();
    }
    if dice.roll(6) == 0 {
        record += dice.pick(&ODD_TERMS);
    }
    record += dice.pick(&[" -all", " ~all", " ?all", " +all", "", " redirect=c.test"]);
    record
}

/// Terms that few write, and most of them should not.
const ODD_TERMS: [&str; 28] = [
    " --all",
    " a/33",
    " a//129",
    " a/",
    " a/24//64",
    " mx:host.example/24//64",
    " a=host.example",
    " ip4:192.0.2.01",
    " ip4:192.0.2.1/024",
    " ip4:192.0.2.1/",
    " ip6:2001:db8::1::2",
    " ip6:::ffff:192.0.2.1",
    " exists:",
    " include:b.example/24",
    " include:%{d}",
    " include:%{p}.example",
    " redirect=a.example redirect=a.example",
    " exp=why.c.test",
    " why=",
    " why=a/b",
    " foo",
    "\tmx",
    "  mx ",
    " a:host.example.",
    " ip6:::/0",
    " rp=all",
    " rr=e:f",
    " ra=postmaster",
];

fn dmarc_record(dice: &mut Dice) -> String {
    let mut record = format!(
        "v=DMARC1; p={}",
        dice.pick(&["none", "quarantine", "reject"])
    );
    for (tag, values) in [
        ("sp", ["none", "quarantine", "reject"]),
        ("np", ["none", "quarantine", "reject"]),
        ("adkim", ["r", "s", "s"]),
        ("aspf", ["r", "s", "s"]),
        ("t", ["y", "n", "n"]),
        ("psd", ["n", "u", "n"]),
    ] {
        if dice.roll(4) == 0 {
            record += &format!("; {tag}={}", dice.pick(&values));
        }
    }
    if dice.roll(6) == 0 {
        record += dice.pick(&ODD_TAGS);
    }
    record
}

/// Tags that few write, and some of them should not.
const ODD_TAGS: [&str; 10] = [
    ";",
    ";;",
    "; pct=0",
    "; fo=9",
    "; rua=mailto:x@a.example,",
    "; ruf=nothing",
    "; ri=x",
    "; P=reject",
    "; sp = none ",
    "; unknown",
];

/// What stands before the key in few records.
const ODD_KEYS: [&str; 12] = [
    "",
    "v=DKIM1;",
    "v=DKIM2; ",
    "v=DKIM1; t=y; ",
    "v=DKIM1; t=s; ",
    "v=DKIM1; h=sha1; ",
    "v=DKIM1; h=sha256; ",
    "v=DKIM1; s=chat; ",
    "v=DKIM1; s=email; ",
    "v=DKIM1; n=x; g=*; ",
    "n=x; v=DKIM1; ",
    "v=DKIM1; nothing; ",
];

pub(crate) fn records(dice: &mut Dice) -> String {
    let mut zone = String::from(
        "1.2.0.192.list.example. 300 IN A 127.0.0.2\nhost.example. 300 IN A 192.0.2.77\n\
         1.2.0.192.in-addr.arpa. 300 IN PTR news.a.example.\n\
         ;fault faulty.example. ANY timeout\n",
    );
    for domain in DOMAINS {
        for _ in 0..[0, 0, 1, 1, 1, 1, 1, 1, 1, 2][dice.roll(10)] {
            zone += &format!("{domain}. 300 IN TXT \"{}\"\n", spf_record(dice));
        }
        if !domain.starts_with("gone") && dice.roll(2) == 0 {
            zone += &format!("{domain}. 300 IN A 192.0.2.{}\n", dice.roll(3));
            zone += &format!("{domain}. 300 IN MX 10 host.example.\n");
        }
        match dice.roll(8) {
            0 => zone += &format!(";fault _dmarc.{domain}. TXT servfail\n"),
            1 | 2 => {}
            3 => {
                for _ in 0..2 {
                    zone += &format!("_dmarc.{domain}. 300 IN TXT \"{}\"\n", dmarc_record(dice));
                }
            }
            _ => zone += &format!("_dmarc.{domain}. 300 IN TXT \"{}\"\n", dmarc_record(dice)),
        }
        for (key, selector) in [(rsa(), "rsa"), (ed25519(), "ed")] {
            match dice.roll(10) {
                0 => {}
                1 => zone += &format!(";fault {selector}._domainkey.{domain}. TXT timeout\n"),
                2 => zone += &published(&ed25519(), selector, domain),
                4 => {
                    let odd = published(&key, selector, domain);
                    zone += &odd.replace("v=DKIM1; ", dice.pick(&ODD_KEYS));
                }
                3 => {
                    zone +=
                        &format!("{selector}._domainkey.{domain}. 300 IN TXT \"v=DKIM1; p=\"\n");
                }
                _ => zone += &published(&key, selector, domain),
            }
        }
    }
    zone
}

pub(crate) fn mail(dice: &mut Dice, author: &str) -> Vec<u8> {
    let mut header = format!("From: {author}\r\n");
    for _ in 0..dice.roll(6) {
        header += dice.pick(&[
            "To: joe@receiver.example\r\n",
            "Subject: one\r\n two\t three\r\n",
            "Subject:  J\u{f6}rg  \r\n",
            "X-Other:\r\n",
            "Received: x\r\n",
            "Reply-To: a@a.example\r\n",
        ]);
    }
    let mut body = String::new();
    for _ in 0..dice.roll(6) {
        body += dice.pick(&[
            "text",
            " ",
            "\u{fc}",
            "\r\n",
            "a  b \r\n",
            ".\r\n",
            "\r\n\r\n",
        ]);
    }
    // Lines of white space at the end are one of the known errors.
    body += dice.pick(&["end\r\n", "end \t\r\n\r\n", ""]);
    if !body.is_empty() && !body.ends_with("\r\n") {
        body += "\r\n";
    }
    let message = format!("{header}\r\n{body}");
    let signers: Vec<Signer> = (0..dice.roll(4))
        .map(|_| {
            let (key, selector) = match dice.roll(2) {
                0 => (rsa(), "rsa"),
                _ => (ed25519(), "ed"),
            };
            let signer = signer(key, selector, dice.pick(&DOMAINS));
            match dice.roll(2) {
                0 => signer.canonicalization(Canonicalization::SIMPLE),
                _ => signer.canonicalization(Canonicalization::RELAXED),
            }
        })
        .collect();
    let mut whole = signed(message, &signers);
    if dice.roll(4) == 0 {
        whole.extend_from_slice(b"more\r\n");
    }
    whole
}

/// An octet here and there becomes another, comes in or goes; line ends stay, and the first line does.
pub(crate) fn damage(dice: &mut Dice, mail: &mut Vec<u8>) {
    for _ in 0..=dice.roll(3) {
        let first = mail.iter().position(|octet| *octet == b'\r').unwrap();
        let place = first + dice.roll(mail.len() - first);
        let octet = b" \tax;:=,<>@\"()b\xff1/."[dice.roll(19)];
        match dice.roll(3) {
            _ if matches!(mail[place], b'\r' | b'\n') => {}
            0 => mail[place] = octet,
            1 => mail.insert(place, octet),
            _ => _ = mail.remove(place),
        }
    }
}
