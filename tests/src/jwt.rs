//! A nats-server that knows its users by JWTs: an operator, one account of it, and users of that.

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

/// An operator with one account.
#[derive(Debug)]
pub struct Accounts {
    operator: KeyPair,
    account: KeyPair,
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new()
    }
}

impl Accounts {
    /// Makes both.
    pub fn new() -> Self {
        Self {
            operator: KeyPair::new_operator(),
            account: KeyPair::new_account(),
        }
    }

    /// The configuration of a server of the operator.
    pub fn configuration(&self) -> String {
        let operator = self.operator.public_key();
        let account = self.account.public_key();
        let of_operator = json!({ "type": "operator", "version": 2 });
        let unlimited = json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1,
        });
        let of_account = json!({ "limits": unlimited, "type": "account", "version": 2 });
        format!(
            "operator: \"{}\"\nresolver: MEMORY\nresolver_preload: {{ {account}: \"{}\" }}\n",
            signed(&self.operator, &operator, "operator", of_operator),
            signed(&self.operator, &account, "account", of_account)
        )
    }

    /// The `.creds` file of a user who may do everything.
    pub fn credentials(&self, name: &str) -> String {
        let user = KeyPair::new_user();
        let claims = json!({
            "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2,
        });
        format!(
            "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n{}\n\
             ------END USER NKEY SEED------\n",
            signed(&self.account, &user.public_key(), name, claims),
            user.seed().expect("a new key has its seed")
        )
    }
}

fn signed(issuer: &KeyPair, subject: &str, name: &str, claims: Value) -> String {
    let encode = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let payload = json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject, "name": name, "nats": claims,
    });
    let unsigned = format!("{}.{}", encode(&header), encode(&payload));
    let signature = issuer
        .sign(unsigned.as_bytes())
        .expect("a new key can sign");
    format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
}
