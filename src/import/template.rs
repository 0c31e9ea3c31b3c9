//! The templates of other tools, filled without any of their power: values and a few filters, `if` and `for`; no
//! environment, no function, nothing that grows a text without bound.

use std::io::{self, Write};

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Filled};
use serde_json::{Map, Value};

/// Instructions of one template.
const FUEL: u64 = 50_000;
/// Bytes of one filled template.
const MOST_BYTES: usize = 1024 * 1024;
/// Values that templates may name.
pub(super) type Vars = Map<String, Value>;

/// A filled template.
pub(super) struct Rendered {
    pub(super) text: String,
    /// A name without a value, for which nothing was put.
    pub(super) missing: Option<String>,
}

/// The text with its templates filled, or why that cannot be.
pub(super) fn render(text: &str, vars: &Vars) -> Result<Rendered, String> {
    let plain = |text: &str| Rendered {
        text: text.to_owned(),
        missing: None,
    };
    if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
        return Ok(plain(text));
    }
    // The commonest template names one value that is text.
    if let Some(Value::String(value)) = sole_name(text).and_then(|name| vars.get(name)) {
        return Ok(plain(value));
    }
    allowed(text)?;
    let strict = fill(text, vars, UndefinedBehavior::SemiStrict);
    match strict {
        Ok(text) => Ok(plain(&text)),
        Err(Failed::Undefined(names)) => {
            let Some(name) = names.into_iter().find(|name| !vars.contains_key(name)) else {
                return Err("the template asks a value for something that it does not have here; write the text out".to_owned());
            };
            if matches!(name.as_str(), "env" | "_conversation") {
                return Err(format!("`{name}` is not known here; write the text out"));
            }
            let text =
                fill(text, vars, UndefinedBehavior::Chainable).map_err(Failed::into_words)?;
            let missing = Some(name);
            Ok(Rendered { text, missing })
        }
        Err(failed) => Err(failed.into_words()),
    }
}

/// The one name in a text that is nothing but `{{ name }}`.
fn sole_name(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let whole = text.trim().len() == text.len();
    let simple = |c: char| c.is_alphanumeric() || c == '_';
    (whole && !name.is_empty() && name.chars().all(simple)).then_some(name)
}

/// Blocks and operators that keep a filled text within the size of its parts. What ends a tag stands outside of its
/// quotes; what would be read in another way than here, such as a comment, is refused.
fn allowed(text: &str) -> Result<(), String> {
    let refused = |what: &str| {
        Err(format!(
            "the template uses {what}, which is not filled here; write the text out"
        ))
    };
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let close = match after.chars().next() {
            Some('{') => "}}",
            Some('%') => "%}",
            Some('#') => return refused("a comment"),
            Some(_) | None => {
                rest = after;
                continue;
            }
        };
        let Some((code, following)) = tag(after.get(1..).unwrap_or_default(), close) else {
            return refused("a `{{` that has no end");
        };
        rest = following;
        if let Some(operator) = code.chars().find(|c| matches!(c, '~' | '*' | '+' | '/')) {
            return refused(&format!("`{operator}`"));
        }
        if close == "%}" {
            let word = code.trim_start_matches('-').trim_start();
            let word: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
            if !["if", "elif", "else", "endif", "for", "endfor"].contains(&word.as_str()) {
                return refused(&format!("`{{% {word} %}}`"));
            }
        }
    }
    Ok(())
}

/// The code of a tag without the texts in quotes, and what stands behind the tag; `None` where it does not end.
fn tag<'t>(text: &'t str, close: &str) -> Option<(String, &'t str)> {
    let (mut code, mut quote) = (String::new(), None);
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match quote {
            Some(_) if c == '\\' => {
                characters.next();
            }
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if text.get(at..)?.starts_with(close) => {
                return Some((code, text.get(at + close.len()..)?));
            }
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => code.push(c),
        }
    }
    None
}

enum Failed {
    Undefined(Vec<String>),
    Otherwise(String),
}

impl Failed {
    fn into_words(self) -> String {
        match self {
            Self::Undefined(_) => "the template names values that are not there".to_owned(),
            Self::Otherwise(why) => why,
        }
    }
}

fn fill(text: &str, vars: &Vars, undefined: UndefinedBehavior) -> Result<String, Failed> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(undefined);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() && state.undefined_behavior() == UndefinedBehavior::SemiStrict {
            return Err(ErrorKind::UndefinedError.into());
        }
        let json: Value = serde_json::to_value(value).unwrap_or_default();
        out.write_str(&as_text(&json)).map_err(Error::from)
    });
    filters(&mut environment);
    let failed = |error: Error| {
        Failed::Otherwise(format!("the template cannot be filled: {}", reason(&error)))
    };
    // The last line end of a template counts for nothing there.
    let text = if text.ends_with('\n') {
        format!("{text}\n")
    } else {
        text.to_owned()
    };
    let template = environment.template_from_str(&text).map_err(failed)?;
    let mut bytes = Bounded(Vec::new());
    match template.render_captured_to(Serde(vars), &mut bytes) {
        Ok(_) => Ok(String::from_utf8_lossy(&bytes.0).into_owned()),
        Err(error) if error.kind() == ErrorKind::UndefinedError => {
            let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
            names.sort_unstable();
            Err(Failed::Undefined(names))
        }
        Err(error) => Err(failed(error)),
    }
}

fn reason(error: &Error) -> String {
    let kind = error.kind().to_string();
    match error.detail() {
        Some(detail) => format!("{kind}: {}", crate::problem::shown(detail)),
        None => kind,
    }
}

