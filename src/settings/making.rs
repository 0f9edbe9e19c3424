//! From settings as they are written to what they stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, SigningKey};
use letterhead_dns::DomainName;
use letterhead_identity::{NewIdentity, Profile, ProfileId};
use letterhead_transport::{Endpoint, RootCertificates, SecretString, Security, TlsSettings};
use zeroize::Zeroizing;

use super::given::{Given, GivenChannels, GivenIdentity, GivenKey, GivenRoute};
use super::list::{List, Read};
use super::secret::SecretSource;
use super::server::{Login, Server};
use super::text::{Places, Text};
use super::{Settings, SettingsError};
use crate::channels::Channels;
use crate::profile_endpoints::profile_endpoints;
use crate::route::Route;

pub(super) fn make(text: &Text<'_>) -> Result<Settings, SettingsError> {
    let (given, places) = text.read()?;
    let making = Making {
        text,
        places: &places,
        ehlo_name: given.ehlo_name.clone().map(|Read(name)| name),
        profiles: profiles(&given, text, &places)?,
        keys: keys(&given, text, &places)?,
    };
    let (mut routes, mut servers) = (Vec::new(), Vec::new());
    for (name, route) in &given.routes {
        let server = making.server(name, route)?;
        routes.push(making.route(name, route, &server)?);
        servers.push(server);
    }
    let identities = given.identities.iter();
    let identities = identities.map(|(name, identity)| making.identity(name, identity));
    let identities = identities.collect::<Result<Vec<NewIdentity>, _>>()?;
    let channels = channels(&given.channels, &routes, &places)?;
    Ok(Settings {
        profiles: making.profiles.into_values().collect(),
        routes,
        channels,
        identities,
        #[cfg(feature = "simulator")]
        servers,
    })
}

/// What routes and identities are made with.
struct Making<'t> {
    text: &'t Text<'t>,
    places: &'t Places<'t>,
    ehlo_name: Option<DomainName>,
    profiles: BTreeMap<ProfileId, Profile>,
    keys: BTreeMap<String, Key>,
}

/// A key to sign with.
struct Key {
    domain: DomainName,
    signer: Signer,
    selector: String,
    record: String,
}

/// The profiles that are named, each once.
fn profiles(
    given: &Given,
    text: &Text<'_>,
    places: &Places<'_>,
) -> Result<BTreeMap<ProfileId, Profile>, SettingsError> {
    let mut own = BTreeMap::new();
    for path in &given.profiles.0 {
        let path = text.path(path);
        let toml = std::fs::read_to_string(&path)
            .map_err(|error| places.wrong("profiles", chain(Some(&path), &error)))?;
        let upstream = |id: &ProfileId| match own.get(id) {
            Some(own) => Some(Profile::clone(own)),
            None => Profile::built_in(id.as_str()).ok(),
        };
        let profile = Profile::from_toml(&toml, upstream)
            .map_err(|error| places.wrong("profiles", chain(Some(&path), &error)))?;
        own.insert(profile.id().clone(), profile);
    }
    let of_routes = given.routes.iter();
    let of_routes =
        of_routes.map(|(name, route)| (format!("routes.{name}.profile"), &route.profile));
    let of_identities = given.identities.iter();
    let of_identities = of_identities
        .map(|(name, identity)| (format!("identities.{name}.profile"), &identity.profile));
    let mut named = BTreeMap::new();
    for (key, Read(id)) in of_routes.chain(of_identities) {
        if named.contains_key(id) {
            continue;
        }
        let profile = match own.remove(id) {
            Some(own) => own,
            None => Profile::built_in(id.as_str())
                .map_err(|error| places.wrong(&key, chain(None, &error)))?,
        };
        named.insert(id.clone(), profile);
    }
    Ok(named)
}

