//! The certificate and the key, read and checked before a port is bound.

use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    server::ResolvesServerCert,
    sign::{CertifiedKey, SingleCertAndKey},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// What clients are offered besides TLS itself, most wanted first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A server's certificate and key, and how it speaks TLS 1.2 and 1.3 with them.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// Why a certificate or a key cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the machine says.
        source: io::Error,
    },
    /// A file is damaged, or is no PEM.
    #[error("{} is no valid PEM: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where it is not.
        reason: String,
    },
    /// A file has no certificate.
    #[error("{} has no certificate (`-----BEGIN CERTIFICATE-----`)", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file has no key.
    #[error("{} has no private key (`-----BEGIN PRIVATE KEY-----`)", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The first certificate of a file is not one that a server can have.
    #[error("the certificate in {} cannot be used", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The key of a file cannot be used.
    #[error("the private key in {} cannot be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The key is another certificate's.
    #[error("the private key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key from PEM files. Reads files, so call
    /// it before there is something to serve.
    ///
    /// # Errors
    /// When a file cannot be read, has not what it should, or the two do not belong together.
    pub fn load(certificates: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let resolver = SingleCertAndKey::from(certified(&provider, certificates, key)?);
        Ok(Self::new(provider, Arc::new(resolver)))
    }

    fn new(provider: Arc<CryptoProvider>, certificate: Arc<dyn ResolvesServerCert>) -> Self {
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(certificate);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        Self(TlsAcceptor::from(Arc::new(config)))
    }

    /// Agrees with a client.
    pub(super) fn accept(&self, stream: TcpStream) -> Accept<TcpStream> {
        self.0.accept(stream)
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// The certificates with their key, checked.
fn certified(provider: &CryptoProvider, certificates: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let read = |path: &Path| fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source });
    let malformed = |path: &Path, error| TlsError::Malformed { path: path.to_owned(), reason: pem_reason(&error) };

    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(certificates)?)
        .collect::<Result<_, _>>()
        .map_err(|error| malformed(certificates, error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: certificates.to_owned() });
    }
    let der = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey { path: key.to_owned() },
        other => malformed(key, other),
    })?;
    let signer =
        provider.key_provider.load_private_key(der).map_err(|source| TlsError::Key { path: key.to_owned(), source })?;

    let certified = CertifiedKey::new(chain, signer);
    match certified.keys_match() {
        Ok(()) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(TlsError::Mismatch { certificate: certificates.to_owned(), key: key.to_owned() })
        }
        Err(source) => Err(TlsError::Certificate { path: certificates.to_owned(), source }),
    }
}

/// What is wrong with a PEM file: the library prints lines as lists of numbers.
fn pem_reason(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!("`-----END {}-----` is missing", String::from_utf8_lossy(end_marker))
        }
        pem::Error::IllegalSectionStart { line } => {
            format!("`{}` begins nothing", String::from_utf8_lossy(line).trim_end())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey as Generated, KeyPair, generate_simple_self_signed};
    use std::error::Error as _;

    fn generate() -> Generated<KeyPair> {
        generate_simple_self_signed(["localhost".to_owned()]).unwrap()
    }

    /// Loads these files, and compares the error and its reason.
    fn check(certificate: &[u8], key: &[u8], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let (certificate_file, key_file) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        fs::write(&certificate_file, certificate).unwrap();
        fs::write(&key_file, key).unwrap();
        let error = Tls::load(&certificate_file, &key_file).unwrap_err();
        let reason = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        let text = format!("{error}{reason}").replace(&format!("{}/", folder.path().display()), "");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_certificate_with_its_key_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let generated = generate();
        fs::write(folder.path().join("c"), generated.cert.pem()).unwrap();
        fs::write(folder.path().join("k"), generated.signing_key.serialize_pem()).unwrap();
        Tls::load(&folder.path().join("c"), &folder.path().join("k")).unwrap();
    }

    #[test]
    fn what_is_wrong_with_a_certificate_or_key_is_said_with_its_file() {
        let generated = generate();
        let certificate = generated.cert.pem();
        let key = generated.signing_key.serialize_pem();
        let (certificate, key) = (certificate.as_bytes(), key.as_bytes());
        let other = generate().signing_key.serialize_pem();
        let half = &certificate[..certificate.len() / 2];
        let letters = b"-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n";
        let bytes = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let no_key = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

        check(b"", key, "cert.pem has no certificate (`-----BEGIN CERTIFICATE-----`)");
        check(key, key, "cert.pem has no certificate (`-----BEGIN CERTIFICATE-----`)");
        check(half, key, "cert.pem is no valid PEM: `-----END CERTIFICATE-----` is missing");
        check(letters, key, "cert.pem is no valid PEM: base64 decode error: InvalidCharacter(63)");
        check(bytes, key, "the certificate in cert.pem cannot be used: invalid peer certificate: BadEncoding");
        check(certificate, b"text", "key.pem has no private key (`-----BEGIN PRIVATE KEY-----`)");
        check(certificate, certificate, "key.pem has no private key (`-----BEGIN PRIVATE KEY-----`)");
        check(
            certificate,
            no_key,
            "the private key in key.pem cannot be used: unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA",
        );
        check(
            certificate,
            other.as_bytes(),
            "the private key in key.pem does not belong to the certificate in cert.pem",
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Tls::load(Path::new("no/cert.pem"), Path::new("no/key.pem")).unwrap_err();
        assert_eq!(error.to_string(), "read no/cert.pem");
        assert!(error.source().unwrap().to_string().contains("No such file"));
    }
}
