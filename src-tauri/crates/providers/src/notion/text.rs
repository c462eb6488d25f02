//! Rich text: reading it as plain text, and writing plain text into it without flattening what a person has formatted.
//!
//! What counts is the concatenated plain text; Notion merges runs and normalises links by itself, so the runs are never
//! compared. When a text changes, only the part that differs is written anew; the runs before and after it stay as they
//! are, mentions and equations included.

use serde_json::{Value, json};

/// The longest piece that is written, in UTF-16 units. Notion takes 2000 of it does not say what, so that a little room
/// is left (guide “Request limits”).
const PIECE: usize = 1900;
/// The most pieces in one property (guide “Request limits”).
pub(super) const PIECES: usize = 100;

/// The plain text of rich text.
pub(super) fn plain(rich: &Value) -> String {
    rich.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(plain_of).collect()
}

fn plain_of(run: &Value) -> &str {
    run["plain_text"].as_str().or_else(|| run["text"]["content"].as_str()).unwrap_or_default()
}

/// Plain text as rich text.
pub(super) fn write(text: &str) -> Vec<Value> {
    pieces(text).map(|piece| json!({ "type": "text", "text": { "content": piece } })).collect()
}

/// Cuts a text where it becomes too long, never within a letter.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut units = 0;
        let end = rest
            .char_indices()
            .find(|(_, letter)| {
                units += letter.len_utf16();
                units > PIECE
            })
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Rich text that says `text`, made from what is there: runs that the change does not touch stay as they are, and what
/// is typed takes on the look of the letter before it, as in an editor.
pub(super) fn revise(there: &Value, text: &str) -> Vec<Value> {
    let runs = there.as_array().map(Vec::as_slice).unwrap_or_default();
    let old = plain(there);
    if runs.is_empty() || old.is_empty() {
        return write(text);
    }
    let (mut before, mut after) = common(&old, text);
    // A mention or an equation is kept whole or not at all.
    (before, after) =
        (clear_of_atoms(runs, before), old.len() - clear_of_atoms_from_end(runs, old.len() - after));
    let inserted = text.get(before..text.len() - after).unwrap_or_default();
    let mut revised = Vec::new();
    let mut at = 0;
    let mut look = Value::Null;
    for run in runs {
        let end = at + plain_of(run).len();
        if at < before {
            look = if is_text(run) { run["annotations"].clone() } else { Value::Null };
            revised.extend(cut(run, 0, end.min(before) - at));
        }
        at = end;
    }
    revised.extend(pieces(inserted).map(|piece| styled(piece, &Value::Null, &look)));
    let kept_from = old.len() - after;
    let mut at = 0;
    for run in runs {
        let end = at + plain_of(run).len();
        if end > kept_from {
            revised.extend(cut(run, kept_from.max(at) - at, end - at));
        }
        at = end;
    }
    if revised.len() > PIECES { write(text) } else { revised }
}

/// How many bytes two texts have in common at their beginnings, and of the rest at their ends.
fn common(old: &str, new: &str) -> (usize, usize) {
    let before: usize = old
        .chars()
        .zip(new.chars())
        .take_while(|(left, right)| left == right)
        .map(|(left, _)| left.len_utf8())
        .sum();
    let (old, new) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let after = old
        .chars()
        .rev()
        .zip(new.chars().rev())
        .take_while(|(left, right)| left == right)
        .map(|(left, _)| left.len_utf8())
        .sum();
    (before, after)
}

fn is_text(run: &Value) -> bool {
    run["type"].as_str().unwrap_or("text") == "text"
}

/// Moves a cut that lies within something indivisible to its beginning.
fn clear_of_atoms(runs: &[Value], cut: usize) -> usize {
    within_atom(runs, cut).map_or(cut, |(start, _)| start)
}

/// Moves a cut that lies within something indivisible to its end.
fn clear_of_atoms_from_end(runs: &[Value], cut: usize) -> usize {
    within_atom(runs, cut).map_or(cut, |(_, end)| end)
}

fn within_atom(runs: &[Value], cut: usize) -> Option<(usize, usize)> {
    let mut at = 0;
    for run in runs {
        let end = at + plain_of(run).len();
        if !is_text(run) && at < cut && cut < end {
            return Some((at, end));
        }
        at = end;
    }
    None
}

/// The part of a run between two bytes, as it is to be written; what cannot be written becomes text.
fn cut(run: &Value, from: usize, to: usize) -> Vec<Value> {
    if !is_text(run)
        && let Some(whole) = writable(run)
    {
        return vec![whole];
    }
    let part = plain_of(run).get(from..to).unwrap_or_default();
    pieces(part).map(|piece| styled(piece, &run["text"]["link"], &run["annotations"])).collect()
}

fn styled(content: &str, link: &Value, annotations: &Value) -> Value {
    let mut run = json!({ "type": "text", "text": { "content": content } });
    if link.is_object() {
        run["text"]["link"] = json!({ "url": link["url"] });
    }
    if annotations.is_object() {
        run["annotations"] = annotations.clone();
    }
    run
}

/// A mention or an equation in the form in which it may be written; none for those that only Notion makes.
fn writable(run: &Value) -> Option<Value> {
    let kind = run["type"].as_str()?;
    let mut written = match kind {
        "equation" => json!({ "type": kind, kind: { "expression": run[kind]["expression"] } }),
        "mention" => {
            let what = run[kind]["type"].as_str()?;
            let target = &run[kind][what];
            let target = match what {
                "user" | "page" | "database" | "data_source" => json!({ "id": target["id"] }),
                "date" => target.clone(),
                _ => return None,
            };
            json!({ "type": kind, kind: { what: target } })
        }
        _ => return None,
    };
    if run["annotations"].is_object() {
        written["annotations"] = run["annotations"].clone();
    }
    Some(written)
}