fn keys(
    given: &Given,
    text: &Text<'_>,
    places: &Places<'_>,
) -> Result<BTreeMap<String, Key>, SettingsError> {
    let mut keys = BTreeMap::new();
    for (name, given) in &given.keys {
        let GivenKey {
            domain: Read(domain),
            selector: Read(selector),
            pem,
        } = given;
        let at = format!("keys.{name}.pem");
        let pem = secret(pem, &at, text, places)?;
        let key =
            PrivateKey::from_pem(&pem).map_err(|error| places.wrong(&at, chain(None, &error)))?;
        let key: Arc<dyn SigningKey> = Arc::new(key);
        let made = Key {
            domain: domain.clone(),
            record: PublicKeyRecord::for_key(&*key).to_string(),
            selector: selector.to_string(),
            signer: Signer::new(domain.clone(), selector.clone(), key),
        };
        keys.insert(name.clone(), made);
    }
    Ok(keys)
}

/// A secret, from where it is.
fn secret(
    source: &SecretSource,
    key: &str,
    text: &Text<'_>,
    places: &Places<'_>,
) -> Result<Zeroizing<String>, SettingsError> {
    let found = Zeroizing::new(match source {
        SecretSource::Variable(name) => {
            text.variable(name).map(str::to_owned).ok_or_else(|| {
                places.wrong(key, format!("the variable {name} is not set, or not UTF-8"))
            })?
        }
        SecretSource::File(path) => {
            let path = text.path(path);
            std::fs::read_to_string(&path)
                .map_err(|error| places.wrong(key, chain(Some(&path), &error)))?
        }
    });
    match found.trim().is_empty() {
        true => Err(places.wrong(key, "the secret is empty")),
        false => Ok(found),
    }
}

