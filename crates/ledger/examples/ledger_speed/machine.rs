//! What the machine says: memory, processor time, bytes on disk, and what it can do without the ledger.

use std::{fs::File, os::unix::fs::FileExt, path::Path, time::Instant};

/// Anonymous and all resident memory, MiB.
pub(crate) fn resident_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let read = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    (read("RssAnon"), read("VmRSS"))
}

/// Seconds of processor time that each kind of thread has used so far, by its name.
pub(crate) fn processor_seconds() -> std::collections::BTreeMap<String, f64> {
    let mut seconds = std::collections::BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let Ok(stat) = std::fs::read_to_string(task.unwrap().path().join("stat")) else { continue };
        let (name, rest) = stat.split_once('(').unwrap().1.rsplit_once(')').unwrap();
        let ticks: f64 = rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        *seconds.entry(name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()).or_default() += ticks / 100.0;
    }
    seconds
}

/// Processor time per event of the threads that are the ledger's own. Where a machine is shared, this says more than the clock.
pub(crate) fn print_processor_time(before: &std::collections::BTreeMap<String, f64>, events: usize) {
    for (name, after) in processor_seconds() {
        let spent = (after - before.get(&name).copied().unwrap_or_default()) * 1e6 / events as f64;
        if spent > 0.05 && !name.starts_with("tokio") && name != "ledger_speed" {
            print!("  {name} {spent:.1} µs");
        }
    }
    println!(" of processor time per event");
}

/// Bytes of all files below a directory.
pub(crate) fn disk_bytes(path: &Path) -> u64 {
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_dir() { disk_bytes(&entry.path()) } else { meta.len() }
        })
        .sum()
}

/// Appends the same number of bytes, in the same batches as the ledger made of them, to a plain file.
pub(crate) fn raw(dir: &Path, count: usize, bytes: u64, group: f64) -> f64 {
    let file = File::create(dir.join("raw")).unwrap();
    let per_group = usize::try_from((bytes as f64 / count as f64 * group) as u64).unwrap();
    let (block, mut at) = (vec![7; per_group], 0);
    let groups = (count as f64 / group) as usize;
    let start = Instant::now();
    for _ in 0..groups {
        file.write_all_at(&block, at).unwrap();
        file.sync_data().unwrap();
        at += per_group as u64;
    }
    let rate = groups as f64 * group / start.elapsed().as_secs_f64();
    std::fs::remove_file(dir.join("raw")).unwrap();
    rate
}
