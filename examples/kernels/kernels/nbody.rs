//! Gravity among all pairs of bodies.

use super::par::prelude::*;
use crate::data::{Inputs, generator};
use crate::kernel::{Agreement, Built, Kernel, Size, furnish, grouped};
use rand::RngExt;

/// So many bodies are pulled at a time, one in each lane: their sums are independent of each other, so the loop over
/// the bodies that pull becomes vector code.
const LANES: usize = 8;
const TIME_STEP: f64 = 1e-4;
/// Keeps the force finite where two bodies meet, and a body's pull on itself zero.
const SOFTENING_SQUARED: f64 = 1e-4;

/// The energy is a sum over all bodies, in whatever order it is taken.
const TOLERANCE: f64 = 1e-12;

struct NBody {
    start: Bodies,
    steps: usize,
}

#[derive(Clone)]
struct Bodies {
    mass: Vec<f64>,
    place: [Vec<f64>; 3],
    velocity: Vec<[f64; 3]>,
}

struct Room {
    bodies: Bodies,
    energy: f64,
}

pub(super) fn build(_: &Inputs, size: Size) -> Built<'_> {
    let count = size.pick(1024, 2048, 8192);
    Ok(furnish(NBody {
        start: Bodies::ball(count),
        steps: size.pick(4, 10, 5),
    }))
}

impl Bodies {
    /// Bodies at rest in a ball.
    fn ball(count: usize) -> Self {
        let mut random = generator(0x5eed_0004);
        let mut place = [const { Vec::new() }; 3];
        while place[0].len() < count {
            let p: [f64; 3] = std::array::from_fn(|_| random.random_range(-1.0..1.0));
            if p.iter().map(|c| c * c).sum::<f64>() < 1.0 {
                for (axis, coordinate) in place.iter_mut().zip(p) {
                    axis.push(coordinate);
                }
            }
        }
        let mass = (0..count)
            .map(|_| random.random_range(0.5..1.5) / count as f64)
            .collect();
        Self {
            mass,
            place,
            velocity: vec![[0.0; 3]; count],
        }
    }

    fn reset(&mut self, start: &Self) {
        for (axis, from) in self.place.iter_mut().zip(&start.place) {
            axis.copy_from_slice(from);
        }
        self.velocity.copy_from_slice(&start.velocity);
    }

    /// The long half of a step is all in here: every body pulls the block of bodies that begins at `first`.
    fn kick(mass: &[f64], place: &[Vec<f64>; 3], first: usize, velocity: &mut [[f64; 3]]) {
        let [x, y, z] = place;
        // The last block may be short. Its spare lanes work on the last body again, and are then left out.
        let lane =
            |axis: &[f64]| std::array::from_fn(|lane| axis[(first + lane).min(axis.len() - 1)]);
        let (my_x, my_y, my_z): ([f64; LANES], [f64; LANES], [f64; LANES]) =
            (lane(x), lane(y), lane(z));
        let mut pull = [[0.0; LANES]; 3];
        for (((&m, &x), &y), &z) in mass.iter().zip(x).zip(y).zip(z) {
            for lane in 0..LANES {
                let (dx, dy, dz) = (x - my_x[lane], y - my_y[lane], z - my_z[lane]);
                let squared = dx * dx + dy * dy + dz * dz + SOFTENING_SQUARED;
                let strength = m / (squared * squared.sqrt());
                pull[0][lane] += strength * dx;
                pull[1][lane] += strength * dy;
                pull[2][lane] += strength * dz;
            }
        }
        for (lane, velocity) in velocity.iter_mut().enumerate() {
            for axis in 0..3 {
                velocity[axis] += TIME_STEP * pull[axis][lane];
            }
        }
    }

    /// The short half: one pass over the bodies, where the other has one for each of them.
    fn drift(&mut self) {
        for (axis, place) in self.place.iter_mut().enumerate() {
            for (coordinate, velocity) in place.iter_mut().zip(&self.velocity) {
                *coordinate += TIME_STEP * velocity[axis];
            }
        }
    }

