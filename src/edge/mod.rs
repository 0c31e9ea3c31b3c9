//! Everything that touches the world: disk, model APIs, GitHub. Decides nothing; its rooms never name each other,
//! only what they share here.

pub mod disk;
pub mod github;
pub mod model;
pub mod runner_files;
mod secret;
pub mod signal;

pub use disk::own_like;
pub use secret::Secret;
