//! What both halves do alike at their desk: the home folder, the signing key,
//! the trusted signers, and the signed papers that travel on the stick.
//!
//! It knows no vendor, no appliance and no bundle.

mod carried;
mod code;
mod complete;
mod documents;
mod generate;
mod help;
mod home;
mod keygen;
mod keys;
mod log;
mod man;
mod media;
mod page;
mod plugged;
mod program;
mod question;
mod role;
mod signed;
mod sleep;
mod trust;

pub use crate::media::secret_file;
pub use code::{ask_code, is_meant, read_code};
pub use complete::{Finder, Known};
pub use documents::{Paper, list_kept_papers, list_papers, read_kept_paper, read_paper, write_paper};
pub use generate::{Generate, generate};
pub use help::Manual;
pub use home::Home;
pub use keygen::{KeygenArgs, generate_key, keygen};
pub use keys::KeyArgs;
pub use log::{LogArgs, log, warn_unlogged};
pub use media::{MediaArgs, media, medium_fields};
pub use page::{PageArgs, write_page};
pub use plugged::{lies_there, medium_word, named_or_plugged};
#[cfg(test)]
pub use program::check_manual;
pub use program::{Program, run};
pub use signed::{Signed, add_signature, read_signed};
pub use trust::{
    IN_FORCE_FILE, RENEWAL_DAYS, TrustVerb, change, copy_signers, find_updates, keep_version, lines_of, proposal_file,
    renewal, trust, whole,
};

use crate::console::{Console, Globals, OtherHalf, SharedOperator, Terminal, TypedCommand, current_user};
use crate::events::{EventLog, EventOrigin, SyslogAddress};
use crate::model::{Exit, Failure, HostTime, Time, Timestamp};
use std::rc::Rc;

/// Everything a verb works with: where it speaks, who answers, where its
/// files lie.
pub struct Context {
    /// Where it speaks.
    pub console: Console,
    /// Who answers.
    pub operator: SharedOperator,
    /// What time it is, and how it is waited.
    pub time: Rc<dyn Time>,
    /// Where this half's files lie.
    pub home: Home,
    /// Where what touches trust and custody is logged.
    pub events: EventLog,
}

/// The verbs that only the inside has. Neither half may use the other, so that a test holds both lists against the programs.
const INSIDE_ONLY: [&str; 24] = [
    "after", "approve", "backup", "before", "enroll", "list", "plan", "probe", "push", "receipt", "rehearse", "remove",
    "rename", "request", "restore", "self", "soak", "status", "store", "support", "take", "update", "verify", "watch",
];

/// The verbs that only the outside has.
const OUTSIDE_ONLY: [&str; 11] =
    ["check", "draft", "fetch", "import", "receive", "seal", "sign", "speaker", "vault", "vendor", "write"];

/// Which half of handcarry is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// `handcarry-outside`.
    Outside,
    /// `handcarry-inside`.
    Inside,
}

impl Half {
    /// The program's name.
    pub const fn program(self) -> &'static str {
        match self {
            Half::Outside => "handcarry-outside",
            Half::Inside => "handcarry-inside",
        }
    }

    /// The other program, with the verbs that only that one has.
    fn other(self) -> OtherHalf {
        match self {
            Half::Outside => OtherHalf { program: Half::Inside.program(), verbs: &INSIDE_ONLY },
            Half::Inside => OtherHalf { program: Half::Outside.program(), verbs: &OUTSIDE_ONLY },
        }
    }

    /// Its folder under the home folder.
    pub const fn folder(self) -> &'static str {
        match self {
            Half::Outside => "outside",
            Half::Inside => "inside",
        }
    }
}

impl Context {
    /// Sits down: reads the global flags, makes nothing on disk yet.
    ///
    /// # Errors
    /// A [`Failure`] where no home folder can be told, or `--syslog` names nothing.
    pub fn open(half: Half, globals: &Globals, console: Console) -> Result<Self, Failure> {
        let home = Home::find(globals.home.as_deref(), half)?;
        let collector = globals.syslog.as_deref().map(SyslogAddress::parse).transpose();
        let collector = collector.map_err(|why| {
            Failure::new(Exit::Usage, format!("--syslog names no collector: {why}"))
                .hint("give a socket such as /dev/log, udp://HOST:PORT or tcp://HOST:PORT")
        })?;
        let origin =
            EventOrigin { program: console.program(), by: current_user(), command: console.typed().to_string() };
        let events = EventLog::at(home.root(), origin, collector);
        let terminal = Terminal::new(globals.yes, console.clone());
        Ok(Context { console, home, events, operator: SharedOperator::new(terminal), time: Rc::new(HostTime::begin()) })
    }

    /// The command that was typed: the one that goes on after a stop.
    pub fn typed(&self) -> TypedCommand {
        self.console.typed()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }
}
