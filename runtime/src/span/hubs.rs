//! Whether the hub is still the one that the open calls belong to.

use sentry_core::Hub;

use super::state::{self, Local, identity};
use super::trace::Trace;

/// The identity of no hub: frames are open, and nobody has asked yet whether spans are wanted below.
pub(super) const NO_HUB: usize = 0;

/// Whether another hub was bound since the root of this thread was opened.
///
/// To ask sentry costs as much as the whole call. Nobody can have bound another hub as long as there is none; and where hubs
/// are seen to be bound between our calls, each call asks. So do the first calls of a thread's first roots and of each 16th, and
/// each 64th call, for the sake of hubs that were made long before.
#[inline]
pub(super) fn other_hub(local: &Local) -> bool {
    !trusts_hub(local) && check_hub(local)
}

/// Whether the hub need not be asked.
#[inline(always)]
pub(super) fn trusts_hub(local: &Local) -> bool {
    let trusted = local.trusted.get();
    let same =
        trusted > 0 && local.trace.try_borrow().is_ok_and(|trace| trace.as_deref().is_some_and(Trace::same_hubs));
    if same {
        local.trusted.set(trusted - 1);
    }
    same
}

/// A root was opened on this thread, and its hub is the current one.
pub(super) fn begin_root(local: &Local) {
    let roots = local.roots.get().wrapping_add(1);
    local.roots.set(roots);
    let asks = asks(roots, state::hubs_are_bound());
    local.asked.set(if asks { 0 } else { FIRST_CALLS });
    local.trusted.set(if asks { 0 } else { TRUSTED_CALLS });
}

/// Whether the first calls below this one of a thread's roots ask.
fn asks(root: u32, hubs_are_bound: bool) -> bool {
    hubs_are_bound || root <= FIRST_ROOTS || root.is_multiple_of(ASKING_ROOTS)
}

/// Of how many roots of a thread the first calls ask, and of which ones after these.
const FIRST_ROOTS: u32 = 64;
const ASKING_ROOTS: u32 = 16;
/// How many calls ask before anything is taken on trust, and how many may then pass without.
const FIRST_CALLS: u32 = 16;
const TRUSTED_CALLS: u32 = 63;

#[cold]
#[inline(never)]
pub(super) fn check_hub(local: &Local) -> bool {
    local.settle();
    let asked = local.asked.get().saturating_add(1);
    local.asked.set(asked);
    let other = identity(&Hub::current()) != local.hub.get();
    if other {
        state::note_bound_hub();
    }
    let trust = asked >= FIRST_CALLS && !state::hubs_are_bound();
    local.trusted.set(if trust { TRUSTED_CALLS } else { 0 });
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_roots_ask_and_then_each_16th() {
        let asking: Vec<u32> = (1..=100).filter(|root| asks(*root, false)).collect();
        assert_eq!(asking, (1..=64).chain([80, 96]).collect::<Vec<_>>());
        assert!(asks(65, true), "where hubs are bound between calls, each root does");
    }
}
