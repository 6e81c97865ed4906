//! Where the roots of the sources are: what Cargo says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::super::Unreadable;

/// A library or a program, by its first file.
#[derive(Debug)]
pub(super) struct Package {
    /// Its name as a module path begins with.
    pub(super) crate_name: String,
    /// Its first file.
    pub(super) root: PathBuf,
    /// What the compiler's paths are relative to.
    pub(super) workspace: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Described {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
    src_path: PathBuf,
}

impl Package {
    /// Every library and program whose first file is below the directory, or all of the package around it.
    pub(super) fn all_in(directory: &Path) -> Result<Vec<Self>, Unreadable> {
        let told = |problem: &dyn std::fmt::Display| Unreadable(format!("{}: {problem}", directory.display()));
        let directory = directory.canonicalize().map_err(|problem| told(&problem))?;
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(&directory)
            .output()
            .map_err(|problem| told(&format_args!("`cargo metadata`: {problem}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().find(|line| line.starts_with("error")).unwrap_or("`cargo metadata` failed");
            return Err(told(&said));
        }
        let Metadata { packages, workspace_root } =
            serde_json::from_slice(&output.stdout).map_err(|problem| told(&problem))?;
        let is_program =
            |kind: &String| matches!(kind.as_str(), "lib" | "rlib" | "dylib" | "cdylib" | "staticlib" | "bin");
        let targets = packages.into_iter().flat_map(|package| package.targets);
        let targets = targets.filter(|target| target.kind.iter().any(is_program));
        let packages: Vec<_> = targets
            .filter(|target| target.src_path.starts_with(&directory))
            .map(|target| Self {
                crate_name: target.name.replace('-', "_"),
                root: target.src_path,
                workspace: workspace_root.clone(),
            })
            .collect();
        if packages.is_empty() {
            return Err(told(&"no library and no program of a Cargo package is here"));
        }
        Ok(packages)
    }
}
