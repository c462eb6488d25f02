//! Tests of the calendar model, in one binary.

mod oracle;
