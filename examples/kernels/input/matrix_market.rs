//! Matrix Market files: sparse matrices by coordinates, real, integer or pattern, general or symmetric.

use super::{Broken, quoted};
use crate::data::{Csr, Triplet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::str::FromStr;

/// Rows or columns. A header that promises more is broken, or meant for a larger machine than the vectors would fit.
const MOST_LINES_OF_MATRIX: usize = 1 << 26;
/// Bytes. The format says 1024; a file without line ends is not read into memory as a whole.
const LONGEST_LINE: u64 = 1 << 16;

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Real,
    Integer,
    /// Only places are given: each entry is one.
    Pattern,
}

pub(crate) fn load(path: &Path) -> Result<Csr, Broken> {
    let file = File::open(path).map_err(|error| Broken::unreadable(path, &error))?;
    parse(BufReader::new(file), path)
}

fn parse(reader: impl BufRead, path: &Path) -> Result<Csr, Broken> {
    let mut lines = Lines {
        reader,
        path,
        number: 0,
        bytes: Vec::new(),
    };
    let (field, is_symmetric) = header(&mut lines)?;
    let (height, width, promised) = dimensions(&mut lines, is_symmetric)?;

    // Not reserved by what the header promises, but as far as the file bears it out.
    let mut triplets: Vec<Triplet> = Vec::new();
    let mut found = 0;
    while let Some(words) = lines.next()? {
        if found == promised {
            return Err(lines.broken(format!(
                "more entries than the {promised} that the header promises"
            )));
        }
        let (row, column, value) =
            entry(&words, field, height, width).map_err(|what| lines.broken(what))?;
        if is_symmetric && column > row {
            return Err(lines.broken(
                "an entry above the diagonal, in a symmetric matrix that lists those below",
            ));
        }
        triplets.push((row, column, value));
        if is_symmetric && column < row {
            triplets.push((column, row, value));
        }
        found += 1;
    }
    if found < promised {
        return Err(lines.broken(format!("the file ends after {found} of {promised} entries")));
    }
    Ok(Csr::from_triplets(height, width, &triplets))
}

fn header(lines: &mut Lines<impl BufRead>) -> Result<(Field, bool), Broken> {
    let first = lines.read()?.map(str::to_lowercase).unwrap_or_default();
    let words: Vec<&str> = first.split_ascii_whitespace().collect();
    let ["%%matrixmarket", object, format, field, symmetry] = words[..] else {
        let what = if first.is_empty() && lines.number <= 1 && lines.bytes.is_empty() {
            "the file is empty"
        } else {
            "not a Matrix Market file: it should begin with '%%MatrixMarket matrix coordinate ...'"
        };
        return Err(lines.broken(what));
    };
    let unsupported = |what: &str| format!("{} is not supported: only {what}", quoted(&first));
    if object != "matrix" || format != "coordinate" {
        return Err(lines.broken(unsupported("'matrix coordinate'")));
    }
    let field = match field {
        "real" => Field::Real,
        "integer" => Field::Integer,
        "pattern" => Field::Pattern,
        _ => return Err(lines.broken(unsupported("real, integer and pattern entries"))),
    };
    match symmetry {
        "general" => Ok((field, false)),
        "symmetric" => Ok((field, true)),
        _ => Err(lines.broken(unsupported("general and symmetric matrices"))),
    }
}

fn dimensions(
    lines: &mut Lines<impl BufRead>,
    is_symmetric: bool,
) -> Result<(usize, usize, usize), Broken> {
    let Some(words) = lines.next()? else {
        return Err(lines.broken("the file ends before the line with rows, columns and entries"));
    };
    let [height, width, entries] = words[..] else {
        let what = format!(
            "{} words, not the three numbers of rows, columns and entries",
            words.len()
        );
        return Err(lines.broken(what));
    };
    let numbers = [height, width, entries].map(whole::<usize>);
    let [Ok(height), Ok(width), Ok(entries)] = numbers else {
        let what = numbers
            .into_iter()
            .find_map(Result::err)
            .unwrap_or_default();
        return Err(lines.broken(what));
    };
    if height == 0 || width == 0 {
        return Err(lines.broken(format!("an empty matrix: {height} × {width}")));
    }
    if height.max(width) > MOST_LINES_OF_MATRIX {
        let what = format!(
            "{height} × {width} is too large: at most {MOST_LINES_OF_MATRIX} rows and columns"
        );
        return Err(lines.broken(what));
    }
    if is_symmetric && height != width {
        return Err(lines.broken(format!(
            "said to be symmetric, but not square: {height} × {width}"
        )));
    }
    Ok((height, width, entries))
}

