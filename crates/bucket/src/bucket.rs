//! The store as one value: opened, served, closed.

use std::fs::{self, File};
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use s3s::dto::StreamingBlob;

use crate::apply::{Outcome, Write};
use crate::blobs::{Blobs, PendingBlob};
use crate::committer::Committer;
use crate::digest::Hashers;
use crate::index::{Index, Snapshot};
use crate::ingest::{Bounds, Ingested, ingest, run};
use crate::key::ObjectName;
use crate::layout::{Layout, sync_dir};
use crate::record::{Content, ObjectRecord};
use crate::service::BucketService;
use crate::{BucketConfig, BucketError};

/// How often a read looks again when the blob it was told of has been replaced and unlinked meanwhile.
const READ_ATTEMPTS: usize = 16;

/// An open object store. Cheap to clone; closed by [`close`](Self::close) or with its last clone.
#[derive(Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
}

struct Inner {
    config: BucketConfig,
    /// Taken away at close, which unlocks the directory.
    index: RwLock<Option<Arc<Index>>>,
    blobs: Arc<Blobs>,
    committer: Committer,
}

/// The bytes of an object, found and not yet read.
pub(crate) enum Source {
    Inline(Vec<u8>),
    File(File),
}

impl Bucket {
    /// Opens the store in `config.dir`, creating the directory and the bucket when they are missing, and removes what a crash
    /// left behind. Blocks.
    ///
    /// # Errors
    /// [`BucketError::InUse`] when the directory is open elsewhere, [`BucketError::InvalidBucketName`],
    /// [`BucketError::Storage`], [`BucketError::Index`], [`BucketError::Damaged`].
    pub fn open(config: BucketConfig) -> Result<Self, BucketError> {
        if !s3s::path::check_bucket_name(&config.bucket) {
            return Err(BucketError::InvalidBucketName(config.bucket));
        }
        let layout = Layout::new(config.dir.join("blobs"));
        fs::create_dir_all(layout.root()).map_err(BucketError::storage("create", &config.dir))?;
        let index = Index::open(&config.dir)?;
        sync_dir(&config.dir)?;
        // The directory itself may be new, and its name must last as well. A bare name's parent reads as "".
        if let Some(parent) = config.dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_dir(parent)?;
        }
        index.ensure_bucket(&config.bucket)?;
        let generation = index.recover(&layout)?;
        let index = Arc::new(index);
        let blobs = Blobs::new(layout, generation)?;
        let committer = Committer::start(Arc::clone(&index), Arc::clone(&blobs))
            .map_err(BucketError::storage("start a thread for", &config.dir))?;
        let inner = Inner { config, index: RwLock::new(Some(index)), blobs, committer };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The store as an HTTP service: path-style S3 with SigV4 headers, presigned URLs and POST policies.
    /// CORS is for a layer in front.
    pub fn service(&self) -> BucketService {
        BucketService::new(self)
    }

    /// Commits what is under way, refuses everything from then on, and unlocks the directory. Reads that already
    /// stream go on. Blocks for as long as the commits in the queue take; calling it again does nothing.
    pub fn close(&self) {
        self.inner.close();
    }

    pub(crate) fn config(&self) -> &BucketConfig {
        &self.inner.config
    }

    /// Runs `read` on the state as of now, off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot) -> Result<T, BucketError> + Send + 'static,
    ) -> Result<T, BucketError> {
        let index = self.inner.index()?;
        run(move || read(&index.snapshot()?)).await
    }

    /// An object and its open bytes, which stay readable whatever is written meanwhile.
    /// `wanted` refuses an object before its bytes are looked for.
    pub(crate) async fn open_object(
        &self,
        name: ObjectName,
        wanted: impl Fn(&ObjectRecord) -> Result<(), BucketError> + Send + 'static,
    ) -> Result<(ObjectRecord, Source), BucketError> {
        let index = self.inner.index()?;
        let blobs = Arc::clone(&self.inner.blobs);
        run(move || {
            let mut missing = None;
            for _ in 0..READ_ATTEMPTS {
                let snapshot = index.snapshot()?;
                let record = snapshot.object(&name)?;
                wanted(&record)?;
                if let Some(source) = open_source(&snapshot, &blobs, &record)? {
                    return Ok((record, source));
                }
                missing = Some(record.content);
            }
            Err(BucketError::Damaged(format!("no file for {missing:?}")))
        })
        .await
    }

    /// Reads a body into a blob that nothing refers to yet.
    pub(crate) async fn ingest(
        &self,
        body: StreamingBlob,
        hashers: Hashers,
        bounds: Bounds,
    ) -> Result<Ingested, BucketError> {
        ingest(&self.inner.blobs, body, hashers, bounds).await
    }

    /// Commits a write; see [`Committer::submit`].
    pub(crate) async fn write(&self, write: Write, blob: Option<PendingBlob>) -> Result<Outcome, BucketError> {
        self.inner.committer.submit(write, blob).await
    }
}

/// `None` when the file is gone, because the object was replaced after the snapshot.
fn open_source(snapshot: &Snapshot, blobs: &Blobs, record: &ObjectRecord) -> Result<Option<Source>, BucketError> {
    let blob = match record.content {
        Content::Inline(blob) => return snapshot.inline(blob).map(Source::Inline).map(Some),
        Content::File(blob) => blob,
    };
    let file = match blobs.open(blob) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(BucketError::storage("open", format!("{blob:?}")))?,
    };
    let length = file.metadata().map(|metadata| metadata.len());
    if length.ok() != Some(record.size) {
        return Err(BucketError::Damaged(format!("wrong length: {blob:?}")));
    }
    Ok(Some(Source::File(file)))
}

impl Inner {
    fn index(&self) -> Result<Arc<Index>, BucketError> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.clone().ok_or(BucketError::Closed)
    }

    fn close(&self) {
        self.committer.close();
        self.blobs.reaper().close();
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        drop(index.take());
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
