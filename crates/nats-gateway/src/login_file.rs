//! The files that prove who we are, and who the server is: what is wrong with one is said with its name.
//!
//! The client would say of a key that it cannot read only that the server does not let us in, and take a file without a
//! certificate for an authority that signed nothing.

use std::{fs, io, path::Path};

use async_nats::rustls::pki_types::{CertificateDer, pem::PemObject as _};
use nkeys::{KeyPair, KeyPairType};

use crate::Error;

pub(crate) const CREDENTIALS: &str = "credentials";
const NKEY: &str = "seed of an nkey";
const ROOT_CERTIFICATE: &str = "root certificate";

/// The text of a `.creds` file.
pub(crate) fn credentials(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| wrong(CREDENTIALS, path, source))
}

/// The seed of a user in a file: the one line that begins with SU. Other lines are for people.
pub(crate) fn seed(path: &Path) -> Result<String, Error> {
    let text = fs::read_to_string(path).map_err(|source| wrong(NKEY, path, source))?;
    let seed = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("SU"));
    let seed = seed.ok_or_else(|| {
        let problem = "no line of it begins with SU, as the seed of a user does";
        wrong(NKEY, path, invalid(problem))
    })?;
    // What is wrong with a seed never shows the seed.
    match KeyPair::from_seed(seed) {
        Ok(pair) if pair.key_pair_type() == KeyPairType::User => Ok(seed.to_owned()),
        Ok(_) => Err(wrong(NKEY, path, invalid("it is no user's"))),
        Err(error) => Err(wrong(NKEY, path, invalid(error.to_string()))),
    }
}

/// Sees that there is a certificate in a file, and that each reads.
pub(crate) fn check_certificate(path: &Path) -> Result<(), Error> {
    let failed = |problem: String| wrong(ROOT_CERTIFICATE, path, invalid(problem));
    let text = fs::read(path).map_err(|source| wrong(ROOT_CERTIFICATE, path, source))?;
    let mut certificates = 0_u32;
    for certificate in CertificateDer::pem_slice_iter(&text) {
        certificate.map_err(|error| failed(error.to_string()))?;
        certificates += 1;
    }
    if certificates == 0 {
        return Err(failed(
            "it holds no certificate; PEM begins with -----BEGIN CERTIFICATE-----".to_owned(),
        ));
    }
    Ok(())
}

pub(crate) fn wrong(what: &'static str, path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::LoginFile { what, path, source }
}

fn invalid(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_seed_of_a_user_is_found_among_lines_for_people() {
        let written = KeyPair::new_user().seed().unwrap();
        for text in [
            written.clone(),
            format!("# of the service\n  {written}\r\n"),
            format!("-----BEGIN USER NKEY SEED-----\n{written}\n------END USER NKEY SEED------\n"),
        ] {
            assert_eq!(seed(file(&text).path()).unwrap(), written);
        }
    }

    #[test]
    fn a_file_without_what_it_should_hold_is_named_and_no_seed_is_shown() {
        let mut broken = KeyPair::new_user().seed().unwrap();
        broken.replace_range(20..22, "00");
        let account = KeyPair::new_account().seed().unwrap();
        for text in ["", "hello", broken.as_str(), account.as_str()] {
            let file = file(text);
            let said = seed(file.path()).unwrap_err().to_string();
            assert!(said.contains(&file.path().display().to_string()), "{said}");
            assert!(text.is_empty() || !said.contains(text), "{said}");
        }
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            let file = file(text);
            let said = check_certificate(file.path()).unwrap_err().to_string();
            assert!(said.contains(&file.path().display().to_string()), "{said}");
        }
    }
}
