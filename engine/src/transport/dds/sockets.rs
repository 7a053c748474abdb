//! What the kernel granted to Cyclone's sockets, read back from the sockets themselves.

#![allow(unsafe_code)]

use std::collections::BTreeSet;
use std::mem;
use std::net::Ipv4Addr;
use std::os::fd::RawFd;
use std::os::raw::c_int;

/// RTPS ports start here.
const FIRST_PORT: u16 = 7400;

/// Read back after a domain was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// The smallest receive buffer among the sockets that Cyclone listens on, as `net.core.rmem_max` counts it.
    pub(super) receive_buffer_bytes: Option<u64>,
    /// Interfaces that are sent through.
    pub(super) interfaces: Vec<String>,
}

impl Granted {
    /// Looks at the sockets that are open now and were not `before`.
    pub(super) fn since(before: &BTreeSet<RawFd>) -> Self {
        let made: Vec<RawFd> = open_udp().difference(before).copied().collect();
        let listening = made.iter().filter(|fd| local_port(**fd) >= FIRST_PORT);
        // The kernel doubles what it grants, for its own bookkeeping.
        let receive_buffer_bytes = listening
            .filter_map(|fd| option::<c_int>(*fd, libc::SOL_SOCKET, libc::SO_RCVBUF))
            .filter_map(|doubled| u64::try_from(doubled / 2).ok())
            .min();
        let addresses: BTreeSet<Ipv4Addr> = made
            .iter()
            .filter_map(|fd| option::<libc::in_addr>(*fd, libc::IPPROTO_IP, libc::IP_MULTICAST_IF))
            .map(|address| Ipv4Addr::from(u32::from_be(address.s_addr)))
            .filter(|address| !address.is_unspecified())
            .collect();
        Self {
            receive_buffer_bytes,
            interfaces: addresses.iter().map(Ipv4Addr::to_string).collect(),
        }
    }
}

/// The UDP sockets of this process.
pub(super) fn open_udp() -> BTreeSet<RawFd> {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else {
        return BTreeSet::new();
    };
    let numbers = files
        .flatten()
        .filter_map(|file| file.file_name().to_str()?.parse().ok());
    numbers
        .filter(|fd| {
            let family = option::<c_int>(*fd, libc::SOL_SOCKET, libc::SO_DOMAIN);
            let kind = option::<c_int>(*fd, libc::SOL_SOCKET, libc::SO_TYPE);
            matches!(family, Some(libc::AF_INET | libc::AF_INET6)) && kind == Some(libc::SOCK_DGRAM)
        })
        .collect()
}

fn option<T: Plain>(fd: RawFd, level: c_int, name: c_int) -> Option<T> {
    // SAFETY: zero is a value of every `Plain` type.
    let mut value: T = unsafe { mem::zeroed() };
    let mut length = libc::socklen_t::try_from(mem::size_of::<T>()).ok()?;
    // SAFETY: `value` has room for `length` bytes and any bytes are a value of it. A number that is no socket, or none
    // any more, gives an error.
    let code = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) };
    (code == 0).then_some(value)
}

fn local_port(fd: RawFd) -> u16 {
    // SAFETY: plain numbers, for which zero is a value.
    let mut address: libc::sockaddr_in = unsafe { mem::zeroed() };
    let mut length = mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: at most `length` bytes are written to `address`. The port lies at the same place for IPv6.
    let code = unsafe { libc::getsockname(fd, (&raw mut address).cast(), &raw mut length) };
    if code == 0 { u16::from_be(address.sin_port) } else { 0 }
}

/// Types for which any bytes are a value.
trait Plain {}
impl Plain for c_int {}
impl Plain for libc::in_addr {}

/// How many sockets of this process are bound to one of `ports`.
#[cfg(test)]
pub(super) fn bound_to(ports: std::ops::Range<u16>) -> usize {
    open_udp()
        .into_iter()
        .filter(|fd| ports.contains(&local_port(*fd)))
        .count()
}
