//! Schedules of five fields: minute, hour, day of the month, month, day of the week.

use crate::errors::list;

/// One field: its name, the numbers it takes, and the names that stand for them from the first on.
struct Part {
    name: &'static str,
    first: u8,
    last: u8,
    names: &'static [&'static str],
}

const PARTS: [Part; 5] = [
    Part { name: "minute", first: 0, last: 59, names: &[] },
    Part { name: "hour", first: 0, last: 23, names: &[] },
    Part { name: "day of the month", first: 1, last: 31, names: &[] },
    Part {
        name: "month",
        first: 1,
        last: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Part { name: "day of the week", first: 0, last: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const NICKNAMES: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// What is wrong with a schedule, if anything is.
pub(crate) fn check(schedule: &str) -> Result<(), String> {
    if let Some((_, same)) = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(schedule.trim())) {
        return Err(format!("a schedule has five fields; write `{same}` for `{}`", schedule.trim()));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() == 6 || fields.len() == 7 {
        let five = list(&fields[1..6], " ");
        let seconds = if fields.len() == 7 { "seconds and years" } else { "seconds" };
        return Err(match checked(&fields[1..6]) {
            Ok(()) => format!("a schedule has five fields, and no {seconds}; write `{five}`"),
            Err(_) => format!(
                "a schedule has five fields, not {}: minute, hour, day of the month, month, day of the week",
                fields.len()
            ),
        });
    }
    if fields.len() != 5 {
        let count = fields.len();
        return Err(format!(
            "a schedule has five fields, not {count}: minute, hour, day of the month, month, day of the week, as in `0 3 * * *`"
        ));
    }
    checked(&fields)
}

fn checked(fields: &[&str]) -> Result<(), String> {
    let mut days = 0;
    let mut longest = 0;
    for (part, field) in PARTS.iter().zip(fields) {
        let taken = part.check(field)?;
        match part.name {
            "day of the month" => days = taken,
            "month" => longest = longest_of(taken),
            _ => {}
        }
    }
    // Where a day of the week is named as well, either is enough.
    if fields[4] == "*" && days.trailing_zeros() > longest {
        return Err(format!(
            "this schedule never comes: the month `{}` has no day `{}`; `28` is a day of each month",
            fields[3], fields[2]
        ));
    }
    Ok(())
}

/// The most days that one of these months ever has.
fn longest_of(months: u64) -> u32 {
    const FEBRUARY: u64 = 1 << 2;
    const OF_30: u64 = 1 << 4 | 1 << 6 | 1 << 9 | 1 << 11;
    if months & !FEBRUARY == 0 {
        29
    } else if months & !FEBRUARY & !OF_30 == 0 {
        30
    } else {
        31
    }
}

impl Part {
    /// The numbers that a field names, as bits.
    fn check(&self, field: &str) -> Result<u64, String> {
        let mut taken = 0;
        for item in field.split(',') {
            taken |= self.check_item(item, field)?;
        }
        Ok(taken)
    }

    fn check_item(&self, item: &str, field: &str) -> Result<u64, String> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let steps = match step {
            None => 1,
            Some(step) => digits(step).filter(|steps| (1..=self.last).contains(steps)).ok_or_else(|| {
                format!("`{step}` is no step for the {} `{field}`; a step is 1 to {}", self.name, self.last)
            })?,
        };
        let (from, to) = match range.split_once('-') {
            None if range == "*" => (self.first, self.last),
            None => {
                let from = self.number(range, field)?;
                (from, if step.is_some() { self.last } else { from })
            }
            Some((from, to)) => {
                let (first, last) = (self.number(from, field)?, self.number(to, field)?);
                if first > last {
                    return Err(format!(
                        "the {} `{range}` goes backwards; write `{to}-{from}`, or two ranges with a comma",
                        self.name
                    ));
                }
                (first, last)
            }
        };
        let (mut taken, mut number) = (0, from);
        while number <= to {
            taken |= 1 << number;
            number += steps;
        }
        Ok(taken)
    }

    fn number(&self, text: &str, field: &str) -> Result<u8, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        if let Some(index) = named.and_then(|index| u8::try_from(index).ok()) {
            return Ok(self.first + index);
        }
        // `monday`
        if let Some(short) = self.names.iter().find(|name| {
            let begins = text.get(..name.len()).is_some_and(|begun| begun.eq_ignore_ascii_case(name));
            begins && text.chars().all(char::is_alphabetic)
        }) {
            return Err(format!("names have three letters here; write `{short}` for `{text}`"));
        }
        let number = digits(text).filter(|number| (self.first..=self.last).contains(number));
        number.ok_or_else(|| {
            let what = match text {
                "" => format!("a number is missing in the {} `{field}`", self.name),
                _ if text == field => format!("`{text}` is no {}", self.name),
                _ => format!("`{text}` in `{field}` is no {}", self.name),
            };
            let names = match self.names {
                [first, .., last] => format!(", or `{first}` to `{last}`"),
                _ => String::new(),
            };
            format!("{what}; it takes {} to {}{names}, `*`, `a-b`, `*/n` and lists of them", self.first, self.last)
        })
    }
}

/// A number without a sign.
fn digits(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn five_fields_are_taken() {
        for schedule in [
            "* * * * *",
            "0 3 * * *",
            " */5  9-17 * * mon-fri ",
            "0,30 0-23/2 1,15 JAN,jul SUN",
            "59 23 31 12 7",
            "5/15 * * * *",
            "0 0 29 2 *",
            "0 0 31 2,3 *",
            "0 0 30-31 feb mon",
            "0 0 */30 2 *",
        ] {
            assert_eq!(check(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn the_wrong_field_is_named() {
        for (schedule, named) in [
            ("60 * * * *", "`60` is no minute"),
            ("0 24 * * *", "`24` is no hour"),
            ("0 0 0 * *", "`0` is no day of the month"),
            ("0 0 * 13 *", "`13` is no month"),
            ("0 0 * * 8", "`8` is no day of the week"),
            ("0 0 * foo *", "`foo` is no month"),
            ("*/0 * * * *", "`0` is no step for the minute"),
            ("5-1 * * * *", "goes backwards"),
            ("1,,2 * * * *", "missing in the minute"),
            ("", "five fields, not 0"),
            ("* * * *", "five fields, not 4"),
            ("0 0 3 * * *", "write `0 3 * * *`"),
            ("0 0 3 * * * 2026", "write `0 3 * * *`"),
            ("@daily", "write `0 0 * * *`"),
            ("@Daily", "write `0 0 * * *`"),
            ("+5 * * * *", "`+5` is no minute"),
            ("*/+5 * * * *", "`+5` is no step for the minute"),
            ("0 0 * * monday", "write `mon` for `monday`"),
            ("0 0 * sept *", "write `sep` for `sept`"),
            ("0 0 30 2 *", "never comes: the month `2` has no day `30`"),
            ("0 0 31 4,jun,9-9,11 *", "never comes"),
            ("0 0 30/1 feb *", "never comes"),
        ] {
            let wrong = check(schedule).expect_err(schedule);
            assert!(wrong.contains(named), "{schedule}: {wrong}");
        }
    }
}
