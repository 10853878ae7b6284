//! The media that are plugged in: what is mounted where people and desktops
//! mount sticks, or what the system calls removable.

use super::{Medium, Mount};
use std::path::{Path, PathBuf};

/// Most media that are told of.
// Nobody has more sticks plugged in; a machine full of containers has thousands of mounts.
const MAX_MEDIA: usize = 32;

/// Where desktops and people mount sticks.
const PLACES: [&str; 3] = ["/media", "/run/media", "/mnt"];

/// The environment variable with the folders that count as media, written as in `PATH`.
// For whoever mounts sticks elsewhere, and for whoever wants none of them looked at.
const NAMED: &str = "HANDCARRY_MEDIA";

/// The media that are mounted now, in the order of their paths; none where
/// the system does not tell. `HANDCARRY_MEDIA` names others in their place.
pub fn mounted() -> Vec<Medium> {
    let mut points = match std::env::var_os(NAMED) {
        Some(named) => std::env::split_paths(&named).filter(|path| path.is_absolute()).collect(),
        None => points(),
    };
    points.sort();
    points.dedup();
    points.into_iter().filter_map(|point| Medium::at(&point).ok()).take(MAX_MEDIA).collect()
}

/// Where media are mounted. On Windows each further drive that is removable.
fn points() -> Vec<PathBuf> {
    if cfg!(windows) {
        // A and B are floppy drives, which make a noise and wait; C is the system's.
        return ('D'..='Z').map(|letter| PathBuf::from(format!(r"{letter}:\"))).filter(|at| is_removable(at)).collect();
    }
    Mount::all().into_iter().filter(may_be_a_medium).map(|mount| mount.point).collect()
}

/// Whether a mount is one to look at: what is mounted elsewhere may be a
/// server that is gone, and looking at it would wait for it.
fn may_be_a_medium(mount: &Mount) -> bool {
    let place = PLACES.iter().any(|place| mount.point.starts_with(place));
    let device = mount.source.starts_with("/dev/") && !mount.source.starts_with("/dev/loop");
    place || device && mount.point != Path::new("/") && is_removable(&mount.point)
}

fn is_removable(point: &Path) -> bool {
    let facts = Medium::at(point).and_then(|medium| medium.facts());
    facts.is_ok_and(|facts| facts.removable == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_among_sticks_is_a_medium() {
        let mount = |point: &str, source: &str| Mount {
            point: point.into(),
            source: source.into(),
            kind: "vfat".into(),
            options: Vec::new(),
        };
        for (point, source, is) in [
            ("/media/ana/STICK", "/dev/sdb1", true),
            ("/run/media/ana/STICK", "tmpfs", true),
            ("/mnt", "/dev/sdb1", true),
            ("/", "/dev/sda1", false),
            ("/srv/share", "server:/share", false),
            ("/mediation", "tmpfs", false),
        ] {
            assert_eq!(may_be_a_medium(&mount(point, source)), is, "{point}");
        }
    }
}
