//! Names of topics, types and nodes, in ROS form, and how they look on a DDS wire.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

macro_rules! shared_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

shared_text!(
    /// The full name of a topic, with its leading slash: `/imu/data`.
    TopicName
);
shared_text!(
    /// The name of a message type: `sensor_msgs/msg/Imu`.
    TypeName
);

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Topic names start with a slash and hold no empty part, control character or white space.
    #[error("`{0}` is not a topic name: write it in full, such as `/imu/data`")]
    Topic(String),
    /// Type names have the three parts `package/msg/Type`.
    #[error("`{0}` is not a type name: write it as `package/msg/Type`, such as `sensor_msgs/msg/Imu`")]
    Type(String),
}

impl TopicName {
    /// Takes a full topic name. A name without a leading slash gets one.
    ///
    /// # Errors
    /// When the name is empty, has an empty part, or holds white space, control characters or bytes that are not UTF-8.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let bare = name.strip_prefix('/').unwrap_or(name);
        let wrong = bare.is_empty()
            || bare.split('/').any(str::is_empty)
            // The replacement character stands for bytes that were no text: such a name cannot be asked for.
            || bare.chars().any(|c| c.is_control() || c.is_whitespace() || c == char::REPLACEMENT_CHARACTER);
        if wrong {
            return Err(NameError::Topic(name.to_owned()));
        }
        Ok(Self(format!("/{bare}").into()))
    }

    /// The ROS name behind a DDS topic name: `rt/imu` is `/imu`. Services and foreign names give `None`.
    #[must_use]
    pub fn from_dds(dds: &str) -> Option<Self> {
        Self::new(dds.strip_prefix("rt/")?).ok()
    }

    /// The DDS topic name: `/imu` is `rt/imu`.
    #[must_use]
    pub fn to_dds(&self) -> String {
        format!("rt{}", self.0)
    }

    /// True for topics that ROS 2 tools hide: a part starts with `_`, or plumbing that every node has.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        matches!(self.as_str(), "/rosout" | "/parameter_events") || self.0.split('/').any(|part| part.starts_with('_'))
    }
}

impl TypeName {
    /// Takes `package/msg/Type`; the ROS 1 form `package/Type` is understood as `package/msg/Type`.
    ///
    /// # Errors
    /// When the text has not two or three non-empty parts of letters, digits and underscores.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Type(name.to_owned());
        let parts: Vec<&str> = name.split('/').collect();
        let sound = |p: &&str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !parts.iter().all(sound) {
            return Err(wrong());
        }
        match parts[..] {
            [package, kind] => Ok(Self(format!("{package}/msg/{kind}").into())),
            [_, _, _] => Ok(Self(name.into())),
            _ => Err(wrong()),
        }
    }

    /// The ROS name behind a DDS type name: `sensor_msgs::msg::dds_::Imu_` is `sensor_msgs/msg/Imu`.
    #[must_use]
    pub fn from_dds(dds: &str) -> Option<Self> {
        let (scope, kind) = dds.rsplit_once("::dds_::")?;
        let ros = format!("{}/{}", scope.replace("::", "/"), kind.strip_suffix('_')?);
        Self::new(&ros).ok()
    }

    /// The DDS type name: `sensor_msgs/msg/Imu` is `sensor_msgs::msg::dds_::Imu_`.
    #[must_use]
    pub fn to_dds(&self) -> String {
        let (scope, kind) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        format!("{}::dds_::{kind}_", scope.replace('/', "::"))
    }

    /// The package: `sensor_msgs`.
    #[must_use]
    pub fn package(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The last part: `Imu`.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

/// Which half of a service a DDS topic carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceEnd {
    /// From client to server.
    Request,
    /// From server to client.
    Reply,
}

/// The ROS service behind a DDS topic name: `rq/addRequest` and `rr/addReply` are `/add`. Others give `None`.
#[must_use]
pub fn service_name(dds: &str) -> Option<(String, ServiceEnd)> {
    let (bare, end) = if let Some(rest) = dds.strip_prefix("rq/") {
        (rest.strip_suffix("Request")?, ServiceEnd::Request)
    } else {
        (dds.strip_prefix("rr/")?.strip_suffix("Reply")?, ServiceEnd::Reply)
    };
    // Services are named by the same rules as topics.
    let name = TopicName::new(bare).ok()?;
    Some((name.as_str().to_owned(), end))
}

/// The ROS service type behind a DDS type name: `pkg::srv::dds_::Add_Request_` and `..._Response_` are `pkg/srv/Add`.
#[must_use]
pub fn service_type(dds: &str) -> Option<String> {
    let half = TypeName::from_dds(dds)?;
    let name = half.as_str();
    let bare = name
        .strip_suffix("_Request")
        .or_else(|| name.strip_suffix("_Response"))?;
    Some(bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dds_names_and_back() {
        let topic = TopicName::new("/robot/imu").expect("a name");
        assert_eq!(topic.to_dds(), "rt/robot/imu");
        assert_eq!(TopicName::from_dds("rt/robot/imu"), Some(topic));
        assert_eq!(TopicName::from_dds("rq/add_two_intsRequest"), None);
        let ty = TypeName::new("sensor_msgs/Imu").expect("a name");
        assert_eq!(ty.as_str(), "sensor_msgs/msg/Imu");
        assert_eq!(ty.to_dds(), "sensor_msgs::msg::dds_::Imu_");
        assert_eq!(TypeName::from_dds("sensor_msgs::msg::dds_::Imu_"), Some(ty));
    }

    #[test]
    fn wrong_names_are_refused() {
        for bad in ["", "/", "//a", "/a//b", "/a b", "/a\n"] {
            assert!(TopicName::new(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "Imu", "a/b/c/d", "a/ b", "a/msg/"] {
            assert!(TypeName::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn services_have_two_ends() {
        assert_eq!(
            service_name("rq/arm/addRequest"),
            Some(("/arm/add".to_owned(), ServiceEnd::Request))
        );
        assert_eq!(
            service_name("rr/addReply"),
            Some(("/add".to_owned(), ServiceEnd::Reply))
        );
        assert_eq!(service_name("rt/imu"), None);
        assert_eq!(service_name("rq/add"), None);
        assert_eq!(service_type("a::srv::dds_::B_Request_").as_deref(), Some("a/srv/B"));
        assert_eq!(service_type("a::srv::dds_::B_Response_").as_deref(), Some("a/srv/B"));
        assert_eq!(service_type("a::msg::dds_::B_"), None);
    }

    #[test]
    fn plumbing_is_hidden() {
        for hidden in ["/rosout", "/parameter_events", "/a/_action/status"] {
            assert!(TopicName::new(hidden).expect("a name").is_hidden());
        }
        assert!(!TopicName::new("/imu_raw").expect("a name").is_hidden());
    }
}
