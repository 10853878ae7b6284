//! In what order packages are installed. The same order is sealed outside and
//! planned inside, so there is one rule for both.

use super::{History, Missing, PlanError};
use crate::model::{Offer, PackageKind, PackageRef, Requirement, Status, brought};

/// A package in its place.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The package.
    pub package: &'a PackageRef,
    /// What it needs and nobody can tell to be there; a person must say.
    pub unsure: Vec<Requirement>,
    /// Whether it is a base package that nothing carried asks for, so that its
    /// place is a judgement.
    pub unasked: bool,
}

/// Puts packages in order: everything required first, lower versions of the
/// same software first, a base package as late as what needs it allows, so
/// immediately before it. A base that nothing asks for goes immediately before
/// the last site package of its time, which ends where a site package asks for
/// a higher base; before the first one where nothing asks for any base, as an
/// older list may leave out that they usually are prerequisites. What is left
/// open stays as it was given.
/// Source: guide, preparations ("normally installed immediately before").
///
/// `status` is the appliance as it was read, `None` where it is not known;
/// `history` what was installed on it earlier.
///
/// # Errors
/// [`PlanError`].
pub fn arrange<'a>(
    packages: &[&'a PackageRef],
    status: Option<&Status>,
    history: &History,
) -> Result<Vec<Placed<'a>>, PlanError> {
    // First, since of two with one version either may be the one
    // that the others mean, and every order would be a guess.
    check_twins(packages)?;
    let mut graph = Graph::draw(packages, status, history)?;
    let unasked = graph.place_unasked(packages);
    let mut order = Vec::new();
    let mut seen = vec![Visit::Not; packages.len()];
    for root in graph.roots(packages) {
        visit(root, packages, &graph.needs, &mut seen, &mut Vec::new(), &mut order)?;
    }
    let placed =
        |i: usize| Placed { package: packages[i], unsure: graph.unsure[i].clone(), unasked: unasked.contains(&i) };
    Ok(order.into_iter().map(placed).collect())
}

/// All that must be there before `package`: what it says itself, and what the
/// appliance's page says where it shows it greyed out.
/// Source: guide, preparations ("some packages may be greyed out").
pub fn requirements(package: &PackageRef, status: Option<&Status>) -> Vec<Requirement> {
    let mut all = package.requires.clone();
    let offer = status.and_then(|status| status.offer_of(&package.name, package.kind, &package.version));
    for need in offer.map(Offer::requires).unwrap_or_default() {
        if !all.contains(&need) {
            all.push(need);
        }
    }
    all
}

fn check_twins(pending: &[&PackageRef]) -> Result<(), PlanError> {
    for (i, first) in pending.iter().enumerate() {
        let twin = |p: &&&PackageRef| {
            p.kind == first.kind
                && p.version == first.version
                && matches!(p.kind, PackageKind::Base | PackageKind::Site)
        };
        if let Some(second) = pending[i + 1..].iter().find(twin) {
            let name = |p: &PackageRef| p.file.as_str().to_owned();
            return Err(PlanError::Twins { first: name(first), second: name(second) });
        }
    }
    Ok(())
}

/// Who needs whom, by index.
struct Graph {
    needs: Vec<Vec<usize>>,
    /// Those of `needs` that somebody wrote down.
    asks: Vec<Vec<usize>>,
    unsure: Vec<Vec<Requirement>>,
}

impl Graph {
    fn draw(pending: &[&PackageRef], status: Option<&Status>, history: &History) -> Result<Self, PlanError> {
        let mut graph = Graph { needs: Vec::new(), asks: Vec::new(), unsure: Vec::new() };
        // All that is missing is told at once: each round outside costs a trip.
        let mut missing = Vec::new();
        let software: Vec<Vec<Requirement>> = pending.iter().map(|package| software(package)).collect();
        for (i, package) in pending.iter().enumerate() {
            let mut asks = Vec::new();
            let mut unsure = Vec::new();
            for requirement in &requirements(package, status) {
                let met = status.and_then(|status| status.meets(requirement));
                if met == Some(true) {
                    // Enough is there; but the very one, where it is carried, still comes first.
                    let exact = |j: &usize| pending[*j].version == requirement.version;
                    asks.extend(provider(requirement, i, pending).filter(exact));
                    continue;
                }
                match provider(requirement, i, pending) {
                    Some(j) => asks.push(j),
                    // No page tells of it, but it went in from here: nobody need be asked.
                    None if met.is_none() && was_installed(requirement, history) => {}
                    None if met.is_none() => unsure.push(requirement.clone()),
                    None => missing.push(Missing {
                        package: package.name.clone(),
                        requirement: requirement.clone(),
                        has: status.and_then(|status| status.has_instead(requirement)),
                    }),
                }
            }
            graph.needs.push([lower_versions(i, &software), asks.clone()].concat());
            graph.asks.push(asks);
            graph.unsure.push(unsure);
        }
        (0..pending.len()).for_each(|i| graph.sort(i, pending));
        if missing.is_empty() { Ok(graph) } else { Err(PlanError::Missing(missing)) }
    }

    /// Bases last, so that nothing comes between one and what needs it; the
    /// highest of them first, because it brings the others with all they need.
    fn sort(&mut self, i: usize, packages: &[&PackageRef]) {
        let lowest_last = |j: &usize| std::cmp::Reverse(&packages[*j].version);
        let (mut bases, mut others): (Vec<usize>, Vec<usize>) =
            self.needs[i].iter().partition(|j| is_base(packages[**j]));
        bases.sort_by_key(lowest_last);
        others.sort_unstable();
        others.append(&mut bases);
        others.dedup();
        self.needs[i] = others;
    }

