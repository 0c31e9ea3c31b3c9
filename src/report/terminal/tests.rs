use super::*;

const TEXT: &str = "\
❌ FAIL: support_agent got worse, 9.83 → 7.64 (−2.20)
Do this: do not merge; keep the present support_agent model. Start with the answers below that lost most.

Blocking
  1. support_agent: dropped 2.20 (0.89 to 3.74) against the baseline of 4f2c1ab

  agent                  result       old → new             change (plausible range)
  support_agent          ❌ FAIL       9.83 → 7.64           ▼ 2.20 (0.89 to 3.74)
  qa_agent, legal_agent  – untouched  9.88 · 9.89 (stored)  not asked

- a note of ❌ somebody
12 answers · tunegate 0.1.0
";

const NARROW: &str = "\
❌ FAIL: support_agent got worse, 9.83 → 7.64
(−2.20)
Do this: do not merge; keep the present
support_agent model. Start with the answers
below that lost most.

Blocking
  1. support_agent: dropped 2.20 (0.89 to
     3.74) against the baseline of 4f2c1ab

  support_agent
    ❌ FAIL  9.83 → 7.64
    ▼ 2.20 (0.89 to 3.74)
  qa_agent, legal_agent
    – untouched  9.88 · 9.89 (stored)
    not asked

- a note of ❌ somebody
12 answers · tunegate 0.1.0
";

fn stripped(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn a_file_or_a_pipe_has_the_text_as_it_is() {
    assert_eq!(shown(TEXT, Terminal::default()), TEXT);
}

#[test]
fn colours_change_no_word() {
    let terminal = Terminal {
        color: true,
        columns: None,
    };
    let colored = shown(TEXT, terminal);
    assert_eq!(stripped(&colored), TEXT);
    for part in [
        "\u{1b}[1m\u{1b}[31m❌ FAIL: support_agent got worse",
        "\u{1b}[1mDo this:\u{1b}[0m do not merge",
        "\u{1b}[1mBlocking\u{1b}[0m\n",
        "\u{1b}[31m❌ FAIL       \u{1b}[0m9.83",
        "\u{1b}[31m▼ 2.20",
        "\n- a note of ❌ somebody\n",
    ] {
        assert!(colored.contains(part), "{part:?} in\n{colored:?}");
    }
}

#[test]
fn a_narrow_terminal_breaks_between_words_and_stacks_the_table() {
    let terminal = Terminal {
        color: false,
        columns: Some(44),
    };
    assert_eq!(shown(TEXT, terminal), NARROW);
}

#[test]
fn nothing_is_lost_at_any_width_or_in_any_colour() {
    let words = |text: &str| -> Vec<String> {
        stripped(text)
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    };
    for columns in 1..160 {
        for color in [false, true] {
            let terminal = Terminal {
                color,
                columns: Some(columns),
            };
            let shown = shown(TEXT, terminal);
            let head = [
                "agent",
                "result",
                "old",
                "→",
                "new",
                "change",
                "(plausible",
                "range)",
            ];
            let without_head = |text: &str| -> Vec<String> {
                words(text)
                    .into_iter()
                    .filter(|word| !head.contains(&word.as_str()))
                    .collect()
            };
            assert_eq!(without_head(&shown), without_head(TEXT), "{columns}");
            let widest = stripped(&shown)
                .lines()
                .map(|line| line.chars().count())
                .max();
            assert!(widest.unwrap_or(0) <= columns.max(44), "{columns}: {shown}");
        }
    }
}
