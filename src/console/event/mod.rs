//! Each kind of event that `--json` prints: its name, its members, what they
//! tell. One table, in chapters; the JSON Schema, handcarry-events(5) and the
//! check that tests hold every event against are made of it.
//!
//! A kind that is not in the table can't be named; members that differ from
//! it fail wherever a program with assertions prints them, with `--json` or
//! without. It knows no verb.

mod both;
mod inside;
mod objects;
mod outside;
mod page;
mod papers;
mod practice;
mod records;
mod schema;
mod shape;
mod work;

/// Every kind, by name.
pub mod kind {
    pub use super::both::*;
    pub use super::inside::*;
    pub use super::outside::*;
    pub use super::papers::*;
    pub use super::practice::*;
    pub use super::work::*;
}

pub use page::page;
pub use schema::schema;

use serde_json::{Map, Value};
use shape::Shape;

/// Version of the events: it grows when a kind or member goes or means
/// something else, not when one is added.
pub const EVENTS_VERSION: u64 = 1;

/// A kind of event.
#[derive(Debug)]
pub struct EventKind(Layout);

/// An object within events.
#[derive(Debug)]
struct Compound(Layout);

/// What an object has.
#[derive(Debug)]
struct Layout {
    name: &'static str,
    /// What it tells, and when it comes.
    meaning: &'static str,
    members: &'static [Member],
    /// Members behind its own that several objects have.
    // By its place, since what it names may be an object of plans itself.
    shared: &'static &'static [Member],
}

/// One member of it.
#[derive(Debug)]
struct Member {
    name: &'static str,
    shape: Shape,
    meaning: &'static str,
}

/// Makes members.
macro_rules! members {
    ($($(#[doc = $doc:literal])+ $member:ident: $shape:expr,)*) => {
        &[$($crate::console::event::Member {
            name: stringify!($member),
            shape: $shape,
            meaning: concat!($($doc),+),
        }),*]
    };
}
use members;

/// The members that a layout shares with others.
macro_rules! shared {
    () => {
        &(&[] as &[$crate::console::event::Member])
    };
    ($members:ident) => {
        &$members
    };
}
use shared;

/// Makes the layouts of a chapter, and the list of them.
macro_rules! layouts {
    ($of:ident $($(#[doc = $meaning:literal])+ $id:ident = $name:literal {
        $($(#[doc = $doc:literal])+ $member:ident: $shape:expr,)*
    } $(with $shared:ident)?)+) => {
        $(
            $(#[doc = $meaning])+
            pub static $id: $of = $of($crate::console::event::Layout {
                name: $name,
                meaning: concat!($($meaning),+),
                members: $crate::console::event::members!($($(#[doc = $doc])+ $member: $shape,)*),
                shared: $crate::console::event::shared!($($shared)?),
            });
        )+

        /// All of the chapter, in the order they are told.
        pub(super) static CHAPTER: &[&$of] = &[$(&$id),+];
    };
}
use layouts;

/// The chapters, and what a reader finds in each.
fn chapters() -> [(&'static str, &'static [&'static EventKind]); 6] {
    [
        ("BOTH PROGRAMS", both::CHAPTER),
        ("HANDCARRY-OUTSIDE", outside::CHAPTER),
        ("HANDCARRY-INSIDE: APPLIANCES", inside::CHAPTER),
        ("HANDCARRY-INSIDE: BUNDLES AND RECORDS", papers::CHAPTER),
        ("HANDCARRY-INSIDE: WORK ON APPLIANCES", work::CHAPTER),
        ("HANDCARRY-INSIDE: PRACTICE", practice::CHAPTER),
    ]
}

/// The objects within events.
fn compounds() -> impl Iterator<Item = &'static Compound> {
    records::CHAPTER.iter().chain(objects::CHAPTER).copied().filter(|compound| compound.0.name != records::EVERY.0.name)
}

impl EventKind {
    /// Its name, as `event` has it.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// What is wrong with an event's own members; `None` where nothing is.
    pub fn misfit(&self, members: &Map<String, Value>) -> Option<String> {
        self.0.misfit(members).map(|why| format!("event {}: {why}", self.0.name))
    }
}

impl Layout {
    /// All that it has, in the order they are told.
    fn all_members(&self) -> impl Iterator<Item = &'static Member> {
        self.members.iter().chain(*self.shared)
    }

    fn misfit(&self, members: &Map<String, Value>) -> Option<String> {
        let is_known = |name: &str| self.all_members().any(|member| member.name == name);
        if let Some(unknown) = members.keys().find(|name| !is_known(name)) {
            return Some(format!("{unknown} is no member of it"));
        }
        let wrong = |member: &Member| {
            let value = members.get(member.name).unwrap_or(&Value::Null);
            member.shape.misfit(value).map(|why| format!("{}: {why}", member.name))
        };
        self.all_members().find_map(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn names() -> impl Iterator<Item = &'static str> {
        chapters().into_iter().flat_map(|(_, kinds)| kinds).map(|kind| kind.0.name)
    }

    fn is_word(word: &str) -> bool {
        word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
    }

    #[test]
    fn names_are_distinct_words_and_no_member_is_one_of_every_event() {
        let all: BTreeSet<&str> = names().collect();
        assert_eq!(all.len(), names().count());
        for kind in chapters().into_iter().flat_map(|(_, kinds)| kinds) {
            assert!(is_word(kind.0.name), "{}", kind.0.name);
            let members: BTreeSet<&str> = kind.0.members.iter().map(|member| member.name).collect();
            assert_eq!(members.len(), kind.0.members.len(), "{}", kind.0.name);
            for member in kind.0.members {
                // What an event says of itself may say which appliance is meant; all else every event has by itself.
                let own = ["appliance", "appliances"].contains(&member.name);
                let is_common = records::EVERY.0.members.iter().any(|common| common.name == member.name);
                assert!(is_word(member.name) && (own || !is_common), "{}: {}", kind.0.name, member.name);
            }
        }
    }

    #[test]
    fn an_event_with_another_member_or_shape_is_found() {
        let told = |value: Value| kind::NEXT.misfit(value.as_object().expect("an object"));
        assert_eq!(told(json!({ "command": "x" })), None);
        for wrong in [json!({}), json!({ "command": 1 }), json!({ "command": null }), json!({ "command": "x", "c": 1 })]
        {
            assert!(told(wrong.clone()).is_some(), "{wrong}");
        }
    }
}
