//! The verbs `plan`, `push` and `update` over two appliances of which one takes the
//! other's site: hardware or virtual migration.
//!
//! The stick carries a bundle for the new appliance only, or that one installs
//! what it offers; nothing is installed on the old one.

use super::appliance_session::{self, ApplianceSession, CertificateArgs};
use super::approve::first_press;
use super::begin::{Begun, PushRequest, tell_after};
use super::foretell::{PlanRequest, foretell, history, keep_times};
use super::high_water::HighWaterMarks;
use super::journals;
use super::meet::MetAppliance;
use super::next;
use super::open_bundle::{self, BundleCriteria};
use super::pair::{for_bundle, in_trouble, look, same_appliance, side, tell_foreseen};
use super::procedure::{Both, MigrateArgs};
use super::restore::or_restore;
use super::tell_bundle;
use super::transcript::{Recorder, Transcript};
use crate::cli::Context;
use crate::console::kind;
use crate::driver::{self, Reached, moved_certificate};
use crate::engine::migrate::Migrated;
use crate::engine::{Around, HostResolver, OpenPair, Run, RunRules, merged};
use crate::inventory::{ApplianceEntry, Identity, Trust};
use crate::media::{self, Mode};
use crate::model::{Exit, FailoverRole, Failure, ShowPath};
use crate::plan::{self, Meant, MigrateFacts, OldFacts, PackageList, Part, PartFacts, Terms, Topology};
use crate::report::{self, PressNotice};
use crate::web::{CertificateFacts, Timeouts, TlsTrust, check_certificate, fetch_certificate};

/// Prints the migration's plan; changes nothing.
///
/// # Errors
/// A [`Failure`]: the drivers', the bundle's, the plan's.
pub(super) fn plan(pair: &Both<'_>, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    let PlanRequest { media, dangerous, over_backup, removed, certificate, .. } = *request;
    check_certificate_moves(certificate)?;
    let (old, new) =
        (appliance_session::entry(&pair.first, context)?, appliance_session::entry(&pair.partner, context)?);
    open_bundle::check_clock(&dangerous.accepted(), context)?;
    let old_past = old.identity().map(|who| journals::past(&who, context)).transpose()?.unwrap_or_default();
    // Once its reset was ordered the old one is asked no more.
    let is_confirmed = |open: &OpenPair| open.done(false, context.now(), 0).iter().any(|step| step == "confirm");
    let (old_past, old_status, old_failover) = match old_past.open_pair().is_some_and(is_confirmed) {
        true => (old_past, None, None),
        false => {
            let seen = look(&old, context).map_err(|failure| or_restore(failure, &pair.first, &pair.partner, context));
            let (MetAppliance { identity, status }, failover) = seen?;
            (journals::past(&identity, context)?, Some(status), failover)
        }
    };
    let (MetAppliance { identity, status }, failover) = look(&new, context)?;
    let new_past = journals::past(&identity, context)?;
    let open = merged(old_past.open_pair().cloned(), new_past.open_pair().cloned())
        .filter(|open| open.topology == Topology::Migrate);
    let done = open.as_ref().map(|open| open.done(false, context.now(), 0)).unwrap_or_default();
    let marks = HighWaterMarks::read(&context.home, &identity)?;
    let wanted = BundleCriteria::at(status.appliance.clone(), &marks, &new_past, dangerous);
    let bundle = open_bundle::open_for(media, &wanted, context).map_err(|failure| for_new(failure, &new))?;
    journals::answer_for(dangerous, &bundle, "plan", &identity, context)?;
    let new_past = journals::begun_elsewhere(&bundle, &identity, &status, new_past, context)?;
    let history = history(removed, &new_past, bundle.consignment(), &new)?;
    let (policy, reached) = (appliance_session::policy(&new), Reached::of_url(&new.url));
    let (wanted, old_reached) = (pair.migrate(), Reached::of_url(&old.url));
    let plan = plan::migrate(&MigrateFacts {
        old: OldFacts {
            name: &old.name,
            reached_by: &old_reached.host,
            status: old_status.as_ref(),
            failover: old_failover.as_ref(),
        },
        new: PartFacts {
            name: &new.name,
            reached_by: &reached.host,
            status: &status,
            failover: failover.as_ref(),
            list: &PackageList::carried(bundle.consignment()),
            history: &history,
            policy: &policy,
        },
        now: context.now(),
        done: &done,
        over_backup,
        keep_old: wanted.keep_old,
        site_host: wanted.site_host.as_deref(),
    })?;
    context.console.event(&kind::PAIR_PLAN, report::plan_json(&plan));
    context.console.say_lines(report::plan_lines(&plan));
    tell_bundle::sources(&bundle, context);
    if old_failover.is_some_and(|failover| failover.role == FailoverRole::Primary) {
        context.console.note(format!(
            "{} is the primary of a failover pair: its backup goes on pulling from it until {} is made its primary by hand",
            old.name, new.name
        ));
    }
    let old_serial = match &old_status {
        Some(status) => status.appliance.serial.clone(),
        None => old.identity().map(|who| who.serial().to_owned()).unwrap_or_default(),
    };
    let sha256 = bundle.manifest_sha256();
    let terms =
        Terms::migrate(&old_serial, wanted.keep_old, over_backup, Meant::Carried(bundle.consignment(), &sha256));
    let on = [(&old, old_serial.as_str()), (&new, status.appliance.serial.as_str())];
    request.write_page(&plan, &on, terms.sha256(), &[bundle.consignment()], context)?;
    let on = on.map(|(entry, serial)| (&entry.name, serial));
    let press = PressNotice::of_plan(&plan, &on, context.now(), terms.sha256());
    keep_times(&plan, &press, request.ics, context)?;
    foretell(press, &mut *driver::connect(&old, context)?, &Identity::of(&old_serial), &old, context)
}

