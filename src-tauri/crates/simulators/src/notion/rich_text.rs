//! Rich text: runs of text, mentions and formulas, with their annotations.

use serde_json::{Value, json};
use url::Url;

use super::date::Date;
use super::error::ApiError;

/// How many runs one array may have in a request.
pub(crate) const MOST_RUNS: usize = 100;
/// How many UTF-16 units one run of text may have.
const MOST_TEXT: usize = 2000;
const MOST_LINK: usize = 2000;
const MOST_EQUATION: usize = 1000;
/// How many mentions are shown where a page is read as a whole.
const MOST_INLINE_MENTIONS: usize = 25;

/// How a run looks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Annotations {
    bold: bool,
    italic: bool,
    strikethrough: bool,
    underline: bool,
    code: bool,
    color: String,
}

/// What a run is.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text { content: String, link: Option<String> },
    Mention { mention: Value, plain: String },
    Equation(String),
}

/// One run of rich text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    kind: Kind,
    annotations: Annotations,
}

/// Rich text as it is kept: runs that look alike have become one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RichText(Vec<Run>);

impl RichText {
    /// Text without any formatting.
    pub(crate) fn plain(text: &str) -> Self {
        let kind = Kind::Text { content: text.to_owned(), link: None };
        Self(if text.is_empty() { Vec::new() } else { vec![Run { kind, annotations: Annotations::none() }] })
    }

    /// Reads what a client writes. `name_of` tells how a mentioned page or user is called.
    pub(crate) fn read(
        value: &Value,
        path: &str,
        name_of: &dyn Fn(&str) -> String,
    ) -> Result<Self, ApiError> {
        let items = value.as_array().ok_or_else(|| ApiError::body(path, "an array", value))?;
        if items.len() > MOST_RUNS {
            return Err(ApiError::too_long(path, MOST_RUNS, items.len()));
        }
        let mut runs: Vec<Run> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let run = Run::read(item, &format!("{path}[{index}]"), name_of)?;
            match (runs.last_mut(), run) {
                (
                    Some(Run { kind: Kind::Text { content, link }, annotations }),
                    Run { kind: Kind::Text { content: more, link: other }, annotations: same },
                ) if *link == other && *annotations == same => content.push_str(&more),
                (_, run) => runs.push(run),
            }
        }
        runs.retain(|run| !matches!(&run.kind, Kind::Text { content, .. } if content.is_empty()));
        Ok(Self(runs))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without its formatting.
    pub(crate) fn plain_text(&self) -> String {
        self.0.iter().map(Run::plain_text).collect()
    }

    /// All runs as the API shows them.
    pub(crate) fn render(&self) -> Value {
        self.0.iter().map(Run::render).collect()
    }

    /// The runs as they are shown where a page is read as a whole: what follows the 25th mention is left out.
    pub(crate) fn render_inline(&self) -> Value {
        let mut mentions = 0;
        let shown = self.0.iter().take_while(|run| {
            mentions += usize::from(matches!(run.kind, Kind::Mention { .. }));
            mentions <= MOST_INLINE_MENTIONS
        });
        shown.map(Run::render).collect()
    }

    /// Each run by itself, for the property endpoint.
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.0.iter().map(Run::render).collect()
    }
}

impl Annotations {
    fn none() -> Self {
        Self {
            bold: false,
            italic: false,
            strikethrough: false,
            underline: false,
            code: false,
            color: "default".to_owned(),
        }
    }

    fn read(value: &Value) -> Self {
        let flag = |name: &str| value[name].as_bool().unwrap_or_default();
        Self {
            bold: flag("bold"),
            italic: flag("italic"),
            strikethrough: flag("strikethrough"),
            underline: flag("underline"),
            code: flag("code"),
            color: value["color"].as_str().unwrap_or("default").to_owned(),
        }
    }

    fn render(&self) -> Value {
        json!({
            "bold": self.bold,
            "italic": self.italic,
            "strikethrough": self.strikethrough,
            "underline": self.underline,
            "code": self.code,
            "color": self.color,
        })
    }
}

impl Run {
    fn read(value: &Value, path: &str, name_of: &dyn Fn(&str) -> String) -> Result<Self, ApiError> {
        let annotations = Annotations::read(&value["annotations"]);
        let kind = if let Some(text) = value.get("text") {
            read_text(text, path)?
        } else if let Some(mention) = value.get("mention") {
            read_mention(mention, path, name_of)?
        } else if let Some(expression) = value["equation"]["expression"].as_str() {
            let length = utf16(expression);
            if length > MOST_EQUATION {
                return Err(ApiError::too_long(
                    &format!("{path}.equation.expression"),
                    MOST_EQUATION,
                    length,
                ));
            }
            Kind::Equation(expression.to_owned())
        } else {
            return Err(ApiError::body(&format!("{path}.text"), "defined", &Value::Null));
        };
        Ok(Self { kind, annotations })
    }

