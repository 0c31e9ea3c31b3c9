//! What is to be asked, named by places only.

/// A sample that is to be asked: places in the plan, so small that a hundred thousand of them are nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    /// Place of the agent in the plan and in the record.
    pub(super) agent: usize,
    /// Place of the case among those of the agent's record.
    pub(super) case: usize,
    /// From 0.
    pub(super) sample: u32,
    /// From 1.
    pub(super) look: u32,
}
