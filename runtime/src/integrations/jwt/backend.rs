//! Whether `jsonwebtoken` has cryptography to verify with.
//!
//! It is built without any unless the program asks for one of two features, and panics at the first token where neither or both are on
//! and nothing was installed. Finding out by a token would print that panic, so it is found out without one.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use super::JwtConfigError;

/// What stands in the place of a module that the crate was built without.
mod rust_crypto {
    pub(super) const DEFAULT_PROVIDER: super::Absent = super::Absent;
}
mod aws_lc {
    pub(super) const DEFAULT_PROVIDER: super::Absent = super::Absent;
}
// Used whatever the crate was built with.
const _: [Absent; 2] = [rust_crypto::DEFAULT_PROVIDER, aws_lc::DEFAULT_PROVIDER];

struct Absent;

/// Whether the crate was built with exactly one backend, which it then takes by itself.
fn is_built_in() -> bool {
    // Names that are imported into a block come before those around it, where there are any: the crate's own modules before ours.
    use jsonwebtoken::crypto::*;
    trait Provider {
        const IS_THERE: bool;
    }
    impl Provider for CryptoProvider {
        const IS_THERE: bool = true;
    }
    impl Provider for Absent {
        const IS_THERE: bool = false;
    }
    fn is_there<P: Provider>(_: &P) -> bool {
        P::IS_THERE
    }
    is_there(&rust_crypto::DEFAULT_PROVIDER) != is_there(&aws_lc::DEFAULT_PROVIDER)
}

/// Takes the place of a provider where there is none: an error instead of a panic, also for whoever verifies a token later.
static NONE: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: no_verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(none())
}

fn no_verifier(_: &Algorithm, _: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    Err(none())
}

fn none() -> Error {
    new_error(ErrorKind::Provider("no cryptography was built in or installed".to_owned()))
}

/// An error where no token could ever be verified.
pub(super) fn check() -> Result<(), JwtConfigError> {
    // What is installed already, stays: ours is refused.
    if is_built_in() || NONE.install_default().is_err() { Ok(()) } else { Err(JwtConfigError::NoCryptography) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alone this crate is tested without a backend, in a workspace that has one with it.
    #[test]
    fn without_cryptography_there_is_an_error_and_no_panic() {
        let checked = check();
        if is_built_in() {
            assert!(checked.is_ok());
        } else {
            assert!(matches!(checked, Err(JwtConfigError::NoCryptography)));
            let key = DecodingKey::from_secret(b"key");
            let verified =
                jsonwebtoken::decode::<serde_json::Value>("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &key, &Default::default());
            assert!(matches!(verified.map_err(Error::into_kind), Err(ErrorKind::Provider(_))));
        }
    }
}
