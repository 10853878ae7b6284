//! The verb `sign`: one more person approves a sealed bundle.

use super::agree::AgreeArgs;
use super::choose;
use super::draft::{Drafts, manifest_path};
use super::trust::owed;
use crate::bundle::{self, VolumeSet, limits::MAX_MANIFEST_BYTES};
use crate::cli::{Context, KeyArgs, Signed, add_signature, read_signed};
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::media::{self, MediaError, Mode};
use crate::model::{Consignee, Exit, Failure, Manifest, Sha256Digest, ShowPath, local_time, text};
use crate::outside::question::OutsideQuestion;
use crate::trust::{MAX_SIGNATURES, Message, Namespace};
use clap::Args;
use std::path::{Path, PathBuf};

/// Sign a sealed bundle with a further key
///
/// Where the inside asks for several signers, each signs the very same
/// manifest: in this vault, in a draft that 'draft export' brought here, or of
/// a bundle that is on its medium already. The packages are not needed. It is
/// the same as: ssh-keygen -Y sign -n handcarry-bundle -f KEY manifest.json
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The beginning of a sealed bundle's id; or a draft's folder or manifest; or a bundle or its medium
    #[arg(value_name = "BUNDLE|PATH")]
    draft: String,
    #[command(flatten)]
    agree: AgreeArgs,
    #[command(flatten)]
    key: KeyArgs,
}

/// Where what is to be signed lies.
enum ToSign {
    /// A manifest as a file, its signatures beside it.
    Manifest(PathBuf, Mode),
    /// A bundle that was written already.
    Bundle(VolumeSet),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then nothing was signed.
pub fn run(args: &SignArgs, context: &mut Context) -> Result<(), Failure> {
    let place = find(&args.draft, context)?;
    let mut signed = place.read()?;
    // Perhaps nobody has signed it yet. It must be shown before that, so only its one strict form is read.
    let manifest = bundle::parse_manifest(&signed.bytes)?;
    show(&manifest, &signed, args, context)?;
    args.agree.ask(&manifest.packages.iter().collect::<Vec<_>>(), &OutsideQuestion::SignBundle, context)?;
    // Opened after the answer, so that what an agent asks in its turn is asked of what was shown.
    let signer = context.signer(&args.key)?;
    let armored = signed.sign(Namespace::Bundle, &signer)?;
    let path = place.add(&armored)?;
    let mine = signer.public().fingerprint();
    context.console.say(format!("Signed by {mine}: {}", path.shown()));
    context.log(&SecurityEvent::Signed {
        bundle: manifest.bundle.to_string(),
        manifest_sha256: Sha256Digest::of(&signed.bytes).to_string(),
        fingerprint: mine.clone(),
    });
    let missing = tell_owed(&signed.message(Namespace::Bundle), &signed.signatures, context)?;
    context.console.event(
        &kind::SIGNED,
        serde_json::json!({
            "bundle": manifest.bundle, "fingerprint": mine, "file": path, "signatures": signed.signatures.len(),
            "owed": missing,
        }),
    );
    Ok(())
}

/// Tells how many signatures a manifest still needs, as far as the inside's
/// trust is known here; returns that number.
///
/// # Errors
/// A [`Failure`] where what is known of the inside's trust does not read.
pub fn tell_owed(
    message: &Message<'_>,
    signatures: &[impl AsRef<[u8]>],
    context: &Context,
) -> Result<Option<usize>, Failure> {
    let Some(owed) = owed(message, signatures, context)? else {
        context.console.note(
            "How many signatures the inside asks for is not known here; 'handcarry-outside trust follow MEDIA' takes \
             that from what 'handcarry-inside trust export MEDIA' writes",
        );
        return Ok(None);
    };
    context.console.say(format!("Signatures that count inside: {}", owed.words()));
    owed.why.iter().for_each(|why| context.console.note(format!("  not counted: {}", text::one_line(why))));
    Ok(Some(owed.missing()))
}

/// Finds the manifest of a draft at `path`: the file itself, its folder, or a
/// folder or medium that holds one exported draft; `None` where none is there.
///
/// # Errors
/// A [`Failure`] where several are there, or the folder can't be read.
pub fn manifest_at(path: &Path) -> Result<Option<PathBuf>, Failure> {
    if path.is_file() {
        return Ok(path.extension().is_some_and(|suffix| suffix == "json").then(|| path.to_path_buf()));
    }
    let own = manifest_path(path);
    if own.symlink_metadata().is_ok() {
        refuse_link(path)?;
        return Ok(Some(own));
    }
    let unreadable = |error| MediaError::of("read", path, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let exported = entry.file_name().to_str().is_some_and(|name| name.starts_with(EXPORTED));
        let manifest = manifest_path(&entry.path());
        if exported && manifest.symlink_metadata().is_ok() {
            refuse_link(&entry.path())?;
            found.push(manifest);
        }
    }
    match found.len() {
        // With several the person says which. The newest would be a guess about a signature.
        0 | 1 => Ok(found.pop()),
        many => Err(Failure::new(Exit::Usage, format!("{many} drafts lie in {}", path.shown()))
            .hint(format!("name the folder of the one that is meant ({EXPORTED}…)"))),
    }
}

/// Refuses an exported draft's folder that is a link: a signature would land elsewhere.
fn refuse_link(folder: &Path) -> Result<(), Failure> {
    let exported = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(EXPORTED));
    match exported && folder.is_symlink() {
        true => Err(MediaError::Linked { path: folder.to_path_buf() }.into()),
        false => Ok(()),
    }
}

