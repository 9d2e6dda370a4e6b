//! Passes the linker what a Node addon needs on this platform.

fn main() {
    napi_build::setup();
    // A library of macOS carries a name. By default that is the path that it was linked to, on the machine that built it.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        for arg in ["-install_name", "@rpath/egg-session-native.node"] {
            println!("cargo:rustc-cdylib-link-arg={arg}");
        }
    }
}
