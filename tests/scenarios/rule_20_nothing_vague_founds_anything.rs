//! Rule 20: what a reviewer says of a build that was named, it says of that build.

use end_to_end::bodies::{self, with};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn a_ruling_on_a_build_gives_its_digest_in_every_observation() {
    let stage = Stage::new(&[]);
    let penalty = bodies::penalty("C1", "P1");
    stage.accept("platform:watch", "IssuePenalty", &penalty);
    let build = json!(bodies::DIGEST);
    let appeal = bodies::appeal("C1", "P1", "A1", "rectified");
    let appeal = with(appeal, "/facts/release/digest", build.clone());
    stage.accept("party:dev7", "SubmitAppeal", &appeal);

    // The no: neither of the two, and one of them alone.
    let ruling = bodies::refuse("C1", "A1", &["P1-m1"]);
    let half = with(
        ruling.clone(),
        "/facts/release_reviewed/digest",
        build.clone(),
    );
    for vague in [&ruling, &half] {
        let reply = stage.refuse("reviewer:r1", "Decide", vague, "ruling_incomplete");
        assert_eq!(reply.at("/facts/missing/kind"), "digest_not_named");
    }
    // The yes.
    let whole = with(half, "/facts/observations/0/release/digest", build);
    stage.accept("reviewer:r1", "Decide", &whole);
    stage.close();
}