impl Making<'_> {
    fn route(
        &self,
        name: &str,
        given: &GivenRoute,
        server: &Server,
    ) -> Result<Route, SettingsError> {
        let at_route = format!("routes.{name}");
        let at = |field: &str| format!("routes.{name}.{field}");
        let Read(profile) = &given.profile;
        let transport = server
            .transport()
            .map_err(|error| self.places.wrong(&at_route, chain(None, &error)))?;
        let mut route = Route::new(name, profile.clone(), Arc::new(transport));
        for key in self.keys_of(&given.keys, &at("keys"))? {
            route = route.signer(key.signer.clone());
        }
        for domain in &given.return_path_domains.0 {
            route = route.return_path_domain(domain.clone());
        }
        if let Some(Read(environment)) = &given.environment {
            route = route.environment(environment.clone());
        }
        if let Some(Read(region)) = &given.region {
            route = route.region(region.clone());
        }
        if let Some(Read(tier)) = &given.tier {
            route = route.tier(tier.clone());
        }
        if let Some(account) = &given.account {
            route = route.account(account);
        }
        if let Some(Read(feature)) = &given.feature {
            route = route.feature(feature.clone());
        }
        let profile = self.profile(profile);
        let usable = profile.map_or(Ok(()), |profile| route.check(profile));
        usable.map_err(|error| self.places.wrong(&at_route, chain(None, &error)))?;
        Ok(route)
    }

    fn profile(&self, id: &ProfileId) -> Option<&Profile> {
        self.profiles.get(id)
    }

    fn server(&self, name: &str, given: &GivenRoute) -> Result<Server, SettingsError> {
        let mut endpoint = self.endpoint(name, given)?;
        if let Some(security) = given.security {
            endpoint = endpoint.with_security(security.into());
        }
        if let Some(Read(address)) = given.address {
            endpoint = endpoint.address(address);
        }
        let login = self.login(name, given, &endpoint)?;
        let tls = self.tls(name, given, &endpoint)?;
        Ok(Server {
            endpoint,
            login,
            tls,
            ehlo_name: self.ehlo_name.clone(),
            max_connections: given.max_connections.as_ref().map(|Read(count)| *count),
            max_messages_per_connection: given
                .max_messages_per_connection
                .as_ref()
                .map(|Read(count)| *count),
            timeout: given
                .timeout_seconds
                .as_ref()
                .map(|Read(seconds)| Duration::from_secs(seconds.get())),
        })
    }

    fn login(
        &self,
        name: &str,
        given: &GivenRoute,
        endpoint: &Endpoint,
    ) -> Result<Option<Login>, SettingsError> {
        let at = |field: &str| format!("routes.{name}.{field}");
        let user = given
            .user
            .clone()
            .or_else(|| endpoint.user().map(str::to_owned));
        let (user, source) = match (user, &given.password) {
            (Some(user), Some(source)) => (user, source),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                let problem = "there is a user, and no password; add one to the route";
                return Err(self.places.wrong(&at("user"), problem));
            }
            (None, Some(_)) => {
                let problem = "there is a password, and no user; add one to the route";
                return Err(self.places.wrong(&at("password"), problem));
            }
        };
        // Said now rather than with the first mail, also of a file, which is read anew for each connection.
        let password = secret(source, &at("password"), self.text, self.places)?;
        let file = match source {
            SecretSource::File(path) => Some(self.text.path(path)),
            SecretSource::Variable(_) => None,
        };
        Ok(Some(Login {
            user,
            password: SecretString::from(password.as_str()),
            file,
        }))
    }

    fn tls(
        &self,
        name: &str,
        given: &GivenRoute,
        endpoint: &Endpoint,
    ) -> Result<Option<TlsSettings>, SettingsError> {
        let Some(path) = &given.ca_file else {
            return Ok(None);
        };
        let at = format!("routes.{name}.ca_file");
        let path = self.text.path(path);
        let read = std::fs::read(&path)
            .map_err(|error| self.places.wrong(&at, chain(Some(&path), &error)))?;
        if endpoint.security() == Security::Plaintext {
            let problem = "without TLS no certificate is looked at; leave it out";
            return Err(self.places.wrong(&at, problem));
        }
        let roots = RootCertificates::from_pem(&read);
        let tls = roots.and_then(|roots| TlsSettings::with_roots(&roots));
        tls.map(Some)
            .map_err(|error| self.places.wrong(&at, chain(None, &error)))
    }

    /// The server that is named, or the first one of the profile.
    fn endpoint(&self, name: &str, given: &GivenRoute) -> Result<Endpoint, SettingsError> {
        if let Some(Read(server)) = &given.server {
            return Ok(server.clone());
        }
        let region = given.region.as_ref().map(|Read(region)| region);
        let Read(profile) = &given.profile;
        let of_profile = match self.profile(profile) {
            Some(profile) => profile_endpoints(profile, region),
            None => Ok(Vec::new()),
        };
        let problem = match of_profile {
            Ok(endpoints) => match endpoints.into_iter().next() {
                Some(endpoint) => return Ok(endpoint),
                None => format!("{profile} names no server"),
            },
            Err(error) => chain(None, &error),
        };
        let problem = format!("{problem}; name one: server = \"smtp://HOST:587\"");
        Err(self.places.wrong(&format!("routes.{name}"), problem))
    }

    fn keys_of(&self, names: &List<String>, at: &str) -> Result<Vec<&Key>, SettingsError> {
        let names = names.0.iter();
        let keys = names.map(|name| {
            self.keys.get(name).ok_or_else(|| {
                self.places
                    .wrong(at, unknown(&format!("[keys.{name}]"), self.keys.keys()))
            })
        });
        keys.collect()
    }

    fn identity(&self, name: &str, given: &GivenIdentity) -> Result<NewIdentity, SettingsError> {
        let at = |field: &str| format!("identities.{name}.{field}");
        let (Read(tenant), Read(profile), Read(subject)) =
            (&given.tenant, &given.profile, &given.subject);
        let mut new = NewIdentity::new(tenant.clone(), profile.clone(), subject.clone());
        new.kind = given.kind.as_ref().map(|Read(word)| word.clone());
        new.environment = given.environment.as_ref().map(|Read(word)| word.clone());
        new.region = given.region.as_ref().map(|Read(word)| word.clone());
        new.compartment = given.compartment.as_ref().map(|Read(word)| word.clone());
        new.brand = given.brand.as_ref().map(|Read(word)| word.clone());
        new.mode = given.mode.as_ref().map(|Read(word)| word.clone());
        for (name, List(values)) in &given.values {
            new.values.insert(name.clone(), values.clone());
        }
        for key in self.keys_of(&given.keys, &at("keys"))? {
            if subject.domain().is_some_and(|own| *own != key.domain) {
                let problem = format!("{} is not the domain of {subject}", key.domain);
                return Err(self.places.wrong(&at("keys"), problem));
            }
            for (name, value) in [("selector", &key.selector), ("key-record", &key.record)] {
                let values = new.values.entry(name.to_owned()).or_default();
                values.push(value.clone());
            }
        }
        let Some(profile) = self.profile(profile) else {
            return Ok(new);
        };
        let kinds = || profile.identities().iter().map(|rule| &rule.kind);
        if let Some(kind) = &new.kind
            && !kinds().any(|known| known == kind)
        {
            let problem = unknown(&format!("kind {kind}"), kinds());
            return Err(self.places.wrong(&at("kind"), problem));
        }
        let planned = new.to_identity(profile, SystemTime::UNIX_EPOCH);
        planned.map_err(|error| {
            let key = format!("identities.{name}");
            self.places.wrong(&key, chain(None, &error))
        })?;
        Ok(new)
    }
}

