//! The native engine of egg-session-native: opens, seals, signs, compares and merges sessions.
//!
//! The flow of a cookie. Each step is a module without any JS:
//!
//! ```text
//! cookie value ─► open.rs ─► seal_cbc.rs  decrypt          ┐
//!                        └─► sign.rs      verify           ├─► base64.rs ─► JSON text (UTF-8)
//!                                                          ┘
//! JSON text ─► seal.rs ─► base64.rs ─► seal_cbc.rs encrypt │ sign.rs sign ─► cookie value
//! ```
//!
//! - [`keyring`]: the app keys and the keys derived from them.
//! - [`seal_cbc`]: Egg's encrypted format, under one key.
//! - [`sign`]: the signatures of Egg and of Koa, under one key.
//! - [`sealed`]: our own format, authenticated and encrypted. The flow above does not use it.
//! - [`base64`]: encoding, and decoding as lenient as Node's.
//! - [`open`], [`seal`]: the flow above, over all keys.
//! - [`diff`], [`merge`]: the changes between two session texts, and the union of two requests' changes.
//!   `json` parses the texts for them.
//! - [`text`]: strings that are copied out of V8 only when a step needs them.
//! - `store` (feature `sqlite`): sessions in one SQLite file. It uses none of the modules above.
//! - `binding`, `js_text` and `store::binding`: the only modules that touch Node.
//!
//! Encrypted and plain cookies are those of koa-session@6.4.0 over egg-cookies@2.10.1. Signed cookies are those of
//! egg-cookies (SHA-256), or those of cookies@0.9.1 and keygrip@1.1.0 (SHA-1). `docs/format.md` specifies all formats.
//! `lib/engine/portable/index.js` gives the same answers with node:crypto; tests compare the two engines.

pub mod base64;
// `#[napi]` registers nothing in a unit test, so `binding` and `js_text` would be unused there
#[cfg(not(test))]
mod binding;
pub mod diff;
#[cfg(not(test))]
mod js_text;
mod json;
pub mod keyring;
pub mod merge;
pub mod open;
pub mod seal;
pub mod seal_cbc;
pub mod sealed;
pub mod sign;
#[cfg(feature = "sqlite")]
pub mod store;
#[cfg(test)]
mod testing;
pub mod text;
