//! Medians and quartiles, and how they look in print.

use std::fmt;

/// The middle of some measurements, and how far they spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) quarter: f64,
    pub(crate) median: f64,
    pub(crate) three_quarters: f64,
}

impl Spread {
    /// `None` if nothing was measured.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let (low, high) = (
                values[place.floor() as usize],
                values[place.ceil() as usize],
            );
            low + (high - low) * place.fract()
        };
        Some(Self {
            quarter: at(0.25),
            median: at(0.5),
            three_quarters: at(0.75),
        })
    }

    pub(crate) fn print(spread: Option<Self>, show: impl Fn(f64) -> String) -> String {
        spread.map_or_else(
            || format!("{:>9}  {:21}", "-", ""),
            |it| {
                format!(
                    "{:>9}  {:21}",
                    show(it.median),
                    format!("{} .. {}", show(it.quarter), show(it.three_quarters))
                )
            },
        )
    }
}

/// Three digits and a unit.
pub(crate) fn time(nanoseconds: f64) -> String {
    const UNITS: [(&str, f64); 4] = [("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0)];
    let (unit, size) = *UNITS
        .iter()
        .find(|(_, size)| nanoseconds >= *size)
        .unwrap_or(&UNITS[3]);
    format!("{} {unit}", three_digits(nanoseconds / size))
}

pub(crate) fn ratio(value: f64) -> String {
    three_digits(value)
}

fn three_digits(value: f64) -> String {
    match value {
        10.0..100.0 => format!("{value:.1}"),
        100.0.. => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.3} ({:.3} .. {:.3})",
            self.median, self.quarter, self.three_quarters
        )
    }
}
