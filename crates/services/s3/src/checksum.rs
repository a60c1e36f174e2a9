//! The digests that S3 knows: computed while bytes stream by, combined for multipart objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use serde::{Deserialize, Serialize};

/// A checksum algorithm of the `x-amz-checksum-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "CRC32")]
    Crc32,
    #[serde(rename = "CRC32C")]
    Crc32c,
    #[serde(rename = "CRC64NVME")]
    Crc64nvme,
    #[serde(rename = "SHA1")]
    Sha1,
    #[serde(rename = "SHA256")]
    Sha256,
}

/// Whether a multipart object's checksum covers its bytes or its parts' checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "FULL_OBJECT")]
    FullObject,
    #[serde(rename = "COMPOSITE")]
    Composite,
}

impl Kind {
    /// By AWS's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "FULL_OBJECT" => Some(Self::FullObject),
            "COMPOSITE" => Some(Self::Composite),
            _ => None,
        }
    }

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// By AWS's name, as in `x-amz-sdk-checksum-algorithm`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header or trailer that carries it.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The API model's member.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// What a multipart upload of this algorithm has unless it says otherwise.
    pub(crate) fn default_kind(self) -> Kind {
        match self {
            Self::Crc64nvme => Kind::FullObject,
            Self::Crc32 | Self::Crc32c | Self::Sha1 | Self::Sha256 => Kind::Composite,
        }
    }

    fn crc(self) -> Option<(crc_fast::CrcAlgorithm, usize)> {
        match self {
            Self::Crc32 => Some((crc_fast::CrcAlgorithm::Crc32IsoHdlc, 4)),
            Self::Crc32c => Some((crc_fast::CrcAlgorithm::Crc32Iscsi, 4)),
            Self::Crc64nvme => Some((crc_fast::CrcAlgorithm::Crc64Nvme, 8)),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Whether a whole object's checksum follows from its parts' ones.
    pub(crate) fn can_combine(self) -> bool {
        self.crc().is_some()
    }
}

/// A checksum with its algorithm; the value is base64, with `-N` behind a composite one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub algorithm: Algorithm,
    pub value: String,
}

/// Base64, as all of S3's headers want it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The checksum of the concatenation of parts, each given by its own checksum and length; none where the algorithm
/// is not a CRC or a value is no checksum of it.
pub(crate) fn combine(algorithm: Algorithm, parts: &[(&str, u64)]) -> Option<String> {
    let (crc, width) = algorithm.crc()?;
    let mut whole = 0u64;
    for (value, length) in parts {
        let bytes = BASE64.decode(value).ok().filter(|b| b.len() == width)?;
        let part = bytes
            .iter()
            .fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        whole = crc_fast::checksum_combine(crc, whole, part, *length);
    }
    Some(base64(&whole.to_be_bytes()[8 - width..]))
}

/// The checksum of the parts' checksums, `…-N`; none if a value is not base64.
pub(crate) fn compose(algorithm: Algorithm, parts: &[&str]) -> Option<String> {
    let mut hasher = Hasher::new(algorithm);
    for value in parts {
        hasher.update(&BASE64.decode(value).ok()?);
    }
    Some(format!("{}-{}", base64(&hasher.finish()), parts.len()))
}

/// The ETag of a multipart object: the MD5 of its parts' MD5s; none if an ETag is not an MD5.
pub(crate) fn multipart_etag<'a>(parts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut hasher = Md5::new();
    let mut count = 0usize;
    for etag in parts {
        hasher.update(&hex::decode(etag).ok()?);
        count += 1;
    }
    Some(format!("{}-{count}", hex::encode(hasher.finalize())))
}

/// The hexadecimal SHA-256 of some bytes.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::checksum(bytes))
}

