//! A mailer's routes, keys, channels and identities as an operator writes them: in a file of TOML, in environment variables,
//! or in both.
//!
#![doc = concat!("```toml\n", include_str!("settings/letterhead.toml"), "```")]
//!
//! Paths are relative to the file. What else a route may say: `security` (`starttls`, `tls`, `opportunistic`, `plaintext`; it
//! takes the place of what `smtp://` and `smtps://` say), `address` to connect to instead of what the host's name resolves to,
//! `ca_file` with the only certificates to trust, `max_connections`, `max_messages_per_connection`, `timeout_seconds` for a
//! whole attempt, and `environment`, `region`, `tier`, `account`, `feature` and `return_path_domains`, which are as in
//! [`Route`]. An identity may say `kind`, `environment`, `region`, `compartment`, `brand` and `mode` as in [`NewIdentity`].
//! [`Settings::sample`] has what a provider needs, and each page of `docs/providers` ends with it.
//!
//! What an operator does not decide is said in code: where things are kept (stores), and what the application does about
//! returned mail, unsubscribing, suppression and reputation ([`MailerBuilder`], [`SuppressionList`]). Transports around a
//! route's own, such as a rate limit, need a [`Route`] made in code.
//!
//! # Variables
//!
//! A variable is named by its key, in capitals, after `LETTERHEAD__` and with `__` for each dot: `LETTERHEAD__ROUTES__OWN__USER`
//! says `routes.own.user`. What a variable says holds, whatever the file does. A list is written `own,ses`. Names of keys that
//! are in small letters, digits, `-` and `_` can be reached; one `_` is an underscore, or the hyphen of a key that is in the
//! file.
//!
//! # Secrets
//!
//! A password or private key never stands in the file: it is said where it is, as `{ env = "VARIABLE" }` or
//! `{ file = "PATH" }`; in a variable of its own, such as `LETTERHEAD__ROUTES__OWN__PASSWORD`, it stands as it is. No error and
//! no `Debug` output has any of it, and settings cannot be written back.

mod error;
mod given;
mod list;
mod making;
mod place;
mod registering;
mod sample;
mod secret;
mod server;
#[cfg(feature = "simulator")]
mod simulating;
mod text;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use letterhead_feedback::SuppressionList;
use letterhead_identity::{IdentityStore, NewIdentity, Profile, Registry};
use letterhead_mail::{Clock, Entropy};

pub use self::error::SettingsError;
pub use self::place::Place;
pub use self::registering::RegisterError;
#[cfg(feature = "simulator")]
use self::server::Server;
#[cfg(feature = "simulator")]
pub use self::simulating::SimulationError;
use self::text::Text;
use crate::channels::Channels;
use crate::mailer::Mailer;
use crate::mailer_builder::MailerBuilder;
use crate::route::Route;

/// What an operator has set, read and checked: profiles are known, keys are keys, secrets are there, and what names something
/// names something that is there. Nobody was connected to. [The module](self) says how it is written.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use letterhead::dns::HickoryResolver;
/// use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
/// use letterhead::identity::InMemoryIdentityStore;
/// use letterhead::mail::Clock;
/// use letterhead::settings::Settings;
/// use letterhead::{SystemClock, SystemEntropy};
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::from_file("letterhead.toml", std::env::vars_os())?;
/// let clock = Arc::new(SystemClock::new());
/// let registry = settings.registry(Arc::new(InMemoryIdentityStore::new()));
/// for identity in settings.register(&registry, &HickoryResolver::from_system()?, clock.now()).await? {
///     println!("{} is {}", identity.key(), identity.verification);
/// }
/// let suppression = SuppressionList::new(Arc::new(InMemorySuppressionStore::new()), SuppressionPolicy::default());
/// let mailer = settings.mailer(registry, suppression, clock, Arc::new(SystemEntropy::new())).build()?;
/// # let _ = mailer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Settings {
    profiles: Vec<Profile>,
    routes: Vec<Route>,
    channels: Channels,
    identities: Vec<NewIdentity>,
    /// Where each route leads.
    #[cfg(feature = "simulator")]
    servers: Vec<Server>,
}

impl Settings {
    /// Reads a file, and these variables over it; [`std::env::vars_os`] are those of the process.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or that is not UTF-8; whatever in it or in a variable is not right, with its place.
    pub fn from_file<K: Into<std::ffi::OsString>, V: Into<std::ffi::OsString>>(
        path: impl AsRef<Path>,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let toml = std::fs::read_to_string(path).map_err(|reason| SettingsError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        making::make(&Text::new(Some(path), &toml, variables))
    }

    /// As [`from_file`](Self::from_file), of text that came another way. Paths in it are relative to the working directory.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file).
    pub fn from_toml<K: Into<std::ffi::OsString>, V: Into<std::ffi::OsString>>(
        toml: &str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError> {
        making::make(&Text::new(None, toml, variables))
    }

    /// Reads variables alone.
    ///
    /// ```
    /// use letterhead::settings::Settings;
    ///
    /// let variables = [
    ///     ("LETTERHEAD__ROUTES__OWN__PROFILE", "own-server"),
    ///     ("LETTERHEAD__ROUTES__OWN__SERVER", "smtps://smtp.yourcompany.example"),
    ///     ("LETTERHEAD__ROUTES__OWN__USER", "app"),
    ///     ("LETTERHEAD__ROUTES__OWN__PASSWORD", "correct horse battery staple"),
    ///     ("LETTERHEAD__CHANNELS__EVERYBODY", "own"),
    ///     ("PATH", "/usr/bin"), // none of ours
    /// ];
    /// let settings = Settings::from_variables(variables)?;
    /// assert_eq!(settings.routes()[0].name(), "own");
    /// assert!(!format!("{settings:?}").contains("horse"));
    /// # Ok::<(), letterhead::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file).
    pub fn from_variables<K: Into<std::ffi::OsString>, V: Into<std::ffi::OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError> {
        Self::from_toml("", variables)
    }

    /// The profiles that routes and identities are under, each once.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The ways for mail to leave, by name.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The routes of messages that name none.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Who is to be [registered](Self::register).
    #[must_use]
    pub fn identities(&self) -> &[NewIdentity] {
        &self.identities
    }

    /// A registry over this store, for these profiles.
    #[must_use]
    pub fn registry(&self, store: Arc<dyn IdentityStore>) -> Registry {
        Registry::new(store, self.profiles.iter().cloned())
    }

    /// A mailer's builder with these routes and channels.
    pub fn mailer(
        &self,
        registry: Registry,
        suppression: SuppressionList,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> MailerBuilder {
        let builder = Mailer::builder(registry, suppression, clock, entropy);
        let routes = self.routes.iter().cloned();
        routes
            .fold(builder, MailerBuilder::route)
            .channels(self.channels.clone())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profiles: Vec<&str> = self
            .profiles
            .iter()
            .map(|profile| profile.id().as_str())
            .collect();
        f.debug_struct("Settings")
            .field("profiles", &profiles)
            .field("routes", &self.routes)
            .field("channels", &self.channels)
            .field("identities", &self.identities)
            .finish()
    }
}
