//! Addresses: which APIs may be spoken to, how names become path segments, which links of an answer may be followed.

use http::{HeaderMap, Uri};

use super::error::{GitHubError, words};

/// The name as one path segment: everything but letters, digits, `-`, `.`, `_` and `~` is percent-encoded.
pub(super) fn segment(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]);
        }
    }
    encoded
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16)
        .unwrap_or('0')
        .to_ascii_uppercase()
}

/// The path, each segment encoded; `None` where it is not a plain path inside a repository.
pub(super) fn path(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let plain = segments
        .iter()
        .all(|part| !matches!(*part, "" | "." | ".."));
    plain.then(|| {
        segments
            .into_iter()
            .map(segment)
            .collect::<Vec<_>>()
            .join("/")
    })
}

/// Scheme, host and port of the API; the token goes nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` address.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let host = uri.host()?.to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(usual);
        Some(Self { scheme, host, port })
    }

    /// Whether nobody on the way can read what is sent.
    pub(super) fn is_encrypted(&self) -> bool {
        self.scheme == "https"
    }

    /// Path and query of a link that stays at this origin; `None` for every other link.
    pub(super) fn target(&self, link: &str) -> Option<String> {
        let uri: Uri = link.parse().ok()?;
        let stays = match uri.authority() {
            None => link.starts_with('/') && !link.starts_with("//"),
            Some(authority) => {
                !authority.as_str().contains('@') && Self::of(&uri).as_ref() == Some(self)
            }
        };
        stays
            .then(|| uri.path_and_query().map(ToString::to_string))
            .flatten()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { scheme, host, port } = self;
        match (scheme.as_str(), port) {
            ("https", 443) | ("http", 80) => write!(f, "{scheme}://{host}"),
            _ => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

/// The address of the next page, as the server gave it.
pub(super) fn next_link(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(http::header::LINK);
    let text: Vec<&str> = links
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    text.join(",").split('<').skip(1).find_map(|part| {
        let (address, parameters) = part.split_once('>')?;
        let next = parameters.split([';', ',']).any(|parameter| {
            let parameter = parameter.trim();
            parameter == r#"rel="next""# || parameter == "rel=next"
        });
        next.then(|| address.to_owned())
    })
}

/// Origin and path of the API: no credentials in it, and encrypted unless it stays on this machine.
pub(super) fn address(url: &str) -> Result<(Origin, String), GitHubError> {
    let wrong = |why: &str| GitHubError::Address {
        address: words(url.rsplit('@').next().unwrap_or_default(), ""),
        why: why.to_owned(),
    };
    let uri: Uri = url.trim().parse().map_err(|_| wrong("it is no URL"))?;
    let origin =
        Origin::of(&uri).ok_or_else(|| wrong("write https://HOST and the path of the API"))?;
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return Err(wrong(
            "it holds credentials; pass the token as `github-token`",
        ));
    }
    if uri.query().is_some() {
        return Err(wrong("it has a query"));
    }
    if uri.scheme_str() == Some("http") && !is_loopback(uri.host().unwrap_or_default()) {
        return Err(wrong("the token would travel unencrypted; use https"));
    }
    Ok((origin, uri.path().trim_end_matches('/').to_owned()))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// `/repos/owner/name`.
pub(super) fn repository_path(repository: &str) -> Result<String, GitHubError> {
    let wrong = || GitHubError::Repository(words(repository, ""));
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['/', '\\']);
    let (owner, name) = repository.split_once('/').ok_or_else(wrong)?;
    if !plain(owner) || !plain(name) {
        return Err(wrong());
    }
    Ok(format!("/repos/{}/{}", segment(owner), segment(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_could_leave_its_segment_is_encoded() {
        assert_eq!(segment("a b/ü?#%\n"), "a%20b%2F%C3%BC%3F%23%25%0A");
        assert_eq!(path("data/a b/ü.txt").unwrap(), "data/a%20b/%C3%BC.txt");
        for wrong in ["", "/a", "a//b", "a/../b", "./a", "a/"] {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_links_to_the_same_origin_have_a_target() {
        let origin = Origin::of(&"https://api.example.com/api/v3".parse().unwrap()).unwrap();
        let target = |link| origin.target(link);
        assert_eq!(
            target("https://API.example.com/x?page=2").unwrap(),
            "/x?page=2"
        );
        assert_eq!(target("https://api.example.com:443/x").unwrap(), "/x");
        assert_eq!(
            target("/repositories/1?page=2").unwrap(),
            "/repositories/1?page=2"
        );
        for foreign in [
            "http://api.example.com/x",
            "https://api.example.com:444/x",
            "https://api.example.com.evil.example/x",
            "https://api.example.com@evil.example/x",
            "https://user@api.example.com/x",
            "//evil.example/x",
            "nonsense",
        ] {
            assert_eq!(target(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_next_page_is_found_among_other_links() {
        let mut headers = HeaderMap::new();
        assert_eq!(next_link(&headers), None);
        let link = r#"<https://x/a?page=1>; rel="prev", <https://x/a?b=1,2&page=3>; rel="next", <https://x/a?page=9>; rel="last""#;
        headers.insert(http::header::LINK, link.parse().unwrap());
        assert_eq!(next_link(&headers).unwrap(), "https://x/a?b=1,2&page=3");
    }
}