/// Moves the site, as far as the rules allow now.
///
/// # Errors
/// A [`Failure`] that says how it ended.
pub(super) fn push(request: &PushRequest<'_>, pair: &Both<'_>, context: &mut Context) -> Result<(), Failure> {
    let (first, second) = (pair.first.as_str(), pair.partner.as_str());
    let (mut old, mut new) = begin(request, pair, context)?;
    request.remove_clients_first(&mut [&mut new], context)?;
    let (outcome, told) = work(request, pair, (&mut old, &mut new), context, |run| run.migrate())?;
    let finished = outcome
        .map_err(|failure| in_trouble(failure, [&mut old, &mut new.job], told, context))
        .map_err(|failure| or_restore(failure, first, second, context))?;
    tell_after(&[&new.job], context);
    new.use_up(context)?;
    conclude(&finished, first, pair.migrate(), context);
    next::after([second], request.media[Part::B.index()].and_then(|supply| supply.path()), context);
    Ok(())
}

/// Has NEW check for updates where it offers its packages, and prints what
/// would be done; installs nothing.
///
/// # Errors
/// A [`Failure`]: the drivers', the bundle's, the plan's.
pub(super) fn foresee(request: &PushRequest<'_>, pair: &Both<'_>, context: &mut Context) -> Result<(), Failure> {
    let (mut old, mut new) = begin(request, pair, context)?;
    let (outcome, _) = work(request, pair, (&mut old, &mut new), context, |run| run.foresee_migration())?;
    let (plan, press) = outcome.map_err(|failure| or_restore(failure, &pair.first, &pair.partner, context))?;
    tell_foreseen(&plan, &press, context);
    Ok(())
}

/// Opens both journals, and what is installed on NEW.
fn begin(
    request: &PushRequest<'_>,
    pair: &Both<'_>,
    context: &mut Context,
) -> Result<(ApplianceSession, Begun), Failure> {
    let (first, second) = (pair.first.as_str(), pair.partner.as_str());
    if first == second {
        return Err(Failure::new(Exit::Usage, format!("{first} is named twice; a site moves between two appliances"))
            .hint("name the old one first and the new one second"));
    }
    check_history(request, pair.migrate())?;
    check_certificate_moves(request.certificate)?;
    let old = request.job(first, context)?;
    let mut entry = appliance_session::entry(second, context)?;
    // Whether both names lead to one box is known by its serial number alone, and a journal can't be opened twice.
    if entry.serial.is_none() {
        look(&entry, context)?;
        entry = appliance_session::entry(second, context)?;
    }
    if entry.identity().as_ref() == Some(&old.identity) {
        return Err(same_appliance(first, second, old.identity.serial()));
    }
    // Now, while the old one still shows it. After the reset nobody could tell this certificate from an impostor's.
    believe_moved(&old.entry, &entry, context).map_err(|failure| or_restore(failure, first, second, context))?;
    let new = request.begin(Part::B, second, first, context).map_err(|failure| for_new(failure, &entry))?;
    Ok((old, new))
}

