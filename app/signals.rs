//! SIGINT and SIGTERM: the first asks to end on the one way out, the second ends at once.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals as Incoming};

use crate::window::Quit;

/// The thread `signals`, which turns a signal into a [`Quit`].
pub struct Signals {
    quit: Arc<Quit>,
    handle: Handle,
    thread: JoinHandle<()>,
}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn install() -> anyhow::Result<Self> {
        let mut incoming = Incoming::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;
        let handle = incoming.handle();
        let quit = Arc::new(Quit::default());
        let asked = Arc::clone(&quit);
        let listen = move || {
            for signal in incoming.forever() {
                if asked.is_requested() {
                    // The second one: the user does not want to wait. 128 + n is how a shell names an end by signal.
                    std::process::exit(128 + signal);
                }
                asked.request();
            }
        };
        let thread = Builder::new()
            .name("signals".to_owned())
            .spawn(listen)
            .context("cannot start the thread signals")?;
        Ok(Self { quit, handle, thread })
    }

    /// What a signal asks for.
    #[must_use]
    pub fn quit(&self) -> &Arc<Quit> {
        &self.quit
    }

    /// Stops to listen, and joins the thread.
    pub fn close(self) {
        self.handle.close();
        let _ = self.thread.join();
    }
}
