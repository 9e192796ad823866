//! How much time a run may take.

/// Read from the command line by criterion's own rules, so that one flag means the same to every bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Every row once, small: `--test`, or no `--bench` at all, which is how `cargo test --benches` calls us.
    Smoke,
    /// `--quick`: all sizes but the largest, few repetitions.
    Quick,
    Full,
}

impl Effort {
    pub(crate) fn asked_for() -> Self {
        let has = |flag: &str| std::env::args().any(|arg| arg == flag);
        if has("--test") || !has("--bench") {
            Self::Smoke
        } else if has("--quick") {
            Self::Quick
        } else {
            Self::Full
        }
    }

    /// The part of `all`, sorted from small to large, that this effort is worth.
    pub(crate) fn of<T>(self, all: &[T]) -> &[T] {
        match self {
            Self::Smoke => &all[..1],
            Self::Quick => &all[..all.len().max(2) - 1],
            Self::Full => all,
        }
    }
}
