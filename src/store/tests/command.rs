use super::{destroy, get, text, tombstone, write, OpenFile};
use crate::store::command::{Answer, Command, Spared, Write};
use crate::store::error::StoreError;
use crate::store::statements::STATEMENTS;

const NOW: i64 = 1_000_000;

impl OpenFile {
    fn run(&self, command: Command) -> Answer {
        self.run_at(NOW, command)
    }
}

fn number(answer: Answer) -> u64 {
    match answer {
        Answer::Number(number) => number,
        _ => panic!("not a number"),
    }
}

fn compare_and_set(expected: Option<&str>, write: Write) -> Command {
    Command::CompareAndSet { expected: expected.map(str::to_owned), write }
}

fn of_user(user: &str, write: Write) -> Command {
    Command::Set(Write { user: Some(user.into()), ..write })
}

#[test]
fn a_session_is_there_until_the_millisecond_in_which_it_ends() {
    let store = OpenFile::new();
    store.run(Command::Set(write("a", "{}", NOW + 10)));
    assert_eq!(text(store.run_at(NOW + 9, get("a"))).as_deref(), Some("{}"));
    assert_eq!(text(store.run_at(NOW + 10, get("a"))), None);
    assert_eq!(number(store.run_at(NOW + 9, Command::Count)), 1);
    assert_eq!(number(store.run_at(NOW + 10, Command::Count)), 0);
}

#[test]
fn a_clock_that_goes_back_brings_back_what_was_not_swept() {
    let store = OpenFile::new();
    store.run(Command::Set(write("a", "{}", NOW + 10)));
    assert_eq!(text(store.run_at(NOW + 10, get("a"))), None);
    assert_eq!(text(store.run_at(NOW, get("a"))).as_deref(), Some("{}"));
}

#[test]
fn keys_and_texts_are_kept_to_the_byte() {
    let store = OpenFile::new();
    for key in ["a", "A", "a ", "a\0", "a\0b", "ä", "a\u{308}", "", "'; DROP TABLE sessions; --", "\u{fffd}"]
    {
        store.run(Command::Set(write(key, &format!("{{\"\u{1f600}\":\"\0{key}\"}}"), NOW + 1)));
    }
    assert_eq!(number(store.run(Command::Count)), 10);
    for key in ["a", "A", "a ", "a\0", "a\0b", "ä", "a\u{308}", "", "'; DROP TABLE sessions; --", "\u{fffd}"]
    {
        assert_eq!(text(store.run(get(key))), Some(format!("{{\"\u{1f600}\":\"\0{key}\"}}")));
    }
    assert_eq!(text(store.run(get("b"))), None);
}

#[test]
fn compare_and_set_tells_what_is_there() {
    let store = OpenFile::new();
    let write_at = |json| write("a", json, NOW + 10);
    assert!(store.run(compare_and_set(Some("0"), write_at("1"))) == Answer::Gone);
    assert!(store.run(compare_and_set(None, write_at("1"))) == Answer::Done);
    assert!(store.run(compare_and_set(None, write_at("2"))) == Answer::Conflict("1".into()));
    assert!(store.run(compare_and_set(Some("0"), write_at("2"))) == Answer::Conflict("1".into()));
    assert!(store.run(compare_and_set(Some("1"), write_at("2"))) == Answer::Done);
    assert!(store.run(compare_and_set(Some("2"), write_at("2"))) == Answer::Done);
    assert!(store.run(compare_and_set(Some("2 "), write_at("3"))) == Answer::Conflict("2".into()));
    store.run(destroy("a", NOW));
    assert!(store.run(compare_and_set(Some("2"), write_at("3"))) == Answer::Gone);
    assert_eq!(text(store.run(get("a"))), None);
}

#[test]
fn a_session_that_has_ended_is_neither_compared_nor_in_the_way() {
    let store = OpenFile::new();
    store.run(Command::Set(write("a", "1", NOW + 10)));
    assert!(store.run_at(NOW + 10, compare_and_set(Some("1"), write("a", "2", NOW + 30))) == Answer::Gone);
    assert!(store.run_at(NOW + 10, compare_and_set(None, write("a", "3", NOW + 30))) == Answer::Done);
    assert_eq!(text(store.run_at(NOW + 20, get("a"))).as_deref(), Some("3"));
}

