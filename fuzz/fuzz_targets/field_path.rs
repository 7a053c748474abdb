//! Text read as a field path, looked up in a type that has every kind of field.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use roswave_engine::cdr::{FieldPath, FieldPlan};
use roswave_engine::name::TypeName;
use roswave_engine::schema::{Origin, Schema};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let name = TypeName::new("pkg/msg/Root").expect("a type name");
    let text =
        "P a\nP[3] b\nP[] c\nP[<=2] d\nstring s\nint8[] i\n========\nMSG: pkg/P\nfloat64 x\nuint8[4] y\nwstring w\n";
    Schema::parse(&name, text, Origin::User).expect("a sound type")
});

fuzz_target!(|text: &str| {
    if let Ok(path) = FieldPath::parse(text) {
        assert_eq!(FieldPath::parse(path.as_str()).as_ref(), Ok(&path));
        let _ = SCHEMA.unit(&path);
        match FieldPlan::compile(&SCHEMA, std::slice::from_ref(&path)) {
            Ok(_) => assert!(SCHEMA.field_type(&path).is_some()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
