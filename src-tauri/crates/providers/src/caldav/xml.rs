//! The XML of `WebDAV`: answers are read into a small tree, questions are written as text.
//!
//! Names are compared by namespace and local name, never by prefix, for every server has prefixes of its own. Nothing is
//! resolved that the document does not hold itself: a document type is refused as a whole, so no entity can grow or fetch
//! anything, and depth and number of elements are limited.

use std::borrow::Cow;

use quick_xml::NsReader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

/// Deeper than any answer of `WebDAV`.
const DEPTH_LIMIT: usize = 32;
/// More elements than an answer about the largest calendar has.
const ELEMENT_LIMIT: usize = 4_000_000;

/// The namespaces that are asked for or understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// `DAV:`
    Dav,
    /// `urn:ietf:params:xml:ns:caldav`
    Caldav,
    /// `http://calendarserver.org/ns/`
    CalendarServer,
    /// `http://apple.com/ns/ical/`
    Apple,
    /// Any other.
    Foreign,
}

impl Space {
    fn of(name: &str) -> Self {
        match name {
            "DAV:" => Self::Dav,
            "urn:ietf:params:xml:ns:caldav" => Self::Caldav,
            "http://calendarserver.org/ns/" => Self::CalendarServer,
            "http://apple.com/ns/ical/" => Self::Apple,
            _ => Self::Foreign,
        }
    }
}

/// An element with what is in it. Attributes are not kept, but for `name`, which component sets use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) space: Space,
    pub(super) local: Box<str>,
    pub(super) name: Option<Box<str>>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Whether the element is the one of this name.
    pub(super) fn is(&self, space: Space, local: &str) -> bool {
        self.space == space && &*self.local == local
    }

    /// The first child of this name.
    pub(super) fn child(&self, space: Space, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(space, local))
    }

    /// The children of this name.
    pub(super) fn each<'a>(&'a self, space: Space, local: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(space, local))
    }

    /// The text without the blanks around it.
    pub(super) fn trimmed(&self) -> &str {
        self.text.trim()
    }

    /// The address in the first `href` within.
    pub(super) fn href(&self) -> Option<&str> {
        self.child(Space::Dav, "href").map(Self::trimmed).filter(|href| !href.is_empty())
    }
}

/// Reads a document. The error says what is wrong with it, in words.
pub(super) fn read(document: &[u8]) -> Result<Element, String> {
    read_with(document, &mut |_, child| Some(child))
}

/// Reads a document whose root and each complete child of it are shown to `take`, which may take the child away, so that
/// a long document is never in memory as a whole tree.
fn read_with(
    document: &[u8],
    take: &mut dyn FnMut(&Element, Element) -> Option<Element>,
) -> Result<Element, String> {
    let text = match std::str::from_utf8(document) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(document),
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    loop {
        let (space, event) =
            reader.read_resolved_event().map_err(|error| format!("it is no XML ({error})"))?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                count += 1;
                if open.len() >= DEPTH_LIMIT || count > ELEMENT_LIMIT {
                    return Err("its XML is deeper or longer than any answer of this kind".to_owned());
                }
                let space = match space {
                    ResolveResult::Bound(Namespace(name)) => Space::of(name),
                    ResolveResult::Unbound | ResolveResult::Unknown(_) => Space::Foreign,
                };
                let name = start.try_get_attribute("name").ok().flatten();
                let element = Element {
                    space,
                    local: start.local_name().into_inner().into(),
                    name: name.map(|attribute| attribute.value.into()),
                    text: String::new(),
                    children: Vec::new(),
                };
                if matches!(event, Event::Start(_)) {
                    open.push(element);
                } else if let Some(root) = close(&mut open, element, take) {
                    return Ok(root);
                }
            }
            Event::End(_) => {
                if let Some(element) = open.pop()
                    && let Some(root) = close(&mut open, element, take)
                {
                    return Ok(root);
                }
            }
            Event::Text(text) => add(&mut open, &text.xml10_content()),
            Event::CData(text) => add(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&reference.xml10_content())
                        .ok_or_else(|| "it names an entity that it must not define".to_owned())?
                        .to_owned(),
                };
                add(&mut open, &resolved);
            }
            Event::DocType(_) => return Err("it has a document type, which no such answer has".to_owned()),
            Event::Eof => return Err("its XML is cut off".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// Puts a complete element into its parent; the root has none and is returned.
fn close(
    open: &mut [Element],
    element: Element,
    take: &mut dyn FnMut(&Element, Element) -> Option<Element>,
) -> Option<Element> {
    match open {
        [] => return Some(element),
        [root] => {
            let left = take(root, element);
            root.children.extend(left);
        }
        [.., parent] => parent.children.push(element),
    }
    None
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        // Blanks between elements are no text of anybody.
        if !(element.text.is_empty() && text.trim().is_empty()) {
            element.text.push_str(text);
        }
    }
}

