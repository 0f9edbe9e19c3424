//! What is done in order, and by whom, in the procedures of the profiles.

use std::collections::BTreeSet;

use letterhead_identity::StepError;
use letterhead_identity::profile::{Party, Procedure};

use crate::profile;

/// A profile, a procedure of it, and what holds.
type Case = (&'static str, &'static str, &'static [&'static str]);

const WORKFLOW: Case = ("zuora-workflow", "set-up", &[]);
const EXTERNAL: Case = ("zuora-external", "set-up", &[]);
const CONNECT: Case = ("zendesk-connector", "set-up", &[]);
const CONNECT_MICROSOFT: Case = ("zendesk-connector", "set-up", &["microsoft"]);
const CONNECT_SIGNED: Case = ("zendesk-connector", "set-up", &["digital-signatures"]);
const ROTATE: Case = ("zendesk-connector", "rotate", &[]);
const ROTATE_ADDED: Case = ("zendesk-connector", "rotate", &["re-add"]);
const DISCONNECT: Case = ("zendesk-connector", "disconnect", &[]);
const ORACLE: Case = ("oci-email-delivery", "set-up", &[]);
const ORACLE_DOMAIN: Case = ("oci-email-delivery", "set-up", &["whole-domain"]);

/// Z1-26 to Z1-29, ZD-12, ZD-13, ZD-15, ZD-40, ZD-44, ZD-49, ZD-52, ZD-56, ZD-59, ZD-65, ZD-66, ZD-68, OC-05, OC-13, OC-21,
/// OC-45: what a step waits for when nothing is done yet.
#[test]
fn steps_wait_for_what_they_need() {
    for (case, step, before) in [
        (WORKFLOW, "spf", &[][..]),
        (WORKFLOW, "request", &["spf"]),
        (WORKFLOW, "cnames", &["request"]),
        (EXTERNAL, "settings", &["relay-feature", "allow-list"]),
        (EXTERNAL, "test", &["settings"]),
        (CONNECT, "sandbox-test", &["ccs-and-followers"]),
        (CONNECT, "sandbox-clean-up", &["sandbox-test"]),
        (CONNECT, "forwarding", &["sandbox-clean-up"]),
        (CONNECT, "credentials", &[]),
        (
            CONNECT_MICROSOFT,
            "credentials",
            &["smtp-auth", "device-platforms"],
        ),
        (
            CONNECT,
            "add-address",
            &[
                "ccs-and-followers",
                "sandbox-clean-up",
                "credentials",
                "allow-list",
            ],
        ),
        (CONNECT, "inbound-test", &["forwarding", "add-address"]),
        (CONNECT, "outbound-test", &["add-address", "inbound-test"]),
        (CONNECT, "own-signature", &["outbound-test"]),
        (
            CONNECT_SIGNED,
            "digital-signatures",
            &["cnames", "outbound-test", "own-signature"],
        ),
        (ROTATE, "edit", &["new-credentials"]),
        (ROTATE, "outbound-test", &["edit", "new-credentials"]),
        (ROTATE_ADDED, "re-add", &["delete"]),
        (ROTATE_ADDED, "outbound-test", &["edit", "re-add"]),
        (ROTATE, "revoke", &["outbound-test"]),
        (DISCONNECT, "delete", &["pause"]),
        (DISCONNECT, "re-add", &["delete"]),
        (DISCONNECT, "resume", &["re-add"]),
        (ORACLE, "policy", &["group"]),
        (ORACLE, "membership", &["user", "group"]),
        (ORACLE, "credentials", &["user"]),
        (ORACLE, "approved-sender", &["policy"]),
        (
            ORACLE,
            "connection",
            &["membership", "credentials", "approved-sender"],
        ),
        (ORACLE_DOMAIN, "domain-sender", &["policy", "dkim"]),
    ] {
        let before: BTreeSet<String> = before.iter().map(ToString::to_string).collect();
        assert_eq!(waits_for(case, step), before, "{case:?} {step}");
    }
}