    /// Gives each base that nothing asks for a site package to stand before,
    /// where there is one that it need not follow; returns those bases.
    fn place_unasked(&mut self, packages: &[&PackageRef]) -> Vec<usize> {
        let (asked, unasked): (Vec<usize>, Vec<usize>) = (0..packages.len())
            .filter(|i| is_base(packages[*i]))
            .partition(|base| self.asks.iter().any(|asks| asks.contains(base)));
        let sites: Vec<usize> = (0..packages.len()).filter(|i| is_site(packages[*i])).collect();
        for base in &unasked {
            let higher = |other: &usize| is_later(packages[*other], packages[*base]);
            let is_over =
                |site: &&usize| self.asks[**site].iter().any(|other| is_base(packages[*other]) && higher(other));
            let until = sites.iter().filter(is_over).map(|site| &packages[*site].version).min();
            let may_follow = |site: &usize| {
                until.is_none_or(|until| packages[*site].version < *until) && !self.leads_to(*base, *site)
            };
            let may_follow = sites.iter().copied().filter(may_follow);
            let site = match asked.is_empty() {
                true => may_follow.min_by_key(|i| &packages[*i].version),
                false => may_follow.max_by_key(|i| &packages[*i].version),
            };
            if let Some(site) = site {
                self.needs[site].push(*base);
                self.sort(site, packages);
            }
        }
        unasked
    }

    /// Whether `from` needs `to`, whatever lies between.
    fn leads_to(&self, from: usize, to: usize) -> bool {
        let mut reached = vec![from];
        let mut at = 0;
        while let Some(i) = reached.get(at).copied() {
            reached.extend(self.needs[i].iter().filter(|j| !reached.contains(j)).copied().collect::<Vec<_>>());
            at += 1;
        }
        reached.contains(&to)
    }

    /// Where the walk begins: with what pulls in the bases it needs; of bases
    /// with the highest, which pulls in all others, so that they stay together.
    fn roots(&self, packages: &[&PackageRef]) -> Vec<usize> {
        let (mut bases, others): (Vec<usize>, Vec<usize>) = (0..packages.len()).partition(|i| is_base(packages[*i]));
        bases.sort_by_key(|i| std::cmp::Reverse(&packages[*i].version));
        let brings_some = others.iter().any(|i| self.needs[*i].iter().any(|j| is_base(packages[*j])));
        let (first, second) = if brings_some { (others, bases) } else { (bases, others) };
        first.into_iter().chain(second).collect()
    }
}

fn is_base(package: &PackageRef) -> bool {
    package.kind == PackageKind::Base
}

fn is_site(package: &PackageRef) -> bool {
    package.kind == PackageKind::Site
}

/// Lower versions of the same base or site software: the other way round
/// would be a downgrade, also of the base that a combined package brings.
fn lower_versions(i: usize, software: &[Vec<Requirement>]) -> Vec<usize> {
    let is_lower = |j: &usize| software[i].iter().any(|own| software[*j].iter().any(|other| is_above(own, other)));
    (0..software.len()).filter(|j| *j != i).filter(is_lower).collect()
}

/// The base and site software that a package brings.
fn software(package: &PackageRef) -> Vec<Requirement> {
    package.brought().filter(|own| matches!(own.kind, PackageKind::Base | PackageKind::Site)).collect()
}

fn is_above(one: &Requirement, other: &Requirement) -> bool {
    one.kind == other.kind && one.version > other.version
}

/// Whether `other` is what `package` asks for by `requirement`. A later
/// version of the same software is not: it can't come first. One that is asked
/// for all the same makes a circle, and is told as that.
pub fn brings(other: &PackageRef, requirement: &Requirement, package: &PackageRef) -> bool {
    other.meets(requirement) && (!is_later(other, package) || requirement.version > package.version)
}

/// The carried package that brings `requirement` with the lowest version.
fn provider(requirement: &Requirement, but: usize, pending: &[&PackageRef]) -> Option<usize> {
    (0..pending.len())
        .filter(|j| *j != but && brings(pending[*j], requirement, pending[but]))
        // The lowest that will do: a higher one may need more itself, and make a circle where there is none.
        .min_by(|a, b| pending[*a].version.cmp(&pending[*b].version).then(a.cmp(b)))
}

/// Whether `one` is a later version of the same base or site software.
pub(super) fn is_later(one: &PackageRef, other: &PackageRef) -> bool {
    matches!(one.kind, PackageKind::Base | PackageKind::Site) && one.kind == other.kind && one.version > other.version
}

fn was_installed(requirement: &Requirement, history: &History) -> bool {
    let brought = history.installs.iter().flat_map(|past| brought(past.kind, &past.version, &past.name));
    brought.into_iter().any(|own| requirement.is_met_by(own.kind, &own.version))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    Open,
    Done,
}

/// Depth first: a package after all it needs. `path` holds those still open.
fn visit(
    i: usize,
    pending: &[&PackageRef],
    needs: &[Vec<usize>],
    seen: &mut [Visit],
    path: &mut Vec<usize>,
    order: &mut Vec<usize>,
) -> Result<(), PlanError> {
    match seen[i] {
        Visit::Done => return Ok(()),
        Visit::Open => {
            let from = path.iter().position(|open| *open == i).expect("an open package is on the path");
            return Err(PlanError::Cycle { packages: path[from..].iter().map(|j| pending[*j].name.clone()).collect() });
        }
        Visit::Not => {}
    }
    seen[i] = Visit::Open;
    path.push(i);
    for j in &needs[i] {
        visit(*j, pending, needs, seen, path, order)?;
    }
    path.pop();
    seen[i] = Visit::Done;
    order.push(i);
    Ok(())
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
