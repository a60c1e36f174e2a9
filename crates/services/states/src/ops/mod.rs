//! One file an operation; the small ones of one resource share theirs.

pub(crate) mod activities;
pub(crate) mod aliases;
pub(crate) mod create_state_machine;
pub(crate) mod delete_state_machine;
pub(crate) mod describe_execution;
pub(crate) mod describe_state_machine;
pub(crate) mod describe_state_machine_for_execution;
pub(crate) mod get_execution_history;
pub(crate) mod inspect_state;
pub(crate) mod list_executions;
pub(crate) mod list_state_machines;
pub(crate) mod map_runs;
pub(crate) mod search_executions;
pub(crate) mod send_task;
pub(crate) mod start_execution;
pub(crate) mod start_sync_execution;
pub(crate) mod stop_execution;
pub(crate) mod tags;
pub(crate) mod update_state_machine;
pub(crate) mod validate_state_machine_definition;
pub(crate) mod versions;
