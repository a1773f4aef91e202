//! Reads all rows of the tables, bypassing every proxy.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use serde_json::Value;

use super::row::{number, text};
use super::{draws, moderated};
use crate::history::{End, Row};

/// The ids of the draws of session 1 are this and a number.
const ID_OF_DRAW: u64 = 10_000;

/// The tables of a gateway.
pub struct Tables {
    client: Client,
}

/// All rows as JSON.
#[derive(Default)]
pub struct Rows {
    chat: Vec<Value>,
    connections: Vec<Value>,
    audit: Vec<Value>,
}

impl Tables {
    /// The tables at this address.
    pub fn at(url: &str) -> Tables {
        Tables { client: crate::dynamodb::client(url) }
    }

    /// Everything.
    pub async fn read(&self) -> Rows {
        Rows {
            chat: self.scan("live-chat-chat").await,
            connections: self.scan("live-chat-connections").await,
            audit: self.scan("live-chat-audit").await,
        }
    }

    async fn scan(&self, table: &str) -> Vec<Value> {
        let mut pages = self.client.scan().table_name(table).consistent_read(true).into_paginator().send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            let items = page.expect("the table is there").items.unwrap_or_default();
            rows.extend(items.into_iter().map(|item| serde_dynamo::from_item::<_, Value>(item).expect("JSON")));
        }
        rows
    }
}

impl Rows {
    /// The final state according to the rows of session 1. Numbers that only the API has are left open.
    pub fn end(&self) -> End {
        let mut end = End::default();
        for row in &self.chat {
            moderated::read(row, &mut end);
            let (pk, sk) = (text(row, "pk"), text(row, "sk"));
            match pk.split('#').collect::<Vec<_>>().as_slice() {
                ["messages", "1"] => {
                    let seq = sk.parse().expect("a number");
                    end.rows.insert(seq, message(row));
                    if row["event"]["type"] == "event" {
                        end.events.insert(seq, text(&row["event"], "name").to_owned());
                    } else if !row["event"].is_null() {
                        end.acts.insert(seq, row["event"]["user_id"].as_str().map(str::to_owned));
                    }
                }
                ["draws", "1"] => {
                    let stored = draws::stored(row, &self.chat);
                    end.draws.insert(stored.draw.id, stored);
                }
                ["session", "1"] if sk == "state#draws" => {
                    end.last_draw = (number(row, "version"), ID_OF_DRAW + number(row, "changed"));
                }
                ["session", "1"] if sk == "session" => end.seq = number(row, "seq"),
                ["reactions", "1", _shard] => end.reactions.0 += number(row, "n#🎉"),
                ["like", "session", "1", user] => drop(end.session_likers.insert((*user).to_owned())),
                ["like", "message", id, user] => {
                    let seq = id.parse::<u64>().expect("an id") % 100_000_000;
                    end.message_likers.entry(seq).or_default().insert((*user).to_owned());
                }
                ["polls", "1"] => {
                    let result = row["tally"].as_array();
                    let result =
                        result.map(|tally| tally.iter().map(|votes| votes.as_u64().unwrap_or_default()).collect());
                    end.polls.entry(number(row, "id")).or_default().result = result;
                }
                ["poll", id, _shard] => {
                    let poll = end.polls.entry(id.parse().expect("an id")).or_default();
                    if let Some(user) = sk.strip_prefix("vote#") {
                        poll.votes.insert(user.to_owned(), number(row, "option") as usize);
                    }
                    for (option, votes) in row["votes"].as_object().into_iter().flatten() {
                        let option: usize = option.parse().expect("a number");
                        poll.counted.resize(poll.counted.len().max(option + 1), 0);
                        poll.counted[option] += votes.as_u64().unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        moderated::read_log(&self.audit, &self.chat, &mut end);
        end.total_likes = self.shards().map(|row| number(row, "likes")).sum();
        let voids = end.rows.values().filter(|row| row.void).count() as u64;
        end.total_messages = end.seq.saturating_sub(voids);
        end.cursor = self.of("cursor#1").map(|row| number(row, "seq")).max().unwrap_or(0);
        end
    }

    /// The stored number of viewers.
    pub fn viewers(&self) -> u64 {
        self.chat.iter().find(|row| text(row, "sk") == "viewers").map_or(0, |row| number(row, "count"))
    }

    /// The keys of all rows.
    pub fn keys(&self) -> BTreeSet<String> {
        let rows = self.chat.iter().chain(&self.connections);
        rows.map(|row| format!("{} / {}", text(row, "pk"), text(row, "sk"))).collect()
    }

    /// Rows that must not exist at this time (milliseconds since 1970), after every socket has closed and the timeout has passed. No
    /// lease may have a holder then, even an expired one. Expired rows count as deleted.
    pub fn left(&self, now_ms: i64) -> Vec<String> {
        let mut left = Vec::new();
        left.extend(
            self.of("room#1").map(|row| format!("a place of the closed socket {}", text(row, "connection_id"))),
        );
        left.extend(self.of("presence#1").map(|row| format!("the presence of {}", text(row, "sk"))));
        let leases = self.of("cursor#1").filter(|row| !row["lease_owner"].is_null());
        left.extend(leases.map(|row| format!("a lease that {} does not hold any more", text(row, "lease_owner"))));
        left.extend(self.of("uncounted#1").map(|row| format!("the presence of {}", text(row, "sk"))));
        left.extend(self.half_likes());
        let outbox = self.chat.iter().filter(|row| text(row, "pk") == "bell#1" && text(row, "sk") != "ring");
        left.extend(outbox.map(|row| format!("{} of the outbox", text(row, "sk"))));
        let sockets = self.connections.iter().filter(|row| text(row, "pk").starts_with("socket#"));
        let has_expired = |row: &&Value| row["expires_at"].as_i64().is_some_and(|at| at * 1000 <= now_ms);
        let sockets = sockets.filter(|row| !has_expired(row));
        left.extend(sockets.map(|row| format!("{} of a closed socket", text(row, "pk"))));
        left
    }

    /// Likes of messages that have only one of their two rows.
    fn half_likes(&self) -> Vec<String> {
        let (mut counted, mut listed) = (BTreeSet::new(), BTreeSet::new());
        for row in &self.chat {
            let (pk, sk) = (text(row, "pk"), text(row, "sk"));
            match pk.split('#').collect::<Vec<_>>().as_slice() {
                ["like", "message", id, user] => {
                    counted.insert((id.parse::<u64>().expect("an id") % 100_000_000, (*user).to_owned()));
                }
                ["likes", "1", user] => {
                    listed.insert((sk.parse().expect("a number"), (*user).to_owned()));
                }
                _ => {}
            }
        }
        let half = counted.symmetric_difference(&listed);
        half.map(|(seq, user)| format!("half a like of message {seq} by {user}")).collect()
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.chat.len() + self.connections.len()
    }

    fn of<'a>(&'a self, pk: &'a str) -> impl Iterator<Item = &'a Value> {
        self.connections.iter().filter(move |row| text(row, "pk") == pk)
    }

    fn shards(&self) -> impl Iterator<Item = &Value> {
        self.chat.iter().filter(|row| text(row, "pk") == "session#1" && text(row, "sk").starts_with("likes#"))
    }
}

fn message(row: &Value) -> Row {
    let optional = |name: &str| row[name].as_str().map(str::to_owned);
    Row {
        text: optional("text"),
        user: optional("user_id"),
        key: optional("client_message_id"),
        likes: number(row, "likes"),
        question: (row["question"] == true).then(|| row["answered"] == true),
        void: row["void"] == true || !row["event"].is_null(),
        deleted_by: optional("deleted_by"),
    }
}
