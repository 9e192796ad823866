//! What a run found, row by row. As JSON it is just what these structures say.

use crate::failure::Failure;
use crate::kernel::{Agreement, Case, Size, counted};
use crate::table::{self, Column, Side};
use serde::Serialize;
use std::time::Duration;

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) threads: usize,
    pub(crate) size: Size,
    /// Times are medians of so many runs each.
    pub(crate) rounds: usize,
    pub(crate) kernels: Vec<Row>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) size: String,
    pub(crate) serial_seconds: f64,
    pub(crate) parallel_seconds: f64,
    pub(crate) speed_up: f64,
    /// The speed-up for each thread.
    pub(crate) efficiency: f64,
    pub(crate) agrees: bool,
    pub(crate) agreement: String,
    pub(crate) answer: String,
}

#[derive(Serialize)]
pub(crate) struct Skipped {
    pub(crate) name: &'static str,
    pub(crate) reason: String,
}

const COLUMNS: [Column<Row>; 8] = [
    Column {
        head: "kernel",
        side: Side::Left,
        cell: |row| row.name.into(),
    },
    Column {
        head: "size",
        side: Side::Left,
        cell: |row| row.size.clone(),
    },
    Column {
        head: "serial",
        side: Side::Right,
        cell: |row| table::time(row.serial_seconds),
    },
    Column {
        head: "parallel",
        side: Side::Right,
        cell: |row| table::time(row.parallel_seconds),
    },
    Column {
        head: "speed-up",
        side: Side::Right,
        cell: |row| format!("{:.2}", row.speed_up),
    },
    Column {
        head: "efficiency",
        side: Side::Right,
        cell: |row| format!("{:.0} %", 100.0 * row.efficiency),
    },
    Column {
        head: "agreement",
        side: Side::Left,
        cell: |row| {
            if row.agrees {
                row.agreement.clone()
            } else {
                "WRONG".into()
            }
        },
    },
    Column {
        head: "answer",
        side: Side::Left,
        cell: |row| row.answer.clone(),
    },
];

impl Report {
    pub(crate) fn new(threads: usize, size: Size, notes: Vec<String>) -> Self {
        Self {
            threads,
            size,
            rounds: size.rounds(),
            kernels: Vec::new(),
            skipped: Vec::new(),
            notes,
        }
    }

    pub(crate) fn to_json(&self) -> Result<String, Failure> {
        let mut json =
            serde_json::to_string_pretty(self).map_err(|error| Failure::Output(error.into()))?;
        json.push('\n');
        Ok(json)
    }

    pub(crate) fn to_table(&self) -> String {
        let mut lines = vec![format!(
            "{}, medians of {} runs each",
            counted(self.threads, "thread", "threads"),
            self.rounds
        )];
        lines.extend(table::set(&COLUMNS, &self.kernels));
        if self.kernels.len() > 1 {
            lines.push(format!(
                "geometric mean of the speed-ups: {:.2}",
                self.mean_speed_up()
            ));
        }
        lines.extend(
            self.skipped
                .iter()
                .map(|skipped| format!("{} skipped: {}", skipped.name, skipped.reason)),
        );
        lines.extend(self.notes.iter().cloned());
        lines.join("\n") + "\n"
    }

    /// The mean that treats twice as fast and half as fast as opposites.
    fn mean_speed_up(&self) -> f64 {
        let logarithms: f64 = self.kernels.iter().map(|row| row.speed_up.ln()).sum();
        (logarithms / self.kernels.len() as f64).exp()
    }

    pub(crate) fn check(&self) -> Result<(), Failure> {
        let wrong: Vec<_> = self.kernels.iter().filter(|row| !row.agrees).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = wrong
            .iter()
            .map(|row| format!("{} ({})", row.name, row.agreement))
            .collect();
        Err(Failure::Disagreement(format!(
            "serial and parallel disagree: {}",
            list.join("; ")
        )))
    }
}

impl Row {
    pub(crate) fn new(
        name: &'static str,
        case: &dyn Case,
        serial: Duration,
        parallel: Duration,
        threads: usize,
    ) -> Self {
        // A clock may be too coarse for a tiny input.
        let seconds = |time: Duration| time.max(Duration::from_nanos(1)).as_secs_f64();
        let (serial_seconds, parallel_seconds) = (seconds(serial), seconds(parallel));
        let speed_up = serial_seconds / parallel_seconds;
        let (agrees, agreement) = match case.agreement() {
            Agreement::Exact => (true, "exact".into()),
            Agreement::Within { tolerance, .. } => (true, format!("to {tolerance:.0e}")),
            Agreement::Differs(place) => (false, place),
        };
        Self {
            name,
            size: case.size(),
            serial_seconds,
            parallel_seconds,
            speed_up,
            efficiency: speed_up / threads as f64,
            agrees,
            agreement,
            answer: case.answer(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, speed_up: f64, agrees: bool) -> Row {
        Row {
            name,
            size: "3 × 3".into(),
            serial_seconds: speed_up,
            parallel_seconds: 1.0,
            speed_up,
            efficiency: speed_up / 4.0,
            agrees,
            agreement: "exact".into(),
            answer: "42".into(),
        }
    }

    #[test]
    fn says_all_there_is_to_say() {
        let mut report = Report::new(4, Size::Small, vec!["a note".into()]);
        report.kernels = vec![row("one", 2.0, true), row("the other", 0.5, true)];
        report.skipped = vec![Skipped {
            name: "third",
            reason: "too odd".into(),
        }];
        assert!(report.check().is_ok());
        let text = report.to_table();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "4 threads, medians of 15 runs each");
        assert_eq!(
            lines[4],
            "one        3 × 3  2.00 s    1.00 s       2.00        50 %  exact      42"
        );
        assert_eq!(
            lines[7..],
            [
                "geometric mean of the speed-ups: 1.00",
                "third skipped: too odd",
                "a note"
            ]
        );
        let json: serde_json::Value =
            serde_json::from_str(&report.to_json().expect("plain data")).expect("JSON");
        assert_eq!(json["kernels"][1]["efficiency"], 0.125);
        assert_eq!(json["size"], "small");
    }

    #[test]
    fn a_wrong_answer_is_a_failure() {
        let mut report = Report::new(1, Size::Large, Vec::new());
        report.kernels = vec![row("one", 2.0, true), row("two", 2.0, false)];
        let failure = report.check().expect_err("two is wrong");
        assert_eq!(
            failure.to_string(),
            "serial and parallel disagree: two (exact)"
        );
        assert!(report.to_table().contains("WRONG"));
    }
}
