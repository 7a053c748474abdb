//! Figures: how they look, how they answer the mouse, and what they export.

mod files;
mod look;
mod mouse;
mod samples;
