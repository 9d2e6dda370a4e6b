use super::*;
use crate::testing::Random;

fn cookie(value: &str) -> Cookie<'_> {
    Cookie { kind: 0, value: value.as_bytes(), proof: b"" }
}

fn known(cache: &mut OpenedCache, value: &str) -> Option<usize> {
    cache.find(cookie(value)).map(|place| place.slot)
}

/// Opened twice, as it must be to be kept.
fn insert(cache: &mut OpenedCache, cookie: Cookie<'_>, key_index: usize) -> Option<usize> {
    assert_eq!(cache.insert(cookie, key_index), None);
    assert_eq!(cache.find(cookie), None);
    cache.insert(cookie, key_index)
}

#[test]
fn knows_what_was_kept_and_which_key_opened_it() {
    let mut cache = OpenedCache::new(4);
    assert_eq!(known(&mut cache, "a"), None);
    let slot = insert(&mut cache, cookie("a"), 3);
    assert_eq!(slot, Some(0));
    assert_eq!(cache.find(cookie("a")), slot.map(|slot| Place { slot, key_index: 3 }));
    assert_eq!(known(&mut cache, "b"), None);
}

#[test]
fn tells_kind_value_and_proof_apart() {
    let mut cache = OpenedCache::new(8);
    let kept = Cookie { kind: 1, value: b"ab", proof: b"c" };
    assert_eq!(insert(&mut cache, kept, 0), Some(0));
    for other in [
        Cookie { kind: 0, ..kept },
        Cookie { value: b"a", proof: b"bc", ..kept },
        Cookie { value: b"abc", proof: b"", ..kept },
        Cookie { proof: b"d", ..kept },
        Cookie { value: b"aB", ..kept },
    ] {
        assert_eq!(cache.find(other), None);
    }
    assert!(cache.find(kept).is_some());
}

#[test]
fn keeps_nothing_without_capacity_and_nothing_too_long() {
    assert_eq!(insert(&mut OpenedCache::new(0), cookie("a"), 0), None);
    let mut cache = OpenedCache::new(2);
    assert_eq!(insert(&mut cache, cookie(&"x".repeat(MAX_COOKIE_BYTES + 1)), 0), None);
    assert_eq!(insert(&mut cache, cookie(&"x".repeat(MAX_COOKIE_BYTES)), 0), Some(0));
}

#[test]
fn a_cookie_that_is_asked_for_outlives_those_that_are_not() {
    let mut cache = OpenedCache::new(3);
    for value in ["a", "b", "c"] {
        insert(&mut cache, cookie(value), 0);
    }
    for round in 0..50 {
        assert_eq!(known(&mut cache, "b"), Some(1), "round {round}");
        insert(&mut cache, cookie(&format!("new {round}")), 0);
        assert_eq!(cache.slots_by_cookie.len(), 3);
    }
    assert_eq!(known(&mut cache, "a"), None);
}

#[test]
fn agrees_with_a_list_that_has_room_for_all() {
    let mut random = Random(7);
    let mut cache = OpenedCache::new(50);
    // by slot, as the caller keeps what belongs to a cookie
    let mut kept: Vec<Option<(String, usize)>> = vec![None; 50];
    let mut kept_in_all = 0;
    for _ in 0..20_000 {
        let value = format!("cookie {}", random.below(200));
        let at = kept.iter().position(|entry| entry.as_ref().is_some_and(|(other, _)| *other == value));
        let expected =
            at.map(|slot| Place { slot, key_index: kept[slot].as_ref().map_or(9, |entry| entry.1) });
        assert_eq!(cache.find(cookie(&value)), expected);
        if expected.is_none() {
            let key_index = random.below(3);
            if let Some(slot) = cache.insert(cookie(&value), key_index) {
                kept[slot] = Some((value, key_index));
                kept_in_all += 1;
            }
        }
    }
    assert!(kept_in_all > 1000, "only {kept_in_all} cookies were kept");
}
