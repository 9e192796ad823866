//! Points from a CSV file: a row each, all of one length, with or without a header.

use super::{Broken, quoted};
use crate::data::Points;
use crate::kernel::counted;
use std::fs;
use std::path::Path;

pub(crate) fn load(path: &Path) -> Result<Points, Broken> {
    let file = fs::read(path).map_err(|error| Broken::unreadable(path, &error))?;
    parse(&file, path)
}

fn parse(file: &[u8], path: &Path) -> Result<Points, Broken> {
    // `flexible`, and bytes instead of strings: so that ragged rows and foreign encodings are reported in our words.
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file);
    let mut row = csv::ByteRecord::new();
    let mut dimension = None;
    let mut coordinates = Vec::new();
    let mut is_first = true;
    while rows
        .read_byte_record(&mut row)
        .map_err(|error| Broken::file(path, error.to_string()))?
    {
        let broken = |what: String| Broken::line(path, line_of(&row, file), what);
        if row.iter().all(<[u8]>::is_empty) && row.len() == 1 {
            continue; // a line of blanks
        }
        let is_header = is_first && row.iter().all(|field| number(field).is_none());
        is_first = false;
        let expected = *dimension.get_or_insert(row.len());
        if row.len() != expected {
            let fields = counted(row.len(), "field", "fields");
            let what = format!("{fields}, where the first row has {expected}");
            return Err(broken(what));
        }
        if is_header {
            continue;
        }
        for (field, column) in row.iter().zip(1..) {
            let text = quoted(&String::from_utf8_lossy(field));
            match number(field) {
                None => return Err(broken(format!("{text} in column {column} is not a number"))),
                Some(value) if !value.is_finite() => {
                    return Err(broken(format!(
                        "{text} in column {column} is not a finite number"
                    )));
                }
                Some(value) => coordinates.push(value),
            }
        }
    }
    match dimension {
        None => Err(Broken::file(path, "the file is empty")),
        Some(_) if coordinates.is_empty() => Err(Broken::file(path, "no points, only a header")),
        Some(dimension) => Ok(Points::new(dimension, coordinates)),
    }
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The line on which a row begins. The reader counts from the end of the row before, blank lines and all.
fn line_of(row: &csv::ByteRecord, file: &[u8]) -> u64 {
    let end_of_last = row
        .position()
        .map_or(0, |position| position.byte() as usize);
    let blank = file[end_of_last..]
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    1 + file[..end_of_last + blank]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: impl AsRef<[u8]>) -> Result<Points, String> {
        parse(file.as_ref(), Path::new("p.csv")).map_err(|broken| broken.to_string())
    }

    #[test]
    fn with_and_without_header() {
        let expected = Ok(Points::new(2, vec![1.0, -2.0, 3.5, 4e2]));
        assert_eq!(read("1,-2\n3.5,4e2\n"), expected);
        assert_eq!(read("x,y\n1,-2\n3.5,4e2"), expected);
        assert_eq!(
            read("\u{feff}\"x\",\"y\"\r\n 1 , -2\r\n\r\n\"3.5\",4e2\r\n"),
            expected
        );
        assert_eq!(read("\u{feff}1,-2\n3.5,4e2\n"), expected);
        assert_eq!(read("Gr\u{f6}\u{df}e,y\n1,-2\n   \n3.5,4e2\n"), expected);
        assert_eq!(read(b"Gr\xf6\xdfe,y\n1,-2\n3.5,4e2\n"), expected);
    }

    #[test]
    fn broken_files() {
        let cases = [
            ("", ": the file is empty"),
            ("\n\n", ": the file is empty"),
            ("x,y\n", ": no points, only a header"),
            ("1,2\n3\n", ", line 2: 1 field, where the first row has 2"),
            (
                "x,y\n1,2\n1,2,3\n",
                ", line 3: 3 fields, where the first row has 2",
            ),
            (
                "1,2\n\n\n3,x\n",
                ", line 4: 'x' in column 2 is not a number",
            ),
            ("x,y\nz,w\n", ", line 2: 'z' in column 1 is not a number"),
            ("1,y\n", ", line 1: 'y' in column 2 is not a number"),
            ("1,2\n3,\n", ", line 2: '' in column 2 is not a number"),
            (
                "1,2\n3,NaN\n",
                ", line 2: 'NaN' in column 2 is not a finite number",
            ),
            (
                "1,-inf\n",
                ", line 1: '-inf' in column 2 is not a finite number",
            ),
            ("1;2\n3;4\n", ", line 2: '3;4' in column 1 is not a number"),
        ];
        for (file, expected) in cases {
            assert_eq!(read(file), Err(format!("p.csv{expected}")), "{file:?}");
        }
        assert_eq!(
            read(b"1,2\n3,\xff\n"),
            Err("p.csv, line 2: '\u{fffd}' in column 2 is not a number".into())
        );
        let long = format!("1\n{}\n", "x".repeat(1000));
        assert_eq!(
            read(long),
            Err(format!(
                "p.csv, line 2: '{}…' in column 1 is not a number",
                "x".repeat(40)
            ))
        );
    }
}
