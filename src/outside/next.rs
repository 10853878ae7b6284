//! The verb `next`, which a call without any verb is: where each appliance and
//! each bundle stands as far as the outside knows, and the one command that is due.

use super::choose::{Stock, seal_command, waiting};
use super::draft::{Drafts, Sealed};
use super::receive::{Shelf, kept};
use super::requests::{Standing, newest};
use super::trust::owed;
use super::vault::{Exchange, Vault};
use super::vendor::VendorOrigins;
use crate::bundle::{self, bundle_name};
use crate::cli::{Context, lies_there, list_papers, medium_word, named_or_plugged, read_paper};
use crate::console::kind;
use crate::media::{self, Medium};
use crate::model::{Consignee, Failure, Id, Receipt, Request, Sha256Digest, ShowPath, shell_word, text};
use crate::trust::{Namespace, TrustStore};
use crate::web::origin;
use clap::Args;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Tell where each appliance and each bundle stands, and the one command that is due
///
/// The same as a call without any verb. It looks at the vault and at the media that are plugged in; it asks no server,
/// and changes nothing.
#[derive(Debug, Default, Args)]
pub struct NextArgs {
    /// Look at this medium; repeatable [default: all that are plugged in]
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
}

/// Something that is to be done, the most urgent first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    rank: u8,
    told: String,
    command: String,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the vault or a named medium can't be read.
pub fn run(args: &NextArgs, context: &mut Context) -> Result<(), Failure> {
    let media = named_or_plugged(&args.media)?;
    let all = look(&media, context)?;
    for due in &all {
        context.console.event(&kind::DUE, serde_json::json!({ "told": due.told, "command": due.command }));
        context.console.say(&due.told);
        context.console.say(format!("    {}", due.command));
    }
    media.iter().for_each(|medium| context.console.say(format!("{}: {}", medium.root.shown(), lies_there(medium))));
    if context.typed().is_bare() {
        context.console.note("all commands: handcarry-outside --help; the whole course: man handcarry");
    }
    context.console.next(first(all));
    Ok(())
}

/// The command that is due, where a verb named none.
pub fn due(context: &Context) -> Option<String> {
    look(&media::mounted(), context).ok().map(first)
}

fn first(all: Vec<Due>) -> String {
    let nothing = || "nothing is due here: carry the stick in".to_owned();
    all.into_iter().next().map_or_else(nothing, |due| due.command)
}

/// All that is to be done.
fn look(media: &[Medium], context: &Context) -> Result<Vec<Due>, Failure> {
    let mut all = Vec::new();
    let due = |rank, told: String, command: String| Due { rank, told, command };
    if !context.home.signing_key().exists() {
        all.push(due(0, "there is no key to seal with yet".to_owned(), "handcarry-outside keygen".to_owned()));
    }
    let trust = context.trust_store()?;
    if trust.signers.entries().is_empty() {
        let told = "no inside is trusted yet, so that no request can be judged".to_owned();
        all.push(due(1, told, "handcarry-outside trust add FILE".to_owned()));
    }
    let vault = Vault::look(context.home.root());
    let exchanges = vault.exchanges()?;
    for exchange in exchanges.iter().filter(|exchange| !exchange.closed && exchange.spending.is_some()) {
        let told = format!(
            "exchange {} with {} is not complete, and its code is spent",
            exchange.id.short(),
            text::one_line(&exchange.server)
        );
        all.push(due(1, told, "handcarry-outside fetch".to_owned()));
    }
    let known: BTreeSet<Id> = kept::all(Shelf::Taken, context)?.into_iter().map(|kept| kept.receipt.receipt).collect();
    for medium in media {
        all.extend(carried(medium, &exchanges, &known, &trust, context));
    }
    all.extend(to_seal(&vault, media, context)?);
    all.sort();
    Ok(all)
}

