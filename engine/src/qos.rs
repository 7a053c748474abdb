//! Quality of service, as offered by writers and asked for by readers.

use serde::Serialize;

/// Whether lost messages are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reliability {
    /// Sent again until received or overwritten.
    Reliable,
    /// Sent once.
    BestEffort,
}

/// Whether late joiners get earlier messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// No.
    Volatile,
    /// Yes, as many as the writer's history holds.
    TransientLocal,
}

/// How many messages an endpoint keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// The last `n`.
    KeepLast(u32),
    /// All, within the limits of resources.
    KeepAll,
    /// Not announced: Cyclone and others leave it out of discovery.
    Unknown,
}

/// How a writer shows that it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Liveliness {
    /// The middleware says so.
    Automatic,
    /// The participant says so.
    ManualByParticipant,
    /// The topic's writer says so.
    ManualByTopic,
}

/// The policies of one endpoint. A duration of `None` means infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Qos {
    /// See [`Reliability`].
    pub reliability: Reliability,
    /// See [`Durability`].
    pub durability: Durability,
    /// See [`History`].
    pub history: History,
    /// Longest time between two messages.
    pub deadline_ns: Option<i64>,
    /// Longest time a message is of use.
    pub lifespan_ns: Option<i64>,
    /// See [`Liveliness`].
    pub liveliness: Liveliness,
    /// Lease of the liveliness.
    pub liveliness_lease_ns: Option<i64>,
}

impl Qos {
    /// The ROS 2 default: reliable, volatile, keep last 10.
    pub const RELIABLE: Self = Self {
        reliability: Reliability::Reliable,
        durability: Durability::Volatile,
        history: History::KeepLast(10),
        deadline_ns: None,
        lifespan_ns: None,
        liveliness: Liveliness::Automatic,
        liveliness_lease_ns: None,
    };

    /// Best effort, volatile, keep last 5: what sensors offer.
    pub const SENSOR: Self = Self {
        reliability: Reliability::BestEffort,
        history: History::KeepLast(5),
        ..Self::RELIABLE
    };

    /// Reliable and transient local, keep last 1: what `/tf_static` and maps offer.
    pub const LATCHED: Self = Self {
        durability: Durability::TransientLocal,
        history: History::KeepLast(1),
        ..Self::RELIABLE
    };

    /// What to ask for so that every one of `offers` matches: reliable only if all are, transient local only if
    /// all are; deadline, lifespan and liveliness at their defaults. With no offer: best effort and volatile,
    /// which matches any writer.
    #[must_use]
    pub fn to_match(offers: &[Self]) -> Self {
        let all = |test: fn(&Self) -> bool| !offers.is_empty() && offers.iter().all(test);
        let reliable = all(|q| q.reliability == Reliability::Reliable);
        let latched = all(|q| q.durability == Durability::TransientLocal);
        Self {
            reliability: if reliable {
                Reliability::Reliable
            } else {
                Reliability::BestEffort
            },
            durability: if latched {
                Durability::TransientLocal
            } else {
                Durability::Volatile
            },
            ..Self::RELIABLE
        }
    }

    /// What a writer offers that stands for the writers of `offers`, so that every reader that matched one of them matches
    /// it: reliable if one was, transient local if one was, as deep as the deepest. With no offer: [`Qos::RELIABLE`].
    #[must_use]
    pub fn to_offer(offers: &[Self]) -> Self {
        let any = |test: fn(&Self) -> bool| offers.iter().any(test);
        let Some(first) = offers.first() else {
            return Self::RELIABLE;
        };
        let depth = |qos: &Self| match qos.history {
            History::KeepLast(depth) => Some(depth),
            History::KeepAll | History::Unknown => None,
        };
        let history = if any(|qos| qos.history == History::KeepAll) {
            History::KeepAll
        } else {
            History::KeepLast(offers.iter().filter_map(depth).max().unwrap_or(10).max(1))
        };
        Self {
            reliability: if any(|qos| qos.reliability == Reliability::Reliable) {
                Reliability::Reliable
            } else {
                Reliability::BestEffort
            },
            durability: if any(|qos| qos.durability == Durability::TransientLocal) {
                Durability::TransientLocal
            } else {
                Durability::Volatile
            },
            history,
            // A promise to publish in time is kept only by a recording that is played at its own rate, without pauses.
            deadline_ns: None,
            lifespan_ns: first.lifespan_ns,
            liveliness: Liveliness::Automatic,
            liveliness_lease_ns: None,
        }
    }

    /// True if a reader asking for `self` matches a writer offering `offer`.
    #[must_use]
    pub fn accepts(&self, offer: &Self) -> bool {
        let reliable = self.reliability == Reliability::BestEffort || offer.reliability == Reliability::Reliable;
        let durable = self.durability == Durability::Volatile || offer.durability == Durability::TransientLocal;
        reliable && durable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_offer_decides() {
        assert_eq!(Qos::to_match(&[]).reliability, Reliability::BestEffort);
        assert_eq!(Qos::to_match(&[Qos::RELIABLE]).reliability, Reliability::Reliable);
        let mixed = Qos::to_match(&[Qos::RELIABLE, Qos::SENSOR]);
        assert_eq!(mixed.reliability, Reliability::BestEffort);
        assert_eq!(Qos::to_match(&[Qos::LATCHED]).durability, Durability::TransientLocal);
        assert_eq!(
            Qos::to_match(&[Qos::LATCHED, Qos::RELIABLE]).durability,
            Durability::Volatile
        );
        for offer in [Qos::RELIABLE, Qos::SENSOR, Qos::LATCHED] {
            assert!(Qos::to_match(&[offer, Qos::SENSOR]).accepts(&offer));
        }
        assert!(!Qos::to_match(&[Qos::RELIABLE]).accepts(&Qos::SENSOR));
    }

    #[test]
    fn what_is_offered_serves_every_reader_of_the_first_writers() {
        let offers = [Qos::SENSOR, Qos::RELIABLE, Qos::LATCHED];
        for one in offers {
            for other in offers {
                let offered = Qos::to_offer(&[one, other]);
                for reader in offers {
                    let served = reader.accepts(&one) || reader.accepts(&other);
                    assert!(!served || reader.accepts(&offered), "{one:?} {other:?} {reader:?}");
                }
            }
        }
        assert_eq!(Qos::to_offer(&[]), Qos::RELIABLE);
        assert_eq!(
            Qos::to_offer(&[Qos::LATCHED, Qos::RELIABLE]).history,
            History::KeepLast(10)
        );
    }
}
