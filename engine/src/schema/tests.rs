//! Definitions, hashes and the registry.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::cdr::FieldPath;

fn name(text: &str) -> TypeName {
    TypeName::new(text).expect("a type name")
}

fn parse(text: &str) -> Result<Schema, SchemaError> {
    Schema::parse(&name("pkg/msg/Root"), text, Origin::User)
}

fn sentence(text: &str) -> String {
    parse(text).expect_err("hostile text is refused").to_string()
}

#[test]
fn hashes_are_those_that_real_nodes_announce() {
    // Seen on the wire and in recordings of ROS 2 Jazzy; the last three stand in the headers that rosidl generates.
    let known = [
        (
            "sensor_msgs/msg/Imu",
            "7d9a00ff131080897a5ec7e26e315954b8eae3353c3f995c55faf71574000b5b",
        ),
        (
            "sensor_msgs/msg/JointState",
            "a13ee3a330e346c9d87b5aa18d24e11690752bd33a0350f11c5882bc9179260e",
        ),
        (
            "nav_msgs/msg/Odometry",
            "3cc97dc7fb7502f8714462c526d369e35b603cfc34d946e3f2eda2766dfec6e0",
        ),
        (
            "geometry_msgs/msg/PoseStamped",
            "10f3786d7d40fd2b54367835614bff85d4ad3b5dab62bf8bca0cc232d73b4cd8",
        ),
        (
            "geometry_msgs/msg/Twist",
            "9c45bf16fe0983d80e3cfe750d6835843d265a9a6c46bd2e609fcddde6fb8d2a",
        ),
        (
            "std_msgs/msg/Float64",
            "705ba9c3d1a09df43737eb67095534de36fd426c0587779bda2bc51fe790182a",
        ),
        (
            "sensor_msgs/msg/LaserScan",
            "64c191398013af96509d518dac71d5164f9382553fce5c1f8cca5be7924bd828",
        ),
        (
            "diagnostic_msgs/msg/DiagnosticArray",
            "5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e",
        ),
        (
            "std_msgs/msg/Float64MultiArray",
            "1025ddc6b9552d191f89ef1a8d2f60f3d373e28b283d8891ddcc974e8c55397f",
        ),
        (
            "std_msgs/msg/Char",
            "3ad2d04dd29ba19d04b16659afa3ccaedd691914b02a64e82e252f2fa6a586a9",
        ),
        (
            "service_msgs/msg/ServiceEventInfo",
            "41bcbbe07a75c9b52bc96bfd5c24d7f0fc0a08c0cb7921b3373c5732345a6f45",
        ),
        (
            "rmw_dds_common/msg/ParticipantEntitiesInfo",
            "91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e",
        ),
    ];
    let mut registry = Registry::default();
    for (ty, hash) in known {
        let announced = TypeHash(format!("RIHS01_{hash}").into());
        let found = registry.find(&name(ty), Some(&announced)).expect("bundled");
        assert_eq!(found.agreement, Agreement::Same, "{ty}");
        assert_eq!(found.schema.origin(), Origin::Bundled);
    }
}

#[test]
fn every_bundled_type_is_whole() {
    let mut registry = Registry::default();
    let mut count = 0;
    for name in bundled_names() {
        let found = registry.find(name, None).expect("bundled definitions are whole");
        let again = Schema::parse(name, found.schema.ros2msg(), Origin::Bag).expect("its own text parses");
        assert_eq!(again.hash(), found.schema.hash());
        assert_eq!(found.agreement, Agreement::NotAnnounced);
        count += 1;
    }
    assert!(count > 120, "{count}");
}

