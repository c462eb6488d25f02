//! The text of a calendar object as a tree of lines (RFC 5545 §3.1).
//!
//! Lines are kept as they came, so that what nobody here understands goes back as it was: only the lines that an edit is
//! about are written anew.

use crate::error::Unreadable;

/// Deeper than any calendar object.
pub(crate) const DEPTH_LIMIT: usize = 16;
/// Octets of a line before it is folded.
const LINE_LENGTH: usize = 75;

/// A content line, unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line(String);

/// `BEGIN` to `END`, with what is between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    /// Its name in capitals.
    pub(crate) name: String,
    /// Its own lines.
    pub(crate) lines: Vec<Line>,
    /// What is within it.
    pub(crate) children: Vec<Component>,
}

impl Line {
    /// A line of a name with its parameters, and a value that is escaped as its type wants.
    pub(crate) fn new(head: &str, value: &str) -> Self {
        Self(format!("{head}:{value}"))
    }

    /// A line as it is.
    pub(crate) fn raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A line whose value is text.
    pub(crate) fn text(name: &str, value: &str) -> Self {
        let escaped = value
            .replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,")
            .replace("\r\n", "\n")
            .replace(['\n', '\r'], "\\n");
        Self::new(name, &escaped)
    }

    /// The whole line.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Name and parameters, and the value.
    fn split(&self) -> (&str, &str) {
        let mut is_quoted = false;
        for (at, character) in self.0.char_indices() {
            match character {
                '"' => is_quoted = !is_quoted,
                ':' if !is_quoted => {
                    let (head, value) = self.0.split_at(at);
                    return (head, value.strip_prefix(':').unwrap_or_default());
                }
                _ => {}
            }
        }
        (&self.0, "")
    }

    /// Whether the line is of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        let head = self.split().0;
        head.split(';').next().is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
    }

    /// The value as it is written.
    pub(crate) fn value(&self) -> &str {
        self.split().1
    }

    /// The value of a line of text.
    pub(crate) fn unescaped(&self) -> String {
        let mut text = String::new();
        let mut characters = self.value().chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => text.push('\\'),
                },
                other => text.push(other),
            }
        }
        text
    }

    /// The name of the component that a `BEGIN` or an `END` speaks of.
    pub(crate) fn name_in_value(&self) -> String {
        self.value().trim().to_ascii_uppercase()
    }

    fn parameters(&self) -> Vec<(&str, &str)> {
        let head = self.split().0;
        let mut is_quoted = false;
        let parts = head.split(|character| {
            is_quoted ^= character == '"';
            character == ';' && !is_quoted
        });
        parts.skip(1).filter_map(|part| part.split_once('=')).collect()
    }

    /// A parameter without its quotes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters().into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches('"'))
    }

    /// A parameter that is text, in which `^` stands before what cannot be written (RFC 6868).
    pub(crate) fn text_parameter(&self, name: &str) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.parameter(name)?.chars().peekable();
        while let Some(character) = characters.next() {
            let meant = match (character, characters.peek()) {
                ('^', Some('n')) => '\n',
                ('^', Some('^')) => '^',
                ('^', Some('\'')) => '"',
                _ => {
                    text.push(character);
                    continue;
                }
            };
            text.push(meant);
            characters.next();
        }
        Some(text)
    }

    /// The line with a parameter set, or taken out.
    pub(crate) fn with_parameter(&self, name: &str, value: Option<&str>) -> Self {
        let (head, text) = self.split();
        let own = head.split(';').next().unwrap_or_default();
        let mut written = own.to_owned();
        let others = self.parameters().into_iter().filter(|(other, _)| !other.eq_ignore_ascii_case(name));
        for (other, value) in others {
            written.push_str(&format!(";{other}={value}"));
        }
        if let Some(value) = value {
            let value = value.replace('^', "^^").replace('"', "^'").replace("\r\n", "\n");
            let value = value.replace(['\n', '\r'], "^n");
            let needs_quotes = value.contains([':', ';', ',']);
            let value = if needs_quotes { format!("\"{value}\"") } else { value };
            written.push_str(&format!(";{name}={value}"));
        }
        Self(format!("{written}:{text}"))
    }
}

