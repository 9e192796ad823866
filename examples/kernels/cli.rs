//! The command line.

use crate::data::Inputs;
use crate::failure::Failure;
use crate::kernel::Size;
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::path::PathBuf;

/// More threads than any machine has: a slip of the finger, not a wish.
const MOST_THREADS: i64 = 1024;
const MOST_CLUSTERS: i64 = 1_000_000;
const MOST_ROUNDS: i64 = 10_000;

/// Scientific kernels, serial and parallel: checks that both agree, and shows what is gained.
#[derive(Debug, Parser)]
#[command(name = "kernels")]
pub(crate) struct Options {
    /// Threads of the pool; 0 is one for each core
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 0, value_parser = up_to(0, MOST_THREADS))]
    pub(crate) threads: usize,

    /// Run this kernel only; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,

    /// How large the generated inputs are: seconds, half a minute, minutes
    #[arg(long, value_enum, default_value_t = Size::Small)]
    pub(crate) size: Size,

    /// How often each way is timed; the median counts [default: 15, 9 or 5, by size]
    #[arg(long, value_name = "N", value_parser = up_to(1, MOST_ROUNDS))]
    rounds: Option<usize>,

    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    /// A matrix for spmv and cg, in Matrix Market format
    #[arg(long, value_name = "FILE.mtx")]
    pub(crate) matrix: Option<PathBuf>,

    /// A text for words: a file, or a folder and all that is in it
    #[arg(long, value_name = "PATH")]
    pub(crate) text: Option<PathBuf>,

    /// Points for kmeans, a row each, with or without a header
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) points: Option<PathBuf>,

    /// Clusters for kmeans
    #[arg(long, value_name = "K", default_value_t = Inputs::CLUSTERS, value_parser = up_to(1, MOST_CLUSTERS))]
    pub(crate) clusters: usize,
}

impl Options {
    /// How often each way is timed, after a round that is not.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(self.size.rounds())
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

fn up_to(least: i64, most: i64) -> impl clap::builder::TypedValueParser<Value = usize> {
    use clap::builder::TypedValueParser;
    // The bounds are within usize.
    clap::value_parser!(i64)
        .range(least..=most)
        .map(|value| value as usize)
}

/// The arguments of this process, or `None` if help was asked for and given.
pub(crate) fn parse<const N: usize>(names: [&'static str; N]) -> Result<Option<Options>, Failure> {
    match parse_from(names, std::env::args_os()) {
        Ok(options) => Ok(Some(options)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            error.print().or_else(Failure::unless_closed).map(|()| None)
        }
        Err(error) => Err(Failure::Refused(first_paragraph(&error.to_string()))),
    }
}

fn parse_from<const N: usize>(
    names: [&'static str; N],
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<Options, clap::Error> {
    let command = Options::command().mut_arg("only", |only| {
        only.value_parser(PossibleValuesParser::new(names))
    });
    let mut matches = command.try_get_matches_from(arguments)?;
    Options::from_arg_matches_mut(&mut matches)
}

/// clap explains itself over several lines, and says in the first of them, and in the list of values, all there is to
/// say. Usage and tips stay with `--help`.
fn first_paragraph(message: &str) -> String {
    let lines = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.strip_prefix("error: ").unwrap_or(&joined).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments = ["kernels"].iter().chain(arguments).map(Into::into);
        parse_from(["pi", "fft"], arguments).map_err(|error| first_paragraph(&error.to_string()))
    }

    #[test]
    fn defaults() {
        let options = parse(&[]).expect("nothing is needed");
        assert_eq!(
            (
                options.threads,
                options.size,
                options.json,
                options.clusters
            ),
            (0, Size::Small, false, 8)
        );
        assert!(options.wants("pi") && options.wants("fft"));
    }

    #[test]
    fn rounds_are_as_many_as_the_size_says_unless_they_are_given() {
        for (arguments, rounds) in [
            (&[][..], 15),
            (&["--size", "large"], 5),
            (&["--rounds", "2"], 2),
        ] {
            assert_eq!(parse(arguments).expect("a number").rounds(), rounds);
        }
        assert!(parse(&["--rounds", "0"]).is_err());
    }

    #[test]
    fn only_is_repeatable() {
        for arguments in [&["--only", "pi", "--only", "fft"][..], &["--only=pi,fft"]] {
            let options = parse(arguments).expect("known names");
            assert!(options.wants("pi") && options.wants("fft"));
        }
        assert!(!parse(&["--only", "pi"]).expect("a known name").wants("fft"));
    }

    #[test]
    fn errors_are_one_line() {
        let cases: [(&[&str], &str); 7] = [
            (
                &["--only", "pie"],
                "invalid value 'pie' for '--only <NAME>' [possible values: pi, fft]",
            ),
            (
                &["--size", "huge"],
                "invalid value 'huge' for '--size <SIZE>' [possible values: small, medium, large]",
            ),
            (
                &["--threads", "-1"],
                "invalid value '-1' for '--threads <N>'",
            ),
            (
                &["--threads", "5000"],
                "invalid value '5000' for '--threads <N>': 5000 is not in 0..=1024",
            ),
            (
                &["--threads", "two"],
                "invalid value 'two' for '--threads <N>': invalid digit found in string",
            ),
            (
                &["--clusters", "0"],
                "invalid value '0' for '--clusters <K>': 0 is not in 1..=1000000",
            ),
            (&["extra"], "unexpected argument 'extra' found"),
        ];
        for (arguments, expected) in cases {
            let message = parse(arguments).expect_err("wrong arguments");
            assert!(
                message.starts_with(expected),
                "{message:?} for {arguments:?}"
            );
            assert!(!message.contains('\n'));
        }
    }
}
