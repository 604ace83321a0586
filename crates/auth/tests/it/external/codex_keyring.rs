//! A Codex that stores its sign-in in a real keyring (see `crate::store::keyring`).

use std::fs;
use std::time::Instant;

use keyring_core::api::CredentialStoreApi as _;
use sha2::{Digest as _, Sha256};
use usher_domain::ErrorCode;

use super::codex::{AUTH, name, read, signed_in, with_config};
use super::support::{Computer, LATER, MARK, codex_file};
use crate::store::keyring::{LIMIT, is_inside, lock_keyring, on_own_bus, start_keyring};

/// Writes a keyring entry as Codex does: its own service, and the name of the entry of protocol §6.
fn put_into_keyring(computer: &Computer, text: &str) {
    let home = computer.home.path().join(".codex").canonicalize().unwrap();
    let digest = format!("{:x}", Sha256::digest(home.to_str().unwrap()));
    let store = zbus_secret_service_keyring_store::Store::new().unwrap();
    let entry = store.build("Codex Auth", &format!("cli|{}", &digest[..16]), None).unwrap();
    entry.set_password(text).unwrap();
}

#[test]
fn codex_sign_in_in_keyring_is_read() {
    on_own_bus("external::codex_keyring::in_keyring_inside");
}

#[test]
#[ignore = "run on a bus of its own"]
fn in_keyring_inside() {
    if !is_inside() {
        return;
    }
    start_keyring(Some("password"));
    // Another user is in the file, which counts only if the keyring has no entry and the mode allows it.
    let keyring = with_config("cli_auth_credentials_store = \"keyring\"");
    let auto = with_config("cli_auth_credentials_store = \"auto\"");
    assert_eq!(name(&read(&keyring)), "signed out");
    assert_eq!(signed_in(&auto).account.user_id, "user-ada");
    for computer in [&keyring, &auto] {
        put_into_keyring(computer, &codex_file("kay", LATER).to_string());
        let sign_in = signed_in(computer);
        assert_eq!(sign_in.account.user_id, "user-kay");
        assert_eq!(sign_in.path, computer.home.path().join(".codex"));
        assert_eq!(computer.one().email.as_deref(), Some("kay@example.com"));
    }
    put_into_keyring(&keyring, &format!("{{\"tokens\":\"{MARK}"));
    let failure = read(&keyring).err().unwrap();
    assert_eq!(failure.code, ErrorCode::MalformedAnswer);
    assert!(!failure.cause.contains(MARK));

    lock_keyring();
    let began = Instant::now();
    assert_eq!(read(&keyring).err().unwrap().code, ErrorCode::StoreLocked);
    assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    assert_eq!(signed_in(&auto).account.user_id, "user-ada", "as Codex does it");
    fs::remove_file(auto.home.path().join(AUTH)).unwrap();
    assert_eq!(read(&auto).err().unwrap().code, ErrorCode::StoreLocked, "it may be there");
}
