//! A hang says nothing by itself. Under the watchdog it names its test and its seed, shows every stack, and ends the process.

use std::io::Write;
use std::panic::Location;
use std::process::{Command, abort, id};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Runs `test` with a seed: that of `LYOCELL_TEST_SEED` if set, a fresh one otherwise.
///
/// The limit is 60 seconds, or as many as `LYOCELL_TEST_LIMIT` says (checkers are slower). A test that is merely slow should
/// never come near it: the limit is no measure of speed.
#[track_caller]
pub(crate) fn watchdog<R>(test: impl FnOnce(u64) -> R) -> R {
    let watch = Watch::start(Location::caller());
    test(watch.seed)
}

/// A test under observation, from its start to its drop.
struct Watch {
    seed: u64,
    alive: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
    _note: Note,
}

impl Watch {
    fn start(place: &'static Location<'static>) -> Self {
        let seed = seed();
        let name = thread::current()
            .name()
            .unwrap_or("a thread without a name")
            .to_owned();
        let (alive, ended) = channel::<()>();
        let (start, has_started) = channel::<()>();
        let watcher = thread::Builder::new()
            .name("watchdog".into())
            .spawn(move || {
                drop(start);
                // Counted in short naps, so that the time for which somebody has stopped the process does not count.
                for _ in 0..limit() * NAPS_PER_SECOND {
                    let nap = Duration::from_secs(1) / NAPS_PER_SECOND;
                    // The sender is dropped when the test ends, whichever way it ends.
                    if ended.recv_timeout(nap) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
                bark(&format!("{name} ({place}) hangs, LYOCELL_TEST_SEED={seed}"));
            });
        // An error, once the sender is gone. (If a test forks while a thread is about to start, the child can't start any.)
        let _ = has_started.recv();
        let _note = Note(format!("LYOCELL_TEST_SEED={seed} at {place}"));
        Self {
            seed,
            alive: Some(alive),
            watcher: Some(watcher.expect("a thread for the watchdog")),
            _note,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.alive = None;
        self.watcher.take().map(JoinHandle::join);
    }
}

/// Something that only a failing test has to say: printed when it is dropped by a panic.
pub(crate) struct Note(pub(crate) String);

impl Drop for Note {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("failed with {}", self.0);
        }
    }
}

fn seed() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    if let Ok(text) = std::env::var("LYOCELL_TEST_SEED") {
        return text.parse().expect("LYOCELL_TEST_SEED is a number");
    }
    // Relaxed: one variable only. The count keeps tests apart that start within one tick of the clock.
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    (now.as_nanos() as u64).wrapping_add(call)
}

const NAPS_PER_SECOND: u32 = 4;

/// In seconds.
fn limit() -> u32 {
    let seconds = std::env::var("LYOCELL_TEST_LIMIT")
        .ok()
        .and_then(|text| text.parse().ok());
    seconds.unwrap_or(60)
}

/// Without the arguments of the frames, and no deeper than tells what a thread waits for.
const BACKTRACES: &str = "thread apply all -s backtrace -frame-arguments none 24";

fn bark(what: &str) -> ! {
    // Written to the handle itself: the print macros would hand it to the test's captured output, which an abort loses.
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "\n== {what}; all stacks, if gdb is here:");
    let pid = id().to_string();
    // `timeout`, since a debugger that hangs would keep this process stopped for good.
    let stacks = Command::new("timeout")
        .args([
            "-s", "KILL", "60", "gdb", "-batch", "-p", &pid, "-ex", BACKTRACES,
        ])
        .output();
    if let Ok(output) = stacks {
        let _ = stderr.write_all(&output.stdout);
    }
    abort()
}
