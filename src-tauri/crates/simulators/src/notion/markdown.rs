//! Page bodies as Markdown: a small part of it, enough for descriptions.

use serde_json::{Value, json};
use uuid::Uuid;

use super::block::Block;
use super::database::Object;
use super::error::ApiError;
use super::state::{Caller, Parent, State};

/// How long one run of text may be; longer lines are cut in pieces.
const PIECE: usize = 1900;

/// Turns Markdown into blocks as a client would write them.
pub(crate) fn blocks(markdown: &str) -> Value {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if let Some(language) = trimmed.strip_prefix("```") {
            let code = lines.by_ref().take_while(|line| line.trim() != "```").collect::<Vec<_>>().join("\n");
            let language = if language.is_empty() { "plain text" } else { language };
            let mut block = textual("code", &code);
            block["code"]["language"] = json!(language);
            blocks.push(block);
            continue;
        }
        blocks.push(line_block(trimmed));
    }
    Value::Array(blocks)
}

fn line_block(line: &str) -> Value {
    let prefixes = [
        ("### ", "heading_3"),
        ("## ", "heading_2"),
        ("# ", "heading_1"),
        ("- [ ] ", "to_do"),
        ("- [x] ", "to_do"),
        ("- ", "bulleted_list_item"),
        ("* ", "bulleted_list_item"),
        ("> ", "quote"),
    ];
    if line == "---" {
        return json!({ "type": "divider", "divider": {} });
    }
    for (prefix, kind) in prefixes {
        if let Some(rest) = line.strip_prefix(prefix) {
            let mut block = textual(kind, rest);
            if kind == "to_do" {
                block["to_do"]["checked"] = json!(prefix.contains('x'));
            }
            return block;
        }
    }
    match line.split_once(". ") {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            textual("numbered_list_item", rest)
        }
        _ => textual("paragraph", line),
    }
}

fn textual(kind: &str, text: &str) -> Value {
    let characters = text.chars().collect::<Vec<_>>();
    let pieces = characters.chunks(PIECE / 2).map(|piece| {
        let content = piece.iter().collect::<String>();
        json!({ "text": { "content": content } })
    });
    let mut block = json!({ "type": kind });
    block[kind] = json!({ "rich_text": pieces.collect::<Value>() });
    block
}

/// Formats a run of rich text.
fn run(run: &Value) -> String {
    let mut text = run["plain_text"].as_str().unwrap_or_default().to_owned();
    let marks = &run["annotations"];
    for (name, mark) in [("code", "`"), ("strikethrough", "~~"), ("italic", "*"), ("bold", "**")] {
        if marks[name] == true {
            text = format!("{mark}{text}{mark}");
        }
    }
    match run["href"].as_str() {
        Some(url) => format!("[{text}]({url})"),
        None => text,
    }
}

impl State {
    fn write_markdown(&self, ids: &[Uuid], indent: usize, lines: &mut Vec<String>, unknown: &mut Vec<Uuid>) {
        let mut number = 0;
        for block in ids.iter().filter_map(|id| self.blocks.get(id)).filter(|block| !block.in_trash) {
            number = if block.kind == "numbered_list_item" { number + 1 } else { 0 };
            match line(block, number) {
                Some(line) => lines.push(format!("{}{line}", "\t".repeat(indent))),
                None => unknown.push(block.id),
            }
            self.write_markdown(&block.children, indent + 1, lines, unknown);
        }
    }

    /// `GET pages/{id}/markdown`.
    pub(crate) fn page_markdown(&self, who: &Caller, id: &str) -> Result<Value, ApiError> {
        let page = self.open_page(who, id)?;
        let (mut lines, mut unknown) = (Vec::new(), Vec::new());
        self.write_markdown(&page.children, 0, &mut lines, &mut unknown);
        Ok(json!({
            "object": "page_markdown",
            "id": page.id,
            "markdown": lines.join("\n"),
            "truncated": false,
            "unknown_block_ids": unknown,
        }))
    }

    /// `PATCH pages/{id}/markdown`: replaces the body, or adds to it.
    pub(crate) fn change_markdown(
        &mut self,
        who: &Caller,
        id: &str,
        body: &Object,
    ) -> Result<Uuid, ApiError> {
        who.may(who.capabilities.update)?;
        let page = self.open_page(who, id)?;
        let id = page.id;
        if page.in_trash {
            return Err(ApiError::in_trash());
        }
        let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
        let settings = body.get(kind).unwrap_or(&Value::Null);
        let (text, at) = match kind {
            "replace_content" => (settings["new_str"].as_str(), None),
            "insert_content" => {
                let start = settings["position"]["type"] == "start";
                (settings["content"].as_str(), start.then_some(0))
            }
            _ => {
                let place = "body.type";
                return Err(ApiError::body(place, "`replace_content` or `insert_content`", &json!(kind)));
            }
        };
        let text = text.ok_or_else(|| ApiError::body(&format!("body.{kind}"), "defined", settings))?;
        let blocks = self.read_children(&blocks(text), &format!("body.{kind}"))?;
        if kind == "replace_content" {
            self.clear_children(who.author(), id);
        }
        let ids = self.put_children(who.author(), Parent::Page(id), blocks, at);
        self.body_changed(who.author(), Parent::Page(id), ids);
        Ok(id)
    }
}

/// One block without its children; `None` if Markdown has nothing for it.
fn line(block: &Block, number: usize) -> Option<String> {
    let runs = block.text.runs();
    let text = runs.iter().map(run).collect::<String>();
    Some(match block.kind.as_str() {
        "paragraph" | "toggle" | "callout" => text,
        "heading_1" => format!("# {text}"),
        "heading_2" => format!("## {text}"),
        "heading_3" => format!("### {text}"),
        "bulleted_list_item" => format!("- {text}"),
        "numbered_list_item" => format!("{number}. {text}"),
        "to_do" if block.rest.get("checked") == Some(&json!(true)) => format!("- [x] {text}"),
        "to_do" => format!("- [ ] {text}"),
        "quote" => format!("> {text}"),
        "divider" => "---".to_owned(),
        "code" => {
            let language = block.rest.get("language").and_then(Value::as_str).unwrap_or_default();
            format!("```{language}\n{}\n```", block.text.plain_text())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_blocks() {
        let blocks = blocks("# Agenda\n\n- first\n1. one\n- [x] done\n```\nlet x;\n```\n---\nplain");
        let kinds = blocks.as_array().unwrap().iter().map(|block| block["type"].as_str().unwrap());
        let expected = [
            "heading_1",
            "bulleted_list_item",
            "numbered_list_item",
            "to_do",
            "code",
            "divider",
            "paragraph",
        ];
        assert_eq!(kinds.collect::<Vec<_>>(), expected);
        assert_eq!(blocks[3]["to_do"]["checked"], true);
    }

    #[test]
    fn marks_are_written_around_their_text() {
        let bold =
            json!({ "plain_text": "x", "annotations": { "bold": true }, "href": "https://example.com/" });
        assert_eq!(run(&bold), "[**x**](https://example.com/)");
    }
}
