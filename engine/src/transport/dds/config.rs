//! The settings of a DDS domain, from the environment that ROS 2 defines, as Cyclone's XML.

use std::fmt::Write as _;

use crate::transport::TransportError;

/// The highest domain whose ports exist.
const HIGHEST_DOMAIN: u32 = 232;
/// Samples above this are refused before memory is set aside for them.
pub(super) const MAX_SAMPLE_BYTES: usize = 256 << 20;
/// Asked of the kernel, which may grant less.
const RECEIVE_BUFFER: &str = "16MB";
/// The last whose ports do not reach into the next domain's.
const MAX_PARTICIPANT_INDEX: u32 = 119;

/// How far discovery reaches, as `ROS_AUTOMATIC_DISCOVERY_RANGE` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// Whatever multicast reaches.
    Subnet,
    /// This machine.
    Localhost,
    /// Nobody.
    Off,
    /// What Cyclone does without ROS.
    SystemDefault,
}

/// What the environment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// The domain.
    pub(super) domain: u32,
    range: Range,
    peers: Vec<String>,
    cyclone: Option<String>,
}

impl Settings {
    /// Reads the process environment; `domain` goes before `ROS_DOMAIN_ID`.
    pub(super) fn from_env(domain: Option<u32>) -> Result<Self, TransportError> {
        Self::from_lookup(domain, |name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })
    }

    fn from_lookup(domain: Option<u32>, get: impl Fn(&'static str) -> Option<String>) -> Result<Self, TransportError> {
        let present = |name| get(name).filter(|value| !value.trim().is_empty());
        let domain = match (domain, present("ROS_DOMAIN_ID")) {
            (Some(domain), _) if domain <= HIGHEST_DOMAIN => domain,
            (Some(domain), _) => {
                return Err(TransportError::Setting {
                    name: "domain",
                    value: domain.to_string(),
                    reason: format!("is not a DDS domain: choose a number from 0 to {HIGHEST_DOMAIN}"),
                });
            }
            (None, Some(text)) => parse_domain(&text)?,
            (None, None) => 0,
        };
        let range = match present("ROS_AUTOMATIC_DISCOVERY_RANGE").as_deref().map(str::trim) {
            None | Some("SUBNET") => Range::Subnet,
            Some("LOCALHOST") => Range::Localhost,
            Some("OFF") => Range::Off,
            Some("SYSTEM_DEFAULT") => Range::SystemDefault,
            Some(other) => {
                return Err(TransportError::Setting {
                    name: "ROS_AUTOMATIC_DISCOVERY_RANGE",
                    value: other.to_owned(),
                    reason: "is not a discovery range: use SUBNET, LOCALHOST, OFF or SYSTEM_DEFAULT".to_owned(),
                });
            }
        };
        let peers = present("ROS_STATIC_PEERS").unwrap_or_default();
        let peers = peers.split(';').map(str::trim).filter(|peer| !peer.is_empty());
        Ok(Self {
            domain,
            range,
            peers: peers.map(str::to_owned).collect(),
            cyclone: present("CYCLONEDDS_URI"),
        })
    }

    #[cfg(test)]
    pub(super) fn for_test(domain: u32, cyclone: &str) -> Self {
        Self {
            domain,
            range: Range::Localhost,
            peers: Vec::new(),
            cyclone: Some(cyclone.to_owned()),
        }
    }

    /// Cyclone's configuration: ours first, then the user's own, which therefore wins.
    pub(super) fn xml(&self) -> String {
        // The index gives us ports that peers without multicast know to ask at. Such peers on this machine are asked
        // by us too, whatever multicast reaches: loopback is often not capable of it.
        let mut discovery = format!(
            "<SPDPInterval>1s</SPDPInterval><ParticipantIndex>auto</ParticipantIndex>\
             <MaxAutoParticipantIndex>{MAX_PARTICIPANT_INDEX}</MaxAutoParticipantIndex>"
        );
        let mut peers = String::from("<Peer address=\"localhost\"/>");
        for peer in &self.peers {
            let _ = write!(peers, "<Peer address=\"{}\"/>", escape(peer));
        }
        let no_multicast = "<AllowMulticast>false</AllowMulticast>";
        let general = match self.range {
            Range::Subnet => {
                let _ = write!(discovery, "<Peers>{peers}</Peers>");
                ""
            }
            Range::Localhost => {
                let _ = write!(discovery, "<Peers>{peers}</Peers>");
                no_multicast
            }
            Range::Off => {
                // A tag of its own keeps the participant apart from all others.
                let _ = write!(discovery, "<Tag>ros_discovery_off_{}</Tag>", std::process::id());
                no_multicast
            }
            Range::SystemDefault => {
                discovery.clear();
                ""
            }
        };
        let ours = format!(
            "<CycloneDDS><Domain Id=\"any\"><General>{general}</General><Discovery>{discovery}</Discovery>\
             <Internal><SocketReceiveBufferSize max=\"{RECEIVE_BUFFER}\"/>\
             <MaxSampleSize>{MAX_SAMPLE_BYTES} B</MaxSampleSize></Internal></Domain></CycloneDDS>"
        );
        match &self.cyclone {
            Some(user) => format!("{ours},{user}"),
            None => ours,
        }
    }
}

