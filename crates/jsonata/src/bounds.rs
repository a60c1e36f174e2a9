//! How much an evaluation may take. Steps are counted, the clock is never read.

use crate::error::{Fault, Result};

/// The limits of one [`Scope`](crate::Scope).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Nodes of the expression that may be under evaluation at a time, functions' bodies included. Tail calls end
    /// the call before them. As many calls may be under way that functions of the language make, such as `$map`.
    ///
    /// 100, as on AWS: measured between 99 and 101 (<https://github.com/floci-io/floci/issues/2737>).
    pub depth: usize,
    /// Steps of all the scope's evaluations together: nodes evaluated, items visited, characters moved in dozens.
    ///
    /// 1,000,000, which no expression that we could find makes last 70 ms on a shared core of a server
    /// (`examples/bounds.rs` tries), so that slower ones stay below 100 ms.
    // DIVERGENCE: AWS stops an expression by the clock, after some seconds.
    pub steps: u64,
    /// Bytes of one value: 8 a number, 1 a character, 8 more an array or object; what is shared counts every time.
    ///
    /// 6,990,264, as on AWS: `[1..873782]` passes and `[1..873783]` does not, 4 million characters pass and 8
    /// million do not (<https://github.com/floci-io/floci/issues/2737>).
    pub memory_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            depth: 100,
            steps: 1_000_000,
            memory_bytes: 873_782 * 8 + 8,
        }
    }
}

/// How deep values may nest that an evaluation makes: Jackson's limit for what it reads, so that AWS could not write
/// deeper ones either. Recursion over values relies on it.
pub(crate) const VALUE_DEPTH_MAX: usize = 1000;

/// Characters or bytes of a copy that count as one step.
const BYTES_A_STEP: usize = 32;

/// What is left of [`Bounds`].
#[derive(Debug)]
pub(crate) struct Meter {
    bounds: Bounds,
    steps: u64,
    depth: usize,
    calls: usize,
}

impl Meter {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            steps: bounds.steps,
            depth: 0,
            calls: 0,
        }
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    pub(crate) fn steps_left(&self) -> u64 {
        self.steps
    }

    #[inline]
    pub(crate) fn spend(&mut self, steps: usize) -> Result<()> {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(timeout())
            }
        }
    }

    /// For work that goes over that many bytes.
    #[inline]
    pub(crate) fn spend_bytes(&mut self, bytes: usize) -> Result<()> {
        self.spend(1 + bytes / BYTES_A_STEP)
    }

    /// One level down; [`Meter::leave`] goes up again.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<()> {
        if self.depth >= self.bounds.depth {
            return Err(too_deep());
        }
        self.depth += 1;
        self.spend(1)
    }

    #[inline]
    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Into a function that a function of the language calls; a function that ends in such a call is no level of the
    /// expression, though one of the stack.
    pub(crate) fn enter_call(&mut self) -> Result<()> {
        if self.calls >= self.bounds.depth {
            return Err(too_deep());
        }
        self.calls += 1;
        self.spend(1)
    }

    pub(crate) fn leave_call(&mut self) {
        self.calls -= 1;
    }

    /// Whether a node could be evaluated below the present one; for short cuts that save the call.
    #[inline]
    pub(crate) fn check_below(&mut self) -> Result<()> {
        if self.depth >= self.bounds.depth {
            return Err(too_deep());
        }
        self.spend(1)
    }

    /// An error leaves the levels that it passed counted.
    pub(crate) fn reset_depth(&mut self) {
        self.depth = 0;
        self.calls = 0;
    }

    #[inline]
    pub(crate) fn check_memory(&self, bytes: usize) -> Result<()> {
        if bytes > self.bounds.memory_bytes {
            return Err(too_large());
        }
        Ok(())
    }
}

// The texts are AWS's (<https://github.com/floci-io/floci/issues/2737>); the first and the last are also those of the
// reference implementation's own test runner.

fn timeout() -> Box<Fault> {
    Fault::bare("Expression evaluation timeout: Check for infinite loop")
}

pub(crate) fn too_large() -> Box<Fault> {
    Fault::bare("Expression evaluation memory limit exceeded: Check for excessive memory usage")
}

pub(crate) fn too_deep() -> Box<Fault> {
    Fault::bare(
        "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
    )
}
