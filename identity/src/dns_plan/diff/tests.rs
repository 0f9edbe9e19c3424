use letterhead_dns::{Name, RecordType, Zone};

use super::{DnsDiff, SpfChange, Status};
use crate::dns_plan::tests::{
    DOMAIN, PUBLISHED, TOKENS, custom, diff, diff_over, identity, own_server, profile, zuora,
};
use crate::dns_plan::{DnsPlan, PlanError};
use crate::verification::Finding;

/// What the zone is once its keeper has followed the text: what it says REPLACE is gone, the rest is pasted in.
fn follow(diff: &DnsDiff, mut zone: Zone) -> Zone {
    let text = diff.to_zone_text();
    for line in text
        .lines()
        .filter_map(|line| line.strip_prefix("; REPLACE "))
    {
        let gone: Zone = line.parse().unwrap();
        for record in gone.records() {
            let removed = zone.remove(&record.name, record.data.record_type());
            for other in removed
                .into_iter()
                .filter(|other| other.data != record.data)
            {
                zone.insert(other);
            }
        }
    }
    zone.extend(text.parse().unwrap());
    zone
}

#[test]
fn mail_exchangers_are_planned_and_compared() {
    let rules = custom(
        "[[value]]\nname = \"host\"\nsource = \"page\"\n[[record]]\npurpose = \"mail-from\"\nkind = \"MX\"\nowner = \"bounce.{domain}\"\nvalue = \"{host}\"\nnecessity = \"required\"\nsource = \"page\"\n",
    );
    let plan = |host: &str| DnsPlan::new(&rules, &[identity(DOMAIN, None, &[("host", &[host])])]);
    let good = plan("10 feedback.example.").unwrap();
    let published = "bounce.yourcompany.example. 60 IN MX 10 Feedback.example.\n";
    assert!(diff(&good, published).is_complete());
    let second = format!("{published}bounce.yourcompany.example. 60 IN MX 20 other.example.");
    let found = diff(&good, &second);
    assert!(matches!(&found.rows()[0].status, Status::Conflicting(others) if others.len() == 1));
    assert!(diff_over(&good, &follow(&found, second.parse().unwrap())).is_complete());
    for bad in [
        "feedback.example.",
        "ten feedback.example.",
        "70000 a.example",
    ] {
        assert!(matches!(plan(bad), Err(PlanError::BadRecord(_))), "{bad}");
    }
}

#[test]
fn a_proof_of_ownership_stands_among_other_texts() {
    let rules = custom(
        "[[record]]\npurpose = \"ownership\"\nkind = \"TXT\"\nowner = \"{domain}\"\nvalue = \"proof=1\"\nnecessity = \"required\"\nsource = \"page\"\n",
    );
    let plan = DnsPlan::new(&rules, &[identity(DOMAIN, None, &[])]).unwrap();
    let others =
        "yourcompany.example. 60 IN TXT \"v=spf1 -all\"\nyourcompany.example. 60 IN TXT other\n";
    let found = diff(&plan, others);
    assert!(matches!(found.rows()[0].status, Status::Missing));
    let after = follow(&found, others.parse().unwrap());
    assert_eq!(after.records().count(), 3);
    assert_eq!(diff_over(&plan, &after).ownership(), Finding::Proven);
}

fn spf_of(zone: &str) -> SpfChange {
    diff(&zuora(&[TOKENS]), zone).spf
}

#[test]
fn the_spf_record_is_merged_never_doubled() {
    match spf_of(
        "yourcompany.example. IN TXT \"v=spf1 mx ~all\"\nyourcompany.example. IN TXT other",
    ) {
        SpfChange::Replace { current, merged } => {
            assert_eq!(current, "v=spf1 mx ~all");
            assert_eq!(merged, "v=spf1 mx include:amazonses.com ~all");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        spf_of("yourcompany.example. IN TXT \"v=spf1 mx include:amazonses.com ~all\""),
        SpfChange::Present { current } if current == "v=spf1 mx include:amazonses.com ~all"
    ));
    for nothing in [
        "",
        "yourcompany.example. IN TXT other",
        "yourcompany.example. IN TXT \"v=spf10 -all\"",
    ] {
        assert!(matches!(
            spf_of(nothing),
            SpfChange::New { record } if record == "v=spf1 include:amazonses.com ~all"
        ));
    }
    assert!(matches!(
        spf_of(";fault yourcompany.example TXT servfail"),
        SpfChange::Unknown(_)
    ));
}

