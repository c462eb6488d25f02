//! Whether one event has drifted apart: a pure function of what a listing says of it and of what the replica has agreed
//! on with the service.

use chrono::{DateTime, Utc};
use synodic_model::sync::EventSync;
use synodic_model::{EventContent, FieldSet, RemoteVersion};

use crate::view::Drift;

/// What a listing says of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'a> {
    /// Its version there, which is the service's own digest of it.
    pub(crate) version: &'a RemoteVersion,
    /// What it says, as the replica would read it.
    pub(crate) content: &'a EventContent,
}

/// What the replica has agreed on with the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agreed<'a> {
    /// The state that both had.
    pub(crate) base: Option<&'a EventContent>,
    /// The version of that.
    pub(crate) version: Option<&'a RemoteVersion>,
    /// When that was.
    pub(crate) at: Option<DateTime<Utc>>,
}

impl<'a> From<&'a EventSync> for Agreed<'a> {
    fn from(row: &'a EventSync) -> Self {
        Self { base: row.base.as_ref(), version: row.remote_version.as_ref(), at: row.last_synced_at }
    }
}

/// Says how an event has drifted apart; `sure_until` is the last moment of which the listing surely tells. What is
/// younger is not judged, and neither is what nobody has.
pub(crate) fn judge(
    agreed: Option<Agreed<'_>>,
    listed: Option<Listed<'_>>,
    expressible: FieldSet,
    sure_until: DateTime<Utc>,
) -> Option<Drift> {
    match (agreed, listed) {
        (None, None) => None,
        (None, Some(_)) => Some(Drift::NewThere),
        (Some(agreed), _) if agreed.at.is_some_and(|at| at > sure_until) => None,
        (Some(_), None) => Some(Drift::GoneThere),
        (Some(agreed), Some(listed)) => {
            let is_alike = agreed
                .base
                .is_some_and(|base| FieldSet::differing(expressible, base, listed.content).is_empty());
            if is_alike {
                None
            } else if agreed.version == Some(listed.version) {
                // The service has changed nothing, so it is the replica that has.
                Some(Drift::AlteredHere)
            } else {
                Some(Drift::ChangedThere)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use synodic_model::arbitrary;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn version(number: u32) -> RemoteVersion {
        RemoteVersion::new(number.to_string())
    }

    fn verdict(
        base: &EventContent,
        (agreed, listed): (u32, u32),
        content: &EventContent,
        expressible: FieldSet,
        age: i64,
    ) -> Option<Drift> {
        let (agreed, listed) = (version(agreed), version(listed));
        let agreed =
            Agreed { base: Some(base), version: Some(&agreed), at: Some(NOW - TimeDelta::seconds(age)) };
        judge(Some(agreed), Some(Listed { version: &listed, content }), expressible, NOW)
    }

    proptest! {
        #[test]
        fn what_is_alike_has_not_drifted_whatever_its_version(
            content in arbitrary::event_content(), versions: (u32, u32), age in 0_i64..1000
        ) {
            prop_assert_eq!(verdict(&content, versions, &content, FieldSet::ALL, age), None);
        }

        #[test]
        fn a_difference_is_found_exactly_where_the_service_can_express_it(
            base in arbitrary::event_content(), content in arbitrary::event_content(),
            expressible in arbitrary::field_set(), version: u32, age in 0_i64..1000
        ) {
            let differs = !FieldSet::differing(expressible, &base, &content).is_empty();
            let there = verdict(&base, (version, version.wrapping_add(1)), &content, expressible, age);
            prop_assert_eq!(there, differs.then_some(Drift::ChangedThere));
            let here = verdict(&base, (version, version), &content, expressible, age);
            prop_assert_eq!(here, differs.then_some(Drift::AlteredHere));
        }

        #[test]
        fn what_was_written_while_it_was_listed_is_never_judged(
            base in arbitrary::event_content(), content in arbitrary::event_content(), versions: (u32, u32),
            ahead in 1_i64..1000
        ) {
            prop_assert_eq!(verdict(&base, versions, &content, FieldSet::ALL, -ahead), None);
            let version = version(versions.0);
            let agreed = Agreed {
                base: Some(&base), version: Some(&version), at: Some(NOW + TimeDelta::seconds(ahead))
            };
            prop_assert_eq!(judge(Some(agreed), None, FieldSet::ALL, NOW), None);
        }

        #[test]
        fn what_one_side_alone_has_is_new_or_gone(content in arbitrary::event_content(), number: u32) {
            let version = version(number);
            let listed = Listed { version: &version, content: &content };
            prop_assert_eq!(judge(None, Some(listed), FieldSet::ALL, NOW), Some(Drift::NewThere));
            let agreed = Agreed { base: Some(&content), version: Some(&version), at: None };
            prop_assert_eq!(judge(Some(agreed), None, FieldSet::ALL, NOW), Some(Drift::GoneThere));
        }
    }
}
