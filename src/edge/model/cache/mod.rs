//! Answers that were paid for once, in a folder. Nothing that goes wrong here is an error of the run: what cannot be
//! read, or does not prove that this gate wrote it, is asked again; what cannot be written is not kept, and said.

mod entry;
mod folder;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use serde_json::Value;

use crate::edge::Secret;
use crate::runner::{Ask, Reply};
pub(super) use entry::Key;
use entry::{Door, Seal};
use folder::Folder;

/// The kept answers of all providers of a run. Brings the folder back to its bound when opened and when dropped.
#[derive(Debug)]
pub struct Cache {
    folder: Folder,
    most: u64,
    unproven: AtomicU64,
    trouble: OnceLock<String>,
}

impl Cache {
    /// A folder below the repository's root, made where it is not there, with the most bytes that it may hold.
    pub fn open(repository: &Path, path: &str, most: u64) -> io::Result<Self> {
        let folder = Folder::open(repository, path)?;
        folder.sweep(most);
        Ok(Self {
            folder,
            most,
            unproven: AtomicU64::new(0),
            trouble: OnceLock::new(),
        })
    }

    /// What a person should know about the folder.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let place = self.folder.shown();
        match self.unproven.load(Ordering::Relaxed) {
            0 => {}
            count => notices.push(format!(
                "{count} kept answers in {place} do not prove that this gate wrote them (cut off, changed, or kept \
                 under another key); they were asked again"
            )),
        }
        notices.extend(self.trouble.get().cloned());
        notices
    }

    fn is_in_trouble(&self) -> bool {
        self.trouble.get().is_some()
    }

    /// Said once; the first reason stands.
    fn trouble(&self, doing: &str, why: &io::Error) {
        let place = self.folder.shown();
        self.trouble
            .get_or_init(|| format!("{place} cannot be {doing} ({why}): answers are not kept"));
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.folder.sweep(self.most);
    }
}

/// The kept answers of one provider.
#[derive(Debug)]
pub(super) struct Shelf {
    cache: Arc<Cache>,
    door: Door,
    seal: Seal,
}

impl Shelf {
    /// Answers that came from this address with these headers, sealed with a key made from the provider's own.
    pub(super) fn new(
        cache: Arc<Cache>,
        address: &str,
        headers: &BTreeMap<String, String>,
        key: Option<&Secret>,
    ) -> Self {
        Self {
            cache,
            door: Door::new(address, headers),
            seal: Seal::new(key),
        }
    }

    /// The name of the answer to this request; `None` for a request that has no name.
    pub(super) fn key(&self, ask: &Ask, body: &Value) -> Option<Key> {
        Key::of(&self.door, ask, body)
    }

    /// The kept answer, where there is one that proves its origin.
    pub(super) fn find(&self, key: &Key) -> Option<Reply> {
        let cache = &self.cache;
        match cache.folder.read(key) {
            Ok(None) => None,
            Ok(Some(bytes)) => match self.seal.open(key, &bytes, SystemTime::now()) {
                Ok(reply) => Some(reply),
                Err(entry::Unusable::Old) => None,
                Err(entry::Unusable::Unproven) => {
                    cache.unproven.fetch_add(1, Ordering::Relaxed);
                    None
                }
            },
            Err(why) => {
                cache.trouble("read", &why);
                None
            }
        }
    }

    /// Keeps an answer, where the folder takes it.
    pub(super) fn keep(&self, key: &Key, reply: &Reply) {
        let cache = &self.cache;
        if cache.is_in_trouble() {
            return;
        }
        let Some(bytes) = self.seal.close(key, reply, SystemTime::now()) else {
            return;
        };
        // An answer that leaves no room for any other is not worth its place.
        if u64::try_from(bytes.len()).is_ok_and(|size| size > cache.most) {
            return;
        }
        if let Err(why) = cache.folder.write(key, &bytes) {
            cache.trouble("written", &why);
        }
    }
}

#[cfg(test)]
mod tests;