    fn plain_text(&self) -> &str {
        match &self.kind {
            Kind::Text { content, .. } => content,
            Kind::Mention { plain, .. } => plain,
            Kind::Equation(expression) => expression,
        }
    }

    fn render(&self) -> Value {
        let mut run = match &self.kind {
            Kind::Text { content, link } => json!({
                "type": "text",
                "text": { "content": content, "link": link.as_ref().map(|url| json!({ "url": url })) },
                "href": link,
            }),
            Kind::Mention { mention, .. } => {
                let page = mention["page"]["id"].as_str().or_else(|| mention["database"]["id"].as_str());
                let href = page.map(|id| format!("https://www.notion.so/{}", id.replace('-', "")));
                json!({ "type": "mention", "mention": mention, "href": href })
            }
            Kind::Equation(expression) => {
                json!({ "type": "equation", "equation": { "expression": expression }, "href": null })
            }
        };
        run["annotations"] = self.annotations.render();
        run["plain_text"] = json!(self.plain_text());
        run
    }
}

fn read_text(text: &Value, path: &str) -> Result<Kind, ApiError> {
    let place = format!("{path}.text.content");
    let content =
        text["content"].as_str().ok_or_else(|| ApiError::body(&place, "a string", &text["content"]))?;
    let length = utf16(content);
    if length > MOST_TEXT {
        return Err(ApiError::too_long(&place, MOST_TEXT, length));
    }
    let link = match &text["link"] {
        Value::Null => None,
        link => {
            let place = format!("{path}.text.link.url");
            let url = link["url"].as_str().ok_or_else(|| ApiError::body(&place, "a string", &link["url"]))?;
            let length = utf16(url);
            if length > MOST_LINK {
                return Err(ApiError::too_long(&place, MOST_LINK, length));
            }
            // An address that can be read comes back as a browser would write it.
            Some(Url::parse(url).map_or_else(|_| url.to_owned(), String::from))
        }
    };
    Ok(Kind::Text { content: content.to_owned(), link })
}

fn read_mention(mention: &Value, path: &str, name_of: &dyn Fn(&str) -> String) -> Result<Kind, ApiError> {
    for (kind, prefix) in [("user", "@"), ("page", ""), ("database", "")] {
        if let Some(id) = mention[kind]["id"].as_str() {
            let plain = format!("{prefix}{}", name_of(id));
            let mut target = json!({ "id": id });
            if kind == "user" {
                target["object"] = json!("user");
            }
            let mut mention = json!({ "type": kind });
            mention[kind] = target;
            return Ok(Kind::Mention { mention, plain });
        }
    }
    if let Some(date) = mention.get("date") {
        let date = Date::read(date, &format!("{path}.mention.date"))?.render(false);
        let plain = date["start"].as_str().unwrap_or_default().to_owned();
        return Ok(Kind::Mention { mention: json!({ "type": "date", "date": date }), plain });
    }
    Err(ApiError::body(&format!("{path}.mention.user"), "defined", &Value::Null))
}

/// The length of a text as the service counts it.
pub(crate) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]
    fn read(value: Value) -> Result<RichText, ApiError> {
        RichText::read(&value, "body.x", &|id| format!("name of {id}"))
    }

    #[test]
    fn runs_that_look_alike_become_one() {
        let bold = json!({ "bold": true });
        let text = read(json!([
            { "text": { "content": "a" } },
            { "text": { "content": "b" }, "annotations": {} },
            { "text": { "content": "c" }, "annotations": bold },
            { "text": { "content": "" } },
            { "text": { "content": "d", "link": { "url": "https://example.com" } } },
        ]))
        .unwrap();
        assert_eq!(text.plain_text(), "abcd");
        let shown = text.render();
        assert_eq!(shown.as_array().unwrap().len(), 3);
        assert_eq!(shown[0]["plain_text"], "ab");
        assert_eq!(shown[1]["annotations"]["bold"], true);
        assert_eq!(shown[2]["href"], "https://example.com/", "links are written as a browser writes them");
    }

    #[test]
    fn what_is_read_back_can_be_written_again() {
        let text = read(json!([
            { "text": { "content": "by " }, "annotations": { "color": "red", "code": true } },
            { "mention": { "user": { "id": "u" } } },
            { "equation": { "expression": "e=mc^2" } },
        ]))
        .unwrap();
        assert_eq!(text.plain_text(), "by @name of ue=mc^2");
        assert_eq!(read(text.render()).unwrap(), text);
    }

    #[test]
    fn limits_are_counted_in_utf16_units() {
        let content = |text: String| json!([{ "text": { "content": text } }]);
        assert!(read(content("x".repeat(2000))).is_ok());
        let error = read(content("😀".repeat(1001))).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("body.x[0].text.content.length should be ≤ `2000`, instead was `2002`")
        );
        let many = vec![json!({ "text": { "content": "x" } }); 101];
        assert!(read(json!(many)).unwrap_err().to_string().contains("body.x.length should be ≤ `100`"));
    }
}
