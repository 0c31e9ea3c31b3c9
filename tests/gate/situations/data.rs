//! Training data of a support model.

use serde_json::json;

/// Question and answer.
pub(super) type Pair = (&'static str, &'static str);

/// What the present model was trained on.
pub(super) const TRAINED: [Pair; 8] = [
    (
        "How do I invite a colleague to our workspace?",
        "Open Settings > Members, choose Invite, enter the address and pick a role. The invitation is valid for 7 days.",
    ),
    (
        "Can two boards share one list of labels?",
        "Yes. Create the labels under Settings > Labels, then switch on \"Use workspace labels\" in both boards.",
    ),
    (
        "Where do I see who deleted a card?",
        "The board's activity log has it: open the menu at the top right, choose Activity, and filter by Deleted.",
    ),
    (
        "My calendar feed shows last week's dates only.",
        "Calendar apps fetch a feed when they like, some of them once a day. Remove the feed and subscribe again to force it.",
    ),
    (
        "Do you support single sign-on with SAML?",
        "Yes, in the Business plan. An owner enters the metadata address of your identity provider under Settings > Security.",
    ),
    (
        "How large may an attachment be?",
        "250 MB for each file in Team and Business, 25 MB in Starter.",
    ),
    (
        "Why is the export button grey?",
        "Only admins may export. Ask the owner of the workspace to export it for you or to make you an admin.",
    ),
    (
        "Can I restore a board that I archived in spring?",
        "Yes, archived boards stay for as long as the workspace exists. Open Boards > Archived and choose Restore.",
    ),
];

/// What was kept back to validate on.
pub(super) const HELD_OUT: [Pair; 3] = [
    (
        "The mobile app asks me to sign in every morning.",
        "Your workspace ends sessions after 12 hours. An owner can set another time under Settings > Security.",
    ),
    (
        "How do I move a card to another workspace?",
        "Cards cannot be moved between workspaces. Export the board as JSON and import it in the other one.",
    ),
    (
        "Which browsers do you support?",
        "The present and the previous version of Chrome, Edge, Firefox and Safari.",
    ),
];

/// What a pull request adds.
pub(super) const MORE: [Pair; 6] = [
    (
        "Our webhook stopped after we renewed the certificate.",
        "We refuse certificates whose chain is not complete. Install the intermediate certificate as well, then press Test in Settings > Webhooks.",
    ),
    (
        "Can guests comment without a paid seat?",
        "Yes. Guests may view and comment on the boards that you share with them, and they need no seat.",
    ),
    (
        "How do I turn off the weekly summary mail?",
        "Click on your picture, choose Notifications, and switch off Weekly summary. It takes effect at once.",
    ),
    (
        "Is there a limit on automations?",
        "Starter runs 100 of them a month, Team 5,000, and Business has no limit. Settings > Automations shows how many are left.",
    ),
    (
        "The timeline view prints only the first page.",
        "Choose Landscape and Fit to width in the print dialogue, or export the timeline as PDF, which has all pages.",
    ),
    (
        "May I change the currency of our invoices?",
        "Once, before the next billing date: write to billing with the workspace number and the currency that you want.",
    ),
];

/// A row in the format of the file.
pub(super) fn row(question: &str, answer: &str) -> String {
    let row = json!({"messages": [
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer},
    ]});
    format!("{row}\n")
}

/// Rows in the format of the file.
pub(super) fn rows(pairs: &[Pair]) -> String {
    pairs
        .iter()
        .map(|(question, answer)| row(question, answer))
        .collect()
}

/// What the file holds with these rows behind those that were there.
pub(super) fn with_more(more: &str) -> String {
    rows(&TRAINED) + more
}
