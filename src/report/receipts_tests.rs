//! The page of receipts: what became of each package, and what was refused.

use super::Imprint;
use super::receipts::*;
use crate::language::Tongue;
use crate::model::{
    ApplianceId, Evidence, FileName, Id, JournalHead, Outcome, PackageResult, Receipt, Sha256Digest, Source, Timestamp,
};

fn receipt(serial: &str) -> Receipt {
    let at = Timestamp::parse("2026-03-04T22:00:00Z").expect("a time");
    let package = PackageResult {
        file: FileName::parse("p.nss").expect("a name"),
        name: "Bomgar <script>".into(),
        sha256: Sha256Digest::of(b"p"),
        source: Source::Imported { path: "<b>".into(), by: "ana".into(), at, compared: false },
        outcome: Outcome::Installed,
        evidence: Some(Evidence::Operator),
        at: Some(at),
    };
    Receipt {
        format: 1,
        receipt: Id::from_bytes([7; 16]),
        created: at,
        appliance: ApplianceId { serial: serial.into(), model: "B200".into(), host: "h".into() },
        bundle: Id::from_bytes([8; 16]),
        sequence: 3,
        manifest_sha256: Sha256Digest::of(b"m"),
        packages: vec![package],
        status: None,
        backup_sha256: None,
        journal: JournalHead { records: 9, sha256: Sha256Digest::of(b"j") },
        links: Vec::new(),
    }
}

#[test]
fn each_receipt_is_told_and_what_was_refused_stands_among_them() {
    let row = |serial: &str, refused: Option<&str>| ReceiptRow {
        receipt: receipt(serial),
        signed_by: vec!["rui (SHA256:x)".into()],
        known: refused.is_none(),
        refused: refused.map(str::to_owned),
    };
    let made = Timestamp::parse("2026-03-08T09:00:00Z").expect("a time");
    let page = |language| {
        let rows = [row("S1", None), row("S2<i>", Some("ALARM <u>"))];
        let imprint = Imprint { language, program: "handcarry-outside", made, by: "ana".into() };
        receipts_html(&rows, &["x.json: nobody trusted <u>".into()], &imprint)
    };
    let (en, pt) = (page(Tongue::En), page(Tongue::Pt));
    let digests = [Sha256Digest::of(b"p"), Sha256Digest::of(b"m"), Sha256Digest::of(b"j")].map(|it| it.to_string());
    for there in [
        "Taken: 1; refused: 2.",
        "a person says so",
        "ALARM &lt;u&gt;",
        "S2&lt;i&gt;",
        "(taken before)",
        "rui (SHA256:x)",
        "handcarry-outside",
    ] {
        assert!(en.contains(there), "{there}: {en}");
    }
    for there in ["Aceitos: 1; recusados: 2.", "uma pessoa afirma", "Recusados sem ser lidos"] {
        assert!(pt.contains(there), "{there}: {pt}");
    }
    assert!(digests.iter().all(|digest| en.contains(digest) && pt.contains(digest)));
    assert!([en, pt].iter().all(|page| !page.contains("<script") && !page.contains("<i>") && !page.contains("<u>")));
}
