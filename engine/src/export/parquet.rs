//! A table as Parquet: a group of rows is gathered in memory, column by column, and written when it is large enough.

use std::fs::File;
use std::sync::Arc;

use ::parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{ColumnPath, Type};

use super::table::{Cell, Column, Kind};

/// Bytes of values after which a group of rows is written.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// What a text costs beside its bytes.
const TEXT_BYTES: usize = 64;

/// The values of one column that wait, without those that are missing.
enum Values {
    Bool(Vec<bool>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Text(Vec<ByteArray>),
}

struct Waiting {
    values: Values,
    /// 1 where there is a value, 0 where it is missing.
    present: Vec<i16>,
}

pub(super) struct ParquetTable {
    file: SerializedFileWriter<File>,
    columns: Vec<Waiting>,
    /// What waits, in bytes.
    bytes: usize,
}

impl ParquetTable {
    pub(super) fn create(file: File, columns: &[Column]) -> Result<Self> {
        let mut fields = Vec::with_capacity(columns.len());
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("roswave ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            // Measured values hardly repeat.
            .set_dictionary_enabled(false);
        for column in columns {
            let (physical, converted) = types(column.kind);
            let field = Type::primitive_type_builder(&column.name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_converted_type(converted)
                .build()?;
            fields.push(Arc::new(field));
            if column.kind == Kind::Text {
                properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name.as_str()), true);
            }
        }
        let schema = Type::group_type_builder("message").with_fields(fields).build()?;
        Ok(Self {
            file: SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()))?,
            columns: columns.iter().map(|column| Waiting::new(column.kind)).collect(),
            bytes: 0,
        })
    }

    pub(super) fn cell(&mut self, column: usize, ends_row: bool, cell: Cell<'_>) -> Result<()> {
        self.bytes += self.columns[column].push(cell);
        if ends_row && self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let mut writer = group
                .next_column()?
                .ok_or_else(|| ParquetError::General("the file has fewer columns than the table".to_owned()))?;
            column.write(writer.untyped())?;
            writer.close()?;
        }
        let _ = group.close()?;
        self.bytes = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<File> {
        if self.bytes > 0 {
            self.write_group()?;
        }
        self.file.into_inner()
    }
}

impl Waiting {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Bool => Values::Bool(Vec::new()),
            Kind::I8 | Kind::U8 | Kind::I16 | Kind::U16 | Kind::I32 | Kind::U32 => Values::I32(Vec::new()),
            Kind::I64 | Kind::U64 => Values::I64(Vec::new()),
            Kind::F32 => Values::F32(Vec::new()),
            Kind::F64 => Values::F64(Vec::new()),
            Kind::Text => Values::Text(Vec::new()),
        };
        Self {
            values,
            present: Vec::new(),
        }
    }

    /// Gives what it takes, in bytes.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        let taken = match (&mut self.values, cell) {
            (Values::Bool(values), Cell::Bool(v)) => add(values, v),
            // As Parquet has it: the bits of unsigned numbers in numbers with a sign.
            (Values::I32(values), Cell::Int(v)) => add(values, v as i32),
            (Values::I64(values), Cell::Int(v)) => add(values, v),
            (Values::I64(values), Cell::UInt(v)) => add(values, v as i64),
            (Values::F32(values), Cell::F32(v)) => add(values, v),
            (Values::F64(values), Cell::F64(v)) => add(values, v),
            (Values::Text(values), Cell::Text(v)) => add(values, v.as_bytes().to_vec().into()) + v.len() + TEXT_BYTES,
            _ => 0,
        };
        self.present.push(i16::from(taken > 0));
        taken + size_of::<i16>()
    }

    fn write(&mut self, writer: &mut ColumnWriter<'_>) -> Result<()> {
        let present = Some(self.present.as_slice());
        macro_rules! batch {
            ($values:ident, $writer:ident) => {{
                let _ = $writer.write_batch($values, present, None)?;
                $values.clear();
            }};
        }
        match (&mut self.values, writer) {
            (Values::Bool(values), ColumnWriter::BoolColumnWriter(writer)) => batch!(values, writer),
            (Values::I32(values), ColumnWriter::Int32ColumnWriter(writer)) => batch!(values, writer),
            (Values::I64(values), ColumnWriter::Int64ColumnWriter(writer)) => batch!(values, writer),
            (Values::F32(values), ColumnWriter::FloatColumnWriter(writer)) => batch!(values, writer),
            (Values::F64(values), ColumnWriter::DoubleColumnWriter(writer)) => batch!(values, writer),
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(writer)) => batch!(values, writer),
            _ => {
                return Err(ParquetError::General(
                    "a column is of another kind in the file".to_owned(),
                ));
            }
        }
        self.present.clear();
        Ok(())
    }
}

fn add<T>(values: &mut Vec<T>, value: T) -> usize {
    values.push(value);
    size_of::<T>()
}

/// How Parquet stores a kind, and what it says about it.
fn types(kind: Kind) -> (Physical, ConvertedType) {
    match kind {
        Kind::Bool => (Physical::BOOLEAN, ConvertedType::NONE),
        Kind::I8 => (Physical::INT32, ConvertedType::INT_8),
        Kind::U8 => (Physical::INT32, ConvertedType::UINT_8),
        Kind::I16 => (Physical::INT32, ConvertedType::INT_16),
        Kind::U16 => (Physical::INT32, ConvertedType::UINT_16),
        Kind::I32 => (Physical::INT32, ConvertedType::NONE),
        Kind::U32 => (Physical::INT32, ConvertedType::UINT_32),
        Kind::I64 => (Physical::INT64, ConvertedType::NONE),
        Kind::U64 => (Physical::INT64, ConvertedType::UINT_64),
        Kind::F32 => (Physical::FLOAT, ConvertedType::NONE),
        Kind::F64 => (Physical::DOUBLE, ConvertedType::NONE),
        Kind::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
    }
}