/// What a description says without its markup. Calendars keep HTML in descriptions, which Notion would show as it is.
pub(super) fn without_markup(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if !looks_like_html(&text) {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(open) = rest.find('<') {
        plain.push_str(rest.get(..open).unwrap_or_default());
        let tag = rest.get(open..).unwrap_or_default();
        let Some(close) = tag.find('>') else {
            plain.push_str(tag);
            rest = "";
            break;
        };
        let name = tag.get(1..close).unwrap_or_default();
        if breaks_line(name) && !plain.is_empty() && !plain.ends_with('\n') {
            plain.push('\n');
        }
        rest = tag.get(close + 1..).unwrap_or_default();
    }
    plain.push_str(rest);
    let decoded = plain
        .replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    decoded.trim_end().to_owned()
}

fn looks_like_html(text: &str) -> bool {
    const TAGS: [&str; 12] =
        ["<br", "<p>", "<p ", "<b>", "<i>", "<u>", "<a ", "<ul", "<ol", "<div", "<span", "<html"];
    let folded = text.to_ascii_lowercase();
    TAGS.iter().any(|tag| folded.contains(tag))
}

fn breaks_line(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
    matches!(
        name.to_ascii_lowercase().as_str(),
        "br" | "p" | "div" | "li" | "tr" | "ul" | "ol" | "h1" | "h2" | "h3"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(content: &str, bold: bool) -> Value {
        json!({
            "type": "text", "text": { "content": content, "link": null }, "plain_text": content,
            "annotations": { "bold": bold, "color": "default" },
        })
    }

    fn written(runs: &[Value]) -> String {
        runs.iter()
            .map(|run| {
                let other = || run["equation"]["expression"].as_str().unwrap_or("@Ada");
                run["text"]["content"].as_str().unwrap_or_else(other)
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Trap 13.
        #[test]
        fn long_texts_are_cut_into_bearable_pieces_between_letters(
            letters in proptest::collection::vec(prop_oneof![Just('a'), Just('é'), Just('😀'), any::<char>()], 0..2500)
        ) {
            let text: String = letters.into_iter().collect();
            let pieces = write(&text);
            for piece in &pieces {
                let content = piece["text"]["content"].as_str().unwrap();
                prop_assert!(!content.is_empty() && content.encode_utf16().count() <= PIECE);
            }
            prop_assert_eq!(written(&pieces), text);
        }

        #[test]
        fn a_revised_text_says_what_it_shall(
            runs in proptest::collection::vec(("[a-zäö😀 ]{0,8}", any::<bool>()), 0..6),
            text in "[a-zäö😀 ]{0,40}",
        ) {
            let there: Vec<_> = runs.iter().map(|(content, bold)| run(content, *bold)).collect();
            prop_assert_eq!(written(&revise(&Value::Array(there), &text)), text);
        }
    }

    /// Trap 21: runs may be cut otherwise on the way back; the text is the same.
    #[test]
    fn the_same_text_in_other_runs_is_the_same_text() {
        let one = json!([run("Talk with ", false), run("Ada", true)]);
        let other = json!([run("Talk ", false), run("with ", false), run("A", true), run("da", true)]);
        assert_eq!(plain(&one), plain(&other));
    }

    #[test]
    fn formatting_around_a_change_stays() {
        let there = json!([run("Bring ", false), run("the slides", true), run(" along", false)]);
        let revised = revise(&there, "Bring the slides with coffee along");
        assert_eq!(written(&revised), "Bring the slides with coffee along");
        assert_eq!(revised[1]["text"]["content"], "the slides");
        assert_eq!(revised[1]["annotations"]["bold"], true);
        assert_eq!(revised.last().unwrap()["text"]["content"], "along");
        assert_eq!(revised.last().unwrap()["annotations"]["bold"], false);
    }

    #[test]
    fn a_link_beside_a_change_stays_a_link() {
        let mut link = run("here", false);
        link["text"]["link"] = json!({ "url": "https://example.org/" });
        let there = json!([run("See ", false), link]);
        let revised = revise(&there, "Do see here");
        let kept = revised.iter().find(|run| run["text"]["link"].is_object()).unwrap();
        assert_eq!(kept["text"]["content"], "here");
    }

    #[test]
    fn a_mention_is_kept_whole_or_not_at_all() {
        let mention = json!({
            "type": "mention", "plain_text": "@Ada", "annotations": { "bold": false },
            "mention": { "type": "user", "user": { "object": "user", "id": "u1", "name": "Ada" } },
        });
        let there = json!([run("With ", false), mention, run(" at ten", false)]);
        let kept = revise(&there, "With @Ada at noon");
        assert_eq!(
            kept[1],
            json!({
                "type": "mention", "mention": { "user": { "id": "u1" } }, "annotations": { "bold": false },
            })
        );
        let broken = revise(&there, "With @Adam at ten");
        assert_eq!(written(&broken), "With @Adam at ten");
        let inside = revise(&there, "With @Adx at ten");
        assert!(inside.iter().all(|run| run["type"] == "text"));
        assert_eq!(written(&inside), "With @Adx at ten");
    }

    #[test]
    fn markup_is_left_out_and_plain_text_is_left_alone() {
        assert_eq!(without_markup("a < b and c > d"), "a < b and c > d");
        assert_eq!(without_markup("One\r\nTwo"), "One\nTwo");
        assert_eq!(
            without_markup("<p>Bring <b>slides</b> &amp; coffee</p><ul><li>one</li><li>two</li></ul>"),
            "Bring slides & coffee\none\ntwo"
        );
        assert_eq!(without_markup("see <a href=\"https://example.org\">here</a><br>bye"), "see here\nbye");
    }
}
