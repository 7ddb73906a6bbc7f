//! A disk in memory that forgets what was not synced, and fails when told to. It keeps the contract of [`Disk`] to the letter, the
//! unpleasant parts too: an error says nothing, and a failed sync loses what it should have written for good.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::disk::{Disk, DiskFile};

const BLOCK: usize = 512;

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing happens.
    Fails,
    /// It happens, and is reported as failed.
    Lands,
    /// Half of it happens; for anything but a write, as `Lands`.
    Half,
}

#[derive(Debug, Default)]
struct Inode {
    /// What reads see.
    data: Vec<u8>,
    /// What is on the device.
    durable: Vec<u8>,
    /// Blocks that the next sync writes.
    dirty: BTreeSet<usize>,
}

impl Inode {
    fn persist(&mut self, block: usize) {
        let (from, to) = (block * BLOCK, self.data.len().min((block + 1) * BLOCK));
        if from < to {
            self.durable.resize(self.durable.len().max(to), 0);
            self.durable[from..to].copy_from_slice(&self.data[from..to]);
        }
    }

    fn touch(&mut self, from: usize, to: usize) {
        self.dirty.extend(from / BLOCK..to.div_ceil(BLOCK));
    }
}

#[derive(Debug, Default)]
struct State {
    nodes: Vec<Inode>,
    /// What reads see.
    names: BTreeMap<PathBuf, usize>,
    /// What is on the device.
    durable_names: BTreeMap<PathBuf, usize>,
    /// Operations that change something, so far.
    operations: u64,
    /// Which operation fails, and how.
    fault: Option<(u64, Fault)>,
    /// How many operations after the first fail too.
    repeats: u64,
    hit: bool,
    /// Everything fails.
    dead: bool,
}

/// The disk. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimDisk(Arc<Mutex<State>>);

fn error() -> io::Error {
    io::Error::other("simulated fault")
}

impl SimDisk {
    /// Lets operation `at`, and `repeats` after it, fail.
    pub(crate) fn fail_at(&self, at: u64, repeats: u64, fault: Fault) {
        let mut state = self.0.lock().unwrap();
        (state.fault, state.repeats) = (Some((at, fault)), repeats);
    }

    /// How many operations have changed something, and whether the fault has struck.
    pub(crate) fn operations(&self) -> (u64, bool) {
        let state = self.0.lock().unwrap();
        (state.operations, state.hit)
    }

    /// From now on everything works.
    pub(crate) fn heal(&self) {
        let mut state = self.0.lock().unwrap();
        (state.fault, state.dead) = (None, false);
    }

    /// From now on nothing works, as for a process that has been killed.
    pub(crate) fn die(&self) {
        self.0.lock().unwrap().dead = true;
    }

    /// The power goes and comes back: of what was not synced, each block and each directory is kept when `keep` says so.
    pub(crate) fn power_cut(&self, mut keep: impl FnMut() -> bool) {
        let state = &mut *self.0.lock().unwrap();
        for node in &mut state.nodes {
            for block in std::mem::take(&mut node.dirty) {
                if keep() {
                    node.persist(block);
                }
            }
            node.data = node.durable.clone();
        }
        if !keep() {
            state.names = state.durable_names.clone();
        }
        state.durable_names = state.names.clone();
        state.dead = false;
        state.fault = None;
    }

    fn change<T>(&self, act: impl FnOnce(&mut State, Option<Fault>) -> io::Result<T>) -> io::Result<T> {
        let state = &mut *self.0.lock().unwrap();
        if state.dead {
            return Err(error());
        }
        let now = state.operations;
        state.operations += 1;
        let fault = state.fault.filter(|(at, _)| (*at..=*at + state.repeats).contains(&now)).map(|(_, fault)| fault);
        state.hit |= fault.is_some();
        if fault == Some(Fault::Fails) {
            return act(state, fault).and(Err(error()));
        }
        let done = act(state, fault)?;
        if fault.is_some() { Err(error()) } else { Ok(done) }
    }

    fn rename_or(&self, fault: Option<Fault>) -> bool {
        fault != Some(Fault::Fails)
    }
}

impl Disk for SimDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        let names = state.names.keys().filter(|name| name.parent() == Some(path));
        Ok(names.map(|name| name.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let state = self.0.lock().unwrap();
        let node = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimFile { disk: self.clone(), node }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.change(|state, fault| {
            let node = state.nodes.len();
            state.nodes.push(Inode::default());
            if self.rename_or(fault) {
                state.names.insert(path.to_owned(), node);
            }
            Ok(Box::new(SimFile { disk: self.clone(), node }) as Box<dyn DiskFile>)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|state, fault| {
            let node = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            if self.rename_or(fault) {
                state.names.remove(from);
                state.names.insert(to.to_owned(), node);
            }
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(|state, fault| {
            if self.rename_or(fault) {
                state.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
            }
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.change(|state, fault| {
            if self.rename_or(fault) {
                state.durable_names.retain(|name, _| name.parent() != Some(path));
                let here = state.names.iter().filter(|(name, _)| name.parent() == Some(path));
                state.durable_names.extend(here.map(|(name, node)| (name.clone(), *node)));
            }
            Ok(())
        })
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    node: usize,
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.0.lock().unwrap();
        let data = &state.nodes[self.node].data;
        let from = usize::try_from(offset).unwrap().min(data.len());
        let read = buffer.len().min(data.len() - from);
        buffer[..read].copy_from_slice(&data[from..from + read]);
        Ok(read)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.change(|state, fault| {
            let node = &mut state.nodes[self.node];
            let bytes = match fault {
                Some(Fault::Fails) => &[],
                Some(Fault::Half) => &bytes[..bytes.len() / 2],
                _ => bytes,
            };
            let from = usize::try_from(offset).unwrap();
            let to = from + bytes.len();
            if !bytes.is_empty() {
                let old = node.data.len();
                node.data.resize(old.max(to), 0);
                node.data[from..to].copy_from_slice(bytes);
                node.touch(from.min(old), to);
            }
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.change(|state, fault| {
            let node = &mut state.nodes[self.node];
            for block in std::mem::take(&mut node.dirty) {
                // A failed sync forgets what was dirty, and a later one writes none of it.
                if fault != Some(Fault::Fails) && (fault != Some(Fault::Half) || block % 2 == 0) {
                    node.persist(block);
                }
            }
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.change(|state, fault| {
            if fault != Some(Fault::Fails) {
                let node = &mut state.nodes[self.node];
                let old = node.data.len();
                node.data.resize(usize::try_from(len).unwrap(), 0);
                let now = node.data.len();
                node.touch(old.min(now), old.max(now));
            }
            Ok(())
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.0.lock().unwrap().nodes[self.node].data.len() as u64)
    }

    fn forget_cache(&self) -> io::Result<()> {
        let state = &mut *self.disk.0.lock().unwrap();
        let node = &mut state.nodes[self.node];
        if node.dirty.is_empty() {
            node.data = node.durable.clone();
        }
        Ok(())
    }
}
