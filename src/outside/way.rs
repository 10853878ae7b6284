//! The way out: the proxy that this machine's network wants to be asked, as
//! its variables tell.

use crate::model::{Exit, Failure};
use crate::web::{Proxy, goes_direct};

/// The variables that name a proxy, the first that is set first: those of other
/// programs, in their order.
const PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Those that name what needs none.
const NONE: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The way out, as one run's variables tell it.
#[derive(Debug, Default)]
pub struct Way {
    proxy: Option<Proxy>,
    none: String,
}

impl Way {
    /// Reads the variables. An empty one counts as not set.
    ///
    /// # Errors
    /// A [`Failure`] where a proxy's address does not read; it names the
    /// variable and nothing that stands in it.
    pub fn out(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        // An empty variable is how a person turns one off for a single run.
        let set = |name: &&str| variable(name).filter(|text| !text.trim().is_empty());
        let none = NONE.iter().find_map(&set).unwrap_or_default();
        let Some((name, text)) = PROXIES.iter().find_map(|name| Some((name, set(name)?))) else {
            return Ok(Way { proxy: None, none });
        };
        let proxy = Proxy::parse(&text).map_err(|why| {
            Failure::new(Exit::Config, format!("the variable {name} does not name a proxy that can be used: {why}"))
                .hint(format!("write it as {name}=http://user:password@host:3128, or unset it to go without"))
        })?;
        Ok(Way { proxy: Some(proxy), none })
    }

    /// The proxy to ask for what is at `url`; `None` where the way is open.
    pub fn to(&self, url: &str) -> Option<Proxy> {
        self.proxy.clone().filter(|_| !goes_direct(url, &self.none))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(set: &[(&str, &str)]) -> Result<Way, Failure> {
        Way::out(&|name| set.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    }

    fn proxy(set: &[(&str, &str)], url: &str) -> Option<String> {
        way(set).expect("reads").to(url).map(|proxy| proxy.shown().to_owned())
    }

    #[test]
    fn the_variables_count_as_for_other_programs() {
        let url = "https://update.example.com";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(proxy(&[], url), None);
        assert_eq!(proxy(&[("HTTPS_PROXY", "http://a:1")], url), some("http://a:1"));
        assert_eq!(proxy(&[("ALL_PROXY", "b:2"), ("HTTPS_PROXY", "a:1")], url), some("http://a:1"));
        assert_eq!(proxy(&[("ALL_PROXY", "b:2"), ("HTTPS_PROXY", " ")], url), some("http://b:2"));
        assert_eq!(proxy(&[("https_proxy", "c:3"), ("HTTPS_PROXY", "a:1")], url), some("http://c:3"));
        assert_eq!(proxy(&[("HTTP_PROXY", "a:1")], url), None, "the vendor is asked by https");
        assert_eq!(proxy(&[("HTTPS_PROXY", "a:1"), ("NO_PROXY", "x, example.com")], url), None);
        assert_eq!(proxy(&[("HTTPS_PROXY", "a:1")], "https://localhost:8443"), None);
    }

    #[test]
    fn a_proxy_that_does_not_read_is_named_without_its_password() {
        let failure = way(&[("HTTPS_PROXY", "socks5://ana:secret@a:1")]).expect_err("refused");
        assert!(failure.message.contains("HTTPS_PROXY") && failure.message.contains("SOCKS"), "{}", failure.message);
        assert!(!format!("{failure:?}").contains("secret"));
    }
}
