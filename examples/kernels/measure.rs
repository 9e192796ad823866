//! Medians of runs taken in turn.

use std::time::Duration;

/// Times `RUNS` things by `CLOCKS` clocks: one round untimed, to touch every page and wake every thread, then `rounds`
/// timed ones. Answers with the medians, by run and by clock.
///
/// The runs take turns, since a machine that is slow for a second is then slow for all of them, and each round begins
/// with another one, and every other round goes backwards, since a run finds what the one before has left behind: warm memory, or threads
/// that are not asleep yet.
pub(crate) fn in_turn<const RUNS: usize, const CLOCKS: usize>(
    rounds: usize,
    clocks: impl Fn() -> [Duration; CLOCKS],
    mut run: impl FnMut(usize),
    mut after_round: impl FnMut(),
) -> [[Duration; CLOCKS]; RUNS] {
    let mut times: [[Vec<Duration>; CLOCKS]; RUNS] =
        std::array::from_fn(|_| std::array::from_fn(|_| Vec::new()));
    for round in 0..=rounds {
        for turn in 0..RUNS {
            let step = if round % 2 == 0 { turn } else { RUNS - turn };
            let which = (round + step) % RUNS;
            let before = clocks();
            run(which);
            let after = clocks();
            if round > 0 {
                for clock in 0..CLOCKS {
                    times[which][clock].push(after[clock].saturating_sub(before[clock]));
                }
            }
        }
        after_round();
    }
    times.map(|by_clock| by_clock.map(median))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn every_run_has_its_turn_and_its_median() {
        let now = Cell::new(0);
        let mut order = Vec::new();
        let mut rounds_over = 0;
        // A clock that only the runs move: run 0 takes 5, run 1 takes 7, but for one slow round each.
        let medians = in_turn::<2, 1>(
            3,
            || [Duration::from_secs(now.get())],
            |which| {
                order.push(which);
                let slow = if order.len() > 6 { 100 } else { 0 };
                now.set(now.get() + [5, 7][which] + slow);
            },
            || rounds_over += 1,
        );
        assert_eq!(
            medians,
            [[Duration::from_secs(5)], [Duration::from_secs(7)]]
        );
        assert_eq!(order, [0, 1, 1, 0, 0, 1, 1, 0]);
        assert_eq!(rounds_over, 4);
    }
}
