//! All cores, but no more than memory is reckoned for.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

/// Most cores that work at once: what each of them holds must stay below 64 MiB
/// in all, however many a machine has, and four digest more than a medium gives.
const MAX_CORES: usize = 4;

/// How many threads share work: one for each core that this program may use,
/// or as many as `RAYON_NUM_THREADS` says, and never more than four.
pub fn cores() -> usize {
    // `RAYON_NUM_THREADS` is what rayon's own pool obeys; a pool that is built by hand must ask for it itself.
    let told = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
    let there = || std::thread::available_parallelism().map_or(1, usize::from);
    told.unwrap_or_else(there).min(MAX_CORES)
}

/// From how many items on all cores are worth it: fewer take less than starting those.
const MANY: usize = 2000;

/// What `of` makes of each, in their order; where there are many, on all cores.
pub fn map_on_all_cores<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    match items.len() {
        0..MANY => items.iter().map(of).collect(),
        _ => on_all_cores(|| items.par_iter().map(of).collect()),
    }
}

/// Runs `work` on one of [`cores()`] threads; what it gives to rayon, all of them share.
pub fn on_all_cores<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    let made = || ThreadPoolBuilder::new().num_threads(cores()).build().expect("threads can be started");
    // One pool for all, and not rayon's global one: whoever starts that first decides its size.
    POOL.get_or_init(made).install(work)
}
