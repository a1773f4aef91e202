//! The options of `cost`, and the page that it prints.

use clap::{Args, Subcommand};

use crate::attack::AttackArgs;
use crate::bill::{bill, total};
use crate::counts::Counts;
use crate::event::Event;
use crate::figures::{amount, grouped};
use crate::idle::IdleArgs;
use crate::prices::Prices;

/// Requests a second that an account has over all its APIs, `@connections` included, unless AWS grants more.
const ACCOUNT_REQUESTS_PER_SECOND: f64 = 10_000.0;

/// What an event costs in the cloud, line by line, beside the same event without batches. docs/cost.md explains the model.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CostArgs {
    #[command(subcommand)]
    other: Option<OtherPage>,
    /// Viewers, each with one socket, from the beginning to the end.
    #[arg(long, required = true, value_parser = amount)]
    viewers: Option<f64>,
    /// Messages a second of all together.
    #[arg(long, required = true, value_parser = amount)]
    messages_per_second: Option<f64>,
    /// How long the event takes.
    #[arg(long, required = true, value_parser = amount)]
    hours: Option<f64>,
    /// Milliseconds between two flushes of the broadcast; Lambda polls a stream about four times a second.
    #[arg(long, default_value_t = 250.0, value_parser = amount)]
    flush_ms: f64,
    /// How many percent of the sockets take several events in one frame, as the client of this repository does.
    #[arg(long, default_value_t = 100.0, value_parser = percent)]
    share_batched: f64,
    /// Minutes over which viewers come, and over which they leave.
    #[arg(long, default_value_t = 10.0, value_parser = amount)]
    arrival_minutes: f64,
    /// How many percent of the messages come over REST.
    #[arg(long, default_value_t = 0.0, value_parser = percent)]
    share_over_rest: f64,
    /// How many percent of the messages can be repeated (`client_message_id`), as those of the client can.
    #[arg(long, default_value_t = 100.0, value_parser = percent)]
    share_keyed: f64,
    /// Bytes of a `new_message` event.
    #[arg(long, default_value_t = 400.0, value_parser = amount)]
    message_bytes: f64,
    /// Pings of each socket a minute; the client sends one every 30 seconds.
    #[arg(long, default_value_t = 2.0, value_parser = amount)]
    pings_per_minute: f64,
    /// Polls of `status` or `stats` a minute by each viewer; a page like the guide's has 6.
    #[arg(long, default_value_t = 0.0, value_parser = amount)]
    polls_per_minute: f64,
    /// Likes of the session by each viewer.
    #[arg(long, default_value_t = 1.0, value_parser = amount)]
    likes_per_viewer: f64,
    /// Likes of messages by each viewer.
    #[arg(long, default_value_t = 0.1, value_parser = amount)]
    message_likes_per_viewer: f64,
    /// Posts to sockets a second (`LIVE_CHAT_POSTS_PER_SECOND`).
    #[arg(long, default_value_t = 7_500.0, value_parser = amount)]
    posts_per_second: f64,
    /// Milliseconds that a handler of a request runs.
    #[arg(long, default_value_t = 20.0, value_parser = amount)]
    handler_ms: f64,
    /// How many months messages are kept (`LIVE_CHAT_RETENTION_DAYS` is 90).
    #[arg(long, default_value_t = 3.0, value_parser = amount)]
    months_kept: f64,
    /// The bill of a month with so many such events, instead of one event's.
    #[arg(long, default_value_t = 1.0, value_parser = amount)]
    events_per_month: f64,
}

/// What else the model tells.
#[derive(Clone, Debug, Subcommand)]
enum OtherPage {
    /// What an attacker costs an hour, with and without a token.
    Attack(AttackArgs),
    /// What a stack costs in a month in which nobody uses it.
    Idle(IdleArgs),
}

