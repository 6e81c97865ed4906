//! The guide's few lines for each framework are lines of programs that run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the marked lines are: between `// [docs: NAME` and `// docs]`.
const PROGRAMS: [&str; 3] = ["src/bin/broker", "src/bin/framework", "../queues/src"];

#[test]
fn what_the_guide_shows_of_frameworks_is_compiled() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compiled: BTreeMap<String, String> = BTreeMap::new();
    for folder in PROGRAMS {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(here.join(folder)).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let mut name = None;
            for line in std::fs::read_to_string(file).unwrap().lines().map(str::trim) {
                match (line.strip_prefix("// [docs: "), &name) {
                    (Some(begins), _) => name = Some(begins.to_owned()),
                    (None, Some(_)) if line == "// docs]" => name = None,
                    (None, Some(name)) => {
                        let text = compiled.entry(name.clone()).or_default();
                        text.extend(line.split_whitespace().flat_map(|word| [word, " "]));
                    }
                    (None, None) => {}
                }
            }
        }
    }

    let guide = std::fs::read_to_string(here.join("../../runtime/guide/tasks.md")).unwrap();
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    let mut heading = "";
    let mut inside = false;
    for line in guide.lines() {
        match line {
            "```ignore" => inside = true,
            "```" => inside = false,
            _ if inside => {
                let text = shown.entry(heading.to_owned()).or_default();
                text.extend(line.split_whitespace().flat_map(|word| [word, " "]));
            }
            _ => heading = line.strip_prefix("### ").unwrap_or(heading),
        }
    }
    assert_eq!(shown, compiled);
}
