//! Why a run ends early: one clear line, and an exit code.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments or the input are wrong.
    Refused(String),
    /// The report cannot be written.
    Output(io::Error),
    /// A parallel answer is not the serial one.
    Disagreement(String),
}

impl Failure {
    /// Prints the line. That even this cannot be written is no reason to panic.
    pub(crate) fn exit(self) -> ExitCode {
        let _ = writeln!(io::stderr(), "error: {}", one_line(&self.to_string()));
        match self {
            Self::Refused(_) => ExitCode::from(2),
            Self::Output(_) | Self::Disagreement(_) => ExitCode::from(1),
        }
    }

    /// A reader that has seen enough and closed the pipe is no failure.
    pub(crate) fn unless_closed(error: io::Error) -> Result<(), Self> {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Ok(())
        } else {
            Err(Self::Output(error))
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) | Self::Disagreement(message) => f.write_str(message),
            Self::Output(error) => write!(f, "cannot write the report: {error}"),
        }
    }
}

/// Escapes what would break the line or steer the terminal: a file's name or a damaged file's words may hold anything.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for c in message.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_its_line() {
        assert_eq!(one_line("a\nb\u{1b}[31m ü"), "a\\nb\\u{1b}[31m ü");
    }

    #[test]
    fn closed_pipes_are_fine_and_full_disks_are_not() {
        assert!(Failure::unless_closed(io::ErrorKind::BrokenPipe.into()).is_ok());
        assert!(Failure::unless_closed(io::ErrorKind::StorageFull.into()).is_err());
    }
}
