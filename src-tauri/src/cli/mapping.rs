//! `synodic calendar mapping`, and the mapping of `synodic calendar link`: which property of a Notion database holds what.

use std::str::FromStr;

use clap::Args;
use serde_json::Value;
use synodic_engine::notion::{Holder, MappingChoice, MappingProposal, Slot, SlotProposal};
use synodic_engine::view::Failure;

use super::{invalid, table};

/// What a person may say about a mapping.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct MappingArgs {
    /// Let a property of the Notion database hold a field, as location=Ort; “-” for none, “page” for a description in the
    /// page itself. May be given several times.
    #[arg(long = "map", value_name = "FIELD=PROPERTY")]
    map: Vec<Choice>,
    /// Create a property for each field that has none.
    #[arg(long)]
    create_missing: bool,
    /// How many minutes an event lasts whose page says only when it begins.
    #[arg(long, value_name = "MINUTES")]
    default_minutes: Option<u32>,
    /// Keep so many of the next occurrences of each series as pages of their own.
    #[arg(long, value_name = "N")]
    upcoming: Option<u32>,
}

#[derive(Clone, Debug)]
struct Choice {
    slot: Slot,
    property: String,
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, property) =
            text.split_once('=').ok_or_else(|| "write FIELD=PROPERTY, as location=Ort".to_owned())?;
        let word = field.trim().to_lowercase().replace('-', "_");
        let slot = serde_json::from_value(Value::String(word))
            .map_err(|_| format!("there is no field “{field}”; there are {}", names().join(", ")))?;
        Ok(Self { slot, property: property.trim().to_owned() })
    }
}

impl MappingArgs {
    /// Whether nothing is said.
    pub(super) const fn is_empty(&self) -> bool {
        self.map.is_empty()
            && !self.create_missing
            && self.default_minutes.is_none()
            && self.upcoming.is_none()
    }

    /// Puts what was said over what is proposed.
    pub(super) fn choose(&self, proposal: &MappingProposal) -> Result<MappingChoice, Failure> {
        let mut mapping = proposal.mapping.clone();
        for Choice { slot, property } in &self.map {
            let proposed = proposal.slots.iter().find(|proposed| proposed.slot == *slot);
            match proposed {
                Some(_) if property == "-" => {
                    mapping.slots.remove(slot);
                }
                Some(proposed) => {
                    let holder = found(proposed, property)?;
                    mapping.slots.retain(|other, taken| other == slot || *taken != holder);
                    mapping.slots.insert(*slot, holder);
                }
                None => return Err(invalid(format!("the field {} cannot be mapped", name(*slot)))),
            }
        }
        mapping.default_minutes = self.default_minutes.unwrap_or(mapping.default_minutes);
        mapping.upcoming = self.upcoming.unwrap_or(mapping.upcoming);
        let missing = proposal.slots.iter().filter(|proposed| {
            let is_wanted = proposed.slot != Slot::Series || mapping.upcoming > 0;
            let is_left_out =
                self.map.iter().any(|choice| choice.slot == proposed.slot && choice.property == "-");
            is_wanted
                && !is_left_out
                && proposed.creatable_as.is_some()
                && !mapping.slots.contains_key(&proposed.slot)
        });
        let create =
            if self.create_missing { missing.map(|proposed| proposed.slot).collect() } else { Vec::new() };
        Ok(MappingChoice { mapping, create })
    }
}

/// The candidate that a person means, by name or id.
fn found(proposed: &SlotProposal, wanted: &str) -> Result<Holder, Failure> {
    let fits = |holder: &Holder| match holder {
        Holder::Property { property } => property.name == wanted || property.id == wanted,
        Holder::PageBody => wanted == "page",
    };
    let candidate = proposed.candidates.iter().map(|candidate| &candidate.holder).find(|holder| fits(holder));
    candidate.cloned().ok_or_else(|| {
        let known: Vec<_> = proposed.candidates.iter().map(|candidate| shown(&candidate.holder)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        invalid(format!("“{wanted}” cannot hold {}; what can: {known}", name(proposed.slot)))
    })
}

/// The mapping as a table, with what has to be known about it.
pub(super) fn describe(proposal: &MappingProposal) -> String {
    let rows: Vec<_> = proposal
        .slots
        .iter()
        .map(|proposed| {
            let holder = proposal.mapping.slots.get(&proposed.slot).map_or_else(|| "-".to_owned(), shown);
            vec![name(proposed.slot), holder, proposed.reason.clone()]
        })
        .collect();
    let mut lines = vec![table(&rows)];
    lines.extend(proposal.warnings.iter().cloned());
    lines.extend(proposal.problem.clone());
    lines.join("\n")
}

fn shown(holder: &Holder) -> String {
    match holder {
        Holder::Property { property } => property.name.clone(),
        Holder::PageBody => "page".to_owned(),
    }
}

fn name(slot: Slot) -> String {
    let word = serde_json::to_value(slot).unwrap_or_default();
    word.as_str().unwrap_or_default().replace('_', "-")
}

fn names() -> Vec<String> {
    Slot::ALL.into_iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_names_a_field_and_a_property() {
        let choice: Choice = "conference-url = Video call".parse().unwrap();
        assert_eq!((choice.slot, choice.property.as_str()), (Slot::ConferenceUrl, "Video call"));
        assert!("location".parse::<Choice>().unwrap_err().contains("FIELD=PROPERTY"));
        assert!("colour=Farbe".parse::<Choice>().unwrap_err().contains("location"));
    }
}
