//! The command API's answers. Pure: bytes in, words of the driver out.
//!
//! Optional elements are simply absent. An answer that says it is an error,
//! or is none of the expected, is a [`Lack`].

use super::Lack;
use super::xml::{Unread, attribute, child_text, children, content, read};
use crate::driver::site::{ClusterRole, Connected, Health};
use crate::driver::{read_clock, read_version};
use crate::model::{FailoverRole, Timestamp, text};
use roxmltree::Node;
use std::collections::BTreeMap;

/// Most permissions, shared addresses and counts that are taken.
const MAX_ITEMS: usize = 256;
/// Longest build that is taken, in bytes; a real one has about 50.
const MAX_BUILD_BYTES: usize = 128;

/// What the API tells of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) version: Option<String>,
    pub(super) clock: Option<Timestamp>,
    pub(super) permissions: BTreeMap<String, String>,
}

/// Reads `check_health`.
pub(super) fn read_health(body: &[u8]) -> Result<Health, Lack> {
    read(body, &["health_check"], |root| {
        let appliance = children(root, "appliance").next();
        let (version, build) = child_text(root, "version").map(|text| split_version(&text)).unwrap_or_default();
        let sync = children(root, "last_data_sync_time").next();
        Ok(Health {
            appliance: appliance.map(content).unwrap_or_default(),
            appliance_id: appliance.and_then(|node| attribute(node, "id")),
            version: version.as_deref().and_then(read_version),
            build,
            // A site that does not say so is not taken for sound.
            sound: child_text(root, "success").as_deref() == Some("1"),
            complaint: child_text(root, "error_message"),
            role: child_text(root, "failover_role").and_then(|word| role(&word)),
            cluster: child_text(root, "cluster_role").and_then(|word| ClusterRole::of_word(&word)),
            shared_ips: children(root, "enabled_shared_ips")
                .flat_map(|list| children(list, "ip").map(content).collect::<Vec<_>>())
                .filter(|ip| !ip.is_empty())
                .take(MAX_ITEMS)
                .collect(),
            synced: sync.and_then(moment),
            sync_status: child_text(root, "last_data_sync_status"),
        })
    })
    .map_err(lack)
}

/// Reads `get_api_info`.
pub(super) fn read_info(body: &[u8]) -> Result<Info, Lack> {
    read(body, &["api_information"], |root| {
        let permissions =
            children(root, "permissions").flat_map(|list| children(list, "permission").collect::<Vec<_>>());
        Ok(Info {
            version: child_text(root, "api_version"),
            clock: child_text(root, "timestamp").and_then(|text| unix(&text)),
            permissions: permissions
                .filter_map(|node| Some((attribute(node, "name")?, content(node))))
                .take(MAX_ITEMS)
                .collect(),
        })
    })
    .map_err(lack)
}

/// Reads `get_connected_client_list` with `summary_only`.
pub(super) fn read_connected(body: &[u8]) -> Result<Connected, Lack> {
    read(body, &["connected_client_list"], |root| {
        let mut connected = Connected::default();
        let summaries = children(root, "connected_client_summary")
            .flat_map(|summary| children(summary, "appliance_summary").collect::<Vec<_>>());
        for summary in summaries {
            for count in children(summary, "count") {
                // A count left out would make the sum too small, and by
                // that sum people are told how many sessions will end.
                let unfit = || Unread::Unfit("it counts in other than numbers".to_owned());
                let name = attribute(count, "type").ok_or_else(unfit)?;
                let number: u64 = content(count).parse().map_err(|_| unfit())?;
                if connected.counts.len() >= MAX_ITEMS {
                    return Err(Unread::Unfit("it counts more than 256 types of client".to_owned()));
                }
                let sum = connected.counts.entry(name).or_default();
                *sum = sum.saturating_add(number);
            }
        }
        Ok(connected)
    })
    .map_err(lack)
}

fn lack(unread: Unread) -> Lack {
    Lack::Lacks(match unread {
        Unread::Error(said) => format!("the site says: {said}"),
        Unread::Unfit(why) => format!("its answer can't be read: {why}"),
    })
}

/// `19.1.8 (37380-749b17ca)` in its two parts.
fn split_version(shown: &str) -> (Option<String>, Option<String>) {
    let (version, rest) = shown.split_once('(').unwrap_or((shown, ""));
    let build = rest.trim().trim_end_matches(')').trim();
    // The build tells whether both of a pair have the same package. Cut short, two that begin alike would pass for one.
    let fits = !build.is_empty() && build.len() <= MAX_BUILD_BYTES;
    (Some(version.trim().to_owned()), fits.then(|| text::one_line(build)))
}

fn role(word: &str) -> Option<FailoverRole> {
    let roles = [FailoverRole::None, FailoverRole::Primary, FailoverRole::Backup];
    roles.into_iter().find(|role| role.word().eq_ignore_ascii_case(word))
}

/// A time by its `ts` attribute, else by its text: `2019-10-07T00:32:50.877+0000`.
fn moment(node: Node<'_, '_>) -> Option<Timestamp> {
    // `ts` is Unix time and can be read in one way only. The text
    // has `+0000` without a colon, which RFC 3339 does not know.
    attribute(node, "ts").and_then(|text| unix(&text)).or_else(|| read_clock(&content(node), false))
}

