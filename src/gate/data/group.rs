//! Files that are audited together: copies and leaks are looked for among them.

use std::path::{Path, PathBuf};

use super::content::{Allowance, Content};
use super::listing::Listed;
use crate::agent::AgentName;
use crate::corpus::{Audited, Auditor, Before, Purpose, Standing, SuiteCase};
use crate::edge::EntryKind;
use crate::edge::disk::{self, DiskError};
use crate::gate::{Files, GateError};

/// A file that is to be read.
pub(super) struct Named {
    /// How it is shown, and held against globs: from the repository's root where it is inside.
    pub(super) shown: String,
    pub(super) place: PathBuf,
    pub(super) purpose: Purpose,
    pub(super) standing: Standing,
}

/// What is audited together: copies and leaks are looked for among these files.
pub(super) struct Group {
    pub(super) agent: Option<AgentName>,
    pub(super) files: Vec<Named>,
    pub(super) cases: Vec<SuiteCase>,
}

impl Group {
    /// Whether anything of it was asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.files
            .iter()
            .any(|file| file.standing == Standing::AllNew)
    }

    /// Training before validation, and what is not asked about before what is.
    pub(super) async fn read(mut self, context_length: Option<u64>) -> Result<Audited, GateError> {
        self.files.sort_by_key(|file| {
            (
                file.purpose == Purpose::Validation,
                file.standing == Standing::AllNew,
            )
        });
        let mut auditor = Auditor::new(context_length, self.cases, Before::default());
        for file in &self.files {
            match open(file).await? {
                Content::Unread(why) => auditor.unread(&file.shown, file.purpose, 0, &why),
                readable @ (Content::File(_) | Content::Bytes(_) | Content::Blob(_)) => {
                    let fail = |source| {
                        GateError::Disk(DiskError {
                            doing: "read",
                            path: file.place.clone(),
                            source,
                        })
                    };
                    let Ok(text) = readable.open().map_err(fail)? else {
                        continue;
                    };
                    let mut reading = auditor.begin(
                        &file.shown,
                        file.purpose,
                        file.standing,
                        text.bytes,
                        text.text,
                    );
                    while auditor.go_on(&mut reading, usize::MAX).map_err(fail)? {}
                }
            }
        }
        Ok(auditor.finish())
    }
}

async fn open(file: &Named) -> Result<Content, GateError> {
    let folder = file
        .place
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf);
    let name = file
        .place
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if disk::Text::open(&file.place)?.is_none() {
        return Err(GateError::Usage(format!(
            "{} is not there",
            file.place.display()
        )));
    }
    let files = Files::disk(folder);
    let mut listing = [(
        name.clone(),
        Listed {
            name: None,
            bytes: None,
            kind: EntryKind::File,
        },
    )]
    .into();
    files.resolve_pointers(&mut listing).await?;
    let listed = listing.remove(&name);
    let listed = listed.unwrap_or(Listed {
        name: None,
        bytes: None,
        kind: EntryKind::File,
    });
    files
        .content(&name, &listed, None, &mut Allowance::default())
        .await
}
