//! Text read as a definition with its dependencies: a sound type, or a sentence.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roswave_engine::cdr::{FieldPlan, Value};
use roswave_engine::name::TypeName;
use roswave_engine::schema::{Origin, Schema};

fuzz_target!(|text: &str| {
    let name = TypeName::new("pkg/msg/Root").expect("a type name");
    match Schema::parse(&name, text, Origin::User) {
        Ok(schema) => {
            let leaves = schema.leaves(32);
            let plan = FieldPlan::compile(&schema, &leaves).expect("leaves are numbers");
            let mut row = vec![0.0; plan.width()];
            let payload = [0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
            let _ = plan.extract(&payload, &mut row);
            let _ = Value::decode(&schema, &payload);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
