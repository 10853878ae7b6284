//! The verb `lab`: a vendor's update server and an appliance to practise on.

use crate::cli::Context;
use crate::console::kind;
use crate::lab::{ApiLevel, Face, Fault, LabError, LabFacts, LabOptions, PageLanguage, SERIAL, control, named_fault};
use crate::model::{Failure, ShowPath, Version, duration_human, parse_duration};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// Largest package the lab offers, in MiB: more than any stick holds.
const MAX_PACKAGE_MIB: u64 = 1 << 20;

/// Longest install and restart, in seconds: a day.
const MAX_SECS: f64 = 86_400.0;

/// Start a vendor's update server and an appliance to practise on
///
/// Both run on this machine only, over TLS, with the upgrade guide's pages;
/// open them in a browser or point handcarry at them. Runs until interrupted
/// or until 'lab stop'. Nothing in the lab is secret.
#[derive(Debug, Args)]
pub struct LabArgs {
    #[command(subcommand)]
    verb: Option<LabVerb>,
    /// Folder for the lab's certificates, passwords and record [default: lab in the home folder]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Language of the pages: en or pt
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pages: PageLanguage,
    /// Port of the appliance; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Port of the vendor; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    vendor_port: u16,
    /// Start a failover pair: a second appliance, backup to the first
    #[arg(long)]
    pair: bool,
    /// Port of the pair's second appliance; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pair")]
    partner_port: u16,
    /// How long a data sync between the two takes, in seconds
    #[arg(long, value_name = "N", default_value = "3", value_parser = seconds, requires = "pair")]
    sync_secs: Duration,
    /// Size of each package, in MiB
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=MAX_PACKAGE_MIB))]
    package_mib: u64,
    /// How long an install takes, in seconds
    #[arg(long, value_name = "N", default_value = "5", value_parser = seconds)]
    install_secs: Duration,
    /// How long the restart after an install takes, in seconds
    #[arg(long, value_name = "N", default_value = "3", value_parser = seconds)]
    restart_secs: Duration,
    /// The appliance's serial number, so that several labs are several appliances
    #[arg(long, value_name = "SERIAL", default_value = SERIAL, value_parser = serial)]
    serial: String,
    /// Base software version at the start
    #[arg(long, value_name = "VERSION", default_value = "3.3.2", value_parser = version)]
    base: Version,
    /// Site software version at the start
    #[arg(long, value_name = "VERSION", default_value = "10.5.3", value_parser = version)]
    site: Version,
    /// Start without site software, as new hardware comes: there is nothing below /login until a site package is on it
    #[arg(long, conflicts_with_all = ["site", "pair"])]
    no_site: bool,
    /// Have the vendor's list lead to release notes of each package
    #[arg(long)]
    release_notes: bool,
    /// How much of an API the site has: none, legacy (before 16.1), v1, or full
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    api: ApiLevel,
    /// How many Jump Clients the site has
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(..=100_000))]
    clients: u32,
    /// How long after a site package the last Jump Client has updated, in seconds
    #[arg(long, value_name = "N", default_value = "30", value_parser = seconds)]
    client_secs: Duration,
    /// Misbehave in a named way from the start; repeatable
    #[arg(long, value_name = "NAME")]
    fault: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum LabVerb {
    /// Move the lab's clock on, such as 25h past a soak
    Advance {
        /// How far: 90s, 30min, 25h, 2d
        #[arg(value_parser = span)]
        duration: u64,
    },
    /// Arm a fault in a running lab, or list the faults
    #[command(after_long_help = Fault::table(Face::Lab))]
    Fault {
        /// Its name; without one, all are listed
        name: Option<String>,
        /// Clear it instead
        #[arg(long, requires = "name")]
        clear: bool,
        /// Let this many requests to the appliance pass before it strikes
        #[arg(long, value_name = "N", requires = "name", conflicts_with = "clear", default_value_t = 0)]
        after: u64,
        /// Of requests to the appliance only these, such as "POST /appliance/login"; for what may befall any request
        #[arg(long, value_name = "REQUEST", requires = "name", conflicts_with = "clear")]
        at: Option<String>,
        /// Of a pair, on this appliance only: a or b
        #[arg(long, value_name = "SIDE", requires = "name", value_parser = ["a", "b"])]
        on: Option<String>,
    },
    /// Act as the vendor's support: put downloaded packages back on the list
    Restore,
    /// Act as the vendor's support: give a download code for the appliance as it is
    Code {
        /// Of a pair, which one: a or b
        #[arg(long, value_name = "SIDE", value_parser = ["a", "b"])]
        on: Option<String>,
    },
    /// Put everything back as it was when the lab started: appliance, vendor, clock, faults, record
    Reset,
    /// Print everything that happened in the lab, as JSON
    State,
    /// Stop the lab
    Stop,
}

