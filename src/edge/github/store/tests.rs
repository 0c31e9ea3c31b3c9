use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::objects::decode;
use super::super::stub::{Answer, Seen, Stub};
use super::*;

const BRANCH: &str = "tunegate-data";
const TIP: &str = "GET /git/ref/heads/tunegate-data";
const MOVE: &str = "PATCH /git/refs/heads/tunegate-data";

type Files = BTreeMap<String, Vec<u8>>;

/// A repository with one branch: objects are numbered in the order of their making.
#[derive(Default)]
struct Repo {
    blobs: Vec<Vec<u8>>,
    trees: Vec<Files>,
    commits: Vec<(usize, Vec<String>)>,
    tip: Option<usize>,
}

fn name(kind: char, index: usize) -> String {
    format!("{kind}{index:039}")
}

fn index(sha: &str) -> usize {
    sha.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap()
}

fn named(kind: char, index: usize) -> Answer {
    Answer::json(201, &json!({ "sha": name(kind, index) }))
}

impl Repo {
    fn answer(&mut self, seen: &Seen) -> Answer {
        let line = seen.line();
        match line.as_str() {
            TIP => match self.tip {
                None => Answer::missing(),
                Some(tip) => Answer::json(200, &json!({"object": {"sha": name('c', tip)}})),
            },
            MOVE => self.advance(&seen.body),
            "POST /git/refs" if self.tip.is_some() => {
                Answer::json(422, &json!({"message": "Reference already exists"}))
            }
            "POST /git/refs" => {
                assert_eq!(seen.body["ref"], "refs/heads/tunegate-data");
                self.tip = Some(index(seen.body["sha"].as_str().unwrap()));
                Answer::json(201, &json!({}))
            }
            "POST /git/blobs" => {
                self.blobs
                    .push(decode(seen.body["content"].as_str().unwrap()).unwrap());
                named('b', self.blobs.len() - 1)
            }
            "POST /git/trees" => self.add_tree(&seen.body),
            "POST /git/commits" => {
                let parents = serde_json::from_value(seen.body["parents"].clone()).unwrap();
                self.commits
                    .push((index(seen.body["tree"].as_str().unwrap()), parents));
                named('c', self.commits.len() - 1)
            }
            _ => self.object(line.strip_prefix("GET /git/").unwrap()),
        }
    }

    fn object(&mut self, object: &str) -> Answer {
        match object.split_once('/').unwrap() {
            ("commits", sha) => Answer::json(
                200,
                &json!({"tree": {"sha": name('d', self.commits[index(sha)].0)}}),
            ),
            ("blobs", sha) => {
                let content = STANDARD.encode(&self.blobs[index(sha)]);
                Answer::json(200, &json!({"content": content, "encoding": "base64"}))
            }
            ("trees", BRANCH) if self.tip.is_none() => Answer::missing(),
            ("trees", name) => self.tree(name),
            other => panic!("{other:?}"),
        }
    }

    fn tree(&mut self, sha: &str) -> Answer {
        let tree = match sha {
            BRANCH => self.commits[self.tip.unwrap()].0,
            commit if commit.starts_with('c') => self.commits[index(commit)].0,
            tree => index(tree),
        };
        let mut entries = Vec::new();
        for (path, bytes) in &self.trees[tree] {
            self.blobs.push(bytes.clone());
            let blob = name('b', self.blobs.len() - 1);
            entries.push(json!({"path": path, "mode": "100644", "type": "blob", "sha": blob}));
        }
        Answer::json(200, &json!({"tree": entries, "truncated": false}))
    }

    fn add_tree(&mut self, body: &Value) -> Answer {
        let base = body["base_tree"]
            .as_str()
            .map(|tree| self.trees[index(tree)].clone());
        let mut files = base.unwrap_or_default();
        for entry in body["tree"].as_array().unwrap() {
            let bytes = match entry["content"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => self.blobs[index(entry["sha"].as_str().unwrap())].clone(),
            };
            files.insert(entry["path"].as_str().unwrap().to_owned(), bytes);
        }
        self.trees.push(files);
        named('d', self.trees.len() - 1)
    }

    fn advance(&mut self, body: &Value) -> Answer {
        assert_eq!(body["force"], false, "an update was forced");
        let new = index(body["sha"].as_str().unwrap());
        let tip = name('c', self.tip.unwrap());
        if self.tip != Some(new) && !self.commits[new].1.contains(&tip) {
            return Answer::json(422, &json!({"message": "Update is not a fast forward"}));
        }
        self.tip = Some(new);
        Answer::json(200, &json!({}))
    }

