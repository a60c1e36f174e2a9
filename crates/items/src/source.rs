//! Where a file's bytes come from, and the text they make.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::{ReaderError, SourceError};

/// How large a file may be, decompressed; AWS's limit (developer guide, "ItemReader").
pub const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024 * 1024;

/// Bytes asked for at a time: a thousand requests for a gigabyte, and little to hold.
pub(crate) const CHUNK_BYTES: usize = 1024 * 1024;

const GZIP_MAGIC: &[u8] = &[0x1F, 0x8B];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A file of known length, read anywhere: the runtime implements it with ranged requests.
///
/// What is read must not change while a dataset is read, nor between a position and its use: pin the object's version.
pub trait Source: Send {
    /// Bytes in the file.
    fn len(&self) -> u64;

    /// Some of the `bytes` bytes from there: at least one, but at the end.
    ///
    /// # Errors
    /// In the words of the service that has the file.
    fn read(&mut self, at: u64, bytes: usize) -> Result<Bytes, SourceError>;

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A file in memory.
impl Source for Bytes {
    fn len(&self) -> u64 {
        Bytes::len(self) as u64
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Bytes, SourceError> {
        let start = usize::try_from(at).map_or(Bytes::len(self), |at| at.min(Bytes::len(self)));
        let end = start.saturating_add(bytes).min(Bytes::len(self));
        Ok(self.slice(start..end))
    }
}

/// All of the bytes from there, or as many as there are.
pub(crate) fn read_fully(
    source: &mut dyn Source,
    at: u64,
    bytes: usize,
) -> Result<Bytes, SourceError> {
    let first = source.read(at, bytes)?;
    if first.is_empty() || first.len() >= bytes {
        return Ok(first);
    }
    let mut read = first.to_vec();
    while read.len() < bytes {
        let more = source.read(at + read.len() as u64, bytes - read.len())?;
        if more.is_empty() {
            break;
        }
        read.extend_from_slice(&more);
    }
    Ok(read.into())
}

/// A file as text: decompressed, without byte order mark, with a window over what is not used yet.
pub(crate) struct Text {
    stream: Stream,
    window: Vec<u8>,
    used: usize,
    at: u64,
    ended: bool,
    bytes_max: u64,
}

impl Text {
    /// # Errors
    /// If the file can't be read, decompressed, or is too large.
    pub(crate) fn open(source: Box<dyn Source>) -> Result<Self, ReaderError> {
        Self::open_bounded(source, FILE_BYTES_MAX)
    }

    fn open_bounded(source: Box<dyn Source>, bytes_max: u64) -> Result<Self, ReaderError> {
        if source.len() > bytes_max {
            return Err(ReaderError::FileTooLarge(bytes_max));
        }
        let mut text = Self {
            bytes_max,
            stream: Stream::open(source)?,
            window: Vec::new(),
            used: 0,
            at: 0,
            ended: false,
        };
        while text.window().len() < BYTE_ORDER_MARK.len() && text.more()? {}
        if text.window().starts_with(BYTE_ORDER_MARK) {
            text.take(BYTE_ORDER_MARK.len());
        }
        Ok(text)
    }

    /// How many bytes of the text lie before the window.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// What is at hand and not used.
    pub(crate) fn window(&self) -> &[u8] {
        self.window.get(self.used..).unwrap_or_default()
    }

    /// Whether all the rest is at hand.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Marks the window's first bytes as used.
    pub(crate) fn take(&mut self, bytes: usize) {
        let bytes = bytes.min(self.window.len() - self.used);
        self.used += bytes;
        self.at += bytes as u64;
    }

    /// Widens the window; false if all is at hand.
    pub(crate) fn more(&mut self) -> Result<bool, ReaderError> {
        if self.ended {
            return Ok(false);
        }
        self.window.drain(..self.used);
        self.used = 0;
        self.ended = !self.stream.append_to(&mut self.window)?;
        if self.at + self.window.len() as u64 > self.bytes_max {
            return Err(ReaderError::FileTooLarge(self.bytes_max));
        }
        Ok(!self.ended)
    }

    /// The next byte, left where it is.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, ReaderError> {
        while self.window().is_empty() {
            if !self.more()? {
                return Ok(None);
            }
        }
        Ok(self.window().first().copied())
    }

    /// Goes on from there; a compressed file is decompressed up to it.
    pub(crate) fn seek(&mut self, at: u64) -> Result<(), ReaderError> {
        if at < self.at || matches!(self.stream, Stream::Plain(_)) {
            self.window.clear();
            self.used = 0;
            self.ended = false;
            self.at = self.stream.rewind(at)?;
        }
        while self.at < at {
            let missing = usize::try_from(at - self.at).unwrap_or(usize::MAX);
            if self.window().is_empty() && !self.more()? {
                return Err(ReaderError::Position);
            }
            self.take(missing.min(self.window().len()));
        }
        Ok(())
    }
}

enum Stream {
    Plain(Cursor),
    Gzip(Box<MultiGzDecoder<Cursor>>),
    Zstd(Box<Zstd>),
}

impl Stream {
    /// The first bytes say how the file is compressed: no text begins with a magic number.
    // DIVERGENCE: on AWS the name says so (`.gz`, `.zstd`).
    fn open(mut source: Box<dyn Source>) -> Result<Self, ReaderError> {
        let start = read_fully(&mut *source, 0, ZSTD_MAGIC.len())?;
        if start.starts_with(GZIP_MAGIC) {
            Ok(Self::Gzip(Box::new(MultiGzDecoder::new(Cursor::new(
                source,
            )))))
        } else if start.starts_with(ZSTD_MAGIC) {
            Ok(Self::Zstd(Box::new(Zstd::new(Cursor::new(source)))))
        } else {
            Ok(Self::Plain(Cursor::new(source)))
        }
    }

