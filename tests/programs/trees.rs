//! A tree of all verbs, some of whose leaves panic, called by two threads at once. How many leaves were reached and whether it panics
//! is known beforehand; which of several panics comes out is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use lyocell::prelude::*;
use lyocell::{ThreadPool, isolate, join, join_context, scope, scope_fifo};

use super::Program;
use crate::common::{boom, caught};
use crate::counted::{Counted, Ledger};

enum Tree {
    Leaf,
    Panic(u64),
    /// Panics beneath end here.
    Caught(Box<Tree>),
    Join(Box<[Tree; 2]>),
    JoinContext(Box<[Tree; 2]>),
    Scope(Vec<Tree>),
    ScopeFifo(Vec<Tree>),
    InPlace(Vec<Tree>),
    Loop(Vec<Tree>),
    Broadcast(Box<Tree>),
    Isolated(Box<Tree>),
    Elsewhere(Box<Tree>),
    Yield,
}

/// What may be in a part of the tree.
#[derive(Clone, Copy)]
struct Rights {
    /// Once on the way from the root to a leaf, or the leaves would be too many. And not in an isolated region: see the limits
    /// in `SAFETY.md`.
    broadcast: bool,
    /// To the other pool. Nobody comes back from there, nor goes there from within an isolated region: two pools whose threads
    /// call each other from such regions may wait for each other for ever.
    elsewhere: bool,
}

