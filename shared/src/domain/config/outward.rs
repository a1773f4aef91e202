//! Events for the operator's own systems.

use url::{Host, Url};

use super::lookup::{ConfigError, Lookup};
use crate::domain::outward::signature::SigningSecrets;

const BUS: &str = "LIVE_CHAT_EVENT_BUS";
const URL: &str = "LIVE_CHAT_WEBHOOK_URL";
const SECRET: &str = "LIVE_CHAT_WEBHOOK_SECRET";

/// Events for the operator's own systems (docs/webhooks.md). Nothing is sent unless one of the two is set.
#[derive(Clone, Debug, Default)]
pub struct OutwardConfig {
    /// `LIVE_CHAT_EVENT_BUS`.
    pub event_bus: Option<EventBusName>,
    /// `LIVE_CHAT_WEBHOOK_URL`, with its secret.
    pub webhook: Option<WebhookConfig>,
    /// `LIVE_CHAT_EVENT_TEXTS`: whether events hold texts and names.
    pub texts: bool,
}

/// A bus of EventBridge: its name in the chat's own account and region, or its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBusName {
    /// The name or the ARN.
    pub name: String,
    /// The region of its ARN.
    pub region: Option<String>,
}

/// A receiver of webhooks.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// The address: https, or http on this machine.
    pub url: Url,
    /// Where the secrets are with which events are signed.
    pub secret: WebhookSecret,
}

/// Where the secrets are.
#[derive(Clone, Debug)]
pub enum WebhookSecret {
    /// `LIVE_CHAT_WEBHOOK_SECRET`.
    Given(SigningSecrets),
    /// `LIVE_CHAT_WEBHOOK_SECRET_ARN`: the ARN of a secret in AWS Secrets Manager.
    Arn(String),
}

impl OutwardConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<OutwardConfig, ConfigError> {
        Ok(OutwardConfig {
            event_bus: lookup.text(BUS).map(|text| bus(&text)).transpose()?,
            webhook: webhook(lookup)?,
            texts: lookup.flag("LIVE_CHAT_EVENT_TEXTS", false)?,
        })
    }

    /// Whether anything is sent.
    pub fn is_on(&self) -> bool {
        self.event_bus.is_some() || self.webhook.is_some()
    }
}

fn webhook(lookup: &Lookup<'_>) -> Result<Option<WebhookConfig>, ConfigError> {
    let wrong = |value: &str, allowed: &str| ConfigError {
        variable: SECRET,
        value: value.to_owned(),
        allowed: allowed.to_owned(),
    };
    let secret = match (lookup.text(SECRET), lookup.text("LIVE_CHAT_WEBHOOK_SECRET_ARN")) {
        (None, None) => None,
        (None, Some(arn)) => Some(WebhookSecret::Arn(arn)),
        (Some(text), None) => {
            let allowed = "whsec_ and 24 to 64 bytes in base64, or two of these with a space between";
            let secrets = SigningSecrets::parse(&text).ok_or_else(|| wrong("set", allowed))?;
            Some(WebhookSecret::Given(secrets))
        }
        (Some(_), Some(_)) => {
            return Err(wrong("set", "the only secret of webhooks, but LIVE_CHAT_WEBHOOK_SECRET_ARN is set, too"));
        }
    };
    match (lookup.text(URL), secret) {
        (None, None) => Ok(None),
        (None, Some(_)) => {
            let allowed = "set, because the secret of webhooks is".to_owned();
            Err(ConfigError { variable: URL, value: "not set".to_owned(), allowed })
        }
        (Some(_), None) => {
            Err(wrong("not set", "set together with LIVE_CHAT_WEBHOOK_URL: receivers verify events by it"))
        }
        (Some(text), Some(secret)) => Ok(Some(WebhookConfig { url: address(&text)?, secret })),
    }
}

