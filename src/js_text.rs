//! JS strings in and out of V8.
//!
//! In: JS strings, copied into a buffer that lives from call to call. napi's own `String` asks V8 twice (length, then
//! content) and allocates, which costs five times as much. Out: JS strings, created as Latin-1 if every unit is below
//! U+0100.
//!
//! A value that is not a string reads as empty, and an empty value opens nothing. `lib/engine/native/index.js` has
//! checked the types of an app's arguments.

#![allow(unsafe_code, reason = "napi offers these reads and writes only as Node's C functions")]

use std::os::raw::c_char;

use crate::text::Text;
use napi::bindgen_prelude::{check_status, FromNapiValue, Result, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{sys, Env, ValueType};

/// The buffer's free bytes at the first try. V8 writes UTF-8 fastest if three bytes for each UTF-16 unit fit.
const FIRST_TRY_BYTES: usize = 16 * 1024;
/// Bytes of the longest character in UTF-8. V8 writes whole characters, so up to this many bytes of a full buffer stay
/// unused.
const CHARACTER_BYTES: usize = 4;

/// A JS string that is not read yet. It is valid only during the call that received it.
pub(crate) struct JsText {
    env: sys::napi_env,
    value: sys::napi_value,
}

impl JsText {
    /// Appends the text that `read`, a function of Node-API, writes: the text and a closing NUL, cut to the buffer's
    /// length. `read` also gives the number of bytes that it wrote, or, without a buffer, the number that it needs.
    fn append(
        &self,
        to: &mut Vec<u8>,
        read: impl Fn(sys::napi_env, sys::napi_value, *mut c_char, usize, *mut usize) -> sys::napi_status,
    ) {
        to.reserve(FIRST_TRY_BYTES);
        loop {
            let spare = to.spare_capacity_mut();
            let mut written = 0;
            let status = read(self.env, self.value, spare.as_mut_ptr().cast(), spare.len(), &mut written);
            if status != sys::Status::napi_ok {
                return;
            }
            if written + CHARACTER_BYTES < spare.len() {
                // SAFETY: V8 has initialised `written` bytes behind the old length, within the capacity.
                unsafe { to.set_len(to.len() + written) };
                return;
            }
            let mut needed = 0;
            read(self.env, self.value, std::ptr::null_mut(), 0, &mut needed);
            to.reserve(needed + CHARACTER_BYTES + 1);
        }
    }
}

impl Text for JsText {
    fn append_utf8(&self, to: &mut Vec<u8>) {
        // SAFETY: `append` hands on the running call's `env` and `value`, and a buffer with its length.
        self.append(to, |env, value, buffer, length, written| unsafe {
            sys::napi_get_value_string_utf8(env, value, buffer, length, written)
        });
    }

    fn append_low_bytes(&self, to: &mut Vec<u8>) {
        // Node-API keeps the low byte of wider characters, as Node's base64 decoder does
        // SAFETY: as in `append_utf8`.
        self.append(to, |env, value, buffer, length, written| unsafe {
            sys::napi_get_value_string_latin1(env, value, buffer, length, written)
        });
    }
}

impl FromNapiValue for JsText {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        Ok(Self { env, value })
    }
}

impl TypeName for JsText {
    fn type_name() -> &'static str {
        "String"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for JsText {}

/// A JS string that is returned to JS.
pub(crate) struct JsString(sys::napi_value);

impl JsString {
    /// Returns a received string, without a copy.
    pub(crate) fn same(text: &JsText) -> Self {
        Self(text.value)
    }

    /// Creates a string as `Buffer#toString('utf8')` does: each maximal subpart of invalid UTF-8 becomes U+FFFD.
    pub(crate) fn from_utf8(env: Env, utf8: &[u8]) -> Result<Self> {
        if utf8.is_ascii() {
            return Self::from_latin1(env, utf8);
        }
        let Ok(text) = std::str::from_utf8(utf8) else {
            // SAFETY: `create` hands on the running call's `env`, and text with its length, which V8 copies.
            return Self::create(env, utf8, |env, text, length, value| unsafe {
                sys::napi_create_string_utf8(env, text.cast(), length, value)
            });
        };
        // V8's own UTF-8 decoder takes four times as long as decoding here
        let mut units = Vec::with_capacity(utf8.len());
        units.extend(text.encode_utf16());
        if units.iter().fold(0, |seen, unit| seen | unit) > 0xff {
            // SAFETY: as for invalid UTF-8 above.
            return Self::create(env, &units, |env, text, length, value| unsafe {
                sys::napi_create_string_utf16(env, text, length, value)
            });
        }
        let latin1: Vec<u8> = units.iter().map(|&unit| unit as u8).collect();
        Self::from_latin1(env, &latin1)
    }

    fn from_latin1(env: Env, latin1: &[u8]) -> Result<Self> {
        // SAFETY: as in `from_utf8`.
        Self::create(env, latin1, |env, text, length, value| unsafe {
            sys::napi_create_string_latin1(env, text.cast(), length, value)
        })
    }

    fn create<T>(
        env: Env,
        text: &[T],
        create: impl FnOnce(sys::napi_env, *const T, isize, *mut sys::napi_value) -> sys::napi_status,
    ) -> Result<Self> {
        let mut value = std::ptr::null_mut();
        check_status!(create(env.raw(), text.as_ptr(), text.len() as isize, &mut value))?;
        Ok(Self(value))
    }
}

impl ToNapiValue for JsString {
    unsafe fn to_napi_value(_env: sys::napi_env, string: Self) -> Result<sys::napi_value> {
        Ok(string.0)
    }
}
