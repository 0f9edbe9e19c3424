//! An independent judge: mail-auth asks the simulated DNS over UDP and judges what arrived.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use letterhead::dns::HickoryResolver;
use letterhead::simulator::StoredMail;
use mail_auth::common::verify::VerifySignature as _;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimResult, DmarcResult, MessageAuthenticator, SpfResult};

use crate::setting::{ADA, Setting, address, internet};

fn authenticator(dns: SocketAddr) -> MessageAuthenticator {
    let [udp, tcp] = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = dns.port();
        connection
    });
    let server = NameServerConfig::new(dns.ip(), true, vec![udp, tcp]);
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = Duration::from_secs(2);
    options.ndots = 0;
    MessageAuthenticator::new(
        ResolverConfig::from_parts(None, vec![], vec![server]),
        options,
    )
    .unwrap()
}

/// SPF, each DKIM signature and DMARC (by DKIM or by SPF), as mail-auth sees them.
async fn judge(dns: SocketAddr, mail: &StoredMail) -> (SpfResult, Vec<String>, bool) {
    let judge = authenticator(dns);
    let message = AuthenticatedMessage::parse(mail.message.as_bytes()).unwrap();
    let dkim = judge.verify_dkim(&message).await;
    let mail_from = mail.envelope.sender().to_string();
    let mail_from_domain = mail_from.rsplit('@').next().unwrap().to_owned();
    let client: IpAddr = mail.client;
    let spf = judge
        .verify_spf(SpfParameters::verify(
            client,
            &mail.client_name,
            "mx.receiver.example",
            &mail_from,
        ))
        .await;
    let dmarc = judge
        .verify_dmarc(DmarcParameters::new(
            &message,
            &dkim,
            &mail_from_domain,
            &spf,
        ))
        .await;
    let passes =
        *dmarc.dkim_result() == DmarcResult::Pass || *dmarc.spf_result() == DmarcResult::Pass;
    let signers = dkim
        .iter()
        .filter(|output| *output.result() == DkimResult::Pass)
        .filter_map(|output| Some(output.signature()?.domain().to_owned()))
        .collect();
    (spf.result(), signers, passes)
}

#[tokio::test]
async fn mail_auth_finds_what_the_receiver_found() {
    let simulator = internet();
    let served = simulator.serve().await.unwrap();
    let resolver = HickoryResolver::with_name_server(served.dns()).unwrap();
    let setting = Setting::over_sockets(simulator, &served, &resolver).await;
    for route in ["zuora", "own"] {
        setting
            .send(route, &[ADA])
            .await
            .unwrap()
            .all_accepted()
            .unwrap();
    }
    let inbox = setting.simulator.mails_of(&address(ADA));
    let expected = [
        ["yourcompany.example", "amazonses.com"],
        ["yourcompany.example"; 2],
    ];
    assert_eq!(inbox.len(), 2);
    for (mail, mut expected) in inbox.iter().zip(expected) {
        let (spf, mut signers, dmarc) = judge(served.dns(), mail).await;
        signers.sort();
        expected.sort_unstable();
        assert_eq!(spf, SpfResult::Pass);
        assert_eq!(signers, expected);
        assert!(dmarc);
    }
}

/// Python's smtplib as a client: STARTTLS against the simulation's authority, AUTH, a message with bare line feeds mended
/// by smtplib itself, a recipient that is refused beside one that is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pythons_smtplib_speaks_to_the_served_hosts() {
    const SCRIPT: &str = r#"
import smtplib, ssl, sys
port, ca, host = int(sys.argv[1]), sys.argv[2], "localhost"
context = ssl.create_default_context(cadata=open(ca).read())
with smtplib.SMTP(host, port, local_hostname="client.example", timeout=10) as client:
    client.starttls(context=context)
    refused = client.sendmail("a@sender.example", ["ada@receiver.example", "nobody@receiver.example"],
        "From: a@sender.example\nTo: ada@receiver.example\nSubject: hi\n\n.a line that begins with a dot\n")
    for address, (code, text) in refused.items():
        print(address, code, text.decode())
"#;
    let python = std::process::Command::new("python3")
        .arg("--version")
        .output();
    if !python.is_ok_and(|output| output.status.success()) {
        println!("skipped: pythons_smtplib_speaks_to_the_served_hosts, python3 is missing");
        return;
    }
    let simulator = internet();
    let served = simulator.serve().await.unwrap();
    let port = served
        .address(&"mx.receiver.example".parse().unwrap())
        .unwrap()
        .port();
    let authority = std::env::temp_dir().join(format!(
        "letterhead-authority-{}-{port}.pem",
        std::process::id()
    ));
    std::fs::write(&authority, served.ca_certificate_pem()).unwrap();
    let arguments = [
        SCRIPT.to_owned(),
        port.to_string(),
        authority.display().to_string(),
    ];
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new("python3")
            .arg("-c")
            .args(arguments)
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    std::fs::remove_file(authority).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "nobody@receiver.example 550 5.1.1 no such user here"
    );
    let inbox = simulator.mails_of(&address(ADA));
    assert_eq!(inbox.len(), 1);
    assert_eq!(
        inbox[0].message.body(),
        b".a line that begins with a dot\r\n"
    );
}