impl CostArgs {
    /// The event that is asked about.
    pub fn event(&self) -> Event {
        Event {
            viewers: self.viewers.unwrap_or_default(),
            messages_per_second: self.messages_per_second.unwrap_or_default(),
            seconds: self.hours.unwrap_or_default() * 3_600.0,
            flush_seconds: self.flush_ms / 1_000.0,
            share_batched: self.share_batched / 100.0,
            arrival_seconds: self.arrival_minutes * 60.0,
            leaving_seconds: self.arrival_minutes * 60.0,
            share_over_rest: self.share_over_rest / 100.0,
            share_keyed: self.share_keyed / 100.0,
            message_bytes: self.message_bytes,
            pings_per_minute: self.pings_per_minute,
            polls_per_minute: self.polls_per_minute,
            likes_per_viewer: self.likes_per_viewer,
            message_likes_per_viewer: self.message_likes_per_viewer,
            visits_per_viewer: 1.0,
            posts_per_second: self.posts_per_second.max(1.0),
            handler_seconds: self.handler_ms / 1_000.0,
        }
    }

    /// The page.
    ///
    /// # Errors
    /// If there are no prices, which a test excludes.
    pub fn page(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        match &self.other {
            Some(OtherPage::Attack(attack)) => Ok(attack.table()?),
            Some(OtherPage::Idle(idle)) => idle.table(),
            None => Ok(self.page_of_event()?),
        }
    }

    fn page_of_event(&self) -> Result<String, serde_json::Error> {
        let (event, prices) = (self.event(), Prices::embedded()?);
        let (counts, plain) = (Counts::of(&event), Counts::of(&event.unbatched()));
        let lines = bill(&counts, &prices, self.events_per_month, self.months_kept);
        let plain_lines = bill(&plain, &prices, self.events_per_month, self.months_kept);
        let shares = (format!("{:.0} % batched", self.share_batched), "unbatched");
        let mut page = format!("{:<32} {:>15} {:>10}   {:>15} {:>10}\n", "", shares.0, "USD", shares.1, "USD");
        for (line, plain) in lines.iter().zip(&plain_lines) {
            let (quantity, usd) = (grouped(line.quantity), line.usd);
            let (plain_quantity, plain_usd) = (grouped(plain.quantity), plain.usd);
            page += &format!(
                "{:<32} {quantity:>15} {usd:>10.2}   {plain_quantity:>15} {plain_usd:>10.2}   {}\n",
                line.title, line.unit
            );
        }
        let (sum, plain_sum) = (total(&lines), total(&plain_lines));
        page += &format!("{:<32} {:>15} {sum:>10.2}   {:>15} {plain_sum:>10.2}\n", "total", "", "");
        page += &format!("\nPrices of {}, {}. {}\n", prices.region, prices.date, prices.note);
        for (counts, what) in [(&counts, shares.0.as_str()), (&plain, shares.1)] {
            let posts = counts.peak_posts_per_second;
            if posts > ACCOUNT_REQUESTS_PER_SECOND {
                page += &format!(
                    "WARNING: {what} asks for {} posts a second; an account has {} requests a second. \
                     Ask AWS for more, or senders are slowed.\n",
                    grouped(posts),
                    grouped(ACCOUNT_REQUESTS_PER_SECOND)
                );
            }
        }
        Ok(page)
    }
}

fn percent(text: &str) -> Result<f64, String> {
    amount(text).ok().filter(|percent| *percent <= 100.0).ok_or_else(|| "a number from 0 to 100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_shows_what_the_command_prints() {
        use clap::Parser;

        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            args: CostArgs,
        }

        let document = include_str!("../../docs/cost.md");
        let (command, printed) = document.split_once("$ cargo run -- cost").unwrap().1.split_once('\n').unwrap();
        let args = Cli::try_parse_from(["cost"].into_iter().chain(command.split_whitespace())).unwrap().args;
        let page = args.page().unwrap();
        assert!(printed.starts_with(&page), "docs/cost.md must show\n{page}");
    }

    #[test]
    fn the_other_pages_ask_for_no_event() {
        use clap::Parser;

        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            args: CostArgs,
        }

        let page =
            |line: &str| Ok::<_, clap::Error>(Cli::try_parse_from(line.split_whitespace())?.args.page().unwrap());
        assert!(page("cost attack --http-rate 100").unwrap().contains("360,000"));
        assert!(page("cost idle").unwrap().contains("an idle month"));
        assert!(page("cost idle --sessions 200").unwrap().contains("200 open sessions"));
        for wrong in [
            "cost",
            "cost --viewers 10",
            "cost --viewers 10 --messages-per-second 1",
            "cost attack --http-rate -1",
            "cost idle --viewers 1",
        ] {
            assert!(page(wrong).is_err(), "{wrong}");
        }
    }
}
