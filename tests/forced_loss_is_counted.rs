//! Messages that the network loses are counted exactly, by the writer's sequence numbers.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, peer};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// So small that bursts overrun it.
const SMALL_BUFFER: &str = r#"<CycloneDDS xmlns="https://cdds.io/config"><Domain id="any"><Internal>
    <SocketReceiveBufferSize min="8kB" max="8kB"/></Internal></Domain></CycloneDDS>"#;

#[test]
fn a_small_socket_buffer_loses_and_every_loss_is_known() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "lossy",
        "--best-effort",
        "--rate",
        "50000",
        "--count",
        "60000",
    ]);
    let _ = publisher.args(["--burst", "500", "--wait", "20", "--linger", "2"]);
    let publisher = Process::start(publisher);

    let mut stats = lo.command(ROSWAVE);
    let _ = stats.env("CYCLONEDDS_URI", SMALL_BUFFER);
    let _ = stats.args(["stats", "/lossy0", "--wait", "20", "--secs", "6", "--json"]);
    let stats = json(&finish(stats, Duration::from_secs(60)));
    let sent = publisher.event("done", Duration::from_secs(30))["sent"]
        .as_u64()
        .expect("a count");

    let topic = &stats["topics"][0];
    let got = topic["messages"].as_u64().expect("counted");
    let lost = topic["loss"]["transport"].as_u64().expect("known");
    assert!(lost > 0, "the buffer was meant to overflow: {topic:#}");
    // What was lost after the last message that arrived, or before the first, shows in no sequence gap: allow one burst each.
    assert!(got + lost <= sent, "{got} + {lost} of {sent}");
    assert!(
        sent - (got + lost) <= 1000,
        "{got} arrived, {lost} counted lost, {sent} sent"
    );
}
