//! What is kept comes back, what is not ours does not, and nothing that goes wrong is an error.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::agent::{AgentName, Candidate, Parameters};
use crate::runner::{Allowance, Usage};
use crate::suite;

const KEPT: &str = ".cache/answers";
const MANY: u64 = 1 << 30;

fn reply(text: &str) -> Reply {
    Reply {
        text: text.to_owned(),
        finish_reason: Some("stop".to_owned()),
        tool_calls: Vec::new(),
        served_model: Some("m-2411".to_owned()),
        system_fingerprint: None,
        usage: Some(Usage {
            prompt_tokens: 3,
            completion_tokens: 4,
        }),
        latency: Some(Duration::from_micros(812_345)),
        cached: false,
        allowance: Allowance::default(),
    }
}

fn as_kept(text: &str) -> Reply {
    Reply {
        cached: true,
        ..reply(text)
    }
}

fn ask(case: &str, sample: u32) -> Ask {
    let text = format!("cases: [{{id: {case}, prompt: Hello?}}]");
    let file = suite::read("s.yaml", text.as_bytes()).unwrap();
    let case = file.finish(None).unwrap().cases.remove(0);
    Ask {
        agent: AgentName::new("qa").unwrap(),
        case,
        sample,
        candidate: Arc::new(Candidate {
            model: "m".to_owned(),
            system: None,
            parameters: Parameters::default(),
        }),
        grading: None,
    }
}

fn shelf(folder: &TempDir, key: Option<&str>) -> Shelf {
    bounded(folder, key, MANY)
}

fn bounded(folder: &TempDir, key: Option<&str>, most: u64) -> Shelf {
    let cache = Arc::new(Cache::open(folder.path(), KEPT, most).unwrap());
    let key = key.and_then(Secret::new);
    Shelf::new(cache, "http://h/v1", &BTreeMap::new(), key.as_ref())
}

fn key(shelf: &Shelf, sample: u32) -> Key {
    shelf
        .key(&ask("one", sample), &json!({"model": "m"}))
        .unwrap()
}

fn files(folder: &TempDir) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let root = folder.path().join(KEPT);
    for shelf in fs::read_dir(root).unwrap().flatten() {
        if shelf.file_type().unwrap().is_dir() {
            let inside = fs::read_dir(shelf.path()).unwrap().flatten();
            found.extend(inside.map(|entry| entry.path()));
        }
    }
    found.sort();
    found
}

fn place(key: &Key) -> (String, String) {
    let name = key.name();
    let (drawer, rest) = name.split_at(2);
    (drawer.to_owned(), rest.to_owned())
}

fn only_file(folder: &TempDir) -> PathBuf {
    let [file] = &files(folder)[..] else {
        panic!("not one file");
    };
    file.clone()
}

#[test]
fn an_answer_comes_back_as_it_was_and_says_that_it_was_kept() {
    let folder = TempDir::new().unwrap();
    let first = shelf(&folder, Some("sk-1234567890"));
    let one = key(&first, 0);
    assert_eq!(first.find(&one), None);
    for text in ["Grüße 🙂\n", ""] {
        first.keep(&one, &reply(text));
        let second = shelf(&folder, Some("sk-1234567890"));
        assert_eq!(second.find(&one), Some(as_kept(text)));
        assert!(second.cache.notices().is_empty());
    }
}

