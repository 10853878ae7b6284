//! The verb `audit`: the journal, proved and told.

use super::appliance_session;
use super::evidence::Evidence;
use super::fleet::{self, FleetArgs};
use super::high_water::sound_time;
use super::journals;
use super::open_bundle;
use crate::cli::{Context, PageArgs, Signed, list_papers, read_paper};
use crate::console::kind;
use crate::journal;
use crate::media::Medium;
use crate::model::{Failure, Id, Receipt, Sha256Digest, ShowPath, text};
use crate::report::{self, AuditFacts, Imprint, KeptManifest, SeenReceipt};
use crate::trust::Namespace;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Prove the journal's chain and print it
///
/// The record of an install says where its package came from, as its bundle is signed.
/// With receipts given, it must also go on from where each of them saw it: a
/// journal that was cut at its end is found only that way. On paper, with custody by package, whole
/// digests, what is missing and a place to sign: --write. For an auditor without handcarry: --pack.
#[derive(Debug, Args)]
#[command(mut_arg("write", |write| write.conflicts_with_all(["all", "group"])))]
pub struct AuditArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// A receipt's file, or a medium with receipts, to compare with; repeatable
    #[arg(long, value_name = "FILE|MEDIA")]
    receipt: Vec<PathBuf>,
    /// Write journal, manifests, the receipts that were given and their signatures into this new zip, with a README by which ssh-keygen and sha256sum check them
    #[arg(long, value_name = "FILE.zip", conflicts_with_all = ["all", "group"])]
    pack: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: there is no journal, a line was changed, it was cut, a
/// receipt is not signed by anyone trusted.
pub fn run(args: &AuditArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.read(|one, name| one.last(name), context);
    }
    let entry = appliance_session::entry(fleet::one(args.name.as_deref())?, context)?;
    if args.fleet.is_one() && entry.identity().is_none_or(|who| !journals::journal_path(&who, context).exists()) {
        context.console.say("it has no journal yet");
        return Ok(());
    }
    let chain = journal::read(&journals::journal_path(&appliance_session::identity(&entry)?, context))?;
    context.console.event(&kind::JOURNAL, report::journal_json(&chain));
    // Printed before it is compared: a journal that was cut is evidence all the same.
    context.console.say_words(&report::journal_text(&chain));
    let (mut seen, mut papers) = (Vec::new(), Vec::new());
    if !args.receipt.is_empty() {
        let now = sound_time(context)?;
        // What this desk signed itself is among them.
        let store = context.trust_with_own(Namespace::Receipt)?;
        let serials = serials(&chain);
        for path in files(&args.receipt)? {
            let paper = read_paper::<Receipt>(&path, Namespace::Receipt, &store, now)?;
            let (signed_by, receipt, signed) = (paper.signers(), paper.value, paper.signed);
            // A medium carries the receipts of many appliances. What
            // they say of other journals is no fault of this one.
            if !serials.contains(&receipt.appliance.serial) {
                let serial = text::one_line(&receipt.appliance.serial);
                context.console.note(format!("{} is about another appliance ({serial})", path.shown()));
                continue;
            }
            chain.check_head(&receipt.journal).map_err(|error| Failure::from(error).about(path.shown()))?;
            papers.push((receipt.receipt, signed));
            seen.push(SeenReceipt { receipt, signed_by });
        }
    }
    let head = chain.head();
    context.console.say(format!("the chain holds: {} records, head {}", head.records, head.sha256));
    match seen.len() {
        0 => context.console.note("not compared with any receipt; --receipt MEDIA does that"),
        1 => context.console.say("it goes on from where 1 receipt saw it"),
        compared => context.console.say(format!("it goes on from where {compared} receipts saw it")),
    }
    let is_told = args.page.is_wanted() || args.pack.is_some();
    let (kept, manifests) = if is_told { manifests(&chain, context) } else { Default::default() };
    let about = appliance_session::about(&entry);
    let report = |imprint: &Imprint| {
        let about = about.clone();
        report::audit_html(AuditFacts { about, chain: &chain, receipts: &seen, manifests: &kept }, imprint)
    };
    let tongue = appliance_session::tongue(&entry);
    args.page.write(tongue, |imprint| Ok(report(imprint)), context)?;
    if let Some(path) = &args.pack {
        let imprint = args.page.imprint(tongue, context);
        let report = report(&imprint);
        let evidence = Evidence { about: &about, chain: &chain, manifests, receipts: papers, report };
        evidence.write(path, &imprint, context)?;
        context.console.note(format!("written: {}; README.txt in it says how it is checked", path.shown()));
    }
    Ok(())
}

/// The manifests that were kept of what the journal says was begun, for the report and for the pack; one that is gone,
/// or another, is missing.
fn manifests(chain: &journal::Chain, context: &Context) -> (Vec<KeptManifest>, Vec<(Id, Signed)>) {
    let begun: BTreeMap<Id, Sha256Digest> = chain
        .records
        .iter()
        .filter(|record| record.kind == "push-begun")
        .filter_map(|record| Some((record.read("bundle")?, record.read("manifest_sha256")?)))
        .collect();
    let kept = begun.into_iter().filter_map(|(id, sha256)| open_bundle::kept_manifest(id, sha256, context).ok());
    kept.map(|(manifest, signed)| {
        let (id, keys) = (manifest.bundle, signed.fingerprints(Namespace::Bundle));
        (KeptManifest { manifest, keys }, (id, signed))
    })
    .unzip()
}

/// Receipts named one by one, and all of each medium.
fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        match path.is_dir() {
            true => files.extend(list_papers(&Medium::at(path)?.receipts())?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

/// The serial numbers the journal has seen.
fn serials(chain: &journal::Chain) -> Vec<String> {
    chain.records.iter().filter_map(|record| record.text("serial").map(str::to_owned)).collect()
}
