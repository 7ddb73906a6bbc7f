//! The table's columns: what each holds of an event, and what BigQuery's interfaces call its type. Pure.
//!
//! One list serves all: the table that is made, the rows that are written, the query that reads them back and the comparison. A later
//! version may add a column, at the end and nullable; it never changes or removes one.

use bytes::Bytes;
use google_cloud_bigquery::{error::RowError, query};
use google_cloud_bigquery_v2::model::TableFieldSchema;

use super::{LogId, Row};

/// The column that days of the table are cut by.
pub(super) const PARTITIONED_BY: &str = "recorded_at";
/// The columns that rows of one day are ordered by, so that a tenant's query reads its own blocks alone.
pub(super) const CLUSTERED_BY: [&str; 3] = ["tenant_id", "env", "surface"];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    Bytes,
    Time,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Boolean(bool),
    Bytes(Bytes),
    /// Microseconds since 1970, which is what a TIMESTAMP resolves.
    Time(i64),
}

/// A column of the table.
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub about: &'static str,
    /// Its value for an event of a log.
    pub of: fn(&LogId, &Row) -> Cell,
}

const fn column(name: &'static str, kind: Kind, about: &'static str, of: fn(&LogId, &Row) -> Cell) -> Column {
    Column { name, kind, required: true, about, of }
}

/// All columns, in the table's order.
pub(super) const COLUMNS: &[Column] = &[
    column("log", Kind::Text, "Origin of the log: service/tenant/env/writer", |log, _| text(&log.origin)),
    column("seq", Kind::Integer, "Zero-based index of the leaf in its log", |_, row| {
        Cell::Integer(i64::try_from(row.seq).unwrap_or(i64::MAX))
    }),
    column("leaf", Kind::Bytes, "The RFC 8785 bytes that are hashed, exactly", |_, row| Cell::Bytes(row.leaf.clone())),
    column("leaf_hash", Kind::Text, "SHA-256(0x00 || leaf) in hex (RFC 6962)", |_, row| {
        Cell::Text(hex::encode(row.leaf_hash))
    }),
    column("event_id", Kind::Text, "Unique in its log", |_, row| text(&row.columns.event_id)),
    column("tenant_id", Kind::Text, "Whose it is", |_, row| text(&row.columns.tenant_id)),
    column("env", Kind::Text, "The environment it belongs to", |_, row| text(&row.columns.env)),
    column("surface", Kind::Text, "Where it happened", |_, row| text(&row.columns.surface)),
    column("event_type", Kind::Text, "What happened", |_, row| text(&row.columns.event_type)),
    column("outcome", Kind::Text, "success or failure", |_, row| text(&row.columns.outcome.as_str())),
    column("user_id", Kind::Text, "Who acted", |_, row| text(&row.columns.user_id)),
    Column {
        required: false,
        ..column("asset_id", Kind::Text, "What was acted on", |_, row| {
            row.columns.asset_id.as_ref().map_or(Cell::Null, |id| text(id))
        })
    },
    column("trace_id", Kind::Text, "The trace", |_, row| text(&row.columns.trace_id)),
    column("request_id", Kind::Text, "The request", |_, row| text(&row.columns.request_id)),
    column("train_ok", Kind::Boolean, "Whether it may be trained on", |_, row| Cell::Boolean(row.columns.train_ok)),
    column("is_read", Kind::Boolean, "Whether it only records a read", |_, row| Cell::Boolean(row.columns.is_read())),
    column("occurred_at", Kind::Time, "When it happened, by the caller's clock", |_, row| {
        Cell::Time(row.columns.occurred_at.micros())
    }),
    column(PARTITIONED_BY, Kind::Time, "When Nexus took it", |_, row| Cell::Time(row.columns.recorded_at.micros())),
];

fn text(value: &dyn std::fmt::Display) -> Cell {
    Cell::Text(value.to_string())
}

impl Kind {
    /// What REST calls it. BigQuery answers these names; its emulator and SQL know the other ones, too.
    pub(super) const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Text => ["STRING", "STRING"],
            Self::Integer => ["INTEGER", "INT64"],
            Self::Boolean => ["BOOLEAN", "BOOL"],
            Self::Bytes => ["BYTES", "BYTES"],
            Self::Time => ["TIMESTAMP", "TIMESTAMP"],
        }
    }
}

impl Column {
    /// The field of the table's schema. A column that comes to an existing table must be nullable.
    pub(super) fn field(&self, to_existing: bool) -> TableFieldSchema {
        let mode = if self.required && !to_existing { "REQUIRED" } else { "NULLABLE" };
        let field = TableFieldSchema::new().set_name(self.name).set_type(self.kind.names()[0]).set_mode(mode);
        field.set_description(self.about.to_owned())
    }

    /// The column in a query's list. Times come as integers, since their text loses nothing then.
    fn selected(&self) -> String {
        match self.kind {
            Kind::Time => format!("UNIX_MICROS({0}) AS {0}", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// The column's value in a row of [`select_list`].
    pub(super) fn read(&self, row: &query::Row) -> Result<Cell, RowError> {
        Ok(match self.kind {
            Kind::Text => row.get::<Option<String>>(self.name)?.map_or(Cell::Null, Cell::Text),
            Kind::Integer => row.get::<Option<i64>>(self.name)?.map_or(Cell::Null, Cell::Integer),
            Kind::Boolean => row.get::<Option<bool>>(self.name)?.map_or(Cell::Null, Cell::Boolean),
            Kind::Bytes => row.get::<Option<Bytes>>(self.name)?.map_or(Cell::Null, Cell::Bytes),
            Kind::Time => row.get::<Option<i64>>(self.name)?.map_or(Cell::Null, Cell::Time),
        })
    }
}

/// All columns, for a query.
pub(super) fn select_list() -> String {
    COLUMNS.iter().map(Column::selected).collect::<Vec<_>>().join(", ")
}

/// A row as the table holds it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub seq: u64,
    pub leaf: Bytes,
    cells: Vec<Cell>,
}

impl Found {
    /// Reads a row of [`select_list`]; `None` where its seq is none.
    pub(super) fn read(row: &query::Row) -> Result<Option<Self>, RowError> {
        let cells = COLUMNS.iter().map(|column| column.read(row)).collect::<Result<Vec<_>, _>>()?;
        let of = |name| COLUMNS.iter().position(|column| column.name == name).map(|at| &cells[at]);
        let Some(Cell::Integer(seq)) = of("seq") else { return Ok(None) };
        let Ok(seq) = u64::try_from(*seq) else { return Ok(None) };
        let leaf = match of("leaf") {
            Some(Cell::Bytes(leaf)) => leaf.clone(),
            _ => Bytes::new(),
        };
        Ok(Some(Self { seq, leaf, cells }))
    }

    /// The first column in which it is not the row, leaf first.
    pub(super) fn differs(&self, log: &LogId, row: &Row) -> Option<String> {
        if self.leaf != row.leaf {
            return Some("the leaf differs".to_owned());
        }
        let wrong = COLUMNS.iter().zip(&self.cells).find(|(column, cell)| (column.of)(log, row) != **cell);
        wrong.map(|(column, _)| format!("{} differs", column.name))
    }

    /// Whether the columns say what the leaf says.
    pub(super) fn columns_hold(&self, log: &LogId) -> bool {
        Row::new(self.seq, self.leaf.clone()).is_ok_and(|row| self.differs(log, &row).is_none())
    }
}