#[test]
fn whatever_can_change_the_answer_changes_its_name() {
    let folder = TempDir::new().unwrap();
    let plain = shelf(&folder, None);
    let cache = || Arc::clone(&plain.cache);
    let headers = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let body =
        json!({"model": "m", "temperature": 0.2, "messages": [{"role": "user", "content": "a"}]});
    let name = |shelf: &Shelf, case: &str, sample: u32, body: &Value| {
        shelf.key(&ask(case, sample), body).unwrap().name()
    };
    let at = |address: &str, headers: &BTreeMap<String, String>| {
        Shelf::new(cache(), address, headers, None)
    };
    let mut names = vec![
        name(&plain, "one", 0, &body),
        name(&plain, "one", 1, &body),
        name(&plain, "two", 0, &body),
        name(&at("http://h/v2", &BTreeMap::new()), "one", 0, &body),
        name(&at("http://h/v1", &headers("x-team", "a")), "one", 0, &body),
        name(&at("http://h/v1", &headers("x-team", "b")), "one", 0, &body),
    ];
    for (pointer, value) in [
        ("/model", json!("n")),
        ("/temperature", json!(0.3)),
        ("/messages/0/content", json!("b")),
        ("/messages/0/role", json!("system")),
    ] {
        let mut other = body.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        names.push(name(&plain, "one", 0, &other));
    }
    let mut different = names.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), names.len(), "{names:#?}");

    let spelt = at("http://h/v1", &headers("X-Team", "a"));
    assert_eq!(name(&spelt, "one", 0, &body), names[4]);
    // The key opens the door and does not change what is behind it.
    assert_eq!(
        name(&shelf(&folder, Some("sk-1234567890")), "one", 0, &body),
        names[0]
    );
}

