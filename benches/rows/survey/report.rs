//! What a survey came to, as a table in Markdown and as a chart.

use crate::common::Who;
use crate::common::stats::{ratio, time};
use crate::{Cell, Finding, From};
use std::fmt::Write;

/// Who is compared with serial, and the colours of the curves.
const LIBRARIES: [(Who, &str); 2] = [(Who::Rayon, "#d1782c"), (Who::Lyocell, "#2563a8")];

/// The sizes, in the order in which they were measured.
fn sizes(findings: &[Finding]) -> Vec<usize> {
    let mut sizes: Vec<usize> = findings.iter().map(|it| it.size).collect();
    sizes.dedup();
    sizes
}

/// The speed-ups of all calls, a table for each size. Bold is slower than serial by more than 5 %.
pub(crate) fn table(findings: &[Finding]) -> String {
    let mut text = String::from(
        "# Speed-ups against serial\n\nMore is better; bold is slower than serial by more than 5 %.\n",
    );
    for size in sizes(findings) {
        let of_size = || findings.iter().filter(|it| it.size == size);
        write!(text, "\n## {size} items\n\n").expect("strings take all");
        text.push_str("| call | serial | rayon, worker | lyocell, worker | rayon, outside | lyocell, outside |\n|---|--:|--:|--:|--:|--:|\n");
        for it in of_size() {
            write!(text, "| {} | {} |", it.name, time(it.serial.median)).expect("strings take all");
            for cell in &it.cells {
                let (ratio, mark) = (
                    ratio(cell.speed_up.median),
                    if cell.is_slow() { "**" } else { "" },
                );
                write!(text, " {mark}{ratio}{mark} |").expect("strings take all");
            }
            text.push('\n');
        }
        type Test = fn(&Cell) -> bool;
        let tests: [(_, Test); 2] = [
            ("slower by 5 %", Cell::is_slow),
            ("and by 100 ns", Cell::is_slow_beyond_a_call),
        ];
        for (name, counts) in tests {
            write!(text, "| *{name}* | |").expect("strings take all");
            for k in 0..2 * LIBRARIES.len() {
                let slow = of_size().filter(|it| it.cells.get(k).is_some_and(counts));
                write!(text, " *{} of {}* |", slow.count(), of_size().count())
                    .expect("strings take all");
            }
            text.push('\n');
        }
    }
    text
}

/// A panel for each size and place: all speed-ups of a library, sorted, on a logarithmic scale.
pub(crate) fn chart(findings: &[Finding]) -> String {
    const WIDTH: f64 = 340.0;
    const HEIGHT: f64 = 240.0;
    const MARGIN: f64 = 44.0;
    let sizes = sizes(findings);
    let (width, height) = (sizes.len() as f64 * WIDTH + 20.0, 2.0 * HEIGHT + 60.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let text = |x: f64, y: f64, anchor: &str, fill: &str, words: &str| {
        format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{fill}\">{words}</text>\n"
        )
    };
    svg += &text(
        MARGIN,
        20.0,
        "start",
        "black",
        "Speed-up against the serial loop, all calls sorted",
    );
    for (k, (who, colour)) in LIBRARIES.iter().enumerate() {
        svg += &text(
            MARGIN + 320.0 + 70.0 * k as f64,
            20.0,
            "start",
            colour,
            who.name(),
        );
    }
    for (column, size) in sizes.iter().enumerate() {
        for (line, from) in From::BOTH.into_iter().enumerate() {
            let (left, top) = (column as f64 * WIDTH + MARGIN, line as f64 * HEIGHT + 50.0);
            let (across, down) = (WIDTH - MARGIN - 10.0, HEIGHT - MARGIN);
            // From a hundredth to four times.
            let place = |speed_up: f64| {
                let share = (speed_up.clamp(0.01, 4.0) / 0.01).ln() / 400.0_f64.ln();
                top + down * (1.0 - share)
            };
            let from_where = if from == From::Worker {
                "on a worker"
            } else {
                "from outside"
            };
            svg += &text(
                left,
                top - 5.0,
                "start",
                "black",
                &format!("{size} items, {from_where}"),
            );
            for (label, at) in [
                ("4", 4.0),
                ("2", 2.0),
                ("1", 1.0),
                ("1/2", 0.5),
                ("1/10", 0.1),
                ("1/100", 0.01),
            ] {
                let (y, line) = (place(at), if at == 1.0 { "black" } else { "#dddddd" });
                writeln!(
                    svg,
                    "<path d=\"M{left:.1} {y:.1}h{across:.1}\" stroke=\"{line}\"/>"
                )
                .expect("strings take all");
                svg += &text(left - 4.0, y + 4.0, "end", "#555555", label);
            }
            for (who, colour) in LIBRARIES {
                let mut speed_ups: Vec<f64> = findings
                    .iter()
                    .filter(|it| it.size == *size)
                    .filter_map(|it| Some(it.cell(who, from)?.speed_up.median))
                    .collect();
                speed_ups.sort_unstable_by(f64::total_cmp);
                let step = across / (speed_ups.len() as f64 - 1.0).max(1.0);
                let points: String = speed_ups
                    .iter()
                    .enumerate()
                    .map(|(k, speed_up)| {
                        format!("{:.1},{:.1} ", left + step * k as f64, place(*speed_up))
                    })
                    .collect();
                writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>")
                    .expect("strings take all");
            }
        }
    }
    svg + "</svg>\n"
}
