//! The scenarios, one file each, named after the rule or the promise that it proves.
//!
//! They are one program, since linking one for each would take longer than running them. A new scenario is a new
//! file and its line here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a scenario fails where it unwraps"
)]

mod back_pressure_is_said;
mod backfill_traffic_fines;
mod command_line;
mod command_line_for_people;
mod command_line_for_programs;
mod complaint_10_nobody_waits_without_a_date;
mod complaint_1_a_notice_says_what_and_where_and_a_ruling_answers;
mod complaint_2_a_refusal_lists_what_is_unmet_and_no_state_is_a_dead_end;
mod complaint_3_the_entry_never_vanishes;
mod complaint_5_what_was_decided_is_not_penalised_again;
mod complaint_6_no_penalty_inside_the_cure_period_or_after_a_grant;
mod complaint_7_the_release_that_is_appealed_is_the_one_reviewed;
mod complaint_8_rectifying_is_possible_when_no_appeal_is;
mod complaint_9_what_another_rule_requires_is_answered;
mod connecting;
mod drain_under_load;
mod fault_damage;
mod fault_failing_sync;
mod fault_full_disk;
mod fault_kill_9;
mod fault_sync_order;
mod foreign_client;
mod load;
mod nats_server;
mod no_message_disturbs_others;
mod nobody_reads_standard_error;
mod publishing_after_kill_9;
mod reconnect_without_a_gap;
mod rolled_back_log;
mod rule_10_what_the_platform_takes_back_has_no_force;
mod rule_11_in_time_is_before_the_due_instant;
mod rule_12_what_a_notice_was_issued_under_stays;
mod rule_15_what_was_answered_needs_newer_evidence;
mod rule_18_strikes_are_fair;
mod rule_1_attempts_are_counted_per_notice_and_only_refusals_count;
mod rule_20_nothing_vague_founds_anything;
mod rule_2_one_appeal_is_open_per_case_and_a_lapse_carries_it;
mod rule_3_only_the_ground_rectified_waits_for_the_code_review;
mod rule_4_the_newest_complete_declaration_counts;
mod rule_5_a_lapse_imposes_by_itself_dated_at_the_deadline;
mod rule_6_an_appeal_in_time_stays_the_penalty_until_the_ruling;
mod rule_7_the_reviewer_is_somebody_else_and_a_ruling_makes_nothing_worse;
mod rule_8_a_grant_restores_exactly_what_was_taken;
mod rule_9_a_measure_ends_by_itself_and_a_penalty_is_served;
mod sample_permissions;
mod service;
mod stage;
mod time_in_doubt;
mod trace_warning_lapses_and_is_appealed_away;
mod trace_warning_refused_then_rectified;
