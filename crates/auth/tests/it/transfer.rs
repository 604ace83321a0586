//! A full disk costs nothing, in either direction.

use std::sync::Arc;

use usher_auth::{TransferRequest, Transfers};
use usher_domain::{ErrorCode, Passphrase};

use crate::support::small_disk::{SmallDisk, has_leftovers};
use crate::support::{World, file_store, token};

fn passphrase() -> Arc<Passphrase> {
    Arc::new(Passphrase::new("seven lanterns over the bay"))
}

fn transfers(world: &World) -> Arc<Transfers> {
    let (store, endpoints) = (world.store.clone(), world.provider.endpoints.clone());
    Arc::new(Transfers::new(store, endpoints, world.clock.clone()))
}

#[tokio::test]
async fn full_disk_leaves_the_sign_in_where_it_is() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    let account = world.sign_in("ada").await;
    let file = world.home.path().join("transfer.json");
    let request = || TransferRequest {
        file: file.clone(),
        passphrase: passphrase(),
        settings: String::new(),
        with_sign_ins: true,
    };
    disk.fill();
    let full = transfers(&world).send(request()).await.unwrap_err();
    assert_eq!(full.code, ErrorCode::StoreUnavailable, "{full}");
    assert!(!file.exists() && !has_leftovers(world.home.path()));
    assert!(token(&world.source(&account)).await.is_ok(), "nothing was frozen");
    disk.empty();
    transfers(&world).send(request()).await.unwrap();
    let moved = token(&world.source(&account)).await.map(drop).unwrap_err();
    assert_eq!(moved.code, ErrorCode::SignInMoved);

    disk.fill();
    let sealed = std::fs::read(&file).unwrap();
    let full = transfers(&world).receive(file.clone(), passphrase(), false).await.unwrap_err();
    assert_eq!(full.code, ErrorCode::StoreUnavailable, "{full}");
    assert_eq!(std::fs::read(&file).unwrap(), sealed, "nobody has taken it");
    disk.empty();
    let received = transfers(&world).receive(file.clone(), passphrase(), false).await.unwrap();
    transfers(&world).finish(&received).await.unwrap();
    assert!(token(&world.source(&account)).await.is_ok());
}
