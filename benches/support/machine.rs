//! Cores, memory and how busy the machine is, as Linux tells it in `/proc`.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// Beyond this share of the cores taken by others, figures are only indicative.
const QUIET: f64 = 0.05;
/// How long the machine is watched before the first figure.
const WATCHED: Duration = Duration::from_secs(1);

/// The cores that this process may use.
pub(crate) fn cores() -> Result<Vec<usize>> {
    let status = read("/proc/self/status")?;
    let list = field(&status, "Cpus_allowed_list:").context("/proc/self/status has no Cpus_allowed_list")?;
    let mut cores = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cores.extend(first.parse::<usize>()?..=last.parse::<usize>()?);
    }
    Ok(cores)
}

/// A command bound to one core. `taskset` becomes the program, so the child's id is the program's own.
pub(crate) fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("--cpu-list").arg(core.to_string()).arg(program);
    command
}

/// The share of all cores that is busy while nothing of ours runs, and what that means for the figures.
pub(crate) fn quietness() -> Result<String> {
    let before = ticks()?;
    thread::sleep(WATCHED);
    let after = ticks()?;
    // A second has ticks on every system; the guard is for a clock that stood still.
    let busy = 1.0 - (after.idle - before.idle) / (after.total - before.total).max(1.0);
    let verdict = if busy <= QUIET { "the figures stand" } else { "SHARED WITH OTHERS, so the figures are indicative" };
    let load = read("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or("?");
    Ok(format!("before the run: {:.0} % busy, load {load}: {verdict}", busy * 100.0))
}

struct Ticks {
    idle: f64,
    total: f64,
}

/// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice; guests are in user already.
fn ticks() -> Result<Ticks> {
    let stat = read("/proc/stat")?;
    let line = field(&stat, "cpu ").context("/proc/stat has no line for all cores")?;
    let values = line.split_whitespace().take(8).map(str::parse::<f64>).collect::<Result<Vec<_>, _>>()?;
    match values[..] {
        [.., idle, iowait, _irq, _softirq, _steal] => Ok(Ticks { idle: idle + iowait, total: values.iter().sum() }),
        _ => bail!("/proc/stat has {} numbers for all cores", values.len()),
    }
}

/// The most memory that a process has resident while something goes on, as the kernel keeps it (`VmHWM`).
pub(crate) struct PeakMemory(u32);

impl PeakMemory {
    /// Begins: what the process needed before no longer counts.
    pub(crate) fn begin(pid: u32) -> Result<Self> {
        // proc_pid_clear_refs(5): 5 sets the peak to what is resident now.
        let path = format!("/proc/{pid}/clear_refs");
        fs::write(&path, "5").with_context(|| format!("cannot write {path}"))?;
        Ok(Self(pid))
    }

    /// The most since then. Bytes.
    pub(crate) fn bytes(&self) -> Result<u64> {
        let Self(pid) = self;
        let status = read(&format!("/proc/{pid}/status"))?;
        let peak = field(&status, "VmHWM:").with_context(|| format!("process {pid} shows no VmHWM"))?;
        Ok(peak.trim_end_matches(" kB").parse::<u64>()? * 1024)
    }
}

/// In which Linux tells processor time to programs: `USER_HZ`, 100 a second on every architecture that Nexus is built for.
const TICK: Duration = Duration::from_millis(10);

/// The processor time that a process and its children have used so far. Unlike the time on the wall it hardly depends
/// on who else is using the machine.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc").context("cannot list /proc; the benchmarks need Linux")? {
        let Some(candidate) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends between two looks is counted by its parent.
        let Ok(stat) = fs::read_to_string(format!("/proc/{candidate}/stat")) else { continue };
        // proc_pid_stat(5): the name may hold spaces; behind its parenthesis the parent is the second field, and the four
        // times are the twelfth to fifteenth: user, system, and both of the children that have ended.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or_else(Vec::new, |(_, rest)| rest.split_whitespace().collect());
        let [_state, parent, _, _, _, _, _, _, _, _, _, times @ ..] = fields.as_slice() else { continue };
        if candidate == pid || *parent == pid.to_string() {
            ticks += times.iter().take(4).map(|time| time.parse::<u32>()).sum::<Result<u32, _>>()?;
        }
    }
    Ok(TICK * ticks)
}

/// A child that does not outlive the value.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self(child))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}; the benchmarks need Linux"))
}

/// The rest of the first line that begins with `name`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}
