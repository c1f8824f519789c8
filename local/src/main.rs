//! The binary behind `cargo xtask dev | demo | test`; see [`local::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    local::cli::main()
}
