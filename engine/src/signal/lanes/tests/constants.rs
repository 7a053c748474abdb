//! Constants of the real definitions.

use std::collections::BTreeMap;

use crate::signal::lanes::{match_constants, match_constants_among, name_of, shorten};

const DEFINITIONS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/definitions/jazzy.msgs"));

/// A message: its fields, and its constants with their values, each with its type.
#[derive(Default)]
struct Message {
    fields: Vec<(String, String)>,
    constants: Vec<(String, String, i64)>,
}

fn messages() -> BTreeMap<String, Message> {
    let mut messages = BTreeMap::<String, Message>::new();
    let mut name = String::new();
    for line in DEFINITIONS.lines() {
        if let Some(next) = line.strip_prefix("MSG: ") {
            next.clone_into(&mut name);
        }
        let Some((ty, rest)) = line.split_once(' ').filter(|_| !line.starts_with(['#', '=', 'M'])) else {
            continue;
        };
        let message = messages.entry(name.clone()).or_default();
        match rest.split_once('=') {
            Some((constant, value)) => {
                let value = value.trim().parse().expect("constants here are whole numbers");
                message
                    .constants
                    .push((ty.to_owned(), constant.trim().to_owned(), value));
            }
            None => {
                let field = rest.split(' ').next().expect("a name");
                message.fields.push((ty.to_owned(), field.to_owned()));
            }
        }
    }
    messages
}

impl Message {
    fn ty(&self, field: &str) -> &str {
        let found = self.fields.iter().find(|(_, name)| name == field);
        found.map(|(ty, _)| ty.as_str()).expect("it has the field")
    }

    fn constants_of_all(&self) -> Vec<(String, i64)> {
        self.constants
            .iter()
            .map(|(_, name, value)| (name.clone(), *value))
            .collect()
    }

    /// As a caller does it: the constants of the type of the field.
    fn constants(&self, field: &str) -> Vec<(String, i64)> {
        let ty = self.ty(field);
        let same = self.constants.iter().filter(|(of, ..)| of == ty);
        same.map(|(_, name, value)| (name.clone(), *value)).collect()
    }

    fn alone(&self, field: &str) -> Vec<(i64, String)> {
        match_constants(field, &self.constants(field))
    }

    fn among(&self, field: &str) -> Vec<(i64, String)> {
        let whole = |ty: &str| ty.trim_start_matches('u').starts_with("int") || ty == "byte" || ty == "char";
        let whole = self.fields.iter().filter(|(ty, _)| whole(ty) && !ty.contains('['));
        let others: Vec<&str> = whole.map(|(_, name)| name.as_str()).collect();
        match_constants_among(field, &others, &self.constants(field))
    }
}

fn names(table: &[(i64, String)]) -> Vec<&str> {
    table.iter().map(|(_, name)| name.as_str()).collect()
}

#[test]
fn fields_that_constants_are_called_after_get_these() {
    let messages = messages();
    let battery = &messages["sensor_msgs/BatteryState"];
    for (field, count, full) in [
        ("power_supply_status", 5, "POWER_SUPPLY_STATUS_NOT_CHARGING"),
        ("power_supply_health", 9, "POWER_SUPPLY_HEALTH_DEAD"),
        ("power_supply_technology", 9, "POWER_SUPPLY_TECHNOLOGY_LIPO"),
    ] {
        let table = battery.alone(field);
        assert_eq!((table.len(), name_of(&table, 3)), (count, Some(full)), "{field}");
        assert_eq!(table, battery.among(field));
        assert!(table.iter().all(|(_, name)| name.starts_with(&field.to_uppercase())));
    }
    assert_eq!(name_of(&battery.alone("power_supply_status"), 9), None);
    let fix = &messages["sensor_msgs/NavSatStatus"];
    let table = fix.alone("status");
    let expected = [
        "STATUS_UNKNOWN",
        "STATUS_NO_FIX",
        "STATUS_FIX",
        "STATUS_SBAS_FIX",
        "STATUS_GBAS_FIX",
    ];
    assert_eq!(
        (names(&table), name_of(&table, -2)),
        (expected.to_vec(), Some("STATUS_UNKNOWN"))
    );
    // Without the type the prefix alone tells them apart.
    let both: Vec<_> = fix
        .constants
        .iter()
        .map(|(_, name, value)| (name.clone(), *value))
        .collect();
    assert_eq!(both.len(), 10);
    assert_eq!(match_constants("status", &both), table);
    assert_eq!(name_of(&match_constants("service", &both), 8), Some("SERVICE_GALILEO"));
    assert_eq!(
        name_of(&messages["action_msgs/GoalStatus"].alone("status"), 6),
        Some("STATUS_ABORTED")
    );
}

#[test]
fn prefixes_may_be_shorter_or_longer_than_the_field() {
    let messages = messages();
    let fix = &messages["sensor_msgs/NavSatFix"];
    assert_eq!(
        name_of(&fix.alone("position_covariance_type"), 3),
        Some("COVARIANCE_TYPE_KNOWN")
    );
    let logger = &messages["rcl_interfaces/LoggerLevel"];
    assert_eq!(
        name_of(&match_constants("level", &logger.constants_of_all()), 50),
        Some("LOG_LEVEL_FATAL")
    );
}

