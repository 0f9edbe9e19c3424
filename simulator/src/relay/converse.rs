//! A client's and a server's session, face to face in memory.

use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::{Report, Submission};
use letterhead_transport::smtp::{ClientSession, SessionSettings, Step};

use crate::session::{ServerSession, ServerStep};
use crate::tls_fault::Checks;
use crate::world::{Host, World};

/// Who speaks to a host.
pub(crate) struct Caller {
    address: IpAddr,
    session: ClientSession,
    checks: Checks,
}

impl Caller {
    pub(crate) fn new(address: IpAddr, settings: SessionSettings, checks: Checks) -> Self {
        Self {
            address,
            session: ClientSession::new(settings),
            checks,
        }
    }
}

/// Runs both sessions to their end. TLS is taken as established wherever both want it, unless something is wrong with the
/// server's: the dialogue is the same, and there is no wire to protect. Where the server takes its time, that passes for
/// the client only.
pub(crate) fn converse(
    world: &World,
    host: &Host,
    caller: Caller,
    submission: &Submission,
) -> Report {
    let Caller {
        address: client_address,
        session: mut client,
        checks,
    } = caller;
    let tls_failure = host.tls_fault().and_then(|fault| fault.found_by(checks));
    let mut now = world.clock.now_time();
    let mut server = ServerSession::new(host.session_config());
    client.submit(submission, now, now);
    let mut report = None;
    loop {
        match client.step(now) {
            Step::Write(transmit) => transmit.parts().for_each(|part| server.receive(part)),
            Step::Read => match pump(world, host, client_address, &mut server, &mut now) {
                _ if client.deadline().is_some_and(|deadline| deadline < now) => client.timed_out(),
                Pumped::Octets(octets) => client.received(&octets),
                Pumped::Waiting => client.connection_lost("both sides wait for the other"),
                Pumped::Closed => client.connection_lost("the server closed the connection"),
            },
            Step::StartTls => match (server.step(), tls_failure) {
                (ServerStep::StartTls, None) => {
                    server.tls_established();
                    client.tls_established(None);
                }
                (ServerStep::StartTls, Some((failure, cause))) => {
                    client.tls_failed(failure, cause);
                }
                _ => client.connection_lost("the server does not expect a TLS handshake"),
            },
            Step::Done(done) => {
                report = Some(done);
                client.quit();
            }
            Step::Idle | Step::Close => break,
            _ => client.connection_lost("the dialogue took an unknown turn"),
        }
    }
    // Where it still waits for a handshake, none comes.
    server.tls_failed();
    world.record_session(host.name(), client_address, server.transcript().clone());
    report.unwrap_or_else(|| Report::new(Vec::new()))
}

enum Pumped {
    Octets(Vec<u8>),
    Waiting,
    Closed,
}

/// Lets the server work until it has something to say, which may take until later than `now`.
fn pump(
    world: &World,
    host: &Host,
    client: IpAddr,
    server: &mut ServerSession,
    now: &mut SystemTime,
) -> Pumped {
    loop {
        match server.step() {
            ServerStep::Write(octets) => return Pumped::Octets(octets),
            ServerStep::Ask(question) => {
                let answer = world.decide(host, client, question);
                *now = now.checked_add(answer.wait).unwrap_or(*now);
                answer.give(server);
            }
            ServerStep::NeedInput | ServerStep::StartTls => return Pumped::Waiting,
            ServerStep::Close => return Pumped::Closed,
        }
    }
}
