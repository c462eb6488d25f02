//! Daily copies.

use std::fs;
use std::path::Path;

use super::{Replica, meeting, noon};
use crate::{OpenOptions, Store, StoreError};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn one_copy_a_day_and_seven_are_kept() {
    let replica = Replica::new().await;
    let folder = replica.folder.path().join("backups");
    for day in 0..10 {
        let copy = replica.store.backup_if_due(noon(day)).await.unwrap().unwrap();
        assert_eq!(copy.file_name().unwrap().to_str().unwrap(), format!("synodic-2026-06-{:02}.db", day + 1));
        assert_eq!(replica.store.backup_if_due(noon(day)).await.unwrap(), None);
        if day == 0 {
            fs::write(folder.join("synodic-of-my-own.db"), "kept").unwrap();
            fs::write(folder.join("unfinished.db"), "of a crash").unwrap();
        }
    }
    let mut expected: Vec<_> = (4..=10).map(|day| format!("synodic-2026-06-{day:02}.db")).collect();
    expected.push("synodic-of-my-own.db".to_owned());
    assert_eq!(names(&folder), expected);
}

#[tokio::test]
async fn a_copy_is_a_replica() {
    let kept = meeting(1, 1);
    let replica = Replica::with_events(std::slice::from_ref(&kept)).await;
    // A copy holds what was committed, and does not wait for who is writing.
    let mut transaction = replica.edit().await;
    transaction.put_event(&meeting(2, 2)).await.unwrap();
    let copy = replica.store.backup_if_due(noon(1)).await.unwrap().unwrap();
    drop(transaction);

    replica.store.close().await;
    fs::rename(&copy, replica.path()).unwrap();
    let restored = Store::open(&replica.path(), OpenOptions::default()).await.unwrap();
    assert_eq!(restored.event(kept.id).await.unwrap(), Some(kept));
    assert_eq!(restored.event(meeting(2, 2).id).await.unwrap(), None);
    let mut transaction = restored.begin(crate::Durability::Edit).await.unwrap();
    transaction.put_event(&meeting(2, 2)).await.unwrap();
    transaction.commit().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn copies_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let replica = Replica::new().await;
    let copy = replica.store.backup_if_due(noon(1)).await.unwrap().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&copy), 0o600);
    assert_eq!(mode(copy.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_copy_that_fails_harms_nothing() {
    let replica = Replica::new().await;
    fs::write(replica.folder.path().join("backups"), "in the way").unwrap();
    let error = replica.store.backup_if_due(noon(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Backup { .. }), "{error:?}");
    assert!(!error.is_damage());
    replica.edit().await.commit().await.unwrap();
}
