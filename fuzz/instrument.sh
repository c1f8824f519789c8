#!/bin/sh
# Compiler wrapper of `cargo xtask fuzz` (RUSTC_WRAPPER): adds the coverage that guides the fuzzer to the crates of this
# repository and to the GraphQL parser. Other dependencies are compiled as for the tests, so that one compiled copy serves both.
# Stable Rust supports the coverage, but no sanitizers; without unsafe code they would find nothing.
set -eu
rustc=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
case "${CARGO_MANIFEST_DIR:-}" in
  */apollo-parser-* | */apollo-compiler-*) ;;
  # Also if CARGO_HOME is within the repository.
  */registry/src/* | */vendor/*) exec "$rustc" "$@" ;;
  "$root"/*) ;;
  *) exec "$rustc" "$@" ;;
esac
# Build scripts are executed without the fuzzer's runtime.
case "${CARGO_CRATE_NAME:-}" in
  build_script_*) exec "$rustc" "$@" ;;
esac
exec "$rustc" "$@" --cfg fuzzing -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares \
  -Cllvm-args=-simplifycfg-branch-fold-threshold=0
