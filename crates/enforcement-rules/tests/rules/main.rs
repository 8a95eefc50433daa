//! The rules of the procedure, each as a test of its name; a file per theme.

mod amendments;
mod at_issue;
mod attempts;
mod calendars;
mod code_review;
mod cure_period;
mod deadlines;
mod declarations;
mod in_part;
mod ladder;
mod lowering;
mod measures;
mod notices;
mod reviewers;
mod rulebooks;
mod rulings;
mod seals;
mod succession;
mod verification;
mod windows;
mod withdrawal;
