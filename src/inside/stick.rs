//! Every bundle on a stick, judged one by one: what `verify` does where no
//! appliance is named and several lie there.
//!
//! What counts is what is current: of the bundles for one serial number the
//! newest. One that is older for each of its appliances is told as that, and its
//! packages are not read.

use super::open_bundle;
use super::tell_bundle;
use crate::bundle::{Bundle, VolumeSet};
use crate::cli::Context;
use crate::console::kind;
use crate::model::{Consignee, Explain, Failure, Kind, Manifest, local_time, text};
use crate::report::{CarriedContents, CarriedRow, CarriedVerdict};
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// A bundle's line in the table.
struct BundleRow {
    name: String,
    /// Whom it is for and by whom; empty where nothing of it can be believed.
    about: String,
    verdict: Verdict,
}

enum Verdict {
    Good,
    /// For each of its appliances another one is newer; one of those.
    Older(String),
    Bad(Failure),
}

/// Bundles by name, each opened or refused.
pub(super) type AllOpened<T> = Vec<(String, Result<T, Failure>)>;

/// Opens all of `sets`.
///
/// # Errors
/// Where no bundle can be judged here.
pub(super) fn open(sets: Vec<VolumeSet>, context: &Context) -> Result<AllOpened<Bundle>, Failure> {
    let mut opened = Vec::new();
    for set in sets {
        let name = set.shown();
        // An expired bundle may be the newest for its appliance. It must
        // be seen to be that before an older one passes for current.
        match open_bundle::open_whenever(set, context)? {
            // No bundle can be judged then, so none is called bad.
            Err(failure) if ends_all(&failure) => return Err(failure),
            bundle => opened.push((name, bundle)),
        }
    }
    Ok(opened)
}

/// Judges all that was `opened`, `read` reading the packages of each that is current; `page` is told of each, where one is wanted.
///
/// # Errors
/// That of the worst bundle which is current, or may be.
pub(super) fn judge<T: Borrow<Bundle>>(
    opened: AllOpened<T>,
    read: impl Fn(&T, &Context) -> Result<(), Failure>,
    page: &mut Option<Vec<CarriedRow>>,
    context: &Context,
) -> Result<(), Failure> {
    let newest = newest(&opened);
    let mut rows = Vec::new();
    for (name, bundle) in opened {
        let contents = bundle.as_ref().ok().filter(|_| page.is_some()).map(|bundle| contents(bundle.borrow()));
        let row = match bundle {
            Err(failure) => BundleRow { name, about: String::new(), verdict: Verdict::Bad(failure) },
            Ok(opened) => {
                let bundle: &Bundle = opened.borrow();
                let (mut about, older) = (about(bundle), older(bundle, &newest));
                let all = older.len() == bundle.manifest().appliances.len();
                for (serial, newer) in older.iter().filter(|_| !all) {
                    about.push_str(&format!("; for {} {newer} is newer", text::one_line(serial)));
                }
                let verdict = match older.into_iter().next().filter(|_| all) {
                    Some((_, newer)) => Verdict::Older(newer),
                    None => current(&name, &opened, &read, context),
                };
                BundleRow { name, about, verdict }
            }
        };
        tell(&row, context);
        if let Some(page) = page {
            page.push(CarriedRow { file: row.name.clone(), verdict: row.verdict.of_page(), contents });
        }
        rows.push(row);
    }
    table(&rows, context);
    verdict(rows, context)
}

/// The newest sequence for each serial number, and the bundle that has it.
type Newest = BTreeMap<String, (u64, String)>;

fn newest<T: Borrow<Bundle>>(opened: &[(String, Result<T, Failure>)]) -> Newest {
    let mut newest = Newest::new();
    for (name, bundle) in opened {
        let Ok(bundle) = bundle else { continue };
        for own in &bundle.borrow().manifest().appliances {
            let best = newest.entry(own.serial.clone()).or_insert((0, String::new()));
            if own.sequence > best.0 {
                *best = (own.sequence, name.clone());
            }
        }
    }
    newest
}

/// The appliances of a bundle for which a newer one is there, and that one.
fn older(bundle: &Bundle, newest: &Newest) -> Vec<(String, String)> {
    let newer = |own: &Consignee| {
        let (sequence, name) = newest.get(&own.serial)?;
        (*sequence > own.sequence).then(|| (own.serial.clone(), name.clone()))
    };
    bundle.manifest().appliances.iter().filter_map(newer).collect()
}

