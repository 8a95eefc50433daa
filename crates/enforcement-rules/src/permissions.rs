//! Who may send which command: one exhaustive table.

use events_schema::{CommandName, Role};

/// Whether this role may send this command at all. Whether the case is its own is asked in `platform.rs`; who issued a
/// notice or ruled before is asked where that matters, in `decide/`.
pub const fn may_send(role: Role, command: CommandName) -> bool {
    match command {
        CommandName::IssueWarning
        | CommandName::IssuePenalty
        | CommandName::WithdrawNotice
        | CommandName::RecordCodeReview => matches!(role, Role::Platform),
        CommandName::VerifyRectification => matches!(role, Role::Platform | Role::Reviewer),
        CommandName::Rectify
        | CommandName::SubmitAppeal
        | CommandName::AmendAppeal
        | CommandName::WithdrawAppeal => {
            matches!(role, Role::Party)
        }
        CommandName::ClaimAppeal | CommandName::UnclaimAppeal | CommandName::Decide => {
            matches!(role, Role::Reviewer)
        }
        CommandName::AdoptRulebook
        | CommandName::PublishCalendar
        | CommandName::ReleaseDeadlines => matches!(role, Role::Administrator),
        CommandName::ReachDeadline | CommandName::ReviseDeadline => matches!(role, Role::Service),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_role_and_command_not_listed_is_refused() {
        let allowed: [(Role, &[CommandName]); 6] = [
            (
                Role::Platform,
                &[
                    CommandName::IssueWarning,
                    CommandName::IssuePenalty,
                    CommandName::WithdrawNotice,
                    CommandName::RecordCodeReview,
                    CommandName::VerifyRectification,
                ],
            ),
            (
                Role::Party,
                &[
                    CommandName::Rectify,
                    CommandName::SubmitAppeal,
                    CommandName::AmendAppeal,
                    CommandName::WithdrawAppeal,
                ],
            ),
            (
                Role::Reviewer,
                &[
                    CommandName::VerifyRectification,
                    CommandName::ClaimAppeal,
                    CommandName::UnclaimAppeal,
                    CommandName::Decide,
                ],
            ),
            (
                Role::Administrator,
                &[
                    CommandName::AdoptRulebook,
                    CommandName::PublishCalendar,
                    CommandName::ReleaseDeadlines,
                ],
            ),
            (Role::Auditor, &[]),
            (
                Role::Service,
                &[CommandName::ReachDeadline, CommandName::ReviseDeadline],
            ),
        ];
        for (role, commands) in allowed {
            for &command in CommandName::ALL {
                assert_eq!(
                    may_send(role, command),
                    commands.contains(&command),
                    "{role} {command}"
                );
            }
        }
    }
}