fn unix(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok().and_then(Timestamp::from_unix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "http://www.bomgar.com/namespaces/API/command";
    const NEW: &str = "https://www.beyondtrust.com/namespaces/API/command";

    #[test]
    fn the_recorded_health_is_read_in_both_namespaces() {
        for namespace in [OLD, NEW] {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<health_check xmlns=\"{namespace}\">\n\
                 \t<appliance id=\"0123456789abcdef0123456789abcdef\">ip-10-156-64-136</appliance>\n\
                 \t<version>19.1.8 (37380-749b17ca33d2475427428f263608ae98d69f7a35)</version>\n\
                 \t<success>1</success>\n\t\t<failover_role>none</failover_role>\n</health_check>\n"
            );
            let health = read_health(body.as_bytes()).expect("reads");
            assert_eq!(health.appliance, "ip-10-156-64-136");
            assert_eq!(health.appliance_id.as_deref(), Some("0123456789abcdef0123456789abcdef"));
            assert_eq!(health.version.as_ref().map(|v| v.as_str()), Some("19.1.8"));
            assert_eq!(health.build.as_deref(), Some("37380-749b17ca33d2475427428f263608ae98d69f7a35"));
            assert!(health.sound && health.complaint.is_none() && health.synced.is_none());
            assert_eq!((health.role, health.shared_ips.len()), (Some(FailoverRole::None), 0));
        }
    }

    #[test]
    fn a_pair_tells_of_its_synchronisation() {
        let body = "<health_check><version>10.6.2</version><success>0</success><error_message>disk</error_message>\
                    <failover_role>primary</failover_role><enabled_shared_ips><ip>10.1.2.3</ip><ip>10.1.2.4</ip>\
                    </enabled_shared_ips><last_data_sync_time>2019-10-07T00:32:50.877+0000</last_data_sync_time>\
                    <last_data_sync_status>success</last_data_sync_status></health_check>";
        let health = read_health(body.as_bytes()).expect("reads");
        assert_eq!(health.synced.map(|t| t.to_string()).as_deref(), Some("2019-10-07T00:32:50Z"));
        assert_eq!((health.sound, health.complaint.as_deref()), (false, Some("disk")));
        assert_eq!((health.role, health.shared_ips.len()), (Some(FailoverRole::Primary), 2));
        assert_eq!((health.build, health.sync_status.as_deref()), (None, Some("success")));
        let ts = body.replace("<last_data_sync_time>", "<last_data_sync_time ts=\"1570408370\">");
        assert_eq!(read_health(ts.as_bytes()).expect("reads").synced, health.synced);
    }

    #[test]
    fn permissions_and_counts_are_read() {
        let info = read_info(
            b"<api_information><api_version>1.19.0</api_version><company_name>x</company_name>\
              <timestamp>1570408370</timestamp><permissions><permission name=\"perm_command\">full_access</permission>\
              <permission name=\"perm_backup\">0</permission></permissions></api_information>",
        )
        .expect("reads");
        assert_eq!((info.version.as_deref(), info.clock.map(Timestamp::unix)), (Some("1.19.0"), Some(1_570_408_370)));
        assert_eq!(info.permissions["perm_command"], "full_access");
        let list = "<connected_client_list><connected_client_summary>\
             <appliance_summary id=\"a\"><count type=\"pinned_client\">7</count><count type=\"representative\">1</count></appliance_summary>\
             <appliance_summary id=\"b\"><count type=\"pinned_client\">5</count></appliance_summary>\
             </connected_client_summary></connected_client_list>";
        assert_eq!(read_connected(list.as_bytes()).expect("reads").jump_clients(), Some(12));
        assert!(read_connected(list.replace(">7<", ">many<").as_bytes()).is_err());
        let said = read_connected(b"<connected_client_list><error>No.</error></connected_client_list>");
        assert!(matches!(said, Err(Lack::Lacks(why)) if why.contains("No.")));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_fall_over(inner in "[ -~]{0,200}", root in "(health_check|api_information|connected_client_list|error|x)") {
            let body = format!("<{root}>{inner}</{root}>");
            let _ = (read_health(body.as_bytes()), read_info(body.as_bytes()));
            let _ = read_connected(body.as_bytes());
        }

        #[test]
        fn every_word_of_a_health_comes_back(version in "[1-9][0-9]?\\.[0-9]\\.[0-9]", build in "[0-9a-f]{1,40}", host in "[a-z]{1,12}", at in 0i64..4_000_000_000) {
            let body = format!("<h:health_check xmlns:h='{NEW}'><h:appliance>{host}</h:appliance><h:version>{version} ({build})</h:version><h:success>1</h:success><h:last_data_sync_time ts='{at}'/></h:health_check>");
            let health = read_health(body.as_bytes()).expect("reads");
            prop_assert_eq!(health.appliance, host);
            prop_assert_eq!(health.build, Some(build));
            prop_assert_eq!(health.version.map(|v| v.to_string()), Some(version));
            prop_assert_eq!(health.synced.map(Timestamp::unix), Some(at));
        }
    }
}
