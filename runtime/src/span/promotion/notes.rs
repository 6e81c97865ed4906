//! The times of the calls that have ended below a root, as far back as anyone will ask.

use sentry_core::protocol::SpanStatus;

use super::super::clock::Instant;
use super::super::frame::{Frame, More};
use super::super::state::Mode;
use crate::CallSite;

/// How many of its ended calls a root remembers: the last.
pub(in crate::span) const KEPT: usize = 32;

/// One call that has ended: 40 bytes.
#[derive(Debug)]
pub(in crate::span) struct Note {
    pub(super) site: &'static CallSite,
    /// Of a span that was built at run time: its name.
    pub(super) more: Option<Box<More>>,
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// How many calls were open around it.
    pub(super) level: u32,
    pub(super) status: SpanStatus,
}

const _: () = assert!(size_of::<Note>() <= 40, "a root's notes are at most 1280 bytes");

/// The last calls that have ended; a ring, once it is full.
#[derive(Debug, Default)]
pub(in crate::span) struct Notes {
    /// Whether any are taken here at all.
    is_kept: bool,
    notes: Vec<Note>,
    /// Where the oldest stands, once there are [`KEPT`].
    oldest: usize,
    /// How many are no longer here.
    forgotten: u64,
}

impl Notes {
    /// None yet, where the mode is one that takes notes; with the room of others that are no longer needed.
    pub(in crate::span) fn begin(mut room: Self, mode: Mode) -> Self {
        room.clear();
        Self { is_kept: mode == Mode::Noted, ..room }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Keeps the times of a call that ends, and takes from its frame what is no longer needed there.
    #[inline(always)]
    pub(super) fn take(&mut self, frame: &mut Frame, level: u32, end: Instant, status: SpanStatus) {
        let more = frame.more.take().filter(|more| more.name.is_some());
        self.push(Note { site: frame.site, more, start: frame.start, end, level, status });
    }

    #[inline(always)]
    fn push(&mut self, note: Note) {
        if self.notes.len() < KEPT {
            if self.notes.capacity() == 0 {
                self.make_room();
            }
            self.notes.push(note);
        } else if let Some(oldest) = self.notes.get_mut(self.oldest) {
            *oldest = note;
            self.oldest = (self.oldest + 1) % KEPT;
            self.forgotten += 1;
        }
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        self.notes.reserve_exact(KEPT);
    }

    /// Takes those of another part of the same root, which have ended meanwhile.
    pub(in crate::span) fn append(&mut self, other: &mut Self) {
        self.forgotten += other.forgotten;
        other.notes.rotate_left(other.oldest);
        for note in other.notes.drain(..) {
            self.push(note);
        }
        other.clear();
    }

    pub(in crate::span) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Forgets everything, but keeps the room.
    pub(in crate::span) fn clear(&mut self) {
        self.notes.clear();
        (self.oldest, self.forgotten) = (0, 0);
    }

    /// In no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Kind;

    static SITE: CallSite = CallSite::new(Kind::SPAN, "call", "", "", "", 0);

    fn notes(levels: impl IntoIterator<Item = u32>) -> Notes {
        let mut notes = Notes::default();
        for level in levels {
            let (start, end, status) = (Instant::ZERO, Instant::ZERO, SpanStatus::Ok);
            notes.push(Note { site: &SITE, more: None, start, end, level, status });
        }
        notes
    }

    fn levels(notes: &Notes) -> Vec<u32> {
        let mut levels: Vec<u32> = notes.iter().map(|note| note.level).collect();
        levels.sort_unstable();
        levels
    }

    #[test]
    fn the_last_are_kept_and_the_others_counted() {
        let few = notes(0..5);
        assert_eq!((levels(&few), few.forgotten()), ((0..5).collect(), 0));
        let many = notes(0..100);
        assert_eq!((levels(&many), many.forgotten()), ((68..100).collect(), 68));
    }

    #[test]
    fn of_two_parts_the_last_of_both_are_kept() {
        let (mut here, mut there) = (notes(0..40), notes(40..80));
        here.append(&mut there);
        assert_eq!((levels(&here), here.forgotten()), ((48..80).collect(), 48));
        assert_eq!((there.is_empty(), there.forgotten()), (true, 0));
        here.append(&mut notes(80..81));
        assert_eq!((levels(&here), here.forgotten()), ((49..81).collect(), 49));
    }

    #[test]
    fn the_room_is_kept_when_all_is_forgotten() {
        let mut notes = notes(0..100);
        let room = notes.notes.capacity();
        notes.clear();
        assert_eq!((notes.is_empty(), notes.forgotten(), notes.notes.capacity()), (true, 0, room));
    }
}
