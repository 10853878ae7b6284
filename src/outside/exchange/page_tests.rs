//! The vendor's page, as it is read and as it is not.

use super::*;

fn labels() -> Labels {
    Labels::new(None).expect("the embedded profile reads")
}

fn told(cells: &[&str]) -> (String, Option<String>, Option<String>) {
    let told = labels().read_texts(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    (told.title, told.requires, told.size)
}

#[test]
fn sizes_on_pages_are_rounded() {
    for (written, bytes) in [
        ("1 MB", 1_000_000),
        ("1.4 GB", 1_500_000_000),
        ("12.0 MiB", 12 << 20),
        ("12 MB", 12 << 20),
        ("1024 bytes", 1024),
        ("much", 7),
    ] {
        assert!(size_agrees(written, bytes), "{written} {bytes}");
    }
    for (written, bytes) in
        [("12 MB", 6_000_000), ("1.4 GB", 900_000_000), ("1024 bytes", 1000), ("700 KB", 7 << 20), ("1 MB", 1000)]
    {
        assert!(!size_agrees(written, bytes), "{written} {bytes}");
    }
}

#[test]
fn a_row_is_read_whatever_the_order_of_its_cells() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told(&["Bomgar 10.6.2", "12.0 MiB", "Requires: Base 3.4.0", "Download"]),
        ("Bomgar 10.6.2".to_owned(), some("Base 3.4.0"), some("12.0 MiB"))
    );
    assert_eq!(
        told(&["Descarregar", "Base 3.4.0 Requer: Base 3.3.2", "8388608 bytes"]),
        ("Base 3.4.0".to_owned(), some("Base 3.3.2"), some("8388608 bytes"))
    );
    assert_eq!(told(&["Note: Base 3.4.0"]), ("Note: Base 3.4.0".to_owned(), None, None));
}

#[test]
fn what_a_package_requires_is_read_from_a_column_of_its_own() {
    let html = "<h2>Available Updates</h2><table><tr><th>Package<th>Requires<th>Size<th></tr>\
        <tr><td>Base 3.4.0<td>-<td>6 MB<td><a href=/1>Download</a></tr>\
        <tr><td>Bomgar 10.6.2<td>Base 3.4.0<td>6 MB<td><a href=/2>Download</a></tr>\
        <tr><td>Bomgar 11.1.1<td>Requires: Bomgar 10.6.2<td>6 MB<td><a href=/3>Download</a></tr></table>";
    let page = Page::parse("https://update.example.com/", 200, None, html.as_bytes()).expect("reads");
    let Ok(VendorAnswer::Offers(offers)) = labels().read_answer(&page) else { panic!("no list") };
    let told: Vec<_> = offers.iter().map(|offer| (offer.title.as_str(), offer.requires.as_deref())).collect();
    let expected =
        [("Base 3.4.0", None), ("Bomgar 10.6.2", Some("Base 3.4.0")), ("Bomgar 11.1.1", Some("Bomgar 10.6.2"))];
    assert_eq!(told, expected);
}