#[test]
fn an_spf_record_that_needs_its_owner_is_left_to_them() {
    for (zone, current, problem) in [
        (
            "yourcompany.example. IN TXT \"v=spf1 mx -all\"\nyourcompany.example. IN TXT \"v=spf1 -all\"\nyourcompany.example. IN TXT \"v=spf10\"",
            &["v=spf1 -all", "v=spf1 mx -all"][..],
            "the domain has 2 SPF records",
        ),
        (
            "yourcompany.example. IN TXT \"v=spf1 ip4:1 -all\"",
            &["v=spf1 ip4:1 -all"],
            "the domain's SPF record is broken",
        ),
        (
            "yourcompany.example. IN TXT \"v=spf1 mx \\195\\164\\010 \\\"\"",
            &["v=spf1 mx \\195\\164\\010 \""],
            "the domain's SPF record is broken",
        ),
        (
            "yourcompany.example. IN TXT \"v=spf1 redirect=_spf.other.example\"",
            &["v=spf1 redirect=_spf.other.example"],
            "the record ends in `redirect=_spf.other.example`",
        ),
        (
            "yourcompany.example. IN CNAME www.other.example.\nwww.other.example. IN TXT \"v=spf1 -all\"",
            &["v=spf1 -all"],
            "yourcompany.example. is an alias of www.other.example.",
        ),
        (
            "yourcompany.example. IN CNAME gone.example.",
            &[],
            "yourcompany.example. is an alias of gone.example.",
        ),
    ] {
        let found = diff(&zuora(&[TOKENS]), zone);
        let SpfChange::Blocked {
            current: texts,
            problem: sentence,
        } = found.spf()
        else {
            panic!("{zone}: {:?}", found.spf());
        };
        assert_eq!(texts, current);
        assert!(sentence.starts_with(problem), "{sentence}");
        assert!(!found.is_complete());
        let text = found.to_zone_text();
        assert!(text.contains(&format!("; {problem}")), "{text}");
        let pasted: Zone = text.parse().unwrap();
        let domain: Name = DOMAIN.parse().unwrap();
        assert!(
            pasted.records().all(|record| record.name != domain),
            "{text}"
        );
    }
}

#[test]
fn a_record_that_would_exceed_ten_lookups_over_its_includes_is_blocked() {
    let current = "v=spf1 include:a.example ~all";
    let zone = |hosts: usize| {
        let mut zone = format!(
            "yourcompany.example. IN TXT \"{current}\"\namazonses.com. IN TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
        );
        let mut terms = String::new();
        for host in 0..hosts {
            terms.push_str(&format!(" a:h{host}.example"));
            zone.push_str(&format!(
                "h{host}.example. IN A 192.0.2.1\nh{host}.example. IN AAAA 2001:db8::9\n"
            ));
        }
        zone.push_str(&format!("a.example. IN TXT \"v=spf1{terms} ?all\"\n"));
        zone
    };
    assert!(matches!(
        diff(&zuora(&[TOKENS]), &zone(8)).spf(),
        SpfChange::Replace { merged, .. } if merged == "v=spf1 include:a.example include:amazonses.com ~all"
    ));
    let three_times = |name: &str| {
        format!(
            "{}{name} IN A 192.0.2.1\nb.example. IN TXT \"v=spf1 a:h.example a:h.example a:h.example -all\"\n",
            zone(0).replace("include:a.example", "include:b.example")
        )
    };
    for (zone, reason) in [
        (
            zone(9),
            "with the records it includes, 11 terms cause lookups and 10 are allowed; remove terms, or flatten some; most are caused by `include:a.example` (10), `include:amazonses.com` (1)",
        ),
        (
            three_times("other.example."),
            "in checks, 3 terms find nothing and 2 are allowed; remove terms for hosts that are gone, or name addresses in place of hosts",
        ),
    ] {
        let found = diff(&zuora(&[TOKENS]), &zone);
        let SpfChange::Blocked { problem, .. } = found.spf() else {
            panic!("{zone}: {:?}", found.spf());
        };
        assert!(problem.ends_with(reason), "{problem}");
        assert!(!found.is_complete());
        let text = found.to_zone_text();
        assert!(text.contains(&format!("; {problem}\n; is now ")), "{text}");
        let pasted: Zone = text.parse().unwrap();
        let domain: Name = DOMAIN.parse().unwrap();
        assert!(
            pasted.records().all(|record| record.name != domain),
            "{text}"
        );
    }
    // Three hosts without AAAA are void for IPv6 clients only.
    let found = diff(&zuora(&[TOKENS]), &three_times("h.example."));
    assert!(
        matches!(found.spf(), SpfChange::Replace { .. }),
        "{:?}",
        found.spf()
    );
    // The first record of a domain is checked as well.
    let first = "amazonses.com. IN TXT \"v=spf1 include:amazonses.com -all\"\n";
    assert_eq!(spf_of(first).to_string(), "blocked");
}

