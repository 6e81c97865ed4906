//! SipHash-2-4 with 128 bits: a keyed hash of short texts.
//!
//! A hash of ours must stay equal between processes, releases and compilers, and must not be found by trying words without the
//! key. The standard library's hasher promises neither the algorithm nor 128 bits, and a crate would be larger than this file.
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", and the authors' test vectors.

/// The 128-bit hash of `text` under `key`.
pub(super) fn siphash(key: [u64; 2], text: &[u8]) -> [u8; 16] {
    let mut state = State([
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ]);
    let mut words = text.chunks_exact(8);
    for word in &mut words {
        state.absorb(word.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)));
    }
    let last = words.remainder().iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    state.absorb((text.len() as u64) << 56 | last);

    let mut hash = [0; 16];
    state.0[2] ^= 0xee;
    hash[..8].copy_from_slice(&state.squeeze());
    state.0[1] ^= 0xdd;
    hash[8..].copy_from_slice(&state.squeeze());
    hash
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    fn squeeze(&mut self) -> [u8; 8] {
        for _ in 0..4 {
            self.round();
        }
        let [a, b, c, d] = self.0;
        (a ^ b ^ c ^ d).to_le_bytes()
    }

    fn round(&mut self) {
        let [a, b, c, d] = &mut self.0;
        *a = a.wrapping_add(*b);
        *c = c.wrapping_add(*d);
        *b = b.rotate_left(13) ^ *a;
        *d = d.rotate_left(16) ^ *c;
        *a = a.rotate_left(32).wrapping_add(*d);
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *d = d.rotate_left(21) ^ *a;
        *c = c.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::siphash;

    /// The first, ninth and sixteenth of the authors' vectors: key 00 01 .. 0f, text 00 01 .. of the length.
    #[test]
    fn the_authors_vectors() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let text: Vec<u8> = (0..64).collect();
        let hex = |hash: [u8; 16]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(siphash(key, &text[..0])), "a3817f04ba25a8e66df67214c7550293");
        assert_eq!(hex(siphash(key, &text[..1])), "da87c1d86b99af44347659119b22fc45");
        assert_eq!(hex(siphash(key, &text[..8])), "3b62a9ba6258f5610f83e264f31497b4");
        assert_eq!(hex(siphash(key, &text[..15])), "5493e99933b0a8117e08ec0f97cfc3d9");
    }
}
