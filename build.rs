//! Passes the linker what a Node addon needs on this platform.

use std::env;

fn main() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // For this ABI napi-build links `libnode.dll`, which Node does not ship. The addon looks up Node's functions when it is
    // loaded (`dyn-symbols`), so there is nothing to link.
    if is("CARGO_CFG_TARGET_OS", "windows") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    napi_build::setup();
}
