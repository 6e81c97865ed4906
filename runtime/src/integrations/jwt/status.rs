//! How a token was: one of a few words.

use std::fmt;

use jsonwebtoken::decode_header;
use jsonwebtoken::errors::ErrorKind;

/// What the tag `jwt.status` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Valid,
    Missing,
    Malformed,
    Expired,
    NotYetValid,
    WrongAlgorithm,
    WrongSignature,
    WrongClaims,
    Unverified,
}

impl Status {
    pub(super) fn of(error: &ErrorKind, token: &[u8]) -> Self {
        match error {
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::NotYetValid,
            ErrorKind::InvalidSignature => Self::WrongSignature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
                Self::WrongAlgorithm
            }
            ErrorKind::InvalidAudience
            | ErrorKind::InvalidIssuer
            | ErrorKind::InvalidSubject
            | ErrorKind::MissingRequiredClaim(_)
            | ErrorKind::InvalidClaimFormat(_) => Self::WrongClaims,
            ErrorKind::Json(_) => Self::of_json(token),
            ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Utf8(_) => Self::Malformed,
            _ => Self::Unverified,
        }
    }

    /// Some part of the token could not be read: the header, by its algorithm (`none` has no name there) or for being none, or
    /// else the claims.
    fn of_json(token: &[u8]) -> Self {
        let Err(error) = decode_header(token) else { return Self::WrongClaims };
        match error.kind() {
            ErrorKind::Json(error) if error.is_data() && error.to_string().starts_with("unknown variant") => {
                Self::WrongAlgorithm
            }
            _ => Self::Malformed,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::WrongSignature => "wrong_signature",
            Self::WrongClaims => "wrong_claims",
            Self::Unverified => "unverified",
        })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;

    fn status(token: &str) -> Status {
        let rules = Validation::default();
        let error = decode::<serde_json::Value>(token, &DecodingKey::from_secret(b"k"), &rules).unwrap_err();
        Status::of(error.kind(), token.as_bytes())
    }

    /// None of these comes as far as the cryptography, which this crate is tested without.
    #[test]
    fn headers() {
        // {"alg":"none"}, {"alg":"RS256"}, {"alg":1}, {}, "x"
        for (header, expected) in [
            ("eyJhbGciOiJub25lIn0", Status::WrongAlgorithm),
            ("eyJhbGciOiJSUzI1NiJ9", Status::WrongAlgorithm),
            ("eyJhbGciOjF9", Status::Malformed),
            ("e30", Status::Malformed),
            ("Ingi", Status::Malformed),
            ("%%%", Status::Malformed),
            ("", Status::Malformed),
        ] {
            assert_eq!(status(&format!("{header}.e30.")), expected, "{header}");
        }
        assert_eq!(["", "garbage", "a.b", "a.b.c.d"].map(status), [Status::Malformed; 4]);
    }
}
