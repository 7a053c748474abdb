//! Two domains of this process that share one domain on the wire: what they say to each other goes over the network.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::message::Arrival;

const DEADLINE: Duration = Duration::from_secs(20);
const TOPIC: &str = "/transport/test";
const TYPE: &str = "std_msgs/msg/String";

/// Two participants that only a network joins. Loopback only.
fn pair() -> (DdsTransport, DdsTransport) {
    let (sender, receiver, _) = pair_and_ports();
    (sender, receiver)
}

/// The same, and the ports of their domain on the wire, which no other test has.
fn pair_and_ports() -> (DdsTransport, DdsTransport, Range<u16>) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(2, Ordering::Relaxed);
    // Below 102, so that the ports lie under those which the kernel hands out to any socket.
    let wire = 70 + u16::try_from(n / 2).expect("few tests");
    // Processes that run at the same time keep apart by their tag.
    let user = format!(
        "<CycloneDDS><Domain Id=\"any\"><General><Interfaces><NetworkInterface address=\"127.0.0.1\" multicast=\"false\"/>\
         </Interfaces></General><Discovery><ExternalDomainId>{}</ExternalDomainId><Tag>test-{}-{n}</Tag>\
         <SPDPInterval>100ms</SPDPInterval></Discovery></Domain></CycloneDDS>",
        wire,
        std::process::id()
    );
    let join = |domain| {
        let settings = Settings::for_test(domain, &user);
        DdsTransport::join_with(&settings, format!("node_{domain}")).expect("loopback is there")
    };
    (join(100 + n), join(101 + n), 7400 + 250 * wire..7650 + 250 * wire)
}

fn names() -> (TopicName, TypeName) {
    (
        TopicName::new(TOPIC).expect("a name"),
        TypeName::new(TYPE).expect("a name"),
    )
}

/// Polls the graph until an event passes the test.
fn await_event(transport: &mut DdsTransport, what: &str, test: impl Fn(&GraphEvent) -> bool) -> GraphEvent {
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        let mut events = Vec::new();
        transport.poll_graph(Duration::from_millis(50), &mut events);
        if let Some(event) = events.into_iter().find(|event| test(event)) {
            return event;
        }
    }
    panic!("{what} was not seen");
}

fn subscription(qos: Qos, depth: u32) -> Subscription {
    let (topic, type_name) = names();
    Subscription {
        topic,
        type_name,
        qos,
        depth,
        type_hash: None,
    }
}

fn await_match(publisher: &dyn RawPublisher, polled: &mut DdsTransport, readers: usize) {
    let start = Instant::now();
    while publisher.matched_readers() != readers {
        assert!(start.elapsed() < DEADLINE, "{} readers", publisher.matched_readers());
        polled.poll_graph(Duration::from_millis(10), &mut Vec::new());
    }
}

/// Publishes until the reader hears the last: two ends do not match in the same moment, and a reader may miss what was
/// written in between. Returns the sequence number reached.
fn meet(publisher: &mut dyn RawPublisher, source: &mut dyn Source) -> u64 {
    let start = Instant::now();
    for last in 1.. {
        assert!(start.elapsed() < DEADLINE, "nothing of {last} messages arrived");
        publisher.publish(&payload(0, 8)).expect("room");
        let mut heard = None;
        let _ = source.wait(Duration::from_millis(200));
        source.drain(&mut |_, arrival| heard = Some(arrival.sequence));
        if heard == Some(Some(last)) {
            return last;
        }
    }
    unreachable!("the loop ends by the deadline");
}

fn payload(number: u32, bytes: usize) -> Vec<u8> {
    let mut payload = vec![0, 1, 0, 0];
    payload.extend_from_slice(&number.to_le_bytes());
    payload.resize(bytes, number as u8);
    payload
}

fn drain_until(source: &mut dyn Source, count: usize) -> Vec<(ReaderId, Arrival)> {
    let mut arrivals = Vec::new();
    let start = Instant::now();
    while arrivals.len() < count && start.elapsed() < DEADLINE {
        let _ = source.wait(Duration::from_millis(50));
        source.drain(&mut |reader, arrival| arrivals.push((reader, arrival)));
    }
    arrivals
}

