//! Who writes bounces, and under which subject, as data.

use letterhead_mail::EmailAddress;

use super::address_in_text::{addresses, lenient};
use crate::field_group::FieldGroup;
use crate::mail_text::decode_words;

/// What the header of a mail says of who wrote it.
#[derive(Debug, Default)]
pub(crate) struct Author {
    /// 3 where only a mail system writes under such a name, 2 where mostly one does, 1 where a machine does.
    pub(crate) weight: u8,
    /// 2 where the subject is that of a bounce, 1 where it may be.
    pub(crate) subject: u8,
    /// Whether the subject says that somebody answers or passes on.
    pub(crate) is_answer: bool,
    /// Whether no answer can be sent: the null sender, or a mailer daemon as the sender.
    pub(crate) no_return: bool,
    /// The list, where its manager wrote it.
    pub(crate) list: Option<EmailAddress>,
    /// The addresses named as failed by the header, in order.
    pub(crate) failed: Vec<EmailAddress>,
    /// Whose mail it is: From, and who it came to.
    pub(crate) own: Vec<EmailAddress>,
    /// The addresses that it came to.
    pub(crate) delivered_to: Vec<EmailAddress>,
}

impl Author {
    /// Reads the header once.
    pub(crate) fn of(header: FieldGroup<'_>) -> Self {
        let mut author = Self::default();
        let mut list_fields = false;
        let mut is_list_manager = false;
        for field in header.fields() {
            let is = |names: &[&str]| names.iter().any(|name| field.is(name));
            if field.is("From") {
                let value = field.value().unwrap_or_default();
                let value = decode_words(&value);
                author.weight = author.weight.max(weight(&value));
                author.own.extend(addresses(&value).map(|found| found.address).take(MAX_NAMED));
            } else if field.is("Subject") {
                let value = field.value().unwrap_or_default();
                author.read_subject(&decode_words(&value).to_lowercase());
            } else if field.is("Return-Path") {
                let path = field.value().unwrap_or_default().to_ascii_lowercase();
                author.no_return |= path == "<>" || path.contains("mailer-daemon");
            } else if is(FAILED) {
                let value = field.value().unwrap_or_default();
                author.add_failed(&value);
            } else if is(DELIVERED_TO) {
                let value = field.value().unwrap_or_default();
                for found in addresses(&value) {
                    let full = author.delivered_to.len() >= MAX_NAMED;
                    if !full && !author.delivered_to.contains(&found.address) {
                        author.delivered_to.push(found.address);
                    }
                }
            } else if field.is("X-MLServer") || field.is("X-Mailman-Version") {
                is_list_manager = true;
            } else if field.is("X-Mailer") || field.is("User-Agent") {
                let value = field.value().unwrap_or_default().to_ascii_lowercase();
                if MAILERS.iter().any(|name| value.contains(name)) {
                    author.weight = author.weight.max(2);
                }
            } else if is(BOUNCE_FIELDS) {
                author.weight = author.weight.max(2);
                author.subject = author.subject.max(1);
            } else if field.is("List-Id") || field.is("List-Post") {
                list_fields = true;
            }
        }
        // What a list passes on was written by whoever wrote to the list.
        author.list = author.own.first().filter(|_| is_list_manager).and_then(list);
        if author.list.is_some() {
            author.weight = 3;
        } else if list_fields && author.weight < 3 {
            author.weight = 0;
        }
        author.own.extend(author.delivered_to.iter().cloned());
        author
    }

    /// Whether the header alone could be that of a bounce.
    pub(crate) fn may_be_mail_system(&self) -> bool {
        self.weight >= 2 || self.no_return || !self.failed.is_empty()
    }

    fn read_subject(&mut self, subject: &str) {
        let subject = subject.trim();
        self.is_answer = ANSWERS.iter().any(|start| subject.starts_with(start));
        let has = |list: &[&str]| list.iter().any(|words| subject.contains(words));
        let weight = if has(SUBJECTS) {
            2
        } else {
            u8::from(has(SUBJECT_HINTS))
        };
        if !self.is_answer {
            self.subject = self.subject.max(weight);
        }
    }

    fn add_failed(&mut self, value: &str) {
        for word in value.split([',', ';', ' ']) {
            let Some(address) = lenient(word) else {
                continue;
            };
            if self.failed.len() < MAX_FAILED && !self.failed.contains(&address) {
                self.failed.push(address);
            }
        }
    }
}

/// The list that such an author manages: `team@example.org` for `team-admin@example.org`.
fn list(author: &EmailAddress) -> Option<EmailAddress> {
    let local = author.local_part();
    let name = MANAGERS.iter().find_map(|end| local.strip_suffix(end))?;
    EmailAddress::new(name, author.domain().clone()).ok()
}

