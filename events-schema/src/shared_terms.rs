//! Terms that many notices have in common, kept once.

use std::sync::Arc;

use crate::NoticeTerms;

/// Terms of the latest kinds that are kept. A rulebook in use has one kind, and successors of notices each their own.
const KINDS_MAX: usize = 8;

/// The latest terms. Nearly every notice has those of the rulebook that is in use, with its ways out of the platform in
/// words; whoever keeps thousands of notices keeps those words once.
#[derive(Debug, Clone, Default)]
pub struct SharedTerms {
    latest: Vec<Arc<NoticeTerms>>,
}

impl SharedTerms {
    /// Puts the same terms of another notice in the place of these, or remembers these for the next one.
    pub fn share(&mut self, terms: &mut Arc<NoticeTerms>) {
        if let Some(known) = self.latest.iter().find(|known| *known == terms) {
            *terms = Arc::clone(known);
            return;
        }
        if self.latest.len() == KINDS_MAX {
            self.latest.remove(0);
        }
        self.latest.push(Arc::clone(terms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(rulebook: &str) -> Arc<NoticeTerms> {
        Arc::new(NoticeTerms {
            rulebook: rulebook.parse().unwrap(),
            attempt_cap: 2,
            attempts_used: 0,
            appeals_withdrawn: 0,
            succeeds: None,
            appeal_stays_penalty: true,
            late_filing: false,
            routes: Vec::new(),
        })
    }

    #[test]
    fn the_same_terms_are_kept_once_and_others_apart() {
        let mut shared = SharedTerms::default();
        let (mut first, mut second, mut other) = (terms("r-1"), terms("r-1"), terms("r-2"));
        for terms in [&mut first, &mut second, &mut other] {
            shared.share(terms);
        }
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*other, *terms("r-2"));
    }

    #[test]
    fn the_oldest_of_many_kinds_are_forgotten() {
        let mut shared = SharedTerms::default();
        for number in 0..100 {
            shared.share(&mut terms(&format!("r-{number}")));
        }
        assert_eq!(shared.latest.len(), KINDS_MAX);
    }
}
