//! One simulated world: a disk, the processes that come and go on it, services, clients, and a clock.

mod answers;
mod disk;
mod world;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{AttemptId, Execution, Step, Timestamp, Turn};
use runtime::simulation::{Answer, Asked, Machine, Node, Plan};
use runtime::{ExecutionKey, Finished, RuntimeError, Started, Status, VirtualClock};
use store::Disk;

use crate::chance::{Chance, hash};
use crate::faults::Fault;
use crate::history::{History, ensure};
use crate::machines::{self, Facts, Size};
use crate::services::End;
use crate::{Case, Order, START, Violation};
use disk::{current, history};
use world::forged;

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
    /// By its number.
    at: Option<(u64, store::Fault)>,
}

/// An execution that clients know of, and what they were told.
struct Run {
    machine: Machine,
    facts: Facts,
    name: String,
    input: String,
    /// With which the name is started, too.
    other_input: String,
    key: ExecutionKey,
    /// What the first start was answered.
    accepted: Option<Started>,
    history: History,
    ended: Option<Status>,
    /// Ends of attempts that were acknowledged.
    told: BTreeMap<u64, End>,
}

/// What comes to pass at some instant.
#[derive(Clone, Debug)]
enum Happening {
    /// StartExecution, with the execution's own input or another.
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
    /// A worker asks for an activity's task.
    Take {
        key: ExecutionKey,
        attempt: AttemptId,
    },
    /// The service has accepted the task.
    Submit {
        key: ExecutionKey,
        attempt: AttemptId,
        watched: bool,
    },
    /// The service has answered.
    Answer {
        key: ExecutionKey,
        attempt: AttemptId,
        end: End,
    },
    /// SendTaskSuccess or SendTaskFailure.
    Callback {
        token: String,
        end: End,
    },
    Heartbeat {
        token: String,
    },
    /// A token that nobody was given.
    Forgery {
        token: String,
    },
    /// What an abandoned task had started is stopped.
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

/// What outlives a process.
struct Host {
    disk: Disk,
    plan: Arc<Mutex<DiskPlan>>,
    commits: Arc<AtomicU64>,
    clock: VirtualClock,
    limits: engine::Limits,
    workers: usize,
    active_max: usize,
}

pub(crate) struct Simulation<'a> {
    case: &'a Case,
    order: Order,
    chance: Chance,
    host: Host,
    node: Node,
    seen_commits: u64,
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
        let mut host = Host {
            disk: Disk::default(),
            plan: Arc::default(),
            commits: Arc::default(),
            clock: VirtualClock::at(START),
            limits: engine::Limits::default(),
            workers: 1,
            active_max: 1,
        };
        if let Order::Fail { commit, fault } = order {
            lock(&host.plan).at = Some((commit, fault));
        }
        if !confluent {
            host.workers = chance.between(1, 2) as usize;
            host.active_max = chance.between(1, 3) as usize;
        }
        if chance.once_in(3) {
            // Steps end sooner, so that they are committed in pieces.
            host.limits.step_transitions_max = 2;
        }
        let node = host.open(&runs)?;
        let faults_left = case.crashes_max;
        let mut simulation = Self {
            case,
            order,
            chance,
            host,
            node,
            seen_commits: 0,
            runs,
            due: Vec::new(),
            waiting: Vec::new(),
            asked: BTreeSet::new(),
            children: BTreeSet::new(),
            tokens: Vec::new(),
            round: START,
            faults_left,
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
                self.host.commits()
            )
        })?;
        let ends = self.ends()?;
        self.report.simulations = 1;
        self.report.executions += self.runs.len() as u64;
        self.report.commits = self.host.commits();
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
            BREAKS.set((0, false));
            self.host.fail_next(None);
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
        runtime::Clock::now(&self.host.clock)
    }

    fn pass(&mut self, time: Duration) {
        self.host.clock.advance(time);
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
        let workers: Vec<usize> = (0..self.host.workers)
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
            self.host.fail_next(Some(store::Fault::Lost));
        } else if self.strikes(Fault::Kept, 40) {
            self.host.fail_next(Some(store::Fault::Kept));
        } else if self.strikes(Fault::Torn, 40) {
            self.host.fail_next(Some(store::Fault::Kept));
            self.commit(1)?;
            return self.restart();
        }
        let most = self.chance.between(1, 3) as usize;
        if self.commit(most)? && self.chance.once_in(8) {
            (0..self.runs.len()).try_for_each(|run| self.check_kept(run))?;
        }
        Ok(())
    }

    /// What comes next where nothing goes wrong; false when nothing is left to come.
    fn calm_step(&mut self) -> Result<bool, Violation> {
        if !self.node.is_running() {
            self.restart()?;
            return Ok(true);
        }
        let before = self.host.commits();
        if self.commit(usize::MAX)? {
            if let Order::Crash { commit } = self.order
                && (before + 1..=self.host.commits()).contains(&commit)
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
        for worker in 0..self.host.workers {
            if self.node.due(worker).is_some_and(|at| at <= now) {
                self.turn(worker, usize::MAX)?;
                return Ok(true);
            }
        }
        Ok(self.pass_to_next())
    }

    /// False if nothing more is to come.
    fn pass_to_next(&mut self) -> bool {
        let workers = (0..self.host.workers).filter_map(|worker| self.node.due(worker));
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
        self.host.fail_next(None);
        BREAKS.set((0, false));
        // With the old one goes all that it had in hand.
        self.node = self.host.open(&self.runs)?;
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

impl Host {
    /// A process takes up what the disk holds.
    fn open(&self, runs: &[Run]) -> Result<Node, Violation> {
        let (plan, commits) = (Arc::clone(&self.plan), Arc::clone(&self.commits));
        let store = self.disk.open_stepped(move |_| {
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
            clock: Arc::new(self.clock.clone()),
            limits: self.limits.clone(),
            workers: self.workers,
            active_max: self.active_max,
            step,
        });
        node.map_err(|error| format!("the disk can't be taken up: {error}"))
    }

    /// How many commits there were, those that failed included.
    fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// What becomes of the next commit.
    fn fail_next(&self, fault: Option<store::Fault>) {
        lock(&self.plan).next = fault;
    }
}

fn lock(plan: &Mutex<DiskPlan>) -> std::sync::MutexGuard<'_, DiskPlan> {
    plan.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
