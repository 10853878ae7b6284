//! What goes wrong with a kit.

use crate::model::{AGAIN, ShowPath, Version, explained};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why a kit is not taken.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// None lies there.
    #[error("no kit of handcarry lies on {}", path.shown())]
    #[hint("have one put there, outside: handcarry-outside write MEDIA --with-handcarry DIR")]
    #[exit(NotFound)]
    NotThere {
        /// The medium.
        path: PathBuf,
    },
    /// More than are looked at.
    #[error("{} holds more than {limit} kits", path.shown())]
    #[hint("move the old ones away")]
    #[exit(LimitExceeded)]
    Several {
        /// The folder of kits.
        path: PathBuf,
        /// How many may be there.
        limit: usize,
    },
    /// The list is signed and does not read.
    #[error("{} is signed, and is no list of a kit: {why}", path.shown())]
    #[hint("ask who signed it; '.ci/package' of handcarry's sources makes such a list")]
    #[exit(Config)]
    Malformed {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A file has other bytes than were signed for.
    #[error("{} is not what was signed for", path.shown())]
    #[hint("copy the kit anew: this copy is damaged or was changed, and nothing of it was used")]
    #[exit(DigestMismatch)]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It has no archive for this system.
    #[error("kit {version} has nothing for this system: {wanted} is not listed", version = version.as_str())]
    #[hint("have a kit made that has it, or build handcarry from its sources there")]
    #[exit(NotFound)]
    NotForUs {
        /// Its version.
        version: Version,
        /// The file that was looked for.
        wanted: String,
    },
    /// An archive does not hold what it should.
    #[error("{file} has the signed digest, and can't be unpacked: {why}")]
    #[hint("ask who made this kit; nothing was replaced")]
    #[exit(ContainerMalformed)]
    Archive {
        /// The archive.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// None is newer than this program.
    #[error("this is {own}, and the newest kit on the medium is {newest}", own = own.as_str(), newest = newest.as_str())]
    #[hint(
        "an older program may not read what this one wrote; the one before this lies beside it, where 'self apply' kept it"
    )]
    #[exit(NothingToDo)]
    NotNewer {
        /// This program's.
        own: Version,
        /// The newest that is trusted.
        newest: Version,
    },
    /// A package system has put the program there.
    #[error("{} was installed as a Debian package, which dpkg alone replaces", program.shown())]
    #[hint("the kit is sound; as root: dpkg --install {}", deb.quoted())]
    #[exit(Exists)]
    ByDpkg {
        /// The program.
        program: PathBuf,
        /// The package on the medium.
        deb: PathBuf,
    },
    /// The new program was tried, and does not run.
    #[error("the new {program} does not run here: {why}")]
    #[hint("nothing was replaced; have a package carried that is for this system")]
    #[exit(Failure)]
    DoesNotRun {
        /// Its name.
        program: String,
        /// What came of it.
        why: String,
    },
    /// A person said no.
    #[error("handcarry stays at {}", own.as_str())]
    #[hint("to take the kit: {AGAIN}")]
    #[exit(Declined)]
    Stays {
        /// This program's version.
        own: Version,
    },
    /// The medium has no room for it.
    #[error("no room for handcarry on {}: {needed} are needed, and {free} free", path.shown())]
    #[hint("free some space on the medium, or use a larger one")]
    #[exit(NoSpace)]
    NoRoom {
        /// The medium.
        path: PathBuf,
        /// How much is needed.
        needed: String,
        /// How much there is.
        free: String,
    },
    /// The medium gave back other bytes.
    #[error("{} was read back, and is not what was written", path.shown())]
    #[hint("use another medium: this one lost or changed what it was given")]
    #[exit(MediaLies)]
    ReadBack {
        /// The file.
        path: PathBuf,
    },
    /// Another kit of that version lies on the medium.
    #[error("another kit of that version lies at {}", path.shown())]
    #[hint("move it away, and ask how two kits of one version came to be")]
    #[exit(Exists)]
    Taken {
        /// Its folder.
        path: PathBuf,
    },
}