#[test]
fn a_redirect_to_a_record_with_every_term_is_complete() {
    let with = |target: &str| {
        let own = "yourcompany.example. IN TXT \"v=spf1 redirect=_spf.c.example\"\n";
        diff(&zuora(&[TOKENS]), &format!("{PUBLISHED}{own}{target}"))
    };
    let found = with("_spf.c.example. IN TXT \"v=spf1 mx include:amazonses.com -all\"");
    assert!(
        matches!(found.spf(), SpfChange::Present { current } if current == "v=spf1 redirect=_spf.c.example")
    );
    assert!(found.is_complete());
    for (target, status) in [
        ("", "blocked"),
        ("_spf.c.example. IN TXT \"v=spf1 mx -all\"", "blocked"),
        (
            "_spf.c.example. IN TXT \"v=spf1 ?include:amazonses.com -all\"",
            "blocked",
        ),
        (
            "_spf.c.example. IN TXT \"v=spf1 include:amazonses.com ip4:1 -all\"",
            "blocked",
        ),
        (
            "_spf.c.example. IN TXT \"v=spf1 redirect=x.example\"",
            "blocked",
        ),
        (";fault _spf.c.example TXT servfail", "unknown"),
    ] {
        let found = with(target);
        assert_eq!(found.spf().to_string(), status, "{target}");
        assert!(!found.is_complete());
    }
    let refused = "yourcompany.example. IN TXT \"v=spf1 -include:amazonses.com redirect=_spf.c.example\"\n_spf.c.example. IN TXT \"v=spf1 include:amazonses.com -all\"";
    assert_eq!(spf_of(refused).to_string(), "blocked");
    let macros = "yourcompany.example. IN TXT \"v=spf1 redirect=%{i}.c.example\"";
    assert_eq!(spf_of(macros).to_string(), "blocked");
}

#[test]
fn the_owner_is_told_what_an_spf_record_does_to_others() {
    let first = diff(&zuora(&[TOKENS]), "");
    assert!(
        first
            .to_zone_text()
            .contains("; this is the domain's first SPF record: name every service")
    );
    let contradicted = diff(
        &zuora(&[TOKENS]),
        "yourcompany.example. IN TXT \"v=spf1 -include:amazonses.com ~all\"",
    );
    assert_eq!(contradicted.spf_notices().len(), 1);
    assert!(
        contradicted
            .to_zone_text()
            .contains("; `-include:amazonses.com` does not pass what is wanted")
    );
}

#[test]
fn dmarc_advice_gives_way_to_a_policy_that_applies() {
    let plan = DnsPlan::new(
        &profile("amazon-ses"),
        &[identity("mail.yourcompany.example", None, &[])],
    )
    .unwrap();
    let status = |zone: &str| {
        let found = diff(&plan, zone);
        let row = found.rows().last().unwrap();
        (row.status.to_string(), found.to_zone_text())
    };
    assert_eq!(status("").0, "missing");
    assert_eq!(
        status(
            "_dmarc.mail.yourcompany.example. IN TXT \"v=DMARC1; p=reject; rua=mailto:x@y.example\""
        )
        .0,
        "present"
    );
    let (above, text) = status("_dmarc.yourcompany.example. IN TXT \"v=DMARC1; p=reject\"");
    assert_eq!(above, "present", "p=none below would put it out of force");
    assert!(!text.contains("p=none"), "{text}");
    assert_eq!(
        status("_dmarc.mail.yourcompany.example. IN TXT unrelated").0,
        "missing"
    );
    for broken in [
        "_dmarc.mail.yourcompany.example. IN TXT \"v=DMARC1; p=block\"",
        "_dmarc.mail.yourcompany.example. IN TXT \"v=DMARC1; p=none\"\n_dmarc.mail.yourcompany.example. IN TXT \"v=DMARC1; p=reject\"",
    ] {
        let (broken, text) = status(broken);
        assert_eq!(broken, "wrong");
        assert!(
            text.contains("; is now _dmarc.mail.yourcompany.example. 3600 IN TXT \"v=DMARC1; p="),
            "{text}"
        );
        assert!(
            !text.contains("\n_dmarc"),
            "its owner has to put it right: {text}"
        );
    }
    let (unknown, text) = status(";fault _dmarc.mail.yourcompany.example TXT timeout");
    assert_eq!(unknown, "unknown");
    assert!(
        text.contains("; _dmarc.mail.yourcompany.example. 3600 IN TXT"),
        "{text}"
    );
}

