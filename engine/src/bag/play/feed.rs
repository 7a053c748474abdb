//! The messages of a recording, as a player wants them.

use std::collections::BTreeMap;

use super::{Due, Feed};
use crate::bag::{Bag, BagError, Messages, Query};

/// Hands out the messages of those channels that have a place; `places` leads from [`crate::bag::BagChannel::index`] to the index
/// of the topic that they are played on.
#[must_use]
pub fn feed(bag: &Bag, places: BTreeMap<usize, usize>) -> Box<dyn Feed> {
    Box::new(BagFeed {
        bag: bag.clone(),
        places,
        messages: None,
    })
}

struct BagFeed {
    bag: Bag,
    places: BTreeMap<usize, usize>,
    messages: Option<Messages>,
}

impl BagFeed {
    /// The names of the topics whose messages are played on `place`, or on any.
    fn topics(&self, place: Option<usize>) -> Vec<String> {
        let channels = self.bag.channels().iter();
        let wanted = channels.filter(|channel| {
            let known = self.places.get(&channel.index);
            known.is_some_and(|known| place.is_none_or(|place| place == *known))
        });
        wanted.map(|channel| channel.topic.clone()).collect()
    }
}

fn signed(time_ns: u64) -> i64 {
    i64::try_from(time_ns).unwrap_or(i64::MAX)
}

impl Feed for BagFeed {
    fn seek(&mut self, from_ns: i64) -> Result<(), BagError> {
        let from_ns = u64::try_from(from_ns).unwrap_or(0);
        let query = Query::all().topics(self.topics(None)).from_ns(from_ns);
        self.messages = Some(self.bag.messages(&query));
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Due>, BagError> {
        let Some(messages) = &mut self.messages else {
            return Ok(None);
        };
        while let Some(message) = messages.advance() {
            if let Some(place) = self.places.get(&message.channel.index) {
                return Ok(Some(Due {
                    topic: *place,
                    log_time_ns: signed(message.log_time_ns),
                    payload: message.payload.to_vec(),
                }));
            }
        }
        for problem in messages.problems() {
            tracing::warn!("{problem}");
        }
        Ok(None)
    }

    fn last_before(&mut self, topic: usize, time_ns: i64) -> Result<Option<Due>, BagError> {
        let time_ns = u64::try_from(time_ns).unwrap_or(0);
        let mut last: Option<Due> = None;
        for name in self.topics(Some(topic)) {
            let Some(found) = self.bag.last_before(&name, time_ns)? else {
                continue;
            };
            let log_time_ns = signed(found.log_time_ns);
            if last.as_ref().is_none_or(|known| known.log_time_ns < log_time_ns) {
                last = Some(Due {
                    topic,
                    log_time_ns,
                    payload: found.payload,
                });
            }
        }
        Ok(last)
    }
}