    /// Commits a file as another writer does.
    fn write(&mut self, path: &str, text: &str) {
        let (tree, parents) = match self.tip {
            None => (Files::new(), vec![]),
            Some(tip) => (
                self.trees[self.commits[tip].0].clone(),
                vec![name('c', tip)],
            ),
        };
        self.trees.push(tree);
        self.trees
            .last_mut()
            .unwrap()
            .insert(path.to_owned(), text.as_bytes().to_vec());
        self.commits.push((self.trees.len() - 1, parents));
        self.tip = Some(self.commits.len() - 1);
    }

    fn files(&self) -> Vec<&str> {
        let tree = &self.trees[self.commits[self.tip.unwrap()].0];
        tree.keys().map(String::as_str).collect()
    }
}

type Shared = Arc<Mutex<Repo>>;

/// Serves a repository; the closure may answer first or disturb it.
async fn serve(
    repo: &Shared,
    first: impl Fn(&Seen, &mut Repo) -> Option<Answer> + Send + Sync + 'static,
) -> Stub {
    let repo = Arc::clone(repo);
    Stub::start(move |seen| {
        let mut repo = repo.lock().unwrap();
        first(seen, &mut repo).unwrap_or_else(|| repo.answer(seen))
    })
    .await
}

fn file(path: &str, text: &str) -> NewFile {
    NewFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

/// True the first so many times.
fn times(count: u32) -> impl Fn() -> bool {
    let left = Mutex::new(count);
    move || {
        let mut left = left.lock().unwrap();
        let some = *left > 0;
        *left = left.saturating_sub(1);
        some
    }
}

#[tokio::test]
async fn the_first_write_creates_an_orphan_branch_and_the_second_moves_it() {
    let repo = Shared::default();
    let stub = serve(&repo, |_, _| None).await;
    let github = stub.github();
    let store = BranchStore::new(&github, BRANCH);
    assert_eq!(store.list().await.unwrap(), Vec::<String>::new());
    let first = store
        .put(
            &[file("v1/a.json", "{}"), file("v1/b.json", "1")],
            None,
            "add",
        )
        .await
        .unwrap();
    let second = store
        .put(&[file("v1/c.json", "2")], None, "add")
        .await
        .unwrap();
    let repo = repo.lock().unwrap();
    assert_eq!(repo.files(), ["v1/a.json", "v1/b.json", "v1/c.json"]);
    assert_eq!(repo.commits[0].1, Vec::<String>::new());
    assert_eq!(repo.commits[1].1, [first.as_str()]);
    assert_eq!(second.as_str(), name('c', 1));
    // The second write goes on from the commit that the first one made.
    assert_eq!(stub.count(TIP), 1);
}

#[tokio::test]
async fn files_are_listed_and_read_by_their_blob() {
    let repo = Shared::default();
    repo.lock().unwrap().write("v1/a.json", "hello");
    let stub = serve(&repo, |seen, _| {
        seen.line().contains("/contents/").then(Answer::missing)
    })
    .await;
    let github = stub.github();
    let store = BranchStore::new(&github, BRANCH);
    assert_eq!(store.list().await.unwrap(), ["v1/a.json"]);
    assert_eq!(store.read("v1/a.json").await.unwrap().unwrap(), b"hello");
    assert_eq!(store.read("v1/none.json").await.unwrap(), None);
    assert_eq!(stub.lines().len(), 3);
}

#[tokio::test]
async fn a_tip_that_another_writer_moved_is_read_again() {
    let repo = Shared::default();
    repo.lock().unwrap().write("v1/a.json", "{}");
    let race = times(3);
    let stub = serve(&repo, move |seen, repo| {
        if seen.line() == MOVE && race() {
            let path = format!("v1/other{}.json", repo.commits.len());
            repo.write(&path, "x");
        }
        None
    })
    .await;
    let github = stub.github();
    let tip = BranchStore::new(&github, BRANCH)
        .put(&[file("v1/mine.json", "m")], None, "add")
        .await
        .unwrap();
    let repo = repo.lock().unwrap();
    assert_eq!(repo.files().len(), 5);
    assert!(repo.files().contains(&"v1/mine.json"));
    assert_eq!(tip.as_str(), name('c', repo.tip.unwrap()));
    assert_eq!(stub.count(MOVE), 4);
}

#[tokio::test]
async fn ten_writers_at_once_all_land() {
    let repo = Shared::default();
    let stub = serve(&repo, |_, _| None).await;
    let github = stub.github();
    let write = |number: u32| {
        let github = &github;
        async move {
            let file = file(&format!("v1/{number}.json"), "x");
            // Without delays a writer may lose all its tries, but in each round one wins.
            for _ in 0..10 {
                let store = BranchStore::new(github, BRANCH);
                if store
                    .put(std::slice::from_ref(&file), None, "add")
                    .await
                    .is_ok()
                {
                    return;
                }
            }
        }
    };
    futures_util::future::join_all((0..10).map(write)).await;
    assert_eq!(repo.lock().unwrap().files().len(), 10);
}

#[tokio::test]
async fn two_writers_may_create_the_branch_at_once() {
    let repo = Shared::default();
    let race = times(1);
    let stub = serve(&repo, move |seen, repo| {
        if seen.line() == "POST /git/refs" && race() {
            repo.write("v1/theirs.json", "t");
        }
        None
    })
    .await;
    let github = stub.github();
    BranchStore::new(&github, BRANCH)
        .put(&[file("v1/mine.json", "m")], None, "add")
        .await
        .unwrap();
    assert_eq!(
        repo.lock().unwrap().files(),
        ["v1/mine.json", "v1/theirs.json"]
    );
}

#[tokio::test]
async fn the_same_file_again_writes_nothing_and_another_content_is_refused() {
    let repo = Shared::default();
    let stub = serve(&repo, |_, _| None).await;
    let github = stub.github();
    let put = async |text: &str| {
        BranchStore::new(&github, BRANCH)
            .put(&[file("v1/a", text)], None, "add")
            .await
    };
    let first = put("one").await.unwrap();
    let writes = || {
        stub.lines()
            .iter()
            .filter(|line| !line.starts_with("GET"))
            .count()
    };
    let before = writes();
    assert_eq!(put("one").await.unwrap(), first);
    let error = put("two").await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Occupied { path, .. } if path == "v1/a"),
        "{error}"
    );
    assert_eq!(error.cause(), Cause::Refusal);
    assert_eq!(writes(), before);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_and_not_repeated() {
    for lost in ["POST /git/refs", "POST /git/commits"] {
        let repo = Shared::default();
        let once = times(1);
        let stub = serve(&repo, move |seen, repo| {
            let answer = repo.answer(seen);
            Some(if seen.line() == lost && once() {
                Answer::bytes(502, "")
            } else {
                answer
            })
        })
        .await;
        let github = stub.github();
        let tip = BranchStore::new(&github, BRANCH)
            .put(&[file("v1/a", "x")], None, "add")
            .await
            .unwrap();
        let repo = repo.lock().unwrap();
        assert_eq!(
            (repo.files(), tip.as_str()),
            (vec!["v1/a"], name('c', repo.tip.unwrap()).as_str())
        );
        assert_eq!(stub.count("POST /git/refs"), 1);
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_travel_as_a_blob() {
    let repo = Shared::default();
    let stub = serve(&repo, |_, _| None).await;
    let github = stub.github();
    let bytes = vec![0, 255, 7];
    let binary = NewFile {
        path: "v1/a.bin".to_owned(),
        bytes: bytes.clone(),
    };
    let store = BranchStore::new(&github, BRANCH);
    store.put(&[binary], None, "add").await.unwrap();
    store.list().await.unwrap();
    assert_eq!(store.read("v1/a.bin").await.unwrap(), Some(bytes));
    assert_eq!(stub.count("POST /git/blobs"), 1);
}

#[tokio::test]
async fn a_rule_that_forbids_the_update_is_told_with_its_remedy_and_not_tried_again() {
    for words in [
        "Repository rule violations found\n\nChanges must be made through a pull request.",
        "GH006: Protected branch update failed",
    ] {
        let repo = Shared::default();
        repo.lock().unwrap().write("v1/a", "x");
        let stub = serve(&repo, move |seen, _| {
            (seen.line() == MOVE).then(|| Answer::json(422, &json!({ "message": words })))
        })
        .await;
        let github = stub.github();
        let error = BranchStore::new(&github, BRANCH)
            .put(&[file("v1/b", "x")], None, "add")
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Protected { .. }), "{error}");
        assert!(error.to_string().contains("`baseline-token`"), "{error}");
        assert_eq!(stub.count(MOVE), 1);
    }
}

