//! The contract of a provider, asked of calendar servers that others have written. Every test runs against each.

use std::sync::Arc;

use async_trait::async_trait;
use synodic_model::listing::AccessRole;
use synodic_providers::caldav::{Caldav, CaldavAccount, discover};
use synodic_providers::transport::Surroundings;
use synodic_providers::{Provider, ProviderError, TokenVault, Tokens, VaultError};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};

/// Runs a test against each server.
macro_rules! with_each_server {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        mod radicale {
            $($(#[$doc])* #[tokio::test] async fn $name() { super::$name(super::Kind::Radicale).await; })*
        }
        mod xandikos {
            $($(#[$doc])* #[tokio::test] async fn $name() { super::$name(super::Kind::Xandikos).await; })*
        }
    };
}

with_each_server! {
    the_calendars_are_found_from_the_address_alone;
    the_well_known_address_leads_to_them_too;
}

/// A password that is simply there.
struct Password(&'static str);

#[async_trait]
impl TokenVault for Password {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        Ok(Some(Tokens { access_token: self.0.to_owned(), refresh_token: None, expires_at: None }))
    }

    async fn store(&self, _tokens: &Tokens) -> Result<(), VaultError> {
        Ok(())
    }

    async fn remove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

async fn found(place: &str, password: &'static str) -> Result<Caldav, ProviderError> {
    let account = CaldavAccount::at(place, Some(USER.to_owned()));
    let surroundings = Surroundings::real().unwrap();
    let vault: Arc<dyn TokenVault> = Arc::new(Password(password));
    let account = discover(account, Arc::clone(&vault), surroundings.clone()).await?;
    Ok(Caldav::with(account, vault, surroundings))
}

async fn the_calendars_are_found_from_the_address_alone(kind: Kind) {
    let server = DavServer::start(kind).await;
    server.make_calendar("home").await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let mut calendars = provider.remote_calendars().await.unwrap();
    calendars.sort_by(|left, right| left.name.cmp(&right.name));
    let ids: Vec<_> = calendars.iter().map(|calendar| calendar.id.to_string()).collect();
    assert_eq!(ids, [server.calendar("home"), server.calendar("work")]);
    let names: Vec<_> = calendars.iter().map(|calendar| &*calendar.name).collect();
    assert_eq!(names, ["home", "work"]);
    assert!(calendars.iter().all(|calendar| calendar.access >= AccessRole::Writer), "{calendars:?}");
}

async fn the_well_known_address_leads_to_them_too(kind: Kind) {
    let server = DavServer::start(kind).await;
    let place = format!("{}.well-known/caldav", server.url());
    let provider = found(&place, PASSWORD).await.unwrap();
    assert_eq!(provider.remote_calendars().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_signing_in() {
    let server = DavServer::start(Kind::Radicale).await;
    let error = found(&server.url(), "wrong").await.unwrap_err();
    assert!(matches!(error, ProviderError::SignInRefused { .. }), "{error}");
}

#[tokio::test]
async fn a_password_is_not_sent_over_plain_http() {
    let error = found("http://calendar.example/", PASSWORD).await.unwrap_err();
    assert!(error.to_string().contains("not encrypted"), "{error}");
}
