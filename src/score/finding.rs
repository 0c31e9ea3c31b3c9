//! What a check found: whether what it tests is so, and what there was instead. Some things cannot be told of an answer;
//! a check of such a thing fails, turned around or not, so that nothing passes because nobody could look.

/// Whether what a check tests is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nobody can tell.
    Untold,
}

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) holds: Holds,
    /// What was found, where that helps a reader ("has 512").
    pub(super) found: Option<String>,
}

impl From<bool> for Finding {
    fn from(holds: bool) -> Self {
        Self {
            holds: if holds { Holds::Yes } else { Holds::No },
            found: None,
        }
    }
}

impl Finding {
    /// Yes or no, with what was found either way.
    pub(super) fn seen(holds: bool, found: impl Into<String>) -> Self {
        Self {
            found: Some(found.into()),
            ..Self::from(holds)
        }
    }

    /// A no, and why.
    pub(super) fn no(why: impl Into<String>) -> Self {
        Self::seen(false, why)
    }

    /// Nobody can tell, and why.
    pub(super) fn untold(why: impl Into<String>) -> Self {
        Self {
            holds: Holds::Untold,
            found: Some(why.into()),
        }
    }

    /// Whether a check passes that wants it so, or not so.
    pub(super) const fn passes(&self, negated: bool) -> bool {
        match self.holds {
            Holds::Yes => !negated,
            Holds::No => negated,
            Holds::Untold => false,
        }
    }
}
