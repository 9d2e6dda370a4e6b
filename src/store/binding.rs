//! The store's functions that Node calls. Each converts its arguments and hands them on. `lib/stores/sqlite/store.js`,
//! the only caller, has checked their types. `catch_unwind` turns a panic into a JS exception.
//!
//! A call carries a number and returns at once. The answers of a whole transaction come back in one call of
//! `on_answers`, so that the event loop wakes once for all of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{Either3, External, FnArgs, Function, Null};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::Env;
use napi_derive::napi;

use super::command::{Answer, Command, Spared, Tombstone, Write};
use super::error::StoreError;
use super::lane::Completion;
use super::{Options, Store};
use crate::js_text::JsString;

/// For each call its number, its outcome, and the text of its answer.
type Answers = FnArgs<(Vec<u32>, Vec<u32>, Vec<Option<String>>)>;
type Result<T> = std::result::Result<T, napi::Error<&'static str>>;

/// The outcome of a call. `lib/stores/sqlite/calls.js` has the same numbers.
#[derive(Clone, Copy)]
enum Outcome {
    Done,
    Text,
    Conflict,
    Gone,
    Failed,
}

/// A store until it is closed.
#[derive(Clone)]
pub struct StoreHandle(Arc<Mutex<Option<Store>>>);

impl StoreHandle {
    fn lock(&self) -> MutexGuard<'_, Option<Store>> {
        // nothing is half done when a panic leaves the lock
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Store> {
        self.lock().take()
    }

    fn submit(&self, id: u32, now_ms: f64, command: Command) -> Result<()> {
        let store = self.lock();
        let store = store.as_ref().ok_or(StoreError::Closed).map_err(to_js)?;
        store.submit(id, now_ms as i64, command).map_err(to_js)
    }
}

fn to_js(error: StoreError) -> napi::Error<&'static str> {
    napi::Error::new(error.code(), error.to_string())
}

fn failed(_: napi::Error) -> napi::Error<&'static str> {
    to_js(StoreError::Failed(0))
}

fn encode(completions: Vec<Completion>) -> Answers {
    let mut ids = Vec::with_capacity(completions.len());
    let mut outcomes = Vec::with_capacity(completions.len());
    let mut texts = Vec::with_capacity(completions.len());
    for (id, answer) in completions {
        let (outcome, text) = match answer {
            Ok(Answer::Done) => (Outcome::Done, None),
            Ok(Answer::Text(text)) => (Outcome::Text, text),
            Ok(Answer::Number(number)) => (Outcome::Text, Some(number.to_string())),
            Ok(Answer::Swept { removed, is_last }) => {
                (Outcome::Text, Some(format!("{{\"removed\":{removed},\"isLast\":{is_last}}}")))
            }
            Ok(Answer::Conflict(text)) => (Outcome::Conflict, Some(text)),
            Ok(Answer::Gone) => (Outcome::Gone, None),
            Err(error) => (Outcome::Failed, Some(format!("{} {error}", error.code()))),
        };
        ids.push(id);
        outcomes.push(outcome as u32);
        texts.push(text);
    }
    (ids, outcomes, texts).into()
}

/// Opens the file, blocking. Neither the store nor its threads keep Node running.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "called once; sqlite_calls.js names them")]
fn open_sqlite_store(
    env: Env,
    path: String,
    synchronous_full: bool,
    busy_timeout_ms: u32,
    queue_limit: u32,
    max_file_bytes: Option<f64>,
    on_answers: Function<Answers, ()>,
) -> Result<External<StoreHandle>> {
    let on_answers = on_answers
        .build_threadsafe_function::<Vec<Completion>>()
        .weak::<true>()
        .build_callback(|context| Ok(encode(context.value)))
        .map_err(failed)?;
    let sink = move |completions| {
        // without a queue limit it never blocks; at the environment's end there is nobody left to tell
        on_answers.call(completions, ThreadsafeFunctionCallMode::NonBlocking);
    };
    let options = Options {
        path: path.into(),
        synchronous_full,
        busy_timeout: Duration::from_millis(busy_timeout_ms.into()),
        max_file_bytes: max_file_bytes.map(|bytes| bytes as u64),
        queue_limit: queue_limit as usize,
    };
    let store = Store::open(options, Arc::new(sink)).map_err(to_js)?;
    let handle = StoreHandle(Arc::new(Mutex::new(Some(store))));
    // A thread of ours must not outlive the environment, which may be a worker thread's: its code gets unloaded.
    env.add_env_cleanup_hook(handle.clone(), |handle| {
        if let Some(store) = handle.take() {
            store.close_now();
        }
    })
    .map_err(failed)?;
    Ok(External::new(handle))
}

