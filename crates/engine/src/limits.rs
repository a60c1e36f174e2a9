/// AWS's quotas (<https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>), each to be changed or
/// lifted by who runs the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one input, output or result of a state, task or execution, in UTF-8: 256 KiB.
    pub payload_bytes_max: usize,
    /// Of one execution's history: 25,000. Express executions have no such limit.
    pub history_events_max: u64,
    /// How long a Standard execution may run: one year.
    pub standard_seconds_max: u64,
    /// How long an Express execution may run: five minutes.
    pub express_seconds_max: u64,
    /// Iterations of one inline Map at a time: 40.
    pub map_concurrency_max: u64,
    /// Child executions of one Map Run at a time: 10,000.
    pub child_executions_max: u64,
    // DIVERGENCE: AWS counts them by account and region, here all count together.
    /// Map Runs that are open at a time: 1,000. Those beyond it wait at `MapRunStarted`.
    pub open_map_runs_max: usize,
    // DIVERGENCE: AWS bounds the nesting of branches and iterations by the size of the definition alone.
    /// How deep Parallel and Map may nest while running: 64. Ours, so that the stack is bounded.
    pub frame_depth_max: u32,
    /// All variables of an execution together: 10 MiB.
    pub variables_bytes_max: usize,
    /// Transitions that one step makes before it lets others go on: 256. Ours.
    pub step_transitions_max: u32,
    /// Bytes of history that one step writes before it lets others go on: 256 KiB. Ours.
    pub step_history_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload_bytes_max: 262_144,
            history_events_max: 25_000,
            standard_seconds_max: 31_536_000,
            express_seconds_max: 300,
            map_concurrency_max: 40,
            child_executions_max: 10_000,
            open_map_runs_max: 1000,
            frame_depth_max: 64,
            variables_bytes_max: 10 * 1024 * 1024,
            step_transitions_max: 256,
            step_history_bytes_max: 256 * 1024,
        }
    }
}
