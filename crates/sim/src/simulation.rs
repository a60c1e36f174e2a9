//! One simulated world: a disk, the processes that come and go on it, services, clients, and a clock.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use asl::Payload;
use engine::{AttemptId, Execution, Failure, HistoryEvent, Input, Step, Timestamp, Turn};
use runtime::simulation::{self, Answer, Asked, Machine, Node, Plan, Task};
use runtime::{ExecutionKey, Finished, RuntimeError, Started, Status, VirtualClock};
use store::Disk;

use crate::chance::{Chance, hash};
use crate::faults::Fault;
use crate::history::{End, History, Law, ensure, kinds};
use crate::machines::{self, Facts, Size};
use crate::services::{self, Behaviour, Manners};
use crate::{Case, Order, START, Violation};

/// Steps in which nothing goes wrong any more: the longest run that ended took some thousand.
const CALM_STEPS_MAX: u64 = 50_000;

/// After the end of an execution, its name is free again.
const NAME_KEPT: Duration = Duration::from_hours(24 * 91);

/// How an execution ended, for comparison with another order of the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    status: Status,
    error: Option<String>,
    output: Option<String>,
    /// How often each kind of event is in its history.
    events: BTreeMap<String, usize>,
}

/// What a simulation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Of everything that happened, in its order.
    pub digest: u64,
    pub simulations: u64,
    pub executions: u64,
    pub events: u64,
    pub commits: u64,
    pub restarts: u64,
}

impl Report {
    /// Counts another one in.
    pub fn add(&mut self, other: Self) {
        self.digest = hash(self.digest, &other.digest.to_string());
        self.simulations += other.simulations;
        self.executions += other.executions;
        self.events += other.events;
        self.commits += other.commits;
        self.restarts += other.restarts;
    }
}

/// What happens to commits that are still to come.
#[derive(Default)]
struct DiskPlan {
    next: Option<store::Fault>,
    at: Option<(u64, store::Fault)>,
}

/// An execution that clients know of, and what they were told.
struct Run {
    machine: Machine,
    facts: Facts,
    name: String,
    input: String,
    other_input: String,
    key: ExecutionKey,
    accepted: Option<Started>,
    history: History,
    ended: Option<Status>,
    told: BTreeMap<u64, End>,
}

/// What comes to pass at some instant.
#[derive(Clone, Debug)]
enum Happening {
    Start {
        run: usize,
        same: bool,
    },
    Stop {
        run: usize,
    },
    Await {
        run: usize,
    },
    Take {
        key: ExecutionKey,
        attempt: AttemptId,
    },
    Submit {
        key: ExecutionKey,
        attempt: AttemptId,
        watched: bool,
    },
    Answer {
        key: ExecutionKey,
        attempt: AttemptId,
        end: End,
    },
    Callback {
        token: String,
        end: End,
    },
    Heartbeat {
        token: String,
    },
    Forgery {
        token: String,
    },
    Stopped {
        key: ExecutionKey,
        attempt: AttemptId,
    },
}

struct Due {
    at: Timestamp,
    happening: Happening,
    /// It is of this process, and gone with it.
    inside: bool,
}

enum Waiting {
    Start(Answer<Result<Started, RuntimeError>>),
    Stop(Answer<Result<Timestamp, RuntimeError>>),
    Callback(Answer<Result<(), RuntimeError>>),
    Take(Answer<Result<Option<u128>, RuntimeError>>),
    Await(Answer<Option<Arc<Finished>>>),
}

pub(crate) struct Simulation<'a> {
    case: &'a Case,
    order: Order,
    chance: Chance,
    clock: VirtualClock,
    limits: engine::Limits,
    disk: Disk,
    plan: Arc<Mutex<DiskPlan>>,
    commits: Arc<AtomicU64>,
    seen_commits: u64,
    node: Node,
    workers: usize,
    active_max: usize,
    runs: Vec<Run>,
    due: Vec<Due>,
    waiting: Vec<(Happening, Waiting)>,
    /// What this process has asked for: a task, or to stop what it started.
    asked: BTreeSet<(ExecutionKey, AttemptId, bool)>,
    /// What `.sync` tasks have started and has neither ended nor been stopped.
    children: BTreeSet<(ExecutionKey, AttemptId)>,
    tokens: Vec<String>,
    /// Since when names that ended before are free.
    round: Timestamp,
    faults_left: u64,
    calm: bool,
    report: Report,
    loud: bool,
}

thread_local! {
    /// In how many steps one breaks, and whether before its work or after; 0 for never.
    static BREAKS: Cell<(u64, bool)> = const { Cell::new((0, false)) };
}

/// The engine, which breaks when it is told to.
fn step(machine: &asl::StateMachine, execution: &mut Execution, turn: Turn) -> Step {
    let (left, after) = BREAKS.get();
    BREAKS.set((left.saturating_sub(1), after));
    // No panic hook is to tell of it.
    let broken = || std::panic::resume_unwind(Box::new("a step was to break"));
    if left == 1 && !after {
        broken();
    }
    let step = engine::step(machine, execution, turn);
    if left == 1 {
        broken();
    }
    step
}

