//! The arguments of `token`: the claims of one development token, as the chat would take them.

#[cfg(test)]
mod tests;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use shared::domain::caller::{SERVICE_AUDIENCE, are_attributes};
use shared::platform::token::SERVICE_SECONDS;

use super::values::{attribute, badge, capability, display_name, duration, moment, picture};
use crate::site::token::Claims;

/// The claims of a token.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The user id.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sub: String,
    /// The display name.
    #[arg(long, value_parser = display_name)]
    name: Option<String>,
    /// A role: host, moderator or member. May be given several times.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// A member, as --role member.
    #[arg(long)]
    member: bool,
    /// A capability: read, send, react, announce, moderate, manage, uncounted or audit. May be given several times, or with commas
    /// in between. They replace those that the roles bring.
    #[arg(long = "capability", alias = "capabilities", value_name = "NAME", value_delimiter = ',', value_parser = capability)]
    capabilities: Vec<String>,
    /// A session that the token is limited to, by its id or its room. May be given several times.
    #[arg(long = "session", value_name = "ID|ROOM", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sessions: Vec<String>,
    /// An attribute of the user, which each message carries. May be given up to ten times, with 1,024 bytes in all.
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// When the account was created: a time such as 2026-01-31T12:00:00Z, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    account_created: Option<Timestamp>,
    /// A token of a server of yours, which ranks above hosts and is no viewer. It is signed with LIVE_CHAT_SERVICE_SECRET, and good for
    /// five minutes at most.
    #[arg(long)]
    pub service: bool,
    /// A badge: gold, silver and bronze make a winner.
    #[arg(long, value_parser = badge)]
    badge: Option<String>,
    /// The https address of a picture.
    #[arg(long, value_parser = picture)]
    picture: Option<String>,
    /// An e-mail address, which the chat shows to nobody.
    #[arg(long)]
    email: Option<String>,
    /// When it is issued, if not now: for tokens that are revoked, or not valid any more.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    issued_at: Option<Timestamp>,
    /// How long the token is good from then on, such as 90s, 15m, 12h or 7d [default: 12h, of a service 5m].
    #[arg(long, value_parser = duration)]
    ttl: Option<SignedDuration>,
}

impl TokenArgs {
    /// The claims.
    ///
    /// # Errors
    /// A sentence if the chat would not take all of them as they are.
    pub fn claims(&self) -> Result<Claims, String> {
        let attributes = self.attributes.iter().cloned().collect();
        if !are_attributes(&attributes) {
            return Err("attributes are ten at most, with 1,024 bytes in all".to_owned());
        }
        let longest = SignedDuration::from_secs(SERVICE_SECONDS);
        if self.service && self.ttl() > longest {
            return Err("a token of a service is good for 5m at most".to_owned());
        }
        let roles = self.roles.iter().cloned().chain(self.member.then(|| "member".to_owned()));
        Ok(Claims {
            sub: self.sub.clone(),
            name: self.name.clone(),
            roles: roles.collect(),
            capabilities: self.capabilities.clone(),
            sessions: self.sessions.clone(),
            attributes,
            account_created: self.account_created.map(|moment| moment.to_string()),
            aud: self.service.then(|| SERVICE_AUDIENCE.to_owned()),
            badge: self.badge.clone(),
            picture: self.picture.clone(),
            email: self.email.clone(),
        })
    }

    /// When the token is issued.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at.unwrap_or_else(Timestamp::now)
    }

    /// How long it is good from then on.
    pub fn ttl(&self) -> SignedDuration {
        let default =
            if self.service { SignedDuration::from_secs(SERVICE_SECONDS) } else { SignedDuration::from_hours(12) };
        self.ttl.unwrap_or(default)
    }
}