/// What a multistatus says of one resource (RFC 4918 §14.24).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its address as the server spells it.
    pub(super) href: String,
    /// The status of the resource as a whole, where there is one.
    pub(super) status: Option<u16>,
    /// The properties that were found.
    pub(super) found: Vec<Element>,
    /// The precondition that failed for it.
    pub(super) error: Option<Element>,
}

impl Row {
    /// A property that was found.
    pub(super) fn property(&self, space: Space, local: &str) -> Option<&Element> {
        self.found.iter().find(|property| property.is(space, local))
    }

    /// Takes the text of a property that was found.
    pub(super) fn take_text(&mut self, space: Space, local: &str) -> Option<String> {
        let property = self.found.iter_mut().find(|property| property.is(space, local))?;
        Some(std::mem::take(&mut property.text))
    }

    /// The `getetag` of the resource.
    pub(super) fn etag(&self) -> Option<&str> {
        self.property(Space::Dav, "getetag").map(Element::trimmed).filter(|etag| !etag.is_empty())
    }
}

/// An answer about many resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Multistatus {
    pub(super) rows: Vec<Row>,
    pub(super) sync_token: Option<String>,
}

/// Reads a multistatus. The error says what is wrong with it, in words.
pub(super) fn multistatus(document: &[u8]) -> Result<Multistatus, String> {
    let mut rows = Vec::new();
    let sync_token = each_row(document, |row| rows.push(row))?;
    Ok(Multistatus { rows, sync_token })
}

/// Reads a multistatus row by row. Returns its `sync-token`, if there is one; the error says what is wrong with it, in
/// words.
pub(super) fn each_row(document: &[u8], mut take: impl FnMut(Row)) -> Result<Option<String>, String> {
    let root = read_with(document, &mut |root, child| {
        if !(root.is(Space::Dav, "multistatus") && child.is(Space::Dav, "response")) {
            return Some(child);
        }
        if let Some(row) = row(child) {
            take(row);
        }
        None
    })?;
    if !root.is(Space::Dav, "multistatus") {
        return Err(format!("it is a “{}” and no multistatus", root.local));
    }
    let token = root.each(Space::Dav, "sync-token").last().map(|token| token.trimmed().to_owned());
    Ok(token.filter(|token| !token.is_empty()))
}

/// Reads a `response`; one without an address says nothing.
fn row(response: Element) -> Option<Row> {
    let mut row = Row {
        href: response.href()?.to_owned(),
        status: response.child(Space::Dav, "status").and_then(|status| status_code(status.trimmed())),
        found: Vec::new(),
        error: response.child(Space::Dav, "error").cloned(),
    };
    for part in response.children {
        if !part.is(Space::Dav, "propstat") {
            continue;
        }
        let status = part.child(Space::Dav, "status").and_then(|status| status_code(status.trimmed()));
        let is_found = status.is_none_or(|status| (200..300).contains(&status));
        let properties = part.children.into_iter().find(|child| child.is(Space::Dav, "prop"));
        if let Some(properties) = properties.filter(|_| is_found) {
            row.found.extend(properties.children);
        }
    }
    Some(row)
}

/// The number in a line such as `HTTP/1.1 404 Not Found`.
fn status_code(line: &str) -> Option<u16> {
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// What every question begins with.
const NAMESPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
                          xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:A=\"http://apple.com/ns/ical/\"";

fn document(root: &str, inner: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root} {NAMESPACES}>{inner}</{root}>").into_bytes()
}

/// A text as it stands in a question.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    escape(text)
}

/// What a new calendar for events is, beside its kind.
fn new_calendar(name: &str) -> String {
    format!(
        "<D:displayname>{}</D:displayname><C:supported-calendar-component-set><C:comp name=\"VEVENT\"/>\
         </C:supported-calendar-component-set>",
        escape(name)
    )
}

/// Asks for a new calendar (RFC 4791 §5.3.1).
pub(super) fn make_calendar(name: &str) -> Vec<u8> {
    document("C:mkcalendar", &format!("<D:set><D:prop>{}</D:prop></D:set>", new_calendar(name)))
}

/// The same of a server that knows collections of every kind (RFC 5689 §3).
pub(super) fn make_collection(name: &str) -> Vec<u8> {
    let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
    document("D:mkcol", &format!("<D:set><D:prop>{kind}{}</D:prop></D:set>", new_calendar(name)))
}