fn channels(
    given: &GivenChannels,
    routes: &[Route],
    places: &Places<'_>,
) -> Result<Channels, SettingsError> {
    let known: BTreeSet<&str> = routes.iter().map(Route::name).collect();
    let of = |names: &List<String>, key: &str| match names
        .0
        .iter()
        .find(|name| !known.contains(name.as_str()))
    {
        Some(name) => Err(places.wrong(key, unknown(&format!("[routes.{name}]"), known.iter()))),
        None => Ok(names.0.clone()),
    };
    let mut channels = Channels::new();
    if let Some(names) = &given.everybody {
        channels = channels.everybody(of(names, "channels.everybody")?);
    }
    for (tenant, names) in &given.tenants {
        let key = format!("channels.tenants.{tenant}");
        let id = tenant
            .parse()
            .map_err(|error| places.wrong(&key, chain(None, &error)))?;
        channels = channels.tenant(&id, of(names, &key)?);
    }
    for (tenant, identities) in &given.identities {
        let key = format!("channels.identities.{tenant}");
        let id = tenant
            .parse()
            .map_err(|error| places.wrong(&key, chain(None, &error)))?;
        for (subject, names) in identities {
            let key = format!("{key}.{subject}");
            let subject = subject
                .parse()
                .map_err(|error| places.wrong(&key, chain(None, &error)))?;
            channels = channels.identity(&id, subject, of(names, &key)?);
        }
    }
    Ok(channels)
}

/// That something is not there, and what is.
fn unknown(what: &str, known: impl Iterator<Item: std::fmt::Display>) -> String {
    let known: Vec<String> = known.map(|name| name.to_string()).collect();
    match known.is_empty() {
        true => format!("there is no {what}, and no other"),
        false => format!("there is no {what}; there are {}", known.join(", ")),
    }
}

/// An error with all that is behind it, of this file if there is one.
fn chain(path: Option<&Path>, error: &(dyn std::error::Error + 'static)) -> String {
    let file = path.map_or_else(String::new, |path| format!("{}: ", path.display()));
    let all = std::iter::successors(Some(error), |error| error.source());
    let all: Vec<String> = all.map(ToString::to_string).collect();
    file + &all.join(": ")
}
