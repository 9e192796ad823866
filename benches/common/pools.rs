//! Pools of a given width.

use std::num::NonZero;

/// A pool of rayon or lyocell. When it is handed out, all its workers have started and been awake once.
macro_rules! pool {
    (lyocell, $width:expr) => {{
        // As in the global pool.
        let builder = lyocell::ThreadPoolBuilder::new().caller_participates(true);
        pool!(builder: builder, $width)
    }};
    (rayon, $width:expr) => {
        pool!(builder: rayon::ThreadPoolBuilder::new(), $width)
    };
    (builder: $builder:expr, $width:expr) => {{
        let builder = $builder.num_threads($width);
        let pool = builder.build().expect("threads to start");
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