impl Component {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), lines: Vec::new(), children: Vec::new() }
    }

    /// Reads a calendar object.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let mut open: Vec<Self> = Vec::new();
        for line in lines(text) {
            if line.is("BEGIN") {
                if open.len() >= DEPTH_LIMIT {
                    return Err(Unreadable::TooDeep);
                }
                open.push(Self::new(&line.name_in_value()));
            } else if line.is("END") {
                let name = line.name_in_value();
                let Some(ended) = open.pop().filter(|ended| ended.name == name) else {
                    return Err(Unreadable::Misplaced { name });
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(ended),
                    None if ended.name == "VCALENDAR" => return Ok(ended),
                    None => return Err(Unreadable::NoCalendar),
                }
            } else if let Some(component) = open.last_mut() {
                component.lines.push(line);
            }
        }
        Err(Unreadable::CutOff)
    }

    /// Writes it down, lines folded.
    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        self.write_into(&mut text);
        text
    }

    fn write_into(&self, text: &mut String) {
        fold_into(&format!("BEGIN:{}", self.name), text);
        for line in &self.lines {
            fold_into(&line.0, text);
        }
        for child in &self.children {
            child.write_into(text);
        }
        fold_into(&format!("END:{}", self.name), text);
    }

    /// The first line of a name.
    pub(crate) fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.is(name))
    }

    /// The text of the first line of a name.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.line(name).map(Line::unescaped)
    }

    /// The lines of a name.
    pub(crate) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.is(name))
    }

    /// Puts lines in the place of those of the names given, where the first of them was.
    pub(crate) fn replace(&mut self, names: &[&str], lines: Vec<Line>) {
        let is_meant = |line: &Line| names.iter().any(|name| line.is(name));
        let at = self.lines.iter().position(is_meant).unwrap_or(self.lines.len());
        self.lines.retain(|line| !is_meant(line));
        let at = at.min(self.lines.len());
        self.lines.splice(at..at, lines);
    }

    /// Puts one line, or none, in the place of those of its name.
    pub(crate) fn set(&mut self, name: &str, line: Option<Line>) {
        self.replace(&[name], line.into_iter().collect());
    }
}

/// The lines of a text one by one, unfolded, empty ones left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line> {
    // Only where there are no others are carriage returns ends of lines, as very old programs wrote them.
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let mut physical = text
        .trim_start_matches('\u{feff}')
        .split(end)
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .filter(|line| !line.is_empty())
        .peekable();
    std::iter::from_fn(move || {
        let mut line = physical.next()?.to_owned();
        // What is folded may be nothing but spaces.
        while let Some(rest) = physical.peek().and_then(|next| next.strip_prefix([' ', '\t'])) {
            line.push_str(rest);
            physical.next();
        }
        Some(Line(line))
    })
}

fn fold_into(line: &str, text: &mut String) {
    let mut length = 0;
    // What ends a line is never part of one: a link from elsewhere may hold anything.
    for character in line.chars().filter(|character| !matches!(character, '\r' | '\n')) {
        if length + character.len_utf8() > LINE_LENGTH {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(character);
        length += character.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn what_nobody_understands_goes_back_as_it_was() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-A;B=\"c:d;e\":f\r\nBEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\n\
                    X-MOZ:1\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let read = Component::read(text).unwrap();
        assert_eq!(read.write(), text);
        assert_eq!(read.line("x-a").unwrap().parameter("b"), Some("c:d;e"));
        assert_eq!(read.line("x-a").unwrap().value(), "f");
    }

    #[test]
    fn what_is_no_calendar_object_is_refused() {
        for text in
            ["", "hello", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "BEGIN:VCALENDAR\nVERSION:2.0\n"]
        {
            assert!(Component::read(text).is_err(), "{text}");
        }
        assert!(Component::read(&"BEGIN:VCALENDAR\n".repeat(1000)).is_err());
    }

    #[test]
    fn spaces_at_a_fold_and_ends_of_lines_in_a_text_are_kept() {
        let mut component = Component::new("VCALENDAR");
        component.lines.push(Line::text("SUMMARY", &format!("{}  ", "x".repeat(67))));
        component.lines.push(Line::text("LOCATION", "a\rEND:VCALENDAR"));
        let read = Component::read(&component.write()).unwrap();
        assert_eq!(read.text("SUMMARY").unwrap(), format!("{}  ", "x".repeat(67)));
        assert_eq!(read.text("LOCATION").unwrap(), "a\nEND:VCALENDAR");
    }

    #[test]
    fn a_parameter_is_set_and_the_others_stay() {
        let line = Line::raw("ATTENDEE;CN=\"A; B\";X-KEEP=1;PARTSTAT=NEEDS-ACTION:mailto:a@b.org");
        let line = line.with_parameter("PARTSTAT", Some("ACCEPTED"));
        assert_eq!(line.as_str(), "ATTENDEE;CN=\"A; B\";X-KEEP=1;PARTSTAT=ACCEPTED:mailto:a@b.org");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_folded_and_unfolded(text in any::<String>()) {
            let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
            let mut component = Component::new("VCALENDAR");
            component.lines.push(Line::text("SUMMARY", &text));
            let read = Component::read(&component.write()).unwrap();
            prop_assert_eq!(read.text("SUMMARY").unwrap(), text);
        }
    }
}
