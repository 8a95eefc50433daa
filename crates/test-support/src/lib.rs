//! What tests of other crates say in few words: builders that mention only the values that matter, and
//! [`TestWorld`], an in-memory platform in which deadlines fire in order as the clock moves.
//!
//! What it is not: it is no part of the product, and it knows no log and no network. A test that needs
//! those takes the same builders and sends [`body`] of what they build.
//!
//! Start with [`TestWorld`]; [`warning`], [`penalty`], [`rectify`], [`appeal`] and the rulings
//! [`granting`] and [`refusing`] are the spine of a case `C1` of the account `dev7`.

mod appeals;
mod bodies;
mod notices;
mod rectifications;
mod rulebooks;
mod rulings;
mod values;
mod world;

pub use self::{
    appeals::{
        AmendmentBuilder, AppealBuilder, amend, appeal, citation, claim, unclaim, withdraw_appeal,
    },
    bodies::{body, body_in_words, parsed, words},
    notices::{
        PenaltyBuilder, WarningBuilder, WithdrawalBuilder, captured, finding, mistaken, penalty,
        warning,
    },
    rectifications::{
        RectifyBuilder, VerificationBuilder, code_review, code_review_failed, code_review_passed,
        confirmed, rectify, rejected,
    },
    rulebooks::{RulebookBuilder, publication, rulebook},
    rulings::{RulingBuilder, granting, refusing},
    values::{
        ANN, BOB, CID, DEV7, PLATFORM, ROOT, at, day, digest, id, label, login, observation,
        release, restriction,
    },
    world::{HOLD, Happened, TestWorld, short_type},
};
