//! Who wrote a text: others, or Redress itself.
//!
//! Times and dates are read strictly where others write them. What is stored once was accepted, by an earlier version
//! too, and must be read for ever. A value of both kinds has one type, so its reader is told by the deserializer.

/// As which newtype struct a time or date asks for itself. The deserializer of commands answers with the text alone:
/// others wrote it. Any other one knows no such name and hands itself over: Redress wrote what it reads.
pub(crate) const WRITTEN_BY_OTHERS: &str = "$events_schema::written_by_others";
