//! All workloads turn by turn in one process: wall time, CPU time of the process, and how lyocell compares.
//!
//! ```text
//! cargo bench --bench ratios                     # everything: some minutes
//! cargo bench --bench ratios -- --quick sort     # the small sizes of what has `sort` in its name
//! ```
//!
//! On a machine that others use too, absolute times come and go, but rows that take turns within milliseconds meet
//! the same weather. So a ratio is taken within each round, and what is printed is the median over the rounds with
//! its quartiles beside it. A ratio below 1 means that lyocell took less. A workload during which there were fewer
//! cores than allowed says so. Its wall times are no result, and its CPU times only hint: two workers on one core
//! hardly ever steal, and what a searcher burns depends on who else wants the core. Take such a workload again.

#[macro_use]
mod common;
mod rows {
    pub(crate) mod balance;
    pub(crate) mod idle;
    pub(crate) mod iter;
    pub(crate) mod join_tree;
    pub(crate) mod pauses;
    pub(crate) mod sort;
    pub(crate) mod tick;
    pub(crate) mod wake_latency;
}

use common::stats::{Spread, ratio, time};
use common::weather::{cores_allowed, cores_at_hand};
use common::{Effort, Row, Took, Who, Workload};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::thread::sleep;
use std::time::Duration;

/// Between two turns, for the threads of a dropped pool to end.
const SETTLE: Duration = Duration::from_millis(2);

/// How long to measure.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// A turn has as many calls as fit in here, or one.
    turn: Duration,
    /// A workload has as many rounds as fit in here, within the bounds below. Odd, so that the median was measured.
    workload: Duration,
    fewest_rounds: u32,
    most_rounds: u32,
}

impl Plan {
    fn new(effort: Effort) -> Self {
        let (turn, workload, fewest_rounds, most_rounds) = match effort {
            Effort::Smoke => (0, 0, 1, 1),
            Effort::Quick => (5, 200, 5, 9),
            Effort::Full => (20, 1000, 5, 21),
        };
        let [turn, workload] = [turn, workload].map(Duration::from_millis);
        Self {
            turn,
            workload,
            fewest_rounds,
            most_rounds,
        }
    }

    /// How many calls make a turn of the row: doubled until the turn is long enough to tell.
    fn calls(&self, row: &Row) -> (u64, Duration) {
        let mut calls = 1;
        loop {
            let took = row.turn(calls);
            let call = took.turn / u32::try_from(calls).expect("a call that takes some time");
            if took.turn * 4 >= self.turn || took.calls < calls {
                let fitting = self.turn.as_nanos() / call.as_nanos().max(1);
                let calls = u64::try_from(fitting)
                    .expect("few enough")
                    .clamp(1, 4 * calls.max(4));
                return (calls, call * u32::try_from(calls).expect("few enough"));
            }
            calls *= 2;
        }
    }
}

/// `rounds[r][k]` is what the k-th row took in round r, per unit.
struct Results<'a> {
    workload: &'a Workload,
    rounds: Vec<Vec<Took>>,
    /// [`cores_at_hand`] at the beginning of each round.
    cores: Vec<f64>,
}

impl<'a> Results<'a> {
    fn measure(workload: &'a Workload, plan: Plan) -> Self {
        let (calls, turns): (Vec<_>, Vec<_>) =
            workload.rows.iter().map(|row| plan.calls(row)).unzip();
        // An eighth for warming up.
        let round = turns.iter().sum::<Duration>() * 9 / 8 + SETTLE;
        let fitting = plan.workload.div_duration_f64(round) as u32 | 1;
        let mut cores = Vec::new();
        let mut order: Vec<usize> = (0..calls.len()).collect();
        let rounds = (0..fitting.clamp(plan.fewest_rounds, plan.most_rounds))
            .map(|round| {
                cores.push(cores_at_hand());
                let mut took = vec![Took::default(); calls.len()];
                // Shuffled, so that no row always follows the same other.
                order.shuffle(&mut StdRng::seed_from_u64(round.into()));
                for &k in &order {
                    sleep(SETTLE);
                    took[k] = workload.rows[k].turn(calls[k]);
                }
                took
            })
            .collect();
        Self {
            workload,
            rounds,
            cores,
        }
    }

    fn column(&self, who: Who, clock: Clock) -> Option<Vec<f64>> {
        let k = self.workload.rows.iter().position(|row| row.who == who)?;
        let per_unit = |took: &Took| {
            let units = took.calls * self.workload.units.0;
            clock
                .of(took)
                .map(|time| time.as_nanos() as f64 / units as f64)
        };
        self.rounds
            .iter()
            .map(|round| per_unit(&round[k]))
            .collect()
    }

