//! Why an exchange stopped.

use crate::model::{Exit, Explain, Hint, duration_human, explained, text};
use crate::outside::vault::VaultError;
use crate::web::WebError;
use macro_rules_attribute::apply;

/// Why an exchange stopped, and what that means for the code.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The code was used before.
    #[error("{server} says that the code {code} has been used already")]
    #[hint(match by_us {
        true => "the list was lost on its way; give vendor support the facts above and ask them to offer the packages again",
        false => {
            "look whether 'handcarry-outside vault' has the packages already; else make a new request inside, or ask \
             vendor support"
        }
    })]
    #[exit(CodeSpent)]
    CodeSpent {
        /// The vendor's server.
        server: String,
        /// The code's last four characters.
        code: String,
        /// Whether an exchange of this vault sent it, and never saw the list.
        by_us: bool,
    },
    /// The server does not know the code.
    #[error("{server} does not know the code {code}; it says: {says:?}")]
    #[hint(
        "check for typing errors, and that the appliance's clock was right when it made the code; a code that is not \
         known is not spent"
    )]
    #[exit(CodeRefused)]
    CodeUnknown {
        /// The vendor's server.
        server: String,
        /// The code's last four characters.
        code: String,
        /// Its own words.
        says: String,
    },
    /// The code is good, and nothing is offered for it.
    #[error("{server} accepted the code {code} and lists no update")]
    #[hint(
        "the appliance may be up to date, or its packages were downloaded before; vendor support can offer them again"
    )]
    #[exit(NothingToDo)]
    NothingListed {
        /// The vendor's server.
        server: String,
        /// The code's last four characters.
        code: String,
    },
    /// The answer holds neither a list nor a refusal that is understood.
    #[error("the answer to the code could not be read: {page} (HTTP status {status}) says: {says}")]
    #[hint(match retry_after_secs {
        Some(secs) => format!("run the same command again after {}; the session is kept", waited(*secs)),
        None => "the session is kept: add the page's labels with --profile and run the same command again".to_owned(),
    })]
    #[exit(match status {
        400.. => Exit::HttpError,
        _ => Exit::PageUnexpected,
    })]
    AnswerUnread {
        /// The page's title and address.
        page: String,
        /// Its HTTP status.
        status: u16,
        /// After how many seconds the server asks to be called again.
        retry_after_secs: Option<u64>,
        /// How its text begins.
        says: String,
    },
    /// Not all packages arrived.
    #[error("{missing} of {listed} packages did not arrive: {why}")]
    #[hint(match (gone, retry_after_secs) {
        (true, _) => {
            "give vendor support the facts above; once they offer it again, run the same command again".to_owned()
        }
        (false, Some(secs)) => format!(
            "the server asks to be called again after {}; run the same command then, and it goes on where it was",
            waited(*secs)
        ),
        (false, None) => "run the same command again; it goes on where it was".to_owned(),
    })]
    #[exit(DownloadIncomplete)]
    Incomplete {
        /// How many are missing.
        missing: usize,
        /// How many were listed with a link.
        listed: usize,
        /// What went wrong with the first of them.
        why: String,
        /// Whether the server gives it out no more.
        gone: bool,
        /// After how many seconds the server asks to be called again.
        retry_after_secs: Option<u64>,
    },
    /// A file on the server is not the one whose beginning is here.
    #[error("{title:?} changed on the server since its first part arrived; that part is set aside")]
    #[hint(
        "run the same command again to download it anew; if the server refuses, give vendor support the facts above"
    )]
    #[exit(DownloadChanged)]
    Changed {
        /// The package's title.
        title: String,
    },
    /// The disk has no room for what is listed.
    #[error("not enough room for the packages: {} needed, {} free below {folder}", text::bytes(*.needed_bytes), text::bytes(*.free_bytes))]
    #[hint("make room, or put the vault on a larger disk with --home, and run the same command again")]
    #[exit(NoSpace)]
    NoRoom {
        /// How much is still to come, and a reserve.
        needed_bytes: u64,
        /// How much is free.
        free_bytes: u64,
        /// Where.
        folder: String,
    },
    /// The server leads on to another one, which nobody allowed.
    #[error("{server} leads on to {origin} after the code was sent, and nobody allowed that")]
    #[hint(
        "what arrived is kept, and so is the session: where {origin} is the vendor's too, the same command with \
         --allow-origin {origin} goes on; its certificate is checked, and no cookie or code is sent there"
    )]
    #[exit(PageUnexpected)]
    Elsewhere {
        /// The vendor's server.
        server: String,
        /// Scheme, host and port of the other.
        origin: String,
    },
    /// The exchange can only go on with its code.
    #[error("the exchange {exchange} was cut after its code {code} may have been sent, and needs the code again")]
    #[hint("run fetch with the stick or the code it was begun with, or give it up with 'fetch --abandon {exchange}'")]
    #[exit(Waiting)]
    CodeNeeded {
        /// The exchange's short id.
        exchange: String,
        /// The code's last four characters.
        code: String,
    },
    /// The page or the network.
    #[error(transparent)]
    #[hint(|error| at_the_vendor(error))]
    #[exit(transparent)]
    Web(#[from] WebError),
    /// The vault.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Vault(#[from] VaultError),
}

fn waited(secs: u64) -> String {
    duration_human(i64::try_from(secs).unwrap_or(i64::MAX))
}

/// What to do about the network or a page, where both are the vendor's.
fn at_the_vendor(error: &WebError) -> Option<Hint> {
    match error {
        WebError::TlsUntrusted { .. } => Some(
            "a proxy may stand between you and the vendor; give its authority with --ca FILE once the people of \
             your network confirm it"
                .into(),
        ),
        WebError::ControlMissing { .. } | WebError::ControlAmbiguous { .. } => Some(
            "check the address; where the vendor's page has other labels now, give them with --profile FILE, or \
             download with a browser and use 'handcarry-outside import'"
                .into(),
        ),
        error => error.hint(),
    }
}
