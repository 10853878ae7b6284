//! What is known of a step of two appliances by its id alone, as journals have it.

use super::Part;

/// Whether a run must be gone on with as it was begun once this step was begun.
// What comes before them leaves both as they were: a backup and a sync harm no other order. From here
// on another order would begin with two that stand alone, or with a certificate that is not its own.
pub fn binds(id: &str) -> bool {
    matches!(id, "break" | "import-certificate")
}

/// The appliance a step is on, where it is the same one in every order.
pub fn part_of(id: &str) -> Option<Part> {
    match id {
        "install-a"
        | "verify-a"
        | "backup"
        | "export-certificate"
        | "export-certificate-a"
        | "compare"
        | "reset"
        | "shut-down" => Some(Part::A),
        "install-b"
        | "verify-b"
        | "export-certificate-b"
        | "sync"
        | "break"
        | "import-certificate"
        | "assign-address"
        | "install"
        | "restore"
        | "dns"
        | "confirm" => Some(Part::B),
        _ => None,
    }
}