/// Z1-26, Z1-27, Z1-29, Z1-30, ZD-12, ZD-43, ZD-45 to ZD-48, ZD-52, ZD-56, ZD-61, ZD-69, ZD-70, OC-08, OC-12, OC-20, OC-21,
/// OC-26, OC-45, OC-48: who does a step, and what they are told.
#[test]
fn steps_say_who_does_what() {
    for ((name, procedure, _), step, by, words) in [
        (WORKFLOW, "spf", Party::DnsOwner, "include:amazonses.com"),
        (WORKFLOW, "request", Party::Tenant, "Zuora Global Support"),
        (WORKFLOW, "cnames", Party::DnsOwner, "72 hours"),
        (EXTERNAL, "records", Party::DnsOwner, "SPF or DKIM"),
        (
            CONNECT,
            "ccs-and-followers",
            Party::Tenant,
            "CCs and followers",
        ),
        (
            CONNECT,
            "smtp-auth",
            Party::MailAdministrator,
            "Exchange Online",
        ),
        (
            CONNECT,
            "device-platforms",
            Party::MailAdministrator,
            "Linux",
        ),
        (
            CONNECT,
            "credentials",
            Party::MailAdministrator,
            "hand them over securely",
        ),
        (
            CONNECT,
            "add-address",
            Party::Tenant,
            "to its brand in Admin Center",
        ),
        (
            CONNECT,
            "add-address",
            Party::Tenant,
            "host, user name and password",
        ),
        (CONNECT, "inbound-test", Party::Provider, "a few minutes"),
        (
            CONNECT,
            "inbound-test",
            Party::Provider,
            "ask your mail administrator, then Zendesk",
        ),
        (
            CONNECT,
            "digital-signatures",
            Party::Tenant,
            "do not break or overwrite",
        ),
        (DISCONNECT, "delete", Party::Tenant, "one address a call"),
        (
            ORACLE,
            "user",
            Party::Tenant,
            "not one who signs in to the console",
        ),
        (ORACLE, "policy", Party::Tenant, "ten seconds"),
        (
            ORACLE,
            "membership",
            Party::Tenant,
            "tell them the compartment",
        ),
        (ORACLE, "credentials", Party::Tenant, "not shown again"),
        (
            ORACLE,
            "approved-sender",
            Party::Tenant,
            "not in the root compartment",
        ),
        (ORACLE, "connection", Party::Tenant, "TLS 1.2"),
    ] {
        let procedure = read(name, procedure);
        let mut steps = procedure.steps.iter();
        let found = steps.find(|found| found.name.as_str() == step).unwrap();
        assert_eq!(found.by, by, "{name}: {step}");
        assert!(found.text.contains(words), "{name}: {}", found.text);
    }
}

/// ZD-13, ZD-66, ZD-67: what is to be known before one begins.
#[test]
fn procedures_say_what_to_know_beforehand() {
    for ((name, procedure, _), words) in [
        (CONNECT, "in the sandbox first"),
        (ROTATE, "forwarding that does not change stays proven"),
        (
            DISCONNECT,
            "at a time of little traffic; it takes a few minutes",
        ),
    ] {
        let note = read(name, procedure).note.unwrap();
        assert!(note.contains(words), "{name}: {note}");
    }
}

fn read(name: &str, procedure: &str) -> Procedure {
    profile(name).procedure(procedure).unwrap().clone()
}

fn waits_for((name, procedure, conditions): Case, step: &str) -> BTreeSet<String> {
    let procedure = read(name, procedure);
    let conditions = conditions.iter().map(|word| word.parse().unwrap());
    let progress = procedure.begin(conditions).unwrap();
    match procedure.check(&progress, &step.parse().unwrap()) {
        Ok(()) => BTreeSet::new(),
        Err(StepError::TooEarly { missing, .. }) => {
            missing.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
    }
}