impl<'a> Simulation<'a> {
    pub(crate) fn new(case: &'a Case, order: Order, loud: bool) -> Result<Self, Violation> {
        BREAKS.set((0, false));
        let mut chance = Chance::new(hash(case.seed, &format!("schedule {}", case.schedule)));
        let confluent = order != Order::Chance;
        let runs: Result<Vec<Run>, Violation> = case
            .executions
            .iter()
            .map(|number| draw_run(case, *number, confluent))
            .collect();
        let runs = runs?;
        let clock = VirtualClock::at(START);
        let plan: Arc<Mutex<DiskPlan>> = Arc::default();
        if let Order::Fail { commit, fault } = order {
            lock(&plan).at = Some((commit, fault));
        }
        let commits: Arc<AtomicU64> = Arc::default();
        let disk = Disk::default();
        let (workers, active_max) = if confluent {
            (1, 1)
        } else {
            (chance.between(1, 2) as usize, chance.between(1, 3) as usize)
        };
        let limits = engine::Limits {
            // Steps end sooner, so that they are committed in pieces.
            step_transitions_max: if chance.once_in(3) { 2 } else { 256 },
            ..engine::Limits::default()
        };
        let node = open(
            &disk, &plan, &commits, &runs, &clock, &limits, workers, active_max,
        )?;
        let faults_left = case.crashes_max;
        let mut simulation = Self {
            case,
            order,
            chance,
            clock,
            limits,
            disk,
            plan,
            commits,
            seen_commits: 0,
            node,
            workers,
            active_max,
            runs,
            due: Vec::new(),
            waiting: Vec::new(),
            asked: BTreeSet::new(),
            children: BTreeSet::new(),
            tokens: Vec::new(),
            round: START,
            faults_left,
            calm: confluent,
            report: Report::default(),
            loud,
        };
        simulation.plan_clients();
        Ok(simulation)
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Result<(Report, Vec<Ending>), Violation> {
        self.rounds().map_err(|violation| {
            let now = self.now().0 - START.0;
            format!(
                "{now} ms after the start, commit {}: {violation}",
                self.commits.load(Ordering::Relaxed)
            )
        })?;
        let ends = self.ends()?;
        self.report.simulations = 1;
        self.report.executions += self.runs.len() as u64;
        self.report.commits = self.commits.load(Ordering::Relaxed);
        Ok((self.report, ends))
    }

    fn rounds(&mut self) -> Result<(), Violation> {
        self.round()?;
        if self.order == Order::Chance && self.has(Fault::Name) && self.chance.once_in(8) {
            self.pass(NAME_KEPT);
            self.round = self.now();
            self.report.executions += self.runs.len() as u64;
            for run in &mut self.runs {
                (run.accepted, run.ended) = (None, None);
                run.history = History::default();
                run.told.clear();
            }
            self.tokens.clear();
            self.asked.clear();
            self.calm = false;
            self.plan_clients();
            self.round()?;
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), Violation> {
        if self.order == Order::Chance {
            for _ in 0..self.chance.between(100, 2_000) {
                self.chance_step()?;
            }
            self.calm = true;
            BREAKS.set((0, false));
            lock(&self.plan).next = None;
        }
        for _ in 0..CALM_STEPS_MAX {
            if !self.calm_step()? {
                return self.check_end();
            }
        }
        Err("the executions don't come to an end".into())
    }

    // Time and chance.

    fn now(&self) -> Timestamp {
        runtime::Clock::now(&self.clock)
    }

    fn pass(&mut self, time: Duration) {
        self.clock.advance(time);
        self.note(format_args!("{} ms pass", time.as_millis()));
    }

    fn has(&self, fault: Fault) -> bool {
        self.case.faults.has(fault)
    }

    /// Whether a fault that costs a process, or a step, comes now.
    fn strikes(&mut self, fault: Fault, once_in: u64) -> bool {
        let strikes = self.faults_left > 0 && self.has(fault) && self.chance.once_in(once_in);
        self.faults_left -= u64::from(strikes);
        strikes
    }

    fn note(&mut self, what: Arguments<'_>) {
        let text = what.to_string();
        if self.loud {
            let now = self.now().0 - START.0;
            eprintln!("{now:>9} {text}");
        }
        self.report.digest = hash(self.report.digest, &text);
    }

    fn later(&mut self, milliseconds: u64, inside: bool, happening: Happening) {
        let at = Timestamp(self.now().0 + milliseconds as i64);
        self.due.push(Due {
            at,
            happening,
            inside,
        });
    }

    // Steps.

    /// Any of what may happen next.
    fn chance_step(&mut self) -> Result<(), Violation> {
        if !self.node.is_running() && self.chance.once_in(3) {
            return self.restart();
        }
        if self.strikes(Fault::Crash, 60) {
            return self.restart();
        }
        if self.strikes(Fault::Panic, 60) {
            BREAKS.set((self.chance.between(1, 4), self.chance.once_in(2)));
        }
        if self.has(Fault::Forged) && !self.tokens.is_empty() && self.chance.once_in(60) {
            let token = self.chance.pick(&self.tokens).clone();
            let token = forged(&mut self.chance, &token);
            self.later(0, false, Happening::Forgery { token });
        }
        if self.has(Fault::Jump) && self.chance.once_in(40) {
            let milliseconds = self.chance.between(1, 3_000);
            self.pass(Duration::from_millis(milliseconds));
        }
        let now = self.now();
        let due: Vec<usize> = (0..self.due.len())
            .filter(|place| self.due[*place].at <= now)
            .collect();
        let workers: Vec<usize> = (0..self.workers)
            .filter(|worker| self.node.due(*worker).is_some_and(|at| at <= now))
            .collect();
        match self.chance.below(8) {
            0..=2 if !due.is_empty() => {
                let due = *self.chance.pick(&due);
                let due = self.due.swap_remove(due);
                self.happen(due.happening)
            }
            3 | 4 if !workers.is_empty() => {
                let worker = *self.chance.pick(&workers);
                let most = self.chance.between(1, 4) as usize;
                self.turn(worker, most)
            }
            5 | 6 => self.commit_by_chance(),
            _ if due.is_empty() && workers.is_empty() => {
                self.commit(usize::MAX)?;
                if !self.node.is_running() {
                    return self.restart();
                }
                self.pass_to_next();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn commit_by_chance(&mut self) -> Result<(), Violation> {
        if self.strikes(Fault::Lost, 40) {
            lock(&self.plan).next = Some(store::Fault::Lost);
        } else if self.strikes(Fault::Kept, 40) {
            lock(&self.plan).next = Some(store::Fault::Kept);
        } else if self.strikes(Fault::Torn, 40) {
            lock(&self.plan).next = Some(store::Fault::Kept);
            self.commit(1)?;
            return self.restart();
        }
        let most = self.chance.between(1, 3) as usize;
        self.commit(most).map(|_| ())
    }

    /// What comes next where nothing goes wrong; false when nothing is left to come.
    fn calm_step(&mut self) -> Result<bool, Violation> {
        if !self.node.is_running() {
            self.restart()?;
            return Ok(true);
        }
        let before = self.commits.load(Ordering::Relaxed);
        if self.commit(usize::MAX)? {
            if let Order::Crash { commit } = self.order
                && (before + 1..=self.commits.load(Ordering::Relaxed)).contains(&commit)
            {
                self.restart()?;
            }
            return Ok(true);
        }
        let now = self.now();
        if let Some(place) = self.due.iter().position(|due| due.at <= now) {
            let due = self.due.remove(place);
            self.happen(due.happening)?;
            return Ok(true);
        }
        for worker in 0..self.workers {
            if self.node.due(worker).is_some_and(|at| at <= now) {
                self.turn(worker, usize::MAX)?;
                return Ok(true);
            }
        }
        Ok(self.pass_to_next())
    }

    /// False if nothing more is to come.
    fn pass_to_next(&mut self) -> bool {
        let workers = (0..self.workers).filter_map(|worker| self.node.due(worker));
        let next = workers.chain(self.due.iter().map(|due| due.at)).min();
        let Some(next) = next else {
            return false;
        };
        let milliseconds = next.0 - self.now().0;
        if milliseconds > 0 {
            self.pass(Duration::from_millis(milliseconds.unsigned_abs()));
        }
        true
    }

    fn turn(&mut self, worker: usize, most: usize) -> Result<(), Violation> {
        self.note(format_args!("worker {worker} turns"));
        self.node.turn(worker, most);
        self.look()
    }

    fn commit(&mut self, most: usize) -> Result<bool, Violation> {
        let committed = self.node.commit(most);
        if committed {
            self.note(format_args!("commit"));
            self.look()?;
        }
        Ok(committed)
    }

    /// The process is gone; another comes.
    fn restart(&mut self) -> Result<(), Violation> {
        self.note(format_args!("restart"));
        self.report.restarts += 1;
        self.due.retain(|due| !due.inside);
        self.asked.clear();
        lock(&self.plan).next = None;
        BREAKS.set((0, false));
        // The old one goes first, with all that it had in hand.
        let node = open(
            &self.disk,
            &self.plan,
            &self.commits,
            &self.runs,
            &self.clock,
            &self.limits,
            self.workers,
            self.active_max,
        )?;
        drop(std::mem::replace(&mut self.node, node));
        for run in &self.runs {
            if current(&self.node, run, self.round)?.is_some() {
                run.history.compare(&history(&self.node, run, 1)?)?;
            }
        }
        self.observe()?;
        for run in 0..self.runs.len() {
            self.check_kept(run)?;
        }
        while let Some(asked) = self.node.asked() {
            if let Asked::Run(task) = &asked
                && !task.abandoned
            {
                let run = self.run_of(task.key)?;
                let attempt = run.history.attempt(task.attempt.0);
                ensure(attempt.is_some_and(|attempt| attempt.end.is_none()), || {
                    format!(
                        "attempt {} of {} has a committed end and runs again",
                        task.attempt.0, run.name
                    )
                })?;
            }
            self.heed(asked)?;
        }
        self.hear()
    }

    // What clients and services do.

    fn plan_clients(&mut self) {
        for run in 0..self.runs.len() {
            if self.order != Order::Chance {
                self.later(0, false, Happening::Start { run, same: true });
                continue;
            }
            let start = self.chance.below(3_000);
            self.later(start, false, Happening::Start { run, same: true });
            let end = start + self.chance.below(5_000);
            self.later(end, false, Happening::Await { run });
            if self.has(Fault::Name) && self.chance.once_in(2) {
                let at = self.chance.below(60_000);
                let same = self.chance.once_in(2);
                self.later(at, false, Happening::Start { run, same });
            }
            if self.has(Fault::Twice) && self.chance.once_in(3) {
                self.later(start, false, Happening::Start { run, same: true });
            }
            if self.has(Fault::Stop) && self.chance.once_in(3) {
                let at = start + self.chance.below(20_000);
                self.later(at, false, Happening::Stop { run });
            }
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        self.note(format_args!("{happening:?}"));
        let node = &mut self.node;
        let again = happening.clone();
        let waiting = match happening {
            Happening::Start { run, same } => {
                let run = &self.runs[run];
                let input = if same { &run.input } else { &run.other_input };
                Waiting::Start(node.start_execution(&run.machine, &run.name, input))
            }
            Happening::Stop { run } => {
                Waiting::Stop(node.stop_execution(self.runs[run].key, "stopped"))
            }
            Happening::Await { run } => Waiting::Await(node.ended(self.runs[run].key)),
            Happening::Take { key, attempt } => Waiting::Take(node.take_task(key, attempt)),
            Happening::Submit {
                key,
                attempt,
                watched,
            } => {
                node.submitted(key, attempt, payload("{}")?, watched);
                return Ok(());
            }
            Happening::Answer { key, attempt, end } => {
                // What a `.sync` task has started is over by now.
                self.children.remove(&(key, attempt));
                node.tell(key, input(attempt, &end)?);
                return Ok(());
            }
            Happening::Stopped { key, attempt } => {
                self.children.remove(&(key, attempt));
                node.stopped(key, attempt);
                return Ok(());
            }
            Happening::Callback { token, end } => {
                let told = node.call_back(&token, |attempt| {
                    input(attempt, &end).unwrap_or(Input::TaskHeartbeat { attempt })
                });
                Waiting::Callback(told.map_err(|error| error.to_string())?)
            }
            Happening::Heartbeat { token } | Happening::Forgery { token } => {
                let beat = |attempt| Input::TaskHeartbeat { attempt };
                Waiting::Callback(
                    node.call_back(&token, beat)
                        .map_err(|error| error.to_string())?,
                )
            }
        };
        self.waiting.push((again, waiting));
        Ok(())
    }

    /// A service is called.
    fn perform(&mut self, task: &Task) -> Result<(), Violation> {
        let run = self.run_of(task.key)?;
        let known = run
            .facts
            .states
            .get(task.state.as_ref())
            .ok_or("a task of no state")?;
        let (timed, heartbeat) = (known.timed, known.heartbeat);
        let (question, token) =
            services::question(task.parameters.text()).ok_or("a task without a question")?;
        let behaviour = services::behaviour(self.manners(), &task.state, &question, timed);
        let end = match behaviour {
            Behaviour::Gives(output) => Some(End::Succeeded(output)),
            Behaviour::Fails(error) => Some(End::Failed(Some(error.to_owned()))),
            Behaviour::Silent => None,
        };
        let (key, attempt) = (task.key, task.attempt);
        if task.resource.contains(":activity:") {
            let at = self.delay();
            self.later(at, true, Happening::Take { key, attempt });
            return Ok(());
        }
        let sync = task.resource.contains(".sync");
        if sync && task.submitted.is_none() {
            self.children.insert((key, attempt));
        }
        if (sync && task.submitted.is_none()) || token.is_some() {
            let at = if self.chance.once_in(4) {
                self.delay()
            } else {
                0
            };
            self.later(
                at,
                true,
                Happening::Submit {
                    key,
                    attempt,
                    watched: sync,
                },
            );
        }
        match (token, end) {
            (Some(token), end) => self.work(token, heartbeat, end),
            (None, Some(end)) => {
                let at = self.delay();
                self.later(at, true, Happening::Answer { key, attempt, end });
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Whoever has a token works on the task.
    fn work(&mut self, token: String, heartbeat: Option<u64>, end: Option<End>) {
        self.tokens.push(token.clone());
        let Some(end) = end else {
            return;
        };
        let at = self.delay();
        if let Some(seconds) = heartbeat
            && at > 0
        {
            for beat in 1..=at / (seconds * 900) {
                let token = token.clone();
                self.later(beat * seconds * 900, false, Happening::Heartbeat { token });
            }
        }
        self.later(at, false, Happening::Callback { token, end });
    }

    /// How long a service takes.
    fn delay(&mut self) -> u64 {
        if self.order != Order::Chance {
            return 0;
        }
        match self.chance.below(4) {
            0 if self.has(Fault::Late) => self.chance.below(60_000),
            0 | 1 => 0,
            _ => self.chance.below(3_000),
        }
    }

    fn manners(&self) -> Manners {
        Manners {
            seed: self.case.seed,
            errors: self.has(Fault::Error),
            silence: self.has(Fault::Silent),
        }
    }

    fn run_of(&self, key: ExecutionKey) -> Result<&Run, Violation> {
        let run = self.runs.iter().find(|run| run.key == key);
        run.ok_or_else(|| "something is asked for an execution that nobody started".into())
    }

    // What is asked and answered.

    /// Sees what a step has brought, and judges it.
    fn look(&mut self) -> Result<(), Violation> {
        if self.commits.load(Ordering::Relaxed) != self.seen_commits {
            self.observe()?;
        }
        while let Some(asked) = self.node.asked() {
            self.heed(asked)?;
        }
        self.hear()
    }

    /// An effect has left: what asked for it must be on the disk.
    fn heed(&mut self, asked: Asked) -> Result<(), Violation> {
        match asked {
            Asked::Run(task) => {
                self.note(format_args!(
                    "run {} of {} again: {}",
                    task.attempt.0, task.state, task.abandoned
                ));
                let first = self.asked.insert((task.key, task.attempt, task.abandoned));
                ensure(first, || {
                    format!("attempt {} is asked for twice", task.attempt.0)
                })?;
                let run = self.run_of(task.key)?;
                let attempt = run.history.attempt(task.attempt.0);
                let attempt = attempt
                    .ok_or_else(|| format!("attempt {} runs before its commit", task.attempt.0))?;
                ensure(
                    attempt.state == *task.state && attempt.parameters == **task.parameters.text(),
                    || {
                        format!(
                            "attempt {} runs another task than was committed",
                            task.attempt.0
                        )
                    },
                )?;
                if task.abandoned {
                    let (key, attempt) = (task.key, task.attempt);
                    self.drop_calls(key, attempt);
                    let at = self.delay();
                    self.later(at, true, Happening::Stopped { key, attempt });
                    return Ok(());
                }
                self.perform(&task)?;
                let twice = match self.order {
                    Order::Chance => self.has(Fault::Twice) && self.chance.once_in(6),
                    Order::Twice => true,
                    Order::Plain | Order::Crash { .. } | Order::Fail { .. } => false,
                };
                if twice { self.perform(&task) } else { Ok(()) }
            }
            Asked::GiveUp { key, attempt } => {
                self.note(format_args!("give up {}", attempt.0));
                let run = self.run_of(key)?;
                let kept = simulation::kept(self.node.store(), key, &self.limits)
                    .map_err(|error| error.to_string())?;
                let awaited = kept
                    .and_then(|kept| kept.execution)
                    .is_some_and(|execution| execution.awaits(attempt));
                ensure(!awaited, || {
                    format!(
                        "attempt {} of {} is given up before its commit",
                        attempt.0, run.name
                    )
                })?;
                if !self.has(Fault::Late) || self.chance.once_in(2) {
                    self.drop_calls(key, attempt);
                }
                Ok(())
            }
            Asked::Log { arn, events } => {
                self.note(format_args!("log {arn} {}", events.len()));
                let run = self
                    .runs
                    .iter()
                    .find(|run| arn.ends_with(&format!(":{}", run.name)));
                let run = run.ok_or("an execution is logged that nobody started")?;
                let last = events.last().map_or(0, |event| event.id);
                ensure(last <= run.history.len(), || {
                    format!("event {last} is logged before its commit")
                })
            }
        }
    }

    /// Calls of this process for the attempt are given up.
    fn drop_calls(&mut self, key: ExecutionKey, attempt: AttemptId) {
        self.due.retain(|due| match &due.happening {
            Happening::Take {
                key: of,
                attempt: try_of,
            }
            | Happening::Submit {
                key: of,
                attempt: try_of,
                ..
            }
            | Happening::Answer {
                key: of,
                attempt: try_of,
                ..
            } => (*of, *try_of) != (key, attempt),
            Happening::Start { .. }
            | Happening::Stop { .. }
            | Happening::Await { .. }
            | Happening::Callback { .. }
            | Happening::Heartbeat { .. }
            | Happening::Forgery { .. }
            | Happening::Stopped { .. } => true,
        });
    }

    /// Answers have come: what they say must be on the disk.
    fn hear(&mut self) -> Result<(), Violation> {
        let mut place = 0;
        while place < self.waiting.len() {
            let (_, waiting) = &mut self.waiting[place];
            let heard = match waiting {
                Waiting::Start(answer) => heard(answer.take()).map(Heard::Start),
                Waiting::Stop(answer) => heard(answer.take()).map(Heard::Stop),
                Waiting::Callback(answer) => heard(answer.take()).map(Heard::Callback),
                Waiting::Take(answer) => heard(answer.take()).map(Heard::Take),
                Waiting::Await(answer) => match answer.take() {
                    Ok(None) => None,
                    Ok(Some(ended)) => Some(Heard::Await(Ok(ended))),
                    Err(error) => Some(Heard::Await(Err(error))),
                },
            };
            let Some(heard) = heard else {
                place += 1;
                continue;
            };
            let (happening, _) = self.waiting.remove(place);
            self.note(format_args!("{happening:?} is answered: {}", heard.short()));
            if heard.is_unknown() {
                // A client asks again; a call of the process is made again by the outbox.
                let pause = if self.order == Order::Chance {
                    self.chance.below(2_000)
                } else {
                    0
                };
                if !matches!(happening, Happening::Take { .. }) {
                    self.later(pause, false, happening);
                }
                continue;
            }
            self.judge(happening, heard)?;
        }
        Ok(())
    }

    fn judge(&mut self, happening: Happening, heard: Heard) -> Result<(), Violation> {
        match (happening, heard) {
            (Happening::Start { run, same }, Heard::Start(answer)) => {
                self.started(run, same, answer)
            }
            (Happening::Stop { run }, Heard::Stop(answer)) => self.stopped(run, answer),
            (Happening::Await { run }, Heard::Await(Ok(ended))) => {
                self.told_end(run, ended.as_deref())
            }
            (Happening::Take { key, attempt }, Heard::Take(answer)) => {
                let Some(nonce) = answer.map_err(|error| error.to_string())? else {
                    return Ok(());
                };
                let run = self.run_of(key)?;
                let taken = run
                    .history
                    .attempt(attempt.0)
                    .ok_or("a task is taken before its commit")?;
                let known = run
                    .facts
                    .states
                    .get(&taken.state)
                    .ok_or("a task of no state")?;
                let heartbeat = known.heartbeat;
                let end = match crate::history::told(self.manners(), taken, known.timed)? {
                    Behaviour::Gives(output) => Some(End::Succeeded(output)),
                    Behaviour::Fails(error) => Some(End::Failed(Some(error.to_owned()))),
                    Behaviour::Silent => None,
                };
                self.work(simulation::task_token(key, attempt, nonce), heartbeat, end);
                Ok(())
            }
            (Happening::Callback { token, end }, Heard::Callback(Ok(()))) => {
                let (key, attempt) = simulation::parse_task_token(&token).ok_or("no token")?;
                let name = self.run_of(key)?.name.clone();
                let ended = self
                    .run_of(key)?
                    .history
                    .attempt(attempt.0)
                    .and_then(|attempt| attempt.end.clone());
                ensure(ended.as_ref() == Some(&end), || {
                    format!(
                        "{end:?} is acknowledged for attempt {} of {name}, whose end is {ended:?}",
                        attempt.0
                    )
                })?;
                let run = self
                    .runs
                    .iter_mut()
                    .find(|run| run.key == key)
                    .ok_or("no such execution")?;
                let again = run.told.insert(attempt.0, end);
                ensure(again.is_none(), || {
                    format!("the end of attempt {} is acknowledged twice", attempt.0)
                })
            }
            (Happening::Forgery { .. }, Heard::Callback(answer)) => {
                ensure(answer.is_err(), || "a forged token is taken")
            }
            (Happening::Callback { .. } | Happening::Heartbeat { .. }, Heard::Callback(answer)) => {
                match answer {
                    Ok(()) | Err(RuntimeError::TaskTimedOut) => Ok(()),
                    Err(error) => Err(format!("a right token is refused: {error}")),
                }
            }
            (happening, heard) => Err(format!("{happening:?} is answered by {}", heard.short())),
        }
    }

    fn started(
        &mut self,
        place: usize,
        same: bool,
        answer: Result<Started, RuntimeError>,
    ) -> Result<(), Violation> {
        let round = self.round;
        let run = &mut self.runs[place];
        let record = current(&self.node, run, round)?;
        match answer {
            Ok(started) => {
                let record = record.ok_or("a start is acknowledged before its commit")?;
                ensure(
                    record.start == started.start,
                    || "a start is acknowledged that is not on the disk",
                )?;
                if let Some(first) = &run.accepted {
                    ensure(*first == started, || "a name is started twice")?;
                }
                run.accepted = Some(started);
                let wanted = if same { &run.input } else { &run.other_input };
                ensure(
                    run.given(&self.node)? == *wanted,
                    || "a start is acknowledged that had another input",
                )
            }
            Err(RuntimeError::ExecutionAlreadyExists(_)) => {
                let record = record.ok_or("a name is refused that nobody has")?;
                let other = same != (run.given(&self.node)? == run.input);
                ensure(
                    record.status != Status::Running || other,
                    || "the repetition of a start is refused",
                )
            }
            Err(error) => Err(format!("a start is refused: {error}")),
        }
    }

    fn stopped(
        &mut self,
        place: usize,
        answer: Result<Timestamp, RuntimeError>,
    ) -> Result<(), Violation> {
        let run = &self.runs[place];
        let record = current(&self.node, run, self.round)?;
        match answer {
            Ok(at) => {
                let Some(record) = record else {
                    // The execution of the round before has ended long ago.
                    return ensure(self.round > START, || "a stop of nothing is acknowledged");
                };
                ensure(record.stop == Some(at), || {
                    format!("a stop at {} is acknowledged before its commit", at.0)
                })
            }
            // It was not there yet; it is asked again later.
            Err(RuntimeError::ExecutionDoesNotExist(_)) => Ok(()),
            Err(error) => Err(format!("a stop is refused: {error}")),
        }
    }

    fn told_end(&mut self, place: usize, ended: Option<&Finished>) -> Result<(), Violation> {
        let run = &self.runs[place];
        let Some(ended) = ended else {
            return ensure(
                run.accepted.is_none(),
                || "an accepted execution is not there",
            );
        };
        let record =
            simulation::record(self.node.store(), run.key).map_err(|error| error.to_string())?;
        ensure(
            record.as_ref() == Some(&ended.record),
            || "an end is told before its commit",
        )?;
        ensure(
            ended.record.status != Status::Running,
            || "an end is told of a running execution",
        )
    }

    // What is on the disk.

    /// Takes in what has been committed.
    fn observe(&mut self) -> Result<(), Violation> {
        self.seen_commits = self.commits.load(Ordering::Relaxed);
        let (now, manners, round) = (self.now(), self.manners(), self.round);
        let late = self.order == Order::Chance;
        for run in &mut self.runs {
            let Some(record) = current(&self.node, run, round)? else {
                ensure(run.accepted.is_none() && run.history.len() == 0, || {
                    format!("{} is gone", run.name)
                })?;
                continue;
            };
            let began = self.report.events;
            let name = &run.name;
            let events = history(&self.node, run, run.history.len() + 1)?;
            let input = match events.first().map(|event| &event.event) {
                // Either of two starts under one name may have come first.
                Some(engine::Event::ExecutionStarted { input, .. })
                    if input.text().as_ref() == run.other_input =>
                {
                    run.other_input.clone()
                }
                _ => run.input.clone(),
            };
            let law = Law {
                facts: &run.facts,
                manners,
                input: &input,
                now,
                late,
            };
            for event in &events {
                run.history
                    .add(law, event)
                    .map_err(|violation| format!("{name}: {violation}"))?;
            }
            self.report.events = began + events.len() as u64;
            let ended = record.status != Status::Running;
            ensure(run.history.ended == ended, || {
                format!(
                    "{name} is {} and its history is not",
                    record.status.as_str()
                )
            })?;
            if let Some(before) = run.ended {
                ensure(before == record.status, || format!("{name} ends twice"))?;
            }
            run.ended = ended.then_some(record.status);
        }
        Ok(())
    }

    /// All rows of an execution agree.
    fn check_kept(&self, place: usize) -> Result<(), Violation> {
        let run = &self.runs[place];
        let Some(record) = current(&self.node, run, self.round)? else {
            return Ok(());
        };
        let kept = simulation::kept(self.node.store(), run.key, &self.limits)
            .map_err(|error| error.to_string())?;
        let kept = kept.ok_or("no execution")?;
        let name = &run.name;
        ensure(kept.listed == [record.status], || {
            format!(
                "{name} is {:?} and listed as {:?}",
                record.status, kept.listed
            )
        })?;
        let Some(execution) = kept.execution else {
            ensure(record.status != Status::Running, || {
                format!("{name} runs and has no image")
            })?;
            ensure(!kept.has_rows, || {
                format!("{name} has ended and frames are left")
            })?;
            ensure(kept.timers.is_empty(), || {
                format!("{name} has ended and timers are left")
            })?;
            ensure(!kept.continuing, || {
                format!("{name} has ended and wants to go on")
            })?;
            return ensure(kept.tasks.iter().all(|task| task.abandoned), || {
                format!("{name} has ended and tasks are left")
            });
        };
        ensure(record.status == Status::Running, || {
            format!("{name} has ended and its image is left")
        })?;
        ensure(kept.continuing == execution.is_unfinished(), || {
            format!("{name} does not say whether it wants to go on")
        })?;
        ensure(execution.last_event_id() == run.history.len(), || {
            format!("{name} and its history differ")
        })?;
        for (timer, _) in &kept.timers {
            ensure(execution.awaits_timer(*timer), || {
                format!("{name}: nobody awaits timer {}", timer.0)
            })?;
        }
        // Each event sets two at most.
        let awaited = (1..=2 * run.history.len())
            .filter(|timer| execution.awaits_timer(engine::TimerId(*timer)));
        ensure(awaited.count() == kept.timers.len(), || {
            format!("{name}: a timer is not set")
        })?;
        for task in kept.tasks.iter().filter(|task| !task.abandoned) {
            ensure(execution.awaits(task.attempt), || {
                format!("{name}: nobody awaits attempt {}", task.attempt.0)
            })?;
        }
        for number in 1.. {
            let Some(attempt) = run.history.attempt(number) else {
                break;
            };
            let asked = kept
                .tasks
                .iter()
                .any(|task| task.attempt.0 == number && !task.abandoned);
            let awaited = execution.awaits(AttemptId(number));
            ensure(!awaited || asked || attempt.told_by_callback, || {
                format!("{name}: nobody is asked for attempt {number}")
            })?;
            ensure(!awaited || attempt.end.is_none(), || {
                format!("{name}: attempt {number} is awaited after its end")
            })?;
        }
        Ok(())
    }

    fn check_end(&mut self) -> Result<(), Violation> {
        self.observe()?;
        for place in 0..self.runs.len() {
            let run = &self.runs[place];
            ensure(run.ended.is_some(), || format!("{} never ended", run.name))?;
            self.check_kept(place)?;
            let kept = simulation::kept(self.node.store(), run.key, &self.limits)
                .map_err(|error| error.to_string())?;
            ensure(kept.is_some_and(|kept| kept.tasks.is_empty()), || {
                format!("{} has ended and the outbox is not empty", run.name)
            })?;
        }
        ensure(
            self.children.is_empty(),
            || "what a task has started runs on, and nobody awaits it",
        )?;
        ensure(self.waiting.is_empty(), || "somebody is never answered")
    }

    fn ends(&mut self) -> Result<Vec<Ending>, Violation> {
        let mut ends = Vec::new();
        for place in 0..self.runs.len() {
            let run = &self.runs[place];
            let events = history(&self.node, run, 1)?;
            let record = current(&self.node, run, self.round)?.ok_or("no execution")?;
            let output = match events.last().map(|event| &event.event) {
                Some(engine::Event::ExecutionSucceeded { output }) => {
                    Some(output.text().to_string())
                }
                _ => None,
            };
            ends.push(Ending {
                status: record.status,
                error: record.error,
                output,
                events: kinds(&events),
            });
            self.note(format_args!("{events:?}"));
        }
        Ok(ends)
    }
}

impl Run {
    /// The input with which it was started.
    fn given(&self, node: &Node) -> Result<String, Violation> {
        let events = history(node, self, 1)?;
        match events.first().map(|event| &event.event) {
            Some(engine::Event::ExecutionStarted { input, .. }) => Ok(input.text().to_string()),
            _ => Err("a history without a beginning".into()),
        }
    }
}

/// An answer, or that nobody knows what became of what was asked.
enum Heard {
    Start(Result<Started, RuntimeError>),
    Stop(Result<Timestamp, RuntimeError>),
    Callback(Result<(), RuntimeError>),
    Take(Result<Option<u128>, RuntimeError>),
    Await(Result<Option<Arc<Finished>>, RuntimeError>),
}

impl Heard {
    fn error(&self) -> Option<&RuntimeError> {
        match self {
            Self::Start(answer) => answer.as_ref().err(),
            Self::Stop(answer) => answer.as_ref().err(),
            Self::Callback(answer) => answer.as_ref().err(),
            Self::Take(answer) => answer.as_ref().err(),
            Self::Await(answer) => answer.as_ref().err(),
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(
            self.error(),
            Some(RuntimeError::Stopped | RuntimeError::Store(_))
        )
    }

    fn short(&self) -> String {
        self.error()
            .map_or_else(|| "yes".to_owned(), ToString::to_string)
    }
}

fn heard<T>(
    answer: Result<Option<Result<T, RuntimeError>>, RuntimeError>,
) -> Option<Result<T, RuntimeError>> {
    match answer {
        Ok(answer) => answer,
        Err(error) => Some(Err(error)),
    }
}

fn draw_run(case: &Case, number: u64, confluent: bool) -> Result<Run, Violation> {
    let mut chance = Chance::of(case.seed, &format!("execution {number}"));
    let size = Size {
        states_max: case.states_max,
        depth_max: case.depth_max,
        confluent,
    };
    let (definition, facts) = machines::draw(&mut chance, size);
    let definition = definition.to_string();
    let machine = Machine::new(&format!("M{number}"), &definition)
        .map_err(|error| format!("a drawn state machine is not valid: {error}: {definition}"))?;
    let name = format!("run-{number}");
    Ok(Run {
        key: machine.key(&name),
        machine,
        facts,
        name,
        input: machines::draw_input(&mut chance).to_string(),
        other_input: machines::draw_input(&mut chance)
            .to_string()
            .replace('}', ",\"other\":1}"),
        accepted: None,
        history: History::default(),
        ended: None,
        told: BTreeMap::new(),
    })
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the world")]
fn open(
    disk: &Disk,
    plan: &Arc<Mutex<DiskPlan>>,
    commits: &Arc<AtomicU64>,
    runs: &[Run],
    clock: &VirtualClock,
    limits: &engine::Limits,
    workers: usize,
    active_max: usize,
) -> Result<Node, Violation> {
    let (plan, commits) = (Arc::clone(plan), Arc::clone(commits));
    let store = disk.open_stepped(move |_| {
        let number = commits.fetch_add(1, Ordering::Relaxed) + 1;
        let mut plan = lock(&plan);
        match (plan.next.take(), plan.at) {
            (Some(fault), _) => fault,
            (None, Some((at, fault))) if at == number => fault,
            (None, _) => store::Fault::None,
        }
    });
    let node = Node::start(Plan {
        store,
        machines: runs.iter().map(|run| run.machine.clone()).collect(),
        clock: Arc::new(clock.clone()),
        limits: limits.clone(),
        workers,
        active_max,
        step,
    });
    node.map_err(|error| format!("the disk can't be taken up: {error}"))
}

/// The record of the execution of this round; those of earlier ones have ended.
fn current(
    node: &Node,
    run: &Run,
    round: Timestamp,
) -> Result<Option<runtime::ExecutionRecord>, Violation> {
    let record = simulation::record(node.store(), run.key).map_err(|error| error.to_string())?;
    Ok(record.filter(|record| record.start >= round))
}

fn history(node: &Node, run: &Run, from: u64) -> Result<Vec<HistoryEvent>, Violation> {
    simulation::history(node.store(), run.key, from).map_err(|error| error.to_string())
}

fn input(attempt: AttemptId, end: &End) -> Result<Input, Violation> {
    Ok(match end {
        End::Succeeded(output) => Input::TaskSucceeded {
            attempt,
            output: payload(output)?,
        },
        End::Failed(error) => Input::TaskFailed {
            attempt,
            error: error.clone(),
            cause: None,
            failure: Failure::Failed,
        },
        End::TimedOut => return Err("no service says so".into()),
    })
}

fn payload(text: &str) -> Result<Payload, Violation> {
    Payload::from_text(text).map_err(|error| error.to_string())
}

/// A token that nobody was given.
fn forged(chance: &mut Chance, token: &str) -> String {
    let (mut prefix, attempt, nonce) =
        engine::parse_task_token(token).unwrap_or_else(|| unreachable!("it was given out"));
    match chance.below(3) {
        0 => engine::task_token(&prefix, attempt, nonce ^ 1),
        1 => engine::task_token(&prefix, AttemptId(attempt.0 + 1), nonce),
        _ => {
            if let Some(last) = prefix.last_mut() {
                *last ^= 1;
            }
            engine::task_token(&prefix, attempt, nonce)
        }
    }
}

fn lock(plan: &Mutex<DiskPlan>) -> std::sync::MutexGuard<'_, DiskPlan> {
    plan.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
