//! All tests that can share one process. What holds for a whole process (the global pool, the environment,
//! aborts, CPU at rest) has a file of its own beside this folder.

mod boxed;
mod common;
mod counted;
mod rows;
mod twin;
mod watchdog;

mod bombs;
mod broadcast;
mod builder;
mod everywhere;
mod fairness;
mod fifo;
mod guests;
mod join;
mod panics;
mod pool;
mod regions;
mod scope;
mod spawn;
mod stress;
mod threads;

mod adapters;
mod chains;
mod collects;
mod ends;
mod lazy;
mod leaves;
mod pieces;
mod plumbing;
mod ranges;
mod slices;
mod sources;
mod states;
mod strings;
mod trees;
mod walks;

mod collect;
mod collections;
mod drain;
mod ledger;
mod sort;
mod unzip;
