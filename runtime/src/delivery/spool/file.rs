//! One envelope, one file: whole, or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::counts::Tally;
use super::super::losses::Loss;

/// What a file's first line says of the envelope after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Label {
    /// The form of the file.
    form: u8,
    /// The envelope's length and sum, by which one is told that the machine left unfinished.
    length: usize,
    sum: u64,
    /// What is in it.
    pub(super) items: Tally,
    /// What its loss would mean.
    pub(super) losses: Vec<Loss>,
}

const FORM: u8 = 1;

impl Label {
    pub(super) fn new(envelope: &[u8], items: Tally, losses: Vec<Loss>) -> Self {
        Self { form: FORM, length: envelope.len(), sum: sum(envelope), items, losses }
    }
}

/// Writes a file that is not there before it is whole; and its size.
pub(super) fn write(path: &Path, label: &Label, envelope: &[u8]) -> io::Result<u64> {
    let mut bytes = serde_json::to_vec(label)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(envelope);
    let unfinished = path.with_extension("new");
    let written = private().create(true).truncate(true).open(&unfinished).and_then(|mut file| file.write_all(&bytes));
    if let Err(error) = written.and_then(|()| fs::rename(&unfinished, path)) {
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    Ok(bytes.len() as u64)
}

/// The first line of a file, and the file's size. The envelope is looked at when it is read.
pub(super) fn label(path: &Path) -> io::Result<(Label, u64)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut line)?;
    let label: Label = serde_json::from_slice(&line).map_err(|_| ErrorKind::InvalidData)?;
    if label.form == FORM { Ok((label, bytes)) } else { Err(ErrorKind::InvalidData.into()) }
}

/// Reads a file; one that is not as it was written is an error of the kind `InvalidData`.
pub(super) fn read(path: &Path) -> io::Result<(Label, Vec<u8>)> {
    let mut bytes = fs::read(path)?;
    let end = bytes.iter().position(|b| *b == b'\n').ok_or(ErrorKind::InvalidData)?;
    let label: Label = serde_json::from_slice(&bytes[..end]).map_err(|_| ErrorKind::InvalidData)?;
    let envelope = bytes.split_off(end + 1);
    if label.form != FORM || label.length != envelope.len() || label.sum != sum(&envelope) {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok((label, envelope))
}

/// A file for our eyes alone: what is in it is redacted, and still nobody else's.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// FNV-1a: it tells accidents, not intent.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::counts::Kind;

    #[test]
    fn what_is_read_is_what_was_written_or_an_error() {
        let folder = std::env::temp_dir().join(format!("watchpost-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.env");
        let mut items = Tally::default();
        items.add(Kind::Log, 3);
        let label = Label::new(b"{}\n\0\xff", items, Vec::new());
        let size = write(&path, &label, b"{}\n\0\xff").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert_eq!(super::label(&path).unwrap(), (label.clone(), size));
        assert_eq!(read(&path).unwrap(), (label, b"{}\n\0\xff".to_vec()));
        let whole = fs::read(&path).unwrap();
        assert_eq!(whole.len() as u64, size);
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::InvalidData, "cut at {cut}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
