//! The word that was probably meant.

/// The nearest of `words` to a misspelt one, if it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    // Whoever stops in the middle of a word means that word.
    if word.len() >= 2
        && let Some(begun) = words.iter().find(|known| known.starts_with(word))
    {
        return Some(begun);
    }
    let limit = if word.chars().count() <= 3 { 1 } else { 2 };
    let mut near = None;
    let mut far = limit + 1;
    for known in words {
        let distance = distance(word, known);
        if distance < far {
            (near, far) = (Some(*known), distance);
        }
    }
    near
}

/// Letters to add, drop, change or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut first = Vec::with_capacity(b.len() + 1);
    for j in 0..=b.len() {
        first.push(j);
    }
    let mut rows = vec![first];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances() {
        assert_eq!(distance("slow", "slow"), 0);
        assert_eq!(distance("solw", "slow"), 1);
        assert_eq!(distance("categroy", "category"), 1);
        assert_eq!(distance("", "op"), 2);
        assert_eq!(distance("feilds", "tags"), 5);
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let words = ["op", "slow", "fields", "metric"];
        assert_eq!(nearest("field", &words), Some("fields"));
        assert_eq!(nearest("opp", &words), Some("op"));
        assert_eq!(nearest("met", &words), Some("metric"));
        assert_eq!(nearest("colour", &words), None);
    }
}
