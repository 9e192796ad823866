//! A suite of scientific kernels, worked out serially and in parallel: that both agree, and how much is gained.
//!
//! ```text
//! cargo run --release --example kernels -- --size medium
//! cargo run --release --example kernels -- --only spmv --only cg --matrix bcsstk13.mtx
//! ```
//!
//! The rooms: `cli` reads the arguments, `input` the files, `data` is what was read or generated. `kernels` do the work,
//! `kernel` says what one is, `measure` times them. `report` collects the rows, `table` sets them in columns.
//!
//! Exit codes: 0 all is well; 1 a parallel answer is wrong, or the report cannot be written; 2 wrong arguments or input.

mod cli;
mod data;
mod failure;
mod input;
mod kernel;
mod kernels;
mod measure;
mod progress;
mod report;
mod table;

use lyocell as par;

use cli::Options;
use data::Inputs;
use failure::Failure;
use kernel::counted;
use progress::Progress;
use report::{Report, Row, Skipped};
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    match cli::parse(kernels::ALL.map(|plan| plan.name)) {
        Ok(Some(options)) => run(&options).map_or_else(Failure::exit, |()| ExitCode::SUCCESS),
        Ok(None) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let (inputs, notes) = read(options)?;
    par::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build_global()
        .map_err(|error| Failure::Refused(format!("cannot start the threads: {error}")))?;

    let mut report = Report::new(par::current_num_threads(), options.size, notes);
    measure_all(options, &inputs, &mut report);

    // Somebody asked for kernels by name and none of them can work on this input.
    if let ([], [Skipped { name, reason }, ..]) = (&report.kernels[..], &report.skipped[..]) {
        return Err(Failure::Refused(format!("{name} cannot run: {reason}")));
    }
    let text = if options.json {
        report.to_json()?
    } else {
        report.to_table()
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .or_else(Failure::unless_closed)?;
    report.check()
}

/// What the files hold, and what is to be said about them.
fn read(options: &Options) -> Result<(Inputs, Vec<String>), Failure> {
    let mut inputs = Inputs {
        clusters: options.clusters,
        ..Inputs::default()
    };
    let mut notes = Vec::new();
    if let Some(path) = &options.matrix {
        inputs.matrix = Some(input::matrix_market::load(path)?);
    }
    if let Some(path) = &options.text {
        let found = input::text::load(path)?;
        if found.binary_files > 0 {
            let files = counted(found.binary_files, "binary file", "binary files");
            notes.push(format!("{files} in {} left out", path.display()));
        }
        inputs.texts = Some(found.texts);
    }
    if let Some(path) = &options.points {
        let points = input::points::load(path)?;
        if points.count() < inputs.clusters {
            let found = counted(points.count(), "point", "points");
            let wanted = counted(inputs.clusters, "cluster", "clusters");
            let path = path.display();
            return Err(Failure::Refused(format!(
                "{path}: {found}, too few for {wanted}; see --clusters"
            )));
        }
        inputs.points = Some(points);
    }
    Ok((inputs, notes))
}

fn measure_all(options: &Options, inputs: &Inputs, report: &mut Report) {
    let plans: Vec<_> = kernels::ALL
        .into_iter()
        .filter(|plan| options.wants(plan.name))
        .collect();
    let progress = Progress::new(plans.len(), options.rounds() + 1);
    let start = Instant::now();
    for plan in plans {
        progress.begin(plan.name);
        match (plan.build)(inputs, options.size) {
            Err(reason) => {
                report.skipped.push(Skipped {
                    name: plan.name,
                    reason,
                });
                progress.skip();
            }
            Ok(mut case) => {
                let run = |which| {
                    if which == 0 {
                        case.serial()
                    } else {
                        case.parallel()
                    }
                };
                let [[serial], [parallel]] = measure::in_turn(
                    options.rounds(),
                    || [start.elapsed()],
                    run,
                    || progress.step(),
                );
                report.kernels.push(Row::new(
                    plan.name,
                    &*case,
                    serial,
                    parallel,
                    report.threads,
                ));
            }
        }
    }
    progress.finish();
}
