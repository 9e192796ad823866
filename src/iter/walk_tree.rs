//! `walk_tree`, `walk_tree_prefix`, `walk_tree_postfix`: the nodes of a tree, known by its root and a
//! function that tells the children of a node.
//!
//! A piece is a forest, some trees side by side, and a row of nodes whose children are already in it or
//! in other pieces. Forests are cut between trees. A single tree is *opened* for that: its root goes to
//! the row, its children make the new forest.

use super::ParallelIterator;
use super::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// How many nodes are opened for one cut at most, each being the only child of the one before. Without
/// an end a search through an endless row of only children would not even begin.
const LONGEST_DESCENT: usize = 1 << 16;

/// Cuts off the second half, if there are two halves.
fn second_half<T>(all: &mut Vec<T>) -> Option<Vec<T>> {
    (all.len() > 1).then(|| all.split_off(all.len() / 2))
}

/// The nodes of a tree, each before its children; made by [`walk_tree_prefix`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct WalkTreePrefix<S, B> {
    root: S,
    children_of: B,
}

/// A parallel iterator over the nodes of a tree, each node before its children, and those in order.
///
/// The tree may be there already, or come into being on the way: `children_of` is called once for each
/// node, and nodes are handed on by value.
///
/// ```
/// use lyocell::iter::walk_tree_prefix;
/// use lyocell::prelude::*;
///
/// struct Node {
///     name: &'static str,
///     children: Vec<Node>,
/// }
///
/// let leaf = |name| Node { name, children: vec![] };
/// let house = Node { name: "house", children: vec![leaf("hall"), leaf("attic")] };
/// let names: Vec<_> = walk_tree_prefix(&house, |node| &node.children).map(|node| node.name).collect();
/// assert_eq!(names, ["house", "hall", "attic"]);
/// ```
///
/// # Order and cost
/// With [`find_any`](ParallelIterator::find_any) and other ends that stop early, nodes below the ones
/// that were looked at need never be made.
#[inline]
pub fn walk_tree_prefix<S, B, I>(root: S, children_of: B) -> WalkTreePrefix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    WalkTreePrefix { root, children_of }
}

impl<S, B, I> ParallelIterator for WalkTreePrefix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    type Item = S;

    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        let whole = Prefix {
            row: Vec::new(),
            forest: vec![self.root],
            children_of: &self.children_of,
        };
        bridge_unindexed(whole, consumer)
    }
}

/// First the nodes of the row, then the trees of the forest, which lie in it last one first.
struct Prefix<'b, S, B> {
    row: Vec<S>,
    forest: Vec<S>,
    children_of: &'b B,
}

impl<S, B, I> Prefix<'_, S, B>
where
    B: Fn(&S) -> I,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    /// Opens the next tree.
    #[inline]
    fn open(&mut self) -> Option<S> {
        let node = self.forest.pop()?;
        let children = (self.children_of)(&node);
        self.forest.extend(children.into_iter().rev());
        Some(node)
    }
}

impl<S, B, I> UnindexedProducer for Prefix<'_, S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    type Item = S;

    fn split(mut self) -> (Self, Option<Self>) {
        let opened_before = self.row.len();
        while self.forest.len() == 1 && self.row.len() - opened_before < LONGEST_DESCENT {
            let node = self.open();
            self.row.extend(node);
        }
        let second = if let Some(nearer) = second_half(&mut self.forest) {
            Some((Vec::new(), std::mem::replace(&mut self.forest, nearer)))
        } else {
            let row = second_half(&mut self.row);
            row.map(|row| (row, std::mem::take(&mut self.forest)))
        };
        let children_of = self.children_of;
        let second = second.map(|(row, forest)| Self {
            row,
            forest,
            children_of,
        });
        (self, second)
    }

    fn fold_with<F: Folder<S>>(mut self, mut folder: F) -> F {
        folder = folder.consume_iter(std::mem::take(&mut self.row));
        while !folder.full() {
            let Some(node) = self.open() else { break };
            folder = folder.consume(node);
        }
        drop(self); // while the folder can be dropped, too, if a node panics; likewise below
        folder
    }
}

/// The nodes of a tree, each after its children; made by [`walk_tree_postfix`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct WalkTreePostfix<S, B> {
    root: S,
    children_of: B,
}

