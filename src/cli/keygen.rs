//! The verb `keygen` of both halves.

use super::keys::PASSPHRASE_TRIES;
use super::{Context, Half, carried, secret_file};
use crate::cli::question::CliPrompt;
use crate::cli::role::Role;
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::media::{self, DurableFile, Exposed, MediaError, Medium, Mode};
use crate::model::{Exit, Failure, Secret, ShowPath, Timestamp, local_time, text};
use crate::trust::{AllowedSigner, AllowedSigners, Namespace, NewKey, PublicKey, Signer, Unusable};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make an OpenSSH ed25519 key to sign with
///
/// The key is an ordinary OpenSSH one: a key made by ssh-keygen, or held by
/// ssh-agent (of a card or a security key, too), works just as well. What is printed is the allowed_signers line
/// that the other half must be told with 'trust add'.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// Where the private key goes; the public one goes beside it with .pub [default: keys/signing in the home folder,
    /// keys/trust with --for trust]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What it shall sign; several with commas, though one key for each is safer [default: bundle outside, request inside]
    #[arg(long = "for", value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<Role>,
    /// Who will sign with it, as receipts and audits will show [default: your user name]
    #[arg(long, value_name = "NAME", default_value_t = default_principal(), hide_default_value = true)]
    principal: String,
    /// File whose first line is the passphrase [default: asked for twice]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Make a key without a passphrase: whoever has the file can sign
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
    /// Write the public line onto this medium as well, for 'trust add MEDIA' on the other side; of a key that is there, too
    #[arg(long, value_name = "MEDIA")]
    write: Option<PathBuf>,
}

/// Why one key should not be for both.
const BOTH: &str = "it may sign bundles and change trust: whoever steals it can do both. A key for changes of trust \
                    alone is made with --for trust, and need not be on a machine that has a network";

/// Makes the key and prints the line the other half must trust.
///
/// # Errors
/// A [`Failure`]; nothing is ever overwritten.
pub fn keygen(args: &KeygenArgs, half: Half, context: &mut Context) -> Result<(), Failure> {
    if let Some(media) = &args.write {
        // A stick that is not there is better known before there is a key.
        Medium::at(media)?;
    }
    let roles = if args.roles.is_empty() { vec![Role::of(half)] } else { args.roles.clone() };
    // Two people's keys on one machine have two names, and so have one person's two roles.
    let default = if roles == [Role::Trust] { context.home.trust_key() } else { context.home.signing_key() };
    let out = args.out.clone().unwrap_or(default);
    // The existing key is completed first: a run that was killed between the two
    // names left a key without its public half, and says "exists" for ever otherwise.
    if out.exists() {
        complete(&out)?;
        if let Some(media) = &args.write {
            let key = PublicKey::read(&public_path(&out))?;
            let line = AllowedSigners::render_line(&principal_of(&key, args), &key, &Role::options(&roles))?;
            return carried::write(media, &line, half, context);
        }
        return Err(Failure::new(Exit::Exists, format!("a key is already there: {}", out.shown()))
            .hint("keys are never overwritten; use that one, or name another file with --out"));
    }
    let passphrase = passphrase(args, &out, context)?;
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        media::create_dirs(folder, Mode::Private)?;
    }
    let key = generate_key(&out, &args.principal, passphrase.as_ref())?;
    let line = AllowedSigners::render_line(&args.principal, &key, &Role::options(&roles))?;
    context.console.event(
        &kind::KEY,
        serde_json::json!({
            "file": out, "fingerprint": key.fingerprint(), "allowed_signers": line, "encrypted": passphrase.is_some(),
        }),
    );
    context.log(&SecurityEvent::KeyMade {
        fingerprint: key.fingerprint(),
        principal: args.principal.clone(),
        file: out.shown(),
        encrypted: passphrase.is_some(),
    });
    context.console.note(format!("Key:         {}", out.shown()));
    context.console.note(format!("Fingerprint: {}", key.fingerprint()));
    if roles.contains(&Role::Bundle) && roles.contains(&Role::Trust) {
        context.console.warn(BOTH);
    }
    context.console.note(
        "Trust it on the other side: handcarry-… trust add 'LINE', with this line:"
            .replace("handcarry-…", other(half).program()),
    );
    context.console.say(&line);
    args.write.as_ref().map_or(Ok(()), |media| carried::write(media, &line, half, context))
}

/// Makes an ed25519 key at `path` (for its owner alone) and its public half at
/// `path` with `.pub` added, both durably.
///
/// Both are on the device before either has its name, so a key that can be
/// seen is whole. Neither is ever overwritten; where one can't be made, neither
/// is left. What a killed run leaves under a temporary name goes with the next.
///
/// # Errors
/// [`Exit::KeyUnusable`] where the filesystem can't keep it private,
/// [`MediaError::Exists`](media::MediaError), what the disk says, and
/// [`TrustError::KeyNotMade`](crate::trust::TrustError), as [`Failure`]s.
pub fn generate_key(path: &Path, comment: &str, passphrase: Option<&Secret>) -> Result<PublicKey, Failure> {
    let beside = public_path(path);
    // The file comes before the key, so that privacy is judged before there is anything to be read by others.
    let mut private = DurableFile::create(path, Mode::Private, false)?;
    if let Some(exposed) = private.exposed() {
        return Err(Failure::new(
            Exit::KeyUnusable,
            format!("a key at {} would be readable by other users ({exposed}), so none was made", path.shown()),
        )
        .hint(format!("{}; only the key elsewhere: --out FILE", Exposed::REMEDY)));
    }
    let mut public = DurableFile::create(&beside, Mode::Shared, false)?;
    let key = NewKey::make(comment, passphrase)?;
    let written = |path: &Path, source| MediaError::of("write", path, source);
    private.write_all(key.private.as_bytes()).map_err(|source| written(path, source))?;
    public.write_all(public_line(&key.public).as_bytes()).map_err(|source| written(&beside, source))?;
    private.sync()?;
    public.sync()?;
    private.commit()?;
    public.commit().inspect_err(|_| drop(std::fs::remove_file(path)))?;
    Ok(key.public)
}

