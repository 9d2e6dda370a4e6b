//! What stays of a session that was destroyed.

use super::{destroy, get, text, tombstone, write, OpenFile};
use crate::store::command::{Answer, Command, Write};

const NOW: i64 = 1_000_000;

impl OpenFile {
    fn text_at(&self, now_ms: i64) -> Option<String> {
        text(self.run_at(now_ms, get("a")))
    }

    fn rows(&self) -> i64 {
        self.number("SELECT count(*) FROM sessions")
    }
}

fn replace(expected: Option<&str>, json_text: &str, expires_at_ms: i64) -> Command {
    Command::CompareAndSet {
        expected: expected.map(str::to_owned),
        write: write("a", json_text, expires_at_ms),
    }
}

fn logout(loaded_birth: Option<&str>) -> Command {
    let birth = loaded_birth.map(str::to_owned);
    Command::Destroy { key: "a".into(), tombstone: tombstone("t", NOW), is_known: true, birth }
}

#[test]
fn a_write_of_a_destroyed_session_that_comes_late_changes_nothing() {
    let store = OpenFile::new();
    store.run_at(NOW, replace(None, "1", NOW + 100));
    store.run_at(NOW, destroy("a", NOW));
    assert!(store.run_at(NOW + 999, replace(None, "1", NOW + 2000)) == Answer::Conflict("t".into()));
    assert!(store.run_at(NOW + 999, replace(Some("1"), "2", NOW + 2000)) == Answer::Gone);
    assert_eq!(store.text_at(NOW + 999), None);
    assert!(
        store.run_at(NOW + 1001, replace(None, "1", NOW + 2000)) == Answer::Done,
        "when its time is over"
    );
}

#[test]
fn a_tombstone_is_replaced_by_whoever_knows_it() {
    let store = OpenFile::new();
    store.run_at(NOW, replace(None, "1", NOW + 100));
    store.run_at(NOW, destroy("a", NOW));
    assert!(store.run_at(NOW + 5, replace(Some("t"), "2", NOW + 100)) == Answer::Done);
    assert!(store.run_at(NOW + 5, replace(Some("t"), "2", NOW + 100)) == Answer::Conflict("2".into()));
    assert_eq!(store.text_at(NOW + 5).as_deref(), Some("2"));
    let times = store
        .connection
        .query_one("SELECT created_at, updated_at FROM sessions", [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(times, Ok((NOW + 5, NOW + 5)), "it is another session");
}

#[test]
fn a_move_leaves_its_own_tombstone_and_knows_it_again() {
    let store = OpenFile::new();
    store.run_at(NOW, replace(None, "1", NOW + 100));
    for _ in 0..2 {
        assert!(store.run_at(NOW, replace(Some("1"), "moved", -(NOW + 1000))) == Answer::Done);
    }
    assert!(store.run_at(NOW, replace(Some("1"), "moved by another", -(NOW + 1000))) == Answer::Gone);
    assert_eq!(store.text_at(NOW), None);
}

#[test]
fn a_tombstone_stays_where_a_session_that_was_loaded_is_gone_and_nowhere_else() {
    let store = OpenFile::new();
    store.run_at(NOW, destroy("a", NOW));
    assert_eq!(store.rows(), 0);
    store.run_at(NOW, logout(None));
    assert!(store.run_at(NOW, replace(None, "1", NOW + 100)) == Answer::Conflict("t".into()));
    store.run_at(NOW + 5, destroy("a", NOW + 5));
    assert!(
        store.run_at(NOW + 1001, replace(None, "1", NOW + 2000)) == Answer::Done,
        "the first one's time counts"
    );
}

#[test]
fn a_logout_that_comes_late_spares_a_session_of_another_birth() {
    let store = OpenFile::new();
    let text = |birth: &str| format!("{{\"doc\":{{\"_rev\":\"1-a\"}},\"_rev\":\"{birth}.r\"}}");
    for (stored, is_spared) in [
        (text("b-2"), true),
        (text("b-1"), false),
        ("{\"doc\":{\"a\":1,\"_rev\":\"x-1.r\"}}".into(), false),
        ("{\"doc\":{\"a\":1,\"_rev\":\"x-1.r\"},\"b\":\"c\"}".into(), false),
        ("{}".into(), false),
    ] {
        store.run_at(NOW, Command::Set(Write { user: None, ..write("a", &stored, NOW + 100) }));
        store.run_at(NOW, logout(Some("b-1")));
        assert_eq!(store.text_at(NOW).is_some(), is_spared, "{stored}");
    }
    store.run_at(NOW, Command::Set(write("a", &text("b-2"), NOW + 100)));
    store.run_at(NOW, logout(None));
    assert_eq!(store.text_at(NOW), None, "nobody knows the birth of what was loaded");
}

#[test]
fn a_sweep_leaves_a_tombstone_until_its_time_is_over_and_nobody_counts_it() {
    let store = OpenFile::new();
    store.run_at(NOW, replace(None, "1", NOW + 5000));
    store.run_at(NOW, destroy("a", NOW));
    let sweep = |now_ms| store.run_at(now_ms, Command::Sweep { limit: 1 });
    assert!(store.run_at(NOW, Command::Count) == Answer::Number(0));
    assert!(sweep(NOW + 999) == Answer::Swept { removed: 0, is_last: true });
    assert_eq!(store.rows(), 1);
    assert!(sweep(NOW + 1000) == Answer::Swept { removed: 1, is_last: false });
    assert_eq!(store.rows(), 0);
}
