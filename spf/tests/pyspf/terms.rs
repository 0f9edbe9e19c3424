//! Records, good and bad, and texts of explanations.

use crate::dice::Dice;

/// What a record may contain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spice {
    /// Well-formed terms.
    None,
    /// `%{p}` too, which looks names up wherever it stands.
    ValidatedName,
    /// One term that departs from the grammar or comes close to it.
    Flaw,
    /// Terms that look something up and nothing else, as many as may exceed the limit.
    Lookups,
}

/// The strings of a TXT record that is an SPF record, or nearly.
pub(crate) fn record(dice: &mut Dice, spice: Spice) -> Vec<u8> {
    let version = dice.weigh(&[
        (120, "v=spf1"),
        (3, "V=SPF1"),
        (3, "v=Spf1"),
        (1, "v=spf10"),
        (1, "v=spf1\t"),
        (1, " v=spf1"),
        (1, "v=spf1."),
        (1, "spf2.0/pra"),
        (1, "v=spf2"),
    ]);
    let count = match spice {
        Spice::Lookups => dice.below(9) + 4,
        _ => dice.below(9),
    };
    let mut terms: Vec<String> = (0..count).map(|_| term(dice, spice)).collect();
    if spice == Spice::Flaw {
        let at = dice.below(terms.len() + 1);
        let flaw = dice.pick(FLAWS);
        let qualifier = dice.weigh(&[(6, ""), (1, "-"), (1, "?")]);
        let is_modifier = flaw.contains('=') && !flaw.contains(':');
        let qualifier = if is_modifier { "" } else { qualifier };
        terms.insert(at, format!("{qualifier}{flaw}"));
    }
    if dice.below(5) < 3 {
        terms.push(
            dice.pick(&["-all", "-all", "~all", "?all", "+all", "all"])
                .to_owned(),
        );
    }
    let modifiers = [("redirect=", 8), ("exp=", 3)];
    for (modifier, rarity) in modifiers {
        if dice.one_in(rarity) {
            let at = dice.below(terms.len() + 1);
            let target = match modifier {
                "exp=" => explanation_domain(dice),
                _ => record_domain(dice, spice),
            };
            let modifier = match dice.below(20) {
                0 => dice.recase(modifier),
                _ => modifier.to_owned(),
            };
            terms.insert(at, format!("{modifier}{target}"));
        }
    }
    let mut record = String::from(version);
    for term in terms {
        record.push_str(dice.weigh(&[(20, " "), (1, "  "), (1, "   ")]));
        record.push_str(&term);
    }
    record.push_str(dice.weigh(&[(9, ""), (1, " ")]));
    record.into_bytes()
}

/// The text of an explanation.
pub(crate) fn explanation(dice: &mut Dice) -> Vec<u8> {
    if dice.one_in(10) {
        return dice.pick(BAD_EXPLANATIONS).to_vec();
    }
    let mut text = String::from("no");
    for _ in 0..dice.below(5) {
        text.push_str(dice.pick(&[" ", "%_", "%%", "%-", ". ", " see http://why.example/?"]));
        let part = match dice.below(4) {
            0 => dice
                .pick(&["%{s}", "%{r}", "%{t}", "%{c}", "%{C}", "%{R}", "%{T}"])
                .to_owned(),
            _ => expansion(dice, Spice::None),
        };
        text.push_str(&part);
    }
    text.into_bytes()
}

fn term(dice: &mut Dice, spice: Spice) -> String {
    if spice != Spice::Lookups && dice.one_in(16) {
        let text = expansion(dice, spice);
        return format!("{}={text}", dice.pick(&["x", "unknown-1", "A_b.c", "y"]));
    }
    let qualifier = dice.weigh(&[(4, ""), (1, "+"), (2, "-"), (2, "~"), (2, "?")]);
    let local = if spice == Spice::Lookups { 0 } else { 3 };
    let name = dice.weigh(&[
        (3, "include"),
        (3, "a"),
        (3, "mx"),
        (1, "ptr"),
        (2, "exists"),
        (local, "ip4"),
        (local, "ip6"),
    ]);
    let argument = match name {
        "include" => format!(":{}", record_domain(dice, spice)),
        "exists" => format!(":{}", host_domain(dice, spice)),
        "ip4" => format!(":{}", dice.pick(IP4)),
        "ip6" => format!(":{}", dice.pick(IP6)),
        "ptr" if dice.one_in(3) => String::from(":d2.example"),
        "ptr" => optional(dice, spice),
        _ => {
            let prefix = dice.weigh(&[
                (12, ""),
                (1, "/24"),
                (1, "/0"),
                (1, "/31"),
                (1, "/32"),
                (1, "//64"),
                (1, "//0"),
                (1, "/24//64"),
                (1, "/26//127"),
                (1, "/32//128"),
            ]);
            format!("{}{prefix}", optional(dice, spice))
        }
    };
    let name = match dice.below(12) {
        0 => dice.recase(name),
        _ => name.to_owned(),
    };
    format!("{qualifier}{name}{argument}")
}

