//! A wish to close that comes from outside the window.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

type Wake = Box<dyn Fn() + Send>;

/// Set once by a signal, seen by the window, which closes the same way as by a click.
///
/// [`Quit::request`] takes a lock, so it belongs on a signal thread and not into a signal handler.
#[derive(Default)]
pub struct Quit {
    requested: AtomicBool,
    wake: Mutex<Option<Wake>>,
}

impl Quit {
    /// Asks the window to close. Asking twice does no harm.
    pub fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        if let Some(wake) = &*self.wake.lock().unwrap_or_else(PoisonError::into_inner) {
            wake();
        }
    }

    /// True once somebody asked.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Sets what is called on every request; called at once when one came before.
    pub fn on_request(&self, wake: impl Fn() + Send + 'static) {
        let mut slot = self.wake.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Box::new(wake));
        if self.is_requested()
            && let Some(wake) = &*slot
        {
            wake();
        }
    }
}

impl fmt::Debug for Quit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quit").field("requested", &self.is_requested()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Quit;

    #[test]
    fn a_request_before_the_window_is_not_lost() {
        let quit = Quit::default();
        let woken = Arc::new(AtomicU32::new(0));
        quit.request();
        let count = Arc::clone(&woken);
        quit.on_request(move || {
            let _ = count.fetch_add(1, Ordering::SeqCst);
        });
        assert!(quit.is_requested());
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        quit.request();
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }
}
