//! `aws-chunked` bodies: `size[;chunk-signature=…]\r\n` data `\r\n` … `0\r\n` trailers `\r\n`.
//!
//! The signatures of chunks are not checked, as the request's own is not: any credentials pass. Sizes, the declared
//! length and the trailers are.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use aws::BodyError;
use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// A chunk's head is a number and a signature, some 90 bytes; a trailer is a checksum or a signature.
const LINE_BYTES_MAX: usize = 4096;
const TRAILERS_MAX: usize = 16;

/// Why a body is not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChunkedError {
    #[error("the chunked body is malformed")]
    Malformed,
    #[error("the chunked body ends early or has another length than declared")]
    Incomplete,
}

/// The headers that come behind the body; empty until it has been read.
pub(crate) type Trailers = Arc<Mutex<HeaderMap>>;

#[derive(Debug)]
enum Expect {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    Nothing,
}

/// The decoder without its IO: bytes in by `push`, data out by `next`.
#[derive(Debug)]
struct Decoder {
    expect: Expect,
    waiting: BytesMut,
    trailers: HeaderMap,
    decoded: u64,
    declared: u64,
}

enum Next {
    Data(Bytes),
    More,
    End,
}

impl Decoder {
    fn new(declared: u64) -> Self {
        Self {
            expect: Expect::Size,
            waiting: BytesMut::new(),
            trailers: HeaderMap::new(),
            decoded: 0,
            declared,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    fn line(&mut self) -> Result<Option<Bytes>, ChunkedError> {
        let searched = self.waiting.len().min(LINE_BYTES_MAX);
        match self.waiting[..searched]
            .windows(2)
            .position(|w| w == b"\r\n")
        {
            Some(end) => {
                let line = self.waiting.split_to(end).freeze();
                self.waiting.advance(2);
                Ok(Some(line))
            }
            None if searched == LINE_BYTES_MAX => Err(ChunkedError::Malformed),
            None => Ok(None),
        }
    }

    fn next(&mut self) -> Result<Next, ChunkedError> {
        loop {
            match self.expect {
                Expect::Size => {
                    let Some(line) = self.line()? else {
                        return Ok(Next::More);
                    };
                    let size = chunk_size(&line).ok_or(ChunkedError::Malformed)?;
                    self.decoded = self
                        .decoded
                        .checked_add(size)
                        .filter(|decoded| *decoded <= self.declared)
                        .ok_or(ChunkedError::Incomplete)?;
                    self.expect = match size {
                        0 => Expect::Trailer,
                        size => Expect::Data(size),
                    };
                }
                Expect::Data(left) => {
                    if self.waiting.is_empty() {
                        return Ok(Next::More);
                    }
                    let here = self
                        .waiting
                        .len()
                        .min(usize::try_from(left).unwrap_or(usize::MAX));
                    let data = self.waiting.split_to(here).freeze();
                    self.expect = match left - here as u64 {
                        0 => Expect::DataEnd,
                        left => Expect::Data(left),
                    };
                    return Ok(Next::Data(data));
                }
                Expect::DataEnd => {
                    if self.waiting.len() < 2 {
                        return Ok(Next::More);
                    }
                    if !self.waiting.starts_with(b"\r\n") {
                        return Err(ChunkedError::Malformed);
                    }
                    self.waiting.advance(2);
                    self.expect = Expect::Size;
                }
                Expect::Trailer => {
                    let Some(line) = self.line()? else {
                        return Ok(Next::More);
                    };
                    if line.is_empty() {
                        self.expect = Expect::Nothing;
                    } else {
                        self.trailer(&line)?;
                    }
                }
                Expect::Nothing => {
                    return if self.decoded == self.declared {
                        Ok(Next::End)
                    } else {
                        Err(ChunkedError::Incomplete)
                    };
                }
            }
        }
    }

    fn trailer(&mut self, line: &[u8]) -> Result<(), ChunkedError> {
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .ok_or(ChunkedError::Malformed)?;
        let name = http::HeaderName::from_bytes(line[..colon].trim_ascii());
        // Some clients end a trailer's value with a bare line feed.
        let value = http::HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(ChunkedError::Malformed);
        };
        if self.trailers.len() >= TRAILERS_MAX {
            return Err(ChunkedError::Malformed);
        }
        self.trailers.insert(name, value);
        Ok(())
    }

    /// The connection has no more bytes: whether that is a fair end. The empty line after the last trailer is left
    /// out by some clients.
    fn close(&mut self) -> Result<(), ChunkedError> {
        match self.expect {
            Expect::Trailer if self.decoded == self.declared => {
                let rest = self.waiting.split();
                if rest.trim_ascii().is_empty() {
                    Ok(())
                } else {
                    self.trailer(rest.trim_ascii())
                }
            }
            Expect::Nothing if self.decoded == self.declared => Ok(()),
            Expect::Size
            | Expect::Data(_)
            | Expect::DataEnd
            | Expect::Trailer
            | Expect::Nothing => Err(ChunkedError::Incomplete),
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let number = line.split(|byte| *byte == b';').next()?.trim_ascii();
    if number.is_empty() || number.len() > 16 || !number.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(number).ok()?, 16).ok()
}

/// A body with its chunk framing taken off.
pub(crate) struct Decoded {
    inner: aws::Body,
    decoder: Decoder,
    trailers: Trailers,
    ended: bool,
}

impl Decoded {
    /// The data in `inner`, `declared` bytes by `x-amz-decoded-content-length`; trailers go to `trailers`.
    pub(crate) fn new(inner: aws::Body, declared: u64, trailers: Trailers) -> Self {
        Self {
            inner,
            decoder: Decoder::new(declared),
            trailers,
            ended: false,
        }
    }

    fn end(&mut self) {
        self.ended = true;
        let trailers = std::mem::take(&mut self.decoder.trailers);
        *self
            .trailers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = trailers;
    }
}

impl Body for Decoded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        loop {
            match this.decoder.next() {
                Ok(Next::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(Next::More) => {}
                Ok(Next::End) => {
                    this.end();
                    return Poll::Ready(None);
                }
                Err(error) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        this.decoder.push(&data);
                    }
                }
                Some(Err(error)) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let closed = this.decoder.close();
                    this.end();
                    return Poll::Ready(closed.err().map(|error| Err(error.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `wire` cut into pieces of `step` bytes.
    fn decode(
        wire: &[u8],
        declared: u64,
        step: usize,
    ) -> Result<(Vec<u8>, HeaderMap), ChunkedError> {
        let mut decoder = Decoder::new(declared);
        let mut data = Vec::new();
        for piece in wire.chunks(step) {
            decoder.push(piece);
            loop {
                match decoder.next()? {
                    Next::Data(bytes) => data.extend_from_slice(&bytes),
                    Next::More => break,
                    Next::End => return Ok((data, decoder.trailers)),
                }
            }
        }
        decoder.close()?;
        Ok((data, decoder.trailers))
    }

    const SIGNED: &[u8] = b"5;chunk-signature=ab12\r\nhello\r\n6;chunk-signature=cd34\r\n world\r\n0;chunk-signature=ef56\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:0011\r\n\r\n";

    #[test]
    fn data_and_trailers_come_out_however_the_bytes_are_cut() {
        for step in 1..SIGNED.len() {
            let (data, trailers) = decode(SIGNED, 11, step).expect("it is well formed");
            assert_eq!(data, b"hello world", "step {step}");
            assert_eq!(trailers["x-amz-checksum-crc32"], "DUoRhQ==", "step {step}");
        }
    }

    #[test]
    fn an_empty_body_is_one_last_chunk() {
        for wire in [&b"0\r\n\r\n"[..], b"0\r\n"] {
            assert_eq!(decode(wire, 0, 2).expect("it is well formed").0, b"");
        }
    }

    #[test]
    fn a_body_of_another_length_than_declared_is_incomplete() {
        for declared in [10, 12] {
            assert_eq!(decode(SIGNED, declared, 7), Err(ChunkedError::Incomplete));
        }
    }

    #[test]
    fn a_body_that_ends_early_is_incomplete() {
        let last_chunk = SIGNED.len() - b"0;chunk-signature=ef56\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:0011\r\n\r\n".len();
        for cut in 1..last_chunk {
            assert_eq!(
                decode(&SIGNED[..cut], 11, 3),
                Err(ChunkedError::Incomplete),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn what_is_no_chunk_is_malformed() {
        for wire in [
            &b"xyz\r\nhello\r\n"[..],
            b"-5\r\nhello\r\n",
            b"\r\n\r\n",
            b"5\r\nhelloXX0\r\n\r\n",
            b"0\r\nno colon\r\n\r\n",
        ] {
            assert_eq!(decode(wire, 5, 64), Err(ChunkedError::Malformed));
        }
        assert_eq!(decode(&[b'1'; 5000], 5, 64), Err(ChunkedError::Malformed));
    }
}
