//! One handshake, and what it says about an endpoint's certificate.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::regions::Endpoint;

/// How often an endpoint is asked if the network fails. What a certificate says is final.
const ATTEMPTS: usize = 3;

/// What a handshake showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The certificate is good, and one of our roots signs it.
    Trusted,
    /// The certificate is signed by a root that we do not trust.
    ForeignRoot,
    /// The certificate is not valid now.
    Expired,
    /// The certificate is for other names.
    WrongName,
    /// The certificate, or the handshake, is wrong otherwise.
    BadHandshake(String),
    /// The server does not speak TLS.
    NoTls,
    /// The host has no address.
    NoAddress(String),
    /// Nobody answers at the address, or the connection breaks off.
    NoConnection(String),
    /// The server did not answer in time.
    TimedOut,
}

impl Outcome {
    fn is_of_the_network(&self) -> bool {
        matches!(self, Outcome::NoAddress(_) | Outcome::NoConnection(_) | Outcome::TimedOut)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Trusted => formatter.write_str("trusted"),
            Outcome::ForeignRoot => formatter.write_str("signed by a root that the functions do not trust"),
            Outcome::Expired => formatter.write_str("not valid now: expired, or not valid yet"),
            Outcome::WrongName => formatter.write_str("a certificate for other names"),
            Outcome::BadHandshake(why) => write!(formatter, "no handshake: {why}"),
            Outcome::NoTls => formatter.write_str("does not speak TLS"),
            Outcome::NoAddress(why) => write!(formatter, "has no address: {why}"),
            Outcome::NoConnection(why) => write!(formatter, "no connection: {why}"),
            Outcome::TimedOut => formatter.write_str("did not answer in time"),
        }
    }
}

/// Asks an endpoint, again if the network fails. Each attempt takes `limit` at most.
pub async fn ask(endpoint: &Endpoint, tls: Arc<ClientConfig>, limit: Duration) -> Outcome {
    let mut outcome = Outcome::TimedOut;
    for _ in 0..ATTEMPTS {
        outcome = timeout(limit, handshake(endpoint, tls.clone())).await.unwrap_or(Outcome::TimedOut);
        if !outcome.is_of_the_network() {
            break;
        }
    }
    outcome
}

async fn handshake(endpoint: &Endpoint, tls: Arc<ClientConfig>) -> Outcome {
    let name = match ServerName::try_from(endpoint.name.clone()) {
        Ok(name) => name,
        Err(error) => return Outcome::NoAddress(error.to_string()),
    };
    let addresses: Vec<_> = match lookup_host((endpoint.host.as_str(), endpoint.port)).await {
        Ok(addresses) => addresses.collect(),
        Err(error) => return Outcome::NoAddress(error.to_string()),
    };
    let stream = match TcpStream::connect(addresses.as_slice()).await {
        Ok(stream) => stream,
        Err(error) => return Outcome::NoConnection(error.to_string()),
    };
    match TlsConnector::from(tls).connect(name, stream).await {
        Ok(_) => Outcome::Trusted,
        Err(error) => of_error(&error),
    }
}

fn of_error(error: &io::Error) -> Outcome {
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    let cause = error.get_ref().map(|cause| cause as &(dyn Error + 'static));
    match cause.and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        // A bad signature: a root has our root's name, and another key.
        Some(rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature)) => Outcome::ForeignRoot,
        Some(rustls::Error::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
        )) => Outcome::Expired,
        Some(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => Outcome::WrongName,
        Some(rustls::Error::InvalidMessage(_)) => Outcome::NoTls,
        Some(other) => Outcome::BadHandshake(other.to_string()),
        None => Outcome::NoConnection(error.to_string()),
    }
}
