//! The verb `trust propose`: the next version of the inside's trust, to be signed.

use super::known::known;
use crate::cli::{Context, Half, RENEWAL_DAYS, change, lines_of, proposal_file, renewal};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::media::{self, Medium, Mode};
use crate::model::clock;
use crate::model::{Exit, Failure, ShowPath, text};
use crate::outside::question::OutsideQuestion;
use crate::trust::{AllowedSigner, AllowedSigners, LineOptions, PublicKey, TrustError, TrustUpdate, Trusted};
use clap::Args;
use std::path::PathBuf;

/// Propose the next version of the inside's trust: add, remove or revoke signers, change the threshold
///
/// The proposal is written onto the medium. It means nothing before enough
/// people have signed it, by the old threshold and by the new one ('trust sign').
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// Where the medium is mounted (or the handcarry folder on it)
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
    /// Trust a further signer: an allowed_signers line, a file of such lines, or a public key file; repeatable
    #[arg(long, value_name = "FILE|LINE")]
    add: Vec<String>,
    /// No longer trust a signer, by name or fingerprint; what its key sealed is refused too; repeatable
    #[arg(long, value_name = "NAME|SHA256:…")]
    remove: Vec<String>,
    /// Never trust a key again, by its signer's name or its fingerprint; repeatable
    #[arg(long, value_name = "NAME|SHA256:…")]
    revoke: Vec<String>,
    /// How many distinct keys must sign a bundle from then on, and a change of trust where as many had to so far
    #[arg(long, value_name = "N")]
    threshold: Option<usize>,
    /// How many distinct keys must sign a change of trust from then on
    #[arg(long, value_name = "N")]
    trust_threshold: Option<usize>,
    /// Days until the next version must be in force [default: 365]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=1826))]
    renew_days: Option<u32>,
    /// Why, for those who sign and apply it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
}

pub(super) fn run(args: &ProposeArgs, context: &mut Context) -> Result<(), Failure> {
    // The version carries this time, and the inside refuses one from the future.
    clock::believe(context.now(), None)?;
    let Some(current) = known(context)? else {
        return Err(Failure::new(Exit::NoTrust, "the inside's trust is not known here yet").hint(
            "run 'handcarry-inside trust export MEDIA' there, then 'handcarry-outside trust follow MEDIA' here",
        ));
    };
    let next = next(&current, args, context)?;
    let folder = Medium::at(&args.media)?.trust();
    let path = folder.join(proposal_file(next.version));
    if path.exists() {
        return Err(Failure::new(Exit::Exists, format!("{} is there already", path.shown()))
            .hint("sign that one, or move it and its signatures away first"));
    }
    change(&current.update, &next).iter().for_each(|line| context.console.say(line));
    if !context.operator.confirm(&OutsideQuestion::ProposeTrust)? {
        return Err(Failure::new(Exit::Declined, "nothing was proposed"));
    }
    media::create_dirs(&folder, Mode::Shared)?;
    media::write_durably_new(&path, &next.bytes(), Mode::Shared)?;
    context.console.event(
        &kind::TRUST_PROPOSED,
        serde_json::json!({ "version": next.version, "sha256": next.sha256(), "file": path }),
    );
    let (version, sha256) = (next.version, next.sha256().to_string());
    context.log(&SecurityEvent::TrustProposed { version, sha256 });
    context.console.say(format!("Proposed: {}", path.shown()));
    context.console.next(format!("handcarry-outside trust sign {}", path.quoted()));
    Ok(())
}

