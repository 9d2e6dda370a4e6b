#![no_main]
//! Three texts: the laws of a merge hold for any, and for sessions the rules of `docs/merge.md`, told once
//! more on parsed values, give the same session and the same conflicts.

use egg_session_native::merge::{merge, Merged, BOOKKEEPING};
use egg_session_native_fuzz::json::{is_json, parse, same};
use egg_session_native_fuzz::{texts, JsString};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fn merge_naively(
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
            if let Some(value) = merge_naively(base, m.get(key), t.get(key), &path, conflicts) {
                merged.insert(key.clone(), value);
            }
        }
        return Some(Value::Object(merged));
    }
    if both_same(mine, theirs) || both_same(mine, base) {
        return theirs.cloned();
    }
    if !both_same(theirs, base) {
        conflicts.push(path.to_owned());
    }
    mine.cloned()
}

fn both_same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// The lifetime of who changed its length, mine before theirs, as a whole.
fn with_lifetime(mut merged: Value, base: &Value, mine: &Value, theirs: &Value) -> Value {
    let has_other_length =
        |side: &Value| ["_maxAge", "_session"].iter().any(|key| !both_same(side.get(key), base.get(key)));
    if let (Some(side), Some(members)) =
        ([mine, theirs].into_iter().find(|side| has_other_length(side)), merged.as_object_mut())
    {
        for key in ["_expire", "_maxAge", "_session"] {
            members.remove(key);
            members.extend(side.get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    merged
}

fn is_of_the_app(path: &str) -> bool {
    !BOOKKEEPING.iter().any(|name| path.split('/').nth(1) == Some(name))
}

fn demand(merged: Merged, text: &[u16]) {
    assert!(merged.text == text && merged.conflicts.is_empty());
}

fuzz_target!(|input: &[u8]| {
    let [base, mine, theirs] = texts::<3>(input).map(|text| JsString::new(text).0);
    demand(merge(&base, &base, &theirs), &theirs);
    demand(merge(&base, &mine, &base), &mine);
    demand(merge(&base, &mine, &mine), &mine);

    let Merged { text, conflicts } = merge(&base, &mine, &theirs);
    if [&base, &mine, &theirs].iter().all(|text| is_json(text)) {
        assert!(is_json(&text));
    }
    let sessions = [parse(&base), parse(&mine), parse(&theirs)];
    let [Some(base @ Value::Object(_)), Some(mine @ Value::Object(_)), Some(theirs @ Value::Object(_))] =
        sessions
    else {
        return;
    };
    let mut expected_conflicts = Vec::new();
    let expected = merge_naively(Some(&base), Some(&mine), Some(&theirs), "", &mut expected_conflicts);
    expected_conflicts.retain(|path| is_of_the_app(path));
    let expected = expected.map(|merged| with_lifetime(merged, &base, &mine, &theirs));
    let merged = parse(&text).expect("JSON");
    assert!(expected.is_some_and(|expected| same(&merged, &expected)), "{base} {mine} {theirs}: {merged}");
    let told: Vec<_> = conflicts.iter().map(|pointer| String::from_utf16_lossy(pointer)).collect();
    assert_eq!(told, expected_conflicts, "{base} {mine} {theirs}");
});
