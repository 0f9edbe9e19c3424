use super::{Clues, Diagnosis, diagnose};

fn said(words: &str) -> Diagnosis {
    diagnose(&Clues {
        diagnostic: Some(words),
        ..Clues::default()
    })
}
