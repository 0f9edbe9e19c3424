//! Mails a second over SMTP on loopback, beside other implementations and beside a client of as few system calls as can
//! be.
//!
//! Before anything is measured, everyone's mails must arrive as they were sent.

#[expect(
    dead_code,
    reason = "shared with benches that measure in CPU time; here most of the time is waiting"
)]
#[path = "../../benches/shared/turns.rs"]
mod turns;

#[path = "../../benches/shared/smtp/mod.rs"]
mod smtp;

mod senders;

use std::net::SocketAddr;
use std::time::Duration;

use letterhead_mail as mail;
use letterhead_transport as transport;

use self::senders::{Lettre, MailSend};
use self::smtp::{
    Away, By, DOTS, LANES, MAILS, MAILS_A_RUN, Ours, Setting, round_trips, wall_time,
};
use self::turns::{Rounds, Run};

fn main() {
    let setting = Setting::start();
    // lettre's transports begin and end within a runtime.
    let _within = setting.runtime().enter();
    check(&setting);
    for by in [By::Data, By::Bdat] {
        for (size, mail) in MAILS {
            for lanes in [1, LANES] {
                println!("{by:?}, {size}, {lanes} at once");
                near(&setting, by, mail, lanes);
            }
        }
    }
    for by in [By::Data, By::Bdat] {
        let one_way = Duration::from_millis(25);
        let away = Away::from(setting.sink(by).address(), one_way, setting.runtime());
        println!(
            "{by:?}, far away: round trips a mail after the first, of {:.1} ms",
            away.round_trip().as_secs_f64() * 1e3
        );
        for (size, mail) in MAILS {
            print!("  {size:8}");
            far(&setting, &away, by, mail);
        }
    }
}

/// What is sent arrives, whoever sends it.
fn check(setting: &Setting) {
    for mail in MAILS.map(|(_, mail)| mail).into_iter().chain([DOTS]) {
        for by in [By::Data, By::Bdat] {
            for (name, run) in subjects(setting, by, mail, 1) {
                let kept = setting.sink(by).kept(run);
                assert_eq!(kept.len(), MAILS_A_RUN, "{name}");
                for content in kept {
                    // Behind DATA the others end each mail with one line end more.
                    let content = match (name, by) {
                        (LETTRE | MAIL_SEND, By::Data) => content.strip_suffix(b"\r\n"),
                        _ => Some(content.as_slice()),
                    };
                    assert!(content == Some(mail), "{name} {by:?}");
                }
            }
        }
    }
}

/// Everyone who sends this way, the raw client first.
fn subjects<'a>(
    setting: &'a Setting,
    by: By,
    mail: &[u8],
    lanes: usize,
) -> Vec<(&'static str, Run<'a>)> {
    let sink = setting.sink(by).address();
    let mut subjects = vec![
        ("raw", setting.raw_run(by, mail, lanes)),
        ("letterhead", setting.our_run(by, mail, lanes)),
    ];
    if by == By::Data {
        let senders = Lettre::lanes(sink, mail, lanes);
        subjects.push((LETTRE, setting.run(by, mail, senders)));
    }
    let senders = mail_send(setting, sink, by, mail, lanes);
    subjects.push((MAIL_SEND, setting.run(by, mail, senders)));
    subjects
}

fn mail_send(
    setting: &Setting,
    server: SocketAddr,
    by: By,
    mail: &[u8],
    lanes: usize,
) -> Vec<MailSend> {
    setting
        .runtime()
        .block_on(MailSend::lanes(server, by, mail, lanes))
}

fn near(setting: &Setting, by: By, mail: &[u8], lanes: usize) {
    let (names, runs): (Vec<_>, Vec<_>) = subjects(setting, by, mail, lanes).into_iter().unzip();
    let rounds = Rounds::measured(&runs, wall_time(11));
    for (index, name) in names.into_iter().enumerate() {
        let rate = (lanes * MAILS_A_RUN) as f64 * 1e9 / rounds.nanoseconds(index).median;
        let share = rounds.ratio(0, index);
        let connections = setting.sink(by).connections();
        let load = setting.load(by, &runs[index]);
        let connections = setting.sink(by).connections() - connections;
        println!(
            "  {name:28} {rate:9.0}/s   {:6.4} of raw's (from {:.4} to {:.4})   {load}; {:.2} connections a mail",
            share.median,
            share.lowest,
            share.highest,
            connections as f64 / load.mails() as f64,
        );
    }
}

fn far(setting: &Setting, away: &Away, by: By, mail: &[u8]) {
    let (runtime, server) = (setting.runtime(), away.address());
    let raw = setting.raw(server, by, mail, 1).remove(0);
    print!("   raw {:.2}", round_trips(runtime, away, raw, FAR_MAILS));
    let ours = Ours::lanes(server, mail, 1).remove(0);
    print!(
        "   letterhead {:.2}",
        round_trips(runtime, away, ours, FAR_MAILS)
    );
    if by == By::Data {
        let lettre = Lettre::lanes(server, mail, 1).remove(0);
        print!(
            "   lettre {:.2}",
            round_trips(runtime, away, lettre, FAR_MAILS)
        );
    }
    let mail_send = mail_send(setting, server, by, mail, 1).remove(0);
    println!(
        "   mail-send {:.2}",
        round_trips(runtime, away, mail_send, FAR_MAILS)
    );
}

const LETTRE: &str = "lettre, pooled";
const MAIL_SEND: &str = "mail-send, a connection each";
const FAR_MAILS: u32 = 5;