#[tokio::test]
async fn a_token_that_may_not_write_gets_the_permission_named() {
    for status in [403, 404] {
        let repo = Shared::default();
        let stub = serve(&repo, move |seen, _| {
            seen.line()
                .starts_with("POST")
                .then(|| Answer::json(status, &json!({"message": "no"})))
        })
        .await;
        let github = stub.github();
        let error = BranchStore::new(&github, BRANCH)
            .put(&[file("v1/b", "x")], None, "add")
            .await
            .unwrap_err();
        assert!(error.to_string().contains("`contents: write`"), "{error}");
        assert_eq!(stub.count("POST /git/trees"), 1);
    }
}

#[tokio::test]
async fn a_branch_that_moves_each_time_ends_after_eight_tries() {
    let repo = Shared::default();
    repo.lock().unwrap().write("v1/a", "x");
    let stub = serve(&repo, |seen, _| {
        (seen.line() == MOVE)
            .then(|| Answer::json(409, &json!({"message": "is at 1 but expected 2"})))
    })
    .await;
    let github = stub.github();
    let error = BranchStore::new(&github, BRANCH)
        .put(&[file("v1/b", "x")], None, "add")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Contended { detail, .. } if detail.contains("expected 2")),
        "{error}"
    );
    assert_eq!((stub.count(MOVE), error.cause()), (8, Cause::Outage));
}

