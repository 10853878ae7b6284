//! Steps as a person does them, where what a driver needs for them is not at
//! hand; told in both languages.

use super::{Guide, Language, migration, pair};

/// Looking what an appliance is in a failover relationship.
pub fn role(because: String) -> Guide {
    pair::look(Language::Auto, because)
}

/// Moving the shared IP address between the two of a pair.
pub fn move_shared_ip(address: Option<&str>, from: &str, to: &str, because: String) -> Guide {
    pair::move_shared_ip(Language::Auto, address, (from, to), because)
}

/// Exporting the site's certificate.
pub fn export(because: String) -> Guide {
    migration::export(Language::Auto, because)
}

/// Importing it.
pub fn import(because: String) -> Guide {
    migration::import(Language::Auto, because)
}

/// Assigning the address to it.
pub fn assign(because: String) -> Guide {
    migration::assign(Language::Auto, because)
}

/// Restoring the settings.
pub fn restore(because: String) -> Guide {
    migration::restore(Language::Auto, because)
}

/// Shutting the old appliance down.
pub fn shut_down(because: String) -> Guide {
    migration::shut_down(Language::Auto, because)
}
