//! From the wire to the disk and the store: the part of ROSwave that knows ROS 2 and holds no GUI type.
//!
//! Rooms in the order that a message meets them: [`transport`], [`graph`], [`schema`], [`cdr`], [`ingest`], [`stats`],
//! [`series`], [`signal`], [`record`], [`bag`]; [`engine`] is the handle that the application holds.

pub mod bag;
pub mod budget;
pub mod cdr;
pub mod clock;
pub mod csv;
pub mod engine;
pub mod export;
pub mod graph;
pub mod ingest;
pub mod loss;
pub mod message;
pub mod monitor;
pub mod name;
pub mod qos;
pub mod record;
pub mod schema;
pub mod series;
pub mod signal;
pub mod stats;
pub mod transport;
