//! `enroll --renew`: an appliance shows another certificate, as each year, and
//! everything else about it stays.

use super::enroll::{EnrollArgs, authority_of, confirm};
use crate::cli::Context;
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::inventory::{ApplianceEntry, Inventory, Trust};
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, FileName, Sha256Digest, ShowPath};
use crate::web::{CertificateFacts, Timeouts, fetch_certificate};

/// Largest certificate that was kept, in bytes.
pub(super) const MAX_PEM_BYTES: u64 = 256 * 1024;

/// Looks at the certificate that the appliance shows now, has it confirmed, and keeps it in the other's place.
///
/// # Errors
/// As enrolling; then the enrolled one stays.
pub(super) fn run(name: &FileName, args: &EnrollArgs, context: &mut Context) -> Result<(), Failure> {
    let inventory = Inventory::read(&context.home)?;
    let entry = inventory.appliance(name.as_str())?.clone();
    let (kept, pem, digest, check_host) = match (&entry.trust, &args.ca) {
        (Trust::Pinned { certificate, check_host }, None) => {
            let facts = fetch_certificate(&entry.url, Timeouts::default())?;
            let path = context.home.join(certificate);
            let known = media::read_bounded(&path, MAX_PEM_BYTES, "a certificate");
            let known = known.ok().and_then(|pem| CertificateFacts::from_pem(&pem).ok());
            if known.is_some_and(|known| known.der == facts.der) {
                context.console.say(format!("{name} shows the certificate that is enrolled; nothing was changed"));
                return Ok(());
            }
            let covers = confirm(&facts, &entry, args, context)?;
            (path, facts.pem().into_bytes(), facts.fingerprint(), Some(covers).filter(|covers| covers != check_host))
        }
        (Trust::Ca(kept), Some(file)) => {
            let pem = authority_of(&entry, file)?;
            let digest = Sha256Digest::of(&pem).to_string();
            (context.home.join(kept), pem, digest, None)
        }
        _ => return Err(of_another_kind(&entry)),
    };
    // The certificate last: killed in between, the enrolled one is still believed, and nothing else is.
    if let Some(check_host) = check_host {
        Inventory::check_host(&context.home, name, check_host)?;
    }
    media::write_durably(&kept, &pem, Mode::Private)?;
    context.log(&SecurityEvent::Pinned {
        appliance: name.to_string(),
        url: entry.url.clone(),
        fingerprint: digest,
        authority: args.ca.is_some(),
    });
    context.console.event(&kind::ENROLLED, serde_json::json!({ "appliance": name, "url": entry.url, "renewed": true }));
    context.console.say(format!("{name} is believed by the new certificate from now on: {}", kept.shown()));
    Ok(())
}

fn of_another_kind(entry: &ApplianceEntry) -> Failure {
    let (what, hint) = match entry.trust {
        Trust::Ca(_) => ("is believed by an authority", "give the authority's new file: --ca FILE"),
        Trust::Pinned { .. } => ("is believed by its own certificate, and by no authority", "leave --ca out"),
        Trust::Nothing => ("is worked by a person, and has no certificate here", "nothing is to be renewed"),
    };
    Failure::new(Exit::Usage, format!("{} {what}", entry.name)).hint(hint)
}
