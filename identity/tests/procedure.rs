//! What is to be done in order, with the procedures of three providers.

use letterhead_identity::profile::{Party, Procedure, ProfileError};
use letterhead_identity::word::{StepCondition, StepName};
use letterhead_identity::{Profile, Progress, StepError};

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n\
    [sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

/// Each step: its name, who does it, what comes before (by names with spaces), and what it depends on.
type Row<'a> = (&'a str, &'a str, &'a str, Option<&'a str>);

fn toml(name: &str, rows: &[Row<'_>]) -> String {
    let mut text = format!("[[procedure]]\nname = \"{name}\"\nsource = \"page\"\n");
    for (step, by, after, when) in rows {
        let after: Vec<&str> = after.split_whitespace().collect();
        let when = when.map(|when| format!("when = \"{when}\"\n"));
        text += &format!(
            "[[procedure.step]]\nname = \"{step}\"\ntext = \"Do {step}\"\nby = \"{by}\"\nafter = {after:?}\n{}",
            when.unwrap_or_default()
        );
    }
    text
}

fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

fn procedure(rows: &[Row<'_>]) -> Procedure {
    let profile = read(&toml("it", rows)).unwrap();
    profile.procedure("it").unwrap().clone()
}

fn step(name: &str) -> StepName {
    name.parse().unwrap()
}

fn begin(procedure: &Procedure, conditions: &[&str]) -> Progress {
    let conditions = conditions.iter().map(|name| name.parse().unwrap());
    procedure.begin(conditions).unwrap()
}

fn after(procedure: &Procedure, conditions: &[&str], done: &[&str]) -> Progress {
    let mut progress = begin(procedure, conditions);
    for name in done {
        procedure.complete(&mut progress, &step(name)).unwrap();
    }
    progress
}

fn next<'a>(procedure: &'a Procedure, progress: &Progress) -> Vec<&'a str> {
    let steps = procedure.next(progress);
    steps.into_iter().map(|step| step.name.as_str()).collect()
}

/// The steps that `name` is said to wait for.
fn missing(procedure: &Procedure, progress: &Progress, name: &str) -> Vec<String> {
    match procedure.check(progress, &step(name)) {
        Ok(()) => Vec::new(),
        Err(StepError::TooEarly { missing, .. }) => {
            missing.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

const CONNECTOR: &[Row<'_>] = &[
    ("ccs-and-followers", "tenant", "", None),
    ("smtp-auth", "mail-administrator", "", Some("microsoft")),
    ("allow-linux", "mail-administrator", "", Some("microsoft")),
    (
        "credentials",
        "mail-administrator",
        "smtp-auth allow-linux",
        None,
    ),
    ("allow-list", "mail-administrator", "", None),
    ("forwarding", "mail-administrator", "", None),
    (
        "add-address",
        "tenant",
        "ccs-and-followers credentials forwarding",
        None,
    ),
    ("verify-forwarding", "provider", "add-address", None),
    (
        "verify-outbound",
        "provider",
        "verify-forwarding allow-list",
        None,
    ),
    ("test", "tenant", "verify-outbound", None),
    ("dkim-records", "dns-owner", "", Some("digital-signatures")),
    (
        "enable-signing",
        "tenant",
        "dkim-records verify-outbound test",
        Some("digital-signatures"),
    ),
];

#[test]
fn signing_is_turned_on_last() {
    let set_up = procedure(CONNECTOR);
    let before = [
        "ccs-and-followers",
        "credentials",
        "allow-list",
        "forwarding",
        "add-address",
        "verify-forwarding",
        "verify-outbound",
        "test",
    ];
    let mut progress = after(&set_up, &["digital-signatures"], &before);
    // Before the records are there, mail that is signed is not delivered.
    assert_eq!(
        set_up
            .complete(&mut progress, &step("enable-signing"))
            .unwrap_err()
            .to_string(),
        "the step enable-signing comes after: dkim-records"
    );
    assert!(!progress.is_done(&step("enable-signing")));
    assert_eq!(next(&set_up, &progress), ["dkim-records"]);
    set_up
        .complete(&mut progress, &step("dkim-records"))
        .unwrap();
    assert_eq!(next(&set_up, &progress), ["enable-signing"]);
    assert!(!set_up.is_complete(&progress));
    set_up
        .complete(&mut progress, &step("enable-signing"))
        .unwrap();
    assert!(set_up.is_complete(&progress) && next(&set_up, &progress).is_empty());
    let checklist = set_up.checklist(&progress);
    assert_eq!(
        checklist.items.last().unwrap().step.as_str(),
        "enable-signing"
    );
}

#[test]
fn preconditions_of_the_mail_service_hold_where_it_is_used() {
    let set_up = procedure(CONNECTOR);
    let exchange = begin(&set_up, &["microsoft"]);
    assert_eq!(
        missing(&set_up, &exchange, "credentials"),
        ["smtp-auth", "allow-linux"]
    );
    let other = begin(&set_up, &[]);
    assert_eq!(missing(&set_up, &other, "credentials"), [""; 0]);
    assert_eq!(
        set_up
            .check(&other, &step("smtp-auth"))
            .unwrap_err()
            .to_string(),
        "the step smtp-auth applies with microsoft only"
    );
    assert_eq!(
        next(&set_up, &exchange),
        [
            "ccs-and-followers",
            "smtp-auth",
            "allow-linux",
            "allow-list",
            "forwarding"
        ]
    );
    assert_eq!(
        missing(&set_up, &exchange, "add-address"),
        ["ccs-and-followers", "credentials", "forwarding"]
    );
}

#[test]
fn what_was_in_the_sandbox_is_deleted_before_it_is_added_in_production() {
    let migration = procedure(&[
        ("test-in-sandbox", "tenant", "", None),
        ("delete-in-sandbox", "tenant", "test-in-sandbox", None),
        ("add-in-production", "tenant", "delete-in-sandbox", None),
    ]);
    let tested = after(&migration, &[], &["test-in-sandbox"]);
    assert_eq!(
        missing(&migration, &tested, "add-in-production"),
        ["delete-in-sandbox"]
    );
    assert_eq!(next(&migration, &tested), ["delete-in-sandbox"]);
}

#[test]
fn credentials_are_changed_by_editing_or_by_adding_again() {
    let rotation = procedure(&[
        ("new-credentials", "mail-administrator", "", None),
        ("edit-address", "tenant", "new-credentials", Some("edit")),
        (
            "delete-address",
            "tenant",
            "new-credentials",
            Some("add-again"),
        ),
        ("add-address", "tenant", "delete-address", Some("add-again")),
        (
            "verify-forwarding",
            "provider",
            "add-address",
            Some("forwarding-changed"),
        ),
        (
            "verify-outbound",
            "provider",
            "edit-address add-address verify-forwarding",
            None,
        ),
        (
            "withdraw-old",
            "mail-administrator",
            "verify-outbound",
            None,
        ),
    ]);
    // Where forwarding stays as it is, only the new credentials are verified.
    let edited = after(&rotation, &["edit"], &["new-credentials", "edit-address"]);
    assert_eq!(next(&rotation, &edited), ["verify-outbound"]);
    assert_eq!(
        missing(&rotation, &edited, "withdraw-old"),
        ["verify-outbound"]
    );
    let again = after(&rotation, &["add-again"], &["new-credentials"]);
    assert_eq!(next(&rotation, &again), ["delete-address"]);
    assert_eq!(
        missing(&rotation, &again, "add-address"),
        ["delete-address"]
    );
    let moved = after(
        &rotation,
        &["add-again", "forwarding-changed"],
        &["new-credentials", "delete-address", "add-address"],
    );
    assert_eq!(next(&rotation, &moved), ["verify-forwarding"]);
}

#[test]
fn a_step_that_does_not_apply_passes_on_what_it_waits_for() {
    let rows = procedure(&[
        ("a", "tenant", "", None),
        ("b", "tenant", "a", Some("x")),
        ("c", "tenant", "b", Some("x")),
        ("d", "tenant", "c a", None),
    ]);
    assert_eq!(missing(&rows, &begin(&rows, &[]), "d"), ["a"]);
    assert_eq!(missing(&rows, &begin(&rows, &["x"]), "d"), ["a", "c"]);
    assert_eq!(missing(&rows, &after(&rows, &["x"], &["a"]), "d"), ["c"]);
}

#[test]
fn ticket_updates_pause_while_the_connector_is_disconnected() {
    let plan = procedure(&[
        ("low-traffic-time", "tenant", "", None),
        ("pause-updates", "tenant", "low-traffic-time", None),
        ("delete-addresses", "tenant", "pause-updates", None),
        ("add-addresses", "tenant", "delete-addresses", None),
        ("resume-updates", "tenant", "add-addresses", None),
    ]);
    let now = begin(&plan, &[]);
    assert_eq!(next(&plan, &now), ["low-traffic-time"]);
    let paused = after(&plan, &[], &["low-traffic-time", "pause-updates"]);
    assert_eq!(missing(&plan, &paused, "resume-updates"), ["add-addresses"]);
}

#[test]
fn cnames_come_by_ticket() {
    let workflow = procedure(&[
        ("spf", "dns-owner", "", None),
        ("ticket", "tenant", "spf", None),
        ("cnames-received", "provider", "ticket", None),
        ("publish-cnames", "dns-owner", "cnames-received", None),
        ("verified", "provider", "publish-cnames", None),
    ]);
    assert_eq!(
        missing(&workflow, &begin(&workflow, &[]), "publish-cnames"),
        ["cnames-received"]
    );
    let published = after(
        &workflow,
        &[],
        &["spf", "ticket", "cnames-received", "publish-cnames"],
    );
    assert_eq!(next(&workflow, &published), ["verified"]);
}

#[test]
fn sending_needs_credentials_permission_sender_and_records() {
    let set_up = procedure(&[
        ("user", "tenant", "", None),
        ("credentials", "tenant", "user", None),
        ("group", "tenant", "", None),
        ("policy", "tenant", "group", None),
        ("user-in-group", "tenant", "user group", None),
        ("approved-sender", "tenant", "", None),
        ("spf", "dns-owner", "approved-sender", None),
        (
            "connect",
            "tenant",
            "credentials policy user-in-group approved-sender spf",
            None,
        ),
    ]);
    assert_eq!(
        missing(&set_up, &begin(&set_up, &[]), "connect"),
        [
            "credentials",
            "policy",
            "user-in-group",
            "approved-sender",
            "spf"
        ]
    );
    assert_eq!(
        next(&set_up, &begin(&set_up, &[])),
        ["user", "group", "approved-sender"]
    );
}

#[test]
fn a_checklist_is_in_an_order_that_can_be_kept() {
    // Told in another order than it can be done in.
    let told = procedure(&[
        ("last", "tenant", "middle", None),
        ("middle", "mail-administrator", "first", Some("x")),
        ("first", "dns-owner", "", None),
        ("beside", "provider", "", None),
    ]);
    let progress = after(&told, &["x"], &["first"]);
    let checklist = told.checklist(&progress);
    assert_eq!(
        checklist.to_string(),
        "1. [x] Do first (DNS owner)\n2. [ ] Do middle (mail administrator)\n3. [ ] Do last (tenant)\n4. [ ] Do beside (provider)\n"
    );
    assert_eq!(
        told.checklist(&begin(&told, &[])).to_string(),
        "1. [ ] Do first (DNS owner)\n2. [ ] Do last (tenant)\n3. [ ] Do beside (provider)\n"
    );
    let json = serde_json::to_value(&checklist).unwrap();
    assert_eq!(json["items"][0]["done"], true);
    assert_eq!(told.steps[2].by, Party::DnsOwner);
}

#[test]
fn progress_is_kept_as_json() {
    let set_up = procedure(CONNECTOR);
    let progress = after(&set_up, &["microsoft"], &["smtp-auth"]);
    let json = serde_json::to_string(&progress).unwrap();
    assert_eq!(json, r#"{"conditions":["microsoft"],"done":["smtp-auth"]}"#);
    let read: Progress = serde_json::from_str(&json).unwrap();
    assert_eq!(read, progress);
    assert_eq!(
        read.done().map(StepName::as_str).collect::<Vec<_>>(),
        ["smtp-auth"]
    );
    assert_eq!(
        read.conditions()
            .map(StepCondition::as_str)
            .collect::<Vec<_>>(),
        ["microsoft"]
    );
}

#[test]
fn what_is_not_there_is_named() {
    let set_up = procedure(CONNECTOR);
    let unknown = set_up.begin(["microsft".parse().unwrap()]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no step depends on microsft; known are: microsoft, digital-signatures"
    );
    let progress = begin(&set_up, &[]);
    assert!(matches!(
        set_up.check(&progress, &step("nothing")),
        Err(StepError::Unknown { known, .. }) if known.len() == CONNECTOR.len()
    ));
    assert!(read("").unwrap().procedure("set-up").is_none());
}

#[test]
fn a_procedure_that_could_never_be_done_is_refused() {
    let circle = toml(
        "it",
        &[
            ("a", "tenant", "", None),
            ("b", "tenant", "a d", None),
            ("c", "tenant", "b", None),
            ("d", "tenant", "c", None),
        ],
    );
    assert_eq!(
        read(&circle).unwrap_err().to_string(),
        "the step \"b\" of [[procedure]] \"it\" has to be done after itself"
    );
    let itself = toml("it", &[("a", "tenant", "a", None)]);
    assert!(matches!(read(&itself), Err(ProfileError::Circle { step, .. }) if step == "a"));
    let undefined = toml("it", &[("a", "tenant", "b", None)]);
    assert_eq!(
        read(&undefined).unwrap_err().to_string(),
        "[procedure.step] names \"b\", which the profile does not define"
    );
    let twice = toml(
        "it",
        &[("a", "tenant", "", None), ("a", "tenant", "", None)],
    );
    assert!(matches!(
        read(&twice),
        Err(ProfileError::Twice { section: "procedure.step", name }) if name == "a"
    ));
    let two = [toml("it", &[]), toml("it", &[])].concat();
    assert!(read(&two).is_err());
    let nobody = toml("it", &[("a", "anyone", "", None)]);
    assert!(
        read(&nobody)
            .unwrap_err()
            .to_string()
            .contains("unknown variant `anyone`")
    );
    let lines = toml("it", &[("a", "tenant", "", None)]).replace("Do a", "Do\\na");
    assert!(read(&lines).unwrap_err().to_string().contains("control"));
}
