//! Tables of text.

use std::fmt::Write;

#[derive(Clone, Copy)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One column: its head, the side on which it is flush, and how a row fills it.
pub(crate) struct Column<Row> {
    pub(crate) head: &'static str,
    pub(crate) side: Side,
    pub(crate) cell: fn(&Row) -> String,
}

/// The lines of a table, each column as wide as it has to be, between rules.
pub(crate) fn set<Row>(columns: &[Column<Row>], rows: &[Row]) -> Vec<String> {
    let heads: Vec<String> = columns.iter().map(|column| column.head.into()).collect();
    let cells = rows
        .iter()
        .map(|row| columns.iter().map(|column| (column.cell)(row)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(cells).collect();
    let width = |i: usize| {
        lines
            .iter()
            .map(|line| line[i].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();

    let rule = "─".repeat(
        widths
            .iter()
            .map(|width| width + 2)
            .sum::<usize>()
            .saturating_sub(2),
    );
    let mut set: Vec<String> = Vec::new();
    for cells in &lines {
        let mut line = String::new();
        for ((cell, &width), column) in cells.iter().zip(&widths).zip(columns) {
            let written = match column.side {
                Side::Left => write!(line, "{cell:<width$}  "),
                Side::Right => write!(line, "{cell:>width$}  "),
            };
            written.expect("a string takes all that is written");
        }
        line.truncate(line.trim_end().len());
        set.push(line);
    }
    set.insert(1, rule.clone());
    set.insert(0, rule.clone());
    set.push(rule);
    set
}

/// Three digits and the unit that suits them.
pub(crate) fn time(seconds: f64) -> String {
    let (value, unit) = [(1.0, "s "), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")]
        .map(|(per_second, unit)| (seconds * per_second, unit))
        .into_iter()
        .find(|&(value, _)| value >= 0.9995)
        .unwrap_or((seconds * 1e9, "ns"));
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        assert_eq!(time(12.0), "12.0 s ");
        assert_eq!(time(0.99996), "1.00 s ");
        assert_eq!(time(0.123_456), "123 ms");
        assert_eq!(time(0.009_994), "9.99 ms");
        assert_eq!(time(0.000_099_96), "100 µs");
        assert_eq!(time(0.000_000_25), "250 ns");
        assert_eq!(time(1e-10), "0.10 ns");
    }

    #[test]
    fn columns_stand_below_their_heads() {
        let columns: [Column<(&str, u32)>; 3] = [
            Column {
                head: "word",
                side: Side::Left,
                cell: |row| row.0.into(),
            },
            Column {
                head: "n",
                side: Side::Right,
                cell: |row| row.1.to_string(),
            },
            Column {
                head: "double",
                side: Side::Right,
                cell: |row| (2 * row.1).to_string(),
            },
        ];
        let rule = "──────────────────";
        let head = "word     n  double";
        let lines = set(&columns, &[("ü", 1), ("three", 600)]);
        assert_eq!(
            lines,
            [
                rule,
                head,
                rule,
                "ü        1       2",
                "three  600    1200",
                rule
            ]
            .map(String::from)
        );
    }
}