    fn times(&self, who: Who, clock: Clock) -> Option<Spread> {
        Spread::of(self.column(who, clock)?)
    }

    /// lyocell to `other`, round by round.
    fn ratios(&self, other: Who, clock: Clock) -> Option<Spread> {
        let (ours, theirs) = (
            self.column(Who::Lyocell, clock)?,
            self.column(other, clock)?,
        );
        Spread::of(
            ours.into_iter()
                .zip(theirs)
                .map(|(ours, theirs)| ours / theirs),
        )
    }

    /// The cores at hand, if a quarter of the rounds had clearly fewer than are allowed.
    fn short_of_cores(&self) -> Option<Spread> {
        let needed = 0.85 * cores_allowed() as f64;
        Spread::of(self.cores.iter().copied()).filter(|cores| cores.quarter < needed)
    }

    fn print(&self) {
        let (_, unit) = self.workload.units;
        println!(
            "\n{}  (per {unit}, {} rounds)",
            self.workload.name,
            self.rounds.len()
        );
        if let Some(cores) = self.short_of_cores() {
            println!(
                "  NOT ENOUGH CORES: {cores} of {}; do not quote, measure again",
                cores_allowed()
            );
        }
        println!(
            "  {:17} {:>9}  {:21} {:>9}  quartiles",
            "", "wall", "quartiles", "cpu"
        );
        for row in &self.workload.rows {
            let [wall, cpu] =
                Clock::BOTH.map(|clock| Spread::print(self.times(row.who, clock), time));
            println!("  {:17} {wall} {}", row.who, cpu.trim_end());
        }
        for other in [Who::Serial, Who::Rayon, Who::Chili] {
            let ratios = Clock::BOTH.map(|clock| self.ratios(other, clock));
            if ratios[0].is_some() {
                let [wall, cpu] = ratios.map(|spread| Spread::print(spread, ratio));
                println!("  lyocell / {other:7} {wall} {}", cpu.trim_end());
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    Wall,
    Cpu,
}

impl Clock {
    const BOTH: [Self; 2] = [Self::Wall, Self::Cpu];

    fn of(self, took: &Took) -> Option<Duration> {
        match self {
            Self::Wall => Some(took.wall),
            Self::Cpu => took.cpu,
        }
    }
}

/// The places to look at first: where three rounds of four saw lyocell take longer than rayon.
fn print_behind(all: &[Results<'_>]) {
    let short = all
        .iter()
        .filter(|it| it.short_of_cores().is_some())
        .count();
    println!(
        "\n{short} of {} workloads short of cores, left out below",
        all.len()
    );
    println!("Slower than rayon in at least three rounds of four, by more than 2 %:");
    for results in all {
        if results.short_of_cores().is_some() {
            continue;
        }
        for clock in Clock::BOTH {
            if let Some(spread) = results
                .ratios(Who::Rayon, clock)
                .filter(|it| it.quarter > 1.02)
            {
                println!("  {:50} {clock:?} {}", results.workload.name, spread);
            }
        }
    }
}

fn main() {
    let names: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let effort = Effort::asked_for();
    let workloads: Vec<Workload> = [
        rows::join_tree::workloads(if effort == Effort::Smoke { 16 } else { 32 }),
        rows::wake_latency::workloads(),
        rows::tick::workloads(),
        rows::pauses::workloads(),
        rows::idle::workloads(),
        rows::iter::workloads(),
        rows::sort::workloads(),
        rows::balance::workloads(),
    ]
    .into_iter()
    .flatten()
    .filter(|workload| {
        names.is_empty()
            || names
                .iter()
                .any(|name| workload.name.contains(name.as_str()))
    })
    .collect();

    println!("{} cores allowed", cores_allowed());
    if cores_allowed() < 2 {
        println!(
            "ONE CORE: nothing runs in parallel here; do not quote any wall time of two workers"
        );
    }
    let plan = Plan::new(effort);
    let mut all = Vec::new();
    for workload in &workloads {
        let results = Results::measure(workload, plan);
        if effort == Effort::Smoke {
            println!("{}: ran", workload.name); // a single call each is no measurement
            continue;
        }
        results.print();
        all.push(results);
    }
    if all.is_empty() {
        return;
    }
    print_behind(&all);
}
