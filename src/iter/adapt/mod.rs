//! The adapters, in families. What they share is written once:
//!
//! | family | an adapter says | written once |
//! |---|---|---|
//! | [`stage`] | what becomes of one item | consumer, folder, producer |
//! | [`wrap`] | which producer it makes of its base's | the callback |
//! | [`pair`] | which producer it makes of two | the two nested callbacks |
//! | [`state`] | what it does with a state of its own | both kinds of state, the consumer |
//!
//! [`elementwise`] and [`cutoff`] hold the stages, [`reindex`] and [`chunks`] the wraps, [`interleave`]
//! a pair more, [`stateful`] and [`folds`] the adapters with state. [`blocks`], [`nested`],
//! [`intersperse`] and [`fuse`] share with nobody.

pub(crate) mod blocks;
pub(crate) mod chunks;
pub(crate) mod cutoff;
pub(crate) mod elementwise;
pub(crate) mod folds;
pub(crate) mod fuse;
pub(crate) mod interleave;
pub(crate) mod intersperse;
pub(crate) mod nested;
pub(crate) mod pair;
pub(crate) mod reindex;
pub(crate) mod stage;
pub(crate) mod state;
pub(crate) mod stateful;
pub(crate) mod wrap;

/// Writes the face of an adapter: the struct, `new`, `Clone`, and a `Debug` that shows the fields
/// before the semicolon. Those after it are closures.
macro_rules! adapter {
    (
        $(#[$attr:meta])*
        pub struct $name:ident<$($param:ident),+> {
            $($shown:ident: $shown_type:ty),+ $(; $hidden:ident: $hidden_type:ty)*
        }
    ) => {
        $(#[$attr])*
        #[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
        #[derive(Clone)]
        pub struct $name<$($param),+> {
            $($shown: $shown_type,)+
            $($hidden: $hidden_type,)*
        }

        impl<$($param),+> $name<$($param),+> {
            #[inline]
            pub(in crate::iter) fn new($($shown: $shown_type,)+ $($hidden: $hidden_type,)*) -> Self {
                Self { $($shown,)+ $($hidden,)* }
            }
        }

        // A field whose type is no parameter makes a bound that is always true.
        #[allow(trivial_bounds)]
        impl<$($param),+> std::fmt::Debug for $name<$($param),+>
        where
            $($shown_type: std::fmt::Debug,)+
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))+
                    .finish()
            }
        }
    };
}
pub(crate) use adapter;
