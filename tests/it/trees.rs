//! `walk_tree` in its three orders, over trees that are there already and trees that grow on the way.

use lyocell::iter::{walk_tree, walk_tree_postfix, walk_tree_prefix};
use lyocell::prelude::*;

use crate::common::{Note, Random, caught, inside, sized, with_pools};
use crate::counted::Ledger;
use crate::twin::check_unindexed;

/// A tree by the children of each node; node 0 is the root.
#[derive(Clone, Debug)]
struct Tree(Vec<Vec<usize>>);

impl Tree {
    /// Each node hangs below one of the `reach` nodes before it: 1 makes a path, many make a bush.
    fn random(len: usize, reach: u64, random: &mut Random) -> Self {
        let mut children = vec![Vec::new(); len];
        for node in 1..len {
            let parent = node - 1 - random.below(reach.min(node as u64)) as usize;
            children[parent].push(node);
        }
        Self(children)
    }

    fn children(&self, node: usize) -> Vec<usize> {
        self.0[node].clone()
    }

    fn prefix(&self, node: usize, all: &mut Vec<usize>) {
        all.push(node);
        self.0[node]
            .iter()
            .for_each(|child| self.prefix(*child, all));
    }

    fn postfix(&self, node: usize, all: &mut Vec<usize>) {
        self.0[node]
            .iter()
            .for_each(|child| self.postfix(*child, all));
        all.push(node);
    }
}

#[test]
fn orders_of_random_trees() {
    with_pools(|pool, width| {
        let mut random = Random(width as u64);
        for len in [1, 2, 3, 10, 100, sized(1000, 50)] {
            for reach in [1, 2, 5, 1000] {
                let _note = Note(format!("{len} nodes, reach {reach}"));
                let tree = Tree::random(len, reach, &mut random);
                let (mut prefix, mut postfix) = (Vec::new(), Vec::new());
                tree.prefix(0, &mut prefix);
                tree.postfix(0, &mut postfix);
                let children = |node: &usize| tree.children(*node);
                inside(pool, &|| {
                    check_unindexed(|| walk_tree_prefix(0, children), &prefix);
                    check_unindexed(|| walk_tree_postfix(0, children), &postfix);
                    check_unindexed(|| walk_tree_prefix(0, children).clone(), &prefix);
                    check_unindexed(|| walk_tree_postfix(0, children).clone(), &postfix);
                    let mut any: Vec<usize> = walk_tree(0, children).clone().collect();
                    any.sort();
                    assert!(any.into_iter().eq(0..len));
                    for at in [0, len / 2, len - 1] {
                        let first = |order: &[usize]| order.iter().copied().find(|x| *x >= at);
                        assert_eq!(
                            walk_tree_prefix(0, children).find_first(|x| *x >= at),
                            first(&prefix)
                        );
                        assert_eq!(
                            walk_tree_postfix(0, children).find_first(|x| *x >= at),
                            first(&postfix)
                        );
                    }
                });
            }
        }
    });
}

/// Neither the search for a cut nor the walk itself recurses.
#[test]
fn deep_trees_need_no_stack() {
    with_pools(|pool, _| {
        let depth = sized(200_000, 1000) as u64;
        let next = |n: &u64| (*n < depth).then_some(n + 1);
        pool.install(|| {
            assert_eq!(
                walk_tree_prefix(0, next).sum::<u64>(),
                depth * (depth + 1) / 2
            );
            assert_eq!(
                walk_tree_postfix(0, next).sum::<u64>(),
                depth * (depth + 1) / 2
            );
            assert!(
                walk_tree_prefix(0, next)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .eq(0..=depth)
            );
            assert!(
                walk_tree_postfix(0, next)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .eq((0..=depth).rev())
            );
        });
    });
}

/// A search ends where the tree does not, be it a bush or a single row.
#[test]
fn endless_trees_end_early() {
    with_pools(|pool, _| {
        pool.install(|| {
            let bush = |n: &u64| [2 * n, 2 * n + 1];
            assert!(walk_tree_prefix(1, bush).any(|n| n > 1000));
            let row = |n: &u64| [n + 1];
            assert_eq!(
                walk_tree_prefix(0, row).find_first(|n| *n == 1000),
                Some(1000)
            );
            assert!(walk_tree_prefix(0, row).any(|n| n == 100_000));
        });
    });
}

/// What is asked of every adapter, of trees that are made of values: each node is dropped once, wherever a panic strikes.
#[test]
fn panics_drop_every_node_once() {
    type Walk = fn(&std::sync::Arc<Ledger>) -> usize;
    let walks: [Walk; 3] = [
        |ledger| {
            let root = ledger.value(0);
            walk_tree_prefix(root, |node| node.below(ledger))
                .inspect(|node| node.operate())
                .count()
        },
        |ledger| {
            let root = ledger.value(0);
            walk_tree_postfix(root, |node| node.below(ledger))
                .inspect(|node| node.operate())
                .count()
        },
        |ledger| {
            let root = ledger.value(0);
            walk_tree(root, |node| node.below(ledger))
                .collect::<Vec<_>>()
                .len()
        },
    ];
    with_pools(|pool, _| {
        for walk in walks {
            let mut fuse = 0;
            loop {
                let _note = Note(format!("a panic at operation {fuse}"));
                let ledger = Ledger::with_fuse(fuse);
                let result = caught(|| pool.install(|| walk(&ledger)));
                ledger.settle();
                match result {
                    Err(tag) => assert_eq!(tag, fuse as u64),
                    Ok(nodes) => break assert_eq!(nodes, 40),
                }
                fuse += 1;
            }
        }
    });
}