#[test]
fn each_record_stands_as_it_was_found() {
    let plan = zuora(&[TOKENS]);
    let owner = "t1._domainkey.yourcompany.example.";
    for (zone, status, ownership) in [
        (PUBLISHED.to_owned(), "present", Finding::Proven),
        (
            PUBLISHED.lines().skip(1).collect::<Vec<_>>().join("\n"),
            "missing",
            Finding::Missing,
        ),
        (
            PUBLISHED.replace("t1.dkim", "t9.dkim"),
            "wrong",
            Finding::Missing,
        ),
        (
            PUBLISHED.replacen("CNAME t1.dkim.amazonses.com.", "TXT \"v=DKIM1; p=\"", 1),
            "conflicting",
            Finding::Missing,
        ),
        (
            PUBLISHED.replacen("CNAME t1.dkim.amazonses.com.", "A 192.0.2.1", 1),
            "conflicting",
            Finding::Missing,
        ),
        (
            format!("{PUBLISHED};fault {owner} CNAME servfail"),
            "unknown",
            Finding::Unknown,
        ),
        (
            format!("{PUBLISHED};fault {owner} CNAME timeout").replace("T2.dkim", "t9.dkim"),
            "unknown",
            Finding::Missing,
        ),
    ] {
        let found = diff(&plan, &zone);
        assert_eq!(found.rows()[0].status.to_string(), status, "{zone}");
        assert_eq!(found.ownership(), ownership, "{zone}");
    }
    // An alias where a text should stand is in the way as well, whether or not it leads anywhere.
    let plan = own_server(&[("selector", &["a"]), ("key-record", &["v=DKIM1; p="])]).unwrap();
    for target in ["", "other.example. IN TXT \"v=DKIM1; p=AAAA\""] {
        let found = diff(
            &plan,
            &format!("a._domainkey.yourcompany.example. IN CNAME other.example.\n{target}"),
        );
        assert!(
            matches!(&found.rows()[0].status, Status::Conflicting(alias) if alias[0].record_type() == RecordType::CNAME)
        );
    }
    let delegated = "a._domainkey.yourcompany.example. IN CNAME other.example.\nother.example. IN TXT \"v=DKIM1; p=\"";
    assert!(matches!(
        diff(&plan, delegated).rows()[0].status,
        Status::Present
    ));
}

#[test]
fn following_the_text_completes_the_diff() {
    let spf = "yourcompany.example. IN TXT \"v=spf1 mx ~all\"\nyourcompany.example. IN TXT other\n";
    for zone in [
        String::new(),
        spf.to_owned(),
        format!("{spf}{PUBLISHED}"),
        format!("{spf}{}", PUBLISHED.replace("t1.dkim", "t9.dkim")),
        PUBLISHED.replacen(
            "CNAME t1.dkim.amazonses.com.",
            "TXT \"a \\\"b\\\" \\010 ; c\"",
            1,
        ),
        "t1._domainkey.yourcompany.example. IN TXT a\nt1._domainkey.yourcompany.example. IN TXT b"
            .to_owned(),
    ] {
        let plan = zuora(&[TOKENS]);
        let before: Zone = zone.parse().unwrap();
        let found = diff_over(&plan, &before);
        let after = follow(&found, before);
        let complete = diff_over(&plan, &after);
        assert!(
            complete.is_complete(),
            "{zone}\n{}\n{complete}",
            found.to_zone_text()
        );
        assert!(
            complete
                .rows()
                .iter()
                .all(|row| matches!(row.status, Status::Present)),
            "{complete}"
        );
        assert_eq!(complete.to_zone_text(), "");
    }
}

#[test]
fn a_large_answer_is_shown_and_stays_text() {
    let mut zone = String::new();
    for number in 0..150 {
        zone.push_str(&format!("yourcompany.example. IN TXT \"n{number} \\010;\\\"\"\nt1._domainkey.yourcompany.example. IN TXT \"{number}\\010\"\n"));
    }
    let found = diff(&zuora(&[TOKENS]), &zone);
    assert!(matches!(&found.rows()[0].status, Status::Conflicting(texts) if texts.len() == 150));
    let after = follow(&found, zone.parse().unwrap());
    assert!(diff_over(&zuora(&[TOKENS]), &after).is_complete());
}

#[test]
fn the_table_is_one_line_a_record() {
    let zone = format!(
        "yourcompany.example. IN TXT \"v=spf1 mx ~all\"\n{};fault t3._domainkey.yourcompany.example CNAME servfail",
        PUBLISHED.replace("T2.dkim", "t9.dkim")
    );
    assert_eq!(
        diff(&zuora(&[TOKENS]), &zone).to_string(),
        "present     required DKIM      t1._domainkey.yourcompany.example. CNAME\n\
         wrong       required DKIM      t2._domainkey.yourcompany.example. CNAME\n\
         unknown     required DKIM      t3._domainkey.yourcompany.example. CNAME\n\
         missing     advised  DMARC     _dmarc.yourcompany.example. TXT\n\
         replace     required SPF       yourcompany.example. TXT\n"
    );
}
