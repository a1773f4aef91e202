//! Senders, in an open loop (messages are due at their times, even if those before are unanswered) or a closed one (each sender
//! sends its next message after the one before).

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::args::{LoadArgs, Until, Via};
use crate::frames;
use crate::http::Caller;
use crate::room::Room;
use crate::send_outcome::SendOutcome;
use crate::socket_writer::SocketWriter;

/// Ids are `session × 100000000 + number`.
const NUMBERS_PER_SESSION: u64 = 100_000_000;

/// One sender's means.
pub(crate) enum Sender {
    Rest { caller: Caller, token: String, path: String },
    Socket(Rc<SocketWriter>),
}

/// Sends until time or messages are over, and waits for the answers.
pub(crate) async fn send(room: &Rc<Room>, args: &LoadArgs, senders: Vec<Sender>) {
    match args.rate {
        Some(rate) => open_loop(room, args, senders, rate).await,
        None => closed_loop(room, args, senders).await,
    }
    // Answers to messages that were sent without waiting may be under way.
    let patience = Duration::from_secs_f64(args.patience);
    let mut last = (0, Instant::now());
    while room.ledger.borrow().sums().unanswered > 0 && last.1.elapsed() < patience {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answered = room.ledger.borrow().answered();
        if answered != last.0 {
            last = (answered, Instant::now());
        }
    }
}

async fn open_loop(room: &Rc<Room>, args: &LoadArgs, senders: Vec<Sender>, rate: f64) {
    let count = args.messages.unwrap_or((rate * args.seconds) as usize);
    let (queues, sending): (Vec<_>, Vec<_>) = senders.into_iter().map(|sender| queue_of(room, args, sender)).unzip();
    let begin_us = room.now_us();
    let schedule = async move {
        let mut after_us = 0.0;
        for sent in 0..count {
            let due_us = begin_us + after_us as u64;
            after_us += 1e6 / rate * if args.random_times { random_distance() } else { 1.0 };
            // The timer's grain is a millisecond, so the message may be sent that much late: it counts as latency.
            if due_us > room.now_us() {
                tokio::time::sleep_until(room.instant(due_us)).await;
            }
            let number = room.ledger.borrow_mut().intend(due_us);
            let _sender_runs_until_its_queue_ends = queues[sent % queues.len()].send(number);
        }
    };
    tokio::join!(schedule, join_all(sending));
}

/// The distance between two events of a Poisson process, whose mean is 1.
fn random_distance() -> f64 {
    -(1.0 - rand::random::<f64>()).ln()
}

/// A sender of an open loop and its queue. Over a socket it does not wait for answers, which go to the ledger.
fn queue_of<'a>(
    room: &'a Rc<Room>,
    args: &'a LoadArgs,
    mut sender: Sender,
) -> (mpsc::UnboundedSender<usize>, impl Future<Output = ()> + 'a) {
    let (queue, mut due) = mpsc::unbounded_channel();
    let sending = async move {
        while let Some(number) = due.recv().await {
            let text = room.mark.text(number, args.text_length.into());
            match &mut sender {
                Sender::Rest { caller, token, path } => {
                    let answer = post(caller, (path, token), &text).await;
                    room.settle(&answer, Some(number), room.now_us());
                }
                Sender::Socket(writer) => {
                    if writer.send(&message_frame(&text)).await.is_err() {
                        room.ledger.borrow_mut().refuse("socket closed");
                    }
                }
            }
        }
    };
    (queue, sending)
}

async fn closed_loop(room: &Rc<Room>, args: &LoadArgs, senders: Vec<Sender>) {
    let limit = match args.messages {
        Some(messages) => Limit::Messages(messages.into()),
        None => Limit::Time(Instant::now() + args.duration()),
    };
    join_all(senders.into_iter().map(|sender| one_after_the_other(room, args, sender, &limit))).await;
}

enum Limit {
    Messages(std::cell::Cell<usize>),
    Time(Instant),
}

impl Limit {
    /// Whether one more message may be sent.
    fn admits(&self) -> bool {
        match self {
            Limit::Messages(left) => {
                let before = left.get();
                left.set(before.saturating_sub(1));
                before > 0
            }
            Limit::Time(end) => Instant::now() < *end,
        }
    }
}