fn parse_domain(text: &str) -> Result<u32, TransportError> {
    match text.trim().parse() {
        Ok(domain) if domain <= HIGHEST_DOMAIN => Ok(domain),
        _ => Err(TransportError::Setting {
            name: "ROS_DOMAIN_ID",
            value: text.to_owned(),
            reason: format!("is not a DDS domain: set it to a number from 0 to {HIGHEST_DOMAIN}, or unset it"),
        }),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, TransportError> {
        Settings::from_lookup(None, |name| {
            let found = variables.iter().find(|(n, _)| *n == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn the_domain_is_validated() {
        assert_eq!(settings(&[]).expect("defaults").domain, 0);
        assert_eq!(settings(&[("ROS_DOMAIN_ID", "")]).expect("empty is unset").domain, 0);
        assert_eq!(settings(&[("ROS_DOMAIN_ID", " 42 ")]).expect("a domain").domain, 42);
        for bad in ["233", "-1", "abc", "1e3", "4294967296"] {
            let error = settings(&[("ROS_DOMAIN_ID", bad)]).expect_err(bad).to_string();
            assert!(
                error.contains("ROS_DOMAIN_ID") && error.contains(bad) && error.contains("0 to 232"),
                "{error}"
            );
        }
        assert!(Settings::from_lookup(Some(300), |_| None).is_err());
        assert_eq!(
            Settings::from_lookup(Some(7), |_| Some("SUBNET".into()))
                .expect("given")
                .domain,
            7
        );
    }

    #[test]
    fn discovery_ranges() {
        let xml = |range| {
            settings(&[("ROS_AUTOMATIC_DISCOVERY_RANGE", range)])
                .expect(range)
                .xml()
        };
        assert!(!xml("SUBNET").contains("AllowMulticast"));
        assert!(xml("LOCALHOST").contains("<Peer address=\"localhost\"/>"));
        assert!(xml("OFF").contains("ros_discovery_off_"));
        assert!(settings(&[("ROS_AUTOMATIC_DISCOVERY_RANGE", "WORLD")]).is_err());
    }

    #[test]
    fn peers_are_listed_and_escaped_and_the_user_comes_last() {
        let xml = settings(&[
            ("ROS_STATIC_PEERS", "10.0.0.1; robot<1> ;"),
            ("CYCLONEDDS_URI", "file:///a.xml"),
        ])
        .expect("settings")
        .xml();
        assert!(
            xml.contains("<Peer address=\"10.0.0.1\"/><Peer address=\"robot&lt;1&gt;\"/></Peers>"),
            "{xml}"
        );
        assert!(xml.ends_with("</CycloneDDS>,file:///a.xml"), "{xml}");
    }
}