fn address(text: &str) -> Result<Url, ConfigError> {
    let is_usable = |url: &Url| {
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        is_safe && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(is_usable);
    url.ok_or_else(|| ConfigError {
        variable: URL,
        // It may have a token in its path.
        value: "set".to_owned(),
        allowed: "an https address (http for this machine only), without a user, a password or a fragment".to_owned(),
    })
}

/// Reads `NAME` or `arn:…:events:REGION:ACCOUNT:event-bus/NAME`.
fn bus(text: &str) -> Result<EventBusName, ConfigError> {
    let is_name = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        !name.is_empty() && name.len() <= 256 && name.bytes().all(is_part)
    };
    let read = match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "events", region, account, bus] if partition.starts_with("aws") => {
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            let is_bus = bus.strip_prefix("event-bus/").is_some_and(is_name);
            (is_account && is_bus && is_name(region)).then(|| Some((*region).to_owned()))
        }
        [name] => is_name(name).then_some(None),
        _ => None,
    };
    let read = read.map(|region| EventBusName { name: text.to_owned(), region });
    read.ok_or_else(|| ConfigError::new(BUS, text, "the name or the ARN of an event bus of EventBridge"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: (&str, &str) = (SECRET, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    fn read(pairs: &[(&str, &str)]) -> Result<OutwardConfig, ConfigError> {
        let variable =
            |name: &str| pairs.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        OutwardConfig::read(&Lookup::new(&variable))
    }

    #[test]
    fn nothing_is_sent_unless_a_receiver_is_named() {
        assert!(!read(&[]).unwrap().is_on() && !read(&[("LIVE_CHAT_EVENT_TEXTS", "true")]).unwrap().is_on());
        assert!(read(&[(BUS, "chat")]).unwrap().is_on());
        let webhook = read(&[(URL, "https://app.example/hook?token=1"), KEY]).unwrap();
        assert!(webhook.is_on() && !webhook.texts);
    }

    #[test]
    fn a_webhook_goes_to_an_https_address_or_to_this_machine() {
        for good in ["https://app.example", "http://localhost:9/a", "http://127.0.0.1:9", "http://[::1]:9/"] {
            assert!(read(&[(URL, good), KEY]).is_ok(), "{good}");
        }
        for bad in [
            "http://app.example",
            "http://10.0.0.1",
            "ftp://app.example",
            "app.example",
            "https://a:b@app.example",
            "https://app.example#x",
        ] {
            let error = read(&[(URL, bad), KEY]).unwrap_err();
            assert_eq!((error.variable, error.value.as_str()), (URL, "set"), "{bad}");
        }
    }

    #[test]
    fn a_webhook_has_one_secret_which_is_not_shown() {
        let url = (URL, "https://app.example");
        assert_eq!(read(&[url]).unwrap_err().variable, SECRET);
        assert_eq!(read(&[KEY]).unwrap_err().variable, URL);
        let arn = ("LIVE_CHAT_WEBHOOK_SECRET_ARN", "arn");
        assert!(matches!(read(&[url, arn]).unwrap().webhook.unwrap().secret, WebhookSecret::Arn(arn) if arn == "arn"));
        let errors = [read(&[url, KEY, arn]), read(&[url, (SECRET, "whsec_hush")])];
        assert!(errors.into_iter().all(|error| !error.unwrap_err().to_string().contains("hush")));
        assert!(!format!("{:?}", read(&[url, KEY]).unwrap()).contains("MfKQ"));
    }

    #[test]
    fn a_bus_has_a_name_or_an_arn_with_a_region() {
        let arn = "arn:aws:events:eu-central-1:123456789012:event-bus/chat";
        assert_eq!(read(&[(BUS, arn)]).unwrap().event_bus.unwrap().region.as_deref(), Some("eu-central-1"));
        assert_eq!(read(&[(BUS, "chat.prod")]).unwrap().event_bus.unwrap().region, None);
        for wrong in
            ["a b", "arn:aws:sqs:eu-central-1:123456789012:chat", "arn:aws:events:eu-central-1:1:event-bus/chat"]
        {
            assert_eq!(read(&[(BUS, wrong)]).unwrap_err().variable, BUS, "{wrong}");
        }
    }
}
