//! An authority of the test's own, and the certificate of a nats-server that it signed.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// An authority that nobody knows who was not given its certificate.
#[derive(Debug)]
pub struct Authority {
    /// Its certificate, PEM.
    pub certificate: String,
    server: [(&'static str, String); 2],
}

/// Makes one.
pub fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key can be made");
    let own = params.self_signed(&key).expect("a certificate is signed");
    let issuer = Issuer::new(params, key);
    let of_server = CertificateParams::new(["127.0.0.1".to_owned()]).expect("it is an address");
    let server_key = KeyPair::generate().expect("a key can be made");
    let server = of_server
        .signed_by(&server_key, &issuer)
        .expect("a certificate is signed");
    Authority {
        certificate: own.pem(),
        server: [
            ("server.pem", server.pem()),
            ("server-key.pem", server_key.serialize_pem()),
        ],
    }
}

impl Authority {
    /// The files of the server on this machine, for `tls { cert_file: "server.pem", key_file: "server-key.pem" }`.
    pub fn of_server(&self) -> [(&'static str, &str); 2] {
        self.server
            .each_ref()
            .map(|(name, text)| (*name, text.as_str()))
    }
}