    /// Appends a chunk; false if there was nothing left.
    fn append_to(&mut self, window: &mut Vec<u8>) -> Result<bool, ReaderError> {
        match self {
            Self::Plain(cursor) => {
                let chunk = cursor.chunk()?;
                window.extend_from_slice(&chunk);
                Ok(!chunk.is_empty())
            }
            Self::Gzip(decoder) => append_from(&mut **decoder, window)
                .map_err(|error| decoder.get_mut().explain(&error)),
            Self::Zstd(decoder) => {
                append_from(&mut **decoder, window).map_err(|error| decoder.cursor.explain(&error))
            }
        }
    }

    /// As near before that offset as it gets.
    fn rewind(&mut self, at: u64) -> Result<u64, ReaderError> {
        match self {
            Self::Plain(cursor) => {
                if at > cursor.source.len() {
                    return Err(ReaderError::Position);
                }
                cursor.go_to(at);
                return Ok(at);
            }
            Self::Gzip(decoder) => {
                let mut cursor =
                    std::mem::replace(decoder.get_mut(), Cursor::new(Box::new(Bytes::new())));
                cursor.go_to(0);
                **decoder = MultiGzDecoder::new(cursor);
            }
            Self::Zstd(decoder) => decoder.rewind(),
        }
        Ok(0)
    }
}

/// The content of GZIP members or ZSTD frames; more than `bytes_max` bytes may be left out.
pub(crate) fn decompress(body: Bytes, bytes_max: usize) -> Result<Vec<u8>, ReaderError> {
    let mut stream = Stream::open(Box::new(body))?;
    let mut content = Vec::new();
    while content.len() <= bytes_max && stream.append_to(&mut content)? {}
    Ok(content)
}

fn append_from(decoder: &mut impl Read, window: &mut Vec<u8>) -> io::Result<bool> {
    Ok(decoder.take(CHUNK_BYTES as u64).read_to_end(window)? > 0)
}

/// A source read from front to back.
struct Cursor {
    source: Box<dyn Source>,
    at: u64,
    chunk: Bytes,
    failure: Option<SourceError>,
}

impl Cursor {
    fn new(source: Box<dyn Source>) -> Self {
        Self {
            source,
            at: 0,
            chunk: Bytes::new(),
            failure: None,
        }
    }

    fn go_to(&mut self, at: u64) {
        self.at = at;
        self.chunk = Bytes::new();
    }

    fn chunk(&mut self) -> Result<Bytes, SourceError> {
        let chunk = self.source.read(self.at, CHUNK_BYTES)?;
        if chunk.is_empty() && self.at < self.source.len() {
            return Err(SourceError(format!("the file ends at byte {}", self.at)));
        }
        self.at += chunk.len() as u64;
        Ok(chunk)
    }

    /// Has a chunk at hand, unless all are used.
    fn fill(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            self.chunk = self.chunk().map_err(|error| {
                self.failure = Some(error.clone());
                io::Error::other(error)
            })?;
        }
        Ok(())
    }

    /// A decoder's error, unless the source was the cause: decoders hand on its error as they like.
    fn explain(&mut self, error: &io::Error) -> ReaderError {
        match self.failure.take() {
            Some(failure) => ReaderError::Source(failure),
            None => ReaderError::Compression(error.to_string()),
        }
    }
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let bytes = buffer.len().min(self.chunk.len());
        if let Some(buffer) = buffer.get_mut(..bytes) {
            self.chunk.copy_to_slice(buffer);
        }
        Ok(bytes)
    }
}

/// Frame after frame; a frame's window is bounded by the decoder (128 MiB, as zstd's own tool).
struct Zstd {
    cursor: Cursor,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl Zstd {
    fn new(cursor: Cursor) -> Self {
        Self {
            cursor,
            decoder: FrameDecoder::new(),
            in_frame: false,
        }
    }

    fn rewind(&mut self) {
        self.cursor.go_to(0);
        self.decoder = FrameDecoder::new();
        self.in_frame = false;
    }

    /// Enters the next frame with content; false at the end of the file.
    fn enter(&mut self) -> io::Result<bool> {
        loop {
            self.cursor.fill()?;
            if self.cursor.chunk.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.cursor) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(
                        &mut (&mut self.cursor).take(u64::from(length)),
                        &mut io::sink(),
                    )?;
                }
                Err(error) => return Err(io::Error::other(error.to_string())),
            }
        }
    }
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.enter()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            let bytes = self.decoder.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            if self.decoder.is_finished() {
                self.in_frame = false;
                continue;
            }
            self.decoder
                .decode_blocks(&mut self.cursor, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|error| io::Error::other(error.to_string()))?;
        }
    }
}

#[cfg(test)]
mod tests;
