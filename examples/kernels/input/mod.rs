//! Reads what the user gives. Each error names the file, and the line where there is one.

pub(crate) mod matrix_market;
pub(crate) mod points;
pub(crate) mod text;

use crate::failure::Failure;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a file.
#[derive(Debug)]
pub(crate) struct Broken {
    path: PathBuf,
    /// The first line is line 1.
    line: Option<u64>,
    what: String,
}

impl Broken {
    fn file(path: &Path, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            what: what.into(),
        }
    }

    fn line(path: &Path, line: u64, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: Some(line),
            what: what.into(),
        }
    }

    fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::file(path, format!("cannot read: {error}"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Refused(broken.to_string())
    }
}

/// Quotes a piece of a file, and not too much of it.
fn quoted(piece: &str) -> String {
    const MOST: usize = 40;
    match piece.char_indices().nth(MOST) {
        None => format!("'{piece}'"),
        Some((end, _)) => format!("'{}…'", &piece[..end]),
    }
}
