//! The fault model: what goes wrong in a simulation, and why the system survives it.
//!
//! | fault | what happens | why it is survived |
//! |---|---|---|
//! | `crash` | the process is gone between two steps, with every batch that was submitted and not committed, every message that waited and every call in flight | state is the truth: outbox and timers offer again what was asked, a client repeats what was not answered |
//! | `lost` | a commit fails and nothing of it is on the disk | the store poisons itself: nothing is answered, nothing done, a restart goes on from the disk |
//! | `kept` | a commit fails, or the process dies before the answer, and yet all of it is on the disk | as above; what was accepted and not answered is found by its name or its token |
//! | `torn` | of a group of batches only the first few are on the disk; never a part of a batch, which every backend writes atomically | a batch holds all of a step, and later batches are of later steps |
//! | `late` | an answer comes long after it was asked for, past time-outs, restarts and cancellations | an input that is no longer awaited changes nothing |
//! | `twice` | a task runs twice, an answer, a callback or a request comes twice | attempts end once; names and tokens are judged |
//! | `silent` | no answer ever comes | `TimeoutSeconds`, `HeartbeatSeconds` |
//! | `error` | a service answers with an error | Retry, Catch |
//! | `forged` | a callback bears a token of a wrong nonce, of another attempt or of nobody | tokens are compared with the committed frame |
//! | `stop` | StopExecution comes at any moment | it is an input like others |
//! | `name` | a name is started twice: at once, later, with another input, or ninety days after its end | the name rule is judged in the shard |
//! | `panic` | a step of the engine panics, before or after it did its work | nothing of it is kept, and the input is given once more |
//! | `jump` | the clock moves on while there is work to do | timers fire late and never early |

use std::fmt;

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Crash,
    Lost,
    Kept,
    Torn,
    Late,
    Twice,
    Silent,
    Error,
    Forged,
    Stop,
    Name,
    Panic,
    Jump,
}

impl Fault {
    pub const ALL: [Self; 13] = [
        Self::Crash,
        Self::Lost,
        Self::Kept,
        Self::Torn,
        Self::Late,
        Self::Twice,
        Self::Silent,
        Self::Error,
        Self::Forged,
        Self::Stop,
        Self::Name,
        Self::Panic,
        Self::Jump,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Lost => "lost",
            Self::Kept => "kept",
            Self::Torn => "torn",
            Self::Late => "late",
            Self::Twice => "twice",
            Self::Silent => "silent",
            Self::Error => "error",
            Self::Forged => "forged",
            Self::Stop => "stop",
            Self::Name => "name",
            Self::Panic => "panic",
            Self::Jump => "jump",
        }
    }
}

/// Which faults a simulation knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults(u32);

impl Faults {
    /// Every one.
    pub fn all() -> Self {
        Fault::ALL.into_iter().fold(Self(0), Self::with)
    }

    /// What services do anyway, which every schedule meets alike.
    pub fn of_services() -> Self {
        Self(0).with(Fault::Silent).with(Fault::Error)
    }

    pub fn has(self, fault: Fault) -> bool {
        self.0 & Self(0).with(fault).0 != 0
    }

    #[must_use]
    pub fn without(self, fault: Fault) -> Self {
        Self(self.0 & !Self(0).with(fault).0)
    }

    #[must_use]
    fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << (fault as u32))
    }

    /// The faults of names with commas between them; none if one is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let mut names = text
            .split(',')
            .filter(|name| !name.is_empty() && *name != "none");
        names.try_fold(Self(0), |faults, name| {
            let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name)?;
            Some(faults.with(fault))
        })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Fault::ALL.into_iter().filter(|fault| self.has(*fault));
        let names: Vec<_> = names.map(Fault::name).collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(","))
    }
}
