//! Every page under fixtures/pages/, against the verdicts beside it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use handcarry::testing::{
    model::{Exit, Explain},
    web::{Control, MAX_PAGE_BYTES, Page, WebError},
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    /// Why this page is here.
    about: String,
    url: Option<String>,
    content_type: Option<String>,
    #[serde(default)]
    expect: Vec<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// What is done: link, button, field, section, value, rows, has, shows, has-text, datetime, frames.
    find: String,
    label: String,
    /// Only in the part of the page under this heading.
    within: Option<String>,
    /// What is found.
    is: Option<String>,
    /// The name of the error it is instead.
    fails: Option<String>,
    /// What the error says, in part.
    says: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages")
}

#[test]
fn every_page_gives_what_its_verdict_says() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|ext| ext != "html") {
            continue;
        }
        seen += 1;
        let verdict = path.with_extension("toml");
        let verdict = fs::read_to_string(&verdict).unwrap_or_else(|_| panic!("{} is missing", verdict.display()));
        let verdict: Verdict = toml::from_str(&verdict).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!verdict.about.is_empty() && !verdict.expect.is_empty(), "{}", path.display());
        let url = verdict.url.as_deref().unwrap_or("https://appliance.example.com/appliance/updates?session=SECRET");
        let page = Page::parse(url, 200, verdict.content_type.as_deref(), &fs::read(&path).expect("readable"));
        for expect in &verdict.expect {
            let at = format!("{}: {} {:?}", path.file_name().unwrap_or_default().display(), expect.find, expect.label);
            let found = match &page {
                Ok(page) => find(page, expect),
                Err(error) => Err(told(error)),
            };
            match (found, &expect.is, &expect.fails) {
                (Ok(found), Some(is), None) => assert_eq!(&found, is, "{at}"),
                (Err((name, message)), None, Some(fails)) => {
                    assert_eq!(&name, fails, "{at}: {message}");
                    let says = expect.says.as_deref().unwrap_or_default();
                    assert!(message.contains(says), "{at}: {message}");
                    assert!(!message.contains("SECRET"), "{at}: {message}");
                }
                (found, ..) => panic!("{at}: {found:?}"),
            }
        }
    }
    assert!(seen >= 12, "only {seen} pages");
}

fn find(page: &Page, expect: &Expect) -> Result<String, (String, String)> {
    let control = Control { key: "test".to_owned(), labels: expect.label.split('|').map(str::to_owned).collect() };
    let whole = page.whole();
    let part = match &expect.within {
        Some(heading) => whole.section(&Control::labelled(heading)).map_err(|error| told(&error))?,
        None => whole,
    };
    let found = match expect.find.as_str() {
        "link" => part.link(&control).map(|link| link.url().to_owned()),
        "button" => part.form_with_button(&control).map(|form| {
            let fields: Vec<_> = form.fields().iter().map(|f| f.label.clone()).collect();
            format!("{} [{}]", form.button(), fields.join(", "))
        }),
        "field" => part.form_with_field(&control).map(|form| form.button().to_owned()),
        "section" => part.section(&control).map(|section| section.text().trim().replace('\n', " / ")),
        "value" => part.value_of(&control),
        "datetime" => part.datetime_of(&control).map(Option::unwrap_or_default),
        "rows" => part.rows_under(&control).map(|rows| {
            let row = |row: &handcarry::testing::web::Row<'_>| {
                let buttons: Vec<_> = row
                    .section
                    .buttons()
                    .iter()
                    .map(|b| format!("{}{}", b.label, if b.disabled { " (grey)" } else { "" }))
                    .collect();
                format!("{} [{}]", row.texts.join(" | "), buttons.join(", "))
            };
            rows.iter().map(row).collect::<Vec<_>>().join(" / ")
        }),
        "shows" => Ok(part.shows(&control).to_string()),
        "frames" => {
            let frames = page.frames();
            Ok(frames.iter().map(|frame| format!("{} {}", frame.label, frame.url())).collect::<Vec<_>>().join(" / "))
        }
        "has" => Ok(part.has(&control).to_string()),
        "has-text" => Ok(part.has_text(&control).to_string()),
        other => panic!("no such find: {other}"),
    };
    found.map_err(|error| told(&error))
}

fn told(error: &WebError) -> (String, String) {
    let debug = format!("{error:?}");
    let name = debug.split([' ', '(']).next().unwrap_or_default().to_owned();
    assert!(error.hint().is_some() && error.exit() != Exit::Ok);
    (name, error.to_string())
}

fn parse(body: &[u8]) -> Result<Page, WebError> {
    Page::parse("https://appliance.example.com/", 200, Some("text/html; charset=utf-8"), body)
}

#[test]
fn a_page_larger_than_the_limit_is_refused_with_the_limit_named() {
    let body = vec![b'x'; MAX_PAGE_BYTES + 1];
    let error = parse(&body).err().expect("refused");
    assert!(error.to_string().contains("more than 8 MiB"), "{error}");
    assert_eq!(error.exit(), Exit::LimitExceeded);
}

