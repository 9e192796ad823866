//! Is any call slower than the plain loop? Some two hundred common calls at three sizes, serial, rayon and lyocell turn by turn.
//!
//! ```text
//! cargo bench --bench survey                                 # everything: half an hour
//! cargo bench --bench survey -- --quick                      # the two smaller sizes, short turns: some three minutes
//! cargo bench --bench survey -- --quick --pin                # the same with workers that stay on a processor each
//! cargo bench --bench survey -- --size 1000 collect sort     # what has `collect` or `sort` in its name
//! ```
//!
//! Each call is made on a worker, within `install`, and from outside of the pool. A speed-up is taken within each round
//! against the serial turn of that round; what is reported is the median over the rounds of several processes, because a loop of a
//! few instructions, be it the serial one or another, may take half as long again in one process as in the next. A round for which the
//! machine had fewer cores than allowed is made again, within bounds. Beside the terminal there is a
//! table in Markdown and a chart, written to the paths given by `--markdown` and `--svg`.

#[macro_use]
mod common;
mod rows {
    pub(crate) mod survey;
}

use clap::Parser;
use common::pins::pin;
use common::stats::{Spread, ratio, time};

use common::weather::{cores_allowed, cores_at_hand};
use common::{Meter, Took, Who};
use rows::survey::report::{chart, table};
use rows::survey::{Call, Inputs, calls};
use std::fs;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [1_000, 50_000, 2_000_000];

/// Between two turns, for the workers of the last one to fall asleep.
const SETTLE: Duration = Duration::from_micros(300);

/// Of the cores allowed, this share must be there for a round to count; and how many times as many rounds are made for that at most.
const ENOUGH: f64 = 0.85;
const ATTEMPTS: usize = 3;

/// Slower than serial by more than this is counted.
const LIMIT: f64 = 1.05;

/// What a call may cost beyond that, in nanoseconds.
const CALL: f64 = 100.0;

#[derive(Parser)]
struct Options {
    /// Only calls with one of these in their names
    names: Vec<String>,
    /// Only this size; may be given several times
    #[arg(long)]
    size: Vec<usize>,
    /// Short turns, and not the largest size
    #[arg(long)]
    quick: bool,
    /// Workers that have a processor each
    #[arg(long)]
    pin: bool,
    /// How many processes make the rounds, one after the other
    #[arg(long, default_value = "5")]
    processes: NonZeroUsize,
    /// One of these processes: prints its rounds, of one size, for the one that has begun it
    #[arg(long, hide = true)]
    rounds_of: Option<usize>,
    /// Where to write the table
    #[arg(long, default_value = "target/survey.md")]
    markdown: PathBuf,
    /// Where to write the chart
    #[arg(long, default_value = "target/survey.svg")]
    svg: PathBuf,
    /// Given by `cargo bench`; without it every row is called once, as `cargo test --benches` wants it
    #[arg(long, hide = true)]
    bench: bool,
    /// The same as no `--bench`
    #[arg(long, hide = true)]
    test: bool,
}

impl Options {
    fn is_smoke(&self) -> bool {
        self.test || !self.bench
    }

    fn sizes(&self) -> Vec<usize> {
        if let Some(size) = self.rounds_of {
            vec![size]
        } else if !self.size.is_empty() {
            self.size.clone()
        } else if self.is_smoke() {
            SIZES[..1].to_vec()
        } else if self.quick {
            SIZES[..2].to_vec()
        } else {
            SIZES.to_vec()
        }
    }

    fn wants(&self, call: &Call) -> bool {
        self.names.is_empty()
            || self
                .names
                .iter()
                .any(|name| call.name.contains(name.as_str()))
    }

    fn turn(&self) -> Duration {
        match (self.is_smoke(), self.quick) {
            (true, _) => Duration::ZERO,
            (false, true) => Duration::from_millis(1),
            (false, false) => Duration::from_millis(10),
        }
    }

