//! What is in the spool, in the order in which it is tried. No clock, no disk.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::super::counts::{Kind, Tally};
use super::file::Label;

/// The kinds in the order in which they are sent.
const LANES: [Kind; 8] = [
    Kind::CheckIn,
    Kind::Event,
    Kind::Session,
    Kind::Other,
    Kind::Attachment,
    Kind::Transaction,
    Kind::Log,
    Kind::Metric,
];

/// How often an envelope may be answered with failure while others are taken.
const STRIKES: u32 = 5;

/// An envelope's place: in which lane, since when (microseconds since 1970), and a number that no other here has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    lane: u8,
    created: u64,
    number: u64,
}

impl Key {
    pub(super) fn new(items: &Tally, created: u64, number: u64) -> Self {
        // The first kind names the lane: an event's attachments and sessions go with the event.
        let lane = LANES.iter().position(|kind| items.get(*kind) > 0).unwrap_or(3);
        Self { lane: lane as u8, created, number }
    }

    pub(super) fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}-{:x}", self.lane, self.created, self.number)
    }
}

impl FromStr for Key {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let mut part = |radix| parts.next().and_then(|part| u64::from_str_radix(part, radix).ok()).ok_or(());
        let (lane, created, number) = (part(10)?, part(16)?, part(16)?);
        let lane = u8::try_from(lane).ok().filter(|lane| usize::from(*lane) < LANES.len()).ok_or(())?;
        Ok(Self { lane, created, number })
    }
}

/// One envelope in the spool.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) bytes: u64,
    /// What is in it.
    pub(super) items: Tally,
    /// The envelope itself, where it is in no file.
    pub(super) in_memory: Option<(Label, Vec<u8>)>,
    not_before: Option<Instant>,
    strikes: u32,
    /// How many envelopes had been delivered when this one failed last.
    failed_at: Option<u64>,
}