#[test]
fn a_custom_type_of_a_real_node_has_its_announced_hash() {
    let text = "std_msgs/Header header\nuint64 seq\nbool ok\nfloat32[] temperatures\nMotor[] motors\nMotor[2] wheels\n\
                geometry_msgs/Pose[<=4] waypoints\nstring<=16 label\nint64 i64\nuint8[] blob\nwstring wide\n";
    let motor = "uint8 MODE_OFF=0\nuint8 MODE_ON=1\nstring name\nuint8 mode\nbool enabled\nfloat32 current\n\
                 float64 velocity\nint16[3] raw\n";
    let schema = Schema::build(&name("probe_msgs/msg/RobotState"), Origin::User, &mut |wanted| {
        Ok(match wanted.as_str() {
            "probe_msgs/msg/RobotState" => Some(text.into()),
            "probe_msgs/msg/Motor" => Some(motor.into()),
            _ => bundled::text(wanted),
        })
    })
    .expect("a sound type");
    assert_eq!(
        &*schema.hash().0,
        "RIHS01_2ca8ab57d31d69e2708a72875b7593301a009e2eabb7c3dafdb825cdac638fce"
    );
}

#[test]
fn every_form_of_a_field_is_understood() {
    let schema = parse(
        "# A comment, then an empty line\n\n  int32 A=-5 # five\nstring B='a # \"b\" \\' c'   # d\nstring C=unquoted text # e\n\
         float64 D = 1e-3\nuint8 E=0x1F\nbool F=true\nbyte G=255\n\
         bool flag true\nint8[] list [1, 2]  # f\nstring<=10 short \"x # y\"\nstring<=3[<=5] tags ['a]', 'b']\n\
         wstring wide\nuint16[4] fixed [1,2,3,4]\nfloat32[<=7] bounded\nchar c 65\nOther other\npkg/Other[2] two\n\
         pkg/msg/Other[] many\nHeader header\nint32 last# no space\r\n\
         ===========================================\nMSG: pkg/Other\nuint8 structure_needs_at_least_one_member\n\
         ===========================================\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n\
         ===========================================\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n",
    )
    .expect("sound text");
    let root = schema.root();
    let constants: Vec<_> = root
        .constants
        .iter()
        .map(|c| (c.name.as_str(), c.value.as_str()))
        .collect();
    assert_eq!(
        constants,
        [
            ("A", "-5"),
            ("B", "a # \"b\" ' c"),
            ("C", "unquoted text"),
            ("D", "1e-3"),
            ("E", "0x1F"),
            ("F", "true"),
            ("G", "255"),
        ]
    );
    let fields: Vec<_> = root
        .fields
        .iter()
        .map(|f| {
            format!(
                "{} {}{}",
                f.ty,
                f.name,
                f.default.as_ref().map(|d| format!(" {d}")).unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            "bool flag true",
            "int8[] list [1, 2]",
            "string<=10 short x # y",
            "string<=3[<=5] tags ['a]', 'b']",
            "wstring wide",
            "uint16[4] fixed [1,2,3,4]",
            "float32[<=7] bounded",
            "char c 65",
            "pkg/Other other",
            "pkg/Other[2] two",
            "pkg/Other[] many",
            "std_msgs/Header header",
            "int32 last",
        ]
    );
    assert!(
        schema
            .definition(&name("pkg/msg/Other"))
            .expect("known")
            .fields
            .is_empty()
    );
}

#[test]
fn hostile_text_gets_a_sentence_with_its_line() {
    let cases = [
        (
            "int32 a\nwhat",
            "line 2 of the definition of pkg/msg/Root: `what` is neither",
        ),
        ("int32[0] a", "no sound length"),
        ("int32[-1] a", "no sound length"),
        ("int32[<=99999999999] a", "no sound length"),
        ("int32[3 a", "lacks its `]`"),
        ("int32[][] a", "no sound length"),
        ("int32<=3 a", "only strings have a bound"),
        ("int32 9a", "is not a name"),
        ("int32 a\nint64 a", "line 2"),
        ("int8 A=128", "`128` is no int8"),
        ("uint8 A=", "a value is missing"),
        ("pkg/Other A=1", "only numbers, bools and strings"),
        ("string A='never", "is not closed"),
        ("string<=2 a 'abc'", "is no string<=2"),
        ("../../etc/passwd a", "is not a type"),
        ("Other a", "needs pkg/msg/Other, which is not known"),
        ("Root a", "contains itself: pkg/msg/Root > pkg/msg/Root"),
        (
            "A a\n========\nMSG: pkg/A\nB b\n========\nMSG: pkg/B\nA[] a",
            "pkg/msg/A > pkg/msg/B > pkg/msg/A",
        ),
        ("int32 a\n========\nint32 b", "`MSG: package/Type` should stand here"),
        ("================\nIDL: pkg/msg/Root\nmodule pkg {};", "written as IDL"),
    ];
    for (text, expected) in cases {
        let sentence = sentence(text);
        assert!(sentence.contains(expected), "{text:?}: {sentence}");
    }
    let long = format!("int32 {}", "é!".repeat(100_000));
    assert!(sentence(&long).len() < 400);
}

#[test]
fn depth_and_size_are_limited() {
    let chain = |depth: usize, fields: &str| {
        let mut text = fields.replace('%', "T1");
        for i in 1..depth {
            let body = if i + 1 == depth {
                "uint8 x".to_owned()
            } else {
                fields.replace('%', &format!("T{}", i + 1))
            };
            text.push_str(&format!("\n========\nMSG: pkg/T{i}\n{body}"));
        }
        text
    };
    assert!(parse(&chain(MAX_DEPTH, "% a")).is_ok());
    assert!(matches!(
        parse(&chain(MAX_DEPTH + 1, "% a")),
        Err(SchemaError::TooDeep { .. })
    ));
    // 4^31 leaves: measured, not walked.
    let wide = parse(&chain(MAX_DEPTH, "% a\n% b\n%[2000000000] c\n% d")).expect("small text, huge message");
    assert!(crate::cdr::Value::decode(&wide, &[0, 1, 0, 0, 1, 2, 3]).is_err());
    let path = FieldPath::parse("d.d.d.d.d").expect("a path");
    assert!(crate::cdr::FieldPlan::compile(&wide, &[path]).is_err());
    assert_eq!(wide.leaves(5).len(), 5);
    // No leaf is numeric: the walk ends by itself.
    let text = parse(&chain(MAX_DEPTH, "string s\n% a\n% b").replace("uint8 x", "string x")).expect("sound text");
    assert_eq!(text.leaves(5), []);
    let many: String = (0..5000).map(|i| format!("uint8 f{i}\n")).collect();
    assert!(matches!(parse(&many), Err(SchemaError::TooLarge { .. })));
}

#[test]
fn the_registry_prefers_the_announced_hash() {
    let directory = tempfile::tempdir().expect("a directory");
    let messages = directory.path().join("share/sensor_msgs/msg");
    fs::create_dir_all(&messages).expect("a directory");
    let ty = name("sensor_msgs/msg/Temperature");
    fs::write(
        messages.join("Temperature.msg"),
        "std_msgs/Header header\nfloat32 temperature\n",
    )
    .expect("a file");
    let bundled = Registry::default().find(&ty, None).expect("bundled").schema;

    let mut registry = Registry::with_prefixes(vec!["/nonexistent".into(), directory.path().to_owned()]);
    let ament = registry.find(&ty, None).expect("a file");
    assert_eq!(ament.schema.origin(), Origin::Ament);
    assert_ne!(ament.schema.hash(), bundled.hash());
    let found = registry.find(&ty, Some(bundled.hash())).expect("bundled");
    assert_eq!(
        (found.schema.origin(), found.agreement),
        (Origin::Bundled, Agreement::Same)
    );
    let other = TypeHash("RIHS01_00".into());
    let found = registry.find(&ty, Some(&other)).expect("a file");
    assert_eq!(
        (found.schema.origin(), found.agreement),
        (Origin::Ament, Agreement::Different)
    );

    let bag = Schema::parse(&ty, "float64 kelvin", Origin::Bag).expect("sound");
    registry.add(Arc::new(bag));
    let found = registry.find(&ty, Some(&other)).expect("added");
    assert_eq!(
        (found.schema.origin(), found.agreement),
        (Origin::Bag, Agreement::Different)
    );
    assert_eq!(registry.find(&ty, None).expect("added").schema.origin(), Origin::Bag);

    let unknown = registry
        .find(&name("my_msgs/msg/Thing"), None)
        .expect_err("nobody knows it");
    assert_eq!(
        unknown.to_string(),
        "no definition of my_msgs/msg/Thing is known: source the workspace that holds its package (AMENT_PREFIX_PATH) \
         and start again"
    );
    fs::write(messages.join("Broken.msg"), "float64 a\nfloat64 a\n").expect("a file");
    let broken = registry
        .find(&name("sensor_msgs/msg/Broken"), None)
        .expect_err("broken");
    assert!(broken.to_string().starts_with("line 2 of"), "{broken}");
    fs::create_dir(messages.join("Folder.msg")).expect("a directory");
    assert!(matches!(
        registry.find(&name("sensor_msgs/msg/Folder"), None),
        Err(SchemaError::Read { .. })
    ));
}

#[test]
fn units_and_leaves() {
    let mut registry = Registry::default();
    let mut unit = |ty: &str, path: &str| {
        let schema = registry.find(&name(ty), None).expect("bundled").schema;
        schema.unit(&FieldPath::parse(path).expect("a path"))
    };
    assert_eq!(unit("sensor_msgs/msg/Imu", "angular_velocity.x"), Some("rad/s"));
    assert_eq!(unit("sensor_msgs/msg/Imu", "orientation.x"), None);
    assert_eq!(unit("sensor_msgs/msg/Imu", "header.stamp"), Some("s"));
    assert_eq!(unit("sensor_msgs/msg/Imu", "header.stamp.nanosec"), Some("ns"));
    assert_eq!(unit("nav_msgs/msg/Odometry", "pose.pose.position.y"), Some("m"));
    assert_eq!(unit("nav_msgs/msg/Odometry", "twist.twist.angular.z"), Some("rad/s"));
    assert_eq!(unit("sensor_msgs/msg/LaserScan", "ranges[3]"), Some("m"));
    assert_eq!(unit("sensor_msgs/msg/JointState", "position[0]"), None);
    assert_eq!(unit("sensor_msgs/msg/BatteryState", "voltage"), Some("V"));
    assert_eq!(unit("sensor_msgs/msg/Imu", "nothing"), None);

    let imu = registry
        .find(&name("sensor_msgs/msg/Imu"), None)
        .expect("bundled")
        .schema;
    let leaves = imu.leaves(1000);
    // Stamp with its two parts, 4 + 3 + 3 components, 3 x 9 covariances.
    assert_eq!(leaves.len(), 3 + 10 + 27);
    for leaf in &leaves {
        assert!(imu.field_type(leaf).is_some_and(FieldType::is_numeric), "{leaf}");
    }
    let children: Vec<_> = imu
        .children(imu.type_name())
        .map(|c| (c.name, c.numeric, c.expandable))
        .collect();
    assert_eq!(children[0], ("header", false, true));
    assert_eq!(children[2], ("orientation_covariance", false, true));
}

proptest! {
    #[test]
    fn any_text_gives_a_schema_or_a_sentence(text in "(?s).{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn text_like_definitions_gives_a_schema_or_a_sentence(
        lines in prop::collection::vec("(int32|string<=[0-9]{0,11}|Root|pkg/A|uint8\\[<?=?[0-9]{0,11}\\]?|====+|MSG:|#) ?(pkg/A|[a-z]{0,2})( ?=? ?['\"\\[]?[a-z0-9]*['\"\\]]?)", 0..12)
    ) {
        if let Ok(schema) = parse(&lines.join("\n")) {
            prop_assert!(schema.hash().0.starts_with("RIHS01_"));
        }
    }
}