#[test]
fn an_answer_that_was_changed_cut_or_moved_is_none() {
    let folder = TempDir::new().unwrap();
    let shelf = shelf(&folder, Some("sk-1234567890"));
    let (one, two) = (key(&shelf, 0), key(&shelf, 1));
    shelf.keep(&one, &reply("bad"));
    let path = only_file(&folder);
    let bytes = fs::read(&path).unwrap();
    let mut unproven = 0;
    for at in 0..bytes.len() {
        fs::write(&path, &bytes[..at]).unwrap();
        assert_eq!(shelf.find(&one), None, "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert_eq!(shelf.find(&one), None, "changed at {at}");
        unproven += 2;
    }
    fs::write(&path, &bytes).unwrap();
    assert!(shelf.find(&one).is_some());

    // A good answer under the name of another question.
    shelf.keep(&two, &reply("other"));
    let other = files(&folder).into_iter().find(|file| *file != path);
    fs::copy(&path, other.unwrap()).unwrap();
    assert_eq!(shelf.find(&two), None);
    let told = shelf.cache.notices();
    let start = format!("{} kept answers in `{KEPT}` do not prove", unproven + 1);
    assert!(told.len() == 1 && told[0].starts_with(&start), "{told:?}");
    // It is asked again, and the right answer takes the place.
    shelf.keep(&two, &reply("right"));
    assert_eq!(shelf.find(&two), Some(as_kept("right")));
}

#[test]
fn an_answer_that_was_kept_under_another_key_is_none() {
    let folder = TempDir::new().unwrap();
    let mallory = shelf(&folder, Some("sk-of-mallory-1"));
    let one = key(&mallory, 0);
    mallory.keep(&one, &reply("forged"));
    shelf(&folder, None).keep(&key(&mallory, 1), &reply("unsealed"));
    let ours = shelf(&folder, Some("sk-1234567890"));
    assert_eq!(ours.find(&one), None);
    assert_eq!(ours.find(&key(&ours, 1)), None);
}

#[test]
fn an_answer_of_last_season_is_none_and_no_forgery() {
    let seal = Seal::new(None);
    let name = Key::from_bytes([7; 32]);
    let now = SystemTime::now();
    let bytes = seal.close(&name, &reply("x"), now).unwrap();
    let late = now + entry::MOST_AGE;
    assert!(seal.open(&name, &bytes, late).is_ok());
    let too_late = late + Duration::from_secs(1);
    assert_eq!(
        seal.open(&name, &bytes, too_late).unwrap_err(),
        entry::Unusable::Old
    );
    let before = now - Duration::from_hours(24);
    assert!(
        seal.open(&name, &bytes, before).is_ok(),
        "a clock went back"
    );
}

#[test]
fn the_answers_used_least_recently_make_room() {
    let folder = TempDir::new().unwrap();
    let first = bounded(&folder, None, MANY);
    let keys: Vec<Key> = (0..6).map(|sample| key(&first, sample)).collect();
    for key in &keys {
        first.keep(key, &reply("x"));
    }
    // An hour ago, two hours ago, …: the last is the oldest.
    for (hours, key) in (1..).zip(&keys) {
        let (drawer, name) = place(key);
        let path = folder.path().join(KEPT).join(drawer).join(name);
        let file = fs::File::options().write(true).open(path).unwrap();
        let used = SystemTime::now() - Duration::from_hours(hours);
        file.set_modified(used).unwrap();
    }
    assert!(first.find(&keys[5]).is_some(), "used just now");
    drop(first);

    // Room for four files, of a block each.
    let second = bounded(&folder, None, 4 * 4096);
    let kept: Vec<bool> = keys.iter().map(|key| second.find(key).is_some()).collect();
    assert_eq!(kept, [true, true, true, false, false, true]);
    // A run may go beyond the bound, its end brings it back.
    for sample in 6..10 {
        second.keep(&key(&second, sample), &reply("y"));
    }
    assert_eq!(files(&folder).len(), 8);
    drop(second);
    assert_eq!(files(&folder).len(), 4);
}

#[test]
fn an_answer_larger_than_all_the_room_is_not_kept() {
    let folder = TempDir::new().unwrap();
    let shelf = bounded(&folder, None, 8192);
    shelf.keep(&key(&shelf, 0), &reply(&"x".repeat(10_000)));
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    assert!(shelf.cache.notices().is_empty());
}

#[test]
fn what_is_not_an_answer_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join(KEPT);
    fs::create_dir_all(root.join("ab")).unwrap();
    let strange = ["notes.txt", "ab/short", "ab/fresh.part", "ab/stale.part"];
    for name in strange {
        fs::write(root.join(name), "x".repeat(9000)).unwrap();
    }
    let stale = fs::File::options()
        .write(true)
        .open(root.join("ab/stale.part"));
    let day = Duration::from_hours(24);
    stale
        .unwrap()
        .set_modified(SystemTime::now() - day)
        .unwrap();
    drop(bounded(&folder, None, 0));
    let left: Vec<bool> = strange
        .iter()
        .map(|name| root.join(name).exists())
        .collect();
    assert_eq!(left, [true, true, true, false]);
    assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), "*\n");
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    symlink(outside.path(), folder.path().join(".cache")).unwrap();
    let why = Cache::open(folder.path(), KEPT, MANY).unwrap_err();
    assert_eq!(why.kind(), io::ErrorKind::NotADirectory);
    fs::remove_file(folder.path().join(".cache")).unwrap();

    let shelf = shelf(&folder, None);
    let one = key(&shelf, 0);
    let drawer = folder.path().join(KEPT).join(place(&one).0);
    symlink(outside.path(), &drawer).unwrap();
    shelf.keep(&one, &reply("x"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(shelf.cache.notices().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_would_never_end_is_not_read() {
    let folder = TempDir::new().unwrap();
    let shelf = shelf(&folder, None);
    let one = key(&shelf, 0);
    shelf.keep(&one, &reply("x"));
    let path = only_file(&folder);
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert_eq!(shelf.find(&one), None);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_once() {
    let folder = TempDir::new().unwrap();
    let shelf = shelf(&folder, None);
    // Root may write everywhere, so the folder is taken away instead.
    fs::remove_dir_all(folder.path().join(KEPT)).unwrap();
    for sample in 0..3 {
        let key = key(&shelf, sample);
        assert_eq!(shelf.find(&key), None);
        shelf.keep(&key, &reply("x"));
    }
    let told = shelf.cache.notices();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("`.cache/answers` cannot be written ("));
}

#[test]
fn several_processes_may_share_a_folder() {
    let folder = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let shelf = bounded(&folder, None, 40 * 4096);
                for sample in 0..100 {
                    let key = key(&shelf, sample);
                    let text = format!("answer {sample}");
                    if let Some(kept) = shelf.find(&key) {
                        assert_eq!(kept.text, text);
                    }
                    shelf.keep(&key, &reply(&text));
                }
                assert!(shelf.cache.notices().is_empty());
            });
        }
    });
    let left = files(&folder);
    assert!(left.len() <= 40, "{}", left.len());
    assert!(left.iter().all(|file| file.extension().is_none()));
}
