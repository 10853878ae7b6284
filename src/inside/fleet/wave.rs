//! In what order many are worked: the canary first, then so many at a time, in
//! the order of the inventory. It is a matter of their number alone, so that a
//! run that was cut goes on with the same waves.

use super::run::Went;

/// The waves that `count` appliances make, as their places: the `canary` alone, then `size` a wave, or all the others.
pub(super) fn waves(count: usize, canary: Option<usize>, size: Option<usize>) -> Vec<Vec<usize>> {
    let others: Vec<usize> = (0..count).filter(|at| Some(*at) != canary).collect();
    let first = canary.map(|at| vec![at]);
    let rest = others.chunks(size.unwrap_or(count).max(1)).map(<[usize]>::to_vec);
    first.into_iter().chain(rest).collect()
}

/// Whether what comes after a wave may begin, by how each of it went; `alone` where it is the canary.
///
/// Who waits for its clients is no failure, and holds the others only as a canary: what it is for shows when they are back.
pub(super) fn goes_on(went: &[Went], alone: bool) -> bool {
    went.iter().all(|went| *went == Went::Well || (*went == Went::Waits && !alone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_is_first_and_each_is_in_one_wave() {
        assert_eq!(waves(5, None, None), [vec![0, 1, 2, 3, 4]]);
        assert_eq!(waves(5, Some(3), None), [vec![3], vec![0, 1, 2, 4]]);
        assert_eq!(waves(5, Some(0), Some(2)), [vec![0], vec![1, 2], vec![3, 4]]);
        assert_eq!(waves(5, None, Some(2)), [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(waves(1, Some(0), Some(9)), [vec![0]]);
        for size in 1..9 {
            let mut all = waves(7, Some(4), Some(size)).concat();
            all.sort_unstable();
            assert_eq!(all, (0..7).collect::<Vec<_>>(), "{size}");
        }
    }

    #[test]
    fn a_failure_ends_it_and_a_wait_holds_it_as_a_canary_s_alone() {
        use Went::{Otherwise, Waits, Well};
        assert!(goes_on(&[Well, Well], false) && goes_on(&[Well], true) && goes_on(&[Well, Waits], false));
        assert!(!goes_on(&[Waits], true), "its clients are not back");
        assert!(!goes_on(&[Well, Otherwise, Waits], false) && !goes_on(&[Otherwise], true));
    }
}
