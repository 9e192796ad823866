//! What a kernel is: one workload together with its input, worked out twice and compared.

use crate::data::Inputs;

/// How much work the generated inputs are: seconds, half a minute, or minutes in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

impl Size {
    pub(crate) fn pick<T>(self, small: T, medium: T, large: T) -> T {
        match self {
            Self::Small => small,
            Self::Medium => medium,
            Self::Large => large,
        }
    }

    /// How often each row is timed, unless asked otherwise: odd, so that the median is a time that was measured.
    pub(crate) fn rounds(self) -> usize {
        self.pick(15, 9, 5)
    }
}

/// One workload. Both ways get a room of their own, laid out alike, so that neither finds the other's cache lines
/// warm or pays for memory that the other does not.
pub(crate) trait Kernel {
    /// The work space, with the answer in it when a run is over. Every run begins by setting it up anew.
    type Room;

    fn size(&self) -> String;
    fn room(&self) -> Self::Room;
    fn serial(&self, room: &mut Self::Room);
    fn parallel(&self, room: &mut Self::Room);
    fn compare(&self, serial: &Self::Room, parallel: &Self::Room) -> Agreement;
    /// The answer in a few words.
    fn answer(&self, room: &Self::Room) -> String;
}

/// How a kernel is found and made ready.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    /// Takes what was given, and generates the rest by size.
    pub(crate) build: fn(&Inputs, Size) -> Built<'_>,
}

/// A kernel that is ready to run, or why this input cannot be worked on.
pub(crate) type Built<'a> = Result<Box<dyn Case + 'a>, String>;

/// A kernel with its two rooms.
pub(crate) trait Case {
    fn size(&self) -> String;
    fn serial(&mut self);
    fn parallel(&mut self);
    /// Call after both have run.
    fn agreement(&self) -> Agreement;
    fn answer(&self) -> String;
}

struct Furnished<K: Kernel> {
    kernel: K,
    serial: K::Room,
    parallel: K::Room,
}

pub(crate) fn furnish<'a, K: Kernel + 'a>(kernel: K) -> Box<dyn Case + 'a> {
    let (serial, parallel) = (kernel.room(), kernel.room());
    Box::new(Furnished {
        kernel,
        serial,
        parallel,
    })
}

impl<K: Kernel> Case for Furnished<K> {
    fn size(&self) -> String {
        self.kernel.size()
    }

    fn serial(&mut self) {
        self.kernel.serial(&mut self.serial);
    }

    fn parallel(&mut self) {
        self.kernel.parallel(&mut self.parallel);
    }

    fn agreement(&self) -> Agreement {
        self.kernel.compare(&self.serial, &self.parallel)
    }

    fn answer(&self) -> String {
        self.kernel.answer(&self.parallel)
    }
}

/// Whether the parallel answer is the serial one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Agreement {
    /// To the last bit.
    Exact,
    /// As near as sums in another order come.
    Within { error: f64, tolerance: f64 },
    /// Not the same answer. Says where.
    Differs(String),
}

impl Agreement {
    pub(crate) fn exact<T: PartialEq>(what: &str, serial: &[T], parallel: &[T]) -> Self {
        Self::first_difference(what, serial, parallel, |a, b| a == b)
    }

    /// Bit by bit: a NaN agrees with itself.
    pub(crate) fn bits(what: &str, serial: &[f64], parallel: &[f64]) -> Self {
        Self::first_difference(what, serial, parallel, |a, b| a.to_bits() == b.to_bits())
    }

    fn first_difference<T>(
        what: &str,
        serial: &[T],
        parallel: &[T],
        same: fn(&T, &T) -> bool,
    ) -> Self {
        if serial.len() != parallel.len() {
            return Self::Differs(format!(
                "{} {what} serially, {} in parallel",
                serial.len(),
                parallel.len()
            ));
        }
        match serial.iter().zip(parallel).position(|(a, b)| !same(a, b)) {
            None => Self::Exact,
            Some(place) => Self::Differs(format!("{what} differ first at {place}")),
        }
    }

    /// The distance relative to the serial value.
    pub(crate) fn relative(what: &str, serial: f64, parallel: f64, tolerance: f64) -> Self {
        if serial.to_bits() == parallel.to_bits() {
            return Self::Within {
                error: 0.0,
                tolerance,
            };
        }
        let error = ((serial - parallel) / serial).abs();
        if error <= tolerance {
            Self::Within { error, tolerance }
        } else {
            Self::Differs(format!(
                "{what} is {serial:e} serially, {parallel:e} in parallel"
            ))
        }
    }

    /// The worse of two.
    pub(crate) fn and(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Differs(_), _) => self,
            (_, Self::Differs(_)) => other,
            (Self::Exact, _) => other,
            _ => self,
        }
    }
}

/// A count with its thousands set apart.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and the word for what is counted.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(1000, "entry", "entries"), "1,000 entries");
    }

    #[test]
    fn agreements() {
        assert_eq!(
            Agreement::bits("x", &[f64::NAN, 1.0], &[f64::NAN, 1.0]),
            Agreement::Exact
        );
        assert!(matches!(
            Agreement::bits("x", &[0.0], &[-0.0]),
            Agreement::Differs(_)
        ));
        assert!(matches!(
            Agreement::exact("x", &[1], &[1, 2]),
            Agreement::Differs(_)
        ));
        assert!(matches!(
            Agreement::relative("x", 1.0, 1.0 + 1e-14, 1e-12),
            Agreement::Within { .. }
        ));
        assert!(matches!(
            Agreement::relative("x", 1.0, 1.1, 1e-12),
            Agreement::Differs(_)
        ));
        assert!(matches!(
            Agreement::relative("x", 1.0, f64::NAN, 1e-12),
            Agreement::Differs(_)
        ));

        let differs = Agreement::Differs("here".into());
        let within = Agreement::Within {
            error: 0.0,
            tolerance: 1e-12,
        };
        assert_eq!(Agreement::Exact.and(within.clone()), within);
        assert_eq!(within.clone().and(Agreement::Exact), within);
        assert_eq!(within.and(differs.clone()), differs);
    }
}
