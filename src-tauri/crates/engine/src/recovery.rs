//! What the person is told when a damaged replica was moved aside.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use synodic_store::{Durability, Salvage, Store, StoreError};

/// The setting that keeps it over a restart, for whoever was not looking then.
const RECOVERED: &str = "recovered";
/// How long it is told.
const TOLD_FOR: TimeDelta = TimeDelta::days(1);

/// A damaged replica was moved aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recovered {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// What the person is told.
    pub(crate) message: String,
}

impl Recovered {
    /// What is to be told now, if it is still news.
    pub(crate) fn told_at(&self, now: DateTime<Utc>) -> Option<String> {
        (now - self.at < TOLD_FOR).then(|| self.message.clone())
    }
}

/// What there is to tell: of this start, which is kept, or of an earlier one.
pub(crate) async fn remembered(
    store: &Store,
    salvage: Option<&Salvage>,
    now: DateTime<Utc>,
) -> Result<Option<Recovered>, StoreError> {
    let Some(salvage) = salvage else {
        let stored = store.setting(RECOVERED).await?;
        return Ok(stored.and_then(|value| serde_json::from_value(value).ok()));
    };
    tracing::warn!(
        aside = %salvage.aside.display(), reason = salvage.reason, accounts = salvage.accounts,
        unsent = salvage.unsent, is_whole = salvage.is_whole,
        "a damaged database was moved aside"
    );
    let recovered = Recovered { at: now, message: sentence(salvage) };
    let mut transaction = store.begin(Durability::Edit).await?;
    transaction.set_setting(RECOVERED, &serde_json::json!(recovered)).await?;
    transaction.commit().await?;
    Ok(Some(recovered))
}

/// The sentences that tell of it.
pub(crate) fn sentence(salvage: &Salvage) -> String {
    let unsent = match salvage.unsent {
        0 => "No edits were waiting to be sent.".to_owned(),
        1 => "One edit that waits to be sent was found in it and is kept.".to_owned(),
        many => format!("{many} edits that wait to be sent were found in it and are kept."),
    };
    let accounts = if salvage.accounts == 0 {
        " No connected account could be found in it: connect your accounts again."
    } else {
        " Everything else is read from your accounts again."
    };
    let lost = if salvage.is_whole { "" } else { " Part of it could not be read." };
    format!(
        "The database was damaged; it was moved aside to {} and a new one was begun. {unsent}{lost}{accounts}",
        salvage.aside.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salvage(accounts: u32, unsent: u32, is_whole: bool) -> String {
        let aside = "/data/synodic.db.damaged-20261126-120000".into();
        sentence(&Salvage { aside, reason: "torn".into(), accounts, unsent, is_whole })
    }

    #[test]
    fn it_says_where_the_damaged_file_is_and_what_was_found() {
        let told = salvage(1, 2, true);
        assert!(told.contains("synodic.db.damaged-20261126-120000") && told.contains("2 edits"), "{told}");
        assert!(
            told.contains("read from your accounts again") && !told.contains("could not be read"),
            "{told}"
        );
    }

    #[test]
    fn it_says_what_is_to_be_done_when_little_was_found() {
        let told = salvage(0, 0, false);
        assert!(told.contains("connect your accounts again") && told.contains("could not be read"), "{told}");
    }

    #[test]
    fn it_is_news_for_a_day() {
        let at = DateTime::UNIX_EPOCH;
        let recovered = Recovered { at, message: "moved".into() };
        assert_eq!(recovered.told_at(at + TimeDelta::hours(23)), Some("moved".to_owned()));
        assert_eq!(recovered.told_at(at + TimeDelta::hours(25)), None);
    }
}
