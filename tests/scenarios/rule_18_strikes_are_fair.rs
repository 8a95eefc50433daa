//! Rule 18: a strike counts one step further only against what was found after it was imposed; several places of one
//! inspection are one strike.

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
    stage.close();
}
