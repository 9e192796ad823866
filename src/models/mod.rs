//! Models of every protocol, run by loom over all interleavings and all values that the memory model allows; and of whole pools,
//! run by shuttle over interleavings drawn at random.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --lib models` runs the ones: the code that ships, on loom's primitives, with
//! rings of four slots and no spinning. `LOOM_MAX_PREEMPTIONS` deepens the search beyond the bound each model sets. `checks/random`
//! runs the others ([`random`]).
//!
//! A model that can't fail proves nothing. So each has *twins*, in which one step or ordering is left out
//! ([`left_out`]), and which must fail. loom aborts the process when it finds a deadlock, so a twin runs in
//! a process of its own.
//!
//! | steps                             | models | what their twins leave out |
//! |-----------------------------------|--------|----------------------------|
//! | P1 to P4, S1 to S4: sleep, claim  | `sleep::two_sleepers`, `two_publishers`, both | `P2` `P4` `S1-order` `S2` `S3` |
//! | S5: withdraw                      | `sleep::claim_against_withdraw`, `guest_on_the_seat_of_a_searcher` | `C4` `S5-pass-on` |
//! | C1 to C4: the chain               | `sleep::two_sleepers`, `searcher_stops` | `C2` `C4` |
//! | P2 of a fork; B1                  | `pool::fork_against_sleep`, `guarded_fork_against_sleep` | `P2-light` `P2-fork` `S2-heavy` |
//! | G1 to G4: guests                  | `sleep::guest_against_publisher`, `missed_guest_against_publisher`, `guest_against_mail`, `guest_is_woken_for_its_own`; `pool::broadcast_against_guest` | `P4-miss` `S5-miss` `S1-miss` `G2` `G3` `G4` `G4-mail` `guest-unpark` |
//! | waiting within a region           | `sleep::job_left_to_a_confined_searcher`, `mail_for_the_confined`; `pool::own_jobs_in_the_injector`; `deque::confined_steal` | `S3-pass-on` `P4-confined` `put-back-wake` `post-wake` |
//! | broadcasts                        | `sleep::mail_against_sleep`; `pool::broadcast_against_sleep`, `two_broadcasts` | `post-wake` `S2` `S3` `posting` |
//! | E1 to E4: the end                 | `pool::shutdown_against_push`, `shutdown_against_sleep`, `last_hold_against_sleep`, `shutdown_against_guest`, `shutdown_against_spawning_guest` | `S3` `end-wake` `holds-acqrel` `end-release` `E1-look` `E2` `E3` `G4-end` |
//! | the token of a parker             | `latch::tokens_are_kept` | `token-kept` `token-release` |
//! | L1 to L4: latches, stolen forks   | `latch::set_against_wait_against_free`; `pool::fork_and_steal` | `latch-release` `latch-unpark` |
//! | L5, S1: the count of a scope      | `latch::count_of_holders`; `pool::scope_against_its_job` | `count-acqrel` `latch-unpark` |
//! | D1 to D5, T1 to T5: the deque     | all others of `deque` | `D2` `D3` `D5` `D-last` `D-push-release` `T2` `T3` `T4` `G-asked` |
//! | Q3, Q4: growth, slots used again  | `deque::growth_against_steal`, `region_of_the_oldest_against_reuse` | `D-ring-release` `Q4-exchange` |
//! | F1: tickets                       | `deque::tickets_find_jobs` | `D-push-release` |
//! | X4, X5, X7: cuts                  | `meeting::second_takes_both` | `meeting-acqrel` `meeting-count` |
//! | all of them, in order             | `random` | `P4` `S3` `C4` `G4` `G4-mail` `post-wake` `end-wake` `latch-unpark` `open` |

#[cfg(all(test, loom))]
mod deque;
#[cfg(all(test, loom))]
mod latch;
#[cfg(all(test, loom))]
mod meeting;
#[cfg(all(test, loom))]
mod pool;
#[cfg(all(test, shuttle))]
mod random;
#[cfg(all(test, loom))]
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
#[cfg(all(test, loom))]
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
        // Random models draw until they notice.
        .env("LYOCELL_SCHEDULES", "30000")
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
    if cfg!(shuttle) {
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(said.contains("deadlock!"), "{name} fails in another way");
    }
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