fn current<T: Borrow<Bundle>>(
    name: &str,
    opened: &T,
    read: &impl Fn(&T, &Context) -> Result<(), Failure>,
    context: &Context,
) -> Verdict {
    let bundle: &Bundle = opened.borrow();
    if let Some(refusal) = bundle.dangerously_accepted().first() {
        let failure = Failure::new(refusal.exit(), refusal.to_string());
        return Verdict::Bad(match refusal.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        });
    }
    context.console.note(format!("{name}: {}", about(bundle)));
    match read(opened, context) {
        Ok(()) => {
            tell_bundle::verified(bundle, None, context);
            Verdict::Good
        }
        Err(failure) => Verdict::Bad(failure),
    }
}

/// What a page tells of a bundle.
pub(super) fn contents(bundle: &Bundle) -> CarriedContents {
    let manifest: &Manifest = bundle.manifest();
    CarriedContents {
        manifest: manifest.clone(),
        sha256: bundle.manifest_sha256().to_string(),
        signed_by: bundle.approval().approvers.iter().map(ToString::to_string).collect(),
        threshold: bundle.approval().threshold,
        size_bytes: bundle.size_bytes(),
    }
}

/// What a bundle is, in a line: for whom, until when, by whom.
pub(super) fn about(bundle: &Bundle) -> String {
    let manifest = bundle.manifest();
    let signers: Vec<String> =
        bundle.approval().approvers.iter().map(|approver| text::one_line(&approver.principal)).collect();
    let whose = match manifest.appliances.as_slice() {
        [only] => format!("{}, sequence {}", text::one_line(&only.id().to_string()), only.sequence),
        many => format!("{} appliances", many.len()),
    };
    format!(
        "for {whose}, expires {}, {}, signed by {}",
        local_time(manifest.expires),
        text::counted(manifest.packages.len(), "package"),
        signers.join(" and ")
    )
}

impl Verdict {
    fn of_page(&self) -> CarriedVerdict {
        match self {
            Verdict::Good => CarriedVerdict::Good(None),
            Verdict::Older(newer) => CarriedVerdict::Older(newer.clone()),
            Verdict::Bad(failure) => CarriedVerdict::Bad(failure.message.clone()),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Older(_) => "older",
            Verdict::Bad(failure) => failure.exit.name(),
        }
    }
}

fn tell(row: &BundleRow, context: &Context) {
    let (newer, why) = match &row.verdict {
        Verdict::Good => (None, None),
        Verdict::Older(newer) => (Some(newer), None),
        Verdict::Bad(failure) => (None, Some(failure)),
    };
    context.console.event(
        &kind::JUDGED,
        serde_json::json!({
            "file": row.name, "verdict": row.verdict.word(), "newer": newer,
            "exit": why.map(|failure| failure.exit.code()), "message": why.map(|failure| &failure.message),
            "hint": why.and_then(|failure| failure.hint.as_ref()).map(|hint| context.typed().tell(hint)),
        }),
    );
}

fn table(rows: &[BundleRow], context: &Context) {
    let width = |of: &dyn Fn(&BundleRow) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (names, words) = (width(&|row| row.name.len()), width(&|row| row.verdict.word().len()));
    for row in rows {
        let said = match &row.verdict {
            Verdict::Good => row.about.clone(),
            Verdict::Older(newer) => format!("{}; {newer} is newer", row.about),
            Verdict::Bad(failure) => failure.message.clone(),
        };
        context.console.say(format!("{:names$}  {:words$}  {said}", row.name, row.verdict.word()));
    }
}

/// What it comes to: the worst of all that is bad.
fn verdict(rows: Vec<BundleRow>, context: &Context) -> Result<(), Failure> {
    let all = rows.len();
    let bad = rows.into_iter().filter_map(|row| match row.verdict {
        Verdict::Bad(failure) => Some((row.name, failure)),
        _ => None,
    });
    let mut bad: Vec<(String, Failure)> = bad.collect();
    bad.sort_by_key(|(_, failure)| open_bundle::rank(failure));
    // The worst ends the run and is logged with it.
    bad.iter().skip(1).for_each(|(_, failure)| open_bundle::log_refused(failure, context));
    let count = bad.len();
    match bad.into_iter().next() {
        None => Ok(()),
        Some((name, worst)) if count == 1 => Err(worst.about(name)),
        Some((name, worst)) => Err(worst.about(format!("{count} of {all} bundles are not good; the worst is {name}"))),
    }
}

/// Whether what was found of one bundle says that none can be judged.
fn ends_all(failure: &Failure) -> bool {
    failure.kind == Kind::NoJudge
}
