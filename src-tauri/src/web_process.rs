//! The process that draws the page: when it dies, by a fault of its own or because memory ran out, the window would stay
//! blank until somebody closed it. It is loaded anew, and shows what the replica has; only what was being typed is gone.

use std::cell::Cell;
use std::time::{Duration, Instant};

use webkit2gtk::{WebProcessTerminationReason, WebView, WebViewExt as _};

/// A page that dies again so soon would die for ever; what the person does next may be better.
const AGAIN: Duration = Duration::from_secs(10);

/// Loads the page anew whenever its process has died.
pub(crate) fn revive(view: &WebView) {
    let last: Cell<Option<Instant>> = Cell::new(None);
    view.connect_web_process_terminated(move |view, reason| {
        let now = Instant::now();
        if is_worth_it(reason, last.replace(Some(now)).map(|last| now.duration_since(last))) {
            tracing::error!(?reason, "the window's page has died and is loaded anew");
            view.reload();
        } else {
            tracing::error!(
                ?reason,
                "the window's page has died and stays so until the window is opened anew"
            );
        }
    });
}

/// Whether a page is loaded anew that died for a reason, and so long after it had died before.
fn is_worth_it(reason: WebProcessTerminationReason, since: Option<Duration>) -> bool {
    reason != WebProcessTerminationReason::TerminatedByApi && since.is_none_or(|since| since >= AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_dies_is_loaded_anew_but_not_over_and_over() {
        use WebProcessTerminationReason::{Crashed, ExceededMemoryLimit, TerminatedByApi};
        assert!(is_worth_it(Crashed, None) && is_worth_it(ExceededMemoryLimit, Some(AGAIN)));
        assert!(!is_worth_it(Crashed, Some(AGAIN / 2)), "it would never end");
        assert!(!is_worth_it(TerminatedByApi, None), "we wanted that");
    }
}