#[test]
fn markup_made_to_hurt_is_refused_soon_and_without_harm() {
    let bombs: BTreeMap<&str, String> = [
        ("divs", "<div>".repeat(1_500_000)),
        ("closed divs", format!("{}{}", "<div>".repeat(100_000), "</div>".repeat(100_000))),
        ("bold", (0..200_000).map(|i| format!("<b id=x{i}>")).collect()),
        ("tables", "<table><tr><td>".repeat(300_000)),
        ("many", "<p>x".repeat(1_000_000)),
        ("inputs", "<input>".repeat(200_000)),
        ("lists", "<ul><li>".repeat(300_000)),
    ]
    .into();
    for (name, bomb) in bombs {
        let begun = std::time::Instant::now();
        let error = parse(bomb.as_bytes()).err().unwrap_or_else(|| panic!("{name} was taken"));
        assert!(matches!(error, WebError::LimitExceeded { .. }), "{name}: {error}");
        assert!(begun.elapsed().as_secs() < 30, "{name} took {:?}", begun.elapsed());
    }
}

#[test]
fn a_large_but_honest_page_is_read() {
    let rows: String = (0..4000).map(|i| format!("<tr><td>Package {i}<td><a href=/p/{i}>Download</a>")).collect();
    let page = parse(format!("<title>T</title><h2>Available</h2><table>{rows}</table>").as_bytes()).expect("read");
    assert_eq!(page.rows_under(&Control::labelled("available")).expect("there").len(), 4000);
    let error = page.link(&Control::labelled("Download")).err().expect("ambiguous");
    assert!(error.to_string().len() < 20_000);
    assert_eq!(error.exit(), Exit::ControlAmbiguous);
}

#[test]
fn no_password_is_typed_into_a_form_that_sends_it_in_an_address() {
    let fields = "<label>Name <input name=n></label><label>Password <input type=Password name=p maxlength=6></label>";
    for (method, code) in
        [("", Some(Exit::PageUnexpected)), ("method=get", Some(Exit::PageUnexpected)), ("method=post", None)]
    {
        let page =
            format!("<title>T</title><h2>Log in</h2><form action=in {method}>{fields}<button>Go</button></form>");
        let page = parse(page.as_bytes()).expect("read");
        let mut form = page.form_with_button(&Control::labelled("Go")).expect("a form");
        form.fill(&Control::labelled("Name"), "anna").expect("no secret");
        let password = Control::labelled("Password");
        assert_eq!(form.fill(&password, "secret").err().map(|error| error.exit()), code, "{method}");
        let section = page.whole().section(&Control::labelled("Log in")).expect("a section");
        assert_eq!(form.fill_in(&section, &password, "secret").err().map(|error| error.exit()), code, "{method}");
        // A password that was cut is another password, whichever way the field was found.
        assert!(form.fill(&password, "secrets").is_err() && form.fill_in(&section, &password, "secrets").is_err());
    }
}

fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<form action=x method=post>".to_owned()),
        Just("</form>".to_owned()),
        Just("<table>".to_owned()),
        Just("<tr>".to_owned()),
        Just("<td>".to_owned()),
        Just("<th>A".to_owned()),
        Just("</table>".to_owned()),
        Just("<label for=i>A".to_owned()),
        Just("<label>A<input id=i name=n value=v>".to_owned()),
        Just("<br>".to_owned()),
        Just("<fieldset><legend>B</legend><input name=l>".to_owned()),
        Just("<tr><td>A<td>B<tr><td><input name=c><td><input name=d>".to_owned()),
        Just("<iframe src=x></iframe>".to_owned()),
        Just("<select name=s><option>A<option selected>B".to_owned()),
        Just("<input type=file name=f>".to_owned()),
        Just("<button name=b>A</button>".to_owned()),
        Just("<input type=submit value=A>".to_owned()),
        Just("<h2>A</h2>".to_owned()),
        Just("<h3>".to_owned()),
        Just("<legend>A".to_owned()),
        Just("<fieldset disabled>".to_owned()),
        Just("<dl><dt>A<dd>".to_owned()),
        Just("<a href='?A'>A</a>".to_owned()),
        Just("<code>".to_owned()),
        Just("A: B".to_owned()),
        Just("<p>".to_owned()),
        Just("</p>".to_owned()),
        Just("<b>".to_owned()),
        Just("</b>".to_owned()),
        Just("<textarea>".to_owned()),
        Just("<template>".to_owned()),
        Just("<svg><p>".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("<frameset>".to_owned()),
        Just("<noscript>".to_owned()),
        Just("<script>".to_owned()),
        Just("</script>".to_owned()),
        ".{0,8}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn everything(page: &Page) {
    let control = Control { key: "a".to_owned(), labels: vec!["A".to_owned(), "B".to_owned()] };
    let _ = (
        page.text(),
        page.links(),
        page.buttons(),
        page.has(&control),
        page.shows(&control),
        page.frames(),
        page.has_text(&control),
        page.refresh(),
    );
    let _ = (page.value_of(&control), page.datetime_of(&control), page.link(&control).map(|l| l.label));
    let _ = page.rows_under(&control).map(|rows| rows.len());
    for mut form in
        page.forms().into_iter().chain(page.form_with_button(&control)).chain(page.form_with_field(&control))
    {
        let _ = (form.fill(&control, "x"), form.check(&control, true), form.choose(&control, &control));
        let _ = form.file_field(&control);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_in_markup_makes_the_reader_panic(markup in markup()) {
        everything(&parse(markup.as_bytes()).expect("small enough"));
    }

    #[test]
    fn nothing_in_bytes_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), charset in "[a-z0-9-]{0,12}") {
        let content_type = format!("text/html; charset={charset}");
        everything(&Page::parse("https://x/", 200, Some(&content_type), &bytes).expect("small enough"));
    }
}
