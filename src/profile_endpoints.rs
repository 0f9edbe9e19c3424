//! From where a profile says that mail is taken to what a transport connects to.

use letterhead_identity::profile::{
    EndpointAddress, EndpointError as ProfileEndpointError, EndpointSecurity,
};
use letterhead_identity::{Profile, Region};
use letterhead_transport::{Endpoint, EndpointError, Security};

/// Where the provider takes mail, in its order of preference: its own recommendation comes first. `region` is needed where
/// hosts differ by region.
///
/// ```
/// use letterhead::identity::Profile;
/// use letterhead::profile_endpoints;
///
/// let ses = Profile::built_in("amazon-ses")?;
/// let endpoints = profile_endpoints(&ses, Some(&"eu-west-1".parse()?))?;
/// assert!(endpoints.iter().all(|endpoint| endpoint.host() == "email-smtp.eu-west-1.amazonaws.com"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the profile does not say where, as for that region; or a connection would be secured in a way that transports do not
/// know.
pub fn profile_endpoints(
    profile: &Profile,
    region: Option<&Region>,
) -> Result<Vec<Endpoint>, NoEndpoint> {
    let addresses = profile.endpoints_in(region)?;
    addresses.iter().map(endpoint).collect()
}

fn endpoint(address: &EndpointAddress) -> Result<Endpoint, NoEndpoint> {
    let security = match address.security {
        EndpointSecurity::Starttls => Security::StartTls,
        EndpointSecurity::Implicit => Security::ImplicitTls,
        _ => return Err(NoEndpoint::Security),
    };
    Ok(Endpoint::new(
        address.host.as_ref(),
        address.port,
        security,
    )?)
}

/// Why a profile gives no endpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoEndpoint {
    /// The profile does not say where mail is taken.
    #[error("the profile does not say where mail is taken")]
    Profile(#[from] ProfileEndpointError),
    /// What it says is no endpoint.
    #[error("what the profile names is no server to connect to")]
    Endpoint(#[from] EndpointError),
    /// The connection is secured in a way that transports do not know.
    #[error("the profile asks for a way to secure connections that transports do not know")]
    Security,
}

#[cfg(test)]
mod tests {
    use super::{NoEndpoint, profile_endpoints};
    use letterhead_identity::Profile;
    use letterhead_transport::Security;

    #[test]
    fn every_profile_that_names_hosts_can_be_connected_to() {
        let mut some = 0;
        for name in Profile::built_in_names() {
            let profile = Profile::built_in(name).unwrap();
            let Ok(endpoints) = profile_endpoints(&profile, None) else {
                continue;
            };
            some += usize::from(!endpoints.is_empty());
            for endpoint in endpoints {
                assert!(
                    matches!(
                        (endpoint.port(), endpoint.security()),
                        (465 | 2_465, Security::ImplicitTls) | (_, Security::StartTls)
                    ),
                    "{name}: {endpoint}"
                );
            }
        }
        assert!(some >= 2, "{some}");
    }

    #[test]
    fn a_host_made_of_the_region_needs_one() {
        let ses = Profile::built_in("amazon-ses").unwrap();
        assert!(matches!(
            profile_endpoints(&ses, None),
            Err(NoEndpoint::Profile(_))
        ));
    }
}
