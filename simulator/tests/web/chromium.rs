//! The page in Chromium, driven by chromedriver ([WebDriver](https://www.w3.org/TR/webdriver2/)).

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::http::{Answer, ask};
use crate::{deliver, reaching, serve, world};

/// A browser, which is ended with the test.
struct Browser {
    driver: Child,
    at: SocketAddr,
    session: String,
}

impl Browser {
    /// `None` where there is no chromedriver or no Chromium.
    async fn start() -> Option<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let output = BufReader::new(driver.stdout.take().expect("a pipe"));
        let mut lines = output.lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })?;
        let mut browser = Self {
            driver,
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-pipe",
        ];
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let answer = browser.ask("POST", "/session", &wanted).await;
        browser.session = answer.json()["value"]["sessionId"].as_str()?.to_owned();
        Some(browser)
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let fields = format!("Host: {}\r\nContent-Type: application/json\r\n", self.at);
        ask(self.at, method, path, &fields, &body).await
    }

    async fn tell(&self, method: &str, what: &str, body: Value) -> Value {
        let path = format!("/session/{}/{what}", self.session);
        let path = path.trim_end_matches('/');
        let mut answer = self.ask(method, path, &body).await.json();
        answer["value"].take()
    }

    async fn visit(&self, url: &str) {
        self.tell("POST", "url", json!({ "url": url })).await;
    }

    /// What a script on the page gives, as soon as that is not empty.
    async fn see(&self, script: &str) -> Value {
        for _ in 0..200 {
            let body = json!({"script": format!("return {script}"), "args": []});
            let seen = self.tell("POST", "execute/sync", body).await;
            let is_nothing = seen.is_null() || seen == "" || seen == false || seen == json!([]);
            if !is_nothing {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing to see of {script}");
    }

    async fn end(self) {
        self.tell("DELETE", "", Value::Null).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It has ended by itself where this fails. Chromium ends with it: it hears of it by its pipe.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A server that counts who comes.
async fn elsewhere() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, count) = (
        listener.local_addr().unwrap(),
        Arc::new(AtomicUsize::new(0)),
    );
    let own = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            own.fetch_add(1, Ordering::SeqCst);
        }
    });
    (at, count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_what_comes_and_reaches_nobody() {
    let Some(browser) = Browser::start().await else {
        println!("skipped: chromedriver and Chromium are not installed");
        return;
    };
    let simulator = world();
    let served = serve(&simulator).await;
    let (far, visitors) = elsewhere().await;
    let page = format!("http://{}/", served.address());
    browser.visit(&page).await;
    browser
        .see("document.querySelector('#live.on') !== null")
        .await;
    assert_eq!(
        browser
            .see("document.querySelector('#empty-words').textContent")
            .await,
        "No mail yet. Send one:"
    );

    deliver(&simulator, "ada@x.example", &reaching(far));
    let subject = browser
        .see("document.querySelector('#list a b')?.textContent")
        .await;
    assert_eq!(subject, "Schön <script>document.title='owned'</script>");
    browser
        .see("(document.querySelector('#list a').click(), true)")
        .await;
    let facts = browser
        .see("document.querySelector('#facts').innerText")
        .await;
    assert!(facts.as_str().unwrap().contains("ada@x.example"), "{facts}");
    for (tab, shown) in [
        ("Headers", "Message-ID"),
        ("Source", "Content-Type: text/html"),
        ("Authentication", "dmarc none"),
        ("Transcript", "C: MAIL FROM"),
        ("Events", "stored in ada@x.example"),
    ] {
        let click = format!(
            "([...document.querySelectorAll('#tabs button')].find(tab => tab.textContent === '{tab}').click(), true)"
        );
        browser.see(&click).await;
        browser
            .see(&format!(
                "document.querySelector('#panel').innerText.includes('{shown}')"
            ))
            .await;
    }
    // The HTML in its frame, and all by itself.
    browser.see("([...document.querySelectorAll('#tabs button')].find(tab => tab.textContent === 'HTML').click(), true)").await;
    browser
        .see("document.querySelector('iframe') !== null")
        .await;
    let frame = browser
        .tell(
            "POST",
            "element",
            json!({"using": "css selector", "value": "iframe"}),
        )
        .await;
    browser.tell("POST", "frame", json!({ "id": frame })).await;
    browser
        .see("document.querySelector('h1').textContent === 'Hello'")
        .await;
    browser.tell("POST", "frame", json!({ "id": null })).await;
    assert_eq!(browser.see("document.title").await, "Inbox (1)");
    browser.visit(&format!("{page}api/mails/1/html")).await;
    let heading = browser
        .tell(
            "POST",
            "element",
            json!({"using": "css selector", "value": "h1"}),
        )
        .await;
    assert!(heading.is_object(), "{heading}");
    assert_eq!(
        visitors.load(Ordering::SeqCst),
        0,
        "nothing was loaded from elsewhere"
    );

    // The mail's own picture is drawn, and nothing else.
    deliver(&simulator, "joe@x.example", crate::WITH_PICTURES);
    browser.visit(&format!("{page}api/mails/2/html")).await;
    browser
        .see("document.querySelector('#dot').naturalWidth === 1")
        .await;
    browser
        .see("[...document.images].filter(image => image.naturalWidth === 0).length === 2")
        .await;
    assert!(simulator.delete_mail(2));

    // Time and the DNS, by hand.
    browser.visit(&page).await;
    browser
        .see("document.querySelector('#now').textContent === '2027-01-15 08:00:00'")
        .await;
    browser
        .see(
            "(document.querySelector('#advance').value = '345600', \
          document.querySelector('#advance').dispatchEvent(new Event('change')), true)",
        )
        .await;
    browser
        .see("document.querySelector('#now').textContent === '2027-01-19 08:00:00'")
        .await;
    browser
        .see(
            "(document.querySelector('#faults-open').click(), \
          document.querySelector('#dns-name').value = 'a.example', \
          document.querySelector('#dns button').click(), true)",
        )
        .await;
    browser
        .see("document.querySelector('#dns-list').innerText.includes('a.example. TXT: servfail')")
        .await;
    browser
        .see(
            "(document.querySelector('#records-text').value = 'a.example. TXT \"v=spf1 -all\"', \
          document.querySelector('#records button').click(), true)",
        )
        .await;
    browser
        .see("document.querySelector('#records-said').textContent.startsWith('Published 1')")
        .await;
    assert_eq!(simulator.dns().snapshot().records().count(), 3);
    browser
        .see("(document.querySelector('#dns-list button').click(), true)")
        .await;
    browser
        .see("document.querySelector('#dns-list').children.length === 0")
        .await;

    // Deleting and faults, by hand.
    browser.visit(&format!("{page}#1")).await;
    browser
        .see("document.querySelector('#mail').hidden === false")
        .await;
    browser
        .see("(document.querySelector('#faults-open').click(), true)")
        .await;
    browser
        .see(
            "(document.querySelector('#fault-recipient').value = 'y.example', \
          document.querySelector('#fault-behaviour').value = 'discard', \
          document.querySelector('#inject button').click(), true)",
        )
        .await;
    browser
        .see("document.querySelector('#fault-list').innerText.includes('y.example: discard')")
        .await;
    browser
        .see("(document.querySelector('#faults-close').click(), true)")
        .await;
    browser
        .see("(document.querySelector('#delete').click(), true)")
        .await;
    browser
        .see("document.querySelector('#empty').hidden === false")
        .await;
    assert!(simulator.mails().is_empty());
    browser.end().await;
}
