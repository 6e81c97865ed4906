//! The catalogue of the booking service: what its sources say is what the program says.

use std::path::Path;

use watchpost_cli::catalog::Catalog;

#[test]
fn the_sources_and_the_program_tell_the_same() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = Catalog::of_source(here).unwrap();
    let mut binary = Catalog::of_binary(Path::new(env!("CARGO_BIN_EXE_watchpost-examples"))).unwrap();
    // A program tells of all its crates: in a build with the command's, of what `watchpost test` tries too.
    binary.functions.retain(|function| function.module.starts_with("watchpost_examples"));
    binary.types.retain(|described| described.module.starts_with("watchpost_examples"));
    // Of each on its own, so that a difference is short to read.
    for (source, binary) in source.functions.iter().zip(&binary.functions) {
        assert_eq!(source, binary);
    }
    for (source, binary) in source.types.iter().zip(&binary.types) {
        assert_eq!(source, binary);
    }
    assert_eq!(source, binary);
    assert!(
        source.functions.iter().any(|function| function.name == "booking_creation" && function.slow_ms == Some(2000))
    );
    assert_eq!(source.monitors().map(|(_, cron)| cron.slug.as_str()).collect::<Vec<_>>(), ["nightly_reminders"]);
    assert!(["booking", "database", "payment", "task"].iter().all(|category| source.categories().contains(category)));
}
