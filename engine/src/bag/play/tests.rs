use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::*;
use crate::transport::Subscription;
use crate::transport::memory::memory;

const SECOND: i64 = 1_000_000_000;

/// A recording in memory: topic, time in milliseconds, number.
struct Fake {
    messages: Vec<Due>,
    at: usize,
}

fn due(topic: usize, ms: i64, number: u8) -> Due {
    Due {
        topic,
        log_time_ns: ms * 1_000_000,
        payload: vec![0, 1, 0, 0, number],
    }
}

impl Feed for Fake {
    fn seek(&mut self, from_ns: i64) -> Result<(), BagError> {
        self.at = self.messages.partition_point(|due| due.log_time_ns < from_ns);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Due>, BagError> {
        let next = self.messages.get(self.at).cloned();
        self.at += 1;
        Ok(next)
    }

    fn last_before(&mut self, topic: usize, time_ns: i64) -> Result<Option<Due>, BagError> {
        let is_it = |due: &&Due| due.log_time_ns < time_ns && due.topic == topic;
        Ok(self.messages.iter().rfind(is_it).cloned())
    }
}

fn topic(name: &str, qos: Qos) -> PlayTopic {
    PlayTopic {
        name: TopicName::new(name).expect("a name"),
        type_name: TypeName::new("std_msgs/msg/UInt8").expect("a name"),
        qos,
        type_hash: None,
    }
}

const OPTIONS: PlayOptions = PlayOptions {
    from_ns: 0,
    to_ns: i64::MAX,
    rate: 1000.0,
    repeat: false,
    paused: false,
    clock_hz: None,
    wait: Duration::ZERO,
};

/// Plays two topics, the second latched; gives the report and what was heard, as (topic, number), in order for each topic.
fn heard(
    messages: Vec<Due>,
    options: PlayOptions,
    tell: impl FnOnce(Sender<PlayCommand>) + Send + 'static,
) -> (PlayReport, Vec<(usize, Vec<u8>)>) {
    let (mut transport, _network) = memory(true);
    let mut source = transport.source().expect("the first call");
    let topics = [topic("/a", Qos::RELIABLE), topic("/b", Qos::LATCHED)];
    let mut readers = Vec::new();
    for topic in &topics {
        let subscription = Subscription {
            topic: topic.name.clone(),
            type_name: topic.type_name.clone(),
            qos: topic.qos,
            depth: 10_000,
            type_hash: None,
        };
        readers.push(transport.subscribe(&subscription).expect("memory"));
    }
    let (sender, commands) = channel();
    let teller = thread::spawn(move || tell(sender));
    let feed = Box::new(Fake { messages, at: 0 });
    let report = play(&mut transport, &topics, feed, options, &commands, || false).expect("plays");
    teller.join().expect("no panic");
    let mut arrivals = Vec::new();
    source.drain(&mut |reader, arrival| {
        let topic = readers.iter().position(|known| *known == reader).expect("ours");
        arrivals.push((topic, arrival.payload[4..].to_vec()));
    });
    (report, arrivals)
}

fn numbers(heard: &[(usize, Vec<u8>)], topic: usize) -> Vec<u8> {
    heard.iter().filter(|(at, _)| *at == topic).map(|(_, n)| n[0]).collect()
}

#[test]
fn every_message_is_played_in_order() {
    let messages: Vec<Due> = (0..200_u8).map(|n| due(0, i64::from(n), n)).collect();
    let (report, heard) = heard(messages, OPTIONS, drop);
    assert_eq!(numbers(&heard, 0), (0..200).collect::<Vec<u8>>());
    assert_eq!((report.messages, report.failed, report.loops), (200, 0, 0));
    assert!(report.late_ns.is_some());
}

#[test]
fn time_goes_at_the_rate() {
    let messages = vec![due(0, 0, 1), due(0, 300, 2)];
    let began = std::time::Instant::now();
    let (report, _) = heard(messages, PlayOptions { rate: 3.0, ..OPTIONS }, drop);
    assert!(began.elapsed() >= Duration::from_millis(100), "{report:?}");
    assert!(report.elapsed_s >= 0.1, "{report:?}");
}

#[test]
fn a_range_is_played_and_begins_with_what_is_latched() {
    let messages = vec![
        due(1, 0, 10),
        due(0, 5, 0),
        due(1, 10, 11),
        due(0, 20, 1),
        due(0, 30, 2),
        due(1, 40, 12),
        due(0, 50, 3),
    ];
    let options = PlayOptions {
        from_ns: 15_000_000,
        to_ns: 40_000_000,
        ..OPTIONS
    };
    let (_, heard) = heard(messages, options, drop);
    assert_eq!(numbers(&heard, 0), [1, 2]);
    assert_eq!(numbers(&heard, 1), [11, 12]);
}

#[test]
fn it_begins_anew_until_told_to_stop() {
    let messages = vec![due(0, 0, 1), due(0, 1, 2)];
    let options = PlayOptions {
        repeat: true,
        rate: 1.0,
        ..OPTIONS
    };
    let (report, heard) = heard(messages, options, |commands| {
        thread::sleep(Duration::from_millis(200));
        commands.send(PlayCommand::Stop).expect("still playing");
    });
    assert!(report.loops >= 2, "{report:?}");
    let played = numbers(&heard, 0);
    assert!(played.chunks(2).all(|pair| pair[0] == 1), "{played:?}");
}

#[test]
fn paused_it_plays_step_by_step_and_goes_where_it_is_told() {
    let messages = vec![due(0, 0, 1), due(0, 10, 2), due(0, 20, 3), due(0, 30, 4), due(0, 40, 5)];
    let options = PlayOptions {
        paused: true,
        ..OPTIONS
    };
    let (report, heard) = heard(messages, options, |commands| {
        for command in [PlayCommand::Step, PlayCommand::Step, PlayCommand::Seek(30_000_000)] {
            commands.send(command).expect("still playing");
        }
        thread::sleep(Duration::from_millis(100));
        commands.send(PlayCommand::Step).expect("still playing");
        thread::sleep(Duration::from_millis(100));
        commands.send(PlayCommand::Stop).expect("still playing");
    });
    assert_eq!(numbers(&heard, 0), [1, 2, 4]);
    assert_eq!(report.messages, 3);
}

#[test]
fn more_than_fits_ahead_is_played_whole() {
    let mut messages: Vec<Due> = (0..20_000).map(|n| due(0, n / 20, (n % 250) as u8)).collect();
    messages[7].payload = vec![7; super::ahead::BYTES + 1];
    messages[8].payload = vec![8; super::ahead::BYTES + 1];
    let (report, heard) = heard(messages, OPTIONS, drop);
    assert_eq!(report.messages, 20_000);
    // The reader of this test keeps the last ten thousand.
    assert_eq!(heard.len(), 10_000);
}

#[test]
fn the_clock_tells_the_time_of_the_recording() {
    let (mut transport, _network) = memory(true);
    let mut source = transport.source().expect("the first call");
    let clock = Subscription {
        topic: TopicName::new("/clock").expect("a name"),
        type_name: TypeName::new("rosgraph_msgs/msg/Clock").expect("a name"),
        qos: Qos::SENSOR,
        depth: 10_000,
        type_hash: None,
    };
    let _ = transport.subscribe(&clock).expect("memory");
    let messages = vec![due(0, 5_000, 1), due(0, 5_200, 2)];
    let options = PlayOptions {
        from_ns: 5 * SECOND,
        clock_hz: Some(100.0),
        rate: 1.0,
        ..OPTIONS
    };
    let (_sender, commands) = channel();
    let feed = Box::new(Fake { messages, at: 0 });
    let _ = play(
        &mut transport,
        &[topic("/a", Qos::RELIABLE)],
        feed,
        options,
        &commands,
        || false,
    )
    .expect("plays");
    let mut times = Vec::new();
    source.drain(&mut |_, arrival| {
        let word = |at: usize| {
            i64::from(u32::from_le_bytes(
                arrival.payload[at..at + 4].try_into().expect("four"),
            ))
        };
        times.push(word(4) * SECOND + word(8));
    });
    assert!(times.len() >= 10, "{times:?}");
    assert!(times.is_sorted() && times[0] == 5 * SECOND, "{times:?}");
    assert!(
        times.last().is_some_and(|last| *last > 5 * SECOND + 100_000_000),
        "{times:?}"
    );
}

#[test]
fn a_recording_that_cannot_be_read_ends_with_the_reason() {
    struct Torn;
    impl Feed for Torn {
        fn seek(&mut self, _: i64) -> Result<(), BagError> {
            Ok(())
        }
        fn next(&mut self) -> Result<Option<Due>, BagError> {
            Err(BagError::NotMcap { path: "x.mcap".into() })
        }
        fn last_before(&mut self, _: usize, _: i64) -> Result<Option<Due>, BagError> {
            Ok(None)
        }
    }
    let (mut transport, _network) = memory(true);
    let (_sender, commands) = channel();
    let error = play(&mut transport, &[], Box::new(Torn), OPTIONS, &commands, || false).expect_err("torn");
    assert!(error.to_string().contains("x.mcap"), "{error}");
}
