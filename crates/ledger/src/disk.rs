//! The only way to the disk for everything the ledger must be able to trust, so that a test can make any of it fail.
//!
//! The index is not behind it: it is rebuilt from the segments, and a failure in it loses nothing.

use std::{
    fmt,
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

/// A directory tree with the durability rules of POSIX.
///
/// # Contract
///
/// - A name given by [`create`](Disk::create) or [`rename`](Disk::rename) survives a power cut once
///   [`sync_dir`](Disk::sync_dir) of its directory has returned `Ok`; content once [`DiskFile::sync_data`] has.
/// - An operation that returns an error may have happened all the same, wholly or in part. Callers must not conclude
///   anything about the disk from an error.
/// - After a failed `sync_data`, what the file reads back need not be what is on the device, and a later `Ok` says
///   nothing about the bytes written before the failure (the kernel may have dropped them).
/// - `rename` over an existing name is atomic: a reader, or a crash, sees the old file or the new one.
pub trait Disk: Send + Sync + fmt::Debug + 'static {
    /// Makes a directory and its parents; one that exists is fine.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, in no particular order.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Creates an empty file that only its owner can read and write, or empties an existing one.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file another name, replacing what stood there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the directory's names durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// An open file. Offsets are bytes from its beginning.
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// Reads what fits, fewer bytes only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`, growing the file as needed.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes the content durable (`fdatasync`).
    fn sync_data(&self) -> io::Result<()>;
    /// Cuts the file to `len` bytes, or grows it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Whether the file has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }
    /// Asks for the cached pages to be dropped, so that the next read comes from the device. Best effort.
    fn forget_cache(&self) -> io::Result<()>;
}

/// The operating system's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        // A name that is not UTF-8 is none of ours.
        fs::read_dir(path)?.filter_map(|entry| entry.map(|e| e.file_name().into_string().ok()).transpose()).collect()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(File::options().read(true).write(true).open(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        Ok(Box::new(RealFile(options.read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.0.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn forget_cache(&self) -> io::Result<()> {
        Ok(rustix::fs::fadvise(&self.0, 0, None, rustix::fs::Advice::DontNeed)?)
    }
}

/// Puts `bytes` under `name` in `dir`, durably and atomically: a crash leaves the old content or the new.
pub(crate) fn replace(disk: &dyn Disk, dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = dir.join(format!("{name}.tmp"));
    let file = disk.create(&draft)?;
    file.write_all_at(bytes, 0)?;
    file.sync_data()?;
    disk.rename(&draft, &dir.join(name))?;
    disk.sync_dir(dir)
}

/// All of a file, or `None` where there is none.
pub(crate) fn read_all(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(usize::MAX)];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}
