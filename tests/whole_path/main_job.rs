//! The main job: the example `quickstart` as assertions, through both doors of the simulator.

use std::time::Duration;

use letterhead::SendError;
use letterhead::dns::HickoryResolver;
use letterhead::identity::{CreateError, NewIdentity};
use letterhead::identity::{RuleViolation, Subject};
use letterhead::mail::{Clock as _, PropertyType};

use crate::setting::{ADA, Setting, address, internet, tenant, zuora};

const SIMULATED: [&str; 3] = [
    "success@simulator.amazonses.com",
    "bounce+may@simulator.amazonses.com",
    "complaint@simulator.amazonses.com",
];

#[tokio::test]
async fn the_main_job_over_sockets() {
    let simulator = internet();
    let served = simulator.serve().await.unwrap();
    let resolver = HickoryResolver::with_name_server(served.dns()).unwrap();
    let setting = Setting::over_sockets(simulator, &served, &resolver).await;
    main_job(&setting).await;
}

#[tokio::test]
async fn the_main_job_in_memory() {
    main_job(&Setting::in_process().await).await;
}

#[tokio::test]
async fn both_doors_tell_the_same_story() {
    let simulator = internet();
    let served = simulator.serve().await.unwrap();
    let resolver = HickoryResolver::with_name_server(served.dns()).unwrap();
    let sockets = Setting::over_sockets(simulator, &served, &resolver).await;
    let memory = Setting::in_process().await;
    let mut stories = Vec::new();
    for setting in [sockets, memory] {
        main_job(&setting).await;
        let story: Vec<String> = setting
            .simulator
            .events()
            .iter()
            .map(ToString::to_string)
            .collect();
        stories.push(story);
    }
    assert!(stories[0].len() > 5, "{:?}", stories[0]);
    assert_eq!(stories[0], stories[1]);
}

async fn main_job(setting: &Setting) {
    registration_is_limited(setting).await;
    mail_is_believed(setting).await;
    reports_decide(setting).await;
}

async fn registration_is_limited(setting: &Setting) {
    let now = setting.simulator.clock().now();
    let create = async |subject: &str| {
        let subject: Subject = subject.parse().unwrap();
        let new = NewIdentity::new(tenant("acme"), zuora(), subject)
            .environment("api-sandbox".parse().unwrap());
        setting.registry.create(&new, now).await.unwrap_err()
    };
    let second = create("other.example").await;
    assert!(
        matches!(
            second,
            CreateError::Rule(RuleViolation::Maximum { count: 1, .. })
        ),
        "{second}"
    );
    let beside = create("billing@yourcompany.example").await;
    assert!(
        matches!(beside, CreateError::Rule(RuleViolation::Exclusive { .. })),
        "{beside}"
    );
}

async fn mail_is_believed(setting: &Setting) {
    for route in ["zuora", "own"] {
        let receipt = setting.send(route, &[ADA]).await.unwrap();
        receipt.all_accepted().unwrap();
        assert_eq!(receipt.identity().as_str(), "yourcompany.example");
    }
    let inbox = setting.simulator.mails_of(&address(ADA));
    let domains = [
        ["yourcompany.example", "amazonses.com"],
        ["yourcompany.example"; 2],
    ];
    assert_eq!(inbox.len(), 2);
    for (mail, domains) in inbox.iter().zip(domains) {
        let results = mail.authentication.results();
        let found: Vec<(&str, &str)> = results
            .iter()
            .map(|result| (result.method().as_str(), result.result()))
            .collect();
        assert_eq!(
            found,
            [
                ("spf", "pass"),
                ("dkim", "pass"),
                ("dkim", "pass"),
                ("dmarc", "pass")
            ]
        );
        let mut signers: Vec<&str> = results
            .iter()
            .filter_map(|result| result.property_value(&PropertyType::HEADER, "d"))
            .collect();
        signers.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(signers, domains);
        let written = mail.message.header("Authentication-Results").unwrap();
        assert_eq!(written.unfolded().parse(), Ok(mail.authentication.clone()));
    }
}

async fn reports_decide(setting: &Setting) {
    let receipt = setting.send("zuora", &SIMULATED).await.unwrap();
    receipt.all_accepted().unwrap();
    setting.simulator.advance(Duration::from_hours(3));
    let decisions: Vec<String> = setting
        .ingest_all()
        .await
        .iter()
        .map(|ingested| {
            format!(
                "{} {:?}",
                ingested.event.addressee().unwrap(),
                ingested.decision.unwrap()
            )
        })
        .collect();
    assert_eq!(
        decisions,
        [
            "bounce+may@simulator.amazonses.com Suppressed(HardBounce)",
            "complaint@simulator.amazonses.com Suppressed(Complaint)",
        ]
    );
    let sessions = setting.simulator.sessions().len();
    let refused = setting.send("zuora", &SIMULATED[1..]).await.unwrap_err();
    assert!(
        matches!(&refused, SendError::AllSuppressed(both) if both.len() == 2),
        "{refused}"
    );
    assert_eq!(
        setting.simulator.sessions().len(),
        sessions,
        "nobody was connected to"
    );
}