/// What a medium brings: receipts that were not taken, and requests whose code was not sent.
fn carried(
    medium: &Medium,
    exchanges: &[Exchange],
    known: &BTreeSet<Id>,
    trust: &TrustStore,
    context: &Context,
) -> Vec<Due> {
    let root = medium.root.quoted();
    let receipts: Vec<Receipt> = papers(&medium.receipts(), Namespace::Receipt, trust, context);
    let fresh = receipts.iter().filter(|receipt| !known.contains(&receipt.receipt)).count();
    let told =
        |count: usize, what: &str| format!("{} on {} to be taken", text::counted(count, what), medium.root.shown());
    let receive = (fresh > 0).then(|| Due {
        rank: 2,
        told: told(fresh, "receipt"),
        command: format!("handcarry-outside receive {root}"),
    });
    let sent = |id: Id| exchanges.iter().any(|one| one.request.as_ref().is_some_and(|request| request.id == id));
    let requests: Vec<Request> = papers(&medium.requests(), Namespace::Request, trust, context);
    let became = |id: Id| if sent(id) { Standing::Answered } else { Standing::Fresh };
    let (newest, _) = newest(requests, |request| request, became);
    let fresh = newest.iter().filter(|(_, stands)| *stands == Standing::Fresh);
    let open: Vec<&Request> = fresh.map(|(request, _)| request).collect();
    // A code goes to no server that is not listed.
    let origins = VendorOrigins::read(context.home.root()).ok();
    let admits = |vendor: &str| origins.as_ref().is_none_or(|origins| origins.admit(vendor, "a request").is_ok());
    let unlisted = open.iter().find(|request| !admits(&request.vendor));
    let fetch = (!open.is_empty()).then(|| Due {
        rank: 3,
        told: told(open.len(), "request"),
        command: match unlisted.and_then(|request| origin(&request.vendor).ok()) {
            Some(origin) => format!("handcarry-outside vendor add {}", shell_word(origin.as_ref())),
            None => format!("handcarry-outside fetch {root}"),
        },
    });
    receive.into_iter().chain(fetch).collect()
}

/// The papers of a folder whose signature counts here. Of the others the verb that takes them says what is wrong.
fn papers<T: DeserializeOwned>(folder: &Path, namespace: Namespace, trust: &TrustStore, context: &Context) -> Vec<T> {
    let paths = list_papers(folder).unwrap_or_default();
    let read = paths.iter().filter_map(|path| read_paper::<T>(path, namespace, trust, context.now()).ok());
    read.map(|paper| paper.value).collect()
}

/// What waits to be sealed, and what is sealed and lies on no medium that is plugged in.
fn to_seal(vault: &Vault, media: &[Medium], context: &Context) -> Result<Vec<Due>, Failure> {
    let drafts = Drafts::below(context.home.root());
    let stock = Stock::read(vault, &drafts, context.now())?;
    let onto = medium_word(media);
    let mut all = Vec::new();
    let serials = waiting(&stock).unwrap_or_default();
    if !serials.is_empty() {
        let whom: Vec<String> = serials.iter().map(|serial| text::one_line(serial)).collect();
        all.push(Due {
            rank: 4,
            told: format!("packages wait to be sealed for {}", whom.join(", ")),
            command: seal_command(&stock, &onto)?,
        });
    }
    let Stock { packages, sealed: all_sealed, .. } = stock;
    let marks = packages.into_iter().map(|kept| (kept.sha256, kept.installed));
    let marks = marks.flat_map(|(sha256, marks)| marks.into_iter().map(move |mark| (sha256, mark.serial)));
    let marks: BTreeSet<(Sha256Digest, String)> = marks.collect();
    let installed = |sealed: &Sealed| {
        let manifest = &sealed.manifest;
        let on = |whom: &Consignee| {
            manifest.packages_of(whom).all(|package| marks.contains(&(package.sha256, whom.serial.clone())))
        };
        manifest.appliances.iter().all(on)
    };
    // A bundle that a later one follows is older for its appliances, and the inside refuses it.
    let newest = |sealed: &Sealed| {
        sealed.manifest.appliances.iter().any(|own| {
            let other = all_sealed.iter().filter_map(|other| other.manifest.consignee(&own.serial));
            other.map(|other| other.sequence).max() == Some(own.sequence)
        })
    };
    let open = |sealed: &&Sealed| sealed.manifest.expires > context.now() && newest(sealed) && !installed(sealed);
    for sealed in all_sealed.iter().filter(open) {
        let id = sealed.manifest.bundle.short();
        let name = bundle_name(&sealed.manifest);
        let lies = media.iter().find(|medium| {
            bundle::list(&medium.bundles()).is_ok_and(|sets| sets.iter().any(|set| set.name() == name.as_str()))
        });
        let owes = owed(sealed.message(), &sealed.signatures, context)?.is_some_and(|owed| owed.missing() > 0);
        let (rank, told, command) = match lies {
            _ if owes => {
                (5, format!("bundle {id} owes a signature"), format!("handcarry-outside sign {id} --key FILE"))
            }
            None => (6, format!("bundle {id} is sealed"), format!("handcarry-outside write {onto} --bundle {id}")),
            Some(medium) => {
                let root = medium.root.quoted();
                (
                    7,
                    format!("bundle {id} lies on {}, to be carried in", medium.root.shown()),
                    format!("handcarry-inside verify {root}"),
                )
            }
        };
        all.push(Due { rank, told, command });
    }
    Ok(all)
}
