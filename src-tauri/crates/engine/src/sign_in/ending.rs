//! Why a sign-in has ended, in words for the person.

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::sync::{Integration, ProviderKind};

/// Google ends the grants of a client whose consent screen is in “Testing” after this (guide “OAuth 2.0”).
const TESTING_LIFETIME: TimeDelta = TimeDelta::days(7);
/// A sign-in that has ended a little before that is not one of those; one whose last token was had just before the
/// end outlives it by the token's hour.
const MARGIN: TimeDelta = TimeDelta::hours(2);
/// When an account was last signed in, in its settings.
const SIGNED_IN_AT: &str = "signed_in_at";

/// Notes in an account's settings that it was signed in now.
pub(crate) fn note_sign_in(integration: &mut Integration, now: DateTime<Utc>) {
    if let Some(settings) = integration.settings.as_object_mut() {
        settings.insert(SIGNED_IN_AT.to_owned(), serde_json::json!(now));
    }
}

/// What to tell the person whose sign-in was refused for `reason`.
pub(crate) fn explain(integration: &Integration, reason: &str, now: DateTime<Utc>) -> String {
    let reason = reason.trim_end_matches('.');
    if is_testing(integration, now) {
        format!(
            "{reason}. It lasted for seven days, which is what Google gives while your OAuth client is in “Testing”. \
             Sign in again; to stay signed in, publish the client in the Google Cloud console."
        )
    } else {
        format!("{reason}. Sign in again; edits wait until then, and nothing is lost.")
    }
}

/// Whether the sign-in has worked for seven days and never for longer.
fn is_testing(integration: &Integration, now: DateTime<Utc>) -> bool {
    let signed_in_at = integration.settings.get(SIGNED_IN_AT).and_then(|at| at.as_str()?.parse().ok());
    let Some(signed_in_at): Option<DateTime<Utc>> = signed_in_at else { return false };
    let has_outlived =
        integration.last_success_at.is_some_and(|success| success - signed_in_at > TESTING_LIFETIME + MARGIN);
    integration.provider == ProviderKind::Google
        && now - signed_in_at >= TESTING_LIFETIME - MARGIN
        && !has_outlived
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use synodic_model::IntegrationId;
    use synodic_model::sync::{IntegrationStatus, SyncDirection};

    use super::*;

    const SIGNED_IN: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn account(last_success_after: TimeDelta) -> Integration {
        let mut account = Integration {
            id: IntegrationId::new(uuid::Uuid::nil()),
            provider: ProviderKind::Google,
            account: "ada@example.com".into(),
            status: IntegrationStatus::Active,
            settings: json!({}),
            direction: SyncDirection::Bidirectional,
            created_at: SIGNED_IN,
            last_success_at: Some(SIGNED_IN + last_success_after),
            last_error: None,
        };
        note_sign_in(&mut account, SIGNED_IN);
        account
    }

    fn told(last_success_after: TimeDelta, ended_after: TimeDelta) -> String {
        explain(&account(last_success_after), "Google wants you to sign in again.", SIGNED_IN + ended_after)
    }

    #[test]
    fn seven_days_are_explained() {
        for (success, end) in [
            (TimeDelta::days(7), TimeDelta::days(7)),
            (TimeDelta::minutes(7 * 24 * 60 + 59), TimeDelta::days(8)),
            // The machine was off for a month; the sign-in may have ended on the seventh day.
            (TimeDelta::days(1), TimeDelta::days(31)),
        ] {
            assert!(told(success, end).contains("Testing"), "{success} {end}");
        }
    }

    #[test]
    fn other_ends_are_not() {
        for (success, end) in
            [(TimeDelta::days(3), TimeDelta::days(3)), (TimeDelta::days(8), TimeDelta::days(9))]
        {
            let told = told(success, end);
            assert!(!told.contains("Testing") && told.contains("nothing is lost"), "{told}");
        }
        let mut unknown = account(TimeDelta::days(7));
        unknown.settings = json!({});
        assert!(!explain(&unknown, "ended", SIGNED_IN + TimeDelta::days(7)).contains("Testing"));
    }
}
