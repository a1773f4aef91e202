//! All viewers together: they join, ping and leave.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::args::LoadArgs;
use crate::frames;
use crate::histogram::{histogram, note};
use crate::room::Room;
use crate::socket_writer::SocketWriter;
use crate::viewer;

/// The figures of the joins.
pub(crate) struct Joins {
    pub(crate) seconds: f64,
    pub(crate) each: Histogram<u64>,
    pub(crate) writers: Vec<Rc<SocketWriter>>,
    pub(crate) refused: BTreeMap<String, u64>,
}

/// Opens all sockets, so many at a time.
pub(crate) async fn join(room: &Rc<Room>, args: &LoadArgs, session: u64, tokens: &[String]) -> Joins {
    let begun = Instant::now();
    let mut joins =
        Joins { seconds: 0.0, each: histogram(), writers: Vec::with_capacity(args.viewers), refused: BTreeMap::new() };
    let joining = (0..args.viewers).map(|viewer| {
        let token = &tokens[viewer / usize::from(args.sockets_per_user)];
        let path = args.protocol.path(session, token, is_batched(viewer, args.batched));
        let hello = args.protocol.hello(token);
        async move {
            let begun = Instant::now();
            (viewer::join(room, viewer, &path, hello.as_deref()).await, begun.elapsed())
        }
    });
    let mut joining = futures_util::stream::iter(joining).buffer_unordered(args.join_concurrency);
    while let Some((joined, took)) = joining.next().await {
        match joined {
            Ok(writer) => {
                note(&mut joins.each, took.as_micros() as u64);
                joins.writers.push(writer);
            }
            Err(status) => *joins.refused.entry(status).or_default() += 1,
        }
    }
    joins.seconds = begun.elapsed().as_secs_f64();
    joins
}

/// Pings on every socket, one after the other, so that each has its turn once in this time.
pub(crate) async fn ping(room: Rc<Room>, writers: Vec<Rc<SocketWriter>>, every: Duration) {
    let mut turns = tokio::time::interval(every / writers.len().max(1) as u32);
    let ping = frames::text(br#"{"type":"ping"}"#);
    for writer in writers.iter().cycle() {
        turns.tick().await;
        if writer.send(&ping).await.is_ok() {
            room.note_ping();
        }
    }
}

/// Closes every socket, one after the other, within about this time.
pub(crate) async fn leave(writers: &[Rc<SocketWriter>], within: Duration) {
    let every = (within / writers.len().max(1) as u32).max(Duration::from_micros(1));
    let (mut turns, close) = (tokio::time::interval(every), frames::close());
    for writer in writers {
        turns.tick().await;
        let _it_may_be_gone_already = writer.send(&close).await;
    }
}

/// Spreads the sockets that take batches evenly over all.
fn is_batched(viewer: usize, percent: u8) -> bool {
    let before = |viewers: usize| viewers * usize::from(percent) / 100;
    before(viewer + 1) > before(viewer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_a_hundred_want_batches() {
        for percent in [0, 1, 50, 99, 100] {
            assert_eq!((0..100).filter(|viewer| is_batched(*viewer, percent)).count(), usize::from(percent));
        }
        assert!((0..10).all(|viewer| is_batched(viewer, 50) == (viewer % 2 == 1)));
    }
}
