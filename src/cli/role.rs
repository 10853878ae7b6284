//! What a key is for: whoever makes one says so, and its line allows no more.

use super::Half;
use crate::trust::{LineOptions, Namespace};
use clap::ValueEnum;

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Bundles, and the vault when it moves
    Bundle,
    /// Changes of the inside's trust
    Trust,
    /// Requests and receipts of the inside
    Request,
    /// handcarry itself, as it is carried
    Kit,
}

impl Role {
    /// What keys of this half are for unless somebody says otherwise.
    pub const fn of(half: Half) -> Role {
        // A stolen key of the inside must not seal bundles, one of the outside must
        // not forge receipts, and neither must say who is trusted.
        match half {
            Half::Outside => Role::Bundle,
            Half::Inside => Role::Request,
        }
    }

    const fn namespaces(self) -> &'static [Namespace] {
        match self {
            // Who may sign bundles carries packages anyway: the vault that they come from.
            Role::Bundle => &[Namespace::Bundle, Namespace::Vault],
            Role::Trust => &[Namespace::Trust],
            Role::Request => &[Namespace::Request, Namespace::Receipt],
            // A key for bundles decides what appliances get; what judges bundles is more than that.
            Role::Kit => &[Namespace::Kit],
        }
    }

    /// Options of a line that lets a key do this and nothing else.
    pub fn options(roles: &[Role]) -> LineOptions {
        let all = [Role::Bundle, Role::Trust, Role::Request, Role::Kit];
        let meant = all.iter().filter(|role| roles.contains(role));
        let namespaces: Vec<Namespace> = meant.flat_map(|role| role.namespaces()).copied().collect();
        LineOptions::only_for(&namespaces)
    }
}
