//! What a checklist looks at, and why an API told nothing of it.

use serde::Serialize;

/// A kind of client, or something else to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The site itself: a console logs in, a session comes up.
    Test,
    /// Installed consoles.
    Consoles,
    /// Consoles that were deployed by MSI on locked-down machines.
    MsiConsoles,
    /// Jump Clients.
    JumpClients,
    /// How many Jump Clients may update at once.
    JumpClientRate,
    /// Jumpoints.
    Jumpoints,
    /// Buttons.
    Buttons,
    /// Connection agents.
    ConnectionAgents,
    /// Integration clients.
    IntegrationClients,
    /// Installers that were made before.
    Installers,
}

impl Topic {
    /// All, in the order they are looked at.
    pub const ALL: &'static [Topic] = &[
        Topic::Test,
        Topic::Consoles,
        Topic::MsiConsoles,
        Topic::JumpClients,
        Topic::JumpClientRate,
        Topic::Jumpoints,
        Topic::Buttons,
        Topic::ConnectionAgents,
        Topic::IntegrationClients,
        Topic::Installers,
    ];
}

/// Why an API told nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unasked {
    /// The inventory names no account for it, or the site has none.
    NoAccount,
    /// It was to be left alone.
    LeftAlone,
    /// It could not be asked; what went wrong, in one line.
    Failed(String),
}
