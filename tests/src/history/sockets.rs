//! The sockets of a history: whose each is, and when it was open.

use std::collections::BTreeMap;

use super::event::Event;
use super::run::History;

/// See the module.
pub(super) struct Sockets<'a> {
    /// The client of each socket, and the position in the history at which it opened.
    opened: BTreeMap<u64, (&'a str, usize)>,
    /// The position at which each was closed.
    closed: BTreeMap<u64, usize>,
}

impl<'a> Sockets<'a> {
    /// All of a history.
    pub(super) fn of(history: &'a History) -> Sockets<'a> {
        let (mut opened, mut closed) = (BTreeMap::new(), BTreeMap::new());
        for (place, event) in history.events.iter().enumerate() {
            match event {
                Event::Opened { socket, client } => drop(opened.insert(*socket, (client.as_str(), place))),
                Event::Closed { socket } => drop(closed.insert(*socket, place)),
                _ => {}
            }
        }
        Sockets { opened, closed }
    }

    /// Whose socket it is.
    pub(super) fn client(&self, socket: u64) -> Option<&'a str> {
        self.opened.get(&socket).map(|(client, _)| *client)
    }

    /// The sockets that are open at the end and do not know this version of a state; each with the version that it knows. `told` says of an event
    /// which socket it tells which version.
    pub(super) fn behind(
        history: &History,
        version: u64,
        told: impl Fn(&Event) -> Option<(u64, u64)>,
    ) -> Vec<(u64, u64)> {
        let mut known: BTreeMap<u64, u64> = BTreeMap::new();
        for (socket, version) in history.events.iter().filter_map(told) {
            let known = known.entry(socket).or_default();
            *known = version.max(*known);
        }
        let open = Sockets::of(history).open_since(history.events.len()).map(|(socket, _)| socket).collect::<Vec<_>>();
        let known = open.into_iter().map(|socket| (socket, known.get(&socket).copied().unwrap_or_default()));
        known.filter(|(_, known)| *known != version).collect()
    }

    /// The sockets that were open at a position, and are to the end; with their clients.
    pub(super) fn open_since(&self, place: usize) -> impl Iterator<Item = (u64, &'a str)> {
        let stayed = self
            .opened
            .iter()
            .filter(move |(socket, (_, opened))| *opened < place && !self.closed.contains_key(socket));
        stayed.map(|(socket, (client, _))| (*socket, *client))
    }
}