/// Sets properties, each written as an element (RFC 4918 §9.2).
pub(super) fn proppatch(properties: &str) -> Vec<u8> {
    document("D:propertyupdate", &format!("<D:set><D:prop>{properties}</D:prop></D:set>"))
}

/// Asks for properties by name, each written with its prefix.
pub(super) fn propfind(properties: &[&str]) -> Vec<u8> {
    let names: String = properties.iter().map(|name| format!("<{name}/>")).collect();
    document("D:propfind", &format!("<D:prop>{names}</D:prop>"))
}

/// Asks for what changed since `token` (RFC 6578 §3.2). Never with a limit: some servers cut the answer off without
/// saying so, and what they left out would never come.
pub(super) fn sync_collection(token: Option<&str>) -> Vec<u8> {
    let token = escape(token.unwrap_or_default());
    document(
        "D:sync-collection",
        &format!(
            "<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
        ),
    )
}

/// Asks for the bodies of resources (RFC 4791 §7.9).
pub(super) fn multiget<'a>(hrefs: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let hrefs: String = hrefs.map(|href| format!("<D:href>{}</D:href>", escape(href))).collect();
    document("C:calendar-multiget", &format!("<D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}"))
}

/// Asks for all events with their bodies (RFC 4791 §7.8).
pub(super) fn query_all() -> Vec<u8> {
    document(
        "C:calendar-query",
        "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">\
         <C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter>",
    )
}

/// Asks which resource holds an event with this UID (RFC 4791 §7.8).
pub(super) fn query_uid(uid: &str) -> Vec<u8> {
    document(
        "C:calendar-query",
        &format!(
            "<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">\
             <C:prop-filter name=\"UID\"><C:text-match collation=\"i;octet\">{}</C:text-match></C:prop-filter>\
             </C:comp-filter></C:comp-filter></C:filter>",
            escape(uid)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_do_not_matter_and_each_part_has_its_own_status() {
        let radicale = br#"<?xml version='1.0' encoding='utf-8'?><multistatus xmlns="DAV:"><sync-token>http://radicale.org/ns/sync/1</sync-token>
            <response><href>/u/c/a.ics</href><propstat><prop><getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>
            <propstat><prop><displayname/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
            <response><href>/u/c/b.ics</href><status>HTTP/1.1 404 Not Found</status></response></multistatus>"#;
        let read = multistatus(radicale).unwrap();
        assert_eq!(read.sync_token.as_deref(), Some("http://radicale.org/ns/sync/1"));
        assert_eq!(read.rows[0].etag(), Some("\"1\""));
        assert!(read.rows[0].property(Space::Dav, "displayname").is_none());
        assert_eq!(read.rows[1].status, Some(404));
        let xandikos = br#"<ns0:multistatus xmlns:ns0="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><ns0:response><ns0:href>/a</ns0:href>
            <ns0:propstat><ns0:status>HTTP/1.1 200 OK</ns0:status><ns0:prop><c:calendar-data><![CDATA[A & B]]></c:calendar-data></ns0:prop></ns0:propstat></ns0:response></ns0:multistatus>"#;
        let read = multistatus(xandikos).unwrap();
        assert_eq!(read.rows[0].property(Space::Caldav, "calendar-data").unwrap().trimmed(), "A & B");
    }

    #[test]
    fn entities_of_a_documents_own_are_refused_before_they_can_grow() {
        let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><m xmlns=\"DAV:\">&b;</m>";
        assert!(read(bomb).unwrap_err().contains("document type"));
        assert!(read(b"<m xmlns=\"DAV:\">&b;</m>").unwrap_err().contains("entity"));
        assert_eq!(read(b"<m>&lt;&#65;&amp;</m>").unwrap().text, "<A&");
    }

    #[test]
    fn what_is_no_multistatus_is_said_in_words() {
        assert!(multistatus(b"<html><body>Log in</body></html>").unwrap_err().contains("html"));
        assert!(multistatus(b"<D:multistatus xmlns:D=\"DAV:\"><D:resp").is_err());
        assert!(multistatus(b"").is_err());
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert!(read(deep.as_bytes()).is_err());
    }

    #[test]
    fn what_goes_into_a_question_is_escaped() {
        let text = String::from_utf8(sync_collection(Some("a<b&c"))).unwrap();
        assert!(text.contains("<D:sync-token>a&lt;b&amp;c</D:sync-token>"), "{text}");
        assert!(!text.contains("limit"));
    }
}
