//! The global pool is built once for the whole process, on purpose or by the first use.

#[path = "it/watchdog.rs"]
mod watchdog;

use std::error::Error;
use std::sync::Barrier;
use std::thread;

use lyocell::ThreadPoolBuilder;
use lyocell::prelude::*;

use watchdog::watchdog;

/// One test, since the order matters: first come, first built.
#[test]
fn global_pool_is_built_once() {
    watchdog(|_| {
        // Many at once: exactly one of them builds it.
        let gate = Barrier::new(8);
        let built: usize = thread::scope(|scope| {
            let builders: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        gate.wait();
                        usize::from(
                            ThreadPoolBuilder::new()
                                .num_threads(3)
                                .build_global()
                                .is_ok(),
                        )
                    })
                })
                .collect();
            builders
                .into_iter()
                .map(|builder| builder.join().expect("no panic"))
                .sum()
        });
        assert_eq!(built, 1);

        assert_eq!(lyocell::current_num_threads(), 3);
        assert_eq!(lyocell::current_thread_index(), None);
        assert_eq!((0..100_u32).into_par_iter().sum::<u32>(), 4950);

        // Built again it is an error, of any width, and the first stays as it was.
        for width in [1, 3, 5] {
            let error = ThreadPoolBuilder::new()
                .num_threads(width)
                .build_global()
                .expect_err("there is one already");
            assert!(
                error.to_string().contains("already been initialized"),
                "{error}"
            );
            assert!(error.source().is_none());
        }
        assert_eq!(lyocell::current_num_threads(), 3);

        // A pool of one's own stands beside it.
        let own = ThreadPoolBuilder::new()
            .num_threads(2)
            .build()
            .expect("a pool");
        assert_eq!(own.install(lyocell::current_num_threads), 2);
        assert_eq!(lyocell::current_num_threads(), 3);
    });
}
