//! SPF, DKIM and DMARC.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("dmarc", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("spf", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("sender policy framework", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("sender id", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "not designated as permitted sender",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("does not designate", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("permitted sender hosts", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "is not allowed to send mail from",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says(
        "is not allowed to send from",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says(
        "is not authorized to send mail from",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("is not authorized to use", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "not authorized to send on behalf",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("is not permitted to use", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "are not authorized to send email directly",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("sender is not permitted by", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("domainkeys", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("dkim", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("arc validation failure", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("unauthenticated email", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("unauthenticated mail", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("sender is unauthenticated", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("unauthenticated sender", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("email is unauthenticated", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("message is unauthenticated", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "does not pass authentication",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says(
        "did not pass authentication",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("fails authentication", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("failed authentication", Reason::AUTHENTICATION_FAILURE)
        .and("message")
        .surely(),
    Rule::says("authentication-results", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("authentication checks", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "authentication requirements",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says(
        "required authentication level",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says(
        "message failed authentication",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::says("sender authentication", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("lacks authentication", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says("to be authenticated with", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::says(
        "requires all senders to authenticate",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::names("p=unauthenticatedmail", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::names("p=dmarcrejection", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::names(
        "answer/81126#authentication",
        Reason::AUTHENTICATION_FAILURE,
    )
    .surely(),
    Rule::names("openspf.org", Reason::AUTHENTICATION_FAILURE),
    Rule::names("openspf.net", Reason::AUTHENTICATION_FAILURE),
    Rule::names("ib508", Reason::AUTHENTICATION_FAILURE),
    Rule::names("ib509", Reason::AUTHENTICATION_FAILURE),
    Rule::names("ib510", Reason::AUTHENTICATION_FAILURE),
    Rule::names("ib511", Reason::AUTHENTICATION_FAILURE),
    Rule::names("lpn007_517", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::names("lpn007_515", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::names("ofr_517", Reason::AUTHENTICATION_FAILURE).surely(),
    Rule::names("mi:spf", Reason::AUTHENTICATION_FAILURE),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::AUTHENTICATION_FAILURE,
    permanence: Permanence::Soft,
    said: &[
        "smtp; 550 5.7.1 Email rejected per DMARC policy for example.com",
        "Remote host said: 550 spf",
        "smtp; 550 sender policy framework",
        "550 <joe@example.org>: sender id",
        "host mx.example.org[192.0.2.1] said: 550 not designated as permitted sender (in reply to RCPT TO command)",
        "smtp;554 does not designate",
        "Remote host said: 550 permitted sender hosts",
        "smtp; 550 is not allowed to send mail from",
        "550 <joe@example.org>: is not allowed to send from",
        "host mx.example.org[192.0.2.1] said: 550 is not authorized to send mail from (in reply to RCPT TO command)",
        "smtp;554 is not authorized to use",
        "Remote host said: 550 not authorized to send on behalf",
        "smtp; 550 is not permitted to use",
        "550 <joe@example.org>: are not authorized to send email directly",
        "host mx.example.org[192.0.2.1] said: 550 sender is not permitted by (in reply to RCPT TO command)",
        "smtp;554 domainkeys",
        "Remote host said: 550 dkim",
        "smtp; 550 arc validation failure",
        "550 <joe@example.org>: unauthenticated email",
        "host mx.example.org[192.0.2.1] said: 550 unauthenticated mail (in reply to RCPT TO command)",
        "smtp;554 sender is unauthenticated",
        "Remote host said: 550 unauthenticated sender",
        "smtp; 550 email is unauthenticated",
        "550 <joe@example.org>: message is unauthenticated",
        "host mx.example.org[192.0.2.1] said: 550 does not pass authentication (in reply to RCPT TO command)",
        "smtp;554 did not pass authentication",
        "Remote host said: 550 fails authentication",
        "smtp; 550 failed authentication for message",
        "550 <joe@example.org>: authentication-results",
        "host mx.example.org[192.0.2.1] said: 550 authentication checks (in reply to RCPT TO command)",
        "smtp;554 authentication requirements",
        "Remote host said: 550 required authentication level",
        "smtp; 550 message failed authentication",
        "550 <joe@example.org>: sender authentication",
        "host mx.example.org[192.0.2.1] said: 550 lacks authentication (in reply to RCPT TO command)",
        "smtp;554 to be authenticated with",
        "Remote host said: 550 requires all senders to authenticate",
        "550-5.7.26 x 550 5.7.26 https://support.google.com/mail/?p=UnauthenticatedMail x-gsmtp",
        "550-5.7.1 x 550 5.7.1 https://support.google.com/mail/?p=DmarcRejection x-gsmtp",
        "550-5.7.1 x 550 5.7.1 https://support.google.com/mail/answer/81126#authentication x-gsmtp",
        "550 see http://www.openspf.org/why.html?sender=x",
        "550 see http://www.openspf.net/Why?id=x",
        "smtp.secureserver.net|550 refused IB508",
        "smtp.secureserver.net|550 refused IB509",
        "smtp.secureserver.net|550 refused IB510",
        "smtp.secureserver.net|550 refused IB511",
        "550 LPN007_517",
        "550 LPN007_515",
        "550 OFR_517",
        "550 MI:SPF mx.example.org",
    ],
}];
