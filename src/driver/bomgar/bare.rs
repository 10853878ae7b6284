//! An appliance without site software: what shows it, and the first login of
//! the site that is put on it. Source: guide, new hardware, steps 5 and 6.

use super::Bomgar;
use super::blocked::StepBlocked;
use crate::model::{PackageKind, Status};

impl Bomgar {
    /// Whether what Status and Updates showed as `status` is an appliance
    /// without site software. Its own page must show a base version and no
    /// site, its list no site package, and /login must not be there: what
    /// stands in between and hides /login hides no line of Status.
    pub(super) fn has_no_site(&self, status: &Status) -> Result<bool, StepBlocked> {
        let listed = status.installed.iter().flatten().any(|package| package.kind == Some(PackageKind::Site));
        let shown = status.site_version.is_some() || status.site_build.is_some() || listed;
        if shown || status.base_version.is_none() {
            return Ok(false);
        }
        // /login is asked last, so that an ordinary look at the status costs no request to it.
        let bare = self.login.is_missing()?;
        if bare {
            self.login.forget_first_refusal();
        }
        Ok(bare)
    }

    /// Whether there is no site software, looked at anew.
    pub(super) fn is_bare(&mut self) -> Result<bool, StepBlocked> {
        Ok(self.read_status()?.no_site)
    }
}