#[test]
fn no_page_takes_more_than_bounded_work() {
    let table =
        |cells: &str| format!("<h2>Available Updates</h2><table><tr>{cells}<td><a href=/d>Download</a></table>");
    let cell = |text: &str| table(&format!("<td>{text}</td>"));
    for (what, html) in [
        ("colons of one cell", cell(&"a :".repeat(300_000))),
        ("colons without a blank", cell(&"a:".repeat(400_000))),
        ("words before one colon", cell(&format!("{}:", "a ".repeat(400_000)))),
        ("cells", table(&"<td>a : b : c :</td>".repeat(40_000))),
        ("rows", format!("<h2>Available Updates</h2><table>{}</table>", "<tr><td>a:<td>b".repeat(40_000))),
        ("headings", "<h2>Available Updates</h2><p>x".repeat(25_000)),
        ("headings of old pages", "<div><b>Available Updates</b></div><p>x".repeat(25_000)),
        ("links", "<a href=/1>Download</a>".repeat(30_000)),
        ("lines", format!("<pre>{}</pre>", "the code is\n".repeat(60_000))),
    ] {
        let begun = std::time::Instant::now();
        let page = Page::parse("https://v.example/", 200, None, html.as_bytes()).expect("a page");
        let parsed = begun.elapsed();
        let _ = (labels().read_answer(&page), labels().fill_code(&page, "x"));
        // Some hundred times what it takes, without the parser; what grows
        // with the square of a page takes minutes.
        assert!(begun.elapsed() - parsed < std::time::Duration::from_secs(20), "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_refusal_is_known_in_other_words() {
    for (said, refusal) in [
        ("The key you entered is not valid.", Some(CodeRefusal::Unknown)),
        ("Sorry, that code isn’t valid. Please try again.", Some(CodeRefusal::Unknown)),
        ("We could not find this download code: it does not exist", Some(CodeRefusal::Unknown)),
        ("Invalid Appliance Download Key", Some(CodeRefusal::Unknown)),
        ("Your download key has expired.", Some(CodeRefusal::Unknown)),
        ("O código introduzido não é válido.", Some(CodeRefusal::Unknown)),
        ("A chave não foi encontrada", Some(CodeRefusal::Unknown)),
        ("This download key was already used on 12 May.", Some(CodeRefusal::Spent)),
        ("Esta chave já foi usada.", Some(CodeRefusal::Spent)),
        ("If your key is not valid, contact support.", None),
        ("Enter your Appliance Download Key", None),
        ("Se a chave for inválida, contacte o suporte", None),
        ("The page was not found", None),
    ] {
        assert_eq!(refusal_in(said), refusal, "{said}");
    }
    let answer = |status: u16| {
        let page = Page::parse("https://v.example/", status, None, b"<p>The key you entered is not valid.</p>");
        labels().read_answer(&page.expect("a page"))
    };
    let says = "The key you entered is not valid.".to_owned();
    assert_eq!(answer(200).expect("read"), VendorAnswer::Refused { refusal: CodeRefusal::Unknown, says });
    assert!(answer(503).is_err(), "a server in trouble judges no code");
}

#[test]
fn requirements_are_read_whole_or_not_at_all() {
    let read = |note| read_requires(note).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(read("Base 3.4.0"), Some(vec!["base 3.4.0".to_owned()]));
    assert_eq!(read("Base 3.4.0; Bomgar 10.6.2"), Some(vec!["base 3.4.0".to_owned(), "site 10.6.2".to_owned()]));
    assert_eq!(read("Base 3.4.0, a talk with support"), None);
    assert_eq!(read(" "), None);
}

#[test]
fn sizes_are_read_as_written() {
    assert_eq!(read_size("12 MiB"), Some(12 << 20));
    assert_eq!(read_size("1,5 GB"), Some(1_500_000_000));
    assert_eq!(read_size("8,388,608 bytes"), Some(8_388_608));
    assert_eq!((read_size("12.345 B"), read_size("7 kB")), (Some(12_345), Some(7000)));
    for not in ["Bomgar 10.6.2", "10.6.2", "", "MB", "3 apples", "12", "99999999 TB", "3b MB"] {
        assert_eq!(read_size(not), None, "{not}");
    }
}

#[test]
fn release_notes_are_beside_a_package_and_never_in_its_place() {
    let html = "<h2>Available Updates</h2><table><tr><th>Package<th>Size<th></tr>\
        <tr><td>Base 3.4.0<td>6 MB<td><a href=/n1>Release Notes</a> <a href=/1>Download</a></tr>\
        <tr><td>Bomgar 10.6.2<td>6 MB<td><a href=/2>Get it</a><td><a href=/n2>Notas de Versão</a></tr>\
        <tr><td>Bomgar 11.1.1 Requires: Bomgar 10.6.2<td>6 MB<td><a href=/n3>Release notes</a></tr></table>";
    let page = Page::parse("https://update.example.com/", 200, None, html.as_bytes()).expect("reads");
    let Ok(VendorAnswer::Offers(offers)) = labels().read_answer(&page) else { panic!("no list") };
    let told: Vec<_> = offers.iter().map(|o| (o.title.as_str(), o.link.as_deref(), o.notes.as_deref())).collect();
    let at = |path| Some(path);
    assert_eq!(
        told,
        [
            ("Base 3.4.0", at("https://update.example.com/1"), at("https://update.example.com/n1")),
            ("Bomgar 10.6.2", at("https://update.example.com/2"), at("https://update.example.com/n2")),
            ("Bomgar 11.1.1", None, at("https://update.example.com/n3")),
        ]
    );
}
