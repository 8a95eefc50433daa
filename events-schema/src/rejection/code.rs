//! What a rejection is called, and those that are made elsewhere than by the rules.

use super::Rejection;
use crate::{Malformed, Role};

impl Rejection {
    /// Every code, in the order of the variants.
    pub const CODES: &'static [&'static str] = <Self as strum::VariantNames>::VARIANTS;

    /// That this role may not send the command or query of this name.
    ///
    /// # Panics
    /// Never for the name of one, which is a short single word.
    #[expect(clippy::expect_used, reason = "the names that there are are labels")]
    pub fn not_permitted(role: Role, name: &'static str) -> Self {
        let name = name.parse().expect("the name of a command or query");
        Self::NotPermitted { role, name }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl From<Malformed> for Rejection {
    fn from(Malformed { path, problem }: Malformed) -> Self {
        Self::MalformedCommand { path, problem }
    }
}
