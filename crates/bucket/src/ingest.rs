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
    let mut sink = Sink::Idle(Box::new(Target { blob: blobs.allocate(), file: None, hashers }));
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
            sink = sink.write(std::mem::take(&mut piece)).await?;
            piece_bytes = 0;
        }
    }
    if bounds.exact.is_some_and(|exact| exact != size) {
        return Err(BucketError::IncompleteBody(None));
    }
    let target = sink.idle().await?;
    if target.file.is_none() && piece_bytes <= INLINE_BYTES {
        return Ok(target.finish_inline(&piece));
    }
    run(move || target.finish_file(&piece, size)).await
}

/// The target, here or on a blocking thread that writes the previous piece meanwhile.
enum Sink {
    Idle(Box<Target>),
    Writing(JoinHandle<Result<Box<Target>, BucketError>>),
}

impl Sink {
    async fn idle(self) -> Result<Box<Target>, BucketError> {
        match self {
            Self::Idle(target) => Ok(target),
            Self::Writing(task) => joined(task).await,
        }
    }

    async fn write(self, piece: Vec<Bytes>) -> Result<Self, BucketError> {
        let mut target = self.idle().await?;
        Ok(Self::Writing(tokio::task::spawn_blocking(move || {
            target.write(&piece)?;
            Ok(target)
        })))
    }
}

struct Target {
    blob: PendingBlob,
    file: Option<File>,
    hashers: Hashers,
}

impl Target {
    fn write(&mut self, piece: &[Bytes]) -> Result<(), BucketError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.blob.create_file()?),
        };
        for bytes in piece {
            self.hashers.update(bytes);
            file.write_all(bytes).map_err(BucketError::storage("write", self.blob.path()))?;
        }
        Ok(())
    }

    fn finish_file(mut self: Box<Self>, piece: &[Bytes], size: u64) -> Result<Ingested, BucketError> {
        self.write(piece)?;
        if let Some(file) = &self.file {
            file.sync_data().map_err(BucketError::storage("sync", self.blob.path()))?;
        }
        Ok(Ingested {
            content: Content::File(self.blob.id()),
            blob: self.blob,
            inline: Vec::new(),
            size,
            digests: self.hashers.finish(),
        })
    }

    fn finish_inline(mut self: Box<Self>, piece: &[Bytes]) -> Ingested {
        let inline = piece.concat();
        self.hashers.update(&inline);
        Ingested {
            content: Content::Inline(self.blob.id()),
            blob: self.blob,
            size: inline.len() as u64,
            inline,
            digests: self.hashers.finish(),
        }
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