fn optional(dice: &mut Dice, spice: Spice) -> String {
    if dice.one_in(4) {
        String::new()
    } else {
        format!(":{}", host_domain(dice, spice))
    }
}

/// A domain that often has addresses or mail exchangers.
fn host_domain(dice: &mut Dice, spice: Spice) -> String {
    match dice.below(16) {
        0..6 => format!("h{}.example", dice.below(6)),
        6..9 => format!("m{}.example", dice.below(3)),
        9..11 => format!("d{}.example", dice.below(5)),
        11 => format!("H{}.Example.", dice.below(6)),
        12 => dice.pick(HOST_SPECS).to_owned(),
        13 => dice.pick(ODD_DOMAINS).to_owned(),
        _ => format!("{}.yes.example", expansion(dice, spice)),
    }
}

/// A domain that often has a record.
fn record_domain(dice: &mut Dice, spice: Spice) -> String {
    match dice.below(24) {
        0 => dice
            .pick(&["none.example", "h0.example", "%{d2}", "%{o}", "%{d1}"])
            .to_owned(),
        1 => dice
            .pick(&["%{l}.example", "%{h}", "%{l1r-}.example", "sub.%{d}"])
            .to_owned(),
        2 => dice.pick(ODD_DOMAINS).to_owned(),
        3 if spice == Spice::ValidatedName => String::from("%{p}"),
        _ => {
            let number = dice.below(5);
            dice.pick(&[
                "d{}.example",
                "d{}.example",
                "d{}.example",
                "D{}.Example",
                "d{}.example.",
            ])
            .replace("{}", &number.to_string())
        }
    }
}

fn explanation_domain(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => dice
            .pick(&[
                "%{d}",
                "none.example",
                "a..b.example",
                "e%{l}.example",
                "E1.Example.",
            ])
            .to_owned(),
        _ => format!("e{}.example", dice.below(6)),
    }
}

/// A macro that is valid in records.
fn expansion(dice: &mut Dice, spice: Spice) -> String {
    let letters: &[&str] = match spice {
        Spice::ValidatedName => &["p", "P", "p", "d", "i"],
        _ => &[
            "s", "l", "o", "d", "i", "v", "h", "S", "L", "O", "D", "I", "V", "H",
        ],
    };
    let letter = dice.pick(letters);
    let digits = dice.weigh(&[
        (4, ""),
        (2, "1"),
        (2, "2"),
        (1, "3"),
        (1, "12"),
        (1, "4294967297"),
    ]);
    let reverse = dice.weigh(&[(40, ""), (20, "r"), (1, "R")]);
    let mut text = format!("%{{{letter}{digits}{reverse}");
    let rarity = if matches!(letter, "s" | "l" | "S" | "L") {
        2
    } else {
        12
    };
    if dice.one_in(rarity) {
        for _ in 0..=dice.below(3) {
            text.push_str(dice.pick(&[".", "-", "+", ",", "/", "_", "="]));
        }
    }
    text.push('}');
    text
}

const HOST_SPECS: &[&str] = &[
    "%{d}",
    "%{l}.example",
    "%{ir}.%{v}.arpa.yes.example",
    "%{i}._spf.%{d2}",
    "%{l1r-}.%{d}",
    "%{h}",
    "%{O}",
    "%{s}.yes.example",
];

