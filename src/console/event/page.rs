//! The table as the manual page handcarry-events(5).

use super::{Layout, chapters, compounds, records};

/// The page but for the lists: what holds for all events, and for whom they are.
const FRAME: &str = include_str!("page.mdoc");

/// Where in it the lists stand.
const EVERY: &str = "@EVERY@\n";
const KINDS: &str = "@KINDS@\n";
const OBJECTS: &str = "@OBJECTS@\n";

/// The page, in mdoc.
pub fn page() -> String {
    let mut kinds = String::new();
    for (heading, chapter) in chapters() {
        kinds.push_str(&format!(".Sh {heading}\n.Bl -tag -width Ds\n"));
        chapter.iter().for_each(|kind| entry(&mut kinds, &kind.0));
        kinds.push_str(".El\n");
    }
    let (mut objects, mut every) = (String::new(), String::new());
    members(&mut every, &records::EVERY.0);
    compounds().for_each(|compound| entry(&mut objects, &compound.0));
    FRAME.replace(EVERY, &every).replace(KINDS, &kinds).replace(OBJECTS, &objects)
}

fn entry(page: &mut String, layout: &Layout) {
    page.push_str(&format!(".It Sy {}\n{}\n", layout.name, sentence(layout.meaning)));
    if layout.all_members().next().is_some() {
        page.push_str(".Bl -tag -width Ds -compact\n");
        members(page, layout);
        page.push_str(".El\n");
    }
}

fn members(page: &mut String, layout: &Layout) {
    for member in layout.all_members() {
        let missing = if member.shape.may_lack() { "; may be missing" } else { "" };
        let (name, shape) = (member.name, member.shape.told());
        page.push_str(&format!(".It Ic {name}\n({shape}{missing})\n{}\n", sentence(member.meaning)));
    }
}

/// A text as a line of mdoc: a dash is one, and no sentence begins within a line.
fn sentence(text: &str) -> String {
    text.trim().replace('-', "\\-").replace(". ", ".\n")
}
