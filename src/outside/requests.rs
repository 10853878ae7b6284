//! The signed requests on a stick.

use super::speakers::Speakers;
use super::vault::RequestContext;
use crate::cli::{Context, Paper, list_papers, read_paper};
use crate::media::Medium;
use crate::model::{Exit, Failure, Id, Request, ShowPath, text};
use crate::trust::Namespace;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

/// What became of a request so far, the least promising first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its code was sent, and no list came of it.
    Spent,
    /// Its code was sent, and a list came.
    Answered,
    /// Its code was not sent.
    Fresh,
}

/// Reads the newest trusted request of each appliance on the stick at `media`,
/// or the one whose id begins with `which`. Of two made in the same second the
/// one counts that promises more, as `standing` tells.
///
/// # Errors
/// A [`Failure`] where there is none, or none that a trusted inside signed that
/// may speak for the appliance;
/// where some hold, the others are warned of.
pub fn read_newest(
    media: &Path,
    which: Option<&str>,
    standing: &dyn Fn(Id) -> Standing,
    speakers: &Speakers,
    context: &Context,
) -> Result<Vec<Paper<Request>>, Failure> {
    let folder = Medium::at(media)?.requests();
    let store = context.trust_store()?;
    context.warn_of_renewal(&store.policy);
    let mut held: Vec<Paper<Request>> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for path in list_papers(&folder)? {
        match read_paper::<Request>(&path, Namespace::Request, &store, context.now()) {
            // A format that is not known is refused and warned of: read half, it could ask for something else.
            // Whose word it is comes before how new it is: a newer one of another key must not hide the right one.
            Ok(paper) if paper.value.format == 1 => {
                match speakers.judge(&paper.value.status.appliance.serial, &paper) {
                    Ok(()) => {
                        context.log_ignored(&path.shown(), &paper.approval);
                        held.push(paper);
                    }
                    Err(failure) => failures.push(failure.about(paper.path.shown())),
                }
            }
            Ok(paper) => failures.push(
                Failure::new(
                    Exit::Config,
                    format!("{} is of format {}, which is not known here", path.shown(), paper.value.format),
                )
                .hint("update this half of handcarry"),
            ),
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(which) = which {
        held.retain(|paper| paper.value.request.begins_with(which));
    }
    if held.is_empty() {
        return Err(failures.into_iter().next().unwrap_or_else(|| {
            let what =
                which.map_or_else(|| "no request".to_owned(), |which| format!("no request {}", text::one_line(which)));
            Failure::new(Exit::NotFound, format!("{what} lies in {}", folder.shown()))
                .hint("make one inside with 'handcarry-inside request NAME MEDIA', or give a code with --code")
        }));
    }
    for failure in &failures {
        context.console.warn(&failure.message);
        context.log_refusal(failure);
    }
    let (newest, older) = newest(held, |paper| &paper.value, standing);
    for paper in older {
        context
            .console
            .note(format!("Passed over: {} (a newer request of the same appliance is there)", paper.path.shown()));
    }
    Ok(newest.into_iter().map(|(paper, _)| paper).collect())
}

/// What the vault remembers of a request.
pub fn context(paper: &Paper<Request>) -> RequestContext {
    let signers = paper.approval.approvers.iter().map(|approver| approver.principal.clone()).collect();
    RequestContext::of(&paper.value, paper.sha256, signers)
}

/// The newest request of each appliance and what became of it, and the others.
pub fn newest<T>(
    held: Vec<T>,
    request: impl Fn(&T) -> &Request,
    standing: impl Fn(Id) -> Standing,
) -> (Vec<(T, Standing)>, Vec<T>) {
    let own = |one: &T| standing(request(one).request);
    // An appliance shows one code until that is used: where two requests have the same, it was sent with either.
    let answered: Vec<&Request> = held.iter().filter(|one| own(one) == Standing::Answered).map(&request).collect();
    let is_spent = |one: &T| answered.iter().any(|other| request(one).has_code_of(other));
    let stands = |one: &T| match own(one) {
        Standing::Fresh if is_spent(one) => Standing::Spent,
        standing => standing,
    };
    let stands: Vec<Standing> = held.iter().map(stands).collect();
    let mut held: Vec<(T, Standing)> = held.into_iter().zip(stands).collect();
    held.sort_by_key(|(one, stands)| Reverse((request(one).created, *stands, request(one).request)));
    let mut serials = BTreeSet::new();
    let is_first = |(one, _): &(T, Standing)| serials.insert(request(one).status.appliance.serial.clone());
    let (newest, older): (Vec<_>, Vec<_>) = held.into_iter().partition(is_first);
    (newest, older.into_iter().map(|(one, _)| one).collect())
}
