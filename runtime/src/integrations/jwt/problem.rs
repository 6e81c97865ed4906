//! What is wrong with keys and rules, told where the program starts.

use std::fmt;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::de::IgnoredAny;

/// Why no token could ever be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtConfigError {
    /// `jsonwebtoken` was built without cryptography, or with two kinds of it, and none was installed.
    NoCryptography,
    /// The rules allow no algorithm.
    NoAlgorithm,
    /// The key is not for this algorithm, which the rules allow.
    OtherKey(Algorithm),
    /// The key cannot be read.
    Key(Error),
}

impl fmt::Display for JwtConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCryptography => f.write_str(
                "`jsonwebtoken` has no cryptography: switch on exactly one of its features `rust_crypto` and `aws_lc_rs`, or install a `CryptoProvider` before this",
            ),
            Self::NoAlgorithm => f.write_str("no algorithm is allowed: name one in `Validation::new`"),
            Self::OtherKey(algorithm) => write!(
                f,
                "the key is not for {algorithm:?}, which is allowed: all allowed algorithms must be of the key's family"
            ),
            Self::Key(error) => write!(f, "the key cannot be read: {error}"),
        }
    }
}

impl std::error::Error for JwtConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            _ => None,
        }
    }
}

/// Tries the key on a token that it has not signed.
pub(super) fn check(key: &DecodingKey, rules: &Validation) -> Result<(), JwtConfigError> {
    let Some(&algorithm) = rules.algorithms.first() else { return Err(JwtConfigError::NoAlgorithm) };
    if let Some(&other) = rules.algorithms.iter().find(|algorithm| algorithm.family() != key.family()) {
        return Err(JwtConfigError::OtherKey(other));
    }
    let Some(header) = header(algorithm) else { return Ok(()) };
    // No claims, and a signature of no length.
    match decode::<IgnoredAny>(format!("{header}.e30."), key, rules).map_err(Error::into_kind) {
        Err(
            kind @ (ErrorKind::InvalidRsaKey(_)
            | ErrorKind::InvalidEcdsaKey
            | ErrorKind::InvalidEddsaKey
            | ErrorKind::InvalidKeyFormat
            | ErrorKind::Provider(_)),
        ) => Err(JwtConfigError::Key(jsonwebtoken::errors::new_error(kind))),
        _ => Ok(()),
    }
}

/// `{"alg":".."}`, as a token begins.
fn header(algorithm: Algorithm) -> Option<&'static str> {
    Some(match algorithm {
        Algorithm::HS256 => "eyJhbGciOiJIUzI1NiJ9",
        Algorithm::HS384 => "eyJhbGciOiJIUzM4NCJ9",
        Algorithm::HS512 => "eyJhbGciOiJIUzUxMiJ9",
        Algorithm::RS256 => "eyJhbGciOiJSUzI1NiJ9",
        Algorithm::RS384 => "eyJhbGciOiJSUzM4NCJ9",
        Algorithm::RS512 => "eyJhbGciOiJSUzUxMiJ9",
        Algorithm::PS256 => "eyJhbGciOiJQUzI1NiJ9",
        Algorithm::PS384 => "eyJhbGciOiJQUzM4NCJ9",
        Algorithm::PS512 => "eyJhbGciOiJQUzUxMiJ9",
        Algorithm::ES256 => "eyJhbGciOiJFUzI1NiJ9",
        Algorithm::ES384 => "eyJhbGciOiJFUzM4NCJ9",
        Algorithm::EdDSA => "eyJhbGciOiJFZERTQSJ9",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_keys_that_do_not_fit() {
        let key = DecodingKey::from_secret(b"key");
        let mut rules = Validation::new(Algorithm::HS256);
        rules.algorithms.clear();
        assert_eq!(check(&key, &rules), Err(JwtConfigError::NoAlgorithm));
        rules.algorithms = vec![Algorithm::HS256, Algorithm::RS256];
        assert_eq!(check(&key, &rules), Err(JwtConfigError::OtherKey(Algorithm::RS256)));
    }

    #[test]
    fn headers_name_their_algorithm() {
        use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512};
        for algorithm in [HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA] {
            let token = format!("{}.e30.", header(algorithm).unwrap());
            assert_eq!(jsonwebtoken::decode_header(token).unwrap().alg, algorithm);
        }
    }
}
