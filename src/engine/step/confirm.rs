//! The proof that NEW serves the site.

use super::{NEW, OLD};
use crate::console::kind;
use crate::engine::EngineError;
use crate::engine::question::MigrateQuestion;
use crate::engine::run::Run;
use crate::model::{Failure, Status, text};
use crate::plan::software;

impl Run<'_> {
    /// Confirms that NEW serves: by what it shows, by what its site says of
    /// itself, and by a person who has tried it.
    pub(super) fn confirm(&mut self) -> Result<(), Failure> {
        let new = self.name(NEW);
        let status = self.status(NEW)?;
        let not_serving = |why: String| -> Failure { EngineError::NotServing { name: new.clone(), why }.into() };
        // OLD may not answer any more once the name leads here, and is no witness then.
        let wanted = self.status(OLD).ok().filter(|old| old.site_version.is_some());
        if let Some(why) = wanted.as_ref().and_then(|old| differs(old, &status)) {
            return Err(not_serving(why));
        }
        // Its API has the users of the backup now: that it lets nobody in says nothing.
        let health = self.side_mut(NEW).appliance.health().ok().flatten();
        if let Some(health) = &health
            && !health.sound
        {
            let said = health.complaint.as_deref().map_or_else(|| "nothing more".to_owned(), text::one_line);
            return Err(not_serving(format!("its site says that it is not well: {said}")));
        }
        let version = status.site_version.as_ref().map_or_else(|| "the site's version".to_owned(), ToString::to_string);
        let host = self.shared_host.as_deref().map_or_else(|| "the site's host name".to_owned(), text::one_line);
        let shown = text::one_line(&status.appliance.host);
        self.teller.say(&format!(
            "{new} shows site {version} and the host name {shown}{}",
            if health.is_some() { ", and its site says that it is well" } else { "" }
        ));
        self.teller.say(&format!(
            "\nBy hand: confirm that {new} serves {host}\n  1. start a console: it connects to {host}, and Help > About \
             shows {version}\n  2. log in to /login by the site's name with a user of the old appliance: the settings are \
             there\n  3. make a session with a remote computer, and see that it works as it should"
        ));
        self.teller.event(&kind::VERIFY, serde_json::json!({ "appliance": new, "version": version, "host": host }));
        match self.ask(&MigrateQuestion::DoesServe { new: new.clone(), host })? {
            true => Ok(()),
            false => {
                let old = self.name(OLD);
                let back = format!("lead the site's DNS entry back to {old}, which is as it was and serves as before");
                Err(EngineError::NotVerified { name: new, back }.into())
            }
        }
    }
}

/// How NEW differs from OLD in what it would serve.
fn differs(old: &Status, new: &Status) -> Option<String> {
    let same = new.site_version == old.site_version;
    (!same).then(|| format!("it shows {}, and the old one {}", software(new), software(old)))
}
