//! What is looked up by an id and never gone through in order.

use std::hash::{BuildHasherDefault, DefaultHasher};

/// A map by ids. Every command looks up its case, its account and its id several times; in a tree each of those costs as
/// many comparisons of text as the tree is deep.
///
/// The hasher is without a seed, so the order of the same map is the same in every run. It still means nothing, and
/// nothing may follow from it. That ids could be chosen to collide is no danger here: an id comes in only with an event,
/// and what issues those may do worse things.
#[expect(
    clippy::disallowed_types,
    reason = "this one has no seed, and nothing goes by its order"
)]
pub(super) type ById<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<DefaultHasher>>;
