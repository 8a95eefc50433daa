//! One file per command.

pub(crate) mod check;
pub(crate) mod test;
pub(crate) mod tools;
