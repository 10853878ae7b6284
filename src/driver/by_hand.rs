//! Steps as a person does them, where what a driver needs for them is not at
//! hand; told in the words of the appliance they are done on.

use super::{Guide, Words, guides, migration, pair};

/// Reading what an appliance offers.
pub fn listing(words: &Words, because: String) -> Guide {
    guides::listing(words, because)
}

/// Looking what an appliance is in a failover relationship.
pub fn role(words: &Words, because: String) -> Guide {
    pair::look(words, because)
}

/// Moving the shared IP address between the two of a pair.
pub fn move_shared_ip(words: &Words, address: Option<&str>, from: &str, to: &str, because: String) -> Guide {
    pair::move_shared_ip(words, address, (from, to), because)
}

/// Exporting the site's certificate.
pub fn export(words: &Words, because: String) -> Guide {
    migration::export(words, because)
}

/// Importing it.
pub fn import(words: &Words, because: String) -> Guide {
    migration::import(words, because)
}

/// Assigning the address to it.
pub fn assign(words: &Words, because: String) -> Guide {
    migration::assign(words, because)
}

/// Restoring the settings.
pub fn restore(words: &Words, because: String) -> Guide {
    migration::restore(words, because)
}

/// Shutting the old appliance down.
pub fn shut_down(words: &Words, because: String) -> Guide {
    migration::shut_down(words, because)
}