fn next(current: &Trusted, args: &ProposeArgs, context: &Context) -> Result<TrustUpdate, Failure> {
    let mut next = TrustUpdate {
        version: current.update.version + 1,
        previous: Some(current.sha256),
        created: Some(context.now()),
        // Whoever signs the next version has renewed the trust, whatever else it changes.
        renew_by: Some(renewal(context.now(), args.renew_days.unwrap_or(RENEWAL_DAYS))),
        threshold: args.threshold.unwrap_or(current.update.threshold),
        trust_threshold: args.trust_threshold.unwrap_or(match args.threshold {
            // Where nobody told the two apart, nobody does by saying one.
            Some(threshold) if current.update.trust_threshold == current.update.threshold => threshold,
            _ => current.update.trust_threshold,
        }),
        note: text::one_line(&args.note),
        // What nobody named stays as it is: a proposal is a change, and must not drop a signer that was forgotten.
        ..current.update.clone()
    };
    // Removals first, so that one proposal can give a signer a new key.
    for who in args.remove.iter().chain(&args.revoke) {
        let named = drop_signer(&mut next, who)?;
        if !args.revoke.contains(who) {
            continue;
        }
        for fingerprint in named {
            if !next.revoked.contains(&fingerprint) {
                next.revoked.push(fingerprint);
            }
        }
    }
    for source in &args.add {
        add(&mut next, &lines_of(source, None, Half::Inside)?)?;
    }
    let now = &current.update;
    // A version that changes nothing would still ask everybody for a signature.
    let said = |update: &TrustUpdate| {
        (update.threshold, update.trust_threshold, update.signers.clone(), update.revoked.clone())
    };
    if args.renew_days.is_none() && said(&next) == said(now) {
        return Err(Failure::new(Exit::NothingToDo, "the proposal would change nothing")
            .hint("say what shall change with --add, --remove, --revoke, --threshold or --trust-threshold, or renew it with --renew-days"));
    }
    // What the inside would refuse must not be signed.
    TrustUpdate::parse(&next.bytes()).map_err(|error| match error {
        TrustError::UpdateMalformed { why } => Failure::new(Exit::Usage, format!("that can't be proposed: {why}"))
            .hint("change --threshold or --trust-threshold, or --add the signers that they need"),
        other => other.into(),
    })?;
    Ok(next)
}

/// Takes the lines away that `who` names; returns their fingerprints.
fn drop_signer(next: &mut TrustUpdate, who: &str) -> Result<Vec<String>, Failure> {
    let mut gone = Vec::new();
    let mut left = Vec::new();
    for line in &next.signers {
        match AllowedSigners::parse(line)?.entries() {
            [entry] if names(entry, who) => gone.push(entry.key.fingerprint()),
            _ => left.push(line.clone()),
        }
    }
    if gone.is_empty() && who.starts_with("SHA256:") {
        // A key that is not trusted now can be revoked all the same.
        gone.push(who.to_owned());
    } else if gone.is_empty() {
        return Err(Failure::new(Exit::NotFound, format!("no signer {:?} is trusted inside", text::one_line(who)))
            .hint("see who is with 'handcarry-outside trust list'"));
    }
    next.signers = left;
    Ok(gone)
}

fn names(entry: &AllowedSigner, who: &str) -> bool {
    entry.principals.iter().any(|name| name == who) || entry.key.fingerprint() == who
}

fn add(next: &mut TrustUpdate, lines: &str) -> Result<(), Failure> {
    let given = AllowedSigners::parse(lines)?;
    let usable: Vec<&AllowedSigner> = given.entries().iter().filter(|entry| !entry.cert_authority).collect();
    if usable.is_empty() {
        return Err(Failure::new(Exit::KeyUnusable, "no key that counts in what was given")
            .hint("give an allowed_signers line such as 'name ssh-ed25519 AAAA…', or a file that holds it"));
    }
    for entry in usable {
        refuse_known(next, &entry.key)?;
        let options: LineOptions = entry.options();
        next.signers.push(AllowedSigners::render_line(&entry.principals.join(","), &entry.key, &options)?);
    }
    Ok(())
}

fn refuse_known(next: &TrustUpdate, key: &PublicKey) -> Result<(), Failure> {
    let fingerprint = key.fingerprint();
    if next.revoked.contains(&fingerprint) {
        return Err(Failure::new(Exit::KeyUnusable, format!("the key {fingerprint} is revoked"))
            .hint("a revoked key stays revoked; add a new one"));
    }
    let known = AllowedSigners::parse(&next.signers_text())?;
    match known.entries().iter().find(|entry| entry.key.is_same_secret(key)) {
        Some(old) => {
            Err(Failure::new(Exit::Exists, format!("that key is trusted already, as {}", old.principals.join(",")))
                .hint("to change its name or times, --remove it in the same proposal"))
        }
        None => Ok(()),
    }
}
