//! Models of every protocol, run by loom over all interleavings and all values that the memory model allows.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --lib models` runs them: the code that ships, on loom's primitives, with
//! rings of four slots and no spinning. `LOOM_MAX_PREEMPTIONS` deepens the search beyond the bound each model sets.
//!
//! A model that can't fail proves nothing. So each has *twins*, in which one step or ordering is left out
//! ([`left_out`]), and which must fail. loom aborts the process when it finds a deadlock, so a twin runs in
//! a process of its own.

#[cfg(test)]
mod deque;
#[cfg(test)]
mod latch;
#[cfg(test)]
mod meeting;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod sleep;

use std::sync::OnceLock;

/// Names the step that the models of this process do without.
const LEAVE_OUT: &str = "LYOCELL_LEAVE_OUT";

/// Whether the models of this process do without the named step.
pub(crate) fn left_out(step: &str) -> bool {
    static STEP: OnceLock<Option<String>> = OnceLock::new();
    STEP.get_or_init(|| std::env::var(LEAVE_OUT).ok())
        .as_deref()
        == Some(step)
}

/// Explores `model` with at most so many preemptions per execution.
#[cfg(test)]
fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.max_branches = 100_000;
    builder.check(model);
}

/// Runs the model `name` without `step` in a process of its own, and demands that it fails.
#[cfg(test)]
fn must_fail_without(step: &str, name: &str) {
    let this = std::env::current_exe().expect("a test knows its own path");
    let run = std::process::Command::new(this)
        .args([
            "--exact",
            &format!("models::{name}"),
            "--nocapture",
            "--test-threads",
            "1",
        ])
        .env(LEAVE_OUT, step)
        .output()
        .expect("a test can run itself");
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(
        output.contains("running 1 test"),
        "no model {name}:\n{output}"
    );
    assert!(
        !run.status.success(),
        "{name} does not notice that {step} is missing:\n{output}"
    );
}

/// Declares the twins of a model.
#[cfg(test)]
macro_rules! twins {
    ($($twin:ident: $model:literal without $step:literal;)+) => { $(
        #[test]
        fn $twin() {
            crate::models::must_fail_without($step, $model);
        }
    )+ };
}
#[cfg(test)]
use twins;
