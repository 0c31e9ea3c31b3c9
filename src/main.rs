//! The `tunegate` command.

fn main() {}
