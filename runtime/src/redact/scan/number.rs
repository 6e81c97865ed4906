//! Numbers that are secret: payment cards, bank accounts (IBAN), US social security numbers.
//!
//! A number of the right length is not enough: order numbers, ids and timestamps must stay readable. A card's issuer, length, grouping
//! and Luhn sum must be right, an IBAN's country, length and remainder (ISO 13616), a social security number's grouping and ranges.

use super::before;

/// What begins with the digit at `at` (an IBAN two letters before it), else where to go on.
pub(super) fn at(bytes: &[u8], at: usize, floor: usize) -> Result<(usize, usize), usize> {
    match before(bytes, at, floor) {
        Some(letter) if letter.is_ascii_alphabetic() => {
            return iban(bytes, at, floor).ok_or_else(|| digits_end(bytes, at));
        }
        // Within a fraction, or within a longer number grouped by dashes.
        Some(b'.' | b'-') if at >= 2 && bytes[at - 2].is_ascii_digit() => return Err(digits_end(bytes, at)),
        _ => {}
    }
    let end = digits_end(bytes, at);
    match end - at {
        3 => ssn(bytes, at).map(|end| (at, end)).ok_or(end),
        4 | 6 | 8 if !goes_on(bytes, end) => Err(end),
        4 | 6 | 8 | 13..=19 => card(bytes, at).map(|end| (at, end)).ok_or(end),
        _ => Err(end),
    }
}

/// Whether the number is a card's by itself: for numbers that stand in no text.
pub(in crate::redact) fn is_card(number: u64) -> bool {
    const SMALLEST: u64 = 1_000_000_000_000;
    if number < SMALLEST {
        return false;
    }
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = number;
    while rest > 0 {
        first -= 1;
        digits[first] = (rest % 10) as u8;
        rest /= 10;
    }
    is_card_number(&digits[first..])
}

fn digits_end(bytes: &[u8], at: usize) -> usize {
    super::run(bytes, at, |byte| byte.is_ascii_digit())
}

/// Whether another group of a card's digits follows the one that ends at `end`.
fn goes_on(bytes: &[u8], end: usize) -> bool {
    matches!(bytes.get(end..end + 4), Some([b' ' | b'-', group @ ..]) if group.iter().all(u8::is_ascii_digit))
}

const CARD_DIGITS: usize = 19;

/// The end of the longest card number from `at` on: digits in a row, or in groups between single spaces or single dashes.
fn card(bytes: &[u8], at: usize) -> Option<usize> {
    let mut digits = [0; CARD_DIGITS];
    let mut count = 0;
    let mut pos = at;
    let mut separator = None;
    let mut longest = None;
    // Cards are written 4-4-4-4-3, 4-6-5, 4-6-4, 6-13, 8-8-3 or in one.
    for group in 0..5 {
        let begin = pos;
        while let Some(&digit) = bytes.get(pos).filter(|byte| byte.is_ascii_digit()) {
            *digits.get_mut(count)? = digit - b'0';
            count += 1;
            pos += 1;
            if count == CARD_DIGITS && bytes.get(pos).is_some_and(u8::is_ascii_digit) {
                return longest;
            }
        }
        if ends_number(bytes, pos, separator) && is_card_number(&digits[..count]) {
            longest = Some(pos);
        }
        let next = bytes.get(pos).copied();
        let goes_on = match (group, pos - begin) {
            (0, 4 | 6 | 8) => matches!(next, Some(b' ' | b'-')),
            (0, _) | (_, 0..=2) => false,
            _ => next == separator,
        };
        if !goes_on || count >= CARD_DIGITS || !bytes.get(pos + 1).is_some_and(u8::is_ascii_digit) {
            break;
        }
        separator = next;
        pos += 1;
    }
    longest
}

