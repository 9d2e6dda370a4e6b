#![no_main]
//! The operations between two texts, applied to the first by the rules of RFC 6902, give the second; and
//! there are none exactly where both are the same value.

use egg_session_native::diff::{changed_paths, operations};
use egg_session_native_fuzz::json::{is_json, parse, same};
use egg_session_native_fuzz::{texts, JsString};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn apply(document: &mut Value, operation: &Value) {
    let path = operation["path"].as_str().expect("a path");
    let value = operation.get("value").cloned();
    let Some((parent, key)) = path.rsplit_once('/') else {
        assert_eq!(operation["op"], "replace");
        *document = value.expect("a value");
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    let object = document.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    let known = object.contains_key(&key);
    match operation["op"].as_str() {
        Some("add") => assert!(!known && object.insert(key, value.expect("a value")).is_none()),
        Some("replace") => assert!(known && object.insert(key, value.expect("a value")).is_some()),
        Some("remove") => assert!(value.is_none() && object.shift_remove(&key).is_some()),
        other => panic!("{other:?}"),
    }
}

fuzz_target!(|input: &[u8]| {
    let [before, after] = texts::<2>(input).map(JsString::new);
    let (before, after) = (before.0, after.0);
    assert_eq!(operations(&after, &after).map(|none| String::from_utf16_lossy(&none)).as_deref(), Some("[]"));
    let operations = operations(&before, &after);
    let paths = changed_paths(&before, &after);
    assert_eq!(operations.is_some(), before == after || is_json(&after));
    if before != after && !(is_json(&before) && is_json(&after)) {
        assert_eq!(paths, [[0_u16; 0]]);
    }
    if let Some(operations) = &operations {
        assert!(is_json(operations));
    }

    let (Some(before), Some(after)) = (parse(&before), parse(&after)) else { return };
    let operations = parse(&operations.expect("both are JSON")).expect("serde_json takes its own values");
    let operations = operations.as_array().expect("a list");
    let mut patched = before.clone();
    operations.iter().for_each(|operation| apply(&mut patched, operation));
    assert!(same(&patched, &after), "{before} {after} {operations:?}");
    assert_eq!(operations.is_empty(), same(&before, &after));
    let told: Vec<_> = operations.iter().filter_map(|operation| operation["path"].as_str()).collect();
    assert_eq!(paths.iter().map(|path| String::from_utf16_lossy(path)).collect::<Vec<_>>(), told);
});
