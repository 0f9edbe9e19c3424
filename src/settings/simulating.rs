//! Settings as they are, in a simulated internet.

use std::net::IpAddr;
use std::sync::Arc;

use letterhead_dns::DomainName;
use letterhead_mail::Transport;
use letterhead_simulator::{Front, Password, Served, Simulator};
use letterhead_transport::{
    Endpoint, RootCertificates, Security, SmtpTransportError, TlsError, TlsSettings,
};

use super::Settings;
use super::server::Server;
use crate::route::Route;

impl Settings {
    /// The server of a route, for a simulation: a host of the name that the route connects to, which acts the route's profile
    /// out, lets every route log in that connects to it, and has verified the identities that are set under its profile.
    /// Whatever else it is to do, such as failing or posting to a webhook, is [the front's](Front) to be told.
    ///
    /// An application is tested as it is deployed, with its own file. What is secret is another in a test, and stands in
    /// variables:
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use letterhead::simulator::{Receiver, Simulator};
    /// use letterhead::Settings;
    ///
    /// // In a test of an application: include_str!("../letterhead.toml").
    /// let toml = r#"
    ///     [routes.own]
    ///     profile = "own-server"
    ///     server = "smtps://smtp.yourcompany.example"
    ///     user = "app"
    ///     password = { env = "SMTP_PASSWORD" }
    /// "#;
    /// let settings = Settings::from_toml(toml, [("SMTP_PASSWORD", "secret")])?;
    /// let world = Receiver::new("mx.world.example".parse()?, "192.0.2.1".parse()?);
    /// let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 1)
    ///     .front(settings.front("own")?)
    ///     .receiver(world.every_domain().triggers_everywhere())
    ///     .build()?;
    /// let settings = settings.in_memory(&simulator)?;
    /// # let _ = settings;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such route, or it connects to an address that has no name.
    pub fn front(&self, route: &str) -> Result<Front, SimulationError> {
        let place = self.routes.iter().position(|own| own.name() == route);
        let unknown = || SimulationError::NoRoute {
            route: route.to_owned(),
            known: self
                .routes
                .iter()
                .map(|own| own.name().to_owned())
                .collect(),
        };
        let place = place.ok_or_else(unknown)?;
        let (Some(route), Some(server)) = (self.routes.get(place), self.servers.get(place)) else {
            return Err(unknown());
        };
        let profile = self.profiles.iter().find(|own| *own.id() == route.profile);
        let profile = profile.ok_or_else(unknown)?;
        let host = host(route, server)?;
        // Routes to one host have its address in common, whichever of them it is asked for.
        let of_host = |other: &&Server| other.endpoint.host() == server.endpoint.host();
        let first = self.servers.iter().position(|other| of_host(&other));
        let last = u8::try_from(first.unwrap_or(place) + 1).unwrap_or(u8::MAX);
        let mut front = Front::new(host, IpAddr::from([203, 0, 113, last]), profile.clone());
        let logins = self.servers.iter().filter(of_host);
        for login in logins.filter_map(|server| server.login.as_ref()) {
            front = front.login(login.user.clone(), Password::new(login.password.expose()));
        }
        if let Some(region) = &route.region {
            front = front.region(region.clone());
        }
        if let Ok(limits) = route.limits(profile) {
            front = front.limits(limits);
        }
        let identities = self.identities.iter();
        let own = identities.filter(|identity| identity.profile == route.profile);
        Ok(own.fold(front, |front, identity| {
            front.verified(identity.subject.clone())
        }))
    }

    /// These settings with every route led into a simulation, without a socket: to the host of the name that it connects to,
    /// with its user and password. No route is left that reaches a real server. What providers have issued for the identities,
    /// such as selectors and keys, is what their fronts in the simulation [issue](letterhead_simulator::FrontHandle::issue).
    ///
    /// How connections are made and kept has no meaning there; [`over_sockets`](Self::over_sockets) has it.
    ///
    /// # Errors
    ///
    /// When a route connects to a host that the simulation does not have.
    pub fn in_memory(&self, simulator: &Simulator) -> Result<Self, SimulationError> {
        self.led(simulator, |route, server| {
            let host = server.endpoint.host();
            let transport = match &server.login {
                Some(login) => simulator.transport_as(&host, login.credentials()),
                None => simulator.transport(&host),
            };
            transport.map_err(|_| no_host(route, host))
        })
    }