/// A parallel iterator over the nodes of a tree, each node after its children, and those in order.
///
/// As [`walk_tree_prefix`], it makes the tree as it goes; but a node is handed on last of all those
/// below it.
///
/// ```
/// use lyocell::iter::walk_tree_postfix;
/// use lyocell::prelude::*;
///
/// // Halves of halves.
/// let parts = |n: &u32| if *n > 1 { vec![n / 2, n - n / 2] } else { vec![] };
/// let sizes: Vec<_> = walk_tree_postfix(3, parts).collect();
/// assert_eq!(sizes, [1, 1, 1, 2, 3]);
/// ```
///
/// # Order and cost
/// The depth of the tree is bounded by memory alone, not by the stack.
#[inline]
pub fn walk_tree_postfix<S, B, I>(root: S, children_of: B) -> WalkTreePostfix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
{
    WalkTreePostfix { root, children_of }
}

impl<S, B, I> ParallelIterator for WalkTreePostfix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
{
    type Item = S;

    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        let whole = Postfix {
            forest: vec![self.root],
            row: Vec::new(),
            children_of: &self.children_of,
        };
        bridge_unindexed(whole, consumer)
    }
}

/// First the trees of the forest, then the nodes of the row, which lie in it last one first.
struct Postfix<'b, S, B> {
    forest: Vec<S>,
    row: Vec<S>,
    children_of: &'b B,
}

impl<S, B, I> UnindexedProducer for Postfix<'_, S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
{
    type Item = S;

    fn split(mut self) -> (Self, Option<Self>) {
        let opened_before = self.row.len();
        while self.forest.len() == 1 && self.row.len() - opened_before < LONGEST_DESCENT {
            let Some(node) = self.forest.pop() else { break };
            self.forest.extend((self.children_of)(&node));
            self.row.push(node);
        }
        let second = if let Some(forest) = second_half(&mut self.forest) {
            Some((forest, std::mem::take(&mut self.row)))
        } else {
            let nearer = second_half(&mut self.row);
            nearer.map(|nearer| (Vec::new(), std::mem::replace(&mut self.row, nearer)))
        };
        let children_of = self.children_of;
        let second = second.map(|(forest, row)| Self {
            forest,
            row,
            children_of,
        });
        (self, second)
    }

    fn fold_with<F: Folder<S>>(self, mut folder: F) -> F {
        let children_of = self.children_of;
        let open = |node: S| {
            let children = children_of(&node).into_iter();
            (node, children)
        };
        // From a root down to the node that is being looked at, each with the children still to come.
        let mut path = Vec::new();
        let mut roots = self.forest.into_iter();
        while let Some(root) = roots.next() {
            path.push(open(root));
            while let Some((_, children)) = path.last_mut() {
                if let Some(child) = children.next() {
                    path.push(open(child));
                } else if let Some((node, _)) = path.pop() {
                    folder = folder.consume(node);
                    if folder.full() {
                        drop((path, roots, self.row));
                        return folder;
                    }
                }
            }
        }
        folder.consume_iter(self.row.into_iter().rev())
    }
}

/// The nodes of a tree; made by [`walk_tree`].
#[must_use = "parallel iterators are lazy: nothing happens until one is driven to its end"]
#[derive(Clone, Debug)]
pub struct WalkTree<S, B>(WalkTreePostfix<S, B>);

/// A parallel iterator over the nodes of a tree, in whatever order is best.
///
/// ```
/// use lyocell::iter::walk_tree;
/// use lyocell::prelude::*;
///
/// let digits = |n: &u32| (0..10).map(|d| n * 10 + d).filter(|n| (1..1000).contains(n)).collect::<Vec<_>>();
/// assert_eq!(walk_tree(0, digits).count(), 1000);
/// ```
///
/// # Order and cost
/// For an order that stays, take [`walk_tree_prefix`] or [`walk_tree_postfix`].
#[inline]
pub fn walk_tree<S, B, I>(root: S, children_of: B) -> WalkTree<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    WalkTree(walk_tree_postfix(root, children_of))
}

impl<S, B, I> ParallelIterator for WalkTree<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator> + Send,
{
    type Item = S;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        self.0.drive_unindexed(consumer)
    }
}
