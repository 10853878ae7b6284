//! Who may use a file, by the text in which Windows tells it (SDDL).

use std::collections::BTreeSet;

/// Who stands for the machine and not for a person, as root does on Unix, and
/// for the owner: SYSTEM, the administrators, the owner's rights, who creates.
const NO_OTHERS: [&str; 8] = ["SY", "S-1-5-18", "BA", "S-1-5-32-544", "OW", "S-1-3-4", "CO", "S-1-3-0"];

/// Groups by their letters, and the names that people know.
const GROUPS: [(&str, &str); 7] = [
    ("WD", "Everyone"),
    ("S-1-1-0", "Everyone"),
    ("BU", "Users"),
    ("S-1-5-32-545", "Users"),
    ("AU", "Authenticated Users"),
    ("BG", "Guests"),
    ("IU", "Interactive"),
];

/// A list for one account alone, which hands itself down where it is a folder's.
pub(super) fn alone(account: &str, is_folder: bool) -> String {
    let handed_down = if is_folder { "OICI" } else { "" };
    format!("D:P(A;{handed_down};FA;;;{account})")
}

/// Who else than `account` may do something with what bears this descriptor,
/// whatever that is: who can write a key can put one of their own there.
pub(super) fn others(descriptor: &str, account: &str) -> Vec<String> {
    let known = |who: &str| GROUPS.iter().find(|(sid, _)| *sid == who).map_or(who, |(_, name)| *name).to_owned();
    let is_other = |who: &str| who != account && !NO_OTHERS.contains(&who);
    let (owner, list) = descriptor.split_once("D:").unwrap_or((descriptor, "NO_ACCESS_CONTROL"));
    let mut others = BTreeSet::new();
    // The owner of a file may give themselves any right to it.
    let owner = owner.split_once("O:").map_or("", |(_, owner)| owner.split("G:").next().unwrap_or(owner));
    if !owner.is_empty() && is_other(owner) {
        others.insert(known(owner));
    }
    // A file without a list is everybody's.
    if list.starts_with("NO_ACCESS_CONTROL") {
        others.insert(known("WD"));
    }
    for entry in list.split('(').skip(1) {
        let fields: Vec<&str> = entry.split([';', ')']).collect();
        // (kind; flags; rights; object; its kind; who): D denies, and denies nobody too much.
        if let [kind, _, rights, _, _, who, ..] = fields[..]
            && kind.ends_with('A')
            && !matches!(rights, "" | "0x0")
            && is_other(who)
        {
            others.insert(known(who));
        }
    }
    others.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";

    #[test]
    fn what_is_made_for_one_account_is_nobody_elses() {
        for is_folder in [false, true] {
            let list = format!("O:{ME}{}", alone(ME, is_folder));
            assert_eq!(others(&list, ME), [""; 0], "{list}");
            assert_eq!(others(&list, "S-1-5-21-1-2-3-1002"), [ME]);
        }
        let usual = format!("O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;{ME})(D;;FA;;;WD)(A;;FA;;;OW)");
        assert_eq!(others(&usual, ME), [""; 0]);
    }

    #[test]
    fn groups_other_accounts_and_a_missing_list_are_told() {
        let list = format!("O:{ME}D:(A;;FA;;;{ME})(A;ID;0x1200a9;;;BU)(A;OICIIO;GA;;;WD)(XA;;FR;;;AU;(x))");
        assert_eq!(others(&list, ME), ["Authenticated Users", "Everyone", "Users"]);
        assert_eq!(others(&format!("O:{ME}D:NO_ACCESS_CONTROL"), ME), ["Everyone"]);
        assert_eq!(others(&format!("O:{ME}"), ME), ["Everyone"]);
        assert_eq!(others(&format!("O:S-1-5-21-9D:P(A;;FA;;;{ME})"), ME), ["S-1-5-21-9"]);
    }
}
