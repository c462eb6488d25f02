//! What a file says, as changes.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};
use synodic_icalendar::file::{self, Entry, File, NoCalendarFile};
use synodic_model::{EventContent, ExternalId, OriginalStart, RemoteVersion};

use super::fetch::unreadable;
use crate::error::ProviderError;
use crate::{RemoteChange, RemoteEvent, RemoteOccurrence};

/// How often a file is asked for that does not say how often.
pub(super) const HOURLY: Duration = Duration::from_secs(60 * 60);
/// No more often, whatever it says.
const SOONEST: Duration = Duration::from_secs(5 * 60);
/// No more seldom.
const LATEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) name: Option<String>,
    pub(super) changes: Vec<RemoteChange>,
    /// The UIDs of which something could not be read: nothing of them is gone.
    pub(super) doubtful: BTreeSet<String>,
    /// How often it wants to be asked for.
    pub(super) every: Option<Duration>,
}

/// What tells one state of a file from another.
pub(super) fn digest(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(Sha256::digest(bytes))
}

/// Reads a file, which has to be whole: of one that was cut off nothing is taken.
pub(super) async fn read(service: &str, bytes: Vec<u8>) -> Result<Contents, ProviderError> {
    let is_page = bytes.trim_ascii_start().starts_with(b"<");
    let read = tokio::task::spawn_blocking(move || file::read(&bytes).map(contents)).await;
    match read.map_err(|error| unreadable(service, error.to_string()))? {
        Ok(Some(contents)) => Ok(contents),
        Ok(None) => Err(unreadable(service, "the file is cut off".into())),
        Err(NoCalendarFile::NoCalendar) if is_page => {
            let reason = "it sends a web page instead of a calendar (some services show a page at one address and have \
                          another for programs)";
            Err(unreadable(service, reason.into()))
        }
        Err(reason) => Err(unreadable(service, reason.to_string())),
    }
}

/// None when it is cut off.
fn contents(file: File) -> Option<Contents> {
    if !file.is_complete {
        return None;
    }
    let every = file.refresh.and_then(|every| every.to_std().ok()).map(|every| every.clamp(SOONEST, LATEST));
    let doubtful: BTreeSet<String> = file.unreadable.iter().filter_map(|entry| entry.uid.clone()).collect();
    let present: BTreeSet<&str> = file.entries.iter().map(|entry| entry.uid.as_str()).collect();
    let mut changes: Vec<RemoteChange> = file
        .unreadable
        .iter()
        .map(|entry| RemoteChange::Unreadable {
            id: entry.uid.as_deref().filter(|uid| !present.contains(uid)).map(ExternalId::new),
            reason: format!("“{}”: {}", entry.title, entry.reason),
        })
        .collect();
    for entry in file.entries {
        add(&mut changes, entry, &doubtful);
    }
    Some(Contents { name: file.name, changes, doubtful, every })
}

fn add(changes: &mut Vec<RemoteChange>, entry: Entry, doubtful: &BTreeSet<String>) {
    let Entry { uid, content, occurrences } = entry;
    let series = ExternalId::new(uid.as_str());
    let is_series = content.recurrence.is_some();
    changes.push(present(series.clone(), &uid, None, content));
    let mut ids = Vec::with_capacity(occurrences.len());
    for (original_start, content) in occurrences {
        let id = part(&uid, &original_start);
        ids.push(id.clone());
        let occurrence_of = Some(RemoteOccurrence { series: series.clone(), original_start });
        changes.push(present(id, &uid, occurrence_of, content));
    }
    if is_series && !doubtful.contains(&uid) {
        changes.push(RemoteChange::Complete { series, occurrences: ids });
    }
}

fn present(
    id: ExternalId,
    uid: &str,
    occurrence_of: Option<RemoteOccurrence>,
    content: EventContent,
) -> RemoteChange {
    let text = serde_json::to_vec(&content).unwrap_or_default();
    RemoteChange::Present(Box::new(RemoteEvent {
        id,
        version: RemoteVersion::new(digest(&text)),
        uid: Some(uid.to_owned()),
        marker: None,
        occurrence_of,
        content,
        updated_at: None,
        read_only: false,
        warnings: Vec::new(),
    }))
}

/// What stands between a UID and the start of an occurrence: no UID has it, for it cannot be written in a file.
const SEPARATOR: char = '\u{1f}';

fn part(uid: &str, original_start: &OriginalStart) -> ExternalId {
    ExternalId::new(format!("{uid}{SEPARATOR}{}", original_start.key()))
}

/// The UID that an id belongs to.
pub(super) fn uid_of(id: &ExternalId) -> &str {
    id.as_str().split(SEPARATOR).next().unwrap_or_default()
}
