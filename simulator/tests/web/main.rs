//! The inbox as a page and a JSON API: asked over HTTP, and looked at in Chromium.

mod api;
mod chromium;
mod http;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use letterhead_mail::{Envelope, LineEndings, Message, Submission, Transport as _};
use letterhead_simulator::{Receiver, Simulator, WebServer};

const MX: &str = "mx.receiver.example";

fn world() -> Simulator {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let receiver = Receiver::new(MX.parse().unwrap(), "127.0.0.1".parse().unwrap())
        .every_domain()
        .triggers_everywhere();
    Simulator::builder(start, 7)
        .receiver(receiver)
        .build()
        .unwrap()
}

async fn serve(simulator: &Simulator) -> WebServer {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    simulator.serve_web(any).await.unwrap()
}

/// Brings a mail with these fields and this body to a mailbox.
fn deliver(simulator: &Simulator, to: &str, rest: &str) {
    let text = format!(
        "From: Billing <billing@yourcompany.example>\nTo: {to}\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n\
         Message-ID: <1@yourcompany.example>\n{rest}"
    );
    let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
    let sender: letterhead_mail::EmailAddress = "bounces@yourcompany.example".parse().unwrap();
    let envelope = Envelope::new(
        sender,
        [to.parse::<letterhead_mail::EmailAddress>().unwrap()],
    );
    let (id, tenant) = ("1".parse().unwrap(), "acme".parse().unwrap());
    let submission = Submission::new(id, tenant, message, envelope.unwrap());
    let transport = simulator.transport(MX).unwrap();
    let report = letterhead_dns::block_on_ready(transport.send(&submission));
    let report = report.expect("a simulation never waits");
    assert!(report.all_accepted(), "{report}");
}

/// HTML that would reach out, if it were let.
fn reaching(at: SocketAddr) -> String {
    format!(
        "Subject: =?utf-8?Q?Sch=C3=B6n?= <script>document.title='owned'</script>\nMIME-Version: 1.0\n\
         Content-Type: text/html\n\n\
         <meta http-equiv=refresh content='0;url=http://{at}/refresh'><link rel=stylesheet href=http://{at}/style>\n\
         <img src=http://{at}/image><IFRAME src=http://{at}/frame></IFRAME><object data=http://{at}/object></object>\
         <embed src=http://{at}/embed><link rel=preconnect href=http://{at}><link rel=prefetch href=http://{at}/p>\
         <video src=http://{at}/video autoplay></video><p style='background:url(http://{at}/background)'>.</p><h1>Hello</h1>\n\
         <script src=http://{at}/script></script><script>parent.document.title='owned'</script>\n\
         <form action=http://{at}/form><input autofocus onfocus=this.form.submit()></form>\n"
    )
}

/// HTML that shows a picture of one red dot, one that could hold a script, and one that is not there.
const WITH_PICTURES: &str = "Subject: Pictures\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n\
    --b\nContent-Type: text/html\n\n<img id=dot src=\"cid:dot%40x.example\"><img src=\"cid:drawing\"><img src=\"cid:nothing\">\n\
    --b\nContent-Type: image/png\nContent-ID: <dot@x.example>\nContent-Transfer-Encoding: base64\n\n\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==\n\
    --b\nContent-Type: image/svg+xml\nContent-ID: <drawing>\n\n\
    <svg xmlns=\"http://www.w3.org/2000/svg\"><script>parent.document.title='owned'</script></svg>\n--b--\n";
