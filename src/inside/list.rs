//! The verb `list`: the appliances this desk looks after.

use crate::cli::Context;
use crate::inventory::{ApplianceEntry, Clock, Inventory, PasswordAt, Trust, word};
use crate::model::{Failure, ShowPath, text};
use clap::Args;

/// List the enrolled appliances
#[derive(Debug, Args)]
pub struct ListArgs {}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the inventory does not read as it should.
pub fn run(_args: &ListArgs, context: &mut Context) -> Result<(), Failure> {
    let inventory = Inventory::read(&context.home)?;
    for entry in inventory.entries() {
        context.console.event(
            "appliance",
            serde_json::json!({
                "name": entry.name, "serial": entry.serial, "url": entry.url, "driver": entry.driver, "language": entry.language,
                "clock": entry.clock, "vendor": entry.vendor, "trust": trust(entry),
                "groups": entry.groups, "pair": entry.pair.as_ref().map(|pair| &pair.partner), "windows": entry.windows.as_ref().map(|w| w.written().collect::<Vec<_>>()),
            }),
        );
        for line in lines(entry) {
            context.console.say(line);
        }
    }
    if inventory.entries().is_empty() {
        context.console.note(format!("no appliance is enrolled in {}", inventory.path().shown()));
        context
            .console
            .note(format!("next: {} enroll NAME --url https://… --driver bomgar", context.console.program()));
    }
    Ok(())
}

fn lines(entry: &ApplianceEntry) -> Vec<String> {
    let mut lines = vec![
        format!("{}  {}", entry.name, entry.url),
        format!("  serial number: {}", entry.serial.as_deref().map_or("not met yet".to_owned(), text::one_line)),
        format!("  driver {}, language {}, trust: {}", word(&entry.driver), word(&entry.language), trust(entry)),
        format!("  /appliance: {}", account(&entry.appliance.user, &entry.appliance.password)),
        format!("  /login:     {}", account(&entry.login.user, &entry.login.password)),
    ];
    if entry.clock == Clock::Appliance {
        lines.push("  waits are measured by its own clock".to_owned());
    }
    if let Some(hours) = entry.soak_hours {
        lines.push(format!("  waits {hours} h after a site package"));
    }
    if let Some(windows) = &entry.windows {
        let written: Vec<&str> = windows.written().collect();
        lines.push(format!("  installs only: {} ({})", written.join("; "), windows.zone_name()));
    }
    if !entry.groups.is_empty() {
        lines.push(format!("  groups: {}", text::one_line(&entry.groups.join(", "))));
    }
    if let Some(pair) = &entry.pair {
        let order = pair.topology.map_or("in an order that is not said here".to_owned(), |order| order.to_string());
        lines.push(format!("  pair: with {}, {order}", pair.partner));
    }
    if let Some(profile) = &entry.profile {
        lines.push(format!("  labels: {}", profile.shown()));
    }
    lines
}

fn trust(entry: &ApplianceEntry) -> String {
    match &entry.trust {
        Trust::Pinned { certificate, check_host: true } => format!("certificate {}", certificate.shown()),
        Trust::Pinned { certificate, check_host: false } => {
            format!("certificate {}, whatever the host name", certificate.shown())
        }
        Trust::Ca(file) => format!("authorities in {}", file.shown()),
        Trust::Nothing => "none needed".to_owned(),
    }
}

fn account(user: &Option<String>, password: &PasswordAt) -> String {
    let user = user.as_deref().map_or("user asked for".to_owned(), text::one_line);
    match password {
        PasswordAt::Prompt => format!("{user}, password asked for"),
        PasswordAt::File(file) => format!("{user}, password in {}", file.shown()),
        PasswordAt::Env(name) => format!("{user}, password in ${}", text::one_line(name)),
    }
}