/// One entry, counted from zero.
fn entry(words: &[&str], field: Field, height: usize, width: usize) -> Result<Triplet, String> {
    let (row, column, value) = match (field, words) {
        (Field::Pattern, &[row, column]) => (row, column, 1.0),
        (Field::Integer, &[row, column, value]) => (row, column, whole::<i64>(value)? as f64),
        (Field::Real, &[row, column, value]) => (row, column, real(value)?),
        (Field::Pattern, _) => {
            return Err(format!("{} words, not a row and a column", words.len()));
        }
        _ => {
            return Err(format!(
                "{} words, not a row, a column and a value",
                words.len()
            ));
        }
    };
    Ok((
        index("row", row, height)?,
        index("column", column, width)?,
        value,
    ))
}

fn index(what: &str, word: &str, count: usize) -> Result<u32, String> {
    match whole::<usize>(word)? {
        index if (1..=count).contains(&index) => Ok((index - 1) as u32), // below MOST_LINES_OF_MATRIX
        index => Err(format!(
            "{what} {index} of a matrix with {what}s 1 to {count}"
        )),
    }
}

fn whole<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("{} is not a whole number that fits", quoted(word)))
}

fn real(word: &str) -> Result<f64, String> {
    let value: f64 = word
        .parse()
        .map_err(|_| format!("{} is not a number", quoted(word)))?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!("{} is not a finite number", quoted(word)))
    }
}

