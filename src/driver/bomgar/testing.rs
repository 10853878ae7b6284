//! What the tests of reading pages begin with.

use crate::driver::Words;
use crate::inventory::Language;
use crate::web::Page;

/// The labels of both languages, without a profile.
pub(super) fn words() -> Words {
    Words::new(None, Language::Auto).expect("reads")
}

/// A page with this body, at the appliance's address and `path`.
pub(super) fn page_at(path: &str, body: &str) -> Page {
    let html = format!("<html><head><title>T</title></head><body>{body}</body></html>");
    let url = format!("https://a.example{path}");
    Page::parse(&url, 200, Some("text/html; charset=utf-8"), html.as_bytes()).expect("reads")
}
