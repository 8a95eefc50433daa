//! Every dependency of every crate has its sentence of why, and the arrows between the crates point one way.
//!
//! The list is `allowed-dependencies.toml`; what the manifests say, as cargo understands them, is the truth that it
//! is compared with. A dependency that is not in the list and a line that no manifest needs are both mistakes.

mod allowed;
mod declared;

use allowed::Allowed;
use declared::Workspace;

use crate::{failure::Failure, workspace};

/// One sentence for each difference between the list and the manifests; none is what it should be.
pub(crate) fn differences() -> Result<Vec<String>, Failure> {
    let allowed = Allowed::read(&workspace::root().join("crates/xtask/allowed-dependencies.toml"))?;
    Ok(compare(&allowed, &Workspace::read()?))
}

fn compare(allowed: &Allowed, workspace: &Workspace) -> Vec<String> {
    let mut sentences = Vec::new();
    for (name, member) in &workspace.members {
        let Some(list) = allowed.crates.get(name) else {
            sentences.push(format!(
                "`{name}` is a crate of the workspace and has no section in the list"
            ));
            continue;
        };
        for (section, declared) in &member.sections {
            let listed = list.section(*section);
            for dependency in declared
                .iter()
                .filter(|dependency| !listed.contains_key(*dependency))
            {
                sentences.push(format!(
                    "`{name}` depends on `{dependency}` and the list does not say why: \
                     add `{dependency} = \"...\"` under [crates.{name}.{section}], or drop the dependency"
                ));
            }
            for dependency in listed
                .keys()
                .filter(|dependency| !declared.contains(*dependency))
            {
                sentences.push(format!(
                    "the list allows `{dependency}` under [crates.{name}.{section}], \
                     which `{name}` no longer depends on: remove the line"
                ));
            }
            for (dependency, why) in listed {
                if why.trim().is_empty() {
                    sentences.push(format!(
                        "[crates.{name}.{section}] does not say why `{dependency}`"
                    ));
                }
            }
        }
    }
    for name in allowed
        .crates
        .keys()
        .filter(|name| !workspace.members.contains_key(*name))
    {
        sentences.push(format!(
            "the list has a section for `{name}`, which is no crate of the workspace"
        ));
    }
    sentences.extend(forbidden_paths(allowed, workspace));
    sentences
}

/// What a crate must not reach, not even through others.
fn forbidden_paths(allowed: &Allowed, workspace: &Workspace) -> Vec<String> {
    let mut sentences = Vec::new();
    for rule in &allowed.never {
        for from in &rule.crates {
            for to in &rule.reach {
                if !workspace.members.contains_key(from) {
                    sentences.push(format!(
                        "a [[never]] rule names `{from}`, which is no crate of the workspace"
                    ));
                } else if let Some(path) = workspace.path(from, to) {
                    sentences.push(format!(
                        "`{from}` must not reach `{to}`, and does: {}. {}",
                        path.join(" -> "),
                        rule.because
                    ));
                }
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"
        [crates.rules.normal]
        schema = "the published language"
        [crates.schema.normal]
        serde = "JSON"
        [[never]]
        crates = ["rules"]
        reach = ["tokio"]
        because = "The rules are pure."
    "#;

    fn differences(
        list: &str,
        declared: &[(&str, &[&str])],
        edges: &[(&str, &str)],
    ) -> Vec<String> {
        compare(
            &Allowed::parse(list).unwrap(),
            &Workspace::of(declared, edges),
        )
    }

    const DECLARED: &[(&str, &[&str])] = &[("rules", &["schema"]), ("schema", &["serde"])];

    #[test]
    fn the_same_on_both_sides_is_fine() {
        assert_eq!(
            differences(LIST, DECLARED, &[("rules", "schema"), ("schema", "serde")]),
            [""; 0]
        );
    }

    #[test]
    fn a_dependency_without_a_line_is_named() {
        let found = differences(
            LIST,
            &[("rules", &["schema", "rand"]), ("schema", &["serde"])],
            &[],
        );
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("`rules` depends on `rand`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_line_without_a_dependency_is_stale() {
        let found = differences(LIST, &[("rules", &["schema"]), ("schema", &[])], &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("the list allows `serde`"), "{found:?}");
    }

    #[test]
    fn a_line_must_say_why() {
        let found = differences(&LIST.replace("\"JSON\"", "\" \""), DECLARED, &[]);
        assert_eq!(found, ["[crates.schema.normal] does not say why `serde`"]);
    }

    #[test]
    fn a_new_crate_and_a_removed_crate_are_both_named() {
        let found = differences(LIST, &[("rules", &["schema"]), ("log", &[])], &[]);
        assert_eq!(
            found,
            [
                "`log` is a crate of the workspace and has no section in the list",
                "the list has a section for `schema`, which is no crate of the workspace",
            ]
        );
    }

    #[test]
    fn what_must_not_be_reached_is_found_behind_others() {
        let found = differences(
            LIST,
            DECLARED,
            &[("rules", "schema"), ("schema", "net"), ("net", "tokio")],
        );
        assert_eq!(
            found,
            [
                "`rules` must not reach `tokio`, and does: rules -> schema -> net -> tokio. The rules are pure."
            ]
        );
    }
}