#[test]
fn messages_arrive_whole_with_their_writer_and_number() {
    let (mut sender, mut receiver) = pair();
    let (topic, type_name) = names();
    let hash = TypeHash(format!("RIHS01_{}", "ab".repeat(32)).into());
    let mut publisher = sender
        .advertise(&topic, &type_name, &Qos::RELIABLE, Some(&hash))
        .expect("a writer");
    let seen = await_event(
        &mut receiver,
        "the writer",
        |event| matches!(event, GraphEvent::EndpointSeen(e) if &*e.dds_topic == "rt/transport/test"),
    );
    let GraphEvent::EndpointSeen(endpoint) = seen else {
        panic!("the test above lets only endpoints pass");
    };
    assert_eq!(endpoint.type_hash, Some(hash));
    assert_eq!(&*endpoint.dds_type, "std_msgs::msg::dds_::String_");
    assert_eq!(endpoint.qos.reliability, Qos::RELIABLE.reliability);
    assert_eq!(endpoint.gid.participant(), sender.participant());
    assert!(!endpoint.own);

    let reader = receiver
        .subscribe(&subscription(Qos::RELIABLE, 1000))
        .expect("a reader");
    let mut source = receiver.source().expect("the first call");
    await_match(&*publisher, &mut receiver, 1);
    let met = meet(&mut *publisher, &mut *source);
    // The last is cut into fragments on its way.
    let sizes = [8, 9, 10, 11, 1000, 200_000];
    let before = crate::clock::Timestamp::now();
    for (number, bytes) in (0..).zip(sizes) {
        publisher.publish(&payload(number, bytes)).expect("room");
    }
    let arrivals = drain_until(&mut *source, sizes.len());
    assert_eq!(arrivals.len(), sizes.len());
    let after = crate::clock::Timestamp::now();
    for ((number, bytes), (from, arrival)) in (0..).zip(sizes).zip(&arrivals) {
        assert_eq!(*from, reader);
        // RTPS moves words of four bytes; how many are padding stands in the header.
        let padding = usize::from(arrival.payload[3] & 3);
        assert_eq!(arrival.payload.len() - padding, bytes);
        assert_eq!(arrival.payload[4..bytes], payload(number, bytes)[4..]);
        assert_eq!(arrival.writer, endpoint.gid);
        assert_eq!(arrival.sequence, Some(met + u64::from(number) + 1));
        let source_time = arrival.source_time.expect("stamped");
        assert!(before <= source_time && source_time <= arrival.receive_time && arrival.receive_time <= after);
    }
    assert_eq!(source.overrun(reader), Some(0));
}

#[test]
fn what_the_cache_overwrites_is_counted_exactly() {
    let (mut sender, mut receiver) = pair();
    let (topic, type_name) = names();
    let mut publisher = sender
        .advertise(&topic, &type_name, &Qos::RELIABLE, None)
        .expect("a writer");
    let reader = receiver.subscribe(&subscription(Qos::RELIABLE, 5)).expect("a reader");
    let mut source = receiver.source().expect("the first call");
    await_match(&*publisher, &mut receiver, 1);
    let met = meet(&mut *publisher, &mut *source);
    for number in 0..50 {
        publisher.publish(&payload(number, 64)).expect("room");
    }
    let start = Instant::now();
    while source.overrun(reader) != Some(45) && start.elapsed() < DEADLINE {
        std::thread::yield_now();
    }
    assert_eq!(source.overrun(reader), Some(45));
    let mut numbers = Vec::new();
    source.drain(&mut |_, arrival| numbers.push(arrival.sequence));
    assert_eq!(numbers, [46, 47, 48, 49, 50].map(|n| Some(met + n)));
    assert_eq!(source.overrun(reader), Some(45));
}

