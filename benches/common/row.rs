//! Workloads and their rows.

use super::meter::{Meter, Took};
use std::fmt;

/// Whose row it is, in the order of print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Serial,
    Rayon,
    Chili,
    Lyocell,
}

impl Who {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Rayon => "rayon",
            Self::Chili => "chili",
            Self::Lyocell => "lyocell",
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One way to do a workload.
///
/// A turn builds the pool it needs and drops it when it is over, so that no row is measured beside the threads of
/// another. Only the global pools of rayon and lyocell stay, asleep; chili's, with its heartbeat, is never started.
pub(crate) struct Row {
    pub(crate) who: Who,
    turn: Box<dyn Fn(&mut Meter)>,
}

impl Row {
    pub(crate) fn turn(&self, calls: u64) -> Took {
        let mut meter = Meter::new(calls);
        (self.turn)(&mut meter);
        meter.took()
    }
}

/// The same work, done by several libraries.
pub(crate) struct Workload {
    pub(crate) name: String,
    /// Into how many units one call divides, and what they are called.
    pub(crate) units: (u64, &'static str),
    pub(crate) rows: Vec<Row>,
}

impl Workload {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            units: (1, "call"),
            rows: Vec::new(),
        }
    }

    pub(crate) fn units(self, count: u64, unit: &'static str) -> Self {
        Self {
            units: (count, unit),
            ..self
        }
    }

    pub(crate) fn row(mut self, who: Who, turn: impl Fn(&mut Meter) + 'static) -> Self {
        self.rows.push(Row {
            who,
            turn: Box::new(turn),
        });
        self.rows.sort_by_key(|row| row.who);
        self
    }
}

/// Adds one row for rayon and one for lyocell, compiled from one source in which `$lib` names the library.
macro_rules! twins {
    ($workload:expr, $lib:ident => $turn:expr) => {
        $workload
            .row($crate::common::Who::Rayon, {
                use ::rayon as $lib;
                $turn
            })
            .row($crate::common::Who::Lyocell, {
                use ::lyocell as $lib;
                $turn
            })
    };
}
