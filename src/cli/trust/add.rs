//! The verb `trust add` of both halves: trust set up by hand.

use super::super::keygen::{describe_line, may_do_both, passed_over};
use super::super::role::Role;
use super::super::{Context, Half, carried};
use crate::cli::question::CliQuestion;
use crate::console::{Operator, kind, settled};
use crate::events::SecurityEvent;
use crate::media;
use crate::model::{Exit, Failure, ShowPath, text};
use crate::trust::{AllowedSigner, AllowedSigners, MAX_SIGNERS_BYTES, PublicKey, TrustError, versions};
use clap::Args;
use std::path::Path;

/// What `trust add` takes.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The line, the file, or the medium that 'keygen --write' of the other half wrote onto
    #[arg(value_name = "FILE|LINE|MEDIA")]
    source: String,
    /// Name for a bare public key, which carries none [default: its comment]
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// The key's fingerprint as told by another way: equal, it answers the question
    #[arg(long, value_name = "SHA256:…")]
    fingerprint: Option<String>,
}

pub(super) fn run(args: &AddArgs, half: Half, context: &mut Context) -> Result<(), Failure> {
    // A line added by hand would get past the threshold that the signed versions demand.
    if let Some(version) = versions(&context.home.trust())?.last() {
        return Err(Failure::new(
            Exit::TrustRefused,
            format!("trust is at version {version} here, and changes by signed updates only"),
        )
        .hint(
            "have the change proposed and signed outside ('handcarry-outside trust propose'), then 'trust apply' it; \
               where too few keys are left for that, see handcarry(7), LOST KEYS",
        ));
    }
    let from_medium = Path::new(&args.source).is_dir();
    let new = match from_medium {
        true => AllowedSigners::parse(&carried::read(Path::new(&args.source), half)?)?,
        false => AllowedSigners::parse(&lines_of(&args.source, args.principal.as_deref(), half)?)?,
    };
    let fingerprint = args.fingerprint.as_deref();
    // An authority would let every certificate that it ever signs count here, and nobody could list those.
    let mut usable: Vec<&AllowedSigner> = new.entries().iter().filter(|entry| !entry.cert_authority).collect();
    if usable.is_empty() {
        return Err(Failure::new(Exit::KeyUnusable, "no key that counts in what was given")
            .hint("give an allowed_signers line such as 'name ssh-ed25519 AAAA…', or a file that holds it"));
    }
    tell_rest(&new, context);
    let file = context.home.allowed_signers();
    let mut kept = read_text(&file)?;
    let known = AllowedSigners::parse(&kept)?;
    if from_medium && usable.iter().any(|entry| !is_known(&known, entry)) {
        // A stick goes to and fro, and keeps the keys that it brought before.
        usable.retain(|entry| !is_known(&known, entry));
    }
    // What is kept is made of what was shown, and of nothing else.
    let lines = usable.iter().map(|entry| canonical(entry)).collect::<Result<Vec<_>, _>>()?;
    for entry in &usable {
        match fingerprint {
            // Whoever is asked must have seen it, whatever is quiet.
            None => context.console.show(describe_line(entry))?,
            Some(_) => context.console.note(describe_line(entry)),
        }
        if entry.namespaces.is_none() {
            context.console.warn(format!(
                "{} may sign any document, a change of trust too: its line has no namespaces",
                text::one_line(&entry.principals.join(","))
            ));
        } else if let Some(name) = may_do_both(entry) {
            context.console.warn(format!("{name} may sign bundles and change trust: one stolen key does both"));
        }
        // Keys are counted and not names, so a key under a second name would only look like a second signer.
        if let Some(old) = known.entries().iter().find(|old| old.key.is_same_secret(&entry.key)) {
            return Err(Failure::new(
                Exit::Exists,
                format!("that key is trusted already, as {}", old.principals.join(",")),
            )
            .hint(format!("its line is number {} of {}", old.line, file.shown())));
        }
    }
    let confirmed = match fingerprint {
        // One fingerprint answers for one key. With two keys it would wave the other one through.
        Some(told) if usable.len() == 1 && usable[0].key.fingerprint() == told => {
            context.console.event(&kind::QUESTION, settled(&CliQuestion::IsKeyCompared));
            true
        }
        Some(told) => {
            return Err(Failure::new(
                Exit::KeyUnusable,
                format!("the key is not the one told: {}", text::one_line(told)),
            )
            .hint("somebody mixed up the files, or changed one; compare with the key's owner"));
        }
        None => context.operator.confirm(&CliQuestion::IsKeyCompared)?,
    };
    if !confirmed {
        return Err(Failure::new(Exit::Declined, "nothing was added"));
    }
    // A file that was edited by hand may lack its last line feed, and two lines in one would be neither.
    if !kept.is_empty() && !kept.ends_with('\n') {
        kept.push('\n');
    }
    lines.iter().for_each(|line| kept.push_str(&format!("{line}\n")));
    if let Some(folder) = file.parent() {
        media::create_dirs(folder, media::Mode::Private)?;
    }
    media::write_durably(&file, kept.as_bytes(), media::Mode::Private)?;
    for entry in &usable {
        context.console.event(
            &kind::TRUSTED,
            serde_json::json!({ "principals": entry.principals, "fingerprint": entry.key.fingerprint() }),
        );
        context.console.say(format!("Trusted: {}", describe_line(entry)));
        context.log(&SecurityEvent::TrustAdded {
            fingerprint: entry.key.fingerprint(),
            principals: entry.principals.clone(),
            namespaces: entry.namespaces.clone().unwrap_or_default(),
        });
    }
    Ok(())
}

