//! The real way: what Cyclone DDS receives over loopback and our ingest thread takes from it.

use std::time::{Duration, Instant};

use roswave_engine::clock::monotonic_ns;
use roswave_engine::loss::Count;
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::transport::dds::{DdsConfig, DdsTransport};
use roswave_engine::transport::{Subscription, Transport as _};
use roswave_tests_support::{Namespace, finish};

use super::{Rig, imu};

/// Set in the process that has a network of its own.
const INSIDE: &str = "ROSWAVE_TEST_INSIDE";
const NAME: &str = "wire::what_comes_over_the_network_allocates_nothing";

/// Two domains of one process that share a domain on the wire: what they say to each other goes over the network.
const CYCLONE: &str = "<CycloneDDS><Domain Id=\"any\"><General><Interfaces><NetworkInterface address=\"127.0.0.1\" \
                       multicast=\"false\"/></Interfaces></General><Discovery><ExternalDomainId>70</ExternalDomainId>\
                       <SPDPInterval>100ms</SPDPInterval></Discovery></Domain></CycloneDDS>";

const WARM_UP: u64 = 5_000;
const MESSAGES: u64 = 20_000;
const ALL: u64 = WARM_UP + MESSAGES;
/// Messages that are sent before the sender rests, so that no cache overflows.
const BURST: u64 = 50;
/// After this long without a message nothing more is on its way.
const QUIET: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn what_comes_over_the_network_allocates_nothing() {
    if std::env::var_os(INSIDE).is_some() {
        return over_the_network();
    }
    let lo = Namespace::new();
    let mut again = lo.command(std::env::current_exe().expect("this test"));
    let _ = again
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "1")
        .env("CYCLONEDDS_URI", CYCLONE);
    let output = finish(again, 2 * DEADLINE);
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    print!("{told}");
}

fn over_the_network() {
    let join = |domain| {
        let node_name = format!("node_{domain}");
        let config = DdsConfig {
            domain: Some(domain),
            node_name,
        };
        DdsTransport::join(config).expect("loopback is there")
    };
    let (mut sender, mut receiver) = (join(100), join(101));
    let topic = TopicName::new("/imu/data").expect("a name");
    let type_name = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
    let publisher = sender.advertise(&topic, &type_name, &Qos::RELIABLE, None);
    let mut publisher = publisher.expect("a writer");
    let reader = receiver.subscribe(&Subscription {
        topic,
        type_name,
        qos: Qos::RELIABLE,
        depth: 4096,
        type_hash: None,
    });
    let reader = reader.expect("a reader");
    let source = receiver.source().expect("the ingest half");
    let began = Instant::now();
    while publisher.matched_readers() == 0 {
        assert!(began.elapsed() < DEADLINE, "they do not find each other");
        receiver.poll_graph(Duration::from_millis(10), &mut Vec::new());
    }

    let sending = std::thread::spawn(move || {
        let payload = imu();
        for n in 0..ALL {
            publisher.publish(&payload).expect("room");
            if n % BURST == 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        // A writer that goes takes what was not acknowledged with it.
        publisher
    });
    // The loop of the ingest thread, on this one: what Cyclone's own threads allocate is theirs, the payload of each message
    // among it, which is made where it lands.
    let mut rig = Rig::new(source, reader);
    let (mut allocated, mut counted, mut rounds) = (0, 0, 0_u64);
    let mut newest = Instant::now();
    while rig.recorded < ALL && !(sending.is_finished() && newest.elapsed() > QUIET) {
        assert!(began.elapsed() < DEADLINE, "{} messages arrived", rig.recorded);
        let (before, now) = (rig.recorded, rig.step());
        if rig.recorded > before {
            newest = Instant::now();
        }
        if before >= WARM_UP {
            allocated += now;
            counted += rig.recorded - before;
            rounds += 1;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let _publisher = sending.join().expect("all was sent");

    assert_eq!(allocated, 0, "in {counted} messages and {rounds} rounds");
    assert!(counted >= MESSAGES / 2, "{counted} were counted");
    let report = rig.counters.report(monotonic_ns());
    assert_eq!(report.messages, rig.recorded);
    assert_eq!(
        (report.loss.plot, report.loss.record),
        (Count::Known(0), Count::Known(0))
    );
    assert_eq!(rig.plotted, rig.recorded);
    println!("{counted} messages in {rounds} rounds: {allocated} allocations");
}
