//! Zones and what is asked about them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use letterhead_dns::zone::Fault;
use letterhead_dns::{Name, Record, RecordData, RecordType, Txt, Zone};
use letterhead_spf::Query;

use crate::dice::Dice;
use crate::terms::{Spice, explanation, record};

/// A zone and the questions about it.
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) zone: Zone,
    pub(crate) asks: Vec<Ask>,
}

/// One check.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) client: IpAddr,
    /// The empty one stands for HELO.
    pub(crate) sender: String,
    pub(crate) helo: String,
}

impl Ask {
    pub(crate) fn query(&self) -> Query {
        Query::mail_from(self.client, &self.sender, &self.helo)
    }
}

impl Case {
    pub(crate) fn generate(number: u64) -> Self {
        let mut dice = Dice::of_case(number);
        let mut world = World {
            dice: &mut dice,
            zone: Zone::new(),
        };
        world.build();
        let zone = world.zone;
        let asks = (0..QUERIES).map(|_| ask(&mut dice)).collect();
        Self { number, zone, asks }
    }
}

struct World<'a> {
    dice: &'a mut Dice,
    zone: Zone,
}

impl World<'_> {
    fn build(&mut self) {
        self.add("*.yes.example", RecordData::A(Ipv4Addr::new(127, 0, 0, 2)));
        self.add("*.yes.example", RecordData::Aaaa(Ipv6Addr::LOCALHOST));
        for number in 0..6 {
            self.host(&format!("h{number}.example"));
        }
        for number in 0..12 {
            // Exchangers and pointed-to names in numbers: addresses of their own, at times a client's.
            self.plain_host(&format!("x{number}.example"), 12);
            self.plain_host(&format!("p{number}.d1.example"), 3);
        }
        for number in 0..3 {
            self.exchangers(&format!("m{number}.example"));
        }
        let spices = [
            (6, Spice::None),
            (1, Spice::ValidatedName),
            (2, Spice::Flaw),
            (2, Spice::Lookups),
        ];
        let spice = self.dice.weigh(&spices);
        for name in ["d0", "d1", "d2", "d3", "d4", "sub.d0"] {
            let name = format!("{name}.example");
            // A flaw in one record of a case leaves the others to be evaluated.
            let spice = match spice {
                Spice::Flaw if !self.dice.one_in(3) => Spice::None,
                other => other,
            };
            self.domain(&name, spice);
        }
        for number in 0..6 {
            self.explanation(&format!("e{number}.example"));
        }
        for client in CLIENTS {
            let client: IpAddr = client.parse().expect("an address");
            self.pointers(client.to_canonical());
        }
    }

    fn domain(&mut self, name: &str, spice: Spice) {
        match self.dice.below(40) {
            0 => return self.fail(name, RecordType::TXT),
            1 => return,
            2 => {
                let target = format!("D{}.example", self.dice.below(5));
                return self.add(name, RecordData::Cname(absolute(&target)));
            }
            _ => {}
        }
        for _ in 0..self.dice.weigh(&[(30, 1), (1, 0), (1, 2)]) {
            let mut text = record(self.dice, spice);
            let own = format!("include:{name}");
            // Records that include themselves end at once on the other side, so there are few.
            while String::from_utf8_lossy(&text)
                .to_ascii_lowercase()
                .contains(&own)
                && !self.dice.one_in(12)
            {
                text = record(self.dice, spice);
            }
            self.text(name, &text);
        }
        if self.dice.one_in(6) {
            let other: &[u8] =
                self.dice
                    .pick(&[&b"v=DMARC1; p=none"[..], b"", b"\xff", b"v=spf1x", b"v=spf"]);
            self.text(name, other);
        }
        if self.dice.one_in(2) {
            self.plain_host(name, 3);
        }
        if self.dice.one_in(2) {
            self.exchangers(name);
        }
    }

    fn explanation(&mut self, name: &str) {
        match self.dice.below(16) {
            0 => return self.fail(name, RecordType::TXT),
            1 => return,
            2 => return self.add(name, RecordData::Cname(absolute("E0.example"))),
            3 => self.text(name, b"another"),
            _ => {}
        }
        let text = explanation(self.dice);
        self.text(name, &text);
    }

    fn host(&mut self, name: &str) {
        match self.dice.below(24) {
            0 => {}
            1 => self.text(name, b"no address"),
            2 => {
                let target = format!("h{}.example", self.dice.below(6));
                self.add(name, RecordData::Cname(absolute(&target)));
            }
            3 => {
                self.fail(name, RecordType::A);
                self.fail(name, RecordType::AAAA);
            }
            _ => self.plain_host(name, 2),
        }
    }

    /// One or more addresses of each family; one in `rarity` is a client's.
    fn plain_host(&mut self, name: &str, rarity: usize) {
        for _ in 0..=self.dice.below(2) {
            let own = Ipv4Addr::new(192, 0, 2, self.dice.pick(&[3, 65, 130, 200]));
            let clients = [
                [192, 0, 2, 1],
                [192, 0, 2, 77],
                [198, 51, 100, 3],
                [203, 0, 113, 9],
            ];
            let address = match self.dice.one_in(rarity) {
                true => self.dice.pick(&clients).into(),
                false => own,
            };
            self.add(name, RecordData::A(address));
        }
        for _ in 0..=self.dice.below(2) {
            let own = ["2001:db8::2", "2001:db8:1::2", "2001:db8:ffff::1"];
            let address = match self.dice.one_in(rarity) {
                true => self.dice.pick(&["2001:db8::1", "2001:db8:1::3"]),
                false => self.dice.pick(&own),
            };
            self.add(name, RecordData::Aaaa(address.parse().expect("an address")));
        }
    }

    fn exchangers(&mut self, name: &str) {
        if self.dice.one_in(40) {
            return self.fail(name, RecordType::MX);
        }
        if self.dice.one_in(40) {
            let null = RecordData::Mx {
                preference: 0,
                exchange: Name::ROOT,
            };
            return self.add(name, null);
        }
        let count = self
            .dice
            .weigh(&[(1, 0), (9, 1), (9, 2), (6, 3), (1, 10), (1, 11), (1, 12)]);
        for number in 0..count {
            let exchange = match self.dice.below(3) {
                0 if count < 10 => format!("h{}.example", self.dice.below(6)),
                _ => format!("x{number}.example"),
            };
            let exchange = absolute(&exchange);
            let preference = self.dice.pick(&[0, 10, 10, 20, 65535]);
            self.add(
                name,
                RecordData::Mx {
                    preference,
                    exchange,
                },
            );
        }
    }

    fn pointers(&mut self, client: IpAddr) {
        let name = match client {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(address) => {
                let nibbles: Vec<String> = format!("{:032x}", address.to_bits())
                    .chars()
                    .rev()
                    .map(String::from)
                    .collect();
                format!("{}.ip6.arpa", nibbles.join("."))
            }
        };
        if self.dice.one_in(16) {
            return self.fail(&name, RecordType::PTR);
        }
        let count = self
            .dice
            .weigh(&[(2, 0), (9, 1), (9, 2), (5, 3), (1, 10), (1, 11), (1, 12)]);
        if count >= 10 {
            return self.many_pointers(&name, client, count);
        }
        for number in 0..count {
            let target = match self.dice.below(12) {
                0 => String::from("gone.example"),
                1 => String::from("D0.Example"),
                2 => String::from("sub.d0.example"),
                3 => String::from("notd0.example"),
                4 | 5 => format!("h{}.example", self.dice.below(6)),
                6 => format!("d{}.example", self.dice.below(5)),
                _ => format!("p{number}.d1.example"),
            };
            self.add(&name, RecordData::Ptr(absolute(&target)));
        }
    }

    /// About as many names as are looked at; one of the last has the client's address.
    fn many_pointers(&mut self, name: &str, client: IpAddr, count: usize) {
        let valid = 8 + self.dice.below(count - 8);
        let tag = client.to_string().replace(['.', ':'], "-");
        for number in 0..count {
            let target = format!("q{number:02}-{tag}.d2.example");
            let data = match client {
                IpAddr::V4(address) if number == valid => RecordData::A(address),
                IpAddr::V6(address) if number == valid => RecordData::Aaaa(address),
                IpAddr::V4(_) => RecordData::A(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => RecordData::Aaaa(Ipv6Addr::LOCALHOST),
            };
            self.add(&target, data);
            self.add(name, RecordData::Ptr(absolute(&target)));
        }
    }

    /// A TXT record, cut into strings somewhere.
    fn text(&mut self, name: &str, text: &[u8]) {
        let mut strings = Vec::new();
        let mut rest = text;
        while rest.len() > 255 || (!rest.is_empty() && self.dice.one_in(4)) {
            let (string, others) = rest.split_at(self.dice.below(rest.len().min(255)));
            strings.push(string.to_vec());
            rest = others;
        }
        strings.push(rest.to_vec());
        let text = Txt::from_strings(strings).expect("some, none too long");
        self.add(name, RecordData::Txt(text));
    }

    fn add(&mut self, name: &str, data: RecordData) {
        self.zone.insert(Record::new(absolute(name), 300, data));
    }

    fn fail(&mut self, name: &str, record_type: RecordType) {
        let fault = self.dice.pick(&[Fault::ServFail, Fault::Timeout]);
        self.zone.set_fault(absolute(name), record_type, fault);
    }
}

