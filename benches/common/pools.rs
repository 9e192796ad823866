//! Pools of a given width.

use std::num::NonZero;

/// A pool of rayon or lyocell. When it is handed out, all its workers have started and been awake once.
macro_rules! pool {
    ($lib:ident, $width:expr) => {{
        let pool = $lib::ThreadPoolBuilder::new()
            .num_threads($width)
            .build()
            .expect("threads to start");
        let all = std::sync::Barrier::new(pool.current_num_threads());
        pool.scope(|scope| {
            (0..pool.current_num_threads()).for_each(|_| {
                scope.spawn(|_| {
                    all.wait();
                });
            });
        });
        pool
    }};
}

/// A pool of chili of the same width, 0 for one worker per core: it counts the calling thread, and waits itself until its workers are up.
pub(crate) fn chili_pool(width: usize) -> chili::ThreadPool {
    chili::ThreadPool::with_config(chili::Config {
        thread_count: NonZero::new(width),
        ..Default::default()
    })
}
