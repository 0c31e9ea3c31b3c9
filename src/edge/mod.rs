//! Everything that touches the world: disk, model APIs, GitHub. Decides nothing; its rooms never name each other,
//! only what they share here.

pub mod github;
pub mod model;
pub mod runner_files;
mod secret;

pub use secret::Secret;