#[test]
fn a_row_remembers_when_its_session_was_made_and_written() {
    let store = OpenFile::new();
    let times =
        || (store.number("SELECT created_at FROM sessions"), store.number("SELECT updated_at FROM sessions"));
    store.run_at(5, Command::Set(write("a", "1", 100)));
    store.run_at(6, Command::Set(write("a", "1", 100)));
    assert_eq!(times(), (5, 6));
    store.run_at(7, compare_and_set(Some("1"), write("a", "2", 100)));
    assert_eq!(times(), (5, 7));
    store.run_at(100, Command::Set(write("a", "3", 200)));
    assert_eq!(times(), (100, 100), "another session under the key of one that has ended");
    store.run_at(200, compare_and_set(None, write("a", "4", 300)));
    assert_eq!(times(), (200, 200));
}

#[test]
fn a_user_is_listed_counted_and_destroyed_alone() {
    let store = OpenFile::new();
    store.run_at(NOW, of_user("u", write("a", "{\"x\":\"\\u0000\"}", NOW + 100)));
    store.run_at(NOW + 1, of_user("u", write("b", "2", NOW + 100)));
    store.run_at(NOW + 2, of_user("u", write("ended", "3", NOW + 10)));
    store.run_at(NOW + 3, of_user("U", write("other", "4", NOW + 100)));
    store.run_at(NOW + 3, Command::Set(write("nobody's", "5", NOW + 100)));

    let list = |limit| text(store.run_at(NOW + 10, Command::List { user: "u".into(), limit }));
    let b = r#"{"key":"b","text":"2","createdAt":1000001,"updatedAt":1000001,"expiresAt":1000100}"#;
    let a = r#"{"key":"a","text":"{\"x\":\"\\u0000\"}","createdAt":1000000,"updatedAt":1000000,"expiresAt":1000100}"#;
    assert_eq!(list(10), Some(format!("[{b},{a}]")));
    assert_eq!(list(1), Some(format!("[{b}]")));
    assert_eq!(list(0).as_deref(), Some("[]"));

    let destroy = Command::DestroyUser { user: "u".into(), except: None, tombstone: tombstone("t", NOW) };
    assert_eq!(number(store.run_at(NOW + 10, destroy)), 2);
    assert_eq!(list(10).as_deref(), Some("[]"));
    assert_eq!(number(store.run_at(NOW + 10, Command::Count)), 2);
    assert_eq!(store.number("SELECT count(*) FROM sessions WHERE json = 't' AND user IS NULL"), 2);
}

#[test]
fn one_session_of_a_user_is_spared_by_its_key_or_the_hash_of_it() {
    for (spared, others) in [("key", "b"), ("prefix:HASH", "HASH:b"), ("HASH", "HASH2")] {
        let store = OpenFile::new();
        for key in [spared, others, "keys", "a"] {
            store.run_at(NOW, of_user("u", write(key, "1", NOW + 100)));
        }
        store.run_at(NOW, of_user("v", write("v", "1", NOW + 100)));
        let except = Some(Spared { key: "key".into(), hash: "HASH".into() });
        let destroy = Command::DestroyUser { user: "u".into(), except, tombstone: tombstone("t", NOW) };
        assert_eq!(number(store.run_at(NOW + 10, destroy)), 3);
        assert_eq!(text(store.run_at(NOW + 10, get(spared))).as_deref(), Some("1"));
        assert_eq!(text(store.run_at(NOW + 10, get("v"))).as_deref(), Some("1"));
    }
}

#[test]
fn a_session_changes_its_user_with_its_text() {
    let store = OpenFile::new();
    let sessions_of = |user: &str| {
        let list = text(store.run(Command::List { user: user.into(), limit: 9 }));
        list.map(|json| json.matches("\"key\"").count())
    };
    store.run(of_user("u", write("a", "1", NOW + 100)));
    store.run(of_user("v", write("a", "1", NOW + 100)));
    assert_eq!((sessions_of("u"), sessions_of("v")), (Some(0), Some(1)));
    store.run(compare_and_set(Some("1"), Write { user: Some("w".into()), ..write("a", "2", NOW + 100) }));
    assert_eq!((sessions_of("v"), sessions_of("w")), (Some(0), Some(1)));
    store.run(Command::Set(write("a", "1", NOW + 100)));
    assert_eq!(sessions_of("w"), Some(0));
}

fn sweep(store: &OpenFile, now_ms: i64, limit: u32) -> (u32, bool) {
    match store.run_at(now_ms, Command::Sweep { limit }) {
        Answer::Swept { removed, is_last } => (removed, is_last),
        _ => panic!("not a sweep"),
    }
}

