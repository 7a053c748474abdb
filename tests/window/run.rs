//! Does what a message asks for, with everything that comes of it.

use std::collections::VecDeque;
use std::time::Duration;

use iced::futures::StreamExt as _;
use iced_test::runtime::{self, task};
use roswave::scope::{Action, Message};

use super::bench::Bench;

/// What lasts longer than this is no work, but a toast that waits for its end.
const LONGEST: Duration = Duration::from_secs(5);

/// Sends a message, and all messages of the tasks that it begins, until there are none.
pub fn run(bench: &mut Bench, message: Message) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let mut waiting = VecDeque::from([message]);
    while let Some(message) = waiting.pop_front() {
        let Action::Run(begun) = bench.scope.update(message, &bench.engine) else {
            continue;
        };
        let Some(mut begun) = task::into_stream(begun) else {
            continue;
        };
        runtime.block_on(async {
            while let Ok(Some(action)) = tokio::time::timeout(LONGEST, begun.next()).await {
                if let runtime::Action::Output(message) = action {
                    waiting.push_back(message);
                }
            }
        });
    }
}
