//! Points in a space of any dimension.

use super::generator;
use rand::RngExt;

/// Points, one after the other in one array.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Points {
    dimension: usize,
    coordinates: Vec<f64>,
}

impl Points {
    /// The coordinates of whole points.
    pub(crate) fn new(dimension: usize, coordinates: Vec<f64>) -> Self {
        assert!(
            dimension > 0 && coordinates.len().is_multiple_of(dimension),
            "a point is incomplete"
        );
        Self {
            dimension,
            coordinates,
        }
    }

    /// Points in round clouds that overlap a little.
    pub(crate) fn clouds(count: usize, dimension: usize, clouds: usize) -> Self {
        let mut random = generator(0x5eed_0002);
        let centres: Vec<f64> = (0..clouds * dimension)
            .map(|_| random.random_range(-10.0..10.0))
            .collect();
        let mut coordinates = Vec::with_capacity(count * dimension);
        for _ in 0..count {
            let cloud = random.random_range(0..clouds);
            for centre in &centres[cloud * dimension..][..dimension] {
                // The sum of four even ones is bell-shaped enough.
                let bell: f64 = (0..4).map(|_| random.random_range(-1.5..1.5)).sum();
                coordinates.push(centre + bell);
            }
        }
        Self::new(dimension, coordinates)
    }

    pub(crate) fn count(&self) -> usize {
        self.coordinates.len() / self.dimension
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(crate) fn coordinates(&self) -> &[f64] {
        &self.coordinates
    }
}
