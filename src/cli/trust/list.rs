//! The verb `trust list` of both halves.

use super::super::Context;
use super::super::keygen::{describe_line, may_do_both, passed_over};
use crate::console::kind;
use crate::model::{Exit, Failure, local_time};
use crate::trust::Trusted;

pub(super) fn run(context: &mut Context) -> Result<(), Failure> {
    let trusted = Trusted::read(&context.home.trust())?;
    let store = &trusted.store;
    if store.signers.entries().is_empty() {
        return Err(Failure::new(Exit::NoTrust, "nobody is trusted here yet")
            .hint(format!("add a signer: {} trust add FILE|LINE", context.console.program())));
    }
    for entry in store.signers.entries() {
        let revoked = store.policy.revokes(&entry.key);
        context.console.event(
            &kind::SIGNER,
            serde_json::json!({
                "principals": entry.principals, "fingerprint": entry.key.fingerprint(), "namespaces": entry.namespaces,
                "valid_after": entry.valid_after, "valid_before": entry.valid_before, "cert_authority": entry.cert_authority, "revoked": revoked, "line": entry.line,
            }),
        );
        let mut line = describe_line(entry);
        if revoked {
            line.push_str(", REVOKED");
        }
        context.console.say(line);
    }
    for line in store.signers.unusable() {
        context.console.say(format!("Not used: {}", passed_over(line)));
    }
    let both: Vec<String> = store.signers.entries().iter().filter_map(may_do_both).collect();
    if !both.is_empty() {
        context
            .console
            .warn(format!("{} may sign bundles and change trust: one stolen key does both", both.join(", ")));
    }
    context.console.say(format!("Signatures needed: {}", store.policy.needed()));
    if let Some(by) = store.policy.renew_by {
        context.console.say(format!("To be renewed by: {}", local_time(by)));
    }
    context.warn_of_renewal(&store.policy);
    if trusted.update.version > 0 {
        context.console.say(format!("Version: {}", trusted.update.version));
    }
    Ok(())
}
