//! The folder that a run leaves its files in. The working tree may be that of a stranger's pull request, and git checks
//! symbolic links out: none that lies there says where files are written.

use std::path::Path;

use super::GateError;
use crate::edge::disk;

/// Refuses a folder of the working tree that a link leads to; one elsewhere is the choice of whoever names it.
pub fn refuse_linked(root: &Path, out: &Path) -> Result<(), GateError> {
    match disk::link_below(root, out) {
        None => Ok(()),
        Some(link) => Err(GateError::Usage(format!(
            "`{link}` is a symbolic link, and the files of a run are not written through one, for whoever commits to the \
             repository can make it lead anywhere: remove it; on the command line, `--out DIR` may name the folder itself"
        ))),
    }
}