enum Hasher {
    Crc32(Box<Crc32>),
    Crc32c(Box<Crc32c>),
    Crc64nvme(Box<Crc64Nvme>),
    Sha1(Box<Sha1>),
    Sha256(Box<Sha256>),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(Box::new(Crc32::new())),
            Algorithm::Crc32c => Self::Crc32c(Box::new(Crc32c::new())),
            Algorithm::Crc64nvme => Self::Crc64nvme(Box::new(Crc64Nvme::new())),
            Algorithm::Sha1 => Self::Sha1(Box::new(Sha1::new())),
            Algorithm::Sha256 => Self::Sha256(Box::new(Sha256::new())),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(hasher) => hasher.update(bytes),
            Self::Crc64nvme(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc32(hasher) => hasher.finalize().to_vec(),
            Self::Crc32c(hasher) => hasher.finalize().to_vec(),
            Self::Crc64nvme(hasher) => hasher.finalize().to_vec(),
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// All digests wanted of one stream; MD5 always.
pub(crate) struct Hashers {
    md5: Md5,
    others: Vec<(Algorithm, Hasher)>,
}

/// What [`Hashers`] found.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub md5: [u8; 16],
    others: Vec<(Algorithm, Vec<u8>)>,
}

impl Hashers {
    /// MD5 and each of the given ones once.
    pub(crate) fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut wanted: Vec<_> = algorithms.into_iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            md5: Md5::new(),
            others: wanted
                .into_iter()
                .map(|algorithm| (algorithm, Hasher::new(algorithm)))
                .collect(),
        }
    }

    /// More bytes of the stream.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        for (_, hasher) in &mut self.others {
            hasher.update(bytes);
        }
    }

    /// The digests of all that came.
    pub(crate) fn finish(self) -> Digests {
        Digests {
            md5: self.md5.finalize(),
            others: self
                .others
                .into_iter()
                .map(|(algorithm, hasher)| (algorithm, hasher.finish()))
                .collect(),
        }
    }
}

impl Digests {
    /// The ETag of an object or part in one piece.
    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }

    /// The raw digest, if it was computed.
    pub(crate) fn raw(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.others
            .iter()
            .find(|(found, _)| *found == algorithm)
            .map(|(_, digest)| digest.as_slice())
    }

    /// The digest in base64, if it was computed.
    pub(crate) fn value(&self, algorithm: Algorithm) -> Option<String> {
        self.raw(algorithm).map(base64)
    }

    /// All but MD5.
    pub(crate) fn checksums(&self) -> Vec<Checksum> {
        self.others
            .iter()
            .map(|(algorithm, digest)| Checksum {
                algorithm: *algorithm,
                value: base64(digest),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hashers = Hashers::new([algorithm]);
        hashers.update(bytes);
        hashers.finish().value(algorithm).expect("it was asked for")
    }

    #[test]
    fn the_check_values_of_the_algorithms_come_out() {
        // The published check values are those of the nine digits.
        for (algorithm, hex) in [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ] {
            let wanted = base64(&hex::decode(hex).expect("it is hex"));
            assert_eq!(digest(algorithm, b"123456789"), wanted, "{algorithm:?}");
        }
    }

    #[test]
    fn a_recorded_put_has_the_same_crc32() {
        // services/aws_sdk_task_service test_s3_put_object[str]
        assert_eq!(digest(Algorithm::Crc32, b"\"text data\""), "KUmHvQ==");
    }

    #[test]
    fn the_checksum_of_the_whole_follows_from_the_parts() {
        for algorithm in Algorithm::ALL.into_iter().filter(|a| a.can_combine()) {
            let (one, two, three) = (&b"12"[..], &b"3456"[..], &b"789"[..]);
            let parts = [one, two, three].map(|part| (digest(algorithm, part), part.len() as u64));
            let parts: Vec<_> = parts.iter().map(|(v, n)| (v.as_str(), *n)).collect();
            assert_eq!(
                combine(algorithm, &parts).expect("it is a CRC"),
                digest(algorithm, b"123456789"),
                "{algorithm:?}"
            );
        }
        assert_eq!(combine(Algorithm::Sha1, &[]), None);
    }

    #[test]
    fn a_multipart_etag_is_the_md5_of_md5s_with_the_count() {
        let part = "900150983cd24fb0d6963f7d28e17f72";
        let etag = multipart_etag([part, part].into_iter()).expect("they are MD5s");
        assert_eq!(etag, "043a916d6cfeecedf5e04f0312ba762d-2");
        assert_eq!(multipart_etag(["x"].into_iter()), None);
    }
}
