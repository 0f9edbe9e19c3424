use letterhead_mail::{
    EmailAddress, Envelope, NotAttemptedReason, Outcome, Phase, RecipientReport, Reply, Report,
};

/// What is known so far about every recipient of one submission.
#[derive(Debug)]
pub(super) struct Verdicts {
    server: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    recipient: EmailAddress,
    state: RowState,
}

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
}

impl Verdicts {
    pub(super) fn new(envelope: &Envelope, server: &str) -> Self {
        let rows = envelope.addresses().map(|recipient| Row {
            recipient: recipient.clone(),
            state: RowState::Open,
        });
        Self {
            server: server.to_owned(),
            rows: rows.collect(),
        }
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
        if let Some(row) = self.rows.get_mut(place) {
            row.state = RowState::Taken;
        }
    }

    pub(super) fn decide(&mut self, place: usize, outcome: Outcome, phase: Phase, ground: &Ground) {
        let server = &self.server;
        if let Some(row) = self.rows.get_mut(place) {
            row.decide(outcome, phase, ground, server);
        }
    }

    /// Decides every row that is not decided.
    pub(super) fn decide_rest(&mut self, outcome: Outcome, phase: Phase, ground: &Ground) {
        for row in &mut self.rows {
            if !matches!(row.state, RowState::Decided(_)) {
                row.decide(outcome, phase, ground, &self.server);
            }
        }
    }

    pub(super) fn report(&self) -> Report {
        let rows = self.rows.iter().map(|row| match &row.state {
            RowState::Decided(report) => report.clone(),
            // Every way to the end decides all rows; should one not, the truth is that nothing was confirmed.
            RowState::Taken => {
                RecipientReport::new(row.recipient.clone(), Outcome::InDoubt, Phase::Final)
            }
            RowState::Open => RecipientReport::new(
                row.recipient.clone(),
                Outcome::NotAttempted(NotAttemptedReason::Cancelled),
                Phase::Rcpt,
            ),
        });
        Report::new(rows.collect())
    }
}

impl Row {
    fn decide(&mut self, outcome: Outcome, phase: Phase, ground: &Ground, server: &str) {
        let report =
            RecipientReport::new(self.recipient.clone(), outcome, phase).with_server(server);
        self.state = RowState::Decided(match ground {
            Ground::Reply(reply) => report.with_reply(reply.clone()),
            Ground::Detail(detail) => report.with_detail(detail.clone()),
        });
    }
}
