//! Calendars.
use serde::{Deserialize, Serialize};
/// c
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarContent {}
/// d
pub enum Weekday {}
