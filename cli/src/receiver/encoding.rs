//! Bodies as they were before compression.

use std::fmt;
use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// More than this after decompression is an attack or a mistake; Sentry itself stops at 200 MiB an envelope.
const MAX_DECODED: u64 = 200 << 20;

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Undecodable {
    /// The encoding is not one of gzip, deflate and identity.
    Unsupported(String),
    /// The bytes are not what the encoding says, or too many.
    Broken(io::Error),
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(name) => write!(f, "content-encoding `{name}` is not supported: use gzip or deflate"),
            Self::Broken(error) => write!(f, "the body is not what its content-encoding says: {error}"),
        }
    }
}

/// Undoes the `content-encoding`.
pub(super) fn decode(body: Vec<u8>, encoding: &str) -> Result<Vec<u8>, Undecodable> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body.as_slice())),
        "deflate" => read(ZlibDecoder::new(body.as_slice())),
        other => Err(Undecodable::Unsupported(other.to_owned())),
    }
}

fn read(decoder: impl Read) -> Result<Vec<u8>, Undecodable> {
    let mut decoded = Vec::new();
    decoder.take(MAX_DECODED + 1).read_to_end(&mut decoded).map_err(Undecodable::Broken)?;
    if decoded.len() as u64 > MAX_DECODED {
        return Err(Undecodable::Broken(io::Error::other("more than 200 MiB after decompression")));
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn gzip_and_deflate_are_undone_and_the_rest_is_refused() {
        let text = b"barber ".repeat(50);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&text).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(&text).unwrap();
        assert_eq!(decode(gzip.finish().unwrap(), "GZIP").unwrap(), text);
        assert_eq!(decode(zlib.finish().unwrap(), "deflate").unwrap(), text);
        assert_eq!(decode(text.clone(), "").unwrap(), text);
        assert!(matches!(decode(text.clone(), "br"), Err(Undecodable::Unsupported(name)) if name == "br"));
        assert!(matches!(decode(text, "gzip"), Err(Undecodable::Broken(_))));
    }
}
