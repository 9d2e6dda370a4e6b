//! The native engine of egg-session-native: opens, seals, signs and compares sessions, byte for byte.
//!
//! The way of the data. Each step is a module without any JS:
//!
//! ```text
//! cookie value ─► open.rs ─► seal_cbc.rs  decrypt          ┐
//!                        └─► sign.rs      verify           ├─► base64.rs ─► JSON text (UTF-8)
//!                                                          ┘
//! JSON text ─► seal.rs ─► base64.rs ─► seal_cbc.rs encrypt │ sign.rs sign ─► cookie value
//! ```
//!
//! - [`keyring`]: the app keys and all that is derived from them, derived once.
//! - [`seal_cbc`], [`sign`]: egg's encrypted format, and the signatures of Egg and Koa, one key at a time.
//! - [`sealed`]: our own format, authenticated and encrypted; it goes its own way, from text to token.
//! - [`base64`]: encoding, and decoding with exactly Node's leniency.
//! - [`open`], [`seal`]: the flow above, over all keys.
//! - [`diff`], [`merge`]: the changes between two session texts, and the union of two requests' changes.
//!   `json` parses the texts for them.
//! - [`text`]: strings that are copied out of V8 only when and as far as a step needs them.
//! - `store` (feature `sqlite`): sessions in one SQLite file, apart from all of the above.
//! - `binding`, `js_text`: the only modules that touch Node, with `store::binding`.
//!
//! All other formats are those of koa-session@6.4.0 over egg-cookies@2.10.1, and over cookies@0.9.1 and
//! keygrip@1.1.0 with SHA-1. `lib/engine/portable/index.js` gives
//! the same answers with node:crypto, and the tests hold the two against each other.

pub mod base64;
// `#[napi]` registers nothing in a unit test, which would leave these two unused
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
