//! Bytes read as a message of a bundled type, which the first byte picks: as a tree, and by a plan over its leaves.
//! What could be read as a tree must be written again without complaint.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use roswave_engine::cdr::{Endian, FieldPlan, Value, encode};
use roswave_engine::schema::{Registry, Schema, bundled_names};

static TYPES: LazyLock<Vec<(Arc<Schema>, FieldPlan)>> = LazyLock::new(|| {
    let mut registry = Registry::default();
    bundled_names()
        .map(|name| {
            let schema = registry.find(name, None).expect("bundled definitions are whole").schema;
            let plan = FieldPlan::compile(&schema, &schema.leaves(256)).expect("leaves are numbers");
            (schema, plan)
        })
        .collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((&pick, payload)) = data.split_first() else {
        return;
    };
    let (schema, plan) = &TYPES[usize::from(pick) % TYPES.len()];
    let mut row = vec![0.0; plan.width()];
    let extracted = plan.extract(payload, &mut row);
    if let Ok(value) = Value::decode(schema, payload) {
        assert!(schema.root().fields.is_empty() || extracted.is_ok());
        // Replacing bytes that are no text can make a bounded string too long; nothing else can fail.
        if let Err(error) = encode(schema, &value, Endian::Big) {
            assert!(error.to_string().contains("at most"), "{error}");
        }
    }
});
