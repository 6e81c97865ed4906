//! Where a copy of everything goes during development.

use std::fmt;
use std::str::FromStr;

use super::problem::Refused;
use super::shown;

/// Where Spotlight listens unless it is told otherwise.
const USUAL: &str = "http://localhost:8969/stream";

pub(super) const ALLOWED: &str = "a boolean, or the URL of a Spotlight, http://HOST:PORT/stream";

/// Whether a copy of everything that is sent goes to a local [Spotlight](https://spotlightjs.com), and where that is.
///
/// ```
/// use watchpost::config::Spotlight;
///
/// assert_eq!(Spotlight::from(true).url(), Some("http://localhost:8969/stream"));
/// assert_eq!(Spotlight::from(false).url(), None);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Spotlight(Place);

#[derive(Clone, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Off,
    Usual,
    At(String),
}

impl Spotlight {
    /// Where the copy goes, if one goes.
    pub fn url(&self) -> Option<&str> {
        match &self.0 {
            Place::Off => None,
            Place::Usual => Some(USUAL),
            Place::At(url) => Some(url),
        }
    }

    /// Whether the URL has the form of one.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let Place::At(url) = &self.0 else { return Ok(()) };
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map_or(("", ""), |(host, port)| (host, port)),
            None => place.find(':').map_or((place, ""), |colon| place.split_at(colon)),
        };
        let port_is_one = port.is_empty()
            || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let in_text = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '\\');
        if host.is_empty() || !port_is_one || url.contains(in_text) {
            return Err(Refused::outside());
        }
        Ok(())
    }
}

impl From<bool> for Spotlight {
    fn from(on: bool) -> Self {
        Self(if on { Place::Usual } else { Place::Off })
    }
}

/// The URL of a Spotlight.
impl From<&str> for Spotlight {
    fn from(url: &str) -> Self {
        Self(Place::At(url.to_owned()))
    }
}

impl FromStr for Spotlight {
    type Err = Refused;

    fn from_str(url: &str) -> Result<Self, Refused> {
        let spotlight = Self::from(url);
        spotlight.check()?;
        Ok(spotlight)
    }
}

impl fmt::Display for Spotlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Off => f.write_str("false"),
            Place::Usual => f.write_str("true"),
            Place::At(url) if url.contains('@') => f.write_str(&shown::url(url)),
            Place::At(url) => f.write_str(url.split(['?', '#']).next().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Spotlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spotlight({self})")
    }
}
