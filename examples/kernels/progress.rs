//! A bar while the kernels run, for somebody who watches.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// Drawn between runs only. A bar with a thread of its own would take part in what is measured.
pub(crate) struct Progress {
    bar: ProgressBar,
    steps_per_kernel: u64,
}

impl Progress {
    /// Shows nothing if either stream is piped.
    pub(crate) fn new(kernels: usize, steps_per_kernel: usize) -> Self {
        let is_watched = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let steps_per_kernel = steps_per_kernel as u64;
        let bar = if is_watched {
            let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed}");
            ProgressBar::new(kernels as u64 * steps_per_kernel)
                .with_style(style.expect("the template is well formed"))
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar,
            steps_per_kernel,
        }
    }

    pub(crate) fn begin(&self, kernel: &'static str) {
        self.bar.set_message(kernel);
        self.bar.tick();
    }

    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    pub(crate) fn skip(&self) {
        self.bar.inc(self.steps_per_kernel);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
