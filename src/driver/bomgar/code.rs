//! The download code, on the page that answered the press which made it.

use crate::driver::Words;
use crate::model::{DownloadCode, Secret, text};
use crate::web::Page;

/// Most texts that a person is asked about.
// More questions than these are answered by habit, and a wrong yes costs the trip.
const MAX_DOUBTFUL: usize = 4;
/// Longest text that can be a code, in characters: what a person compares by eye.
const MAX_DOUBTFUL_CHARS: usize = 64;
/// How much of a page is told where nothing on it is taken for the code: lines, and characters in each.
// More would push the instructions off the screen that they belong to.
const MAX_TOLD_LINES: usize = 8;
const MAX_TOLD_CHARS: usize = 100;
/// Shortest piece of a code that is kept from vendor support, in characters.
// Shorter pieces are in any word. With all of them taken out nobody could read the page any more.
const MIN_PIECE_CHARS: usize = 4;

/// What stands in a code's place.
pub(super) enum ShownCode {
    /// One text that looks like a code, and no other.
    Code(DownloadCode),
    /// Texts that may be the code, the likeliest first; none where nothing may.
    Doubtful(Vec<DownloadCode>),
}

/// Reads the code: what looks like one beside the label or in what is said
/// around it. A label, a sentence, or two codes are never taken for it.
pub(super) fn read(page: &Page, words: &Words) -> ShownCode {
    let key = words.control("updates.key");
    // It has the shape of a code, and Updates may show it beside the code.
    let serial = page.value_of(&words.control("status.serial")).unwrap_or_default();
    let mut found = CodesFound { serial, sure: Vec::new(), doubtful: Vec::new() };
    page.values_of(&key).iter().for_each(|value| found.add(value, true));
    // Pages explain the code where they show it. In a sentence only what has a code's shape is one.
    code_words(&page.around(&key)).for_each(|word| found.add(word, false));
    if let [only] = found.sure.as_slice()
        && let Some(code) = DownloadCode::parse(only)
    {
        return ShownCode::Code(code);
    }
    if found.sure.is_empty() {
        // Elsewhere on the page nobody says that it is the code, so a person must.
        code_words(&page.text()).for_each(|word| found.add(word, false));
        found.sure.append(&mut found.doubtful);
    }
    let likeliest = found.sure.iter().take(MAX_DOUBTFUL);
    ShownCode::Doubtful(likeliest.filter_map(|text| DownloadCode::parse(text)).collect())
}

/// Texts in a code's place, each once.
struct CodesFound {
    /// The appliance's serial number, which may look like a code.
    serial: String,
    /// Those that look like a code.
    sure: Vec<String>,
    /// Those that may be one.
    doubtful: Vec<String>,
}

impl CodesFound {
    /// Adds a text; what only may be a code counts where it stands in a code's `own` place.
    fn add(&mut self, text: &str, own: bool) {
        let text = text::trimmed(text);
        let Some(code) = DownloadCode::parse(text).filter(|_| text != self.serial) else { return };
        let all = match code.doubt() {
            None => &mut self.sure,
            Some(_) if own && text.len() <= MAX_DOUBTFUL_CHARS => &mut self.doubtful,
            Some(_) => return,
        };
        if !all.iter().any(|other| other == text) {
            all.push(text.to_owned());
        }
    }
}

/// What the page says where the code should stand, for a person to find it.
pub(super) fn told(page: &Page, words: &Words) -> Vec<String> {
    let key = words.control("updates.key");
    let mut told = page.values_of(&key).join("\n") + "\n" + &page.around(&key);
    if told.trim().is_empty() {
        told = page.text();
    }
    let lines = told.lines().map(text::one_line).filter(|line| !line.is_empty() && !key.matches(line));
    let mut short: Vec<String> = Vec::new();
    for line in lines.map(|line| line.chars().take(MAX_TOLD_CHARS).collect::<String>()) {
        if !short.contains(&line) && short.len() < MAX_TOLD_LINES {
            short.push(line);
        }
    }
    short
}

/// Everything on a page that may be a code or a piece of one, however
/// ambiguous: what must not reach vendor support. Longest first.
pub(super) fn secrets(page: &Page, words: &Words) -> Vec<Secret> {
    let key = words.control("updates.key");
    if !key.occurs_in(&page.text()) {
        return Vec::new();
    }
    let serial = page.value_of(&words.control("status.serial")).unwrap_or_default();
    // Words with small letters are left for support to read: codes have capitals and digits.
    let piece = |word: &&str| {
        word.len() >= MIN_PIECE_CHARS
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !word.bytes().any(|b| b.is_ascii_lowercase())
    };
    let around = page.around(&key);
    let own = |text: &String| DownloadCode::parse(text).is_some_and(|code| code.doubt().is_none());
    let sure = |word: &&str| own(&(*word).to_owned());
    let all = page.text();
    let mut found: Vec<String> = page.values_of(&key);
    found.extend(words_of(&around).filter(piece).map(str::to_owned));
    found.extend(words_of(&all).filter(sure).map(str::to_owned));
    found.retain(|text| *text != serial && !key.matches(text));
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found.into_iter().map(Secret::new).collect()
}

/// The words of a text that may be codes within a sentence: more than two
/// groups or a digit, or alone on their line or behind a colon.
fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let alone = words_of(line).count() == 1;
        let last = line.rsplit_once(':').map(|(_, last)| last.trim());
        words_of(line).filter(move |word| {
            alone
                || last.is_some_and(|last| words_of(last).eq([*word]))
                || word.bytes().any(|b| b.is_ascii_digit())
                || word.matches('-').count() > 1
        })
    })
}

