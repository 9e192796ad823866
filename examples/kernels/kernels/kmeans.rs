//! Lloyd's k-means: each point goes to its nearest centre, each centre to the middle of its points.
//!
//! The middles are sums over blocks, added up in the order of the blocks in both ways. A point halfway between two
//! centres goes to the one or the other by the last bit, and real data is full of such points.

use super::par::prelude::*;
use crate::data::{Inputs, Points};
use crate::kernel::{Agreement, Built, Kernel, Size, counted, furnish};
use std::borrow::Cow;

/// Points in a block.
const BLOCK: usize = 1024;
const MOST_ROUNDS: usize = 20;

struct KMeans<'a> {
    points: Cow<'a, Points>,
    clusters: usize,
}

struct Room {
    centres: Vec<f64>,
    blocks: Vec<Share>,
    rounds: usize,
    /// The sum of the squared distances of the points from their centres.
    spread: f64,
}

/// What the points of one block tell about the new centres.
#[derive(Clone)]
struct Share {
    sums: Vec<f64>,
    counts: Vec<usize>,
    spread: f64,
}

pub(super) fn build(inputs: &Inputs, size: Size) -> Built<'_> {
    let clusters = inputs.clusters;
    let points = match &inputs.points {
        Some(points) => Cow::Borrowed(points),
        None => Cow::Owned(Points::clouds(
            size.pick(25_000, 250_000, 1_500_000),
            4,
            clusters,
        )),
    };
    if points.count() < clusters {
        return Err(format!(
            "{} cannot form {}",
            counted(points.count(), "point", "points"),
            counted(clusters, "cluster", "clusters")
        ));
    }
    Ok(furnish(KMeans { points, clusters }))
}

impl KMeans<'_> {
    /// Begins with points at even distances in the list.
    fn reset(&self, room: &mut Room) {
        let dimension = self.points.dimension();
        for (cluster, centre) in room.centres.chunks_mut(dimension).enumerate() {
            let point = cluster * self.points.count() / self.clusters;
            centre.copy_from_slice(&self.points.coordinates()[point * dimension..][..dimension]);
        }
        room.rounds = 0;
        room.spread = f64::INFINITY;
    }

    fn assign(&self, centres: &[f64], points: &[f64], share: &mut Share) {
        let dimension = self.points.dimension();
        share.sums.fill(0.0);
        share.counts.fill(0);
        share.spread = 0.0;
        for point in points.chunks_exact(dimension) {
            let (mut nearest, mut least) = (0, f64::INFINITY);
            for (cluster, centre) in centres.chunks_exact(dimension).enumerate() {
                let distance: f64 = point
                    .iter()
                    .zip(centre)
                    .map(|(p, c)| (p - c) * (p - c))
                    .sum();
                if distance < least {
                    (nearest, least) = (cluster, distance);
                }
            }
            for (sum, p) in share.sums[nearest * dimension..][..dimension]
                .iter_mut()
                .zip(point)
            {
                *sum += p;
            }
            share.counts[nearest] += 1;
            share.spread += least;
        }
    }

    /// The part of the work that is the same both ways. A cluster without points stays where it is.
    fn run(&self, room: &mut Room, assign: impl Fn(&[f64], &mut [Share])) {
        self.reset(room);
        let dimension = self.points.dimension();
        while room.rounds < MOST_ROUNDS {
            assign(&room.centres, &mut room.blocks);
            for (cluster, centre) in room.centres.chunks_mut(dimension).enumerate() {
                let count: usize = room.blocks.iter().map(|share| share.counts[cluster]).sum();
                for (axis, coordinate) in centre.iter_mut().enumerate().filter(|_| count > 0) {
                    let place = cluster * dimension + axis;
                    *coordinate = room
                        .blocks
                        .iter()
                        .map(|share| share.sums[place])
                        .sum::<f64>()
                        / count as f64;
                }
            }
            let spread: f64 = room.blocks.iter().map(|share| share.spread).sum();
            let settled = spread >= room.spread;
            room.spread = spread;
            room.rounds += 1;
            if settled {
                break;
            }
        }
    }
}

impl Kernel for KMeans<'_> {
    type Room = Room;

    fn size(&self) -> String {
        format!(
            "{} in {}-D, k = {}",
            counted(self.points.count(), "point", "points"),
            self.points.dimension(),
            self.clusters
        )
    }

    fn room(&self) -> Room {
        let coordinates = self.clusters * self.points.dimension();
        let share = Share {
            sums: vec![0.0; coordinates],
            counts: vec![0; self.clusters],
            spread: 0.0,
        };
        let blocks = vec![share; self.points.count().div_ceil(BLOCK)];
        Room {
            centres: vec![0.0; coordinates],
            blocks,
            rounds: 0,
            spread: 0.0,
        }
    }

    fn serial(&self, room: &mut Room) {
        let block = BLOCK * self.points.dimension();
        self.run(room, |centres, shares| {
            for (points, share) in self.points.coordinates().chunks(block).zip(shares) {
                self.assign(centres, points, share);
            }
        });
    }

    fn parallel(&self, room: &mut Room) {
        let block = BLOCK * self.points.dimension();
        self.run(room, |centres, shares| {
            let blocks = self.points.coordinates().par_chunks(block).zip(shares);
            blocks.for_each(|(points, share)| self.assign(centres, points, share));
        });
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        Agreement::exact("rounds", &[serial.rounds], &[parallel.rounds]).and(Agreement::bits(
            "coordinates of centres",
            &serial.centres,
            &parallel.centres,
        ))
    }

    fn answer(&self, room: &Room) -> String {
        let per_point = room.spread / self.points.count() as f64;
        format!("spread {per_point:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(points: Points, clusters: usize) -> Room {
        let kernel = KMeans {
            points: Cow::Owned(points),
            clusters,
        };
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        parallel
    }

    #[test]
    fn two_clear_groups() {
        let room = run(Points::new(1, vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0]), 2);
        assert_eq!(room.centres, [1.0, 11.0]);
        assert_eq!(room.spread, 4.0);
    }

    #[test]
    fn an_empty_cluster_stays() {
        let room = run(Points::new(2, vec![3.0; 20]), 3);
        assert_eq!(room.centres, [3.0; 6]);
        assert_eq!(room.spread, 0.0);
    }

    #[test]
    fn many_blocks() {
        let room = run(Points::clouds(5000, 3, 4), 4);
        assert!(room.spread > 0.0);
    }

    #[test]
    fn fewer_points_than_clusters() {
        let inputs = Inputs {
            points: Some(Points::new(1, vec![1.0, 2.0])),
            ..Inputs::default()
        };
        let reason = build(&inputs, Size::Small).err().expect("refused");
        assert_eq!(reason, "2 points cannot form 8 clusters");
    }
}