    /// Kinetic energy, and half of the potential one: the other half is told by the other bodies.
    fn energy_of(&self, body: usize) -> f64 {
        let [x, y, z] = &self.place;
        let (my_x, my_y, my_z) = (x[body], y[body], z[body]);
        let mut potential = self.mass[body] / SOFTENING_SQUARED.sqrt(); // takes out the body's own share in the loop
        for (((&m, &x), &y), &z) in self.mass.iter().zip(x).zip(y).zip(z) {
            let (dx, dy, dz) = (x - my_x, y - my_y, z - my_z);
            potential -= m / (dx * dx + dy * dy + dz * dz + SOFTENING_SQUARED).sqrt();
        }
        let [u, v, w] = self.velocity[body];
        self.mass[body] * 0.5 * (u * u + v * v + w * w + potential)
    }
}

impl Kernel for NBody {
    type Room = Room;

    fn size(&self) -> String {
        format!(
            "{} bodies, {} steps",
            grouped(self.start.mass.len()),
            self.steps
        )
    }

    fn room(&self) -> Room {
        Room {
            bodies: self.start.clone(),
            energy: 0.0,
        }
    }

    fn serial(&self, Room { bodies, energy }: &mut Room) {
        bodies.reset(&self.start);
        for _ in 0..self.steps {
            let Bodies {
                mass,
                place,
                velocity,
            } = &mut *bodies;
            for (block, velocity) in velocity.chunks_mut(LANES).enumerate() {
                Bodies::kick(mass, place, block * LANES, velocity);
            }
            bodies.drift();
        }
        *energy = (0..bodies.mass.len())
            .map(|body| bodies.energy_of(body))
            .sum();
    }

    fn parallel(&self, Room { bodies, energy }: &mut Room) {
        bodies.reset(&self.start);
        for _ in 0..self.steps {
            let Bodies {
                mass,
                place,
                velocity,
            } = &mut *bodies;
            velocity
                .par_chunks_mut(LANES)
                .enumerate()
                .for_each(|(block, velocity)| {
                    Bodies::kick(mass, place, block * LANES, velocity);
                });
            bodies.drift();
        }
        *energy = (0..bodies.mass.len())
            .into_par_iter()
            .map(|body| bodies.energy_of(body))
            .sum();
    }

    fn compare(&self, serial: &Room, parallel: &Room) -> Agreement {
        let axes = serial.bodies.place.iter().zip(&parallel.bodies.place);
        axes.map(|(a, b)| Agreement::bits("coordinates", a, b))
            .fold(
                Agreement::relative("the energy", serial.energy, parallel.energy, TOLERANCE),
                Agreement::and,
            )
    }

    fn answer(&self, room: &Room) -> String {
        format!("energy {:.6}", room.energy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agree_and_energy_is_kept() {
        // 61 bodies: the last block is short.
        let kernel = NBody {
            start: Bodies::ball(61),
            steps: 20,
        };
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        let agreement = kernel.compare(&serial, &parallel);
        assert!(
            matches!(agreement, Agreement::Within { .. }),
            "{agreement:?}"
        );

        let before: f64 = (0..61).map(|body| kernel.start.energy_of(body)).sum();
        assert!(before < 0.0);
        assert!(
            ((parallel.energy - before) / before).abs() < 1e-3,
            "{before} became {}",
            parallel.energy
        );
        assert_ne!(serial.bodies.place[0], kernel.start.place[0]);
    }

    #[test]
    fn two_bodies_fall_towards_each_other() {
        let place = [vec![0.0, 2.0], vec![0.0, 0.0], vec![0.0, 0.0]];
        let mut velocity = vec![[0.0; 3]; 2];
        Bodies::kick(&[1.0, 3.0], &place, 0, &mut velocity);
        assert!((velocity[0][0] / TIME_STEP - 3.0 / 4.0).abs() < 1e-4);
        assert!((velocity[1][0] / TIME_STEP + 1.0 / 4.0).abs() < 1e-4);
    }
}
