//! TLS to the NATS server, for the connection that we make ourselves.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, pem::PemObject as _},
    },
};

/// Which certificates are believed: those of the system, or those of one authority.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    authority: Option<PathBuf>,
    /// Reading the certificates of a system takes longer than connecting does.
    connector: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Tls {
    pub(crate) fn new(authority: Option<&Path>) -> Self {
        Self {
            authority: authority.map(Path::to_owned),
            connector: Arc::default(),
        }
    }

    /// Whether nothing is said to a server without it.
    pub(crate) const fn is_required(&self) -> bool {
        self.authority.is_some()
    }

    pub(crate) fn connector(&self) -> io::Result<TlsConnector> {
        if let Some(configuration) = self.connector.get() {
            return Ok(Arc::clone(configuration).into());
        }
        let mut roots = RootCertStore::empty();
        match &self.authority {
            Some(file) => {
                for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
                    let certificate = certificate.map_err(io::Error::other)?;
                    roots.add(certificate).map_err(io::Error::other)?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let configuration = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.connector.get_or_init(|| Arc::new(configuration))).into())
    }
}
