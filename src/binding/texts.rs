//! Diff and merge for Node. Texts cross as UTF-16, V8's own form, because UTF-8 cannot hold lone surrogates.

use napi::bindgen_prelude::Utf16String;
use napi_derive::napi;

use crate::diff;
use crate::merge::{self, Merged};

/// See [`diff::operations`].
#[napi(catch_unwind)]
fn diff_texts(before: Utf16String, after: Utf16String) -> Option<Utf16String> {
    diff::operations(&before, &after).map(Utf16String::from)
}

/// See [`diff::changed_paths`].
#[napi(catch_unwind)]
fn changed_paths(before: Utf16String, after: Utf16String) -> Vec<Utf16String> {
    diff::changed_paths(&before, &after).into_iter().map(Utf16String::from).collect()
}

/// See [`merge::merge`]. The answer is the merged text, followed by the conflicts.
#[napi(catch_unwind)]
fn merge_texts(base: Utf16String, mine: Utf16String, theirs: Utf16String) -> Vec<Utf16String> {
    let Merged { text, conflicts } = merge::merge(&base, &mine, &theirs);
    std::iter::once(text).chain(conflicts).map(Utf16String::from).collect()
}