#[test]
fn a_sweep_takes_the_longest_ended_first_and_no_more_than_asked() {
    let store = OpenFile::new();
    for n in 0..10 {
        store.run(Command::Set(write(&n.to_string(), "1", NOW + 10 - n)));
    }
    assert_eq!(sweep(&store, NOW, 100), (0, true));
    assert_eq!(sweep(&store, NOW + 5, 3), (3, false));
    assert_eq!(store.number("SELECT min(expires_at) FROM sessions"), NOW + 4);
    assert_eq!(sweep(&store, NOW + 5, 100), (2, true));
    assert_eq!(store.number("SELECT count(*) FROM sessions"), 5);
}

#[test]
fn a_sweep_passes_over_what_was_prolonged_and_comes_back_when_it_ends() {
    let store = OpenFile::new();
    store.run(Command::Set(write("a", "1", NOW + 10)));
    store.run(Command::Set(write("a", "2", NOW + 30)));
    assert_eq!(store.number("SELECT sweep_at FROM sessions"), NOW + 10, "the index was left alone");
    assert_eq!(number(store.run_at(NOW + 10, Command::Count)), 1);
    assert_eq!(sweep(&store, NOW + 10, 1), (0, false));
    assert_eq!(store.number("SELECT sweep_at FROM sessions"), NOW + 30);
    assert_eq!(sweep(&store, NOW + 29, 1), (0, true));
    assert_eq!(sweep(&store, NOW + 30, 1), (1, false));
}

#[test]
fn a_session_that_is_shortened_is_swept_in_time() {
    let store = OpenFile::new();
    for (now_ms, shorten) in [
        (NOW, Command::Set(write("a", "2", NOW + 10))),
        (NOW, compare_and_set(Some("1"), write("a", "2", NOW + 10))),
    ] {
        store.run_at(now_ms, Command::Set(write("a", "1", NOW + 30)));
        store.run_at(now_ms, shorten);
        assert_eq!(sweep(&store, NOW + 9, 1), (0, true));
        assert_eq!(number(store.run_at(NOW + 10, Command::Count)), 0);
        assert_eq!(sweep(&store, NOW + 10, 1), (1, false));
    }
}

#[test]
fn no_row_is_due_later_than_it_ends() {
    let store = OpenFile::new();
    for (now_ms, expires_at_ms) in
        [(5, 50), (6, 60), (7, 40), (45, 90), (50, 55), (60, 100), (61, 101), (10, 20)]
    {
        for command in [
            Command::Set(write("a", "1", expires_at_ms)),
            of_user("u", write("b", "1", expires_at_ms)),
            compare_and_set(Some("1"), write("c", "1", expires_at_ms)),
            compare_and_set(None, write("c", "1", expires_at_ms)),
        ] {
            store.run_at(now_ms, command);
            assert_eq!(store.number("SELECT count(*) FROM sessions WHERE sweep_at > expires_at"), 0);
        }
        sweep(&store, now_ms, 100);
        assert_eq!(store.number("SELECT count(*) FROM sessions WHERE sweep_at > expires_at"), 0);
        let alive = format!("SELECT count(*) FROM sessions WHERE expires_at > {now_ms}");
        assert_eq!(number(store.run_at(now_ms, Command::Count)) as i64, store.number(&alive));
    }
}

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let store = OpenFile::new();
    for sql in STATEMENTS {
        let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        for index in 1..=statement.parameter_count() {
            statement.raw_bind_parameter(index, 1).expect("a parameter");
        }
        let steps: Vec<String> =
            statement.raw_query().mapped(|row| row.get("detail")).collect::<Result<_, _>>().expect("steps");
        let reads_tables = |step: &&String| step.contains("sessions") && !step.contains("subquery");
        assert!(steps.iter().filter(reads_tables).all(|step| step.starts_with("SEARCH")), "{sql}: {steps:?}");
    }
}

#[test]
fn a_row_that_we_cannot_have_written_is_told_as_damage() {
    let store = OpenFile::new();
    store
        .connection
        .execute("INSERT INTO sessions VALUES (1, 'a', CAST(x'ff' AS TEXT), NULL, 1, 1, ?1, ?1)", [NOW + 1])
        .expect("a row");
    assert_eq!(get("a").run(&store.connection, NOW).err(), Some(StoreError::Corrupt));
}