/// Well-formed as the grammar has it, whatever the DNS makes of them.
const ODD_DOMAINS: &[&str] = &[
    "gone.example",
    "a..b.example",
    ".example.com",
    "x:y/z.yes.example",
    "a%%b%_c%-d.yes.example",
    "under_score.yes.example",
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.yes.example",
    "%{l}.%{l}.%{l}.%{l}.yes.example",
    "%{i}%{i}.%{ir}.%{ir}.%{ir}.yes.example",
    "x.a-1",
    "%_.yes.example",
];

const IP4: &[&str] = &[
    "192.0.2.1",
    "192.0.2.1/32",
    "192.0.2.0/24",
    "192.0.2.64/26",
    "198.51.100.0/22",
    "198.51.100.3/31",
    "203.0.113.8/30",
    "0.0.0.0/0",
    "255.255.255.255",
    "10.0.0.0/8",
    "192.0.2.2/31",
    "128.0.0.0/1",
];

const IP6: &[&str] = &[
    "2001:db8::1",
    "2001:DB8::/32",
    "2001:db8::/64",
    "2001:db8:1::3/128",
    "2001:db8:1:0:0:0:0:2/127",
    "::/0",
    "::1",
    "::ffff:192.0.2.1",
    "2001:db8::192.0.2.1/96",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8/16",
    "8000::/1",
];

/// Terms that are errors, and some neighbours that are not.
const FLAWS: &[&str] = &[
    "ip4:192.0.2.01",
    "ip4:192.0.2.1/33",
    "ip4:192.0.2.1/032",
    "ip4:192.0.2.1/",
    "ip4:192.0.2.1//32",
    "ip4:192.0.2",
    "ip4:192.0.2.256",
    "ip4:192.0.2.1.1",
    "ip4",
    "ip4:",
    "ip4/24",
    "ip4:2001:db8::1",
    "ip4:%{i}",
    "ip6:192.0.2.1",
    "ip6:2001:db8::1/129",
    "ip6:2001:db8::1/00",
    "ip6:2001:db8::1//64",
    "ip6:2001:db8:::1",
    "ip6:1:2:3:4:5:6:7:8:9",
    "ip6:12345::",
    "ip6:::192.0.2.01",
    "ip6:1::2::3",
    "ip6:fe80::1%1",
    "ip6",
    "a:",
    "a/",
    "a/33",
    "a/-1",
    "a/024",
    "a//129",
    "a//064",
    "a//64/24",
    "a/24/64",
    "a/24//",
    "a///24",
    "a/24//64//64",
    "a:/24",
    "a:com",
    "a:com.",
    "a:h0.example/",
    "a:h0.example..",
    "a:h0.123",
    "a:h0.-x",
    "a:h0.x-",
    "a:h0.x_y",
    "a:192.0.2.1",
    "a:h0.example:80",
    "a:h0.example,",
    "a:%{d}.",
    "a:%{d}com",
    "a:%{d0}.example",
    "a:%{d00}",
    "a:%{x}.example",
    "a:%{}.example",
    "a:%{dx}.example",
    "a:%{d2x}.example",
    "a:%{dr2}.example",
    "a:%{d!}.example",
    "a:%{d.r}.example",
    "a:%{d",
    "a:%{d.example",
    "a:%d.example",
    "a:%.example",
    "a:x%",
    "a:%%%x.example",
    "a:%(d).example",
    "exists:%{c}.yes.example",
    "exists:%{t}",
    "exists",
    "exists:h0.example/24",
    "exists:%{d}/24",
    "include",
    "include:",
    "include:d1.example/24",
    "mx:h0.example\u{7f}.example",
    "mx:\th0.example",
    "mx/ 24",
    "ptr:",
    "ptr/0",
    "all:",
    "all/8",
    "all.",
    "all=",
    "moo",
    "prt",
    "redirect:d1.example",
    "redirect=",
    "exp=",
    "x=%{d",
    "x=%",
];

const BAD_EXPLANATIONS: &[&[u8]] = &[
    b"",
    b" ",
    b"100% no",
    b"no%",
    b"%{d",
    b"%{x}",
    b"%{d0}",
    b"%{dx}",
    b"%(d)",
    b"tab\there",
    b"line\nhere",
    b"f\xc3\xbcr",
    b"ends in a dot.",
    b"%%%x",
];
