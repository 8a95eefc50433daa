//! Rule 18: a strike counts one step further only against what was found after it was imposed; several places of one
//! inspection are one strike. One that falls lowers the later penalties whose step had counted it.

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn only_who_was_told_and_did_it_again_goes_one_step_further() {
    let stage = Stage::new(&[]);
    let step =
        |case: &str| stage.only_event(case, "penalty.issued").facts["strike"]["step"].clone();
    for case in ["C1", "C2", "C3"] {
        let penalty = bodies::penalty(case, "P1");
        stage.accept("platform:watch", "IssuePenalty", &penalty);
        // Three places that were seen at one time.
        assert_eq!(step(case), 1, "{case}");
    }
    let seen_since = json!([{
        "sha256": bodies::DIGEST, "captured_at": bodies::now(), "captured_by": "platform"
    }]);
    let again = with(
        bodies::penalty("C4", "P1"),
        "/facts/violation/findings/0/evidence",
        seen_since,
    );
    stage.accept("platform:watch", "IssuePenalty", &again);
    assert_eq!(step("C4"), 2);

    // The no: of one inspection another strike stands still.
    let taken_back = |case: &str| {
        let withdrawal = bodies::mistaken(case, "P1");
        stage.accept("platform:watch", "WithdrawNotice", &withdrawal);
    };
    taken_back("C1");
    taken_back("C2");
    assert!(!stage.happened("C4", "penalty.lowered"));
    // The yes: once nothing is left that its step had counted, it is of a lower one at once.
    taken_back("C3");
    let lowered = stage.only_event("C4", "penalty.lowered");
    assert_eq!(lowered.facts["from"], 2);
    assert_eq!(lowered.facts["strike"]["step"], 1);
    stage.check_deadlines_end_once("C4");
    stage.close();
}
