use serde_json::Value;

use super::samples::{utf16, Random};
use super::{same_value, Json, ROOT};

fn parse_result(text: &str) -> bool {
    Json::parse(&utf16(text)).is_some()
}

fn same(a: &str, b: &str) -> bool {
    let (a, b) = (utf16(a), utf16(b));
    let (Some(a), Some(b)) = (Json::parse(&a), Json::parse(&b)) else { panic!("no JSON") };
    let forth = same_value(&a, ROOT, &b, ROOT);
    assert_eq!(forth, same_value(&b, ROOT, &a, ROOT));
    forth
}

#[test]
fn takes_exactly_the_texts_that_serde_json_takes() {
    let mut random = Random::new(1);
    let mut taken = 0;
    for _ in 0..40_000 {
        let session = random.session();
        let text = random.spoil(&session.to_string());
        let expected = serde_json::from_str::<Value>(&text).is_ok();
        assert_eq!(parse_result(&text), expected, "{text:?}");
        taken += usize::from(expected);
    }
    assert!((2_000..38_000).contains(&taken), "{taken} were JSON");
}

#[test]
fn takes_what_json_parse_takes_and_serde_json_does_not() {
    for text in [r#""\ud800""#, r#"{"\udc00x":1}"#, "1e999999"] {
        assert!(parse_result(text), "{text}");
    }
    let lone_surrogate = [u16::from(b'"'), 0xd800, u16::from(b'"')];
    assert!(Json::parse(&lone_surrogate).is_some());
}

#[test]
fn parses_and_compares_any_depth_without_a_stack() {
    for (open, value, close) in [("[", "1", "]"), ("{\"a\":", "1", "}")] {
        let text =
            |space: &str| utf16(&format!("{}{value}{space}{}", open.repeat(200_000), close.repeat(200_000)));
        let (a, b) = (text(""), text(" "));
        let (Some(a), Some(b)) = (Json::parse(&a), Json::parse(&b)) else { panic!("no JSON") };
        assert!(same_value(&a, ROOT, &b, ROOT));
        assert!(Json::parse(&utf16(&open.repeat(200_000))).is_none());
    }
}

#[test]
fn every_value_is_found_where_serde_json_finds_it() {
    fn check(json: &Json, index: usize, expected: &Value) {
        let written = String::from_utf16(json.slice(index)).expect("whole characters");
        assert_eq!(serde_json::from_str::<Value>(&written).ok().as_ref(), Some(expected));
        if let Value::Object(object) = expected {
            let members = json.members(index);
            let keys: Vec<_> = members.iter().map(|(key, _)| String::from_utf16_lossy(key)).collect();
            assert_eq!(keys, object.keys().cloned().collect::<Vec<_>>());
            for ((key, value), (_, expected)) in members.iter().zip(object) {
                check(json, value, expected);
                // However wrong the guess.
                assert!((0..object.len() + 2).all(|guess| members.get(key, guess) == Some(value)));
            }
            assert_eq!(members.get(&utf16("no such key"), 0), None);
        }
    }

    let mut random = Random::new(2);
    for _ in 0..5_000 {
        let session = random.session();
        // serde_json's pretty printer writes white space in all places.
        for text in [session.to_string(), format!("{session:#}")] {
            let units = utf16(&text);
            check(&Json::parse(&units).expect("JSON"), ROOT, &session);
        }
    }
}

#[test]
fn of_a_key_that_comes_twice_the_place_is_the_first_and_the_value_the_last() {
    for size in [2, 11, 12, 13, 14, 40] {
        let once: Vec<_> = (0..size).map(|i| format!("\"k{i}\":{i}")).collect();
        let twice: Vec<_> = (0..size).map(|i| format!("\"\\u006b{i}\":-{i}")).collect();
        let text = utf16(&format!("{{{},{}}}", once.join(","), twice.join(",")));
        let json = Json::parse(&text).expect("JSON");
        let members = json.members(ROOT);
        assert_eq!(members.len(), size);
        for (i, (key, value)) in members.iter().enumerate() {
            assert_eq!(key, utf16(&format!("k{i}")));
            assert_eq!(json.slice(value), utf16(&format!("-{i}")));
        }
    }
}

#[test]
fn strings_are_the_same_by_their_units() {
    for (a, b) in [
        (r#""é""#, r#""\u00e9""#),
        (r#""\u00E9""#, r#""\u00e9""#),
        (r#""\/\b\f\n\r\t\"\\""#, r#""/\u0008\u000c\u000a\u000d\u0009\u0022\u005c""#),
        (r#""🦀""#, r#""\ud83e\udd80""#),
        (r#"{"a":[" "]}"#, r#"{"\u0061":["\u0020"]}"#),
    ] {
        assert!(same(a, b), "{a} {b}");
    }
    for (a, b) in [
        (r#""\ud800""#, r#""\udc00""#),
        (r#""\\u0061""#, r#""\u0061""#),
        (r#""1""#, "1"),
        (r#""n""#, r#""\n""#),
    ] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn numbers_are_the_same_by_their_decimal_value() {
    for (a, b) in [
        ("1", "1.0"),
        ("1", "1e0"),
        ("100", "1E+2"),
        ("0.00120", "12e-4"),
        ("-12.50", "-125e-01"),
        ("0", "0.0e99999999999999999999"),
        ("-0", "-0.0"),
        ("1e0000000000000000000001", "10"),
        ("123456789012345678901234567890", "12345678901234567890123456789e1"),
        ("1e999999999999999", "10e999999999999998"),
    ] {
        assert!(same(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("0", "-0"),
        ("1", "-1"),
        ("1", "10"),
        ("101", "11"),
        ("0.1", "0.01"),
        ("1e5", "1e-5"),
        ("9007199254740992", "9007199254740993"),
        ("1e400", "1e401"),
        // Beyond the digits that are calculated with.
        ("1e9999999999999999", "10e9999999999999998"),
    ] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn objects_are_the_same_in_any_order_and_arrays_in_theirs() {
    assert!(same(r#"{"a":1,"b":[{"c":1,"d":2}]}"#, r#"{ "b" : [{"d":2,"c":1}], "a":1 }"#));
    for (a, b) in [
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("[]", "{}"),
        ("{}", r#"{"a":1}"#),
        (r#"{"a":1}"#, r#"{"b":1}"#),
        ("true", "false"),
        ("null", "0"),
    ] {
        assert!(!same(a, b), "{a} {b}");
    }
}