/// The lines of a file, one in memory at a time.
struct Lines<'a, R> {
    reader: R,
    path: &'a Path,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<'_, R> {
    fn broken(&self, what: impl Into<String>) -> Broken {
        Broken::line(self.path, self.number.max(1), what)
    }

    /// The next line, whatever is on it.
    fn read(&mut self) -> Result<Option<&str>, Broken> {
        if !self.advance()? {
            return Ok(None);
        }
        self.text().map(Some)
    }

    /// The words of the next line that is neither blank nor a comment.
    fn next(&mut self) -> Result<Option<Vec<&str>>, Broken> {
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            // Before it is looked at as text: comments are often in some older encoding.
            let first = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
            if first.is_some_and(|&byte| byte != b'%') {
                break;
            }
        }
        Ok(Some(self.text()?.split_ascii_whitespace().collect()))
    }

    fn advance(&mut self) -> Result<bool, Broken> {
        self.bytes.clear();
        let mut bounded = (&mut self.reader).take(LONGEST_LINE);
        let read = bounded
            .read_until(b'\n', &mut self.bytes)
            .map_err(|error| Broken::unreadable(self.path, &error))?;
        if read == 0 {
            return Ok(false);
        }
        self.number += 1;
        if read as u64 == LONGEST_LINE && self.bytes.last() != Some(&b'\n') {
            return Err(self.broken(format!("longer than {LONGEST_LINE} bytes")));
        }
        Ok(true)
    }

    fn text(&self) -> Result<&str, Broken> {
        std::str::from_utf8(&self.bytes).map_err(|_| self.broken("not text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: impl AsRef<[u8]>) -> Result<Csr, String> {
        parse(file.as_ref(), Path::new("m.mtx")).map_err(|broken| broken.to_string())
    }

    #[test]
    fn general_real() {
        let file = "%%MatrixMarket matrix coordinate real general\n% a comment\n\n 2 3 3\n1 1 1.5\n2 3 -2e1\n\n1 3 4\n";
        let expected = Csr::from_triplets(2, 3, &[(0, 0, 1.5), (1, 2, -20.0), (0, 2, 4.0)]);
        assert_eq!(read(file).as_ref(), Ok(&expected));
        // Other line ends, letter cases, and no end to the last line.
        let file = file
            .trim_end()
            .replace('\n', "\r\n")
            .replace("%%MatrixMarket matrix", "%%matrixmarket MATRIX");
        assert_eq!(read(file), Ok(expected));
    }

    #[test]
    fn symmetric_pattern_and_integer() {
        let pattern = read("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n");
        assert_eq!(
            pattern,
            Ok(Csr::from_triplets(
                2,
                2,
                &[(0, 0, 1.0), (1, 0, 1.0), (0, 1, 1.0)]
            ))
        );
        let integer = read("%%MatrixMarket matrix coordinate integer general\n1 2 1\n1 2 -7\n");
        assert_eq!(integer, Ok(Csr::from_triplets(1, 2, &[(0, 1, -7.0)])));
    }

    #[test]
    fn comments_need_not_be_utf_8() {
        let file = b"%%MatrixMarket matrix coordinate pattern general\n% M\xfcller\n1 1 1\n1 1\n";
        assert!(read(file).is_ok());
    }

    #[test]
    fn no_entries_at_all() {
        let matrix = read("%%MatrixMarket matrix coordinate real general\n2 2 0\n")
            .expect("a matrix of zeros");
        assert_eq!((matrix.height(), matrix.entries()), (2, 0));
    }

    #[test]
    fn broken_headers() {
        let cases = [
            ("", "line 1: the file is empty"),
            ("\n", "line 1: not a Matrix Market file"),
            ("1 1 1\n", "line 1: not a Matrix Market file"),
            (
                "%%MatrixMarket matrix coordinate real\n",
                "line 1: not a Matrix Market file",
            ),
            (
                "%%MatrixMarket matrix array real general\n",
                "only 'matrix coordinate'",
            ),
            (
                "%%MatrixMarket vector coordinate real general\n",
                "only 'matrix coordinate'",
            ),
            (
                "%%MatrixMarket matrix coordinate complex general\n",
                "only real, integer and pattern",
            ),
            (
                "%%MatrixMarket matrix coordinate real hermitian\n",
                "only general and symmetric",
            ),
            (
                "%%MatrixMarket matrix coordinate real general\n",
                "line 1: the file ends before the line with rows",
            ),
        ];
        for (file, expected) in cases {
            let message = read(file).expect_err("broken");
            assert!(
                message.starts_with("m.mtx, line 1: ") && message.contains(expected),
                "{message}"
            );
        }
        let binary = read([b'\x80'; 100]).expect_err("broken");
        assert_eq!(binary, "m.mtx, line 1: not text");
        let endless = read(vec![b'x'; 100_000]).expect_err("broken");
        assert_eq!(endless, "m.mtx, line 1: longer than 65536 bytes");
    }

    #[test]
    fn broken_dimensions_and_entries() {
        let cases = [
            (
                "2 2\n",
                "line 2: 2 words, not the three numbers of rows, columns and entries",
            ),
            ("2 x 1\n", "line 2: 'x' is not a whole number that fits"),
            ("-2 2 1\n", "line 2: '-2' is not a whole number that fits"),
            ("0 0 0\n", "line 2: an empty matrix: 0 × 0"),
            (
                "1 99999999999 0\n",
                "line 2: 1 × 99999999999 is too large: at most 67108864 rows and columns",
            ),
            (
                "1 1 18446744073709551615\n1 1 1\n",
                "line 3: the file ends after 1 of 18446744073709551615 entries",
            ),
            (
                "2 2 2\n1 1 1\n",
                "line 3: the file ends after 1 of 2 entries",
            ),
            (
                "2 2 1\n1 1 1\n2 2 1\n",
                "line 4: more entries than the 1 that the header promises",
            ),
            (
                "2 2 1\n3 1 1\n",
                "line 3: row 3 of a matrix with rows 1 to 2",
            ),
            (
                "2 2 1\n1 0 1\n",
                "line 3: column 0 of a matrix with columns 1 to 2",
            ),
            (
                "2 2 1\n1 1\n",
                "line 3: 2 words, not a row, a column and a value",
            ),
            (
                "2 2 1\n1 1 1 1\n",
                "line 3: 4 words, not a row, a column and a value",
            ),
            ("2 2 1\n1 1 nan\n", "line 3: 'nan' is not a finite number"),
            ("2 2 1\n1 1 -inf\n", "line 3: '-inf' is not a finite number"),
            (
                "2 2 1\n1 1 1e999\n",
                "line 3: '1e999' is not a finite number",
            ),
            ("2 2 1\n1 1 one\n", "line 3: 'one' is not a number"),
        ];
        for (rest, expected) in cases {
            let message = read(format!(
                "%%MatrixMarket matrix coordinate real general\n{rest}"
            ))
            .expect_err("broken");
            assert_eq!(message, format!("m.mtx, {expected}"));
        }
        let symmetric = [
            (
                "2 3 0\n",
                "line 2: said to be symmetric, but not square: 2 × 3",
            ),
            (
                "2 2 1\n1 2 1\n",
                "line 3: an entry above the diagonal, in a symmetric matrix that lists those below",
            ),
        ];
        for (rest, expected) in symmetric {
            let message = read(format!(
                "%%MatrixMarket matrix coordinate real symmetric\n{rest}"
            ))
            .expect_err("broken");
            assert_eq!(message, format!("m.mtx, {expected}"));
        }
        let half = read("%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 0.5\n")
            .expect_err("broken");
        assert_eq!(half, "m.mtx, line 3: '0.5' is not a whole number that fits");
        let weighted = read("%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1 0.5\n")
            .expect_err("broken");
        assert_eq!(weighted, "m.mtx, line 3: 3 words, not a row and a column");
    }
}
