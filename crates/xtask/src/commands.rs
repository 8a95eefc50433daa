//! One file per command.

pub(crate) mod acceptance;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod floods;
pub(crate) mod test;
pub(crate) mod tools;