/// Whether a number may end at `pos`: not within a word, a fraction, or a longer number grouped by dashes.
fn ends_number(bytes: &[u8], pos: usize, separator: Option<u8>) -> bool {
    let digit_follows = bytes.get(pos + 1).is_some_and(u8::is_ascii_digit);
    match bytes.get(pos) {
        Some(b'.') => !digit_follows,
        Some(b'-') => !(digit_follows && separator != Some(b' ')),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether issuer, length and Luhn sum are those of a card.
fn is_card_number(digits: &[u8]) -> bool {
    is_issued(digits) && luhn(digits)
}

/// Whether the number begins as one of the card networks' does and has a length that the network uses.
fn is_issued(digits: &[u8]) -> bool {
    let lead = |length: usize| digits[..length].iter().fold(0_u32, |sum, &digit| sum * 10 + u32::from(digit));
    let length = digits.len();
    if length < 13 {
        return false;
    }
    match digits[0] {
        // Visa.
        4 => matches!(length, 13 | 16 | 19),
        // MasterCard; Maestro and others at 50, 56 to 58.
        5 => match lead(2) {
            51..=55 => length == 16,
            50 | 56..=58 => true,
            _ => false,
        },
        // MasterCard's second range, Mir.
        2 => matches!(lead(4), 2221..=2720) && length == 16 || matches!(lead(4), 2200..=2204) && length >= 16,
        3 => match lead(2) {
            // American Express.
            34 | 37 => length == 15,
            // Diners Club.
            36 | 38 | 39 => matches!(length, 14 | 16 | 19),
            30 => matches!(lead(3), 300..=305 | 309) && matches!(length, 14 | 16 | 19),
            // JCB.
            35 => matches!(lead(4), 3528..=3589) && length >= 16,
            _ => false,
        },
        // Discover, UnionPay, RuPay, Maestro, InstaPayment.
        6 => match lead(2) {
            60 | 62 | 64 | 65 => length >= 16,
            63 | 67..=69 => true,
            _ => false,
        },
        // RuPay.
        8 => matches!(lead(2), 81 | 82) && length == 16,
        // Troy.
        9 => lead(4) == 9792 && length == 16,
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit @ 0..5) => digit * 2,
            (_, digit) => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The end of `ddd-dd-dddd` from `at` on, if the parts are such as were issued.
fn ssn(bytes: &[u8], at: usize) -> Option<usize> {
    let number: &[u8; 11] = bytes.get(at..at + 11)?.try_into().ok()?;
    let [a, b, c, b'-', d, e, b'-', f, g, h, i] = *number else { return None };
    let digits = [a, b, c, d, e, f, g, h, i];
    let area = &digits[..3];
    let issued = area != b"000" && area != b"666" && a != b'9' && [d, e] != *b"00" && [f, g, h, i] != *b"0000";
    (digits.iter().all(u8::is_ascii_digit) && issued && ends_number(bytes, at + 11, None)).then_some(at + 11)
}

/// The IBAN whose check digits begin at `at`, with or without single spaces or dashes between its characters.
fn iban(bytes: &[u8], at: usize, floor: usize) -> Option<(usize, usize)> {
    let start = at.checked_sub(2).filter(|&start| start >= floor)?;
    let country = [bytes[start].to_ascii_uppercase(), bytes[start + 1].to_ascii_uppercase()];
    if !bytes.get(at + 1)?.is_ascii_digit() || !super::begins_word(bytes, start, floor) {
        return None;
    }
    let length = usize::from(IBAN_LENGTHS.iter().find(|(code, _)| **code == country)?.1);
    let mut characters = [0; 34];
    let mut count = 0;
    let mut pos = start;
    while count < length {
        let byte = *bytes.get(pos)?;
        if byte.is_ascii_alphanumeric() {
            characters[count] = byte.to_ascii_uppercase();
            count += 1;
        } else if !(matches!(byte, b' ' | b'-') && bytes[pos - 1].is_ascii_alphanumeric()) {
            return None;
        }
        pos += 1;
    }
    let characters = &characters[..length];
    let ends = !bytes.get(pos).is_some_and(u8::is_ascii_alphanumeric);
    // Words after a code such as `is24` are no account number even where the remainder happens to be right.
    let mostly_digits = characters.iter().filter(|byte| byte.is_ascii_digit()).count() * 2 > length;
    (ends && mostly_digits && mod_97(characters) == 1).then_some((start, pos))
}

/// The remainder of ISO 7064: the first four characters go to the end, letters count from 10.
fn mod_97(characters: &[u8]) -> u32 {
    let (head, account) = characters.split_at(4);
    account.iter().chain(head).fold(0, |rest, &byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

/// How long an IBAN is, by country: the registry of ISO 13616.
#[rustfmt::skip]
const IBAN_LENGTHS: &[(&[u8; 2], u8)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22), (b"BI", 27),
    (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28),
    (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27), (b"GB", 22), (b"GE", 22), (b"GI", 23),
    (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26),
    (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21),
    (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28),
    (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22),
    (b"RU", 33), (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25),
    (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];