    /// How many rounds a process makes, if one takes so long.
    fn rounds(&self, round: Duration) -> usize {
        let (all, fewest, most): (u64, f64, f64) = match (self.is_smoke(), self.quick) {
            (true, _) => (0, 1.0, 1.0),
            (false, true) => (120, 5.0, 15.0),
            (false, false) => (1500, 5.0, 25.0),
        };
        let rounds = Duration::from_millis(all).div_duration_f64(round);
        (rounds.clamp(fewest, most) as usize).div_ceil(self.processes.get())
    }
}

/// Where a call is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Worker,
    Outside,
}

impl From {
    pub(crate) const BOTH: [Self; 2] = [Self::Worker, Self::Outside];
}

/// The builder of a pool whose threads have a processor each, if so wished.
macro_rules! workers {
    ($lib:ident, $width:expr, $is_pinned:expr) => {
        $lib::ThreadPoolBuilder::new()
            .num_threads($width)
            .start_handler(move |index| {
                if $is_pinned {
                    pin(index);
                }
            })
    };
}

/// The pools whose own threads make the calls. Calls from outside go to the global ones, of the same width.
struct Pools {
    rayon: rayon::ThreadPool,
    lyocell: lyocell::ThreadPool,
}

impl Pools {
    fn new(is_pinned: bool) -> Self {
        let width = cores_allowed();
        workers!(rayon, width, is_pinned)
            .build_global()
            .expect("threads to start");
        workers!(lyocell, width, is_pinned)
            .caller_participates(true)
            .build_global()
            .expect("threads to start");
        Self {
            rayon: workers!(rayon, width, is_pinned)
                .build()
                .expect("threads to start"),
            lyocell: workers!(lyocell, width, is_pinned)
                .build()
                .expect("threads to start"),
        }
    }
}

/// One way to make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) who: Who,
    pub(crate) from: From,
}

impl Row {
    /// Serial first. Where from makes no difference to it.
    const ALL: [Self; 5] = [
        Self {
            who: Who::Serial,
            from: From::Outside,
        },
        Self {
            who: Who::Rayon,
            from: From::Worker,
        },
        Self {
            who: Who::Lyocell,
            from: From::Worker,
        },
        Self {
            who: Who::Rayon,
            from: From::Outside,
        },
        Self {
            who: Who::Lyocell,
            from: From::Outside,
        },
    ];

    fn turn(self, call: &Call, inputs: &'static Inputs, pools: &Pools, calls: u64) -> Took {
        let turn = call.turn(self.who).expect("a row of every library");
        let run = || {
            let mut meter = Meter::new(calls);
            turn(&mut meter, inputs);
            meter.took()
        };
        match (self.from, self.who) {
            (From::Worker, Who::Rayon) => pools.rayon.install(run),
            (From::Worker, Who::Lyocell) => pools.lyocell.install(run),
            _ => run(),
        }
    }
}

/// What a row took for one call, by the wall, and how that compares.
pub(crate) struct Cell {
    pub(crate) row: Row,
    pub(crate) wall: Spread,
    /// Serial to this, round by round: more is better.
    pub(crate) speed_up: Spread,
    /// CPU time of the whole process, this to serial.
    pub(crate) cpu: Option<Spread>,
}

impl Cell {
    pub(crate) fn is_slow(&self) -> bool {
        self.speed_up.median * LIMIT < 1.0
    }

    /// Slow, and by more than a call may cost in any case.
    pub(crate) fn is_slow_beyond_a_call(&self) -> bool {
        self.is_slow() && self.wall.median * (1.0 - self.speed_up.median * LIMIT) > CALL
    }
}

/// What the rows of a call took, round by round.
type Rounds = Vec<Vec<Took>>;

