//! Ids that we choose ourselves, so that a repeated creation meets the first one.
//!
//! Google lets a client choose the id of an event it inserts: characters `0-9a-v`, length 5 to 1024, unique per
//! calendar, and spent for good once used (API reference, `events.insert`). We derive it from an [`Identity`] by a hash,
//! and write that identity into a private extended property. When somebody duplicates an event at Google, the property
//! is copied but the id is not: the two no longer fit, and the copy is known for what it is.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use synodic_model::{EventId, ExternalId};
use uuid::Uuid;

use crate::{Identity, Marker};

/// Keeps our hashes apart from those of any other program, and of any later scheme of ours.
const DOMAIN: &[u8] = b"synodic/google/event/1";

/// The id under which an identity is created: 64 hex digits, a subset of Google's alphabet.
pub(super) fn event_id(identity: &Identity) -> ExternalId {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(identity.event_id.uuid().as_bytes());
    hash.update(identity.link.as_bytes());
    hash.update(identity.incarnation.to_be_bytes());
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    ExternalId::new(text)
}

/// The text of the private property: `<event>:<link>:<incarnation>`, 75 to 84 of the 1024 characters allowed.
pub(super) fn marker_text(identity: &Identity) -> String {
    format!("{}:{}:{}", identity.event_id, identity.link, identity.incarnation)
}

/// Reads a property back; `None` when it is not of our making, or when `id` is not the one derived from it.
pub(super) fn marker(text: &str, id: &ExternalId) -> Option<Marker> {
    let identity = parse(text)?;
    (event_id(&identity) == *id).then_some(Marker { identity })
}

/// The identity that a property names, whether or not it fits the event that carries it.
pub(super) fn parse(text: &str) -> Option<Identity> {
    let mut parts = text.split(':');
    let event_id = parts.next()?.parse::<EventId>().ok()?;
    let link = Uuid::parse_str(parts.next()?).ok()?;
    let incarnation = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(Identity { event_id, link, incarnation })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identities() -> impl Strategy<Value = Identity> {
        (any::<u128>(), any::<u128>(), any::<u32>()).prop_map(|(event, link, incarnation)| Identity {
            event_id: EventId::new(Uuid::from_u128(event)),
            link: Uuid::from_u128(link),
            incarnation,
        })
    }

    proptest! {
        #[test]
        fn derived_ids_are_google_ids(identity in identities()) {
            let id = event_id(&identity);
            prop_assert!((5..=1024).contains(&id.as_str().len()));
            prop_assert!(id.as_str().chars().all(|c| matches!(c, '0'..='9' | 'a'..='v')));
            prop_assert_eq!(event_id(&identity), id);
        }

        #[test]
        fn a_marker_reads_back_on_its_own_event_only(identity in identities(), other in identities()) {
            prop_assume!(identity != other);
            let text = marker_text(&identity);
            prop_assert!(text.len() <= 1024);
            prop_assert_eq!(marker(&text, &event_id(&identity)), Some(Marker { identity }));
            prop_assert_eq!(marker(&text, &event_id(&other)), None);
        }

        #[test]
        fn strange_markers_are_not_ours(text in ".{0,100}") {
            prop_assert_eq!(marker(&text, &ExternalId::new("abcde")), None);
        }
    }

    #[test]
    fn each_incarnation_has_its_own_id() {
        let first = Identity { event_id: EventId::new(Uuid::nil()), link: Uuid::nil(), incarnation: 0 };
        assert_ne!(event_id(&first), event_id(&Identity { incarnation: 1, ..first }));
    }

    /// Events at Google carry ids of the first release for ever; a change here would duplicate them all.
    #[test]
    fn the_derivation_never_changes() {
        let identity =
            Identity { event_id: EventId::new(Uuid::from_u128(1)), link: Uuid::from_u128(2), incarnation: 3 };
        assert_eq!(
            event_id(&identity).as_str(),
            "99f8d11a486463588c3bf39a7344da105de45e4433de0ab0789af6028ba4e0fe"
        );
    }
}