/// The words of a text without the punctuation around them.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| !c.is_alphanumeric();
    text.split(char::is_whitespace).map(move |word| word.trim_matches(around)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Language;
    use proptest::prelude::*;

    const CODE: &str = "A7K2M-9QX4T-WB3NR";

    fn page(body: &str) -> Page {
        let html = format!("<html><head><title>Updates</title></head><body>{body}</body></html>");
        Page::parse("https://a.example/appliance/updates/key", 200, Some("text/html"), html.as_bytes()).expect("a page")
    }

    /// What is read: `code …`, or `asks …` with what a person is asked about.
    fn reads(body: &str) -> String {
        let words = Words::new(None, Language::En).expect("the labels");
        match read(&page(body), &words) {
            ShownCode::Code(code) => format!("code {}", code.0.reveal()),
            ShownCode::Doubtful(all) => {
                let all: Vec<&str> = all.iter().map(|code| code.0.reveal()).collect();
                format!("asks {}", all.join(" | "))
            }
        }
    }

    /// The layouts that an independent appliance was given, and their kin.
    const LAYOUTS: [&str; 17] = [
        "<h2>Appliance Download Key</h2><p>Submit this key to the update server.</p><p>{}</p>",
        "<h2>Appliance Download Key</h2><div class=note>Good once. Keep it.</div><div class=box>{}</div>",
        "<p>Your appliance download key is {} and is good once.</p>",
        "<h2>Appliance Download Key</h2><p>Your key is: {}</p>",
        "<h2>Appliance Download Key</h2><div>Appliance Download Key: {}</div>",
        "<h2>Appliance Download Key</h2><ul><li><strong>Appliance Download Key:</strong> <span>{}</span></li></ul>",
        "<h2>Appliance Download Key</h2><p><b>Appliance Download Key:</b> {}</p>",
        "<h2>Appliance Download Key</h2><div><div>Appliance Download Key</div><div>{}</div></div>",
        "<h2>Appliance Download Key</h2><table><tr><th>Appliance Download Key</th><td>{}</td></tr></table>",
        "<h2>Appliance Download Key</h2><dl><dt>Appliance Download Key<dd>{}</dl>",
        "<label>Appliance Download Key <input readonly value={}></label>",
        "<h1>Appliance Download Key</h1><p>Take it to update.example.com.</p><p><code>{}</code> <button>Copy</button></p>",
        "<h2>Appliance Download Key</h2><pre>\n{}\n</pre><p>Do not share it.</p>",
        "<h2>Appliance Download Key</h2><p>Serial Number: S1234-56789-ABCDE</p><p>{}</p>",
        "<nav><a href=/k>Appliance Download Key</a></nav><h2>Appliance Download Key</h2><p>\u{a0}{}\u{feff}</p>",
        "<h2>Appliance Download Key</h2>{}",
        "<p>Appliance Download Key: <tt>{}</tt></p><p>Copy it exactly</p>",
    ];

    #[test]
    fn every_layout_of_a_code_is_read_right() {
        for layout in LAYOUTS {
            assert_eq!(reads(&layout.replace("{}", CODE)), format!("code {CODE}"), "{layout}");
        }
    }

    #[test]
    fn what_may_be_something_else_is_asked_about() {
        for (body, asks) in [
            ("<h2>Appliance Download Key</h2><p>Your key is: ABCDE</p>", "asks Your key is: ABCDE"),
            ("<h2>Appliance Download Key</h2><p>ABCDE FGHJK</p>", "asks ABCDE FGHJK"),
            (
                "<h2>Appliance Download Key</h2><p>AAAAA-BBBBB-CCCCC</p><p>DDDDD-EEEEE-FFFFF</p>",
                "asks AAAAA-BBBBB-CCCCC | DDDDD-EEEEE-FFFFF",
            ),
            ("<p>Take this to the server.</p><p>A7K2M-9QX4T</p>", "asks A7K2M-9QX4T"),
            ("<h2>Appliance Download Key</h2><p>Unavailable</p>", "asks Unavailable"),
            ("<h2>Appliance Download Key</h2>", "asks "),
        ] {
            assert_eq!(reads(body), asks, "{body}");
        }
    }

    #[test]
    fn no_part_of_a_code_reaches_vendor_support() {
        let words = Words::new(None, Language::En).expect("the labels");
        let more = [
            "<h2>Appliance Download Key</h2><p>AAAAA-BBBBB-CCCCC</p><p>{}</p>",
            "<h2>Appliance Download Key</h2><p>A7K2M</p><p>9QX4T</p><p>WB3NR</p>",
            "<p><a href=/k>Appliance Download Key</a></p><table><tr><td>Last</td><td>{}</td></tr></table>",
        ];
        for layout in LAYOUTS.iter().chain(&more) {
            let page = page(&layout.replace("{}", CODE));
            let shown = secrets(&page, &words).iter().fold(page.text(), |text, secret| secret.withhold(&text));
            for piece in CODE.split('-') {
                assert!(!shown.contains(piece), "{layout}: {shown}");
            }
        }
    }

    proptest! {
        /// Whatever stands around it: the code, or a question; never another text by itself.
        #[test]
        fn nothing_else_is_ever_taken_for_the_code(
            pieces in proptest::collection::vec("(<p>|<div>|<li>|<h2>|<b>|<br>|<td>|Appliance Download Key|:| |Your key is|[a-z]{1,8}[ .]|Base 3\\.4\\.0| A7K2M-9QX4T-WB3NR ){1}", 1..24)
        ) {
            let read = reads(&pieces.concat());
            prop_assert!(read == format!("code {CODE}") || read.starts_with("asks "), "{}", read);
        }
    }
}