/// Puts the public half beside a key that a killed run left without it; where
/// it is there, or the key can't be read, nothing is done.
fn complete(path: &Path) -> Result<(), Failure> {
    let beside = public_path(path);
    if beside.symlink_metadata().is_ok() {
        // A run that was killed here may have named both without the folder's being on the device.
        return Ok(media::keep_names(path.parent().unwrap_or(Path::new(".")))?);
    }
    match Signer::public_half(path) {
        Ok(public) => Ok(media::write_durably_new(&beside, public_line(&public).as_bytes(), Mode::Shared)?),
        Err(_) => Ok(()),
    }
}

fn public_line(key: &PublicKey) -> String {
    format!("{}\n", key.openssh())
}

/// `path` with `.pub` added to its name, as ssh-keygen does.
fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

/// Whose a key is that was made before: as its public half says.
fn principal_of(key: &PublicKey, args: &KeygenArgs) -> String {
    let safe = !key.comment().is_empty() && key.comment().chars().all(is_safe);
    if safe { key.comment().to_owned() } else { args.principal.clone() }
}

pub(super) fn other(half: Half) -> Half {
    match half {
        Half::Outside => Half::Inside,
        Half::Inside => Half::Outside,
    }
}

fn passphrase(args: &KeygenArgs, out: &Path, context: &mut Context) -> Result<Option<Secret>, Failure> {
    if args.no_passphrase {
        return Ok(None);
    }
    if let Some(path) = &args.passphrase_file {
        return secret_file(path).map(Some);
    }
    let differ =
        || Failure::new(Exit::WrongPassphrase, "the two passphrases differ").hint("run it again; no key was made");
    for left in (0..PASSPHRASE_TRIES).rev() {
        let first = context.operator.secret(&CliPrompt::NewPassphrase { key: out.shown() });
        // Whoever typed two that differ, and then nothing, is told that they did.
        let first = first.map_err(|error| if left + 1 < PASSPHRASE_TRIES { differ() } else { error.into() })?;
        if first.is_empty() {
            return Err(Failure::new(Exit::Declined, "an empty passphrase")
                .hint("a key without a passphrase is made with --no-passphrase"));
        }
        let again = context.operator.secret(&CliPrompt::PassphraseAgain)?;
        // Typed twice, because a passphrase with a slip in it can be neither guessed nor reset.
        if first.reveal() == again.reveal() {
            return Ok(Some(first));
        }
        if left > 0 {
            context.console.warn("the two passphrases differ; once more");
        }
    }
    Err(differ())
}

fn default_principal() -> String {
    // The name goes into an allowed_signers line, where a blank ends
    // it, a comma begins another, and * and ? match others.
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name: String = named.unwrap_or_default().chars().filter(|c| is_safe(*c)).collect();
    if name.is_empty() { "operator".to_owned() } else { name }
}

fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._@-".contains(c)
}

/// The name of a line whose key may sign bundles and change trust.
pub(super) fn may_do_both(entry: &AllowedSigner) -> Option<String> {
    // Any moment of the line's own time.
    let at = entry.valid_after.or(entry.valid_before).unwrap_or(Timestamp::UNIX_EPOCH);
    let may = |namespace| entry.permits(namespace, at).is_ok();
    (may(Namespace::Bundle) && may(Namespace::Trust)).then(|| text::one_line(&entry.principals.join(",")))
}

/// Shows a line of trust as a whole: who, which key, for what, and when.
pub(super) fn describe_line(entry: &AllowedSigner) -> String {
    let mut told = describe(&entry.principals, &entry.key, entry.namespaces.as_deref());
    if let Some(from) = entry.valid_after {
        told.push_str(&format!(", from {}", local_time(from)));
    }
    if let Some(until) = entry.valid_before {
        told.push_str(&format!(", until {}", local_time(until)));
    }
    if entry.cert_authority {
        told.push_str(", as a certificate authority: it never counts here");
    }
    text::printable(&told)
}

/// Shows a line whose key is of a type that is not used here.
pub(super) fn passed_over(line: &Unusable) -> String {
    let names = text::one_line(&line.principals.join(","));
    format!("line {}, {names}: {}", line.line, text::one_line(&line.why()))
}

/// Shows a key and what it signs.
pub(super) fn describe(principals: &[String], key: &PublicKey, namespaces: Option<&[String]>) -> String {
    let scope = namespaces.map_or_else(|| "any document".to_owned(), |names| names.join(", "));
    // A security key signs for its application alone, and a card's key is another make than a file's.
    let kind = match (key.application(), key.key_type()) {
        (None, "ssh-ed25519") => String::new(),
        (None, other) => format!("  {other}"),
        (Some(application), other) => format!("  {other} for {application:?}"),
    };
    format!("{}  {}{kind}  signs {scope}", principals.join(","), key.fingerprint())
}