fn is_known(known: &AllowedSigners, entry: &AllowedSigner) -> bool {
    known.entries().iter().any(|old| old.key.is_same_secret(&entry.key))
}

/// Says which lines of what was given are not kept: a stock tool would believe
/// them of the same file, and nobody was asked about them.
fn tell_rest(new: &AllowedSigners, context: &Context) {
    for line in new.unusable() {
        context.console.warn(format!("not kept: {}", passed_over(line)));
    }
    for entry in new.entries().iter().filter(|entry| entry.cert_authority) {
        context.console.warn(format!("not kept: line {}, {}", entry.line, describe_line(entry)));
    }
}

/// The line that means what was shown of it.
fn canonical(entry: &AllowedSigner) -> Result<String, TrustError> {
    AllowedSigners::render_line(&entry.principals.join(","), &entry.key, &entry.options())
}

/// Says what can't be read: the file that was named, or the line that was typed.
fn unread(source: &str, error: TrustError) -> Failure {
    let told = Failure::from(error);
    let path = Path::new(source);
    if path.is_file() {
        return told.about(path.shown());
    }
    if source.contains(char::is_whitespace) {
        return told.about("the line given");
    }
    Failure::new(Exit::NotFound, format!("{} is neither a file nor an allowed_signers line", text::one_line(source)))
        .hint("name the other's public key file (.pub), or put the whole line in quotes")
}

/// Reads what was given, a file or a line, as allowed_signers lines.
///
/// # Errors
/// A [`Failure`] where a file can't be read, a bare key has no name, or a line is not one.
pub fn lines_of(source: &str, principal: Option<&str>, half: Half) -> Result<String, Failure> {
    let path = Path::new(source);
    let given = if path.is_file() { read_text(path)? } else { source.to_owned() };
    // What an editor left around a line would become part of its name, unseen.
    let given = given.lines().map(text::trimmed).collect::<Vec<_>>().join("\n");
    if let (Err(error), true) = (PublicKey::parse(&given), PublicKey::is_of_another_type(&given)) {
        // A public key all the same, but none that can count: a name before it would not help.
        return Err(unread(source, error).hint(
            "ask its owner for a key of keygen's, or of a card or a security key; see handcarry(7), Keys on hardware",
        ));
    }
    let lines = as_lines(&given, principal, half)?;
    AllowedSigners::parse(&lines).map_err(|error| unread(source, error))?;
    Ok(lines)
}

/// The file's text, empty where it does not exist.
fn read_text(path: &Path) -> Result<String, Failure> {
    if !path.exists() {
        return Ok(String::new());
    }
    let bytes = media::read_bounded(path, MAX_SIGNERS_BYTES, "a trust file")?;
    text::decoded(&bytes).ok_or_else(|| {
        Failure::new(Exit::Config, format!("{} is not UTF-8 text", path.shown()))
            .hint("it holds one allowed_signers line a signer; put it back from a backup where it was damaged")
    })
}

/// Returns the given text as allowed_signers lines: a bare public key gets a
/// name, and the documents that the other half signs.
fn as_lines(given: &str, principal: Option<&str>, half: Half) -> Result<String, Failure> {
    let text = given.trim();
    if text.contains("PRIVATE KEY-----") {
        return Err(Failure::new(Exit::KeyUnusable, "that is a private key, which nobody but its owner may have")
            .hint("give the public key: the file beside it that ends in .pub"));
    }
    // What is no bare key goes on as lines; whoever parses those says what is wrong with them.
    let Ok(key) = PublicKey::parse(text) else {
        return Ok(format!("{text}\n"));
    };
    let comment = text.split_whitespace().nth(2).unwrap_or_default().to_owned();
    let principal = principal.map_or(comment, str::to_owned);
    // These would end the name, make several of it or let it match others in an allowed_signers line.
    if principal.is_empty() || principal.contains(|c: char| c.is_whitespace() || ",*?!\"#".contains(c)) {
        return Err(Failure::new(Exit::Usage, "a bare public key needs a name of one word")
            .hint("name its owner with --principal NAME"));
    }
    let signs = match half {
        Half::Outside => Role::of(Half::Inside),
        Half::Inside => Role::of(Half::Outside),
    };
    Ok(format!("{}\n", AllowedSigners::render_line(&principal, &key, &Role::options(&[signs]))?))
}