/// How much the author's name and address are those of a mail system.
fn weight(from: &str) -> u8 {
    let from = from.to_lowercase();
    let from = from.trim();
    let address = addresses(from).last();
    let (name, local) = match &address {
        Some(found) => (found.before, found.address.local_part()),
        // `MAILER-DAEMON`, `<>` and `MAILER-DAEMON <>`.
        None => (from, from.trim_end_matches("<>").trim()),
    };
    let local = local.trim_matches(|c: char| "<>\"'".contains(c));
    let is = |list: &[&str]| list.contains(&local);
    if from == "<>" || is(LOCAL_PARTS) || LOCAL_STARTS.iter().any(|start| local.starts_with(start)) {
        return 3;
    }
    let after = address.as_ref().map_or("", |found| found.after);
    let named = |list: &[&str]| list.iter().any(|words| name.contains(words) || after.contains(words));
    if is(LIKELY_LOCAL_PARTS) || named(NAMES) {
        return 2;
    }
    u8::from(is(MACHINES))
}

/// The local parts under which only mail systems write, in lower case.
const LOCAL_PARTS: &[&str] = &[
    "mailer-daemon",
    "mailerdaemon",
    "mailer_daemon",
    "mailer.daemon",
    "mail-daemon",
    "mail_daemon",
    "maildaemon",
    "mail.daemon",
    "mdaemon",
    "mail.delivery.system",
    "mail.delivery.subsystem",
    "mail-delivery-system",
    "mail_delivery_system",
    "mail-delivery-subsystem",
    "maildelivery",
    "maildeliverysystem",
    "double-bounce",
    "smtp-daemon",
    "bounce-daemon",
];

/// How such a local part begins.
const LOCAL_STARTS: &[&str] = &["microsoftexchange329e71ec", "mailer-daemon", "prvs=mailer-daemon"];

/// The local parts under which mostly mail systems write.
const LIKELY_LOCAL_PARTS: &[&str] = &[
    "postmaster",
    "post_master",
    "post-master",
    "post.master",
    "post.office",
    "postoffice",
    "mail-admin",
    "mailadmin",
    "mailmaster",
    "mailsystem",
    "mail-system",
    "mail.system",
    "mailserver",
    "mail-server",
    "system-administrator",
    "systemadministrator",
    "smtp",
    "smtpd",
    "mmdf",
    "bounce",
    "bounces",
    "ndr",
    "dsn",
    "non-delivery",
    "undeliverable",
    "returned-mail",
    "e500_smtp_mail_service",
    "amavis",
    "mailscanner",
    "interscan",
    "imss",
    "listserv",
    "uucp",
    "sysadmin",
];

/// Words in the name of an author that is a mail system.
const NAMES: &[&str] = &[
    "mailer-daemon",
    "mailer daemon",
    "mail daemon",
    "mail deliver",
    "delivery subsystem",
    "delivery system",
    "delivery service",
    "delivery agent",
    "mail administrator",
    "mail admin",
    "mail system",
    "mail server",
    "mail gateway",
    "mail router",
    "mail transfer",
    "mail transport",
    "mail security",
    "email server",
    "e-mail server",
    "email security gateway",
    "smtp server",
    "smtp daemon",
    "smtp gateway",
    "postmaster",
    "post office",
    "content-filter at",
    "system administrator",
    "system attendant",
    "systemadministrator",
    "administrateur syst",
    "administrador del sistema",
    "administrador do sistema",
    "amministratore di sistema",
    "systeembeheerder",
    "\u{441}\u{438}\u{441}\u{442}\u{435}\u{43c}\u{43d}\u{44b}\u{439} \u{430}\u{434}\u{43c}\u{438}\u{43d}\u{438}\u{441}\u{442}\u{440}\u{430}\u{442}\u{43e}\u{440}",
    "microsoft outlook",
    "microsoft exchange",
    "message transfer agent",
    "undeliverable",
    "returned mail",
    "autogenerated bounce",
];

/// What list managers add to the name of their list.
const MANAGERS: &[&str] = &["-admin", "-bounces", "-owner", "-request"];

/// The local parts under which other machines write, and mail systems as well.
const MACHINES: &[&str] = &[
    "no-reply",
    "noreply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "daemon",
    "root",
    "admin",
    "administrator",
    "mail",
    "email",
    "autoreply",
    "auto-reply",
    "system",
    "support",
    "listmaster",
    "majordomo",
    "owner",
];

/// Programs that write bounces, as X-Mailer names them.
const MAILERS: &[&str] = &[
    "<smtp32",
    "m-filter",
    "surfcontrol e-mail filter",
    "amazon workmail",
    "mailmarshal",
    "lotus notes mta",
    "mailer-daemon",
];

/// Fields that only bounces have.
const BOUNCE_FIELDS: &[&str] = &[
    "X-MX-Bounce",
    "X-DSNContext",
    "X-DSN-Context",
    "X-Mailer-Daemon-Error",
    "X-BounceIO-Id",
    "X-Yahoo-Newman-Bounce",
    "X-Bounce-Report",
];

/// Fields that name who was not reached.
const FAILED: &[&str] = &[
    "X-Failed-Recipients",
    "X-Failed-Recipient",
    "X-Mailer-Daemon-Recipients",
    "X-Bounced-Address",
    "X-Bounced-To",
];