fn absolute(name: &str) -> Name {
    name.parse().expect("a name")
}

fn ask(dice: &mut Dice) -> Ask {
    let client = dice.pick(CLIENTS).parse().expect("an address");
    let helo = match dice.below(3) {
        0 => dice.pick(HELOS).to_owned(),
        _ => format!("d{}.example", dice.below(5)),
    };
    let local = dice.pick(LOCALS);
    let domain = match dice.below(10) {
        0 => dice.pick(DOMAINS).to_owned(),
        _ => format!("d{}.example", dice.below(3)),
    };
    let sender = match dice.below(16) {
        0 | 1 => String::new(),
        2 => domain,
        _ => format!("{local}@{domain}"),
    };
    Ask {
        client,
        sender,
        helo,
    }
}

/// How many questions are asked about each zone.
pub(crate) const QUERIES: usize = 6;

const CLIENTS: &[&str] = &[
    "192.0.2.1",
    "192.0.2.77",
    "198.51.100.3",
    "203.0.113.9",
    "2001:db8::1",
    "2001:db8:1::3",
    "::ffff:192.0.2.1",
    "2001:db8::cb01",
];

const HELOS: &[&str] = &[
    "mail.example.net",
    "h1.example",
    "D2.Example",
    "d1.example.",
    "sub.d0.example",
    "[192.0.2.1]",
    "localhost",
    "bad..name",
    "under_score.example",
    "",
];

const DOMAINS: &[&str] = &[
    "D0.Example",
    "d0.example.",
    "sub.d0.example",
    "gone.example",
    "h0.example",
    "com",
    "",
    "a..example",
    ".d0.example",
    "d0.example..",
    "[192.0.2.1]",
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.example",
];

const LOCALS: &[&str] = &[
    "ada",
    "ada",
    "b",
    "b-c",
    "h1",
    "d1",
    "strong-bad",
    "a+b",
    "a.b.c",
    "x_y=z",
    "a/b,c-d",
    "ADA",
    "",
    "\"a b\"",
    "\"a@b\"",
    "..",
    ".a",
    "a..b",
    "-",
    "+",
    "%{d}~!#$&'*",
    "1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890",
];
