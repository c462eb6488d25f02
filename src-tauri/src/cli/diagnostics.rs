//! `synodic diagnostics`: what somebody who helps has to know, and nothing that is the person's own.

use std::process::ExitCode;

use serde_json::Value;
use synodic_engine::view::Failure;

use super::host::with;
use super::{Global, print};
use crate::call::Call;

/// Prints one JSON document, also without `--json`: it is made to be sent on.
pub(super) async fn run(global: Global) -> Result<ExitCode, Failure> {
    with(&global, async |host| {
        let diagnostics: Value = host.ask(Call::Diagnostics).await?;
        print(true, &diagnostics, |_| String::new())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
