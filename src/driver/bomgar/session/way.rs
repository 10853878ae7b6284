//! The way to a page: by its links, through frames, and on where a page leads
//! a browser by itself.

use super::super::blocked::StepBlocked;
use super::super::outside::is_understood;
use super::{Session, StepPage};
use crate::web::{Page, WebError};

/// Most pages in a row that lead on by themselves: "one moment, please" is one or two.
const MAX_LED: usize = 5;
/// Longest that a page may stand before it leads on, in seconds.
// What waits longer shows something to be read, and begins itself anew.
const MAX_STAY_SECS: u64 = 30;
/// How deep frames are looked into: a page of frames within a frame has been seen, one deeper has not.
const MAX_DEPTH: usize = 2;

impl Session {
    /// The way to `place` by its links; the page at its end.
    pub(super) fn walk(&mut self, place: StepPage) -> Result<Page, StepBlocked> {
        let (last, before) = place.links();
        let (last, before) = (self.words.control(last), self.words.control(before));
        let words = std::rc::Rc::clone(&self.words);
        let is_place = |page: &Page| place.is(page, &words);
        self.framed = false;
        let mut page = self.arrive(self.client.get(self.account.path)?)?;
        for way in [Some(&before), None] {
            let leads = |page: &Page| is_place(page) || page.link(&last).is_ok();
            let may_lead = |page: &Page| leads(page) || way.is_some_and(|way| page.link(way).is_ok());
            (page, self.framed) = self.or_frame(page, may_lead)?;
            if is_place(&page) {
                return Ok(page);
            }
            let first = way.and_then(|way| page.link(way).ok());
            let (link, is_last) = match (page.link(&last), first) {
                (Err(WebError::ControlMissing { .. }), Some(first)) => (first, false),
                (link, _) => (link?, true),
            };
            page = self.arrive(self.client.follow(&link)?)?;
            if is_last {
                break;
            }
        }
        let (page, framed) = self.or_frame(page, is_place)?;
        self.framed = framed;
        Ok(page)
    }

    /// The page itself where it is `wanted`, else the first of its frames that
    /// is, else the page; and whether it is a frame.
    pub(super) fn or_frame(&self, page: Page, wanted: impl Fn(&Page) -> bool) -> Result<(Page, bool), StepBlocked> {
        let mut outer: Vec<Page> = Vec::new();
        let mut layer = vec![page];
        for depth in 0..=MAX_DEPTH {
            if let Some(at) = layer.iter().position(&wanted) {
                return Ok((layer.swap_remove(at), depth > 0));
            }
            let frames =
                layer.iter().flat_map(Page::frames).filter(|frame| self.client.is_here(frame)).collect::<Vec<_>>();
            outer.append(&mut layer);
            if frames.is_empty() {
                break;
            }
            // One that is not there is no reason to leave the others out.
            layer = frames.iter().filter_map(|frame| self.client.follow(frame).and_then(Page::ok).ok()).collect();
        }
        Ok((outer.swap_remove(0), false))
    }

    /// Goes on where a page that is not `understood` leads a browser by itself,
    /// as far as that is to be had.
    pub(in super::super) fn led_on(&self, page: Page, understood: impl Fn(&Page) -> bool) -> Page {
        let mut page = page;
        for _ in 0..MAX_LED {
            if understood(&page) || page.status() >= 400 {
                break;
            }
            match page.refresh() {
                // One that begins itself anew shows how something goes on, and is looked at in time.
                Some((secs, to)) if secs <= MAX_STAY_SECS && to.url() != page.url() => match self.client.follow(&to) {
                    Ok(next) => page = next,
                    Err(_) => break,
                },
                _ => break,
            }
        }
        page
    }

    /// Lets no page pass that shows nothing known and leads elsewhere by itself.
    ///
    /// # Errors
    /// [`WebError::CrossOrigin`].
    pub(super) fn refuse_leading_away(&self, page: &Page) -> Result<(), WebError> {
        match page.refresh() {
            Some((_, to)) if !self.client.is_here(&to) && !is_understood(page, &self.words) => {
                self.client.follow(&to).map(|_| ())
            }
            _ => Ok(()),
        }
    }
}
