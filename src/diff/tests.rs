use serde_json::{json, Value};

use super::{changed_paths, operations};
use crate::json::samples::{utf16, Random};

const PAIRS: usize = 20_000;

fn operations_of(before: &str, after: &str) -> Option<Vec<Value>> {
    let text = operations(&utf16(before), &utf16(after))?;
    serde_json::from_str(&String::from_utf16(&text).expect("whole characters")).expect("JSON")
}

/// Applies operations as RFC 6902 defines them, without arrays.
fn apply(document: &mut Value, operations: &[Value]) {
    for operation in operations {
        let path = operation["path"].as_str().expect("a path");
        let Some((parent, key)) = path.rsplit_once('/') else {
            *document = operation["value"].clone();
            continue;
        };
        let key = key.replace("~1", "/").replace("~0", "~");
        let object = document.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        let known = object.contains_key(&key);
        match operation["op"].as_str() {
            Some("add") => assert!(!known && object.insert(key, operation["value"].clone()).is_none()),
            Some("replace") => assert!(known && object.insert(key, operation["value"].clone()).is_some()),
            Some("remove") => assert!(object.shift_remove(&key).is_some()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn operations_applied_to_before_give_after() {
    let mut random = Random::new(6);
    for _ in 0..PAIRS {
        let before = random.session();
        let changes = random.below(6);
        let after = if changes == 5 { random.session() } else { random.edit(&before, changes) };
        let (before_text, after_text) = (before.to_string(), format!("{after:#}"));
        let operations = operations_of(&before_text, &after_text).expect("JSON");

        let mut patched = before.clone();
        apply(&mut patched, &operations);
        assert_eq!(patched, after, "{before_text}\n{after_text}\n{operations:?}");
        assert_eq!(operations.is_empty(), before == after);

        let paths: Vec<_> = operations.iter().filter_map(|operation| operation["path"].as_str()).collect();
        let changed = changed_paths(&utf16(&before_text), &utf16(&after_text));
        assert_eq!(changed.iter().map(|path| String::from_utf16_lossy(path)).collect::<Vec<_>>(), paths);
    }
}

#[test]
fn control_characters_quotes_and_backslashes_in_keys_are_escaped() {
    let key = "\0\u{1f}\n\"\\\u{7f}\u{2028}é~/";
    let after = json!({ key: 1 }).to_string();
    let path = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
    assert_eq!(operations_of("{}", &after), Some(vec![json!({ "op": "add", "path": path, "value": 1 })]));
}

#[test]
fn values_come_as_written() {
    let text = operations(&utf16("{}"), &utf16(r#"{"a": [ 1.0, "\ud800" ]}"#)).expect("JSON");
    assert_eq!(text, utf16(r#"[{"op":"add","path":"/a","value":[ 1.0, "\ud800" ]}]"#));
}

#[test]
fn hostile_texts_are_answered() {
    let mut random = Random::new(7);
    for _ in 0..PAIRS {
        let session = random.session().to_string();
        let (before, after) = (random.spoil(&session), random.spoil(&session));
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        assert_eq!(operations_of(&before, &after).is_some(), before == after || is_json(&after));
        if before != after && !(is_json(&before) && is_json(&after)) {
            assert_eq!(changed_paths(&utf16(&before), &utf16(&after)), [[0_u16; 0]]);
        }
    }
}
