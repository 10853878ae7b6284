//! What only a person can tell, each answer journalled.

use super::Run;
use crate::engine::entry::Entry;
use crate::engine::question::{EnginePrompt, PairQuestion};
use crate::engine::record::Noted;
use crate::model::{AGAIN, Exit, Failure, Id, text};
use crate::plan::Part;
use std::net::IpAddr;

/// How often one thing is asked before the answer counts as none.
const TRIES: usize = 3;

impl Run<'_> {
    /// Learns by which IP address clients reach `part`: the hosts files and the
    /// site's entry are led there. How its partner reaches it may be another.
    pub(in crate::engine) fn learn_address(&mut self, part: Part) -> Result<(), Failure> {
        if self.side(part).address.is_some() {
            return Ok(());
        }
        let (name, run) = (self.name(part), self.id);
        let known = earlier(self.side(part).ledger.entries(), run, Some(part));
        // Only a proposal: behind a NAT or in another network clients
        // reach it by another address than this machine does.
        let here = self.side(part).here.clone().filter(|_| known.is_none());
        let address = match (known, here) {
            (Some(known), _) => known,
            (None, Some(here))
                if self.ask(&PairQuestion::IsReachedAt { on: name.clone(), address: here.clone() })? =>
            {
                let told = Entry::AddressTold { run, of: Some(part), address: here.clone() };
                self.note(&told)?;
                here
            }
            (None, _) => {
                let flag = format!("--address-{}", part.to_string().to_lowercase());
                self.told_address(Some(part), &EnginePrompt::Address { on: name }, &flag)?
            }
        };
        self.side_mut(part).address = Some(address);
        Ok(())
    }

    /// An IP address that a person tells, in this run or before; `flag` says
    /// it beforehand. `of` is whose it is, `None` for the one that both share.
    pub(in crate::engine) fn told_address(
        &mut self,
        of: Option<Part>,
        question: &EnginePrompt,
        flag: &str,
    ) -> Result<String, Failure> {
        let run = self.id;
        if let Some(known) = earlier(self.side(Part::A).ledger.entries(), run, of) {
            return Ok(known);
        }
        for _ in 0..TRIES {
            if let Ok(address) = self.operator.ask(question)?.trim().parse::<IpAddr>() {
                let address = address.to_string();
                self.note(&Entry::AddressTold { run, of, address: address.clone() })?;
                return Ok(address);
            }
            self.teller.note("that is no IP address, such as 192.0.2.10 or 2001:db8::10");
        }
        Err(Failure::new(Exit::Declined, format!("no IP address was told: {}", text::one_line(&question.to_string())))
            .hint(format!("say it beforehand: {}", AGAIN.with(&[flag, "ADDRESS"]))))
    }

    /// What a person reads off a page, one of several words.
    pub(in crate::engine) fn told_word<T: Copy>(
        &mut self,
        question: &EnginePrompt,
        words: &[(&str, T)],
    ) -> Result<T, Failure> {
        for _ in 0..TRIES {
            let answer = self.operator.ask(question)?.trim().to_lowercase();
            if let Some((word, meant)) = words.iter().find(|(word, _)| *word == answer) {
                self.note(&Entry::Asked { question: format!("{question} {word}"), yes: true })?;
                return Ok(*meant);
            }
        }
        Err(Failure::new(Exit::Declined, format!("not answered: {question}"))
            .hint(format!("look there, then run it at a terminal: {AGAIN}")))
    }
}

/// The address that was told in this run before.
fn earlier(entries: &[Noted], run: Id, of: Option<Part>) -> Option<String> {
    entries.iter().rev().find_map(|(_, entry)| match entry {
        Entry::AddressTold { run: told, of: whose, address } if *told == run && *whose == of => Some(address.clone()),
        _ => None,
    })
}
