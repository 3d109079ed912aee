//! Which file leads to which, by the paths in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::source::{Token, tokens};

/// A file of the crate that says something of another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) line: usize,
    pub(crate) to: String,
    pub(crate) path: String,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} → {}: {}", self.from, self.line, self.to, self.path)
    }
}

/// The steps of a path from the root of the crate.
type Steps = Vec<String>;

struct Module {
    file: String,
    /// Names that stand for something elsewhere; a glob's has the name `*`.
    names: Vec<(String, Steps)>,
    defined: BTreeSet<String>,
    /// Paths that count, as they are written, with their lines.
    paths: Vec<(Steps, usize)>,
}

/// The modules of the crate by their steps.
pub(crate) struct House(BTreeMap<Steps, Module>);

fn steps_of(file: &str) -> Steps {
    let path = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

impl House {
    pub(crate) fn of(files: &BTreeMap<String, String>) -> Self {
        let read: Vec<_> = files.iter().map(|(file, text)| (steps_of(file), file, tokens(text))).collect();
        let mut tests = BTreeSet::new();
        for (steps, _, tokens) in &read {
            for pair in tokens.windows(2).filter(|pair| pair[0].text == "cfg_test") {
                tests.insert([steps.clone(), vec![pair[1].text.clone()]].concat());
            }
        }
        let all: BTreeSet<Steps> =
            read.iter().map(|(steps, ..)| steps.clone()).filter(|steps| !tests.contains(steps)).collect();
        let modules = read.into_iter().filter(|(steps, ..)| all.contains(steps));
        Self(
            modules
                .map(|(steps, file, tokens)| {
                    let module = Module::read(file, &steps, &tokens, &all);
                    (steps, module)
                })
                .collect(),
        )
    }

    /// Every arrow, one for each pair of files.
    pub(crate) fn arrows(&self) -> Vec<Arrow> {
        let mut found = BTreeMap::new();
        for (steps, module) in &self.0 {
            for (written, line) in &module.paths {
                let Some(to) = self.place(&from_root(written, steps), 0) else { continue };
                // What is above is the room that this file is a part of.
                if steps.starts_with(&to) {
                    continue;
                }
                let to = self.0[&to].file.clone();
                let arrow = Arrow {
                    from: module.file.clone(),
                    line: *line,
                    to: to.clone(),
                    path: written.join("::"),
                };
                found.entry((module.file.clone(), to)).or_insert(arrow);
            }
        }
        found.into_values().collect()
    }

    /// The module that defines what a path names.
    fn place(&self, path: &[String], depth: usize) -> Option<Steps> {
        if depth > 8 {
            return None;
        }
        let known = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let (at, rest) = path.split_at(known);
        let (module, Some(name)) = (&self.0[at], rest.first()) else { return Some(at.to_vec()) };
        if !module.defined.contains(name) {
            let elsewhere = |target: &Steps| {
                let path = [target.as_slice(), &rest[1..]].concat();
                self.place(&path, depth + 1)
            };
            if let Some((_, target)) = module.names.iter().find(|(known, _)| known == name) {
                return elsewhere(target);
            }
            let globs = module.names.iter().filter(|(known, _)| known == "*");
            let within = globs
                .map(|(_, target)| target)
                .find(|target| self.0.get(*target).is_some_and(|module| module.defined.contains(name)));
            if let Some(target) = within {
                return Some(target.clone());
            }
        }
        Some(at.to_vec())
    }
}

/// A path as it is written, from the root of the crate.
fn from_root(written: &[String], module: &[String]) -> Steps {
    match written[0].as_str() {
        "crate" => written[1..].to_vec(),
        "self" => [module, &written[1..]].concat(),
        "super" => {
            let up = written.iter().take_while(|step| *step == "super").count();
            [&module[..module.len().saturating_sub(up)], &written[up..]].concat()
        }
        _ => [module, written].concat(),
    }
}

impl Module {
    fn read(file: &str, steps: &[String], tokens: &[Token], all: &BTreeSet<Steps>) -> Self {
        let mut module =
            Self { file: file.to_owned(), names: Vec::new(), defined: BTreeSet::new(), paths: Vec::new() };
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let inside = |name: &str| all.contains(&[steps, &[name.to_owned()]].concat());
        let begins = |name: &str| matches!(name, "crate" | "super" | "self") || inside(name);
        let mut at = 0;
        while at < tokens.len() {
            match text(at) {
                "use" => {
                    let line = tokens[at].line;
                    let public = text(at.wrapping_sub(1)) == "pub"
                        || text(at.wrapping_sub(1)) == ")" && text(at.wrapping_sub(4)) == "pub"
                        || text(at.wrapping_sub(1)) == ")" && text(at.wrapping_sub(3)) == "(";
                    at += 1;
                    let mut uses = Vec::new();
                    tree(tokens, &mut at, &[], &mut uses);
                    for (name, path) in uses.into_iter().filter(|(_, path)| begins(&path[0])) {
                        if !public {
                            module.paths.push((path.clone(), line));
                        }
                        module.names.push((name, from_root(&path, steps)));
                    }
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" => {
                    module.defined.insert(text(at + 1).to_owned());
                    at += 1;
                }
                "mod" => at += 2,
                name if begins(name) && text(at + 1) == "::" && text(at.wrapping_sub(1)) != "::" => {
                    let line = tokens[at].line;
                    let mut path = vec![name.to_owned()];
                    while text(at + 1) == "::"
                        && text(at + 2).starts_with(|c: char| c.is_alphabetic() || c == '_')
                    {
                        path.push(text(at + 2).to_owned());
                        at += 2;
                    }
                    module.paths.push((path, line));
                    at += 1;
                }
                _ => at += 1,
            }
        }
        module
    }
}

/// The paths of a `use`, each with the name that it gets.
fn tree(tokens: &[Token], at: &mut usize, before: &[String], found: &mut Vec<(String, Steps)>) {
    let mut path = before.to_vec();
    let mut name = None;
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token.text.as_str() {
            "::" => {}
            "{" => loop {
                tree(tokens, at, &path, found);
                match tokens.get(*at - 1).map(|token| token.text.as_str()) {
                    Some(",") if tokens.get(*at).is_some_and(|token| token.text == "}") => {
                        *at += 1;
                        path.clear();
                        break;
                    }
                    Some(",") => {}
                    _ => {
                        path.clear();
                        break;
                    }
                }
            },
            "," | "}" | ";" => break,
            "as" => {
                name = tokens.get(*at).map(|token| token.text.clone());
                *at += 1;
            }
            "*" => {
                found.push(("*".to_owned(), path.clone()));
                path.clear();
            }
            "self" if !before.is_empty() && path.len() == before.len() => {}
            step => path.push(step.to_owned()),
        }
    }
    if let Some(last) = path.last() {
        found.push((name.unwrap_or_else(|| last.clone()), path));
    }
}

/// The sets of files that lead to each other, the largest first.
pub(crate) fn circles(arrows: &[Arrow]) -> Vec<BTreeSet<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
        while let Some(file) = open.pop() {
            if seen.insert(file) {
                open.extend(next.get(file).into_iter().flatten());
            }
        }
        seen
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reached(file))).collect();
    let mut found = BTreeSet::new();
    for (file, far) in &reach {
        let back = far.iter().filter(|other| reach.get(*other).is_some_and(|far| far.contains(file)));
        let circle: BTreeSet<String> = back.map(|file| (*file).to_owned()).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}
