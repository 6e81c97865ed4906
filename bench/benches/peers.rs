//! The table: every state in a process of its own, ours beside each peer, the ratio, the goal, met or not.
#![expect(clippy::print_stdout, reason = "the table is the purpose")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use watchpost_bench::goals::GOALS;
use watchpost_bench::states::STATES;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, millis] = arguments.as_slice()
        && flag == "--state"
    {
        let long = Duration::from_millis(millis.parse().unwrap_or(3000));
        if let Some((_, run)) = STATES.iter().find(|(state, _)| state == name) {
            for (name, nanos) in run(long) {
                println!("{name}\t{nanos}");
            }
        }
        return;
    }
    // `cargo test` builds benches too, and asks them to run nothing.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let only = arguments.iter().find(|argument| !argument.starts_with("--"));
    let millis = std::env::var("WATCHPOST_BENCH_MILLIS").unwrap_or_else(|_| "3000".to_owned());
    let mut times: BTreeMap<(String, String), f64> = BTreeMap::new();
    for (state, _) in STATES {
        if only.is_some_and(|only| !state.contains(only.as_str())) {
            continue;
        }
        let Ok(myself) = std::env::current_exe() else { return };
        match Command::new(myself).args(["--state", state, &millis]).output() {
            Ok(output) if output.status.success() => {
                for line in String::from_utf8_lossy(&output.stdout).lines() {
                    if let Some((name, nanos)) = line.split_once('\t') {
                        times.insert((state.to_owned(), name.to_owned()), nanos.parse().unwrap_or(f64::NAN));
                    }
                }
            }
            Ok(output) => println!("{state}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("{state}: {error}"),
        }
    }
    println!("times in ns, the least of many rounds; `must` and `aim` are the greatest ratios\n");
    println!(
        "| {:38} | {:14} | {:>9} | {:14} | {:>9} | {:>7} | {:>6} | {:>6} | {:6} |",
        "state", "ours", "ns", "peer", "ns", "ratio", "must", "aim", "met"
    );
    println!("|{}|", ["-"; 9].map(|_| "---").join("|"));
    let (mut met, mut missed) = (0, 0);
    for goal in GOALS {
        let time = |name: &str| times.get(&(goal.state.to_owned(), name.to_owned())).copied();
        let over = goal.over.map_or(Some(0.0), time);
        let (Some(ours), Some(peer), Some(over)) = (time(goal.ours), time(goal.peer), over) else { continue };
        let (ours, peer) = (ours - over, peer - over);
        let ratio = (ours - goal.plus) / peer;
        let told = if ratio <= goal.aim {
            met += 1;
            "aim"
        } else if ratio <= goal.must {
            met += 1;
            "must"
        } else {
            missed += 1;
            "MISSED"
        };
        println!(
            "| {:38} | {:14} | {ours:9.1} | {:14} | {peer:9.1} | {ratio:7.4} | {:6} | {:6} | {told:6} |",
            goal.what, goal.ours, goal.peer, goal.must, goal.aim
        );
    }
    println!("\n{met} met, {missed} missed");
    println!("\nall times:");
    for ((state, name), nanos) in &times {
        println!("  {state:20} {name:16} {nanos:10.1}");
    }
}
