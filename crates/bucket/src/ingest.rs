//! A request body on its way to a blob: hashed and written in bounded pieces.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use s3s::StdError;
use s3s::dto::StreamingBlob;
use tokio::task::JoinHandle;

use crate::BucketError;
use crate::blobs::{Blobs, PendingBlob};
use crate::digest::{Digests, Hashers};
use crate::record::Content;

/// The largest object kept inside the index, in bytes: one redb page.
pub(crate) const INLINE_BYTES: usize = 4096;

/// Bytes gathered before they are hashed and written together. An upload holds at most two of these.
const PIECE_BYTES: usize = 1024 * 1024;

/// A body that arrived whole: durable if it is in a file, visible to nobody yet.
pub(crate) struct Ingested {
    pub(crate) blob: PendingBlob,
    pub(crate) content: Content,
    /// The bytes, for [`Content::Inline`].
    pub(crate) inline: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) digests: Digests,
}

/// What a body may be.
pub(crate) struct Bounds {
    /// Bytes, as announced by the caller.
    pub(crate) exact: Option<u64>,
    /// Bytes.
    pub(crate) max: u64,
}

/// Reads a body to its end. Dropped midway, it leaves nothing behind.
///
/// # Errors
/// [`BucketError::TooLarge`], [`BucketError::IncompleteBody`], [`BucketError::ContentSha256Mismatch`],
/// [`BucketError::ChunkSignature`], [`BucketError::Storage`].
pub(crate) async fn ingest(
    blobs: &Arc<Blobs>,
    mut body: StreamingBlob,
    hashers: Hashers,
    bounds: Bounds,
) -> Result<Ingested, BucketError> {
    let output = Output { blob: blobs.allocate(), file: None };
    let mut sink = Sink::Idle(output, Box::new(hashers));
    let (mut piece, mut piece_bytes, mut size) = (Vec::new(), 0, 0_u64);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(body_error)?;
        size = size.saturating_add(chunk.len() as u64);
        if size > bounds.max {
            return Err(BucketError::TooLarge(bounds.max));
        }
        piece_bytes += chunk.len();
        piece.push(chunk);
        if piece_bytes > PIECE_BYTES {
            sink = sink.absorb(std::mem::take(&mut piece), Durability::Later).await?;
            piece_bytes = 0;
        }
    }
    if bounds.exact.is_some_and(|exact| exact != size) {
        return Err(BucketError::IncompleteBody(None));
    }
    let (output, hashers) = sink.idle().await?;
    if output.file.is_none() && piece_bytes <= INLINE_BYTES {
        return Ok(finish_inline(output.blob, hashers, &piece));
    }
    let sink = Sink::Idle(output, hashers).absorb(piece, Durability::Now).await?;
    let (output, hashers) = sink.idle().await?;
    Ok(Ingested {
        content: Content::File(output.blob.id()),
        blob: output.blob,
        inline: Vec::new(),
        size,
        digests: hashers.finish(),
    })
}

fn finish_inline(blob: PendingBlob, mut hashers: Box<Hashers>, piece: &[Bytes]) -> Ingested {
    let inline = piece.concat();
    hashers.update(&inline);
    Ingested { content: Content::Inline(blob.id()), blob, size: inline.len() as u64, inline, digests: hashers.finish() }
}

/// Where the pieces go: here, or on two blocking threads, of which one hashes the last piece while the other writes it.
enum Sink {
    Idle(Output, Box<Hashers>),
    Busy { writing: JoinHandle<Result<Output, BucketError>>, hashing: JoinHandle<Result<Box<Hashers>, BucketError>> },
}

/// Whether a piece must be on the disk when it is written.
#[derive(Clone, Copy, PartialEq)]
enum Durability {
    Later,
    Now,
}

impl Sink {
    async fn idle(self) -> Result<(Output, Box<Hashers>), BucketError> {
        match self {
            Self::Idle(output, hashers) => Ok((output, hashers)),
            Self::Busy { writing, hashing } => Ok((joined(writing).await?, joined(hashing).await?)),
        }
    }

    async fn absorb(self, piece: Vec<Bytes>, durability: Durability) -> Result<Self, BucketError> {
        let (mut output, mut hashers) = self.idle().await?;
        let hashed = piece.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            hashed.iter().for_each(|bytes| hashers.update(bytes));
            Ok(hashers)
        });
        let writing = tokio::task::spawn_blocking(move || {
            output.write(&piece, durability)?;
            Ok(output)
        });
        Ok(Self::Busy { writing, hashing })
    }
}

/// The file side of an upload. There is no file before the first piece.
struct Output {
    blob: PendingBlob,
    file: Option<File>,
}

impl Output {
    fn write(&mut self, piece: &[Bytes], durability: Durability) -> Result<(), BucketError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.blob.create_file()?),
        };
        for bytes in piece {
            file.write_all(bytes).map_err(BucketError::storage("write", self.blob.path()))?;
        }
        if durability == Durability::Now {
            file.sync_data().map_err(BucketError::storage("sync", self.blob.path()))?;
        }
        Ok(())
    }
}

/// Runs file work off the async threads.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BucketError> + Send + 'static,
) -> Result<T, BucketError> {
    joined(tokio::task::spawn_blocking(work)).await
}

async fn joined<T>(task: JoinHandle<Result<T, BucketError>>) -> Result<T, BucketError> {
    match task.await {
        Ok(result) => result,
        // The runtime is shutting down, or the work panicked, which its own report names.
        Err(_) => Err(BucketError::Closed),
    }
}

/// s3s verifies `x-amz-content-sha256` and chunk signatures while the body is read, and keeps the
/// error types private: their texts are all there is to tell them apart by.
fn body_error(error: StdError) -> BucketError {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        BucketError::ContentSha256Mismatch
    } else if text.contains("SignatureMismatch") {
        BucketError::ChunkSignature
    } else {
        BucketError::IncompleteBody(Some(error))
    }
}