/// Fields that name who a mail came to.
const DELIVERED_TO: &[&str] = &[
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-Apparently-To",
    "X-RcptTo",
    "To",
];

/// How a subject begins under which somebody answers or passes on.
const ANSWERS: &[&str] = &[
    "re:", "re :", "re[", "fwd:", "fw:", "fwd :", "aw:", "wg:", "sv:", "vs:", "antw:", "doorst:", "tr:", "rv:", "enc:",
    "res:", "r:", "i:", "odp:", "pd:", "ynt:", "ilt:", "\u{8f6c}\u{53d1}", "\u{56de}\u{590d}", "\u{8f49}\u{5bc4}", "\u{7b54}\u{590d}",
];

/// Words of the subjects of bounces, in lower case.
const SUBJECTS: &[&str] = &[
    "undeliverable",
    "undelivered",
    "undeliver",
    "unable to deliver",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery notification",
    "delivery problem",
    "delivery error",
    "delivery report",
    "delivery status",
    "delivery delay",
    "delivery warning",
    "delivery attempt",
    "failed delivery",
    "failed mail",
    "failed to deliver",
    "failure notice",
    "failure notification",
    "failure delivery",
    "mail failure",
    "mail delivery",
    "mail system error",
    "mail transaction failed",
    "message delivery",
    "message not delivered",
    "mail not delivered",
    "returned mail",
    "returned to sender",
    "returned message",
    "return to sender",
    "returning message",
    "returned email",
    "non-delivery",
    "nondelivery",
    "non delivery",
    "nondeliverable",
    "non-deliverable",
    "not deliverable",
    "could not be delivered",
    "could not be sent",
    "could not deliver",
    "couldn't be delivered",
    "could not send message",
    "cannot be delivered",
    "error sending your mail",
    "error delivering",
    "message status - undeliverable",
    "message you sent blocked",
    "rejected mail",
    "mail rejected",
    "message rejected",
    "bounced mail",
    "bounced message",
    "bounce notification",
    "warning: message",
    "warning - delayed mail",
    "delayed mail",
    "user unknown",
    "unknown user",
    "host unknown",
    "not a member",
    "not member article",
    "unzustellbar",
    "nicht zustellbar",
    "nicht zugestellt",
    "unzustellbarkeit",
    "zustellung fehlgeschlagen",
    "fehler bei der zustellung",
    "non remis",
    "non distribu",
    "\u{e9}chec de la remise",
    "\u{e9}chec de remise",
    "echec de",
    "no entregado",
    "no se puede entregar",
    "no se pudo entregar",
    "error de entrega",
    "n\u{e3}o entregue",
    "n\u{e3}o \u{e9} poss\u{ed}vel entregar",
    "falha na entrega",
    "falha de entrega",
    "mancato recapito",
    "mancata consegna",
    "non recapitabile",
    "impossibile recapitare",
    "niet bezorgd",
    "onbestelbaar",
    "kan inte levereras",
    "nie mo\u{17c}na dostarczy\u{107}",
    "niedostarczon",
    "nedoru\u{10d}iteln",
    "\u{43d}\u{435} \u{434}\u{43e}\u{441}\u{442}\u{430}\u{432}\u{43b}\u{435}\u{43d}\u{43e}",
    "\u{43d}\u{435}\u{434}\u{43e}\u{441}\u{442}\u{430}\u{432}\u{43b}\u{435}\u{43d}\u{43d}",
    "\u{43d}\u{435} \u{443}\u{434}\u{430}\u{43b}\u{43e}\u{441}\u{44c} \u{434}\u{43e}\u{441}\u{442}\u{430}\u{432}\u{438}\u{442}\u{44c}",
    "\u{914d}\u{4fe1}\u{4e0d}\u{80fd}",
    "\u{914d}\u{4fe1}\u{3067}\u{304d}\u{307e}\u{305b}\u{3093}",
    "\u{914d}\u{4fe1}\u{30a8}\u{30e9}\u{30fc}",
    "\u{9001}\u{4fe1}\u{30a8}\u{30e9}\u{30fc}",
    "\u{9001}\u{4fe1}\u{3067}\u{304d}\u{307e}\u{305b}\u{3093}",
    "\u{672a}\u{914d}\u{4fe1}",
    "\u{9000}\u{4fe1}",
    "\u{65e0}\u{6cd5}\u{6295}\u{9012}",
    "\u{65e0}\u{6cd5}\u{9001}\u{8fbe}",
    "\u{672a}\u{50b3}\u{9001}",
    "\u{672a}\u{4f20}\u{9012}",
];

/// Words that stand in the subjects of bounces and elsewhere.
const SUBJECT_HINTS: &[&str] = &[
    "returned", "rejected", "failure", "failed", "undeliv", "mail error", "error mail", "mail status", "bounce", "warning",
    "delayed", "blocked", "notification",
];

/// The most addresses of its own that are kept of a mail.
const MAX_NAMED: usize = 16;
/// The most failed addresses that are read from the header.
const MAX_FAILED: usize = 1_000;
