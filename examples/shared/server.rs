//! The server that a command speaks to: a URL, how it is secured, and who signs in.

use std::error::Error;
use std::str::FromStr;

use crate::error_chain::chain;
use letterhead::transport::endpoint::EndpointError;
use letterhead::transport::{
    Credentials, Endpoint, RootCertificates, SecretString, Security, SmtpTransport,
    SmtpTransportBuilder, TlsSettings,
};

/// What the options say of a server.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) url: Option<String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) ca: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<String>,
}

/// A server with which everything said of it goes together.
pub(crate) struct Server {
    endpoint: Endpoint,
    ca: Option<String>,
    sign_in: Option<SignIn>,
}

struct SignIn {
    user: String,
    password_file: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Tls {
    Required,
    Opportunistic,
    Never,
}

impl FromStr for Tls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "required" => Ok(Self::Required),
            "opportunistic" => Ok(Self::Opportunistic),
            "none" => Ok(Self::Never),
            other => Err(format!(
                "--tls {other:?} is unknown; write required, opportunistic or none"
            )),
        }
    }
}

impl Settings {
    pub(crate) fn check(self) -> Result<Server, Box<dyn Error>> {
        let url = self
            .url
            .ok_or("--url is missing; write smtp://host:port or smtps://host:port")?;
        let endpoint: Endpoint = url.parse().map_err(|error| match error {
            EndpointError::Password => "--url holds a password, which everyone on this machine can see; write it to a file and give --password-file FILE".to_owned(),
            error => format!("--url: {error}"),
        })?;
        let loopback = endpoint.is_loopback();
        let user = endpoint.user().map(str::to_owned);
        let security = match (endpoint.security(), self.tls) {
            (Security::ImplicitTls, None | Some(Tls::Required)) => Security::ImplicitTls,
            (Security::ImplicitTls, Some(Tls::Opportunistic | Tls::Never)) => {
                return Err(
                    "smtps:// is TLS from the first octet; write smtp:// to do without".into(),
                );
            }
            (_, Some(Tls::Required)) => Security::StartTls,
            (_, Some(Tls::Opportunistic)) => Security::Opportunistic,
            (_, Some(Tls::Never)) => Security::Plaintext,
            (_, None) if loopback => Security::Opportunistic,
            (_, None) => Security::StartTls,
        };
        if security == Security::Plaintext && self.ca.is_some() {
            return Err("--ca is for TLS and --tls none is without; leave one of them out".into());
        }
        if user.is_some() && self.user.is_some() {
            return Err("a user is in the URL and in --user; leave one of them out".into());
        }
        let sign_in = match (user.or(self.user), self.password_file) {
            (Some(user), Some(password_file)) => Some(SignIn {
                user,
                password_file,
            }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(
                    "a user needs a password; write it to a file and give --password-file FILE"
                        .into(),
                );
            }
            (None, Some(_)) => {
                return Err("--password-file needs a user; give --user NAME".into());
            }
        };
        if sign_in.is_some() && security == Security::Plaintext && !loopback {
            return Err("the password would be sent without TLS, and not to this machine; use --tls required".into());
        }
        Ok(Server {
            endpoint: endpoint.with_security(security),
            ca: self.ca,
            sign_in,
        })
    }
}

impl Server {
    /// Reads the files named.
    pub(crate) fn transport(&self) -> Result<SmtpTransportBuilder, Box<dyn Error>> {
        let mut builder = SmtpTransport::builder(self.endpoint.clone());
        if let Some(path) = &self.ca {
            builder = builder.tls(trusting(path)?);
        }
        if let Some(sign_in) = &self.sign_in {
            let password = password(&sign_in.password_file)?;
            builder = builder.credentials(Credentials::new(&sign_in.user, password));
            // To a server on this machine, where tests run, it may go without TLS.
            builder = builder.dangerous_plaintext_auth_on_loopback();
        }
        Ok(builder)
    }
}

fn trusting(path: &str) -> Result<TlsSettings, Box<dyn Error>> {
    let pem = std::fs::read(path).map_err(|error| format!("--ca {path}: {error}"))?;
    let settings =
        RootCertificates::from_pem(&pem).and_then(|roots| TlsSettings::with_roots(&roots));
    Ok(settings.map_err(|error| {
        let error = chain(&error);
        format!("--ca {path} must hold certificates in PEM: {error}")
    })?)
}

fn password(path: &str) -> Result<SecretString, String> {
    let mut text = std::fs::read_to_string(path)
        .map_err(|error| format!("--password-file {path}: {error}"))?;
    let length = text.strip_suffix('\n').unwrap_or(&text).len();
    text.truncate(length);
    if text.ends_with('\r') {
        text.pop();
    }
    if text.is_empty() {
        return Err(format!(
            "--password-file {path} is empty; write the password into it"
        ));
    }
    Ok(SecretString::from(text))
}
