//! The verb `restore`: a kept backup, put back.

use super::appliance_session::{self, ApplianceSession, BackupArgs};
use super::approve::check_set_aside;
use super::journals;
use super::overrides::parse_reason;
use crate::cli::{Context, secret_file};
use crate::engine::{self, BackupRecord, Restoring, RunJournal};
use crate::inventory::Inventory;
use crate::model::{Exit, Failure, Kind, Sha256Digest, ShowPath, local_time};
use clap::Args;
use std::path::{Path, PathBuf};

/// Put a kept backup back, on its own appliance or on one that takes its place
///
/// Without --backup it is the newest one kept of NAME. The appliance must have
/// the software the backup was made with. What is overwritten is said and
/// agreed to; a backup of another appliance, as after that one died, is
/// restored once the serial number of NAME is typed.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// The backup: a path, or the name of a file kept of NAME [default: the newest one kept of NAME]
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,
    /// File whose first line is the password that protects the backup [default: asked for]
    #[arg(long, value_name = "FILE")]
    backup_password_file: Option<PathBuf>,
    /// Restore on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_restore_on_backup: bool,
    /// Why a refusal is set aside; goes into the journal
    #[arg(long, value_name = "TEXT", value_parser = parse_reason, help_heading = "Dangerous, each asked for again and journalled")]
    reason: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where nothing was restored, or nobody can tell.
pub fn run(args: &RestoreArgs, context: &mut Context) -> Result<(), Failure> {
    check_set_aside(context)?;
    let password = args.backup_password_file.as_deref().map(secret_file).transpose()?;
    let mut job = ApplianceSession::begin(&args.name, &BackupArgs::default(), context)?;
    let (path, known) = find(args, &job, context)?;
    let (size_bytes, sha256) = engine::examine(&path)?;
    let known = match known {
        Some(record) if record.sha256 == sha256 => Some((args.name.clone(), record)),
        Some(_) => return Err(changed(&path, &job)),
        None => look_up(&sha256, context)?,
    };
    let over_backup = args.reason.clone().filter(|_| args.dangerous_restore_on_backup);
    let restoring = Restoring { path, size_bytes, sha256, known, password, over_backup };
    job.work(context, |engine| engine.restore(&restoring))?;
    let name = &job.entry.name;
    context.console.say(format!("restored: the settings on {name} are those of the backup"));
    context.console.note(format!(
        "log in to /login of {name} with a user of the backup from now on; where the inventory's login of {name} is \
         another, change it there"
    ));
    context.console.next(format!("look at its settings, and make a session; then: handcarry-inside backup {name}"));
    Ok(())
}

/// Which file it is, and its record where it was chosen by one.
fn find(
    args: &RestoreArgs,
    job: &ApplianceSession,
    context: &Context,
) -> Result<(PathBuf, Option<BackupRecord>), Failure> {
    let folder = &job.rules.folders.backups;
    if let Some(file) = &args.backup {
        let kept = folder.join(file);
        // A path comes first: whoever names a file that is there means that one, and not a kept one by the same name.
        let path = if !file.exists() && kept.is_file() { kept } else { file.clone() };
        if !path.exists() {
            let what = format!("can't read the backup: no {} is there", file.shown());
            return Err(Failure::new(Exit::NotFound, what).hint(engine::kept_there(folder)));
        }
        return Ok((path, None));
    }
    let newest = engine::backup_records(job.journal.entries()).pop().ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("the journal here has no backup of {}", job.entry.name))
            .hint(engine::kept_there(folder))
    })?;
    context.console.note("the newest backup that is kept is taken; another one by --backup FILE");
    Ok((folder.join(&newest.file), Some(newest)))
}

/// What the journals of all appliances say of a file.
fn look_up(sha256: &Sha256Digest, context: &Context) -> Result<Option<(String, BackupRecord)>, Failure> {
    for entry in Inventory::read(&context.home)?.entries() {
        let Some(who) = entry.identity() else { continue };
        let past = match journals::past(&who, context) {
            Ok(past) => past,
            // Another appliance's journal does not keep this one from its settings.
            Err(failure) => {
                context.console.warn(format!("the journal of {} was not asked: {}", entry.name, failure.message));
                continue;
            }
        };
        let mut records = engine::backup_records(past.entries());
        records.retain(|record| record.sha256 == *sha256);
        if let Some(record) = records.pop() {
            return Ok(Some((entry.name.to_string(), record)));
        }
    }
    Ok(None)
}

/// The newest kept backup is not what was kept.
fn changed(path: &Path, job: &ApplianceSession) -> Failure {
    let what = format!("{} is not what was kept: its digest is another than the journal's", path.shown());
    let older = engine::backup_records(job.journal.entries());
    let older: Vec<&str> = older.iter().rev().skip(1).map(|record| record.file.as_str()).collect();
    let hint = match older.is_empty() {
        true => "a copy of it elsewhere is restored with --backup FILE".to_owned(),
        false => format!("an older one is restored with --backup FILE: {}", older.join(", ")),
    };
    Failure::new(Exit::MediaLies, what).hint(hint)
}

/// Where the old appliance of a migration may be dead, says how its kept
/// backup gets onto the new one.
pub(super) fn or_restore(failure: Failure, old: &str, new: &str, context: &Context) -> Failure {
    if failure.kind != Kind::Unreachable {
        return failure;
    }
    let kept =
        appliance_session::entry(old, context).and_then(|entry| appliance_session::identity(&entry)).and_then(|who| {
            let newest = engine::backup_records(journals::past(&who, context)?.entries()).pop();
            Ok(newest.map(|record| (journals::folders(context.home.root(), &who).backups.join(&record.file), record)))
        });
    let Ok(Some((path, record))) = kept else { return failure };
    let site = record.shown.as_ref().and_then(|shown| shown.site.as_ref());
    let site = site.map_or_else(|| "its version".to_owned(), |site| format!("site {site}"));
    let instead = format!(
        "where {old} is dead, its backup of {} is not: bring {new} to {site} (handcarry-inside push MEDIA {new}), \
         then: handcarry-inside restore {new} --backup {}",
        local_time(record.at),
        path.quoted()
    );
    failure.and_hint("\n", instead)
}
