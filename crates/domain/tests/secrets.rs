//! A secret cannot be printed, serialised, copied or compared by accident.

#![expect(clippy::disallowed_methods, reason = "the environment says whether this is CI")]

use std::fmt::{Debug, Display, LowerHex, Pointer};
use std::process::Command;

use serde::{Deserialize, Serialize};
use usher_domain::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken};

/// Does not compile if one of the types has one of the traits: then the method to be called is ambiguous. This is so
/// in every version of the compiler.
macro_rules! none_has {
    ([$($type:ty),*], $traits:tt) => { $(none_has!(@one $type, $traits);)* };
    (@one $type:ty, [$($bound:path),*]) => { $({
        trait AmbiguousIf<Marker> {
            fn has_it() {}
        }
        struct Has;
        impl<T: ?Sized> AmbiguousIf<()> for T {}
        impl<T: ?Sized + $bound> AmbiguousIf<Has> for T {}
        <$type as AmbiguousIf<_>>::has_it();
    })* };
}

#[test]
fn secrets_implement_no_trait_that_exposes_text() {
    none_has!(
        [AccessToken, RefreshToken, IdToken, AuthorizationCode, CodeVerifier],
        [
            Debug,
            Display,
            LowerHex,
            Pointer,
            Serialize,
            Deserialize<'static>,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            std::hash::Hash,
            AsRef<str>,
            AsRef<[u8]>,
            std::ops::Deref,
            std::borrow::Borrow<str>,
            Into<String>,
            ToString
        ]
    );
}

/// The same as programs that a person would write. The compiler's messages differ between its versions, so they are
/// compared only with the version that recorded them; `TRYBUILD=overwrite` records them again.
#[test]
fn programs_that_expose_secrets_do_not_compile() {
    const WRITTEN_WITH: &str = "rustc 1.95.";
    const COMPILER: &str = "RUSTC_WORKSPACE_WRAPPER";
    let version = Command::new(option_env!("RUSTC").unwrap_or("rustc")).arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout);
    if !version.starts_with(WRITTEN_WITH) {
        assert!(std::env::var_os("CI").is_none(), "{WRITTEN_WITH} is needed, this is {version}");
        return;
    }
    // With Clippy as the compiler, as in `./dev test`, names of types are written differently.
    if std::env::var_os(COMPILER).is_some() {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "programs_that_expose_secrets_do_not_compile"]).env_remove(COMPILER);
        let again = again.output().unwrap();
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/secrets/*.rs");
}
