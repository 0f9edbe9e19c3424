use letterhead_dkim::{VerifyLimits, verify};
use letterhead_dns::{DomainName, block_on_ready};
use letterhead_mail::Message;

use super::{OneClickFault, OneClickRequest};
use crate::world::World;

/// The request that a click would make, where the message may be unsubscribed from with one click
/// ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1) and
/// [§4](https://www.rfc-editor.org/rfc/rfc8058#section-4)); otherwise all that is wrong.
pub(crate) fn offer(
    world: &World,
    message: &Message,
) -> Result<OneClickRequest, Vec<OneClickFault>> {
    let mut faults = Vec::new();
    let request = match only(message, FIELD) {
        Some(field) => request(&field),
        None => Err(OneClickFault::Field),
    };
    if only(message, POST_FIELD).as_deref() != Some(OneClickRequest::BODY) {
        faults.push(OneClickFault::PostField);
    }
    if !is_covered(world, message) {
        faults.push(OneClickFault::NotSigned);
    }
    match request {
        Ok(request) if faults.is_empty() => Ok(request),
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.insert(0, fault);
            Err(faults)
        }
    }
}

/// The value of the field, if there is one of this name.
fn only(message: &Message, name: &str) -> Option<String> {
    let mut fields = message.headers_named(name);
    let first = fields.next()?;
    fields
        .next()
        .is_none()
        .then(|| first.unfolded().trim().to_owned())
}

/// The one https URI of the field ([RFC 2369 §2](https://www.rfc-editor.org/rfc/rfc2369#section-2)). White space in it comes
/// of folding.
fn request(field: &str) -> Result<OneClickRequest, OneClickFault> {
    let uris = field
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'));
    let uris: Vec<String> = uris
        .map(|(uri, _)| uri.split_ascii_whitespace().collect::<String>())
        .filter(|uri| after_scheme(uri).is_some())
        .collect();
    let [uri] = uris.as_slice() else {
        return Err(OneClickFault::HttpsUris { count: uris.len() });
    };
    parts(uri).ok_or_else(|| OneClickFault::Uri { uri: uri.clone() })
}

fn after_scheme(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_at_checked("https://".len())?;
    scheme.eq_ignore_ascii_case("https://").then_some(rest)
}

fn parts(uri: &str) -> Option<OneClickRequest> {
    if !uri.bytes().all(|octet| octet.is_ascii_graphic()) {
        return None;
    }
    let rest = after_scheme(uri)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if let Some(port) = port {
        port.parse::<u16>().ok()?;
    }
    let host: DomainName = host.parse().ok()?;
    // The fragment is the mail program's own.
    let target = rest.split('#').next().unwrap_or_default();
    let slash = if target.starts_with('/') { "" } else { "/" };
    Some(OneClickRequest {
        uri: uri.to_owned(),
        host,
        authority: authority.to_owned(),
        target: format!("{slash}{target}"),
    })
}

/// Whether a DKIM signature that holds covers both fields.
fn is_covered(world: &World, message: &Message) -> bool {
    let limits = VerifyLimits::default();
    let now = world.clock.now_time();
    let verdicts = verify(message.as_bytes(), &world.dns, now, &limits);
    let verdicts = block_on_ready(verdicts).unwrap_or_default();
    verdicts
        .iter()
        .filter(|verdict| verdict.is_pass())
        .any(|verdict| {
            let covers = |name: &str| {
                let signature = verdict.signature();
                let mut names = signature
                    .into_iter()
                    .flat_map(|signature| signature.headers());
                names.any(|covered| covered.as_str().eq_ignore_ascii_case(name))
            };
            covers(FIELD) && covers(POST_FIELD)
        })
}

const FIELD: &str = "List-Unsubscribe";
const POST_FIELD: &str = "List-Unsubscribe-Post";

#[cfg(test)]
mod tests {
    use super::{OneClickFault, request};

    #[test]
    fn the_one_https_uri_is_asked_for_its_path() {
        for (field, host, target) in [
            ("<https://m.example/u/abc>", "m.example", "/u/abc"),
            (
                "<mailto:u@m.example>, <HTTPS://M.example:8443/u?t=1#top>",
                "m.example",
                "/u?t=1",
            ),
            ("<https://m.example>", "m.example", "/"),
            ("<https://m.example?t=1>", "m.example", "/?t=1"),
            ("<https://m.example/a\t bc>", "m.example", "/abc"),
        ] {
            let request = request(field).unwrap();
            assert_eq!((request.host().as_str(), request.target()), (host, target));
        }
    }

    #[test]
    fn what_cannot_be_asked_is_told() {
        for (field, count) in [
            ("", 0),
            ("https://m.example/", 0),
            ("<http://m.example/>", 0),
            ("<mailto:u@m.example>", 0),
            ("<https://m.example/1>, <https://m.example/2>", 2),
        ] {
            assert_eq!(
                request(field),
                Err(OneClickFault::HttpsUris { count }),
                "{field}"
            );
        }
        for field in [
            "<https://user@m.example/>",
            "<https://m.example:port/>",
            "<https:///path>",
            "<https://[::1]/>",
            "<https://m.example/é>",
        ] {
            assert!(
                matches!(request(field), Err(OneClickFault::Uri { .. })),
                "{field}"
            );
        }
    }
}