/// The rounds of one process.
fn measure(call: &Call, inputs: &'static Inputs, pools: &Pools, options: &Options) -> Rounds {
    let (calls, takes): (Vec<u64>, Vec<Duration>) = Row::ALL
        .map(|row| fitting(row, call, inputs, pools, options.turn()))
        .into_iter()
        .unzip();
    let rounds = options.rounds(takes.iter().sum::<Duration>() * 9 / 8);
    let one = |round: usize| {
        let mut took = vec![Took::default(); Row::ALL.len()];
        for turn in 0..Row::ALL.len() {
            let k = (round + turn) % Row::ALL.len(); // each begins a round now and then
            sleep(SETTLE);
            took[k] = Row::ALL[k].turn(call, inputs, pools, calls[k]);
        }
        took
    };
    if options.is_smoke() {
        vec![one(0)]
    } else {
        in_fair_weather(rounds, one)
    }
}

/// One call at one size.
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) serial: Spread,
    pub(crate) cells: Vec<Cell>,
}

impl Finding {
    fn of(call: &Call, size: usize, rounds: &Rounds) -> Self {
        let spread =
            |of: &dyn Fn(&Vec<Took>) -> Option<f64>| Spread::of(rounds.iter().filter_map(of));
        let cells = (1..Row::ALL.len())
            .map(|k| Cell {
                row: Row::ALL[k],
                wall: spread(&|round| Some(wall(&round[k]))).expect("a round"),
                speed_up: spread(&|round| Some(wall(&round[0]) / wall(&round[k])))
                    .expect("a round"),
                cpu: spread(&|round| Some(cpu(&round[k])? / cpu(&round[0])?)),
            })
            .collect();
        Self {
            name: call.name,
            size,
            serial: spread(&|round| Some(wall(&round[0]))).expect("a round"),
            cells,
        }
    }

    pub(crate) fn cell(&self, who: Who, from: From) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.row == Row { who, from })
    }

    fn print(&self) {
        print!(
            "{:9} {:36} {:>9}",
            self.size,
            self.name,
            time(self.serial.median)
        );
        for cell in &self.cells {
            let mark = if cell.is_slow() { '!' } else { ' ' };
            let cpu = cell.cpu.map_or_else(|| "-".into(), |cpu| ratio(cpu.median));
            print!(
                "  {:>9} {:>5}{mark} cpu {cpu:>5}",
                time(cell.wall.median),
                ratio(cell.speed_up.median)
            );
        }
        println!();
    }
}

/// So many rounds, each between two looks at how many cores there are. Those for which there were too few are made again, up to
/// [`ATTEMPTS`] times as many in all; if that is still too few, those with the most cores are taken.
fn in_fair_weather(wanted: usize, mut round: impl FnMut(usize) -> Vec<Took>) -> Vec<Vec<Took>> {
    let enough = cores_allowed() as f64 * ENOUGH;
    let mut rounds = Vec::new();
    let mut fair = 0;
    let mut before = cores_at_hand();
    for attempt in 0..ATTEMPTS * wanted {
        let took = round(attempt);
        let after = cores_at_hand();
        let cores = before.min(after);
        rounds.push((cores, took));
        fair += usize::from(cores >= enough);
        if fair == wanted {
            break;
        }
        before = after;
    }
    rounds.sort_by(|a, b| b.0.total_cmp(&a.0));
    rounds.truncate(wanted);
    rounds.into_iter().map(|(_, took)| took).collect()
}

/// Nanoseconds for a call.
fn wall(took: &Took) -> f64 {
    (took.wall.as_nanos() as f64 / took.calls as f64).max(1.0)
}

fn cpu(took: &Took) -> Option<f64> {
    Some((took.cpu?.as_nanos() as f64 / took.calls as f64).max(1.0))
}

/// How many calls make a turn of this length, and how long it takes then.
fn fitting(
    row: Row,
    call: &Call,
    inputs: &'static Inputs,
    pools: &Pools,
    turn: Duration,
) -> (u64, Duration) {
    let mut calls = 1;
    loop {
        let took = row.turn(call, inputs, pools, calls).turn;
        let one = took.as_nanos().max(1) / u128::from(calls);
        if took * 4 >= turn {
            let fitting = (turn.as_nanos() / one.max(1)).clamp(1, u128::from(4 * calls)) as u64;
            return (fitting, Duration::from_nanos(one as u64 * fitting));
        }
        calls *= 4;
    }
}

