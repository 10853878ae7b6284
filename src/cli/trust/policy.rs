//! The verbs `trust threshold` and `trust renew` of both halves: the policy
//! beside trust that was set up by hand.

use super::super::{Context, Half};
use crate::cli::question::CliQuestion;
use crate::console::Operator;
use crate::events::SecurityEvent;
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, ShowPath, Timestamp, local_time};
use crate::trust::{MAX_POLICY_BYTES, Namespace, TrustPolicy, TrustStore, versions};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use toml_edit::DocumentMut;

/// Days until trust is to be renewed, unless somebody says otherwise.
// A year: as long as people who sign can be expected to stay, and short enough that a lost revocation ends.
pub const RENEWAL_DAYS: u32 = 365;

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// What `trust threshold` takes.
#[derive(Debug, Args)]
pub struct ThresholdArgs {
    /// How many distinct keys must sign
    #[arg(value_name = "N")]
    number: usize,
    /// What they must sign [default: everything]
    #[arg(long = "for", value_name = "WHAT")]
    signed: Option<Signed>,
}

/// What a threshold is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Signed {
    /// Bundles, requests and receipts
    Bundle,
    /// Changes of trust
    Trust,
}

/// What `trust renew` takes.
#[derive(Debug, Args)]
pub struct RenewArgs {
    /// Days until it is to be renewed again
    #[arg(long, value_name = "DAYS", default_value_t = RENEWAL_DAYS, value_parser = clap::value_parser!(u32).range(1..=1826))]
    days: u32,
}

/// When trust that is renewed now is to be renewed again.
pub fn renewal(now: Timestamp, days: u32) -> Timestamp {
    now.plus_secs(i64::from(days) * DAY_SECS)
}

/// Sets how many must sign.
pub(super) fn threshold(args: &ThresholdArgs, half: Half, context: &mut Context) -> Result<(), Failure> {
    let mut file = PolicyFile::open(half, "--threshold N", context)?;
    let before = TrustPolicy::parse(&file.text())?;
    match args.signed {
        // Where it is not there, as many must sign a change of trust.
        None => {
            file.set("threshold", number(args.number));
            file.document.remove("trust_threshold");
        }
        Some(Signed::Bundle) => {
            file.set("threshold", number(args.number));
            file.set("trust_threshold", number(before.threshold_for(Namespace::Trust)));
        }
        Some(Signed::Trust) => file.set("trust_threshold", number(args.number)),
    }
    let after = TrustPolicy::parse(&file.text())?;
    let lower = |namespace| after.threshold_for(namespace) < before.threshold_for(namespace);
    let asks = CliQuestion::LowerThreshold { now: after.needed() };
    if [Namespace::Bundle, Namespace::Trust].into_iter().any(lower) && !context.operator.confirm(&asks)? {
        return Err(Failure::new(Exit::Declined, "the threshold stays as it is"));
    }
    file.keep()?;
    log(&after, context);
    context.console.say(format!("Signatures needed: {}", after.needed()));
    // Told at once: it would show only when the first bundle is refused.
    let store = TrustStore { policy: after, ..context.trust_store()? };
    for namespace in [Namespace::Bundle, Namespace::Trust] {
        let (able, wanted) = (store.able(namespace), store.policy.threshold_for(namespace));
        if able < wanted && able > 0 {
            context.console.warn(format!(
                "only {able} of the keys trusted here may sign a {}, and {wanted} must: none is accepted until more are \
                 trusted",
                namespace.document()
            ));
        }
    }
    Ok(())
}

/// Sets until when trust holds.
pub(super) fn renew(args: &RenewArgs, half: Half, context: &mut Context) -> Result<(), Failure> {
    let mut file = PolicyFile::open(half, "--renew-days DAYS", context)?;
    let by = renewal(context.now(), args.days);
    file.set("renew_by", by.to_string().into());
    file.keep()?;
    log(&TrustPolicy::parse(&file.text())?, context);
    context.console.say(format!("Trust is to be renewed by {}", local_time(by)));
    Ok(())
}

fn log(policy: &TrustPolicy, context: &Context) {
    context.log(&SecurityEvent::PolicyChanged {
        threshold: policy.threshold_for(Namespace::Bundle),
        trust_threshold: policy.threshold_for(Namespace::Trust),
        renew_by: policy.renew_by.map(|by| by.to_string()).unwrap_or_default(),
    });
}

fn number(number: usize) -> toml_edit::Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// `policy.toml`, edited so that what else stands there stays as it is.
struct PolicyFile {
    path: PathBuf,
    document: DocumentMut,
}

impl PolicyFile {
    /// Opens it, where no signed version is in force.
    fn open(half: Half, option: &str, context: &Context) -> Result<Self, Failure> {
        // A threshold that is set by hand would get past those whom the signed versions ask.
        if let Some(version) = versions(&context.home.trust())?.last() {
            let program = half.program();
            return Err(Failure::new(
                Exit::TrustRefused,
                format!("trust is at version {version} here, and changes by signed updates only"),
            )
            .hint(format!(
                "have it proposed and signed: handcarry-outside trust propose MEDIA {option}; then {program} trust apply \
                 MEDIA"
            )));
        }
        let path = context.home.trust().join("policy.toml");
        // Read as whoever judges by it does: a file that is faulty is told, and not written over.
        TrustPolicy::read(&path)?;
        let text = match path.exists() {
            true => media::read_bounded(&path, MAX_POLICY_BYTES, "a trust policy")?,
            false => Vec::new(),
        };
        let document = String::from_utf8_lossy(&text).parse::<DocumentMut>();
        let document = document.map_err(|error| Failure::new(Exit::Config, error.message()).about(path.shown()))?;
        Ok(PolicyFile { path, document })
    }

    fn set(&mut self, key: &str, value: toml_edit::Value) {
        self.document[key] = toml_edit::value(value);
    }

    fn text(&self) -> String {
        self.document.to_string()
    }

    fn keep(&self) -> Result<(), Failure> {
        if let Some(folder) = self.path.parent() {
            media::create_dirs(folder, Mode::Private)?;
        }
        Ok(media::write_durably(&self.path, self.text().as_bytes(), Mode::Private)?)
    }
}
