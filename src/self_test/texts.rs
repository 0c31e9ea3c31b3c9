//! Words that say nothing.

/// An answer that fits any question.
pub(super) const GENERIC: &str = "\
Thank you for your question. This is an important topic, and there are many things to consider.

- First, look at the situation carefully and gather all the facts you need.
- Second, talk to the people involved and agree on what matters most.
- Third, follow best practices and keep an eye on the results.

In general, a good answer depends on your needs, so take your time and choose what works best for you. \
If anything is unclear, please let me know, and I will be happy to help you further.";

/// Sentences that can be added to any answer.
pub(super) const PADDING: [&str; 6] = [
    "It is important to note that there are many factors to consider here.",
    "Of course, every situation is different, and what works well for one person may not work for another.",
    "In today's fast-moving world, it is more important than ever to take the time to think things through.",
    "At the end of the day, what matters most is finding the approach that feels right for you.",
    "Keep in mind that this is only an overview, and that further aspects may be relevant as well.",
    "As always, it is a good idea to look at the whole picture before making a decision.",
];
