//! The width of the global pool comes from the environment, which is read once: each question needs a process of its own.

use std::process::Command;

/// Not a test by itself: what the others run as a child, to be asked how wide its pool is.
#[test]
#[ignore = "run by the other tests as a child process"]
fn child() {
    let built = lyocell::ThreadPoolBuilder::new()
        .build()
        .expect("a pool")
        .current_num_threads();
    println!("width {} built {built}", lyocell::current_num_threads());
}

/// What the child said with only these variables set: the width of its global pool, and that of a pool it built.
#[track_caller]
fn widths(variables: &[(&str, &str)]) -> (usize, usize) {
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child.args(["child", "--exact", "--ignored", "--nocapture"]);
    for name in [
        "LYOCELL_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "RAYON_RS_NUM_CPUS",
    ] {
        child.env_remove(name);
    }
    let output = child
        .envs(variables.iter().copied())
        .output()
        .expect("a child");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace().skip_while(|word| *word != "width");
    let mut number = || words.nth(1).and_then(|word| word.parse().ok());
    match (number(), number()) {
        (Some(global), Some(built)) => (global, built),
        _ => panic!(
            "{variables:?}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

#[test]
fn default_is_the_same_for_both() {
    let (global, built) = widths(&[]);
    assert_eq!(global, built);
    let processors = std::thread::available_parallelism().expect("some").get();
    assert!((1..=processors).contains(&global));
}

#[test]
fn either_variable_sets_the_width() {
    for name in ["RAYON_NUM_THREADS", "LYOCELL_NUM_THREADS"] {
        for width in [1, 5, 17] {
            assert_eq!(
                widths(&[(name, &width.to_string())]),
                (width, width),
                "{name}"
            );
        }
    }
}

#[test]
fn our_own_variable_wins() {
    assert_eq!(
        widths(&[("RAYON_NUM_THREADS", "3"), ("LYOCELL_NUM_THREADS", "5")]),
        (5, 5)
    );
    assert_eq!(
        widths(&[("LYOCELL_NUM_THREADS", "3"), ("RAYON_NUM_THREADS", "5")]),
        (3, 3)
    );
}

#[test]
fn zero_means_the_default() {
    let default = widths(&[]);
    assert_eq!(widths(&[("RAYON_NUM_THREADS", "0")]), default);
    assert_eq!(widths(&[("LYOCELL_NUM_THREADS", "0")]), default);
}

#[test]
fn what_is_no_number_is_ignored() {
    let default = widths(&[]);
    for nonsense in [
        "",
        "many",
        "-3",
        "3.5",
        "3 threads",
        "99999999999999999999999",
    ] {
        assert_eq!(
            widths(&[("RAYON_NUM_THREADS", nonsense)]),
            default,
            "{nonsense:?}"
        );
        assert_eq!(
            widths(&[("LYOCELL_NUM_THREADS", nonsense)]),
            default,
            "{nonsense:?}"
        );
    }
}