async fn one_after_the_other(room: &Rc<Room>, args: &LoadArgs, mut sender: Sender, limit: &Limit) {
    let patience = Duration::from_secs_f64(args.patience);
    let mut answers = match &sender {
        Sender::Socket(writer) => {
            let (to_me, answers) = mpsc::unbounded_channel();
            *writer.answers.borrow_mut() = Some(to_me);
            Some(answers)
        }
        Sender::Rest { .. } => None,
    };
    while limit.admits() {
        let number = {
            let now_us = room.now_us();
            room.ledger.borrow_mut().intend(now_us)
        };
        let text = room.mark.text(number, args.text_length.into());
        let answer = match (&mut sender, &mut answers) {
            (Sender::Rest { caller, token, path }, _) => post(caller, (path, token), &text).await,
            (Sender::Socket(writer), Some(answers)) => {
                let exchange = async {
                    writer.send(&message_frame(&text)).await.ok()?;
                    answers.recv().await
                };
                match tokio::time::timeout(patience, exchange).await {
                    Ok(Some(answer)) => answer,
                    Ok(None) => SendOutcome::Refused { code: "socket closed".to_owned(), retry_after_ms: 0 },
                    // It stays unanswered, and this sender cannot tell later answers apart.
                    Err(_elapsed) => return,
                }
            }
            (Sender::Socket(_), None) => return,
        };
        room.settle(&answer, Some(number), room.now_us());
        match answer {
            SendOutcome::Accepted { seq } if args.until == Until::Delivered => {
                let _is_counted_as_lost = tokio::time::timeout(patience, until_heard_by_all(room, seq)).await;
            }
            SendOutcome::Accepted { .. } => {}
            SendOutcome::Refused { code, .. } if code == "socket closed" => return,
            SendOutcome::Refused { retry_after_ms, .. } => {
                tokio::time::sleep(Duration::from_millis(retry_after_ms)).await
            }
        }
    }
}

async fn until_heard_by_all(room: &Room, seq: u64) {
    loop {
        let next = room.heard_by_all.notified();
        if room.ledger.borrow().is_heard_by_all(seq) {
            return;
        }
        next.await;
    }
}

async fn post(caller: &mut Caller, (path, token): (&str, &str), text: &str) -> SendOutcome {
    let body = json!({ "message": text }).to_string();
    let refused = |code: &str, retry_after_ms| SendOutcome::Refused { code: code.to_owned(), retry_after_ms };
    match caller.call(Method::POST, path, token, Some(body)).await {
        Err(cause) => refused(&cause, 100),
        Ok(answer) if answer.status == StatusCode::OK => match answer.json()["message_id"].as_u64() {
            Some(id) => SendOutcome::Accepted { seq: id % NUMBERS_PER_SESSION },
            None => refused("no message_id", 0),
        },
        Ok(answer) => {
            let problem = answer.json();
            let code = problem["code"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned);
            refused(&code, answer.retry_after.unwrap_or(0) * 1000)
        }
    }
}

fn message_frame(text: &str) -> Vec<u8> {
    frames::text(json!({"type": "message", "message": text}).to_string().as_bytes())
}

/// Waits until every viewer has every accepted message, or nothing arrives any more.
pub(crate) async fn until_delivered(room: &Room, patience: Duration) {
    let mut last = (0, Instant::now());
    while room.ledger.borrow().missing() > 0 && last.1.elapsed() < patience {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let delivered = room.ledger.borrow().delivered();
        if delivered != last.0 {
            last = (delivered, Instant::now());
        }
    }
}

/// The first so many viewers, or REST callers with these tokens.
pub(crate) fn senders(room: &Room, args: &LoadArgs, writers: &[Rc<SocketWriter>], tokens: &[String]) -> Vec<Sender> {
    match args.via {
        Via::Socket => writers.iter().take(args.senders).map(|writer| Sender::Socket(Rc::clone(writer))).collect(),
        Via::Rest => {
            let path = args.path("send-message");
            let sender = |token: &String| Sender::Rest {
                caller: Caller::new(&room.connector),
                token: token.clone(),
                path: path.clone(),
            };
            tokens.iter().take(args.senders).map(sender).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_distances_have_a_mean_of_one_and_keep_no_order() {
        let distances: Vec<f64> = (0..10_000).map(|_| random_distance()).collect();
        let mean = distances.iter().sum::<f64>() / distances.len() as f64;
        assert!((0.9..1.1).contains(&mean), "{mean}");
        let short = distances.iter().filter(|distance| **distance < 0.1).count();
        assert!((700..1_200).contains(&short), "{short} of 10,000, and a tenth is expected");
        assert!(distances.iter().all(|distance| distance.is_finite() && *distance >= 0.0));
    }
}
