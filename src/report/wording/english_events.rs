//! A journal's records in English, a sentence a kind.
//!
//! `{member}` is filled in, `{member:form}` in a form of its own, and
//! `{member?yes|no}` says one of two; what stands in `[…]` is left out where
//! the record does not have its members. See `sentence.rs`.

pub(in crate::report) const EVENTS: &[(&str, &str)] = &[
    (
        "push-begun",
        "A run began[, with {options}]: bundle {bundle}, number {sequence}, manifest SHA-256 {manifest_sha256}, signed by {signed_by}[; read from the medium with the serial number {medium}].",
    ),
    ("updates-offered", "The appliance was asked what it offers by itself[: {offers:titles}]."),
    (
        "update-begun",
        "Run {run} began or went on, in which the appliance installs what it offers: {packages}[; with {options}].",
    ),
    ("update-done", "All that run {run} was agreed to install is installed."),
    (
        "status-read",
        "The appliance showed serial number {serial}[, base {shown.base}][, site {shown.site}][, build {shown.build}][, its clock at {shown.clock:time}][, {clock_ahead_secs:secs} ahead of ours]{shown.no_site?, no site software|}{shown.typed?, as a person typed it|}.",
    ),
    ("role-read", "Its role in a failover pair: {role:term}, by {by:term}."),
    ("planned", "The plan that is followed has {steps:count} steps: {steps}[; not installed again: {skipped}]."),
    (
        "dangerous-accepted",
        "{by} set a refusal aside in {verb} ({what}), for bundle {bundle}: {refused}. Reason: {reason}",
    ),
    ("asked", "It was asked: “{question}” The answer was {yes?yes|no}."),
    (
        "first-press",
        "{by} {yes?agreed|did not agree} to the plan with SHA-256 {plan_sha256}{beforehand?, beforehand|}[, approved by {approved_by}].",
    ),
    ("answered", "It was asked: “{question}” What was typed: “{answer}”"),
    (
        "backup-started",
        "A backup was begun, to be kept as {file}{history?, with history|, without history}{protected?, with a password|, without a password}.",
    ),
    (
        "backup-done",
        "A backup is kept[ as {file}][, {size_bytes:bytes}][, SHA-256 {sha256}]{history?, with history|, without history}{protected?, with a password|}{guided?, made by a person|}.",
    ),
    ("backup-failed", "No backup was made: {why}"),
    ("install-started", "{package.name} is about to be sent, attempt {attempt}."),
    ("upload-handed-over", "The last bytes of {key:package} are about to go; from here on it may have arrived."),
    (
        "upload-broken",
        "Sending {key:package} broke off after {sent_bytes:bytes}{complete?, and it may have arrived|}: {why}",
    ),
    (
        "eula-shown",
        "{key:package} is on the appliance, which shows a licence agreement, SHA-256 {eula_sha256}{expected?, the one that was signed for|}.",
    ),
    (
        "agreement-shown",
        "{key:package} is on the appliance, which shows a licence agreement, SHA-256 {agreement_sha256}{expected?, the one that was signed for|}.",
    ),
    (
        "eula-accepted",
        "The licence agreement of {key:package} was accepted{beforehand?, beforehand|}, SHA-256 {eula_sha256}.",
    ),
    (
        "agreement-accepted",
        "The licence agreement of {key:package} was accepted{beforehand?, beforehand|}, SHA-256 {agreement_sha256}.",
    ),
    ("eula-declined", "The licence agreement of {key:package} was not accepted, SHA-256 {eula_sha256}."),
    ("agreement-declined", "The licence agreement of {key:package} was not accepted, SHA-256 {agreement_sha256}."),
    ("guided-begun", "A person is about to do a step by hand: {title}. Why: {because}."),
    ("install-set-off", "The appliance began to install {key:package}."),
    ("install-confirmed", "{package.name} is installed: {evidence:term}{guided?; a person installed it|}."),
    ("install-failed", "{key:package} failed. The appliance said: “{said}”"),
    ("install-refused", "The appliance did not take {key:package}. It said: “{said}”"),
    ("install-unconfirmed", "What became of {key:package} is not known yet: {why}"),
    ("install-abandoned", "The attempt to install {key:package} left nothing behind: {why}"),
    ("waiting", "The run stopped, so that clients update to {after}, until {until:time} ({remaining_secs:secs})."),
    ("window-closed", "The run stopped before {step}: the next maintenance window is {window}, from {until:time}."),
    (
        "clients-counted",
        "Clients were counted after {after:package}, by {source}: {seen} were seen, {outdated} of them had not updated, {uninstalled} were gone.",
    ),
    ("clients-removed", "{by} says that all client software was removed after {after:package}. Reason: {reason}"),
    (
        "clients-removed-first",
        "{by} says that all client software was removed before the first site package of {bundle}. Reason: {reason}",
    ),
    (
        "soak-skipped",
        "{by} set aside the wait after {after:package}, {remaining_secs:secs} before its end. Reason: {reason}",
    ),
    ("site-begun-elsewhere", "Site {version} was begun by somebody else; it was first seen {first_seen:time}."),
    ("site-installed-at", "{by} says that {after:package} was installed {at:time} or before. Reason: {reason}"),
    (
        "login-agreement-accepted",
        "The agreement before a login at {page} was accepted, SHA-256 {agreement_sha256}{again?; it came again|}.",
    ),
    (
        "after-checked",
        "The checklist after {after:package} was made. Confirmed: {confirmed:count}[ ({confirmed})]; left to a person: {open:count}[ ({open})].",
    ),
    ("push-done", "All packages of bundle {bundle} are installed."),
    ("pair-resumed", "Run {run} over two goes on by another command: {command}"),
    (
        "pair-begun",
        "Run {run} over two began ({topology}[, address switched by {switch}]); this appliance is {part}, the other one is {partner}, serial number {partner_serial}. The command: {command}",
    ),
    ("pair-step-begun", "Step {step} of run {run} is about to be done on {on}."),
    ("pair-sync-pressed", "A data sync was about to be pressed, as step {step} of run {run}."),
    ("pair-step-done", "Step {step} of run {run} is done on {on}."),
    ("address-told", "A person told an IP address by which clients reach [{of}, ]the site: {address}."),
    ("serves", "Clients are led to this appliance from now on, by run {run}."),
    ("pair-step-undone", "What step {step} of run {run} made can't be used: {why}"),
    ("certificate-left-out", "{by} left out the export of the certificate for {bundle}. Reason: {reason}"),
    (
        "certificate-exported",
        "The site's certificate was exported with its key[, as {file}][, SHA-256 {sha256}][, issued to {issued_to}][, fingerprint {fingerprint}]{guided?, by a person|}.",
    ),
    ("restore-sent", "A backup is about to be sent, to be restored on the new appliance[: SHA-256 {sha256}]."),
    ("site-gone", "The appliance shows no site any more, and a person says that it was reset; it had site {site}."),
    (
        "restore-begun",
        "The backup {file} is about to be sent, to be restored[; it was made on {made_on}]: SHA-256 {sha256}.",
    ),
    ("restored", "The settings of the backup with SHA-256 {sha256} are restored{guided?, as a person says|}."),
    ("restore-refused", "The appliance refused the backup with SHA-256 {sha256}. It said: “{said}”"),
    ("reset-ordered", "The serial number {serial} was typed: the old appliance[ {host}] is about to be reset."),
    ("pair-stopped", "Run {run} over two stopped at {step}: {why}"),
    ("pair-done", "Run {run} over two is over: both are upgraded."),
    ("pair-left", "A person left run {run} over two, to go on with this appliance alone."),
    ("receipt-signed", "Receipt {receipt} was signed for bundle {bundle}; it tells of the journal up to this record."),
];
