//! Pools of many more workers than processors: they start, work, sleep and stop.

#[path = "it/watchdog.rs"]
mod watchdog;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lyocell::ThreadPoolBuilder;
use lyocell::prelude::*;
use watchdog::watchdog;

#[test]
fn up_to_a_thousand() {
    watchdog(|_| {
        for width in [1, 64, 256, 1000] {
            let ended = std::sync::Arc::new(AtomicUsize::new(0));
            let count = std::sync::Arc::clone(&ended);
            let pool = ThreadPoolBuilder::new()
                .num_threads(width)
                .caller_participates(true)
                .exit_handler(move |_| _ = count.fetch_add(1, SeqCst))
                .build()
                .expect("a thousand threads are not too many for the system");
            for _ in 0..3 {
                let sum: u64 =
                    pool.install(|| (0..100_000_u64).into_par_iter().map(|n| n % 7).sum());
                assert_eq!(sum, (0..100_000).map(|n| n % 7).sum());
                // All of them are woken.
                let indices: HashSet<_> = pool
                    .broadcast(|context| context.index())
                    .into_iter()
                    .collect();
                assert_eq!(indices.len(), width);
            }
            let spawned = AtomicUsize::new(0);
            pool.scope(|s| {
                (0..10 * width).for_each(|_| s.spawn(|_| _ = spawned.fetch_add(1, SeqCst)))
            });
            assert_eq!(spawned.into_inner(), 10 * width);
            pool.shutdown();
            assert_eq!(ended.load(SeqCst), width);
        }
    });
}
