//! An answer without its form: the words of a text as a list, of everything else as one paragraph.

use crate::score::Form;

/// The same words in another form; `None` where there is too little to change it.
pub(super) fn in_another_form(text: &str, form: Form) -> Option<String> {
    match form {
        Form::Prose | Form::Tweet => as_list(text),
        Form::Steps
        | Form::List
        | Form::Table
        | Form::Code
        | Form::Json
        | Form::Email
        | Form::Outline
        | Form::Script => as_paragraph(text),
    }
}

fn as_list(text: &str) -> Option<String> {
    let sentences = sentences(text);
    let entries: Vec<String> = if sentences.len() >= 2 {
        sentences
    } else {
        // One sentence is a list of its parts.
        let words: Vec<&str> = text.split_whitespace().collect();
        words.chunks(5).map(|words| words.join(" ")).collect()
    };
    let entries: Vec<String> = entries.iter().map(|entry| format!("- {entry}")).collect();
    (entries.len() >= 2).then(|| entries.join("\n"))
}

/// The sentences of a text, and its lines where they end none.
fn sentences(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        for word in line.split_whitespace() {
            if let Some(last) = found.last_mut() {
                last.push_str(word);
                last.push(' ');
            }
            if word.ends_with(['.', '!', '?', ':']) && word.chars().count() > 2 {
                found.push(String::new());
            }
        }
        if found.last().is_some_and(|last| !last.is_empty()) {
            found.push(String::new());
        }
    }
    let sentences = found.iter().map(|sentence| sentence.trim().to_owned());
    sentences.filter(|sentence| !sentence.is_empty()).collect()
}

fn as_paragraph(text: &str) -> Option<String> {
    let marks = ['#', '*', '`', '|', '{', '}', '[', ']', '"', '>', '_', '\t'];
    let lines = text.lines().filter_map(|line| {
        let plain: String = line
            .chars()
            .map(|c| if marks.contains(&c) { ' ' } else { c })
            .collect();
        let plain = plain.trim().trim_start_matches(['-', '+', '•', ' ']);
        // The number of a step.
        let number = plain.trim_start_matches(|c: char| c.is_ascii_digit());
        let plain = match number.strip_prefix(['.', ')']) {
            Some(rest) if number.len() < plain.len() => rest,
            Some(_) | None => plain,
        };
        let rule = plain.chars().all(|c| matches!(c, '-' | ':' | ' ' | ','));
        let words: Vec<&str> = plain.split_whitespace().collect();
        (!rule).then(|| words.join(" "))
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    (!lines.is_empty() && text.trim().contains('\n')).then(|| lines.join(" "))
}