/// See [`Store::get_now`]. For each key the text, null if there is no session, undefined if the answer would have to
/// wait.
#[napi(catch_unwind)]
fn sqlite_get_now(
    env: Env,
    handle: &External<StoreHandle>,
    now_ms: f64,
    keys: Vec<String>,
) -> Result<Vec<Either3<JsString, Null, ()>>> {
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let found = match handle.lock().as_ref() {
        Some(store) => store.get_now(&keys, now_ms as i64),
        None => vec![None; keys.len()],
    };
    let to_js = |text: Option<Option<String>>| {
        Ok(match text {
            Some(Some(text)) => Either3::A(JsString::from_utf8(env, text.as_bytes()).map_err(failed)?),
            Some(None) => Either3::B(Null),
            None => Either3::C(()),
        })
    };
    found.into_iter().map(to_js).collect()
}

/// See [`Command::Get`].
#[napi(catch_unwind)]
fn sqlite_get(handle: &External<StoreHandle>, id: u32, now_ms: f64, key: String) -> Result<()> {
    handle.submit(id, now_ms, Command::Get { key })
}

/// See [`Command::Set`].
#[napi(catch_unwind)]
fn sqlite_set(
    handle: &External<StoreHandle>,
    id: u32,
    now_ms: f64,
    key: String,
    json_text: String,
    expires_at_ms: f64,
    user: Option<String>,
) -> Result<()> {
    let write = Write { key, json_text, expires_at_ms: expires_at_ms as i64, user };
    handle.submit(id, now_ms, Command::Set(write))
}

/// See [`Command::CompareAndSet`].
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would cost more to read than the call does")]
fn sqlite_compare_and_set(
    handle: &External<StoreHandle>,
    id: u32,
    now_ms: f64,
    key: String,
    expected: Option<String>,
    json_text: String,
    expires_at_ms: f64,
    user: Option<String>,
) -> Result<()> {
    let write = Write { key, json_text, expires_at_ms: expires_at_ms as i64, user };
    handle.submit(id, now_ms, Command::CompareAndSet { expected, write })
}

/// See [`Command::Destroy`].
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would cost more to read than the call does")]
fn sqlite_destroy(
    handle: &External<StoreHandle>,
    id: u32,
    now_ms: f64,
    key: String,
    tombstone: String,
    until_ms: f64,
    is_known: bool,
    birth: Option<String>,
) -> Result<()> {
    let tombstone = Tombstone { text: tombstone, until_ms: until_ms as i64 };
    handle.submit(id, now_ms, Command::Destroy { key, tombstone, is_known, birth })
}

/// See [`Command::DestroyUser`].
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would cost more to read than the call does")]
fn sqlite_destroy_user(
    handle: &External<StoreHandle>,
    id: u32,
    now_ms: f64,
    user: String,
    tombstone: String,
    until_ms: f64,
    spared_key: Option<String>,
    spared_hash: Option<String>,
) -> Result<()> {
    let tombstone = Tombstone { text: tombstone, until_ms: until_ms as i64 };
    let except = spared_key.zip(spared_hash).map(|(key, hash)| Spared { key, hash });
    handle.submit(id, now_ms, Command::DestroyUser { user, except, tombstone })
}

/// See [`Command::List`].
#[napi(catch_unwind)]
fn sqlite_list(handle: &External<StoreHandle>, id: u32, now_ms: f64, user: String, limit: u32) -> Result<()> {
    handle.submit(id, now_ms, Command::List { user, limit })
}

/// See [`Command::Count`].
#[napi(catch_unwind)]
fn sqlite_count(handle: &External<StoreHandle>, id: u32, now_ms: f64) -> Result<()> {
    handle.submit(id, now_ms, Command::Count)
}

/// See [`Command::Sweep`].
#[napi(catch_unwind)]
fn sqlite_sweep(handle: &External<StoreHandle>, id: u32, now_ms: f64, limit: u32) -> Result<()> {
    handle.submit(id, now_ms, Command::Sweep { limit })
}

/// Closes the file once everything queued is answered, and answers then.
#[napi(catch_unwind)]
fn sqlite_close(handle: &External<StoreHandle>, id: u32) -> Result<()> {
    let store = handle.take().ok_or(StoreError::Closed).map_err(to_js)?;
    store.close_aside(id).map_err(to_js)
}
