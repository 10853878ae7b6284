//! Strikes every verb that changes something at every call by which it does:
//! killed there, or refused by the disk there, and then run again. Nothing is
//! lost, nothing is doubled, nothing unfinished passes for finished, and all
//! that the run that goes on calls done is on the disk.
#![cfg(all(feature = "lab", target_os = "linux"))]

mod bench;
mod disk;
mod full;
mod person;
mod strikes;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
mod torn;
mod trace;
mod turmoil;
mod verbs;

use full::fill_everywhere;
use strikes::{fail_everywhere, kill_everywhere, strike_records};
use trace::Strike;

/// Three tests a verb: killed, and refused by the disk, at every point; and on a full disk.
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
            #[test]
            fn on_a_full_disk_it_says_so_and_goes_on() {
                $(super::fill_everywhere(&super::verbs::$verb);)+
            }
        }
    )+};
}

struck! {
    trust: TRUST_APPLY KEYGEN;
    vault: IMPORT EXPORT VAULT_IMPORT PRUNE;
    bundles: SEAL WRITE WRITE_WHOLE;
    kit: WRITE_KIT;
    receipts: RECEIPT RECEIVE;
    appliances: ENROLL REQUEST BACKUP;
    fetch: FETCH;
    push: PUSH;
    store: TAKE;
}

/// The program that is struck is the one that is replaced. On the small disk it
/// would lie in a mount namespace where it can't tell its own place.
mod own {
    use super::{Strike, fail_everywhere, kill_everywhere, verbs};

    #[test]
    fn a_program_killed_anywhere_while_it_is_replaced_is_the_old_or_the_new() {
        kill_everywhere(&verbs::SELF_APPLY);
    }

    #[test]
    fn a_program_whose_disk_fails_while_it_is_replaced_says_so_and_goes_on() {
        fail_everywhere(&verbs::SELF_APPLY, &Strike::ERRORS);
    }
}

/// Runs over two appliances are long: they are struck where their records are
/// written, which stand around everything that is pressed.
mod two {
    use super::{strike_records, verbs};

    #[test]
    fn a_synchronous_pair_struck_at_its_records_goes_on() {
        strike_records(&verbs::SYNCHRONOUS);
    }

    #[test]
    fn an_asynchronous_pair_struck_at_its_records_goes_on() {
        strike_records(&verbs::ASYNCHRONOUS);
    }

    #[test]
    fn a_site_that_moves_struck_at_its_records_goes_on() {
        strike_records(&verbs::MIGRATION);
    }
}
