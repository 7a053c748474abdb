//! The application: the window and the command line over the engine and the widgets.

pub mod board;
pub mod cli;
pub mod config;
pub mod demo_process;
pub mod format;
pub mod logging;
pub mod scope;
pub mod signals;
pub mod window;