/// How often rayon and lyocell were slower than serial, and by how much at worst.
fn print_counts(findings: &[Finding], sizes: &[usize]) {
    println!("\nSlower than serial by more than 5 %:");
    for &size in sizes {
        for row in &Row::ALL[1..] {
            let of_size = || findings.iter().filter(move |it| it.size == size);
            let cells = || of_size().filter_map(|it| Some((it, it.cell(row.who, row.from)?)));
            let slow = cells().filter(|(_, cell)| cell.is_slow()).count();
            let beyond = cells()
                .filter(|(_, cell)| cell.is_slow_beyond_a_call())
                .count();
            let worst = cells().min_by(|a, b| a.1.speed_up.median.total_cmp(&b.1.speed_up.median));
            let Some((worst, cell)) = worst else { continue };
            println!(
                "  {size:9} {:7} {:8} {slow:4} of {:4}, {beyond:4} also by more than {CALL} ns; at worst {} times serial: {}",
                row.who,
                format!("{:?}", row.from),
                of_size().count(),
                ratio(1.0 / cell.speed_up.median),
                worst.name
            );
        }
    }
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    match folder.and_then(|()| fs::write(path, text)) {
        Ok(()) => println!("{} written", path.display()),
        Err(error) => eprintln!("{} not written: {error}", path.display()),
    }
}

/// Makes the rounds of all calls and prints them, a line for each call. Of a single call each, which is no measurement, it says that they
/// ran.
fn make_rounds(options: &Options, calls: &[Call]) {
    let pools = Pools::new(options.pin);
    for size in options.sizes() {
        let inputs = Inputs::of(size);
        for call in calls {
            let rounds = measure(call, inputs, &pools, options);
            if options.is_smoke() {
                println!("{}: ran", call.name);
            } else {
                println!("{}", serde_json::to_string(&rounds).expect("plain numbers"));
            }
        }
    }
}

/// The rounds of all calls at this size, as another process of this program makes them.
fn rounds_of_a_process(size: usize) -> Vec<Rounds> {
    let program = std::env::current_exe().expect("a program that runs");
    let mut process = Command::new(program)
        .args(std::env::args_os().skip(1))
        .args(["--rounds-of", &size.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process to start");
    let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let rounds = lines
        .map(|line| serde_json::from_str(&line.expect("text")).expect("rounds"))
        .collect();
    assert!(process.wait().is_ok_and(|end| end.success()));
    rounds
}

fn main() {
    let options = Options::parse();
    let calls: Vec<Call> = calls()
        .into_iter()
        .filter(|call| options.wants(call))
        .collect();
    if options.rounds_of.is_some() || options.is_smoke() {
        return make_rounds(&options, &calls);
    }
    let began = Instant::now();
    println!(
        "{} cores allowed, {:.2} at hand",
        cores_allowed(),
        cores_at_hand()
    );
    println!(
        "{:9} {:36} {:>9}  speed-ups: rayon and lyocell on a worker, then from outside",
        "", "", "serial"
    );
    let mut findings = Vec::new();
    for size in options.sizes() {
        let mut rounds = vec![Rounds::new(); calls.len()];
        for process in 1..=options.processes.get() {
            eprintln!("{size} items, process {process} of {}", options.processes);
            for (all, some) in rounds.iter_mut().zip(rounds_of_a_process(size)) {
                all.extend(some);
            }
        }
        for (call, rounds) in calls.iter().zip(&rounds) {
            let finding = Finding::of(call, size, rounds);
            finding.print();
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        return;
    }
    print_counts(&findings, &options.sizes());
    println!(
        "{} s, {:.2} cores at hand",
        began.elapsed().as_secs(),
        cores_at_hand()
    );
    write(&options.markdown, &table(&findings));
    write(&options.svg, &chart(&findings));
}
