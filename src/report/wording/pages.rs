//! What the pages say, by language: a text that one language lacks does not
//! compile, and one that nothing uses is a warning.

use crate::language::{Tongue, told_in};
use crate::model::text;

/// Makes the type, and for the tests the list of its texts.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// One language's words for pages. What stands in braces is filled in.
        pub(in crate::report) struct PageWords {
            /// Which language it is.
            pub language: Tongue,
            /// Names of the days, Monday first.
            pub days: &'static [&'static str; 7],
            /// A sentence for each kind of a journal's records.
            pub events: &'static [(&'static str, &'static str)],
            /// What words of records and papers mean.
            pub terms: &'static [(&'static str, &'static str)],
            $($(#[$doc])* pub $name: &'static str,)+
        }

        #[cfg(test)]
        impl PageWords {
            /// Each text with its name.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

words! {
    appliance, serial, host, bundle, made, made_by, program,
    signatures, sign_made, sign_examined, sign_name, sign_role, sign_date, sign_signature,
    record, when, what, also,
    audit_title, audit_holds, audit_span, audit_empty, audit_receipts, audit_receipt, audit_no_receipts,
    packages, packages_none, file, version, kind, size, sha256, origin, exchanged, by_way_of, imported, compared,
    not_compared, origin_fetched, origin_unknown, carried_by, carried, carried_offered, carried_stick,
    happened, receipt, receipt_signed, receipt_says, receipt_none,
    events_head, record_sha256,
    gaps_head, gaps_none, gap_torn, gap_clock, gap_source, gap_open, gap_word, gap_guided, gap_no_receipt,
    gap_not_compared, gap_outcome, gap_backup, gap_backup_failed, gap_set_aside, gap_soak, gap_clients,
    gap_certificate, gap_manifest,
    stick_title, stick_summary, stick_medium, stick_serial, stick_verdict, stick_good, stick_good_for, stick_older, stick_bad,
    stick_manifest, stick_sealed, stick_sealed_by, stick_expires, stick_signed, stick_needed, stick_for, stick_whom,
    stick_check_head, stick_check,
    receipts_title, receipts_summary, receipts_unread, receipts_refused, receipts_known, receipts_bundle,
    receipts_signed_by, receipts_backup, receipts_journal, receipts_head, receipts_shows, receipts_versions,
    receipts_typed,
    fleet_title, fleet_summary, fleet_versions, fleet_base, fleet_site, fleet_seen, fleet_role, fleet_with,
    fleet_stands, fleet_unanswered, fleet_next, fleet_any_time, fleet_no_window, fleet_soak, fleet_window,
    fleet_backup, fleet_old, fleet_certificate, fleet_over,
    compared_title, compared_before, compared_after, compared_now, compared_file, compared_run, compared_something,
    compared_nothing, compared_changed, compared_same, compared_unknown, compared_connected, compared_what,
    compared_became, compared_is_changed, compared_is_same, compared_is_unknown, compared_packages, compared_added,
    compared_gone, compared_kept, compared_model, compared_base, compared_site, compared_build, compared_clock,
    compared_certificate, compared_limit, compared_offered, compared_by_hand, compared_hand_backup,
    compared_hand_upload, compared_none, compared_unseen, compared_no_site, compared_as_ours, compared_ahead,
    compared_behind,
    plan_title, plan_title_two, plan_topology, plan_offered, plan_removed, plan_ends, plan_clock, plan_agreed,
    plan_empty, plan_time, plan_axis, plan_steps, plan_skipped, plan_notes, plan_release_notes, plan_step, plan_begins,
    plan_length, plan_now, plan_window, plan_person_for,
    length_moment, length_agreed, length_rest, length_from_install, length_usual,
    legend_install, legend_soak, legend_work, legend_window, legend_longest,
}

impl PageWords {
    /// What the programs say somewhere else, on one line of a page.
    pub fn said(&self, text: &str) -> String {
        told_in(self.language, &text::one_line(text)).into_owned()
    }

    /// Where an appliance stands, by the word that events have.
    pub fn stands(&self, word: &str) -> String {
        self.term(&format!("stands-{word}")).to_owned()
    }

    /// What a word of a record means; itself where nobody says.
    pub fn term<'a>(&self, word: &'a str) -> &'a str {
        self.terms.iter().find(|(known, _)| *known == word).map_or(word, |(_, meant)| meant)
    }
}
