//! `synodic review`: plans that would change much, and wait for the person.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use synodic_engine::view::{Failure, ReviewSide, ReviewView};

use super::host::{Host, with};
use super::{Global, not_found, print};
use crate::call::Call;

#[derive(Debug, Subcommand)]
pub(super) enum ReviewCommand {
    /// List the plans that wait, each with what it would do on which side.
    List,
    /// Let a calendar's plan be carried out, this once.
    Approve {
        /// The calendar's name, or the remote calendar's.
        calendar: String,
    },
    /// Refuse a calendar's plan: what would be deleted on one side is put back from the other.
    Discard {
        /// The calendar's name, or the remote calendar's.
        calendar: String,
    },
}

pub(super) async fn run(command: ReviewCommand, global: Global) -> Result<ExitCode, Failure> {
    with(&global, async |host| match command {
        ReviewCommand::List => {
            let reviews: Vec<ReviewView> = host.ask(Call::Reviews).await?;
            print(global.json, &reviews, |reviews| describe(reviews))
        }
        ReviewCommand::Approve { calendar } => {
            let link = find(host, &calendar).await?.link_id;
            host.ask::<()>(Call::ApproveReview { link }).await?;
            print(global.json, &json!({ "approved": link }), |_| {
                "It is carried out with the next “synodic sync”.".into()
            })
        }
        ReviewCommand::Discard { calendar } => {
            let link = find(host, &calendar).await?.link_id;
            host.ask::<()>(Call::DiscardReview { link }).await?;
            print(global.json, &json!({ "discarded": link }), |_| {
                "Nothing is deleted; both sides agree again after the next “synodic sync”.".into()
            })
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn find(host: &Host, wanted: &str) -> Result<ReviewView, Failure> {
    let reviews: Vec<ReviewView> = host.ask(Call::Reviews).await?;
    let found = reviews.into_iter().find(|review| {
        review.calendar == wanted || review.remote_name == wanted || review.link_id.to_string() == wanted
    });
    found.ok_or_else(|| {
        not_found(format!("no plan for “{wanted}” waits; “synodic review list” shows those there are"))
    })
}

fn describe(reviews: &[ReviewView]) -> String {
    if reviews.is_empty() {
        return "No plan waits.".into();
    }
    let paragraphs: Vec<String> = reviews
        .iter()
        .map(|review| {
            let place = match review.side {
                ReviewSide::Here => format!("In “{}” here", review.calendar),
                ReviewSide::There => format!("In “{}” of {}", review.remote_name, review.account),
            };
            let guests = match review.guests {
                0 => "nobody would be mailed".to_owned(),
                guests => format!("{guests} guests would be mailed"),
            };
            let heading = format!(
                "{place}, {} of {} events would be deleted and {} made; {guests}:",
                review.deletions, review.known, review.creations
            );
            let titles = review.titles.iter().map(|title| format!("  {title}"));
            [heading].into_iter().chain(titles).collect::<Vec<_>>().join("\n")
        })
        .collect();
    paragraphs.join("\n\n")
}
