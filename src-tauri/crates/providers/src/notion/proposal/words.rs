//! What the names of properties and of their options say, in the languages that calendars are kept in most.

use super::super::mapping::{Meaning, Slot};
use super::super::schema::SchemaOption;

/// How clearly a name speaks of `slot`: 2 when it is one of its names, 1 when one of them is a word in it.
pub(super) fn hinted(name: &str, slot: Slot) -> u32 {
    let folded = folded(name);
    let words: Vec<&str> = folded.split(|letter: char| !letter.is_alphanumeric()).collect();
    let mut best = 0;
    for hint in hints(slot) {
        if folded == *hint {
            return 2;
        }
        if words.contains(hint) || (hint.len() > 4 && folded.contains(hint)) {
            best = 1;
        }
    }
    best
}

/// Names of things in English, German, French, Spanish, Italian, Dutch and Portuguese, folded.
const fn hints(slot: Slot) -> &'static [&'static str] {
    match slot {
        Slot::Title => {
            &["title", "titel", "name", "titre", "titulo", "titolo", "nom", "nombre", "betreff", "subject"]
        }
        Slot::When => &[
            "date",
            "datum",
            "when",
            "wann",
            "termin",
            "zeit",
            "time",
            "zeitraum",
            "start",
            "beginn",
            "event date",
            "quand",
            "fecha",
            "cuando",
            "data",
            "quando",
            "wanneer",
            "tijd",
            "due",
            "fallig",
            "faellig",
        ],
        Slot::Description => &[
            "description",
            "beschreibung",
            "notes",
            "note",
            "notizen",
            "notiz",
            "details",
            "inhalt",
            "bemerkung",
            "descripcion",
            "descrizione",
            "omschrijving",
            "descricao",
            "notas",
            "agenda",
        ],
        Slot::Location => &[
            "location",
            "ort",
            "place",
            "where",
            "wo",
            "raum",
            "room",
            "address",
            "adresse",
            "anschrift",
            "treffpunkt",
            "lieu",
            "lugar",
            "luogo",
            "locatie",
            "plaats",
            "local",
            "venue",
        ],
        Slot::Status => &["status", "state", "zustand", "stand", "statut", "estado", "stato", "etat"],
        Slot::Transparency => &[
            "busy",
            "beschaftigt",
            "beschaeftigt",
            "belegt",
            "blocked",
            "blockiert",
            "gebucht",
            "occupe",
            "ocupado",
            "occupato",
            "bezet",
            "free",
            "frei",
            "verfugbar",
            "verfuegbar",
            "available",
            "libre",
            "libero",
            "availability",
            "verfugbarkeit",
            "show as",
            "anzeigen als",
        ],
        Slot::Attendees => &[
            "attendees",
            "teilnehmer",
            "teilnehmende",
            "guests",
            "gaste",
            "gaeste",
            "participants",
            "invitees",
            "eingeladene",
            "invites",
            "invitados",
            "asistentes",
            "partecipanti",
            "deelnemers",
            "beteiligte",
            "people",
            "personen",
            "personnes",
            "personas",
            "persone",
            "pessoas",
        ],
        Slot::Url => &["url", "link", "website", "webseite", "web", "lien", "enlace", "verweis"],
        Slot::ConferenceUrl => &[
            "conference",
            "konferenz",
            "meeting link",
            "video",
            "videolink",
            "videokonferenz",
            "zoom",
            "meet",
            "teams",
            "call",
            "join",
            "einwahl",
            "visio",
        ],
        Slot::Recurrence => &[
            "recurrence",
            "repeat",
            "repeats",
            "recurring",
            "rrule",
            "wiederholung",
            "wiederholt",
            "wiederkehrend",
            "serientermin",
            "rythme",
            "recurrencia",
            "ricorrenza",
            "herhaling",
            "recorrencia",
        ],
        Slot::Marker => &["synodic", "sync id", "synodic id"],
        Slot::Series => &["series", "serie", "synodic series", "reihe"],
    }
}

/// Lower case, without the marks on letters.
pub(super) fn folded(name: &str) -> String {
    let plain = |letter: char| match letter {
        'ä' | 'á' | 'à' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' => 'o',
        'ü' | 'ú' | 'ù' | 'û' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    };
    name.trim().to_lowercase().chars().map(plain).collect()
}

/// What an option says, by its name.
pub(super) fn meaning_of(slot: Slot, option: &SchemaOption) -> Option<Meaning> {
    let name = folded(&option.name);
    let says =
        |words: &[&str]| words.iter().any(|word| name == *word || (word.len() > 4 && name.starts_with(word)));
    match slot {
        Slot::Status
            if says(&[
                "cancelled",
                "canceled",
                "abgesagt",
                "storniert",
                "annule",
                "cancelado",
                "annullato",
                "entfallt",
            ]) =>
        {
            Some(Meaning::Cancelled)
        }
        Slot::Status
            if says(&[
                "tentative",
                "maybe",
                "unsicher",
                "vorlaufig",
                "vorgemerkt",
                "vielleicht",
                "provisoire",
                "tentativo",
                "provisional",
            ]) =>
        {
            Some(Meaning::Tentative)
        }
        Slot::Status
            if says(&[
                "confirmed",
                "bestatigt",
                "zugesagt",
                "fest",
                "confirme",
                "confirmado",
                "confermato",
                "bevestigd",
            ]) =>
        {
            Some(Meaning::Confirmed)
        }
        Slot::Transparency
            if says(&["busy", "beschaftigt", "belegt", "gebucht", "occupe", "ocupado", "bezet"]) =>
        {
            Some(Meaning::Busy)
        }
        Slot::Transparency
            if says(&["free", "frei", "verfugbar", "available", "libre", "libero", "vrij"]) =>
        {
            Some(Meaning::Free)
        }
        _ => None,
    }
}