/// Sets `what` to work with a run over both; what came of it, and what was told.
fn work<T>(
    request: &PushRequest<'_>,
    pair: &Both<'_>,
    (old, new): (&mut ApplianceSession, &mut Begun),
    context: &mut Context,
    what: impl FnOnce(Run<'_>) -> Result<T, Failure>,
) -> Result<(Result<T, Failure>, Transcript), Failure> {
    let wanted = pair.migrate();
    let rules = RunRules {
        verb: request.verb,
        command: request.command(context),
        over_backup: request.why(request.restore_on_backup),
        keep_old: wanted.keep_old,
        lose_history: request.why(request.lose_history),
        site_host: wanted.site_host.clone(),
        ..RunRules::default()
    };
    let (old_at, new_at) = (Reached::of_url(&old.entry.url), Reached::of_url(&new.job.entry.url));
    let (old_address, new_address) = (pair.address(&old.entry, Part::A), pair.address(&new.job.entry, Part::B));
    let teller = Recorder::new(&context.console, &*context.time, Transcript::default());
    let first_press = first_press(request.agree, context)?;
    let sides = [side(old, None, old_at, old_address), side(&mut new.job, Some(&new.goods), new_at, new_address)];
    let around = Around {
        operator: &mut context.operator,
        teller: &teller,
        time: &*context.time,
        resolver: &HostResolver,
        first_press: &first_press,
    };
    let outcome = what(Run::over(Topology::Migrate, sides, around, rules));
    Ok((outcome, teller.into_told()))
}

/// A site does not move without its certificate.
fn check_certificate_moves(certificate: &CertificateArgs) -> Result<(), Failure> {
    match certificate.no_certificate_export {
        false => Ok(()),
        true => Err(Failure::new(
            Exit::Usage,
            "a migration takes the site's certificate along: clients know the site by it",
        )
        .hint("leave --no-certificate-export out")),
    }
}

/// The backup is all that is left of an old appliance that is erased.
fn check_history(request: &PushRequest<'_>, wanted: &MigrateArgs) -> Result<(), Failure> {
    if !request.backup.no_backup_history || wanted.keep_old || request.lose_history {
        return Ok(());
    }
    let what =
        "--no-backup-history would leave the logged history on the old appliance alone, which is erased in the end";
    Err(Failure::new(Exit::Usage, what).hint(
        "leave it out, or keep the old appliance with --keep-old, or lose the history with --dangerous-lose-history \
         --reason TEXT",
    ))
}

fn conclude(finished: &Migrated, old: &str, wanted: &MigrateArgs, context: &Context) {
    let Migrated { serves, installed, key_files } = finished;
    let files = key_files.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>();
    context.console.event(
        &kind::PAIR_DONE,
        serde_json::json!({ "serves": serves, "old": old, "kept": wanted.keep_old, "installed": installed, "key_files": files }),
    );
    context.console.say(match wanted.keep_old {
        true => format!("done: {serves} serves the site, and {old} was left as it is"),
        false => format!("done: {serves} serves the site; {old} is reset and shut down, ready to be packed or removed"),
    });
    if !wanted.keep_old {
        context.console.say(format!(
            "{old}: a virtual appliance is removed; a physical one is packed, the vendor's return label goes on the outside \
             of the box, and a carrier collects it; where there is no label, ask vendor support (help.bomgar.com)"
        ));
    }
    for file in key_files {
        context.console.warn(format!("destroy this file now, it holds the site's private key: {}", file.shown()));
    }
}

/// Once the site's address is assigned to it, the new appliance shows the old
/// one's certificate: that very one is believed of it, too, from now on.
fn believe_moved(old: &ApplianceEntry, new: &ApplianceEntry, context: &Context) -> Result<(), Failure> {
    let kept = context.home.join(moved_certificate(&appliance_session::identity(new)?));
    if kept.exists() {
        return Ok(());
    }
    let facts = match &old.trust {
        Trust::Nothing => return Ok(()),
        Trust::Pinned { certificate, .. } => {
            let pem = media::read_bounded(&context.home.join(certificate), 1 << 20, "a certificate")?;
            CertificateFacts::from_pem(&pem)?
        }
        Trust::Ca(file) => {
            let authority = TlsTrust::CaFile(media::read_bounded(&context.home.join(file), 1 << 20, "a CA file")?);
            check_certificate(&old.url, &authority, Timeouts::default())?;
            let facts = fetch_certificate(&old.url, Timeouts::default())?;
            // What was fetched is what is checked: by its bytes, as every later one is.
            let pinned = TlsTrust::Pinned { der: facts.der.clone(), check_host: true };
            check_certificate(&old.url, &pinned, Timeouts::default())?;
            facts
        }
    };
    media::create_dirs(kept.parent().expect("below the home folder"), Mode::Private)?;
    media::write_durably(&kept, facts.pem().as_bytes(), Mode::Private)?;
    context.console.note(format!(
        "{} may show the certificate of {} from now on ({}); it is kept at {}",
        new.name,
        old.name,
        facts.fingerprint(),
        kept.shown()
    ));
    Ok(())
}

/// Where a bundle is missing, says which one a migration needs.
fn for_new(failure: Failure, new: &ApplianceEntry) -> Failure {
    for_bundle(failure, new, "a migration needs a bundle for the new appliance: ask for its packages")
}