impl Entry {
    pub(super) fn new(bytes: u64, items: Tally, in_memory: Option<(Label, Vec<u8>)>) -> Self {
        Self { bytes, items, in_memory, not_before: None, strikes: 0, failed_at: None }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Index {
    lanes: [BTreeMap<(u64, u64), Entry>; LANES.len()],
    bytes: u64,
    in_memory: usize,
    delivered: u64,
}

impl Index {
    pub(super) fn insert(&mut self, key: Key, entry: Entry) {
        self.bytes += entry.bytes;
        self.in_memory += usize::from(entry.in_memory.is_some());
        self.lanes[usize::from(key.lane)].insert((key.created, key.number), entry);
    }

    fn remove(&mut self, key: Key) -> Option<Entry> {
        let entry = self.lanes[usize::from(key.lane)].remove(&(key.created, key.number))?;
        self.bytes -= entry.bytes;
        self.in_memory -= usize::from(entry.in_memory.is_some());
        Some(entry)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn in_memory(&self) -> usize {
        self.in_memory
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(BTreeMap::is_empty)
    }

    /// The first that may be tried now, by lane and age, of those not younger than `last`; `refuses` are the kinds that
    /// the server wants none of.
    pub(super) fn eligible(&self, now: Instant, last: u64, refuses: impl Fn(Kind) -> bool) -> Option<Key> {
        self.lanes.iter().enumerate().filter(|(lane, _)| !refuses(LANES[*lane])).find_map(|(lane, entries)| {
            let free = |entry: &Entry| entry.not_before.is_none_or(|at| at <= now);
            let mut old = entries.range(..=(last, u64::MAX));
            let (&(created, number), _) = old.find(|(_, entry)| free(entry))?;
            Some(Key { lane: lane as u8, created, number })
        })
    }

    /// Takes one out to be tried.
    pub(super) fn take(&mut self, key: Key) -> Option<Entry> {
        self.remove(key)
    }

    /// The oldest of all, to make room.
    pub(super) fn evict(&mut self) -> Option<(Key, Entry)> {
        let firsts = self.lanes.iter().enumerate();
        let (&(created, number), lane) =
            firsts.filter_map(|(lane, entries)| Some((entries.keys().next()?, lane))).min()?;
        let key = Key { lane: lane as u8, created, number };
        Some((key, self.remove(key)?))
    }

    /// One was delivered.
    pub(super) fn succeeded(&mut self) {
        self.delivered += 1;
    }

    /// One was not, and comes back for later. Given back when it fails time and again while others do not.
    pub(super) fn failed(&mut self, key: Key, mut entry: Entry, blames: bool, until: Instant) -> Option<Entry> {
        if blames {
            if entry.failed_at.is_some_and(|at| at < self.delivered) {
                entry.strikes += 1;
            }
            entry.failed_at = Some(self.delivered);
            if entry.strikes >= STRIKES {
                return Some(entry);
            }
        }
        entry.not_before = Some(until);
        self.insert(key, entry);
        None
    }

    /// Lets everything be tried again at once.
    pub(super) fn urge(&mut self) {
        self.lanes.iter_mut().flat_map(BTreeMap::values_mut).for_each(|entry| entry.not_before = None);
    }

    /// How long until the next of those that wait for their time; an hour where none waits.
    pub(super) fn next_time(&self, now: Instant) -> Duration {
        let waits = self.lanes.iter().flat_map(BTreeMap::values).filter_map(|entry| entry.not_before);
        waits.min().map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: Kind, created: u64) -> Key {
        let mut items = Tally::default();
        items.add(kind, 1);
        Key::new(&items, created, 7)
    }
    fn entry() -> Entry {
        Entry::new(10, Tally::OTHER, None)
    }

    #[test]
    fn names_are_read_as_they_were_written() {
        let key = key(Kind::Transaction, 0x5_f00d);
        assert_eq!(key.to_string(), "5-000000000005f00d-7");
        assert_eq!("5-000000000005f00d-7".parse(), Ok(key));
        for wrong in ["", "lock", "8-0-0", "1-x-0", "1-2"] {
            assert_eq!(wrong.parse::<Key>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn errors_go_before_transactions_and_each_kind_oldest_first() {
        let (mut index, now) = (Index::default(), Instant::now());
        for (kind, created) in [(Kind::Transaction, 1), (Kind::Event, 9), (Kind::Event, 3), (Kind::CheckIn, 5)] {
            index.insert(key(kind, created), entry());
        }
        let mut order = Vec::new();
        while let Some(key) = index.eligible(now, u64::MAX, |_| false) {
            index.take(key);
            order.push(key);
        }
        let expected = [(Kind::CheckIn, 5), (Kind::Event, 3), (Kind::Event, 9), (Kind::Transaction, 1)];
        assert_eq!(order, expected.map(|(kind, created)| key(kind, created)));
        assert!(index.is_empty() && index.bytes() == 0);
    }

    #[test]
    fn the_oldest_makes_room_whatever_it_is() {
        let mut index = Index::default();
        for (kind, created) in [(Kind::Transaction, 2), (Kind::Event, 1), (Kind::Event, 3)] {
            index.insert(key(kind, created), entry());
        }
        assert_eq!(index.evict().map(|(key, _)| key), Some(key(Kind::Event, 1)));
        assert_eq!(index.evict().map(|(key, _)| key), Some(key(Kind::Transaction, 2)));
        assert_eq!(index.bytes(), 10);
    }

    #[test]
    fn what_is_limited_waits_and_others_go() {
        let (mut index, now) = (Index::default(), Instant::now());
        index.insert(key(Kind::Event, 1), entry());
        index.insert(key(Kind::Transaction, 1), entry());
        assert_eq!(index.eligible(now, u64::MAX, |kind| kind == Kind::Event), Some(key(Kind::Transaction, 1)));
        assert_eq!(index.eligible(now, u64::MAX, |_| true), None);
    }

    #[test]
    fn one_that_fails_while_others_are_taken_is_given_up_and_one_that_fails_with_all_others_is_not() {
        let (mut index, now) = (Index::default(), Instant::now());
        let bad = key(Kind::Event, 1);
        index.insert(bad, entry());
        for _ in 0..50 {
            let entry = index.take(bad).unwrap();
            assert!(index.failed(bad, entry, true, now).is_none());
        }
        let mut tries = 0;
        while let Some(entry) = index.take(bad) {
            index.succeeded();
            tries += 1;
            index.failed(bad, entry, true, now);
        }
        assert_eq!(tries, STRIKES);
    }
}
