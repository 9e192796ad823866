//! Nobody waits for a detached job. Without a panic handler its panic has nowhere to go: it ends the process, and not silently.

use std::process::{Command, Output};
use std::sync::mpsc::channel;
use std::time::Duration;

use lyocell::ThreadPoolBuilder;

/// Runs a test of this file, marked `ignore`, as a process of its own.
fn run(test: &str) -> Output {
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child
        .args([test, "--exact", "--ignored", "--nocapture"])
        .output()
        .expect("a child")
}

#[track_caller]
fn assert_aborted(test: &str, message: &str) {
    let output = run(test);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{words}");
    assert!(words.contains(message), "{words}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGABRT: i32 = 6;
        assert_eq!(output.status.signal(), Some(SIGABRT), "{words}");
    }
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !said.contains("still here"),
        "the process went on after the panic"
    );
}

/// Longer than it takes to abort, and short enough to end when nothing does.
fn wait_for_the_end() {
    let (_send, receive) = channel::<()>();
    let _ = receive.recv_timeout(Duration::from_secs(10));
    println!("still here");
}

#[test]
#[ignore = "run as a child process: it aborts"]
fn child_on_the_global_pool() {
    lyocell::spawn(|| panic!("a thread has torn"));
    wait_for_the_end();
}

#[test]
#[ignore = "run as a child process: it aborts"]
fn child_on_a_pool() {
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .expect("a pool");
    pool.spawn(|| lyocell::spawn(|| panic!("a thread has torn")));
    wait_for_the_end();
}

#[test]
#[ignore = "run as a child process: it aborts"]
fn child_whose_handler_panics() {
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .panic_handler(|_| panic!("so has the handler"))
        .build();
    pool.expect("a pool").spawn(|| panic!("a thread has torn"));
    wait_for_the_end();
}

#[test]
#[ignore = "run as a child process: it aborts"]
fn child_whose_start_handler_panics() {
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .start_handler(|_| panic!("a thread has torn"))
        .build();
    let _pool = pool.expect("a pool");
    wait_for_the_end();
}

#[test]
#[ignore = "run as a child process: it lives"]
fn child_with_a_handler() {
    let (send, receive) = channel();
    let send = std::sync::Mutex::new(send);
    let handler = move |_| {
        send.lock()
            .expect("nothing panics under this lock")
            .send(())
            .expect("awaited")
    };
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .panic_handler(handler)
        .build()
        .expect("a pool");
    pool.spawn(|| panic!("a thread has torn"));
    assert_eq!(receive.recv(), Ok(()));
}

#[test]
fn panic_in_a_detached_job_aborts() {
    assert_aborted("child_on_the_global_pool", "a thread has torn");
    assert_aborted("child_on_a_pool", "a thread has torn");
}

#[test]
fn panic_in_a_panic_handler_aborts() {
    assert_aborted("child_whose_handler_panics", "so has the handler");
}

#[test]
fn panic_in_a_start_handler_aborts() {
    assert_aborted("child_whose_start_handler_panics", "a thread has torn");
}

#[test]
fn with_a_handler_the_process_lives() {
    let output = run("child_with_a_handler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