/// Runs the lab, or talks to the one that runs.
///
/// # Errors
/// A [`Failure`] where the lab can't run, does not answer, or knows no such fault.
pub fn run(args: &LabArgs, context: &mut Context) -> Result<(), Failure> {
    let dir = args.dir.clone().unwrap_or_else(|| context.home.join("lab"));
    let told = match &args.verb {
        None => return start(args, dir, context),
        Some(LabVerb::Fault { name: None, .. }) => {
            Fault::of(Face::Lab).for_each(|fault| context.console.say(fault.listed()));
            return Ok(());
        }
        Some(LabVerb::Stop) => {
            control::stop(&dir)?;
            context.console.note("The lab has stopped.");
            context.console.event(&kind::LAB_STOPPED, json!({}));
            return Ok(());
        }
        Some(LabVerb::Advance { duration }) => {
            let told = control::advance(&dir, *duration)?;
            let by = duration_human(i64::try_from(*duration).unwrap_or(i64::MAX));
            let clock = told["clock"].as_str().unwrap_or("?").to_owned();
            context.console.say(format!("The lab's clock has moved on by {by}: {clock}"));
            told
        }
        Some(LabVerb::Fault { name: Some(name), clear, after, at, on }) => {
            let fault = named_fault(name)?;
            let aim = control::Aim { after: *after, at: at.as_deref(), on: on.as_deref() };
            let told = control::fault_on(&dir, fault, !clear, &aim)?;
            let done = match (clear, after) {
                (true, _) => "cleared".to_owned(),
                (false, 0) => "armed".to_owned(),
                (false, after) => format!("armed after {after} requests to the appliance"),
            };
            context.console.say(format!("{done}: {fault} ({})", fault.meaning()));
            told
        }
        Some(LabVerb::Restore) => {
            let told = control::restore(&dir)?;
            context.console.say("Downloaded packages are listed again.");
            told
        }
        Some(LabVerb::Code { on }) => {
            let told = control::support_code_on(&dir, on.as_deref())?;
            context.console.say(told["code"].as_str().unwrap_or("?"));
            told
        }
        Some(LabVerb::Reset) => {
            let told = control::reset(&dir)?;
            context.console.say("The lab is as it was when it started.");
            told
        }
        Some(LabVerb::State) => {
            let told = control::state(&dir)?;
            context.console.say(format!("{told:#}"));
            told
        }
    };
    context.console.event(&kind::LAB, json!({ "told": told }));
    Ok(())
}

