use letterhead_mail::report::TlsFailure;
use letterhead_mail::{
    EmailAddress, EnhancedCode, Envelope, NotAttemptedReason, Outcome, Phase, RecipientReport,
    Reply, Report, TlsFacts,
};

/// What is known so far about every recipient of one submission.
#[derive(Debug)]
pub(super) struct Verdicts {
    server: String,
    tls: Option<TlsFacts>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    recipient: EmailAddress,
    state: RowState,
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly all rows come to be decided, and a box each would cost more than it saves"
)]
#[derive(Debug)]
enum RowState {
    /// Nothing is decided.
    Open,
    /// The server took the recipient; the message decides.
    Taken,
    Decided(RecipientReport),
}

/// Why a row came out as it did.
#[derive(Debug)]
pub(super) enum Ground {
    Reply(Reply),
    Detail(String),
    /// What was found here, with the code that a server would have given.
    Found(EnhancedCode, String),
    /// There is no TLS.
    NoTls(TlsFailure, String),
    /// There is no TLS, by the server's own word.
    TlsRefused(Reply),
}

impl Verdicts {
    pub(super) fn new(envelope: &Envelope, server: &str) -> Self {
        let rows = envelope.addresses().map(|recipient| Row {
            recipient: recipient.clone(),
            state: RowState::Open,
        });
        Self {
            server: server.to_owned(),
            tls: None,
            rows: rows.collect(),
        }
    }

    /// What is decided from here on was decided on this TLS connection.
    pub(super) fn set_tls(&mut self, tls: Option<TlsFacts>) {
        self.tls = tls;
    }

    /// The recipients about which nothing is decided, with their places.
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, &EmailAddress)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| matches!(row.state, RowState::Open))
            .map(|(place, row)| (place, &row.recipient))
    }

    pub(super) fn is_open(&self, place: usize) -> bool {
        self.rows
            .get(place)
            .is_some_and(|row| matches!(row.state, RowState::Open))
    }

    /// Whether the server took a recipient that is not decided.
    pub(super) fn any_taken(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row.state, RowState::Taken))
    }

    pub(super) fn take(&mut self, place: usize) {
        self.set(place, RowState::Taken);
    }

    /// Forgets what was decided about a recipient.
    pub(super) fn reopen(&mut self, place: usize) {
        self.set(place, RowState::Open);
    }

    pub(super) fn decide(&mut self, place: usize, outcome: Outcome, phase: Phase, ground: &Ground) {
        let (server, tls) = (&self.server, self.tls.as_ref());
        if let Some(row) = self.rows.get_mut(place) {
            row.decide(outcome, phase, ground, server, tls);
        }
    }

    /// Decides those at these places that are not decided.
    pub(super) fn decide_among(
        &mut self,
        places: &[usize],
        outcome: Outcome,
        phase: Phase,
        ground: &Ground,
    ) {
        for &place in places {
            if self.rows.get(place).is_some_and(Row::is_undecided) {
                self.decide(place, outcome, phase, ground);
            }
        }
    }

    /// Decides every row that is not decided.
    pub(super) fn decide_rest(&mut self, outcome: Outcome, phase: Phase, ground: &Ground) {
        for row in self.rows.iter_mut().filter(|row| row.is_undecided()) {
            row.decide(outcome, phase, ground, &self.server, self.tls.as_ref());
        }
    }

    pub(super) fn into_report(self) -> Report {
        let rows = self.rows.into_iter().map(|row| match row.state {
            RowState::Decided(report) => report,
            // Every way to the end decides all rows; should one not, the truth is that nothing was confirmed.
            RowState::Taken => RecipientReport::new(row.recipient, Outcome::InDoubt, Phase::Final),
            RowState::Open => RecipientReport::new(
                row.recipient,
                Outcome::NotAttempted(NotAttemptedReason::Cancelled),
                Phase::Rcpt,
            ),
        });
        Report::new(rows.collect())
    }

    fn set(&mut self, place: usize, state: RowState) {
        if let Some(row) = self.rows.get_mut(place) {
            row.state = state;
        }
    }
}

impl Row {
    fn is_undecided(&self) -> bool {
        match self.state {
            RowState::Open | RowState::Taken => true,
            RowState::Decided(_) => false,
        }
    }

    fn decide(
        &mut self,
        outcome: Outcome,
        phase: Phase,
        ground: &Ground,
        server: &str,
        tls: Option<&TlsFacts>,
    ) {
        let mut report =
            RecipientReport::new(self.recipient.clone(), outcome, phase).with_server(server);
        if let Some(tls) = tls {
            report = report.with_tls(tls.clone());
        }
        self.state = RowState::Decided(match ground {
            Ground::Reply(reply) => report.with_reply(reply.clone()),
            Ground::Detail(detail) => report.with_detail(detail.clone()),
            Ground::Found(enhanced, detail) => {
                report.with_enhanced(*enhanced).with_detail(detail.clone())
            }
            Ground::NoTls(failure, detail) => report
                .with_tls_failure(*failure)
                .with_detail(detail.clone()),
            Ground::TlsRefused(reply) => report
                .with_tls_failure(TlsFailure::Refused)
                .with_reply(reply.clone()),
        });
    }
}
