//! Common calls of all kinds, each as std has it and as rayon and lyocell do, compiled from one source for both.
//!
//! | room | calls that |
//! |---|---|
//! | `reduces` | make one value of all items |
//! | `searches` | may stop early |
//! | `adapters` | pass items through adapters first |
//! | `collects` | make a collection |
//! | `sources` | come from elsewhere than a slice |
//! | `sorts` | put a slice into order |
//! | `inputs` | what all of them work on |
//! | `report` | the table and the chart |
// The serial forms are written like the parallel ones, where std may have a shorter word.
#![allow(
    clippy::filter_map_bool_then,
    clippy::flat_map_identity,
    clippy::manual_contains,
    clippy::map_collect_result_unit,
    clippy::unnecessary_find_map
)]

mod adapters;
mod collects;
pub(crate) mod inputs;
mod reduces;
pub(crate) mod report;
mod searches;
mod sorts;
mod sources;

pub(crate) use inputs::Inputs;

use crate::common::{Meter, Who};

/// Measures a call on these inputs.
pub(crate) type Turn = fn(&mut Meter, &'static Inputs);

/// One call, by three libraries.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    turns: [(Who, Turn); 3],
}

impl Call {
    /// `None` if `who` has no row.
    pub(crate) fn turn(&self, who: Who) -> Option<Turn> {
        self.turns
            .iter()
            .find(|(row, _)| *row == who)
            .map(|(_, turn)| *turn)
    }
}

/// Lists calls: a name, the inputs, the serial form, the parallel one. After `each` comes what every call gets
/// afresh; neither that nor the drop of the result is then on the clock.
///
/// The inputs pass through `black_box`, so that no call can be lifted out of its loop.
macro_rules! list_calls {
    ($($name:literal |$it:ident $(, each $fresh:pat = $prepare:expr;)?| $serial:expr, $parallel:expr;)*) => {
        pub(super) fn calls() -> Vec<$crate::rows::survey::Call> {
            use $crate::common::Who;
            vec![$({
                let rayon: $crate::rows::survey::Turn = {
                    use ::rayon::prelude::*;
                    list_calls!(@turn $it [$($fresh = $prepare)?] $parallel)
                };
                let lyocell: $crate::rows::survey::Turn = {
                    use ::lyocell::prelude::*;
                    list_calls!(@turn $it [$($fresh = $prepare)?] $parallel)
                };
                $crate::rows::survey::Call {
                    name: $name,
                    turns: [
                        (Who::Serial, list_calls!(@turn $it [$($fresh = $prepare)?] $serial)),
                        (Who::Rayon, rayon),
                        (Who::Lyocell, lyocell),
                    ],
                }
            }),*]
        }
    };
    (@turn $it:ident [] $call:expr) => {
        |meter, inputs| {
            meter.call(|| {
                let $it = std::hint::black_box(inputs);
                $call
            });
        }
    };
    (@turn $it:ident [$fresh:pat = $prepare:expr] $call:expr) => {
        |meter, $it| {
            meter.call_after(|| $prepare, |input| {
                let $fresh = std::hint::black_box(input);
                $call
            });
        }
    };
}
use list_calls;

/// A dozen bits of arithmetic that no compiler does away with.
fn mix(key: &u64) -> u64 {
    (key ^ (key >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24
}

fn is_third(key: &u64) -> bool {
    key.is_multiple_of(3)
}

/// None to three items.
fn few(key: &u64) -> std::ops::Range<u64> {
    let first = key >> 8;
    first..first + (key & 3)
}

/// All calls, room by room.
pub(crate) fn calls() -> Vec<Call> {
    [
        reduces::calls(),
        searches::calls(),
        adapters::calls(),
        collects::calls(),
        sources::calls(),
        sorts::calls(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