impl Tree {
    fn parse(program: &mut Program<'_>, depth: usize, rights: Rights) -> Self {
        if depth == 0 || program.is_over() {
            return Self::Leaf;
        }
        let kind = program.byte();
        let one = |program: &mut _, rights| Box::new(Self::parse(program, depth - 1, rights));
        let two = |program: &mut Program<'_>| {
            // Each half of the rest is one side, so that a changed byte changes one side only.
            let mut left = program.part(program.0.len() / 2);
            Box::new([
                Self::parse(&mut left, depth - 1, rights),
                Self::parse(program, depth - 1, rights),
            ])
        };
        let some = |program: &mut Program<'_>| {
            let count = program.below(5);
            let share = program.0.len() / count.max(1);
            (0..count)
                .map(|_| Self::parse(&mut program.part(share), depth - 1, rights))
                .collect::<Vec<_>>()
        };
        match kind % 20 {
            0 => Self::Panic(u64::from(kind)),
            1 | 2 => Self::Caught(one(program, rights)),
            3..8 => Self::Join(two(program)),
            8 | 9 => Self::JoinContext(two(program)),
            10 | 11 => Self::Scope(some(program)),
            12 => Self::ScopeFifo(some(program)),
            13 => Self::InPlace(some(program)),
            14 | 15 => Self::Loop(some(program)),
            16 if rights.broadcast => {
                let broadcast = false;
                Self::Broadcast(one(
                    program,
                    Rights {
                        broadcast,
                        ..rights
                    },
                ))
            }
            17 => {
                let (broadcast, elsewhere) = (false, false);
                Self::Isolated(one(
                    program,
                    Rights {
                        broadcast,
                        elsewhere,
                    },
                ))
            }
            18 if rights.elsewhere => {
                let elsewhere = false;
                Self::Elsewhere(one(
                    program,
                    Rights {
                        elsewhere,
                        ..rights
                    },
                ))
            }
            19 => Self::Yield,
            _ => Self::Leaf,
        }
    }

    /// Whether it panics.
    fn panics(&self) -> bool {
        match self {
            Self::Leaf | Self::Yield | Self::Caught(_) => false,
            Self::Panic(_) => true,
            Self::Join(sides) | Self::JoinContext(sides) => sides.iter().any(Self::panics),
            Self::Scope(all) | Self::ScopeFifo(all) | Self::InPlace(all) | Self::Loop(all) => {
                all.iter().any(Self::panics)
            }
            Self::Broadcast(tree) | Self::Isolated(tree) | Self::Elsewhere(tree) => tree.panics(),
        }
    }

    /// How many leaves it has, if all is run, by `width` threads wherever all of them run it.
    fn leaves(&self, width: u64, other_width: u64) -> u64 {
        let sum = |trees: &[Self]| {
            trees
                .iter()
                .map(|tree| tree.leaves(width, other_width))
                .sum()
        };
        match self {
            Self::Leaf => 1,
            Self::Yield | Self::Panic(_) => 0,
            Self::Join(sides) | Self::JoinContext(sides) => sum(&sides[..]),
            Self::Scope(all) | Self::ScopeFifo(all) | Self::InPlace(all) | Self::Loop(all) => {
                sum(all)
            }
            Self::Caught(tree) | Self::Isolated(tree) => tree.leaves(width, other_width),
            Self::Broadcast(tree) => width * tree.leaves(width, other_width),
            Self::Elsewhere(tree) => tree.leaves(other_width, other_width),
        }
    }

    /// Whether no leaf can be missed: a panic may skip what was not begun, but for the jobs of a scope.
    fn is_complete(&self) -> bool {
        match self {
            Self::Leaf | Self::Yield | Self::Panic(_) => true,
            Self::Join(sides) | Self::JoinContext(sides) => {
                !sides[0].panics() && sides.iter().all(Self::is_complete)
            }
            Self::Scope(all) | Self::ScopeFifo(all) | Self::InPlace(all) => {
                all.iter().all(Self::is_complete)
            }
            Self::Loop(all) => all.iter().all(|tree| tree.is_complete() && !tree.panics()),
            Self::Caught(tree) | Self::Isolated(tree) | Self::Elsewhere(tree) => tree.is_complete(),
            Self::Broadcast(tree) => tree.is_complete(),
        }
    }

    /// Runs it. Each closure owns a value of the ledger, and gives it back as its result where it can.
    fn run(&self, book: &Book, other: &ThreadPool) -> Counted {
        let owned = book.ledger.value(1);
        let run = |tree: &Self| tree.run(book, other);
        match self {
            // Relaxed: a count, read when all is over.
            Self::Leaf => _ = book.leaves.fetch_add(1, Ordering::Relaxed),
            Self::Panic(tag) => boom(*tag),
            Self::Caught(tree) => {
                let outcome = caught(|| run(tree));
                assert_eq!(outcome.is_err(), tree.panics());
            }
            Self::Join(sides) => {
                let (a, b) = (book.ledger.value(2), book.ledger.value(3));
                let sums = join(|| run(&sides[0]).plus(a), || run(&sides[1]).plus(b));
                drop(sums);
            }
            Self::JoinContext(sides) => {
                let (a, b) = (book.ledger.value(2), book.ledger.value(3));
                drop(join_context(
                    |_| run(&sides[0]).plus(a),
                    |_| run(&sides[1]).plus(b),
                ));
            }
            Self::Scope(all) => {
                let given = book.ledger.value(4);
                scope(|s| {
                    for tree in all {
                        let given = given.clone();
                        // From one job to the next.
                        s.spawn(move |s| s.spawn(move |_| drop(tree.run(book, other).plus(given))));
                    }
                });
            }
            Self::ScopeFifo(all) => scope_fifo(|s| {
                for tree in all {
                    let given = book.ledger.value(4);
                    s.spawn_fifo(move |_| drop(tree.run(book, other).plus(given)));
                }
            }),
            Self::InPlace(all) => lyocell::in_place_scope(|s| {
                for tree in all {
                    s.spawn(move |_| drop(tree.run(book, other)));
                }
            }),
            Self::Loop(all) => {
                let kept: Vec<Counted> = all.par_iter().with_max_len(1).map(run).collect();
                assert_eq!(kept.len(), all.len());
            }
            Self::Broadcast(tree) => drop(lyocell::broadcast(|_| run(tree))),
            Self::Isolated(tree) => drop(isolate(|| run(tree))),
            Self::Elsewhere(tree) => drop(other.install(|| run(tree))),
            Self::Yield => {
                lyocell::yield_now();
                lyocell::yield_local();
            }
        }
        owned
    }
}

struct Book {
    leaves: AtomicU64,
    ledger: Arc<Ledger>,
}

pub(super) fn run(mut program: Program<'_>) {
    let (pool, other) = (program.pool(), program.pool());
    let rights = Rights {
        broadcast: true,
        elsewhere: true,
    };
    let tree = Tree::parse(&mut program, 12, rights);
    // At the same time the other way round, so that each pool has strangers, who may wait for the other one.
    thread::scope(|threads| {
        threads.spawn(|| call(&tree, other, pool));
        call(&tree, pool, other);
    });
}

fn call(tree: &Tree, pool: &ThreadPool, other: &ThreadPool) {
    let book = Book {
        leaves: AtomicU64::new(0),
        ledger: Ledger::new(),
    };
    let outcome = caught(|| drop(pool.install(|| tree.run(&book, other))));
    assert_eq!(outcome.is_err(), tree.panics());
    book.ledger.settle();
    if tree.is_complete() {
        let widths = [pool, other].map(|pool| pool.current_num_threads() as u64);
        assert_eq!(book.leaves.into_inner(), tree.leaves(widths[0], widths[1]));
    }
}
