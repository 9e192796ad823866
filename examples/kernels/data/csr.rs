//! Sparse matrices by compressed rows.

use super::generator;
use rand::RngExt;
use std::ops::Range;

/// A sparse matrix: the entries of row `i` are those at `starts[i]..starts[i + 1]`, by rising column, each column once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Csr {
    width: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

/// Row, column and value of one entry.
pub(crate) type Triplet = (u32, u32, f64);

impl Csr {
    /// Entries may come in any order. Those at the same place are added up, in the order in which they came.
    pub(crate) fn from_triplets(height: usize, width: usize, triplets: &[Triplet]) -> Self {
        // A counting sort by rows. `next[i]` ends as the end of row `i`, which is the start of the row after it.
        let mut next = vec![0; height + 1];
        for &(row, _, _) in triplets {
            next[row as usize + 1] += 1;
        }
        for row in 0..height {
            next[row + 1] += next[row];
        }
        let starts = next.clone();
        let mut entries = vec![(0, 0.0); triplets.len()];
        for &(row, column, value) in triplets {
            let place = &mut next[row as usize];
            entries[*place] = (column, value);
            *place += 1;
        }

        let mut matrix = Self {
            width,
            starts: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
        };
        for row in 0..height {
            let row = &mut entries[starts[row]..starts[row + 1]];
            row.sort_by_key(|&(column, _)| column);
            for same in row.chunk_by(|a, b| a.0 == b.0) {
                matrix.columns.push(same[0].0);
                matrix
                    .values
                    .push(same.iter().map(|&(_, value)| value).sum());
            }
            matrix.starts.push(matrix.columns.len());
        }
        matrix
    }

    /// The five-point Laplacian on a square grid: symmetric and positive definite.
    pub(crate) fn poisson(side: usize) -> Self {
        let at = |y: usize, x: usize| (y * side + x) as u32;
        let mut triplets = Vec::with_capacity(5 * side * side);
        for y in 0..side {
            for x in 0..side {
                let here = at(y, x);
                triplets.push((here, here, 4.0));
                if x + 1 < side {
                    triplets.extend([(here, at(y, x + 1), -1.0), (at(y, x + 1), here, -1.0)]);
                }
                if y + 1 < side {
                    triplets.extend([(here, at(y + 1, x), -1.0), (at(y + 1, x), here, -1.0)]);
                }
            }
        }
        Self::from_triplets(side * side, side * side, &triplets)
    }

    /// A square matrix with uneven rows, as a web of links has them: most rows are short, every 64th is about twenty
    /// times as long, and all of the long ones lie in the first half.
    pub(crate) fn uneven(side: usize) -> Self {
        let mut random = generator(0x5eed_0001);
        let mut triplets = Vec::new();
        for row in 0..side {
            let long = row % 64 == 0 && row < side / 2;
            let count = if long {
                160
            } else {
                random.random_range(4..12)
            };
            for _ in 0..count {
                let column = random.random_range(0..side as u32);
                triplets.push((row as u32, column, random.random_range(-1.0..1.0)));
            }
        }
        Self::from_triplets(side, side, &triplets)
    }

    pub(crate) fn height(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn entries(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn is_square(&self) -> bool {
        self.height() == self.width
    }

    fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let place = self.starts[row]..self.starts[row + 1];
        (&self.columns[place.clone()], &self.values[place])
    }

    /// The product of one row with a vector.
    pub(crate) fn row_times(&self, row: usize, x: &[f64]) -> f64 {
        let (columns, values) = self.row(row);
        columns
            .iter()
            .zip(values)
            .map(|(&column, value)| value * x[column as usize])
            .sum()
    }

    /// The products of some rows, `into[0]` being that of the first of them.
    pub(crate) fn rows_times(&self, rows: Range<usize>, x: &[f64], into: &mut [f64]) {
        for (row, y) in rows.zip(into) {
            *y = self.row_times(row, x);
        }
    }

    /// The entry at a place, which is zero where none is stored.
    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        let (columns, values) = self.row(row);
        columns
            .binary_search(&(column as u32))
            .map_or(0.0, |place| values[place])
    }

    /// The first place whose mirror image holds another value. Last bits may differ: programs that write matrices
    /// round the two sides apart.
    pub(crate) fn first_asymmetry(&self) -> Option<(usize, usize)> {
        (0..self.height()).find_map(|row| {
            let (columns, values) = self.row(row);
            let odd = columns.iter().zip(values).find(|&(&column, &value)| {
                let mirrored = self.get(column as usize, row);
                (value - mirrored).abs() > 1e-12 * value.abs().max(mirrored.abs())
            });
            odd.map(|(&column, _)| (row, column as usize))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triplets_are_sorted_and_added_up() {
        let matrix =
            Csr::from_triplets(3, 4, &[(2, 3, 1.0), (0, 1, 2.0), (2, 0, 4.0), (0, 1, 0.5)]);
        assert_eq!(
            (matrix.height(), matrix.width(), matrix.entries()),
            (3, 4, 3)
        );
        assert_eq!(matrix.get(0, 1), 2.5);
        assert_eq!(matrix.get(1, 1), 0.0);
        let mut y = [9.0; 3];
        matrix.rows_times(0..3, &[1.0, 10.0, 100.0, 1000.0], &mut y);
        assert_eq!(y, [25.0, 0.0, 1004.0]);
    }

    #[test]
    fn poisson_is_symmetric() {
        let matrix = Csr::poisson(5);
        assert_eq!(matrix.entries(), 5 * 25 - 4 * 5);
        assert_eq!(matrix.first_asymmetry(), None);
        assert_eq!(matrix.row_times(12, &[1.0; 25]), 0.0);
        assert_eq!(matrix.row_times(0, &[1.0; 25]), 2.0);
    }

    #[test]
    fn asymmetry_is_found() {
        let matrix = Csr::from_triplets(2, 2, &[(0, 0, 1.0), (1, 0, 3.0), (1, 1, 1.0)]);
        assert_eq!(matrix.first_asymmetry(), Some((1, 0)));
    }

    #[test]
    fn uneven_is_the_same_each_time() {
        assert_eq!(Csr::uneven(300), Csr::uneven(300));
    }
}
