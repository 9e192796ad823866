//! The scientific kernels of the example, over rayon and over lyocell: the same source, taken turn by turn.
//!
//! ```text
//! cargo bench --bench kernels -- fft cg --size medium
//! ```
//!
//! What counts are the two ratios: how long lyocell takes, and how much CPU it burns, where rayon takes or burns 1.

// The tree of kernels names its library as its parent does.
#![expect(clippy::duplicate_mod, reason = "one source, two libraries")]
// Without a harness the kernels' own tests lose their functions, but not what these use.
#![cfg_attr(test, allow(dead_code, unused_imports))]

#[path = "../examples/kernels/data/mod.rs"]
mod data;
#[path = "../examples/kernels/kernel.rs"]
mod kernel;
#[path = "../examples/kernels/measure.rs"]
mod measure;
#[path = "../examples/kernels/table.rs"]
mod table;

#[path = "../examples/kernels"]
mod on_lyocell {
    use lyocell as par;
    pub(crate) mod kernels;
}

#[path = "../examples/kernels"]
mod on_rayon {
    use rayon as par;
    pub(crate) mod kernels;
}

use clap::Parser;
use kernel::{Agreement, Plan, Size};
use std::time::{Duration, Instant};
use table::{Column, Side};

#[derive(Parser)]
struct Options {
    /// Kernels whose names contain one of these; all, if there is none
    names: Vec<String>,
    #[arg(long, value_enum, default_value_t = Size::Small)]
    size: Size,
    /// Three rounds
    #[arg(long)]
    quick: bool,
    /// Given by `cargo bench`. Without it, as under `cargo test`, each kernel runs one round
    #[arg(long, hide = true)]
    bench: bool,
}

struct Row {
    name: &'static str,
    size: String,
    serial: Times,
    rayon: Times,
    lyocell: Times,
}

/// Wall time, and the time on all processors.
type Times = [Duration; 2];

const WALL: usize = 0;
const CPU: usize = 1;

const COLUMNS: [Column<Row>; 10] = [
    Column {
        head: "kernel",
        side: Side::Left,
        cell: |row| row.name.into(),
    },
    Column {
        head: "size",
        side: Side::Left,
        cell: |row| row.size.clone(),
    },
    Column {
        head: "serial",
        side: Side::Right,
        cell: |row| time(row.serial[WALL]),
    },
    Column {
        head: "rayon",
        side: Side::Right,
        cell: |row| time(row.rayon[WALL]),
    },
    Column {
        head: "lyocell",
        side: Side::Right,
        cell: |row| time(row.lyocell[WALL]),
    },
    Column {
        head: "lyocell : rayon",
        side: Side::Right,
        cell: |row| shown(row.ratio(WALL)),
    },
    Column {
        head: "CPU serial",
        side: Side::Right,
        cell: |row| time(row.serial[CPU]),
    },
    Column {
        head: "rayon",
        side: Side::Right,
        cell: |row| time(row.rayon[CPU]),
    },
    Column {
        head: "lyocell",
        side: Side::Right,
        cell: |row| time(row.lyocell[CPU]),
    },
    Column {
        head: "lyocell : rayon",
        side: Side::Right,
        cell: |row| shown(row.ratio(CPU)),
    },
];

impl Row {
    fn ratio(&self, clock: usize) -> f64 {
        self.lyocell[clock].as_secs_f64() / self.rayon[clock].as_secs_f64()
    }
}

fn main() {
    let options = Options::parse();
    let rounds = match options {
        Options { bench: false, .. } => 1,
        Options { quick: true, .. } => 3,
        Options { size, .. } => size.rounds(),
    };
    let wanted = |plan: &Plan| {
        options.names.is_empty() || options.names.iter().any(|name| plan.name.contains(name))
    };
    let plans = on_lyocell::kernels::ALL
        .into_iter()
        .zip(on_rayon::kernels::ALL);
    let rows: Vec<Row> = plans
        .filter(|(plan, _)| wanted(plan))
        .map(|plans| measure(plans, options.size, rounds))
        .collect();

    println!(
        "{} threads for lyocell, {} for rayon; means of two medians, {rounds} rounds in all",
        lyocell::current_num_threads(),
        rayon::current_num_threads()
    );
    for line in table::set(&COLUMNS, &rows) {
        println!("{line}");
    }
    let mean = |clock| {
        (rows.iter().map(|row| row.ratio(clock).ln()).sum::<f64>() / rows.len() as f64).exp()
    };
    println!(
        "geometric means, lyocell : rayon: wall {}, CPU {}",
        shown(mean(WALL)),
        shown(mean(CPU))
    );
}

/// Where a library's data come to lie makes a difference of some percent: with lyocell in both rows, the one whose kernel was
/// built first took up to 1.07 times as long for an FFT. So each of them is the first one in half of the rounds.
fn measure((on_lyocell, on_rayon): (Plan, Plan), size: Size, rounds: usize) -> Row {
    let name = on_lyocell.name;
    let inputs = data::Inputs::default();
    let build =
        |plan: &Plan| (plan.build)(&inputs, size).expect("generated inputs suit their kernels");
    let mut size_in_words = String::new();
    let halves = [true, false].map(|lyocell_is_first| {
        let (mut lyocell, mut rayon);
        if lyocell_is_first {
            lyocell = build(&on_lyocell);
            rayon = build(&on_rayon);
        } else {
            rayon = build(&on_rayon);
            lyocell = build(&on_lyocell);
        }
        // The serial row is timed in lyocell's room. Rayon's answer needs one to be compared with, too.
        rayon.serial();
        let start = Instant::now();
        let times: [Times; 3] = measure::in_turn(
            rounds.div_ceil(2),
            || [start.elapsed(), cpu::time()],
            |which| match which {
                0 => lyocell.serial(),
                1 => rayon.parallel(),
                _ => lyocell.parallel(),
            },
            || {},
        );
        for (library, case) in [("lyocell", &lyocell), ("rayon", &rayon)] {
            if let Agreement::Differs(place) = case.agreement() {
                panic!(
                    "{name} over {library} is wrong: {place} (answer: {})",
                    case.answer()
                );
            }
        }
        size_in_words = lyocell.size();
        times
    });
    let mean = |which: usize| -> Times {
        std::array::from_fn(|clock| (halves[0][which][clock] + halves[1][which][clock]) / 2)
    };
    Row {
        name,
        size: size_in_words,
        serial: mean(0),
        rayon: mean(1),
        lyocell: mean(2),
    }
}

fn time(time: Duration) -> String {
    if time.is_zero() {
        "-".into()
    } else {
        table::time(time.as_secs_f64())
    }
}

fn shown(ratio: f64) -> String {
    if ratio.is_finite() {
        format!("{ratio:.2}")
    } else {
        "-".into()
    }
}

#[cfg(all(unix, target_pointer_width = "64"))]
mod cpu {
    #![allow(unsafe_code)]

    use std::ffi::c_long;
    use std::time::Duration;

    // SAFETY: as the C standard and POSIX have it. It takes nothing, and may be called from any thread.
    unsafe extern "C" {
        safe fn clock() -> c_long;
    }

    /// The processor time of this process, all threads together. POSIX: in microseconds.
    pub(crate) fn time() -> Duration {
        Duration::from_micros(u64::try_from(clock()).unwrap_or(0))
    }
}

#[cfg(not(all(unix, target_pointer_width = "64")))]
mod cpu {
    use std::time::Duration;

    /// No clock that std or C knows.
    pub(crate) fn time() -> Duration {
        Duration::ZERO
    }
}
