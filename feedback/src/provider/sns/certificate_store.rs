//! Certificates, fetched and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use letterhead_mail::{HttpGet, HttpLimits};

use super::certificate::Certificate;
use super::certificate_url::is_pinned;
use super::error::{SnsError, SnsErrorKind};

/// The certificates that were fetched, by their URLs.
#[derive(Debug)]
pub(super) struct CertificateStore {
    http: Arc<dyn HttpGet>,
    kept: Mutex<HashMap<Box<str>, Kept>>,
}

#[derive(Debug)]
struct Kept {
    certificate: Arc<Certificate>,
    fetched: SystemTime,
}

impl CertificateStore {
    pub(super) fn new(http: Arc<dyn HttpGet>) -> Self {
        Self {
            http,
            kept: Mutex::default(),
        }
    }

    /// The certificate at this URL, valid now: a kept one that is younger than a day, else a fetched one.
    pub(super) async fn certificate(
        &self,
        url: &str,
        now: SystemTime,
    ) -> Result<Arc<Certificate>, SnsError> {
        if !is_pinned(url) {
            return Err(SnsError::new(SnsErrorKind::CertificateUrl));
        }
        if let Some(certificate) = self.kept(url, now) {
            return Ok(certificate);
        }
        let certificate = Arc::new(self.fetch(url).await?);
        if !certificate.is_valid_at(now) {
            return Err(SnsError::new(SnsErrorKind::CertificateTime));
        }
        self.keep(url, &certificate, now);
        Ok(certificate)
    }

    fn kept(&self, url: &str, now: SystemTime) -> Option<Arc<Certificate>> {
        let kept = self.lock();
        let found = kept.get(url)?;
        let is_fresh = now
            .duration_since(found.fetched)
            .is_ok_and(|age| age < MAX_AGE);
        (is_fresh && found.certificate.is_valid_at(now)).then(|| Arc::clone(&found.certificate))
    }

    async fn fetch(&self, url: &str) -> Result<Certificate, SnsError> {
        let limits = HttpLimits::new(MAX_BODY, MAX_TIME);
        let response = self
            .http
            .get(url, limits)
            .await
            .map_err(|error| SnsError::new(SnsErrorKind::Fetch).with_source(error))?;
        if response.status() != 200 {
            let status = response.status();
            return Err(SnsError::new(SnsErrorKind::FetchStatus { status }));
        }
        if response.body().len() > MAX_BODY {
            let problem = "it is longer than 64 KiB";
            return Err(SnsError::new(SnsErrorKind::Certificate { problem }));
        }
        Certificate::read(response.body())
    }

    /// SNS has about one for every region at a time. Where there are more, the oldest goes.
    fn keep(&self, url: &str, certificate: &Arc<Certificate>, now: SystemTime) {
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT && !kept.contains_key(url) {
            let oldest = kept.iter().min_by_key(|(_, kept)| kept.fetched);
            if let Some(oldest) = oldest.map(|(url, _)| url.clone()) {
                kept.remove(&oldest);
            }
        }
        let certificate = Arc::clone(certificate);
        kept.insert(
            url.into(),
            Kept {
                certificate,
                fetched: now,
            },
        );
    }

    /// A panic elsewhere leaves the map whole: every change to it is one call.
    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MAX_BODY: usize = 64 * 1024;
const MAX_TIME: Duration = Duration::from_secs(10);
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_KEPT: usize = 64;
