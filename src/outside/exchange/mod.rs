//! The exchange: a code goes to the vendor's page, packages come back.
//!
//! It works as a person does: opens the page, types the code into its field,
//! presses the button, reads the list, downloads each row. Since a code is
//! good once and a package is listed once, what is about to happen is in the
//! exchange's record before it happens, every byte that arrived stays, and the
//! next run goes on in the same session. When something can't be had any
//! more, it says what to tell the vendor's support, and nothing less.

mod ahead;
mod download;
mod error;
mod notes;
mod page;
mod run;
mod support;

pub use error::ExchangeError;
pub use page::{Labels, VendorAnswer, read_size, size_agrees};
pub use run::{Exchanger, FetchRequest, FetchResult};
pub use support::support_facts;
