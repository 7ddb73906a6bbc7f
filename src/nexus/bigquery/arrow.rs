//! Rows as Arrow record batches, which is what the official client writes. Pure.
//!
//! The Storage Write API wants the messages of Arrow's IPC format (<https://arrow.apache.org/docs/format/Columnar.html>): the schema's and
//! the batch's, each by itself.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use google_cloud_bigquery::model::{ArrowRecordBatch, ArrowSchema};

use super::{
    LogId, Row,
    columns::{COLUMNS, Cell, Column, Kind},
};

/// BigQuery's TIMESTAMP is an instant.
const ZONE: &str = "UTC";

fn schema() -> SchemaRef {
    let field = |column: &Column| {
        let kind = match column.kind {
            Kind::Text => DataType::Utf8,
            Kind::Integer => DataType::Int64,
            Kind::Boolean => DataType::Boolean,
            Kind::Bytes => DataType::Binary,
            Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        };
        Field::new(column.name, kind, true)
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

/// What a writer says about its rows before the first of them.
///
/// # Errors
/// Never, with the columns there are.
pub(super) fn writer_schema() -> Result<ArrowSchema, ArrowError> {
    let writer = StreamWriter::try_new(Vec::new(), &schema())?;
    Ok(ArrowSchema::new().set_serialized_schema(writer.get_ref().clone()))
}

/// Rows of one log as one batch.
///
/// # Errors
/// When the rows are too many for one batch: 2 GiB of one column.
pub(super) fn batch(log: &LogId, rows: &[Row]) -> Result<ArrowRecordBatch, ArrowError> {
    let columns = COLUMNS.iter().map(|column| array(column, log, rows)).collect();
    let schema = schema();
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
    let after_schema = writer.get_ref().len();
    writer.write(&batch)?;
    let message = writer.get_ref()[after_schema..].to_vec();
    Ok(ArrowRecordBatch::new().set_serialized_record_batch(message))
}

fn array(column: &Column, log: &LogId, rows: &[Row]) -> ArrayRef {
    let cells = rows.iter().map(|row| (column.of)(log, row));
    match column.kind {
        Kind::Text => Arc::new(
            cells.map(|cell| if let Cell::Text(value) = cell { Some(value) } else { None }).collect::<StringArray>(),
        ),
        Kind::Integer => Arc::new(
            cells.map(|cell| if let Cell::Integer(value) = cell { Some(value) } else { None }).collect::<Int64Array>(),
        ),
        Kind::Boolean => Arc::new(
            cells
                .map(|cell| if let Cell::Boolean(value) = cell { Some(value) } else { None })
                .collect::<BooleanArray>(),
        ),
        Kind::Bytes => Arc::new(
            cells.map(|cell| if let Cell::Bytes(value) = cell { Some(value) } else { None }).collect::<BinaryArray>(),
        ),
        Kind::Time => {
            let times = cells.map(|cell| if let Cell::Time(value) = cell { Some(value) } else { None });
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone(ZONE))
        }
    }
}
