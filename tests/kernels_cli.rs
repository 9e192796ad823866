//! The example `kernels` as a program: what it prints, and with which code it exits.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test kernels_cli` alone does not.

use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program lies in the `examples` folder beside the `deps` folder that this test lies in.
fn program() -> Command {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("target/<profile>/deps/<test>");
    let path = profile
        .join("examples")
        .join(format!("kernels{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing: `cargo test` without `--test` builds it",
        path.display()
    );
    Command::new(path)
}

fn run(arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// Standard output of a run in which all is well. Times are of no interest here, so each way runs as seldom as can be.
fn good(arguments: &[&str]) -> String {
    let output = run(&[arguments, &["--rounds", "1"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    assert_eq!(
        errors, "",
        "{arguments:?}: no progress bar where nobody watches"
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn good_json(arguments: &[&str]) -> Value {
    serde_json::from_str(&good(&[arguments, &["--json"]].concat())).expect("JSON")
}

/// The one line that a refused run prints.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    assert!(
        output.stdout.is_empty(),
        "{arguments:?}: a report besides the error"
    );
    assert_eq!(errors.lines().count(), 1, "{arguments:?}: {errors}");
    assert!(
        errors.ends_with('\n') && !errors.contains("panicked"),
        "{errors}"
    );
    errors
        .strip_prefix("error: ")
        .expect("errors say so")
        .trim_end()
        .to_owned()
}

/// A folder of this test's own, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("lyocell-kernels-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        utf8(&path)
    }

    fn path(&self) -> String {
        utf8(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn utf8(path: &Path) -> String {
    path.to_str()
        .expect("temporary folders have plain names")
        .to_owned()
}

const HEADER: &str = "%%MatrixMarket matrix coordinate real";
const ALL: [&str; 11] = [
    "nbody",
    "matmul",
    "mandelbrot",
    "heat",
    "spmv",
    "cg",
    "kmeans",
    "pi",
    "fft",
    "life",
    "words",
];

#[test]
fn help_lists_every_kernel() {
    let help = good(&["--help"]);
    for word in ALL.iter().chain(&[
        "--threads",
        "--only",
        "--size",
        "--rounds",
        "--json",
        "--matrix",
        "--text",
        "--points",
    ]) {
        assert!(help.contains(word), "{word} is not in:\n{help}");
    }
}

#[test]
fn every_kernel_agrees_with_itself() {
    let report = good_json(&["--threads", "3"]);
    assert_eq!(report["threads"], 3);
    assert_eq!(report["size"], "small");
    let rows = report["kernels"].as_array().expect("rows");
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ALL);
    for row in rows {
        let [serial, parallel, speed_up, efficiency] = [
            "serial_seconds",
            "parallel_seconds",
            "speed_up",
            "efficiency",
        ]
        .map(|key| row[key].as_f64().expect(key));
        assert!(serial > 0.0 && parallel > 0.0, "{row}");
        assert!(
            (speed_up - serial / parallel).abs() < 1e-9 * speed_up,
            "{row}"
        );
        assert!(
            (efficiency - speed_up / 3.0).abs() < 1e-9 * speed_up,
            "{row}"
        );
        assert_eq!(row["agrees"], true, "{row}");
        assert!(
            row["size"].as_str().is_some_and(|size| !size.is_empty()),
            "{row}"
        );
    }
}

#[test]
fn table_has_the_asked_rows_only() {
    let table = good(&["--only", "pi", "--only", "fft", "--threads", "1"]);
    assert!(table.starts_with("1 thread, "), "{table}");
    let rows: Vec<_> = table
        .lines()
        .filter_map(|line| line.split("  ").next())
        .collect();
    assert!(
        rows.contains(&"pi") && rows.iter().any(|row| row.starts_with("fft")),
        "{table}"
    );
    assert!(!table.contains("heat"), "{table}");
    for head in [
        "kernel",
        "size",
        "serial",
        "parallel",
        "speed-up",
        "efficiency",
    ] {
        assert!(table.contains(head), "{table}");
    }
}

#[test]
fn no_threads_means_the_default() {
    let default = good_json(&["--only", "pi"])["threads"].clone();
    assert_eq!(
        good_json(&["--only", "pi", "--threads", "0"])["threads"],
        default
    );
}

#[test]
fn wrong_arguments() {
    let unknown = refused(&["--only", "sudoku"]);
    for name in ALL {
        assert!(unknown.contains(name), "{name} is not in: {unknown}");
    }
    for (arguments, expected) in [
        (
            &["--size", "tiny"][..],
            "[possible values: small, medium, large]",
        ),
        (&["--threads", "many"], "'many'"),
        (&["--threads", "-2"], "-2 is not in 0..=1024"),
        (
            &["--threads", "99999999999999999999"],
            "'99999999999999999999'",
        ),
        (&["--threads"], "--threads"),
        (&["--clusters", "0"], "0 is not in 1..="),
        (&["--frobnicate"], "'--frobnicate'"),
        (&["stray\nargument"], "unexpected argument"),
    ] {
        let message = refused(arguments);
        assert!(message.contains(expected), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let strange = std::ffi::OsStr::from_bytes(b"p\xff");
    for option in ["--only", "--matrix"] {
        let output = program()
            .arg(option)
            .arg(strange)
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr).lines().count(),
            1,
            "{output:?}"
        );
    }
}

#[test]
fn files_that_are_missing_or_empty() {
    let folder = Folder::new("missing");
    let empty = folder.write("empty", "");
    let missing = utf8(&folder.0.join("missing"));
    for option in ["--matrix", "--text", "--points"] {
        let message = refused(&[option, &missing]);
        assert!(
            message.starts_with(&format!("{missing}: cannot read: ")),
            "{message}"
        );
        let message = refused(&[option, &empty]);
        assert!(message.starts_with(&empty), "{message}");
    }
    for option in ["--matrix", "--points"] {
        let message = refused(&[option, &folder.path()]);
        assert!(message.contains("cannot read: "), "{message}");
    }
    let line_break = folder.write("two\nlines.csv", "");
    assert!(refused(&["--points", &line_break]).contains("two\\nlines.csv"));
}

#[test]
fn a_good_matrix() {
    let folder = Folder::new("good-matrix");
    let matrix = folder.write(
        "m.mtx",
        format!("{HEADER} symmetric\n3 3 5\n1 1 4\n2 2 4\n3 3 4\n2 1 -1\n3 2 -1\n"),
    );
    let report = good_json(&["--only", "spmv,cg", "--matrix", &matrix]);
    let [spmv, cg] = &report["kernels"].as_array().expect("rows")[..] else {
        panic!("two rows: {report}")
    };
    assert_eq!(spmv["size"], "3 rows, 7 entries");
    assert_eq!(spmv["agreement"], "exact");
    // Three distinct eigenvalues, of which one has nothing of the right-hand side.
    assert_eq!(cg["answer"], "solved in 2 steps");
}

#[test]
fn a_matrix_that_suits_one_of_two() {
    let folder = Folder::new("spmv-only");
    let entries = |shape: &str, lines: &str| format!("{HEADER} {shape}\n{lines}");
    let cases = [
        (
            "wide.mtx",
            entries("general", "2 3 1\n1 3 1\n"),
            "not square: 2 × 3",
        ),
        (
            "lopsided.mtx",
            entries("general", "2 2 3\n1 1 1\n2 2 1\n1 2 5\n"),
            "not symmetric: (1, 2) is 5",
        ),
        (
            "saddle.mtx",
            entries("symmetric", "2 2 3\n1 1 1\n2 2 1\n2 1 -3\n"),
            "not positive definite",
        ),
        (
            "zero.mtx",
            entries("general", "2 2 0\n"),
            "not positive definite",
        ),
    ];
    for (name, file, expected) in cases {
        let path = folder.write(name, file);
        let report = good_json(&["--only", "spmv", "--only", "cg", "--matrix", &path]);
        assert_eq!(
            report["kernels"].as_array().expect("rows").len(),
            1,
            "{report}"
        );
        assert_eq!(report["kernels"][0]["name"], "spmv");
        assert_eq!(report["skipped"][0]["name"], "cg");
        assert!(
            report["skipped"][0]["reason"]
                .as_str()
                .expect("a reason")
                .contains(expected),
            "{report}"
        );

        let table = good(&["--only", "spmv,cg", "--matrix", &path]);
        assert!(
            table
                .lines()
                .any(|line| line.starts_with("cg skipped: ") && line.contains(expected)),
            "{table}"
        );
        // Alone, it is what was asked for and cannot be had.
        let message = refused(&["--only", "cg", "--matrix", &path]);
        assert!(
            message.starts_with("cg cannot run: ") && message.contains(expected),
            "{message}"
        );
    }
}

#[test]
fn broken_matrices() {
    let folder = Folder::new("broken-matrix");
    let cases = [
        (
            "2 2 1\n3 1 1\n",
            "line 3: row 3 of a matrix with rows 1 to 2",
        ),
        ("2 2 1\n1 1 nan\n", "line 3: 'nan' is not a finite number"),
        (
            "2 2 2\n1 1 1\n",
            "line 3: the file ends after 1 of 2 entries",
        ),
        (
            "2 2 1\n1 1 1\n2 2 1\n",
            "line 4: more entries than the 1 that the header promises",
        ),
        (
            "999999999999 1 0\n",
            "line 2: 999999999999 × 1 is too large",
        ),
    ];
    for (rest, expected) in cases {
        let path = folder.write("m.mtx", format!("{HEADER} general\n{rest}"));
        let message = refused(&["--matrix", &path]);
        assert!(
            message.starts_with(&format!("{path}, {expected}")),
            "{message}"
        );
    }
    let binary = folder.write("binary.mtx", (0..=255).collect::<Vec<u8>>());
    assert!(refused(&["--matrix", &binary]).contains("line 1: "));
}

#[test]
fn points_with_and_without_header() {
    let folder = Folder::new("points");
    let rows = "0,0\n0,1\n1,0\n9,9\n9,8\n8,9\n";
    for (name, file) in [
        ("plain.csv", rows.to_owned()),
        ("headed.csv", format!("x,y\n{rows}")),
    ] {
        let path = folder.write(name, file);
        let report = good_json(&["--only", "kmeans", "--clusters", "2", "--points", &path]);
        assert_eq!(report["kernels"][0]["size"], "6 points in 2-D, k = 2");
        let message = refused(&["--points", &path]);
        assert_eq!(
            message,
            format!("{path}: 6 points, too few for 8 clusters; see --clusters")
        );
    }
    for (file, expected) in [
        ("1,2\n3\n", "line 2: 1 field, where the first row has 2"),
        (
            "x,y\n1,inf\n",
            "line 2: 'inf' in column 2 is not a finite number",
        ),
        (
            "1,2\n3,four\n",
            "line 2: 'four' in column 2 is not a number",
        ),
    ] {
        let path = folder.write("broken.csv", file);
        assert_eq!(refused(&["--points", &path]), format!("{path}, {expected}"));
    }
}

#[test]
fn texts_from_a_file_and_a_folder() {
    let folder = Folder::new("text");
    let one = folder.write("one.txt", "Der Müller und der Bach");
    let report = good_json(&["--only", "words", "--text", &one]);
    assert_eq!(report["kernels"][0]["answer"], "'der' 2 times");

    folder.write("deep/er/two.txt", "bach, bach, Bach!\n");
    folder.write("deep/program.bin", b"\x7fELF\0\0\xff\xfe");
    folder.write("deep/empty.txt", "");
    let report = good_json(&["--only", "words", "--text", &folder.path()]);
    assert_eq!(report["kernels"][0]["answer"], "'bach' 4 times");
    assert!(
        report["notes"][0]
            .as_str()
            .expect("a note")
            .starts_with("1 binary file in "),
        "{report}"
    );

    let latin = folder.write("latin.txt", b"line one\nM\xfcller\n");
    for path in [&latin, &folder.path()] {
        assert_eq!(
            refused(&["--text", path]),
            format!("{latin}, line 2: not UTF-8: byte 0xfc")
        );
    }
}

#[test]
fn a_folder_without_words() {
    let folder = Folder::new("wordless");
    folder.write("program.bin", b"\0\0\0");
    assert_eq!(
        refused(&["--text", &folder.path()]),
        format!("{}: no words in any file here", folder.path())
    );
}

#[test]
fn a_reader_that_leaves_early() {
    for arguments in [
        &["--only", "pi"][..],
        &["--only", "pi", "--json"],
        &["--help"],
    ] {
        let mut child = program()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take()); // closed before the first line is written
        let mut errors = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        stderr.read_to_string(&mut errors).expect("UTF-8");
        let status = child.wait().expect("it ends");
        assert_eq!(
            (status.code(), errors.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = program()
        .args(["--only", "pi"])
        .stdout(full)
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.starts_with("error: cannot write the report: ") && errors.lines().count() == 1,
        "{errors}"
    );
}
