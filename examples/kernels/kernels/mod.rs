//! The kernels, each with a serial and a parallel way through the same inner loops and the same layout.
//!
//! Nothing in here names the library: the parent module calls it `par`. So a program can hold this tree once over one
//! library, and a bench can hold it twice over two.

mod cg;
mod fft;
mod heat;
mod kmeans;
mod life;
mod mandelbrot;
mod matmul;
mod nbody;
mod pi;
mod spmv;
mod words;

use super::par;
use crate::kernel::Plan;

/// In the order of the table.
pub(crate) const ALL: [Plan; 11] = [
    Plan {
        name: "nbody",
        build: nbody::build,
    },
    Plan {
        name: "matmul",
        build: matmul::build,
    },
    Plan {
        name: "mandelbrot",
        build: mandelbrot::build,
    },
    Plan {
        name: "heat",
        build: heat::build,
    },
    Plan {
        name: "spmv",
        build: spmv::build,
    },
    Plan {
        name: "cg",
        build: cg::build,
    },
    Plan {
        name: "kmeans",
        build: kmeans::build,
    },
    Plan {
        name: "pi",
        build: pi::build,
    },
    Plan {
        name: "fft",
        build: fft::build,
    },
    Plan {
        name: "life",
        build: life::build,
    },
    Plan {
        name: "words",
        build: words::build,
    },
];
