//! What parallel iterators end in.
//!
//! [`end`] has the consumer that most ends share; [`each`], [`reduce`], [`tries`] and [`any`] are ends
//! of that kind. [`place`] knows where in the sequence it is. [`collect`], [`gather`] and [`unzip`] keep
//! the items, small ones by way of [`sift`], what comes of a vector's where those were ([`over`]), written in a [`row`]; [`from`] and
//! [`extend`] say for which collections, [`tree`] how trees are built.

pub(crate) mod any;
pub(crate) mod collect;
pub(crate) mod each;
pub(crate) mod end;
pub(crate) mod extend;
pub(crate) mod from;
pub(crate) mod gather;
pub(crate) mod over;
pub(crate) mod place;
pub(crate) mod reduce;
mod row;
mod sift;
pub(crate) mod stop;
pub(crate) mod tree;
pub(crate) mod tries;
pub(crate) mod unzip;