#[tokio::test]
async fn a_list_that_is_cut_or_unreadable_is_never_empty() {
    let cut = Stub::start(|_| Answer::json(200, &json!({"tree": [], "truncated": true}))).await;
    let github = cut.github();
    let error = BranchStore::new(&github, BRANCH).list().await.unwrap_err();
    assert!(matches!(error, StoreError::Truncated(_)));
    let told = error.to_string();
    assert!(
        told.contains("remove old records") && told.contains("`baseline.branch`"),
        "{told}"
    );
    for (status, cause) in [(503, Cause::Outage), (403, Cause::Refusal)] {
        let stub = Stub::start(move |_| Answer::bytes(status, "")).await;
        let github = stub.github();
        let error = BranchStore::new(&github, BRANCH).list().await.unwrap_err();
        assert_eq!(error.cause(), cause, "{error}");
    }
}

#[tokio::test]
async fn onto_a_branch_that_is_cut_a_new_file_is_written_and_a_former_one_is_found_by_its_path() {
    let repo = Shared::default();
    repo.lock().unwrap().write("v1/former", "one");
    let stub = serve(&repo, |seen, repo| {
        let line = seen.line();
        if line.starts_with("GET /git/trees/") {
            return Some(Answer::json(200, &json!({"tree": [], "truncated": true})));
        }
        if let Some(commit) = line.strip_prefix("GET /git/commits/") {
            let tree = name('d', repo.commits[index(commit)].0);
            return Some(Answer::json(
                200,
                &json!({"sha": commit, "tree": {"sha": tree}}),
            ));
        }
        let path = line.strip_prefix("GET /contents/")?;
        let tree = &repo.trees[repo.commits[repo.tip?].0];
        let bytes = tree.get(path).cloned();
        Some(bytes.map_or_else(Answer::missing, |bytes| {
            Answer::bytes(200, bytes).with("content-type", "application/vnd.github.raw+json")
        }))
    })
    .await;
    let github = stub.github();
    let put = async |path: &str, text: &str| {
        BranchStore::new(&github, BRANCH)
            .put(&[file(path, text)], None, "add")
            .await
    };
    put("v1/new", "two").await.unwrap();
    assert_eq!(repo.lock().unwrap().files(), ["v1/former", "v1/new"]);
    let commits = repo.lock().unwrap().commits.len();
    put("v1/former", "one").await.unwrap();
    let error = put("v1/former", "other").await.unwrap_err();
    assert!(matches!(error, StoreError::Occupied { .. }), "{error}");
    assert_eq!(repo.lock().unwrap().commits.len(), commits);
}

#[tokio::test]
async fn a_stale_answer_does_not_hide_our_own_write() {
    let repo = Shared::default();
    repo.lock().unwrap().write("v1/old", "x");
    // GitHub goes on showing the first commit.
    let stub = serve(&repo, |seen, _| {
        (seen.line() == TIP).then(|| Answer::json(200, &json!({"object": {"sha": name('c', 0)}})))
    })
    .await;
    let github = stub.github();
    let store = BranchStore::new(&github, BRANCH);
    store.put(&[file("v1/a", "x")], None, "add").await.unwrap();
    store.put(&[file("v1/b", "x")], None, "add").await.unwrap();
    assert_eq!(store.list().await.unwrap(), ["v1/a", "v1/b", "v1/old"]);
}

#[tokio::test]
async fn a_path_out_of_the_branch_is_refused_before_any_request() {
    let stub = Stub::start(|_| Answer::missing()).await;
    let github = stub.github();
    let error = BranchStore::new(&github, BRANCH)
        .put(&[file("../x", "x")], None, "add")
        .await
        .unwrap_err();
    assert_eq!((error.cause(), stub.seen().len()), (Cause::Usage, 0));
}
