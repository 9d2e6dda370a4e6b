use super::*;

#[test]
fn needs_a_key() {
    assert!(Keyring::derive::<&str>(&[]).is_none());
    assert!(Keyring::derive(&["key"]).is_some());
}

#[test]
fn keys_keep_their_order() {
    let keyring = Keyring::derive(&["new", "old", "older"]).into_iter().next();
    for (index, key) in ["new", "old", "older"].into_iter().enumerate() {
        let alone = DerivedKey::derive(key.as_bytes());
        for hash in [Hash::Sha256, Hash::Sha1] {
            let mut signature = Vec::new();
            alone.sign.sign(hash, b"data", &mut signature);
            let found =
                keyring.as_ref().and_then(|keys| keys.verify(hash, b"data", &signature, &mut Vec::new()));
            assert_eq!(found, Some(index));
        }
    }
}

#[test]
fn the_same_key_twice_is_found_first() {
    let keyring = Keyring::derive(&["same", "same"]).into_iter().next();
    let mut sealed = b"data".to_vec();
    DerivedKey::derive(b"same").cbc.encrypt(&mut sealed);
    let mut plain = Vec::new();
    assert_eq!(keyring.and_then(|keys| keys.decrypt(&sealed, &mut plain)), Some(0));
    assert_eq!(plain, b"data");
}

#[test]
fn an_unknown_key_finds_nothing() {
    let keyring = Keyring::derive(&["new", "old"]).into_iter().next();
    for hash in [Hash::Sha256, Hash::Sha1] {
        let mut signature = Vec::new();
        DerivedKey::derive(b"stranger").sign.sign(hash, b"data", &mut signature);
        let found = keyring.as_ref().map(|keys| keys.verify(hash, b"data", &signature, &mut Vec::new()));
        assert_eq!(found, Some(None));
    }
}
