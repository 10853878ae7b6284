//! Bars along a line of time, as a drawing of any width: where something is in
//! it is told in per cent, how high it is in pixels.

use super::Markup;
use std::fmt::Write as _;

/// Widest label, in per cent of the narrowest page: labels that are nearer to each other would overlap.
pub(in crate::report) const LABEL_PERCENT: f64 = 13.0;

/// The least width of a bar, in per cent, so that what takes a minute of three days is seen.
const LEAST_PERCENT: f64 = 0.5;

/// A drawing in the making.
#[derive(Default)]
pub(in crate::report) struct Drawing(String);

impl Drawing {
    /// A bar of a class, from and to in per cent, and from so high for so much.
    pub fn bar(&mut self, (from, to): (f64, f64), (top, height): (u32, u32), class: &'static str) {
        let from = from.clamp(0.0, 100.0 - LEAST_PERCENT);
        let width = (to.min(100.0) - from).max(LEAST_PERCENT);
        let _ = write!(
            self.0,
            "<rect class=\"{class}\" x=\"{from:.2}%\" width=\"{width:.2}%\" y=\"{top}\" height=\"{height}\"/>"
        );
    }

    /// A line from top to bottom at a place in per cent.
    pub fn mark(&mut self, at: f64) {
        let _ = write!(self.0, "<line class=\"mark\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"0\" y2=\"44\"/>");
    }

    /// A text at a place in per cent; near an end of the line it stays within it.
    pub fn label(&mut self, at: f64, baseline: u32, text: &str) {
        let (at, anchor) = match at {
            at if at > 100.0 - LABEL_PERCENT => (at.min(100.0), "end"),
            at => (at.max(0.0), "start"),
        };
        let text = Markup::from(text);
        let _ =
            write!(self.0, "<text x=\"{at:.2}%\" y=\"{baseline}\" text-anchor=\"{anchor}\">{}</text>", text.as_str());
    }

    /// The drawing; `told` is what it shows, for whoever can't see it.
    pub fn done(self, class: &'static str, told: &str) -> Markup {
        let told = Markup::from(told);
        Markup::drawn(format!(
            "<svg class=\"{class}\" role=\"img\" aria-label=\"{}\">{}</svg>\n",
            told.as_str(),
            self.0
        ))
    }
}