fn start(args: &LabArgs, dir: PathBuf, context: &mut Context) -> Result<(), Failure> {
    let faults = args.fault.iter().map(|name| named_fault(name)).collect::<Result<Vec<Fault>, LabError>>()?;
    let options = LabOptions {
        language: args.pages,
        port: args.port,
        vendor_port: args.vendor_port,
        pair: args.pair,
        partner_port: args.partner_port,
        sync: args.sync_secs,
        package_bytes: args.package_mib << 20,
        install: args.install_secs,
        restart: args.restart_secs,
        api: args.api,
        clients: args.clients,
        client_update: args.client_secs,
        faults,
        serial: args.serial.clone(),
        base: args.base.clone(),
        site: args.site.clone(),
        no_site: args.no_site,
        release_notes: args.release_notes,
        ..LabOptions::new(&dir)
    };
    let named_dir = args.dir.as_ref().map_or_else(String::new, |dir| format!(" --dir {}", dir.quoted()));
    crate::lab::run(options, |facts| tell(facts, &named_dir, context))?;
    context.console.note("The lab has stopped.");
    Ok(())
}

fn tell(facts: &LabFacts, named_dir: &str, context: &Context) {
    let say = |line: String| context.console.say(line);
    say(format!("Vendor's updates   {}", facts.vendor));
    say(format!("Appliance          {}/appliance", facts.appliance));
    say(format!("                   user {}, password {}", facts.appliance_user, crate::lab::APPLIANCE_PASSWORD));
    say(format!("Site               {}/login", facts.appliance));
    say(format!("                   user {}, password {}", facts.login_user, crate::lab::LOGIN_PASSWORD));
    if let Some(partner) = &facts.partner {
        say(format!("Backup appliance   {partner}, users and passwords as above"));
        say(format!("Shared address     {}", crate::lab::SHARED_IP));
    }
    say(format!("Vendor's CA        {}", facts.ca.shown()));
    say(format!("Certificate        {} (the appliance's own)", facts.appliance_certificate.shown()));
    say(format!("                   {}", facts.appliance_fingerprint));
    say("Enroll it with".to_owned());
    say(format!(
        "  handcarry-inside enroll lab --url {} --vendor {} --clock appliance \\",
        facts.appliance, facts.vendor
    ));
    say(format!("    --user {} --password-file {} \\", facts.appliance_user, facts.appliance_password_file.quoted()));
    say(format!(
        "    --login-user {} --login-password-file {} \\",
        facts.login_user,
        facts.login_password_file.quoted()
    ));
    say(format!("    --key-passphrase-file {} \\", facts.key_passphrase_file.quoted()));
    say(format!("    --api-client-id {} --api-secret-file {}", facts.api_client_id, facts.api_secret_file.quoted()));
    if let Some(partner) = &facts.partner {
        say(format!("Enroll its partner the same way, with --url {partner}"));
    }
    say(format!("List it with       handcarry-outside vendor add {}", facts.vendor));
    say(format!("Fetch with         handcarry-outside fetch MEDIA --ca {}", facts.ca.quoted()));
    say(format!("Past a soak with   handcarry-inside lab advance 25h{named_dir}"));
    say(format!("Stop with          Ctrl-C, or handcarry-inside lab stop{named_dir}"));
    context.console.event(&kind::LAB_READY, facts);
}

/// Reads a number of seconds, fractions allowed.
fn seconds(text: &str) -> Result<Duration, String> {
    let secs = text.parse::<f64>().ok().filter(|secs| (0.0..=MAX_SECS).contains(secs));
    secs.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds, at most a day".into())
}

/// Reads a span such as `25h`; a bare number is seconds.
fn span(text: &str) -> Result<u64, String> {
    let secs = text.parse().ok().or_else(|| parse_duration(text));
    secs.ok_or_else(|| "write it as 90s, 30min, 25h or 2d".into())
}

fn serial(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(text.to_owned()) } else { Err("a serial number has letters, digits and '-', at most 64".to_owned()) }
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "a version is letters, digits, '.', '-', '_' and '+'".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!(span("25h"), Ok(90_000));
        assert_eq!(span("30min"), Ok(1800));
        assert_eq!(span("7"), Ok(7));
        assert!(span("h").is_err() && span("1y").is_err() && span("99999999999999999d").is_err());
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("-1").is_err() && seconds("nan").is_err());
    }
}
