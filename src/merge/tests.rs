use serde_json::{Map, Value};

use super::{merge, BOOKKEEPING, LENGTH, LIFETIME};
use crate::json::samples::{utf16, Random};

const TRIPLES: usize = 20_000;

/// Naive oracle: the rules of `docs/merge.md` on parsed values.
fn naive(
    base: Option<&Value>,
    mine: Option<&Value>,
    theirs: Option<&Value>,
    path: &str,
    conflicts: &mut Vec<String>,
) -> Option<Value> {
    if let (Some(Value::Object(m)), Some(Value::Object(t))) = (mine, theirs) {
        let mut merged = Map::new();
        for key in t.keys().chain(m.keys().filter(|key| !t.contains_key(*key))) {
            let base = base.and_then(Value::as_object).and_then(|base| base.get(key));
            let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
            if let Some(value) = naive(base, m.get(key), t.get(key), &path, conflicts) {
                merged.insert(key.clone(), value);
            }
        }
        return Some(Value::Object(merged));
    }
    if mine == theirs || mine == base {
        return theirs.cloned();
    }
    if theirs != base {
        conflicts.push(path.to_owned());
    }
    mine.cloned()
}

/// Puts the whole lifetime of one side into `merged`: that of the first, `mine` before `theirs`, that changed its
/// length.
fn with_lifetime(merged: Option<Value>, base: &Value, mine: &Value, theirs: &Value) -> Option<Value> {
    let mut merged = merged?;
    let has_other_length = |side: &Value| LENGTH.iter().any(|key| side.get(key) != base.get(key));
    if let (Some(side), Some(members)) =
        ([mine, theirs].into_iter().find(|side| has_other_length(side)), merged.as_object_mut())
    {
        for key in LIFETIME {
            members.remove(key);
            members.extend(side.get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    Some(merged)
}

fn merge_texts(base: &str, mine: &str, theirs: &str) -> (String, Vec<String>) {
    let merged = merge(&utf16(base), &utf16(mine), &utf16(theirs));
    let text = String::from_utf16(&merged.text).expect("whole characters");
    (text, merged.conflicts.iter().map(|pointer| String::from_utf16_lossy(pointer)).collect())
}

#[test]
fn merges_as_the_rules_tell() {
    let mut random = Random::new(3);
    let (mut with_conflicts, mut without) = (0, 0);
    for _ in 0..TRIPLES {
        let base = random.session();
        let common = if random.below(3) == 0 { random.edit(&base, 1) } else { base.clone() };
        let changes = (random.below(5), random.below(5));
        let (mine, theirs) = (random.edit(&common, changes.0), random.edit(&common, changes.1));
        let texts = [base.to_string(), mine.to_string(), theirs.to_string()];

        let mut expected_conflicts = Vec::new();
        let expected = naive(Some(&base), Some(&mine), Some(&theirs), "", &mut expected_conflicts);
        let expected = with_lifetime(expected, &base, &mine, &theirs);
        expected_conflicts
            .retain(|path| !BOOKKEEPING.iter().any(|name| path.split('/').nth(1) == Some(name)));

        let (text, conflicts) = merge_texts(&texts[0], &texts[1], &texts[2]);
        assert_eq!(serde_json::from_str(&text).ok(), expected, "{texts:#?}");
        assert_eq!(conflicts, expected_conflicts, "{texts:#?}");
        with_conflicts += usize::from(!conflicts.is_empty());
        without += usize::from(conflicts.is_empty() && text != texts[1] && text != texts[2]);
    }
    assert!(with_conflicts > TRIPLES / 20, "{with_conflicts} conflicts");
    assert!(without > TRIPLES / 20, "{without} true merges without a conflict");
}

#[test]
fn gives_the_other_side_byte_for_byte_where_one_changed_nothing() {
    let mut random = Random::new(4);
    for _ in 0..TRIPLES {
        let session = random.session();
        let base = session.to_string();
        let other = format!("{:#}", random.edit(&session, 3));
        for (mine, theirs) in [(&base, &other), (&other, &base), (&other, &other)] {
            assert_eq!(merge_texts(&base, mine, theirs), (other.clone(), Vec::new()));
        }
    }
}

#[test]
fn hostile_texts_are_answered_and_mine_wins() {
    let mut random = Random::new(5);
    for _ in 0..TRIPLES {
        let session = random.session().to_string();
        let texts = [random.spoil(&session), random.spoil(&session), random.spoil(&session)];
        let (text, conflicts) = merge_texts(&texts[0], &texts[1], &texts[2]);
        let are_sessions =
            texts.iter().all(|text| serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object()));
        let differ = texts[0] != texts[1] && texts[0] != texts[2] && texts[1] != texts[2];
        if differ && !are_sessions {
            assert_eq!((&text, conflicts), (&texts[1], vec![String::new()]));
        }
    }
}

#[test]
fn keeps_lone_surrogates_numbers_and_order_as_written() {
    let lone = [u16::from(b'"'), 0xd800, u16::from(b'"')];
    let theirs = utf16(r#"{ "z" : -0 , "b" : [ 1.0 ] , "\u0061" : "\ud800" }"#);
    let mine = [utf16(r#"{"m":1e21,"l":"#), lone.to_vec(), utf16("}")].concat();
    let expected =
        [utf16(r#"{"z":-0,"b":[ 1.0 ],"\u0061":"\ud800","m":1e21,"l":"#), lone.to_vec(), utf16("}")];
    assert_eq!(merge(&utf16("{}"), &mine, &theirs).text, expected.concat());
}
