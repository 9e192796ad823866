//! Pools of a given width.

use std::num::NonZero;

/// A pool of rayon or lyocell. When it is handed out, all its workers have started and been awake once.
macro_rules! pool {
    ($lib:ident, $width:expr) => {{
        let builder = $lib::ThreadPoolBuilder::new().num_threads($width);
        let builder = $crate::common::pools::LikeGlobal::like_global(builder);
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

/// What makes a pool treat its callers as the global pool of its library does.
pub(crate) trait LikeGlobal {
    fn like_global(self) -> Self;
}

impl LikeGlobal for rayon::ThreadPoolBuilder {
    fn like_global(self) -> Self {
        self
    }
}

impl LikeGlobal for lyocell::ThreadPoolBuilder {
    fn like_global(self) -> Self {
        self.caller_participates(true)
    }
}
