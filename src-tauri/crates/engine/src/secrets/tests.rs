use std::fs;

use synodic_model::sync::ProviderKind;
use synodic_providers::Tokens;

use super::Secrets;
use crate::config::SecretsPlace;

fn tokens(access: &str) -> Tokens {
    Tokens { access_token: access.into(), refresh_token: Some("refresh-canary".into()), expires_at: None }
}

async fn keeps_each_account_apart(secrets: &Secrets) {
    let ada = secrets.vault(ProviderKind::Google, "ada@example.com");
    let bea = secrets.vault(ProviderKind::Google, "bea@example.com");
    assert_eq!(ada.load().await, Ok(None));
    ada.store(&tokens("a")).await.unwrap();
    bea.store(&tokens("b")).await.unwrap();
    ada.store(&tokens("a2")).await.unwrap();
    assert_eq!(ada.load().await, Ok(Some(tokens("a2"))));
    assert_eq!(secrets.vault(ProviderKind::Notion, "ada@example.com").load().await, Ok(None));

    ada.remove().await.unwrap();
    ada.remove().await.unwrap();
    assert_eq!(ada.load().await, Ok(None));
    assert_eq!(bea.load().await, Ok(Some(tokens("b"))));
}

#[tokio::test]
async fn memory_keeps_each_account_apart() {
    let folder = tempfile::tempdir().unwrap();
    keeps_each_account_apart(&Secrets::open(SecretsPlace::Memory, folder.path())).await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_keeps_each_account_apart_and_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    keeps_each_account_apart(&Secrets::open(SecretsPlace::File, folder.path())).await;
    let reopened = Secrets::open(SecretsPlace::File, folder.path());
    let bea = reopened.vault(ProviderKind::Google, "bea@example.com");
    assert_eq!(bea.load().await, Ok(Some(tokens("b"))));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    let left_over = folder.path().join("secrets.json.new");
    fs::write(&left_over, "half").unwrap();
    fs::set_permissions(&left_over, fs::Permissions::from_mode(0o644)).unwrap();

    let secrets = Secrets::open(SecretsPlace::File, folder.path());
    secrets.vault(ProviderKind::Google, "ada").store(&tokens("a")).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!left_over.exists());
}

#[tokio::test]
async fn a_damaged_file_is_named_but_not_quoted_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    fs::write(&path, r#"{"google:ada": "refresh-canary"#).unwrap();
    let vault = Secrets::open(SecretsPlace::File, folder.path()).vault(ProviderKind::Google, "ada");

    let error = vault.load().await.unwrap_err().to_string();
    assert!(error.contains("secrets.json") && !error.contains("canary"), "{error}");
    assert!(vault.store(&tokens("a")).await.is_err());
    assert!(fs::read_to_string(&path).unwrap().contains("canary"));
}

#[test]
fn debug_shows_nothing() {
    let secrets = Secrets::open(SecretsPlace::Memory, "/".as_ref());
    assert_eq!(format!("{secrets:?}"), "Secrets(memory)");
}
