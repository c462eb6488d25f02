//! `GET /`: a plain page for people, to see what is in the databases while a demonstration runs.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use crate::html::{escape, page};
use crate::notion::NotionSimulator;
use crate::notion::control::eye;
use crate::notion::database::DataSource;
use crate::notion::page::plain;
use crate::notion::state::State as Notion;

/// How often the page loads itself again, in seconds.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"5\">\n";

/// The path of the page.
pub(crate) fn routes() -> Router<NotionSimulator> {
    Router::new().route("/", get(overview))
}

async fn overview(State(simulator): State<NotionSimulator>) -> Response {
    let state = simulator.state();
    let tables = state.sources.values().map(|source| table(&state, source)).collect::<String>();
    let body = format!(
        "<main>\n<h1>Simulated Notion</h1>\n\
         <p class=\"soft\">It is {} UTC; this page refreshes itself.</p>\n{tables}</main>\n",
        state.now().format("%A, %-d %B %Y, %H:%M:%S")
    );
    page(StatusCode::OK, "Simulated Notion", REFRESH, &body)
}

fn table(state: &Notion, source: &DataSource) -> String {
    let who = eye(state);
    let mut rows = state.rows_as_queried(source);
    rows.retain(|row| !row.in_trash && !row.is_archived);
    rows.sort_by_key(|row| row.stamp.created);
    let names = source.properties.iter().map(|property| property.name.as_str()).collect::<Vec<_>>();
    let head = names.iter().map(|name| format!("<th>{}</th>", escape(name))).collect::<String>();
    let body = rows.iter().map(|row| {
        let shown = state.render_page(&who, row, &[]);
        let cell = |name: &&str| format!("<td>{}</td>", escape(&text(&shown["properties"][*name])));
        format!("<tr>{}</tr>\n", names.iter().map(cell).collect::<String>())
    });
    format!(
        "<h2>{}</h2>\n<table>\n<tr>{head}</tr>\n{}</table>\n",
        escape(&source.title.plain_text()),
        body.collect::<String>()
    )
}

fn text(value: &Value) -> String {
    match (&value["date"]["start"], &value["date"]["end"]) {
        (Value::String(start), Value::String(end)) => format!("{start} – {end}"),
        _ => plain(value),
    }
}