    /// As [`in_memory`](Self::in_memory), over sockets: every route leads to the port that its host has there, believes the
    /// simulation's certificates and no others, and is otherwise as it is set.
    ///
    /// # Errors
    ///
    /// When a route connects to a host that the simulation does not have, or its transport cannot be made.
    pub fn over_sockets(
        &self,
        simulator: &Simulator,
        served: &Served,
    ) -> Result<Self, SimulationError> {
        let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes())?;
        let tls = TlsSettings::with_roots(&roots)?;
        self.led(simulator, |route, server| {
            let name = host(route, server)?;
            let address = match server.endpoint.security() {
                Security::ImplicitTls => served.tls_address(&name),
                _ => served.address(&name),
            };
            let address = address.ok_or_else(|| no_host(route, name.to_string()))?;
            let (host, port) = (server.endpoint.host(), server.endpoint.port());
            let security = server.endpoint.security();
            let endpoint = Endpoint::new(&host, port, security);
            let transport = Server {
                // Without the addresses that the settings may name.
                endpoint: endpoint.map_err(|_| no_name(route, host))?.address(address),
                tls: (security != Security::Plaintext).then(|| tls.clone()),
                ..server.clone()
            };
            let transport = transport.transport();
            let transport = transport.map_err(|source| SimulationError::Transport {
                route: route.name().to_owned(),
                source,
            })?;
            Ok(Arc::new(transport))
        })
    }

    /// These settings with other transports, and with the values that the simulation's providers issue.
    fn led(
        &self,
        simulator: &Simulator,
        lead: impl Fn(&Route, &Server) -> Result<Arc<dyn Transport>, SimulationError>,
    ) -> Result<Self, SimulationError> {
        let mut settings = self.clone();
        for (route, server) in settings.routes.iter_mut().zip(&self.servers) {
            route.transport = lead(route, server)?;
        }
        for identity in &mut settings.identities {
            let front = simulator.front(identity.profile.as_str());
            if let (Some(front), Some(domain)) = (front, identity.subject.domain()) {
                let issued = front.issue(domain);
                identity.values.extend(issued);
            }
        }
        Ok(settings)
    }
}

fn host(route: &Route, server: &Server) -> Result<DomainName, SimulationError> {
    let host = server.endpoint.host();
    let is_address = host.parse::<IpAddr>().is_ok();
    let name = host.parse().ok().filter(|_| !is_address);
    name.ok_or_else(|| no_name(route, host))
}

fn no_name(route: &Route, host: String) -> SimulationError {
    SimulationError::NoName {
        route: route.name().to_owned(),
        host,
    }
}

fn no_host(route: &Route, host: String) -> SimulationError {
    SimulationError::NoHost {
        route: route.name().to_owned(),
        host,
    }
}

/// Why settings do not fit into a simulation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// There is no route of this name.
    #[error("there is no route {route:?}; known are: {}", known.join(", "))]
    NoRoute {
        /// What was asked for.
        route: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The route connects to an address, and hosts of a simulation have names.
    #[error(
        "the route {route} connects to {host}, and the hosts of a simulation have names; give its server as one"
    )]
    NoName {
        /// The route.
        route: String,
        /// What it connects to.
        host: String,
    },
    /// The route connects to a host that the simulation does not have.
    #[error(
        "the route {route} connects to {host}, which the simulation does not have; give its builder the front of the route"
    )]
    NoHost {
        /// The route.
        route: String,
        /// The host.
        host: String,
    },
    /// The simulation's certificates cannot be used.
    #[error("the simulation's certificates cannot be used")]
    Certificates(#[from] TlsError),
    /// The transport cannot be made.
    #[error("the route {route} cannot lead into the simulation")]
    Transport {
        /// The route.
        route: String,
        /// Why.
        source: SmtpTransportError,
    },
}
