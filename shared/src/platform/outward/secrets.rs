//! The secrets of webhooks: given, or fetched from Secrets Manager and cached for ten minutes, or longer while they cannot be fetched.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::not_taken::NotTaken;
use crate::domain::config::WebhookSecret;
use crate::domain::outward::signature::SigningSecrets;
use crate::platform::aws::AwsEnvironment;
use crate::platform::token::remote::StoredSecret;

/// A new value is in use after this long.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(10);

/// See the module.
pub(super) enum Secrets {
    Given(SigningSecrets),
    Stored { secret: StoredSecret, fetched: Mutex<Option<(SigningSecrets, Timestamp)>> },
}

impl Secrets {
    pub(super) fn new(secret: &WebhookSecret, aws: &AwsEnvironment) -> Secrets {
        match secret {
            WebhookSecret::Given(secrets) => Secrets::Given(secrets.clone()),
            WebhookSecret::Arn(arn) => Secrets::Stored {
                secret: StoredSecret::new(aws, "LIVE_CHAT_WEBHOOK_SECRET_ARN", arn.clone()),
                fetched: Mutex::default(),
            },
        }
    }

    pub(super) async fn get(&self, now: Timestamp) -> Result<SigningSecrets, NotTaken> {
        let (secret, fetched) = match self {
            Secrets::Given(secrets) => return Ok(secrets.clone()),
            Secrets::Stored { secret, fetched } => (secret, fetched),
        };
        let mut fetched = fetched.lock().await;
        if let Some((secrets, at)) = fetched.as_ref()
            && now.duration_since(*at).abs() < MAX_AGE
        {
            return Ok(secrets.clone());
        }
        let text = match (secret.version("AWSCURRENT").await, fetched.as_ref()) {
            (Ok(text), _) => text.ok_or_else(|| NotTaken::Secret("it has no current version".to_owned()))?,
            // While it cannot be fetched, an old one is better than none.
            (Err(_), Some((secrets, _))) => return Ok(secrets.clone()),
            (Err(error), None) => return Err(NotTaken::Secret(error)),
        };
        let wrong = || NotTaken::Secret("it is not whsec_ and 24 to 64 bytes in base64, or two of these".to_owned());
        let secrets = SigningSecrets::parse(&text).ok_or_else(wrong)?;
        *fetched = Some((secrets.clone(), now));
        Ok(secrets)
    }
}
