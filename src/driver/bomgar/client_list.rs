//! The list of clients that a console exports: what its columns are called.

use crate::driver::Words;
use crate::inventory::Language;
use crate::web::{Control, WebError};

/// The words by which a list of clients is read that a console exported.
#[derive(Debug, Clone)]
pub struct ClientListWords {
    /// Headings of the column with the status, a date.
    pub status: Control,
    /// Headings of the column with the clients' names.
    pub name: Control,
    /// Headings of the column with their groups.
    pub group: Control,
    /// Whether its dates begin with the day.
    pub day_first: bool,
}

/// The words of an exported list of clients, by the embedded profile and the
/// site's own.
///
/// # Errors
/// [`WebError::BadProfile`].
pub(in super::super) fn client_list_words(
    profile: Option<&str>,
    language: Language,
) -> Result<ClientListWords, WebError> {
    let words = Words::new(profile, language)?;
    Ok(ClientListWords {
        status: words.control("clients.status"),
        name: words.control("clients.name"),
        group: words.control("clients.group"),
        day_first: words.day_first(),
    })
}
