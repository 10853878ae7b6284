//! Signatures, signers, the policy, and trust updates.

use super::{shown, text};
use handcarry::testing::trust::{
    AllowedSigners, MAX_SIGNATURE_BYTES, Namespace, TrustPolicy, TrustUpdate, Trusted, verify,
};

/// What the fixtures' good signatures are over.
const MESSAGE: &[u8] = include_bytes!("../../../fixtures/trust/signature/accept/sha512/message");

/// A signature that holds was made by a key of the fixtures, for this message
/// and this namespace alone.
pub fn sshsig(data: &[u8]) {
    // One line there is faulty on purpose, so each is read by itself.
    let lines = include_str!("../../../fixtures/trust/signature/allowed_signers").lines();
    let signers: Vec<AllowedSigners> = lines.filter_map(|line| AllowedSigners::parse(line).ok()).collect();
    for namespace in Namespace::ALL {
        match verify(data, *namespace, MESSAGE) {
            Ok(key) => {
                assert!(data.len() <= MAX_SIGNATURE_BYTES);
                assert!(
                    signers.iter().flat_map(AllowedSigners::entries).any(|entry| entry.key == key),
                    "{key} has signed nothing"
                );
                let others = Namespace::ALL.iter().filter(|other| *other != namespace);
                assert!(others.into_iter().all(|other| verify(data, *other, MESSAGE).is_err()));
                assert!(verify(data, *namespace, &[MESSAGE, b"."].concat()).is_err());
            }
            Err(fault) => shown(&fault.to_string()),
        }
    }
}

/// A line that is accepted can be written again and says the same; what the
/// whole file says does not depend on how it is laid out.
pub fn allowed_signers(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let signers = match AllowedSigners::parse(text) {
        Ok(signers) => signers,
        Err(error) => return shown(&error.to_string()),
    };
    let mut again = String::new();
    for entry in signers.entries() {
        let names = entry.principals.join(",");
        // A quote within a name can be read, and not written; nor can an empty name at the end.
        if names.contains('"') || entry.principals.last().is_some_and(String::is_empty) {
            continue;
        }
        let line = AllowedSigners::render_line(&names, &entry.key, &entry.options())
            .unwrap_or_else(|error| panic!("{names:?} can't be written again: {error}"));
        let read = AllowedSigners::parse(&line).expect("reads back");
        let [one] = read.entries() else { panic!("{line:?} is not one line") };
        assert_eq!((&one.principals, one.options(), &one.key), (&entry.principals, entry.options(), &entry.key));
        assert!(one.key.comment().chars().all(|c| !c.is_control()));
        again.push_str(&line);
        again.push('\n');
    }
    AllowedSigners::parse(&again).expect("all of it reads back");
}

/// A policy never accepts what nobody signed, and means what it says.
pub fn policy(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match TrustPolicy::parse(text) {
        Ok(policy) => {
            assert!([policy.threshold, policy.trust_threshold].iter().all(|threshold| (1..=64).contains(threshold)));
            let renew_by = policy.renew_by.map_or_else(String::new, |by| format!("renew_by = \"{by}\"\n"));
            let written = format!(
                "threshold = {}\ntrust_threshold = {}\n{renew_by}revoked = {:?}\n",
                policy.threshold, policy.trust_threshold, policy.revoked
            );
            assert_eq!(TrustPolicy::parse(&written).expect("reads back"), policy);
        }
        Err(error) => shown(&error.to_string()),
    }
}

/// Whatever is accepted as a trust update is written again byte for byte, and
/// gives trust that can be used.
pub fn trust_update(data: &[u8]) {
    match TrustUpdate::parse(data) {
        Ok(update) => {
            assert_eq!(update.bytes(), data);
            let trusted = Trusted::of(update.clone()).expect("its lines read");
            assert_eq!(trusted.store.signers.entries().len(), update.signers.len());
            assert!(trusted.store.policy.threshold >= 1 && trusted.store.policy.trust_threshold >= 1);
            assert!(update.version == 0 || update.renew_by > update.created);
        }
        Err(error) => shown(&error.to_string()),
    }
}
