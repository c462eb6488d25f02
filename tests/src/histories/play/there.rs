//! What others do with the events at a service, as with a phone.

use super::super::ledger::Entry;
use super::super::remote::Row;
use super::super::stage::Fragile;
use super::super::step::{Edit, Said, What};
use super::super::words::{as_changed, change_there, content, row};
use super::{Player, chosen};

impl Player<'_> {
    pub(super) fn edit_there(&mut self, number: u32, remote: u8, edit: &Edit) {
        let pulled: Vec<_> =
            self.stage.places.iter().filter(|place| place.tie.direction.pulls()).cloned().collect();
        let Some(place) = chosen(&pulled, remote) else { return };
        let remote = &place.remote;
        let rows = remote.rows();
        let whole: Vec<Row> = rows.iter().filter(|row| row.series.is_none()).cloned().collect();
        let series: Vec<Row> = whole.iter().filter(|row| row.rule.is_some()).cloned().collect();
        let own: Vec<Row> =
            rows.iter().filter(|row| row.series.is_some() && !row.called_off).cloned().collect();
        let own_of = |series: &Row| {
            let id = Some(series.id.clone());
            own.iter().filter(move |row| row.series == id)
        };
        let mut entry = Entry::default();
        let is_taken = match edit {
            Edit::Add(kind) => {
                let said = Said::new(number, *kind);
                entry.make(&row(&content(&said), None));
                remote.add(&said)
            }
            Edit::Change(pick, what) => {
                let Some(before) = self.picked(&whole, *pick) else { return };
                let change = change_there(before, *what, number);
                let after = as_changed(before, &change);
                if before.rule.is_some() && (before.rule != after.rule || before.start != after.start) {
                    self.stage.note_reshaped(&before.place);
                    own_of(before).for_each(|row| entry.delete(row, Some(before)));
                }
                entry.change(before, &after, None);
                remote.change(before, &change)
            }
            Edit::ChangeOne(pick, nth, what) => {
                let Some(series) = self.picked(&series, *pick) else { return };
                let Some(before) = remote.occurrence(series, *nth).filter(|row| !row.called_off) else {
                    return;
                };
                let what = if *what == What::Rule { What::Title } else { *what };
                let change = change_there(&before, what, number);
                entry.change(&before, &as_changed(&before, &change), Some(series));
                self.stage.fragile.push(Fragile {
                    series: series.id.clone(),
                    said: entry.written().to_vec(),
                    at: self.stage.hands.now(),
                });
                remote.change(&before, &change)
            }
            Edit::CallOff(pick, nth) => {
                let Some(series) = self.picked(&series, *pick) else { return };
                let Some(before) = remote.occurrence(series, *nth).filter(|row| !row.called_off) else {
                    return;
                };
                entry.delete(&before, Some(series));
                remote.call_off(&before)
            }
            Edit::Delete(pick) => {
                let Some(before) = self.picked(&whole, *pick) else { return };
                entry.delete(before, None);
                own_of(before).for_each(|row| entry.delete(row, Some(before)));
                remote.delete(before)
            }
            Edit::ChangeFollowing(..) | Edit::DeleteFollowing(..) | Edit::Move(..) => return,
        };
        if is_taken {
            self.stage.ledger.note(&entry, number);
            if matches!(edit, Edit::Add(_) | Edit::Delete(_)) {
                self.note_past(&entry);
            }
            entry.place().unwrap_or_default().clone_into(&mut self.latest);
        } else {
            self.tale.push("     the service did not take it".to_owned());
        }
    }
}
