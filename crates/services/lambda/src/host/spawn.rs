//! Starts processes that can't outlive the server.

use std::io;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

struct Order {
    command: Command,
    tell: oneshot::Sender<io::Result<Child>>,
}

/// The one thread that starts functions' processes.
///
/// The kernel ends a process when the *thread* that started it ends (`PR_SET_PDEATHSIG`), so that thread must live as
/// long as the processes may: a worker of the async runtime would not do.
pub(super) struct Spawner {
    orders: Mutex<Option<Sender<Order>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Spawner {
    /// Starts the thread; must be called inside the async runtime, which will await the processes' ends.
    pub(super) fn start() -> Self {
        let (orders, received) = channel::<Order>();
        let runtime = Handle::current();
        let thread = std::thread::Builder::new()
            .name("functions".into())
            .spawn(move || {
                let _inside = runtime.enter();
                while let Ok(Order { command, tell }) = received.recv() {
                    // Whoever asked may have gone; the process ends with its handle then.
                    let _ = tell.send(start(command));
                }
            })
            .expect("the system can start a thread");
        Self {
            orders: Mutex::new(Some(orders)),
            thread: Mutex::new(Some(thread)),
        }
    }

    pub(super) async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (tell, told) = oneshot::channel();
        let stopped = || io::Error::other("the function host stops");
        {
            let orders = self.orders.lock().expect("no holder of this lock panics");
            let orders = orders.as_ref().ok_or_else(stopped)?;
            orders
                .send(Order { command, tell })
                .map_err(|_| stopped())?;
        }
        told.await.map_err(|_| stopped())?
    }

    /// Starts no further process and ends the thread, which ends every process it started.
    pub(super) fn stop(&self) {
        let orders = self
            .orders
            .lock()
            .expect("no holder of this lock panics")
            .take();
        drop(orders);
        let thread = self
            .thread
            .lock()
            .expect("no holder of this lock panics")
            .take();
        if let Some(thread) = thread {
            // A panic there has been told to whoever asked for a process.
            let _ = thread.join();
        }
    }
}

impl Drop for Spawner {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start(mut command: Command) -> io::Result<Child> {
    use std::os::unix::process::CommandExt;

    // A group of its own, so that what the function starts ends with it.
    command.process_group(0);
    die_with_this_thread(&mut command);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    command.spawn()
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "only the child itself can ask for its parent's death signal, between fork and exec; see docs/decisions/0010-functions-die-with-the-server.md"
)]
fn die_with_this_thread(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

    let server = getpid();
    let ask = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The server may have died before the request was heard.
        if getppid() == Some(server) {
            Ok(())
        } else {
            Err(io::ErrorKind::NotConnected.into())
        }
    };
    // SAFETY: between fork and exec the closure makes two system calls; it takes no lock and allocates nothing.
    unsafe { command.pre_exec(ask) };
}

/// Elsewhere the bootstraps end when their connection to the server breaks.
#[cfg(not(target_os = "linux"))]
fn die_with_this_thread(_command: &mut Command) {}
