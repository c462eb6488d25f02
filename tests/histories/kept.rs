//! Histories that once ended badly. Each file is one, as `replay --shrink` wrote it, and named after what went wrong.

use std::path::Path;

use synodic_tests::histories::play::play;
use synodic_tests::histories::step::History;

#[test]
fn what_once_went_wrong_goes_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories/kept");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let history: History = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let outcome = play(&history);
        assert!(outcome.wrongs.is_empty(), "{}:\n{history}{}", file.display(), outcome.wrongs.join("\n"));
    }
}