#[test]
fn constants_that_no_field_has_a_claim_to_are_those_of_the_only_one_left() {
    let messages = messages();
    for (message, field, expected) in [
        (
            "diagnostic_msgs/DiagnosticStatus",
            "level",
            &["OK", "WARN", "ERROR", "STALE"][..],
        ),
        (
            "rcl_interfaces/Log",
            "level",
            &["DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
        ),
        ("sensor_msgs/Range", "radiation_type", &["ULTRASOUND", "INFRARED"]),
        (
            "sensor_msgs/PointField",
            "datatype",
            &[
                "INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "FLOAT32", "FLOAT64",
            ],
        ),
    ] {
        assert_eq!(names(&messages[message].alone(field)), expected, "{message}");
        assert_eq!(names(&messages[message].among(field)), expected, "{message}");
    }
    // That these are called after no other field is only known with the others.
    for (message, field, count) in [
        ("lifecycle_msgs/Transition", "id", 30),
        ("lifecycle_msgs/State", "id", 11),
        ("service_msgs/ServiceEventInfo", "event_type", 4),
        ("visualization_msgs/InteractiveMarkerFeedback", "event_type", 6),
        ("type_description_interfaces/FieldType", "type_id", 89),
    ] {
        assert_eq!(messages[message].alone(field), [], "{message}");
        let found = messages[message].among(field).len();
        assert_eq!(found, count, "{message}");
    }
}

#[test]
fn a_wrong_name_is_worse_than_a_number() {
    let messages = messages();
    let feedback = &messages["sensor_msgs/JoyFeedback"];
    assert_eq!(
        names(&feedback.among("type")),
        ["TYPE_LED", "TYPE_RUMBLE", "TYPE_BUZZER"]
    );
    assert_eq!((feedback.among("id"), feedback.alone("id")), (vec![], vec![]));
    // Two enumerations in one heap: 0 is ARROW, ADD and MODIFY.
    for (message, field) in [
        ("visualization_msgs/Marker", "type"),
        ("visualization_msgs/Marker", "action"),
        ("shape_msgs/SolidPrimitive", "type"),
        ("visualization_msgs/InteractiveMarkerControl", "orientation_mode"),
    ] {
        assert_eq!(
            (messages[message].among(field), messages[message].alone(field)),
            (vec![], vec![]),
            "{field}"
        );
    }
    // A field of another type has no constants to begin with, and a prefix of others is not for all.
    let battery = &messages["sensor_msgs/BatteryState"];
    assert_eq!((battery.among("present"), battery.among("voltage")), (vec![], vec![]));
    assert_eq!(match_constants("present", &battery.constants_of_all()), []);
    assert_eq!(match_constants("anything", &[]), []);
}

#[test]
fn a_constant_goes_to_the_field_that_it_fits_best() {
    let constants: Vec<(String, i64)> = [
        ("STATUS_OK", 0),
        ("STATUS_BAD", 1),
        ("LINK_STATUS_UP", 0),
        ("LINK_STATUS_DOWN", 1),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    let others = ["status", "link_status", "other_status"];
    assert_eq!(
        names(&match_constants_among("status", &others, &constants)),
        ["STATUS_OK", "STATUS_BAD"]
    );
    assert_eq!(
        names(&match_constants_among("link_status", &others, &constants)),
        ["LINK_STATUS_UP", "LINK_STATUS_DOWN"]
    );
    assert_eq!(match_constants_among("other_status", &others, &constants), []);
    // Where it is the only one, the shorter prefix will do.
    assert_eq!(
        names(&match_constants("other_status", &constants[..2])),
        ["STATUS_OK", "STATUS_BAD"]
    );
    // Two that it fits equally well share it.
    let others = ["front_status", "rear_status", "count"];
    for field in &others[..2] {
        let shared = match_constants_among(field, &others, &constants[..2]);
        assert_eq!(names(&shared), ["STATUS_OK", "STATUS_BAD"]);
    }
    assert_eq!(match_constants_among("count", &others, &constants[..2]), []);
    // Paths and cases make no difference.
    assert_eq!(
        names(&match_constants("robots[3].Link_Status[0]", &constants)),
        ["LINK_STATUS_UP", "LINK_STATUS_DOWN"]
    );
}

#[test]
fn names_are_shortened_by_what_the_field_says() {
    for (field, constant, short) in [
        (
            "power_supply_status",
            "POWER_SUPPLY_STATUS_NOT_CHARGING",
            "NOT_CHARGING",
        ),
        ("status", "STATUS_NO_FIX", "NO_FIX"),
        (
            "position_covariance_type",
            "COVARIANCE_TYPE_DIAGONAL_KNOWN",
            "DIAGONAL_KNOWN",
        ),
        ("level", "LOG_LEVEL_DEBUG", "DEBUG"),
        ("type", "FIELD_TYPE_NESTED_TYPE_ARRAY", "NESTED_TYPE_ARRAY"),
        ("level", "STALE", "STALE"),
        ("status", "STATUS", "STATUS"),
        ("status", "STATUS_", "STATUS_"),
        ("status", "__STATUS__A_B", "A_B"),
    ] {
        assert_eq!(shorten(field, constant), short);
    }
}
