//! Periods.
use serde::{Deserialize, Serialize};
/// A period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Period {
    /// s
    Seconds(u32),
    /// m
    Minutes(u32),
    /// h
    Hours(u32),
    /// d
    Days(u32),
    /// wd
    WorkingDays(u32),
}
/// bad
#[derive(Debug)]
pub struct InvalidPeriod;
