//! Fresh ids: UUIDs of version 7 (RFC 9562, section 5.7), 48 bits of the clock and 74 random ones.
//!
//! A request needs three. The kernel's random bytes are fetched for many at once, since a system call for each would cost
//! more than all the rest of it.

use std::cell::RefCell;

use uuid::{Builder, Uuid};

/// The random bytes of one id; its version and variant replace six bits of them.
const ID_BYTES: usize = 10;
/// Random bytes that a thread fetches at once.
const POOL_BYTES: usize = 64 * ID_BYTES;

struct Pool {
    bytes: [u8; POOL_BYTES],
    /// How many of them have been given out; none is given out twice.
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

impl Pool {
    /// `None` when the kernel has no random bytes to give.
    fn take(&mut self) -> Option<[u8; ID_BYTES]> {
        if self.used == POOL_BYTES {
            getrandom::fill(&mut self.bytes).ok()?;
            self.used = 0;
        }
        let taken = self.bytes[self.used..].first_chunk().copied()?;
        self.used += ID_BYTES;
        Some(taken)
    }
}

/// A fresh id.
#[must_use]
pub fn fresh() -> Uuid {
    let millis = u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or(0);
    match POOL.with_borrow_mut(Pool::take) {
        Some(random) => Builder::from_unix_timestamp_millis(millis, &random).into_uuid(),
        None => Uuid::now_v7(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_of_version_7_of_now_and_never_the_same() {
        let before = chrono::Utc::now().timestamp_millis().cast_unsigned();
        let made = || (0..500).map(|_| fresh()).collect::<Vec<_>>();
        let mut ids = made();
        ids.extend(std::thread::spawn(made).join().unwrap_or_default());
        let after = chrono::Utc::now().timestamp_millis().cast_unsigned();
        for id in &ids {
            let millis = u64::try_from(id.as_u128() >> 80).unwrap_or(0);
            assert!(id.get_version_num() == 7 && (before..=after).contains(&millis), "{id}");
        }
        // The random part alone tells them apart.
        let random: HashSet<u128> = ids.iter().map(|id| id.as_u128() << 48).collect();
        assert_eq!(random.len(), 1000);
    }
}
