//! A web that answers as it is told.

use std::sync::Mutex;

use letterhead_mail::{
    BoxFuture, HttpGet, HttpGetError, HttpGetErrorKind, HttpLimits, HttpResponse,
};

/// Gives the same answer to everyone, and remembers who asked for what.
#[derive(Debug)]
pub(crate) struct Web {
    answer: Mutex<Result<HttpResponse, HttpGetErrorKind>>,
    asked: Mutex<Vec<(String, HttpLimits)>>,
}

impl Web {
    pub(crate) fn answering(status: u16, body: &[u8]) -> Self {
        Self {
            answer: Mutex::new(Ok(HttpResponse::new(status, body))),
            asked: Mutex::default(),
        }
    }

    pub(crate) fn failing(kind: HttpGetErrorKind) -> Self {
        Self {
            answer: Mutex::new(Err(kind)),
            asked: Mutex::default(),
        }
    }

    pub(crate) fn answer_from_now(&self, status: u16, body: &[u8]) {
        *self.answer.lock().unwrap() = Ok(HttpResponse::new(status, body));
    }

    pub(crate) fn asked(&self) -> Vec<(String, HttpLimits)> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpGet for Web {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        self.asked.lock().unwrap().push((url.to_owned(), limits));
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move { answer.map_err(HttpGetError::new) })
    }
}