/// Filters that both sides read alike and that do not make a text much longer.
fn filters(environment: &mut Environment<'_>) {
    let json = |value: &Filled| serde_json::to_value(value).unwrap_or_default();
    environment.add_filter("dump", move |value: Filled| json(&value).to_string());
    environment.add_filter("safe", |value: Filled| value);
    environment.add_filter("string", move |value: Filled| as_text(&json(&value)));
    environment.add_filter("trim", move |value: Filled| {
        as_text(&json(&value)).trim().to_owned()
    });
    environment.add_filter("upper", move |value: Filled| {
        as_text(&json(&value)).to_uppercase()
    });
    environment.add_filter("lower", move |value: Filled| {
        as_text(&json(&value)).to_lowercase()
    });
    environment.add_filter("length", |value: Filled| value.len().unwrap_or(0));
    environment.add_filter(
        "default",
        |value: Filled, other: Filled| {
            if value.is_undefined() { other } else { value }
        },
    );
}

/// Keeps a filled template within its bound.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other("it is longer than 1 MB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A value as the other tools put it into a text.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float)
                if number.is_f64() && float.fract().abs() < f64::EPSILON && float.abs() < 1e15 =>
            {
                format!("{float:.0}")
            }
            Some(_) | None => number.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(as_text).collect();
            items.join(",")
        }
        Value::Bool(_) | Value::Object(_) => value.to_string(),
    }
}

/// The text with each `{{ name }}` or `{{ name.inner }}` replaced and nothing else read, and the first name that has no
/// value.
pub(super) fn substitute(text: &str, vars: &Vars) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, following)) = after.split_once("}}") else {
            break;
        };
        filled.push_str(before);
        let path = name.trim();
        let mut steps = path.split('.');
        let first = steps.next().and_then(|step| vars.get(step));
        let value = steps.try_fold(first, |value, step| value.map(|value| value.get(step)));
        let Some(value) = value.flatten() else {
            let name = crate::problem::shown(path);
            return Err(format!("`{{{{{name}}}}}` has no value"));
        };
        filled.push_str(&as_text(value));
        if filled.len() > MOST_BYTES {
            return Err("it is longer than 1 MB".to_owned());
        }
        rest = following;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(text: &str, vars: &Value) -> Result<String, String> {
        render(text, vars.as_object().unwrap()).map(|rendered| rendered.text)
    }

    #[test]
    fn values_come_as_javascript_writes_them() {
        let vars = json!({"a": "x", "n": 2.0, "none": null, "list": ["p", 1], "o": {"k": true}});
        assert_eq!(
            filled(
                "{{a}} {{ n }} [{{none}}] {{list}} {{o.k}} {{ o | dump }}\n",
                &vars
            ),
            Ok("x 2 [] p,1 true {\"k\":true}\n".to_owned())
        );
        let text = "{% if a %}{% for one in list %}<{{one}}>{% endfor %}{% endif %}";
        assert_eq!(filled(text, &vars), Ok("<p><1>".to_owned()));
    }

    #[test]
    fn a_name_without_a_value_is_told_and_a_missing_part_refused() {
        let vars = json!({"list": [1], "name": "x"});
        let rendered = render("a{{gone}}b", vars.as_object().unwrap()).unwrap();
        assert_eq!(
            (rendered.text.as_str(), rendered.missing.as_deref()),
            ("ab", Some("gone"))
        );
        assert!(filled("{{ name.length }}", &vars).is_err());
        assert!(
            filled("{{ env.HOME }}", &vars)
                .unwrap_err()
                .contains("`env`")
        );
        assert!(
            filled("{{ name | evaluate }}", &vars)
                .unwrap_err()
                .contains("unknown filter")
        );
    }

    #[test]
    fn a_tag_ends_outside_of_its_quotes_and_comments_hide_nothing() {
        let vars = json!({"q": "xxxxxxxx", "big": "x"});
        let doubled = "{% set a = a ~ a %}".repeat(40);
        for text in [
            format!("{{# {{{{ \" #}}{{% set a = q ~ q %}}{doubled}{{{{ \"x\" }}}}"),
            "{{ \"}}\" ~ big ~ big }}".to_owned(),
            "{{ \"\\\"}}\" ~ big }}".to_owned(),
            "{% raw %}{{ \" {% endraw %}{{ big ~ big }}".to_owned(),
            "{{ big ".to_owned(),
        ] {
            assert!(filled(&text, &vars).is_err(), "{text}");
        }
        assert_eq!(filled("{{ \"}}\" }}", &vars), Ok("}}".to_owned()));
    }

    #[test]
    fn nothing_grows_without_bound() {
        let big = "x".repeat(500_000);
        let vars = json!({"big": big, "list": vec![1; 1000]});
        let loops = "{% for a in list %}{% for b in list %}{% for c in list %}{% endfor %}{% endfor %}{% endfor %}";
        assert!(filled(loops, &vars).unwrap_err().contains("fuel"));
        assert!(filled("{% for a in list %}{{big}}{% endfor %}", &vars).is_err());
        assert!(
            filled("{% set a = big %}", &vars)
                .unwrap_err()
                .contains("{% set %}")
        );
        assert!(
            filled("{{ big ~ big }}", &vars)
                .unwrap_err()
                .contains("`~`")
        );
    }

    #[test]
    fn names_are_replaced_and_other_braces_stay() {
        let vars = json!({"item": {"a": "x"}});
        let vars = vars.as_object().unwrap();
        assert_eq!(
            substitute("{a} {{ item.a }} {{", vars),
            Ok("{a} x {{".to_owned())
        );
        assert!(substitute("{{item.b}}", vars).is_err());
    }
}
