//! Texts: a file, or all files in a folder and in the folders below it, as UTF-8.

use super::Broken;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) texts: Vec<String>,
    /// Files of a folder that were left out since they are no texts.
    pub(crate) binary_files: usize,
}

pub(crate) fn load(path: &Path) -> Result<Found, Broken> {
    let what = fs::metadata(path).map_err(|error| Broken::unreadable(path, &error))?;
    let mut found = Found {
        texts: Vec::new(),
        binary_files: 0,
    };
    if what.is_dir() {
        for file in files_in(path)? {
            let bytes = read(&file)?;
            if is_binary(&bytes) {
                found.binary_files += 1;
            } else {
                found.texts.push(decode(bytes, &file)?);
            }
        }
    } else {
        found.texts.push(decode(read(path)?, path)?);
    }
    if found
        .texts
        .iter()
        .any(|text| text.contains(char::is_alphanumeric))
    {
        Ok(found)
    } else {
        Err(Broken::file(
            path,
            if what.is_dir() {
                "no words in any file here"
            } else {
                "no words in this file"
            },
        ))
    }
}

/// All plain files, in the order of their names, so that every run sees the same list. Links to folders are not
/// followed, since they may lead round in circles; what is neither file nor folder is passed by, since a pipe would
/// never end.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Broken> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error: std::io::Error| Broken::unreadable(&folder, &error);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, Broken> {
    fs::read(path).map_err(|error| Broken::unreadable(path, &error))
}

/// A zero byte near the beginning: the sign that version control goes by, too.
fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(8000)].contains(&0)
}

fn decode(bytes: Vec<u8>, path: &Path) -> Result<String, Broken> {
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let (good, bad) = error.as_bytes().split_at(place);
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count() as u64;
        Broken::line(path, line, format!("not UTF-8: byte {:#04x}", bad[0]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_bytes_are_found_by_line() {
        let broken = |bytes: &[u8]| {
            decode(bytes.to_vec(), Path::new("t"))
                .expect_err("not UTF-8")
                .to_string()
        };
        assert_eq!(broken(b"\xff"), "t, line 1: not UTF-8: byte 0xff");
        assert_eq!(
            broken(b"one\ntwo\nM\xfcller\n"),
            "t, line 3: not UTF-8: byte 0xfc"
        );
        assert_eq!(
            broken("torn: ü".as_bytes().split_last().expect("long").1),
            "t, line 1: not UTF-8: byte 0xc3"
        );
        assert_eq!(
            decode("Müller".into(), Path::new("t")).expect("UTF-8"),
            "Müller"
        );
    }

    #[test]
    fn missing() {
        let message = load(Path::new("no/such/file"))
            .expect_err("missing")
            .to_string();
        assert!(
            message.starts_with("no/such/file: cannot read: "),
            "{message}"
        );
    }

    #[test]
    fn binary_by_its_zeros() {
        assert!(is_binary(b"ELF\0"));
        assert!(!is_binary(b""));
        assert!(!is_binary("text ü".as_bytes()));
    }
}
