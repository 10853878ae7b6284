//! Removable media and the files on them; knows no bundle.
//!
//! What this folder guarantees:
//!
//! 1. **Durable or not done.** A file appears under its name only when its
//!    bytes have reached the device: a temporary file beside the target
//!    (`create_new`, readable by its owner alone), write, fsync, rename, fsync
//!    of the folder. A run that is killed leaves the old file or the new one,
//!    and at worst a temporary file whose name begins with `.handcarry-`.
//! 2. **Nothing is overwritten unasked.** The variant that must not overwrite
//!    is atomic: `renameat2` with `RENAME_NOREPLACE`, else a hard link, and
//!    only where the filesystem has neither (FAT) a look before the rename; on
//!    Windows `MoveFileExW`.
//! 3. **Honest read-back.** [`open_uncached`] and [`forget`] say whether
//!    the cache was really passed ([`Bypass`]).
//! 4. **Tried without harm.** [`try_out`] writes into free room only and
//!    removes what it wrote; [`read_twice`] writes nothing.
//! 5. **Bounded reads of regular files.** [`read_bounded`] refuses what is
//!    larger than its limit. Nothing but a regular file is ever opened, opening
//!    never waits, and on a medium no link is followed ([`open_carried`]).
//! 6. **Privacy is looked at.** What is made for its owner alone is read back,
//!    and what others can read all the same is told ([`take_exposed`]); what goes
//!    onto a medium can be read by any account, whatever the umask.
//!
//! Calls that only one operating system has are confined to `sys`, which has
//! the same functions for Unix and for Windows.

mod access;
mod durable;
mod error;
mod lock;
mod medium;
mod mount;
mod mounted;
mod program;
mod read;
mod secret;
mod sys;
mod trial;
mod twice;

pub use access::{Exposed, explained, note_private, note_private_folder, take_exposed};
use durable::temporary_name;
pub use durable::{
    DurableFile, DurableSet, Mode, create_dirs, is_litter, is_temporary, is_written_to, keep_names, move_durably,
    remove_leftovers, sync_dir, write_durably, write_durably_new,
};
pub use error::MediaError;
pub use lock::{LockWait, lock};
pub use medium::{Medium, MediumFacts, free_bytes, refuse_linked, serial_of};
pub use mount::{Mount, same_filesystem};
pub use mounted::mounted;
pub use program::{kept_program, replace_program, write_program};
pub use read::{
    Bypass, Uncached, forget, is_carried, open_carried, open_regular, open_uncached, read_any, read_bounded,
    read_carried, read_exact_at, read_head, refuse_odd, sync_filesystem,
};
pub use secret::{MAX_SECRET_BYTES, secret_file};
#[cfg(windows)]
pub use sys::open_pipe;
pub use sys::{is_link, no_dumps, open_private, open_to_others, others_may_read};
pub use trial::{BLOCK_BYTES, BadRange, Trial, Wrong, remove_trial, trial_bytes, try_out};
pub use twice::{Unlike, read_twice};
