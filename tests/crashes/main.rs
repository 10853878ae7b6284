//! Strikes every verb that changes something at every call by which it does:
//! killed there, or refused by the disk there, and then run again. Nothing is
//! lost, nothing is doubled, nothing unfinished passes for finished, and all
//! that the run that goes on calls done is on the disk.
#![cfg(all(feature = "lab", target_os = "linux"))]

mod bench;
mod disk;
mod strikes;
mod trace;
mod verbs;

use strikes::{fail_everywhere, kill_everywhere};
use trace::Strike;

/// Two tests a verb: killed, and refused by the disk, at every point.
macro_rules! struck {
    ($($name:ident: $($verb:ident)+;)+) => {$(
        mod $name {
            #[test]
            fn killed_anywhere_it_goes_on() {
                $(super::kill_everywhere(&super::verbs::$verb);)+
            }
            #[test]
            fn refused_by_the_disk_anywhere_it_says_so_and_goes_on() {
                $(super::fail_everywhere(&super::verbs::$verb, &super::Strike::ERRORS);)+
            }
        }
    )+};
}

struck! {
    trust: TRUST_APPLY;
    vault: IMPORT EXPORT VAULT_IMPORT PRUNE;
    bundles: SEAL WRITE WRITE_WHOLE;
    receipts: RECEIPT RECEIVE;
    appliances: ENROLL REQUEST BACKUP;
    fetch: FETCH;
}

#[test]
fn a_push_killed_anywhere_goes_on() {
    kill_everywhere(&verbs::PUSH);
}