#[test]
fn late_joiners_get_what_was_latched_and_nodes_are_named() {
    let (mut sender, mut receiver) = pair();
    let (topic, type_name) = names();
    let mut publisher = sender
        .advertise(&topic, &type_name, &Qos::LATCHED, None)
        .expect("a writer");
    publisher.publish(&payload(7, 16)).expect("room");
    let _ = receiver.subscribe(&subscription(Qos::LATCHED, 10)).expect("a reader");
    let mut source = receiver.source().expect("the first call");
    let arrivals = drain_until(&mut *source, 1);
    assert_eq!(arrivals[0].1.payload[..], payload(7, 16));
    // The sender's node is told once it polls, and again with its writer.
    sender.poll_graph(Duration::ZERO, &mut Vec::new());
    let from = sender.participant();
    let seen = await_event(
        &mut receiver,
        "the node",
        |event| matches!(event, GraphEvent::NodesSeen(gid, nodes) if *gid == from && nodes[0].endpoints.len() == 3),
    );
    assert!(
        matches!(seen, GraphEvent::NodesSeen(_, nodes) if nodes[0].full_name().starts_with("/node_") && !nodes[0].own)
    );
    drop((publisher, sender));
    let _ = await_event(
        &mut receiver,
        "the end of the participant",
        |event| matches!(event, GraphEvent::ParticipantLost(gid) if *gid == from),
    );
}

#[test]
fn within_one_process_there_is_no_number() {
    let (mut transport, _other) = pair();
    let (topic, type_name) = names();
    let mut publisher = transport
        .advertise(&topic, &type_name, &Qos::RELIABLE, None)
        .expect("a writer");
    let reader = transport.subscribe(&subscription(Qos::RELIABLE, 10)).expect("a reader");
    let mut source = transport.source().expect("the first call");
    assert!(transport.source().is_none());
    await_match(&*publisher, &mut transport, 1);
    publisher.publish(&payload(1, 8)).expect("room");
    let arrivals = drain_until(&mut *source, 1);
    assert_eq!(arrivals[0].0, reader);
    assert_eq!(arrivals[0].1.sequence, None);
    assert_eq!(arrivals[0].1.writer.participant(), transport.participant());
    transport.unsubscribe(reader);
    publisher.publish(&payload(2, 8)).expect("nobody listens");
    assert_eq!(source.overrun(reader), None);
    assert!(publisher.publish(&[0, 1]).is_err(), "no room for the header");
}

#[test]
fn topics_with_keys_are_read_too() {
    let (sender, mut receiver) = pair();
    let names = ("rt/transport/test", "std_msgs::msg::dds_::String_");
    let policies = Policies::for_writer(&Qos::LATCHED, None);
    let mut publisher = DdsPublisher::new(&sender.participant, names, &policies, true, None).expect("a writer");
    publisher.publish(&payload(5, 12)).expect("room");
    let _ = await_event(
        &mut receiver,
        "the writer",
        |event| matches!(event, GraphEvent::EndpointSeen(e) if &*e.dds_topic == names.0),
    );
    let _ = receiver.subscribe(&subscription(Qos::LATCHED, 10)).expect("a reader");
    let mut source = receiver.source().expect("the first call");
    let arrivals = drain_until(&mut *source, 1);
    assert_eq!(arrivals[0].1.payload[..], payload(5, 12));
    assert_eq!(arrivals[0].1.sequence, Some(1));
}

#[test]
fn no_socket_is_left_open() {
    let (mut sender, mut receiver, ports) = pair_and_ports();
    let (topic, type_name) = names();
    let publisher = sender
        .advertise(&topic, &type_name, &Qos::RELIABLE, None)
        .expect("a writer");
    let _ = receiver.subscribe(&subscription(Qos::RELIABLE, 10)).expect("a reader");
    let source = receiver.source();
    await_match(&*publisher, &mut receiver, 1);
    assert!(sockets::bound_to(ports.clone()) > 0);
    assert!(sender.facts().receive_buffer_bytes.is_some_and(|bytes| bytes > 0));
    drop((publisher, sender, receiver));
    assert_eq!(sockets::bound_to(ports), 0);
    drop(source);
}
