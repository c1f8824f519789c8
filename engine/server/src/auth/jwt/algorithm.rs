//! Signature algorithms.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};

/// Signature algorithm of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Library(jsonwebtoken::Algorithm),
    /// ECDSA with P-521, which `jsonwebtoken` does not support.
    Es512,
}

/// Type of a key, which limits the algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyType {
    Secret,
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl Algorithm {
    /// Returns the algorithm with this name in a token's header.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES512" => Some(Self::Es512),
            _ => name.parse().ok().map(Self::Library),
        }
    }

    /// Returns the algorithm of `type` of the configuration, where EdDSA is called Ed25519.
    pub(super) fn configured(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::Library(jsonwebtoken::Algorithm::EdDSA)),
            "EdDSA" => None,
            _ => Self::named(name),
        }
    }

    pub(super) fn key_type(self) -> KeyType {
        use jsonwebtoken::Algorithm as A;
        match self {
            Self::Es512 => KeyType::P521,
            Self::Library(A::HS256 | A::HS384 | A::HS512) => KeyType::Secret,
            Self::Library(A::ES256) => KeyType::P256,
            Self::Library(A::ES384) => KeyType::P384,
            Self::Library(A::EdDSA) => KeyType::Ed25519,
            Self::Library(_) => KeyType::Rsa,
        }
    }

    /// Minimum length of a secret in bytes: that of the hash.
    pub(super) fn min_secret_bytes(self) -> usize {
        use jsonwebtoken::Algorithm as A;
        match self {
            Self::Library(A::HS384) => 48,
            Self::Library(A::HS512) => 64,
            Self::Library(_) | Self::Es512 => 32,
        }
    }
}

impl KeyType {
    /// Whether a key of this type can verify signatures of an algorithm.
    pub(super) fn supports(self, algorithm: Algorithm) -> bool {
        self == algorithm.key_type()
    }

    /// Returns an algorithm that parses public keys of this type; `None` for secrets.
    pub(super) fn parser(self) -> Option<&'static dyn VerificationAlgorithm> {
        match self {
            Self::Secret => None,
            Self::Rsa => Some(&RSA_PKCS1_2048_8192_SHA256),
            Self::P256 => Some(&ECDSA_P256_SHA256_FIXED),
            Self::P384 => Some(&ECDSA_P384_SHA384_FIXED),
            Self::P521 => Some(&ECDSA_P521_SHA512_FIXED),
            Self::Ed25519 => Some(&ED25519),
        }
    }
}
