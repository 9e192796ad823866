//! Parallel iterators.
//!
//! They read as sequential ones do, and most programs need no more than the
//! [prelude](crate::prelude) and one changed word: `par_iter()` for `iter()`.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! fn sum_of_squares(numbers: &[i64]) -> i64 {
//!     numbers.par_iter().map(|x| x * x).sum()
//! }
//!
//! assert_eq!(sum_of_squares(&[1, 2, 3]), 14);
//! ```
//!
//! # Two kinds
//! Every parallel iterator is a [`ParallelIterator`]. One that knows how many items it has and can be
//! cut at any index is an [`IndexedParallelIterator`] too, and can also be zipped, numbered, reversed
//! and cut in chunks. Slices, vectors and ranges are indexed, and `map` keeps that; `filter`,
//! `flat_map` and hash tables are not.
//!
//! # What stays in order, and what does not
//! Items keep their places: `collect`, `find_first` and `reduce` see them from left to right, and two
//! neighbouring pieces are only ever joined with each other. What happens *when* is not in order:
//! closures run at the same time, on many threads.
//!
//! # What a loop costs
//! Nothing happens before the end of the chain: adapters are lazy. Then the items are cut into a few
//! pieces for each thread, more where threads run out of work, and each piece is run through by std's
//! own loop. A loop with only one item, or one that [`with_min_len`] keeps whole, does not touch the
//! thread pool at all.
//!
//! A panic in a closure stops that piece, and resurfaces in the caller once all pieces that have begun
//! are done.
//!
//! [`with_min_len`]: IndexedParallelIterator::with_min_len

pub mod plumbing;

pub(crate) mod adapt;
mod convert;
mod few;
mod finish;
mod flag;
mod indexed;
mod multizip;
mod par_bridge;
mod parallel;
mod repeat;
mod split;
mod walk_tree;

pub use adapt::blocks::{ExponentialBlocks, UniformBlocks};
pub use adapt::chunks::{Chunks, FoldChunks, FoldChunksWith};
pub use adapt::cutoff::{SkipAny, SkipAnyWhile, TakeAny, TakeAnyWhile, WhileSome};
pub use adapt::elementwise::{
    Cloned, Copied, Filter, FilterMap, FlatMapIter, FlattenIter, Inspect, Map, Update,
};
pub use adapt::folds::{Fold, FoldWith, TryFold, TryFoldWith};
pub use adapt::fuse::PanicFuse;
pub use adapt::interleave::{Interleave, InterleaveShortest};
pub use adapt::intersperse::Intersperse;
pub use adapt::nested::{FlatMap, Flatten};
pub use adapt::pair::{Chain, Zip, ZipEq};
pub use adapt::reindex::{Enumerate, MaxLen, MinLen, Positions, Rev, Skip, StepBy, Take};
pub use adapt::stateful::{MapInit, MapWith};
pub use convert::{
    FromParallelIterator, IntoParallelIterator, IntoParallelRefIterator,
    IntoParallelRefMutIterator, ParallelDrainFull, ParallelDrainRange, ParallelExtend,
};
pub use either::Either;
pub use few::{Empty, Once, empty, once};
pub use indexed::IndexedParallelIterator;
pub use multizip::MultiZip;
pub use par_bridge::{IterBridge, ParallelBridge};
pub use parallel::ParallelIterator;
#[allow(deprecated)]
pub use repeat::repeatn;
pub use repeat::{Repeat, RepeatN, repeat, repeat_n};
pub use split::{Split, split};
pub use walk_tree::{
    WalkTree, WalkTreePostfix, WalkTreePrefix, walk_tree, walk_tree_postfix, walk_tree_prefix,
};

use finish::tries;
