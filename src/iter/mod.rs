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
//! # What the compiler refuses
//! **What threads must not share.** A reference count without locks cannot go to another thread, neither
//! from a collection nor out of a closure; take an `Arc`.
//!
//! ```compile_fail,E0599
//! use lyocell::prelude::*;
//! # use std::rc::Rc;
//! let counted = vec![Rc::new(1), Rc::new(2)];
//! counted.par_iter().for_each(|n| println!("{n}"));
//! ```
//!
//! ```compile_fail,E0277
//! use lyocell::prelude::*;
//! # use std::rc::Rc;
//! let counted: Vec<Rc<i32>> = vec![1, 2].into_par_iter().map(Rc::new).collect();
//! ```
//!
//! **Changing what all closures see.** A `Cell` cannot be seen by several threads, a variable not be
//! changed by them. Mostly `sum`, `reduce` or `fold` say what was meant; else take an atomic or a mutex.
//!
//! ```compile_fail,E0277
//! use lyocell::prelude::*;
//! # use std::cell::Cell;
//! let sum = Cell::new(0);
//! (0..10).into_par_iter().for_each(|n| sum.set(sum.get() + n));
//! ```
//!
//! ```compile_fail,E0594
//! use lyocell::prelude::*;
//! let mut sum = 0;
//! (0..10).into_par_iter().for_each(|n| sum += n);
//! ```
//!
//! **Places where there are none.** After `filter` nobody knows the place of an item before all are
//! counted, so that what needs places (`zip`, `enumerate`, `rev`, `chunks`, …) is missing. The compiler
//! says that the filter is no `Iterator`, which is true but not the point. Do first what needs places,
//! or collect into a `Vec` between.
//!
//! ```compile_fail,E0599
//! use lyocell::prelude::*;
//! let (a, b) = ([1, 2, 3], [4, 5, 6]);
//! let pairs = a.par_iter().filter(|x| **x > 1).zip(b.par_iter());
//! ```
//!
//! ```compile_fail,E0277
//! use lyocell::prelude::*;
//! let (a, b) = ([1, 2, 3], [4, 5, 6]);
//! let pairs = a.par_iter().zip(b.par_iter().filter(|x| **x > 4));
//! ```
//!
//! **Types that have no parallel iterator.** For one of your own, implement [`IntoParallelIterator`] for
//! it or for `&` of it, or let [`split`](split()) cut it. A sequential iterator has
//! [`par_bridge`](ParallelBridge::par_bridge).
//!
//! ```compile_fail,E0599
//! use lyocell::prelude::*;
//! struct Bag(Vec<u32>);
//! Bag(vec![1, 2]).par_iter().for_each(|n| println!("{n}"));
//! ```
//!
//! **A loop that nobody runs.** Adapters alone do nothing; one whose result is dropped is worth a warning.
//!
//! ```compile_fail
//! #![deny(unused_must_use)]
//! use lyocell::prelude::*;
//! [1, 2, 3].par_iter().map(|n| println!("{n}"));
//! ```
//!
//! [`with_min_len`]: IndexedParallelIterator::with_min_len

pub mod plumbing;

pub(crate) mod adapt;
mod convert;
mod few;
pub(crate) mod finish;
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
