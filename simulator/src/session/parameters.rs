//! The parameters of MAIL and RCPT.

use letterhead_mail::envelope::{
    EnvelopeId, NotificationError, Notify, OriginalRecipient, ReturnContent, TlsRequirement,
};
use letterhead_transport::smtp::Parameter;

use super::transaction::{Announced, Body, Charset, Refusal};
use super::{Extension, ServerSession};

/// What the parameters of RCPT ask for ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) notify: Option<Notify>,
    pub(super) original: Option<OriginalRecipient>,
    /// An ORCPT that is well formed and names no address of mail.
    pub(super) foreign_original: Option<String>,
}

impl ServerSession {
    pub(super) fn mail_parameters(&self, parameters: &[Parameter]) -> Result<Announced, Refusal> {
        const VALUE: Refusal = (501, (5, 5, 4), "a parameter of MAIL has a bad value");
        self.check_parameters(parameters)?;
        let mut announced = Announced::default();
        for parameter in parameters {
            let keyword = parameter.keyword();
            if !mail_extension(keyword).is_some_and(|extension| self.offers(extension)) {
                return Err((555, (5, 5, 4), "unknown parameter of MAIL"));
            }
            match (keyword, parameter.value()) {
                ("SIZE", Some(value)) => self.check_size(value)?,
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => {}
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => {
                    announced.body = Body::EightBitMime;
                }
                ("SMTPUTF8", None) => announced.charset = Charset::Utf8,
                ("REQUIRETLS", None) => announced.tls = TlsRequirement::EveryHop,
                ("RET", Some(value)) if value.eq_ignore_ascii_case("FULL") => {
                    announced.return_content = Some(ReturnContent::Full);
                }
                ("RET", Some(value)) if value.eq_ignore_ascii_case("HDRS") => {
                    announced.return_content = Some(ReturnContent::Headers);
                }
                ("ENVID", Some(value)) => match EnvelopeId::from_xtext(value) {
                    Ok(id) => announced.id = Some(id),
                    Err(_) => {
                        return Err((501, (5, 5, 4), "ENVID is not 1 to 100 octets of xtext"));
                    }
                },
                // Who submitted it first, for servers that trust each other; it may be left out of account
                // (RFC 4954 §5).
                ("AUTH", Some(_)) => {}
                _ => return Err(VALUE),
            }
        }
        Ok(announced)
    }

    pub(super) fn rcpt_parameters(
        &self,
        parameters: &[Parameter],
        charset: Charset,
    ) -> Result<Asked, Refusal> {
        const ORIGINAL: Refusal = (
            501,
            (5, 5, 4),
            "ORCPT is not a type, ';' and an address in xtext",
        );
        self.check_parameters(parameters)?;
        let mut asked = Asked::default();
        for parameter in parameters {
            let keyword = parameter.keyword();
            if !matches!(keyword, "NOTIFY" | "ORCPT") || !self.offers(Extension::Dsn) {
                return Err((555, (5, 5, 4), "unknown parameter of RCPT"));
            }
            match (keyword, parameter.value()) {
                ("NOTIFY", Some(value)) => match value.parse() {
                    Ok(notify) => asked.notify = Some(notify),
                    Err(_) => {
                        let text = "NOTIFY is NEVER alone, or some of SUCCESS, FAILURE and DELAY";
                        return Err((501, (5, 5, 4), text));
                    }
                },
                // RFC 6533 §3: octets outside ASCII come with SMTPUTF8 only.
                ("ORCPT", Some(value)) if value.is_ascii() || charset == Charset::Utf8 => {
                    match OriginalRecipient::from_parameter(value) {
                        Ok(original) => asked.original = Some(original),
                        Err(NotificationError::AddressType) => {
                            asked.foreign_original = Some(value.to_owned());
                        }
                        Err(_) => return Err(ORIGINAL),
                    }
                }
                ("ORCPT", _) => return Err(ORIGINAL),
                _ => return Err((501, (5, 5, 4), "a parameter of RCPT has a bad value")),
            }
        }
        Ok(asked)
    }

    /// What holds for parameters whatever they are.
    fn check_parameters(&self, parameters: &[Parameter]) -> Result<(), Refusal> {
        if !parameters.is_empty() && !self.is_esmtp() {
            return Err((555, (5, 5, 4), "parameters need EHLO"));
        }
        for (position, parameter) in parameters.iter().enumerate() {
            let mut earlier = parameters.iter().take(position);
            if earlier.any(|other| other.is(parameter.keyword())) {
                return Err((501, (5, 5, 4), "a parameter is given twice"));
            }
        }
        Ok(())
    }

    fn check_size(&self, value: &str) -> Result<(), Refusal> {
        if value.len() > 20 || !value.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err((501, (5, 5, 4), "SIZE is a number"));
        }
        // Twenty digits may be more than 64 bits hold; that is too large as well.
        let size: u64 = value.parse().unwrap_or(u64::MAX);
        if size > self.config.maximum_octets {
            return Err((552, (5, 3, 4), "the message is too large"));
        }
        Ok(())
    }
}

/// The extension that a parameter of MAIL belongs to.
fn mail_extension(keyword: &str) -> Option<Extension> {
    Some(match keyword {
        "SIZE" => Extension::Size,
        "BODY" => Extension::EightBitMime,
        "SMTPUTF8" => Extension::SmtpUtf8,
        "REQUIRETLS" => Extension::RequireTls,
        "RET" | "ENVID" => Extension::Dsn,
        "AUTH" => Extension::Auth,
        _ => return None,
    })
}