/// How the folders of exported drafts begin.
pub const EXPORTED: &str = "handcarry-draft-";

/// Reads a draft's manifest and the signatures beside it, none judged yet.
///
/// # Errors
/// A [`Failure`] where they can't be read or are larger than their limits.
pub fn read_draft(manifest: &Path) -> Result<Signed, Failure> {
    read_signed(manifest, MAX_MANIFEST_BYTES, "a manifest")
}

fn find(draft: &str, context: &Context) -> Result<ToSign, Failure> {
    let path = Path::new(draft);
    if !path.exists() {
        let sealed = choose::draft(Some(draft), &Drafts::below(context.home.root()))?;
        return Ok(ToSign::Manifest(manifest_path(&sealed.folder), Mode::Private));
    }
    match manifest_at(path)? {
        Some(manifest) => Ok(ToSign::Manifest(manifest, Mode::Shared)),
        None => Ok(ToSign::Bundle(bundle::locate(path)?)),
    }
}

impl ToSign {
    fn read(&self) -> Result<Signed, Failure> {
        match self {
            ToSign::Manifest(path, _) => read_draft(path),
            ToSign::Bundle(set) => {
                let part = bundle::signed_part(set)?;
                Ok(Signed { bytes: part.manifest.joined(), signatures: part.signatures })
            }
        }
    }

    /// Puts a new signature where it will be found.
    fn add(&self, armored: &str) -> Result<PathBuf, Failure> {
        let set = match self {
            ToSign::Manifest(path, mode) => return add_signature(path, armored, *mode),
            ToSign::Bundle(set) => set,
        };
        let free = (1..=MAX_SIGNATURES)
            .map(|number| bundle::detached_path(set, number))
            // A link counts as taken: nothing must be written through it.
            .find(|path| path.symlink_metadata().is_err());
        let free = free.ok_or_else(|| {
            Failure::new(Exit::LimitExceeded, format!("{MAX_SIGNATURES} signatures lie beside {} already", set.shown()))
                .hint("remove those that do not count")
        })?;
        media::write_durably_new(&free, armored.as_bytes(), Mode::Shared)?;
        Ok(free)
    }
}

/// Shows what a signature will stand for.
fn show(manifest: &Manifest, signed: &Signed, args: &SignArgs, context: &Context) -> Result<(), Failure> {
    let say = |line: String| args.agree.show(&line, context);
    let answers = |own: &Consignee| match &own.request {
        Some(request) => format!("request {}", request.id.short()),
        None => "no request: the code was typed".to_owned(),
    };
    match manifest.appliances.as_slice() {
        [only] => {
            say(format!("Bundle {}, number {}", manifest.bundle.short(), only.sequence))?;
            say(format!("  for       {}", text::one_line(&only.id().to_string())))?;
            say(format!("  answers   {}", answers(only)))?;
        }
        many => {
            say(format!("Bundle {} for {} appliances", manifest.bundle.short(), many.len()))?;
            for (own, order) in many.iter().zip(manifest.orders()) {
                let order: Vec<String> = order.iter().map(ToString::to_string).collect();
                say(format!("  for       {}, number {}", text::one_line(&own.id().to_string()), own.sequence))?;
                say(format!("            installs {}, in this order; answers {}", order.join(", "), answers(own)))?;
            }
        }
    }
    say(format!("  sealed    {} by {}", local_time(manifest.created), text::one_line(&manifest.sealed_by)))?;
    say(format!("  expires   {}", local_time(manifest.expires)))?;
    for (at, package) in manifest.packages.iter().enumerate() {
        args.agree.show_package(at + 1, package, "", true, context)?;
    }
    say(format!("  manifest  SHA-256 {}", Sha256Digest::of(&signed.bytes)))?;
    for key in signed.fingerprints(Namespace::Bundle) {
        say(format!("  signed by {key}"))?;
    }
    // Warned of and not refused: the clock here may be wrong, and the inside decides by its own.
    if manifest.expires <= context.now() {
        context.console.warn("it has expired; the inside will refuse it");
    }
    Ok(())
}
