//! What the manifests say, as `cargo metadata` understands them.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use serde::Deserialize;

use crate::{failure::Failure, process, workspace};

/// The crates of the workspace and everything below them.
pub(super) struct Workspace {
    /// The workspace's own crates.
    pub(super) members: BTreeMap<String, Member>,
    /// Which crate uses which when it runs, foreign crates included.
    uses: BTreeMap<String, BTreeSet<String>>,
}

/// What one manifest names.
pub(super) struct Member {
    /// Every section, empty ones too.
    pub(super) sections: BTreeMap<Section, BTreeSet<String>>,
}

/// When a dependency is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    /// In the crate itself.
    Normal,
    /// In its tests.
    Dev,
    /// To build it.
    Build,
}

impl Section {
    const ALL: [Self; 3] = [Self::Normal, Self::Dev, Self::Build];

    /// What cargo calls it.
    fn of(kind: Option<&str>) -> Self {
        match kind {
            Some("dev") => Self::Dev,
            Some("build") => Self::Build,
            Some(_) | None => Self::Normal,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Dev => "dev",
            Self::Build => "build",
        })
    }
}

impl Workspace {
    pub(super) fn read() -> Result<Self, Failure> {
        let mut metadata = workspace::cargo();
        metadata.args(["metadata", "--format-version", "1"]);
        // Without a platform cargo would download the crates of every system that Rust knows.
        metadata.args(["--filter-platform", &workspace::host()?]);
        let text = process::capture(&mut metadata)?;
        serde_json::from_str(&text)
            .map(|metadata| Self::from_metadata(&metadata))
            .map_err(|error| {
                Failure::new(format!(
                    "what `cargo metadata` printed is not understood: {error}"
                ))
            })
    }

    /// The shortest chain of uses from one crate to another.
    pub(super) fn path(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let (start, _) = self.uses.get_key_value(from)?;
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([start.as_str()]);
        while let Some(here) = queue.pop_front() {
            for next in self.uses.get(here).into_iter().flatten() {
                if next != from && !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, here);
                    queue.push_back(next);
                }
            }
        }
        let mut path = vec![came_from.get_key_value(to).map(|(name, _)| *name)?];
        while let Some(before) = path.last().and_then(|name| came_from.get(name)) {
            path.push(before);
        }
        path.reverse();
        Some(path)
    }

    fn from_metadata(metadata: &Metadata) -> Self {
        let names: BTreeMap<&str, &str> = metadata
            .packages
            .iter()
            .map(|package| (package.id.as_str(), package.name.as_str()))
            .collect();
        let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in &metadata.resolve.nodes {
            let run_time = node
                .deps
                .iter()
                .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none()));
            uses.entry(name(&node.id))
                .or_default()
                .extend(run_time.map(|edge| name(&edge.pkg)));
        }
        let members = metadata
            .packages
            .iter()
            .filter(|package| metadata.workspace_members.contains(&package.id))
            .map(|package| (package.name.clone(), Member::of(&package.dependencies)))
            .collect();
        Self { members, uses }
    }

    #[cfg(test)]
    pub(super) fn of(declared: &[(&str, &[&str])], edges: &[(&str, &str)]) -> Self {
        let member = |names: &[&str]| {
            let named: Vec<_> = names
                .iter()
                .map(|name| Dependency {
                    name: (*name).to_owned(),
                    kind: None,
                })
                .collect();
            Member::of(&named)
        };
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in edges {
            uses.entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        let members = declared
            .iter()
            .map(|(name, names)| ((*name).to_owned(), member(names)))
            .collect();
        Self { members, uses }
    }
}

impl Member {
    fn of(dependencies: &[Dependency]) -> Self {
        let mut sections: BTreeMap<_, BTreeSet<String>> = Section::ALL
            .into_iter()
            .map(|section| (section, BTreeSet::new()))
            .collect();
        for dependency in dependencies {
            sections
                .entry(Section::of(dependency.kind.as_deref()))
                .or_default()
                .insert(dependency.name.clone());
        }
        Self { sections }
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}
