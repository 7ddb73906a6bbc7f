//! What is asked of the documents, as Firestore's queries. Pure. Which indexes they need is in `config/firestore.reading.indexes.json`.

use firestore::gcloud_sdk::google::firestore::v1::{
    ArrayValue, StructuredAggregationQuery, StructuredQuery, Value,
    structured_aggregation_query::{self, Aggregation, aggregation},
    structured_query::{
        CollectionSelector, CompositeFilter, Direction, FieldFilter, FieldReference, Filter, Order as By, Projection,
        composite_filter, field_filter::Operator, filter::FilterType,
    },
    value::ValueType,
};
use nexus_ledger::{Order, Query};
use nexus_model::EventId;

use super::document;
use crate::nexus::{reading::Span, row::LogId};

/// A log's own order. The time comes last, because what it is compared with must be in the order too.
const BY_SEQ: [&str; 2] = ["seq", "recorded_at"];
/// The name that a count is answered under.
pub(super) const COUNTED: &str = "rows";

fn text(value: impl std::fmt::Display) -> Value {
    Value { value_type: Some(ValueType::StringValue(value.to_string())) }
}

fn integer(value: u64) -> Value {
    Value { value_type: Some(ValueType::IntegerValue(i64::try_from(value).unwrap_or(i64::MAX))) }
}

/// Conditions on columns, all of which must hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions(Vec<(&'static str, Operator, Value)>);

impl Conditions {
    fn and(mut self, field: &'static str, operator: Operator, value: Value) -> Self {
        self.0.push((field, operator, value));
        self
    }

    fn and_equal(self, field: &'static str, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.and(field, Operator::Equal, text(value)),
            None => self,
        }
    }

    /// All of a log.
    pub(super) fn of_log(log: &LogId) -> Self {
        Self::default().and("log", Operator::Equal, text(&log.origin))
    }

    /// All of the logs whose names follow this one.
    pub(super) fn of_logs_after(name: &str) -> Self {
        Self::default().and("log", Operator::GreaterThan, text(name))
    }

    /// Events of these ids, whatever log they are in. Firestore takes thirty of them in one query.
    pub(super) fn of_events(ids: &[EventId]) -> Self {
        let values = ids.iter().map(text).collect();
        let any = Value { value_type: Some(ValueType::ArrayValue(ArrayValue { values })) };
        Self::default().and("event_id", Operator::In, any)
    }

    pub(super) fn and_from(self, seq: u64) -> Self {
        self.and("seq", Operator::GreaterThanOrEqual, integer(seq))
    }

    pub(super) fn and_below(self, seq: u64) -> Self {
        self.and("seq", Operator::LessThan, integer(seq))
    }

    /// What `filter` admits of the rows in a span.
    pub(super) fn of_rows(log: &LogId, filter: &Query, span: Span) -> Self {
        let mut all = Self::of_log(log)
            .and_equal("surface", filter.surface.as_ref())
            .and_equal("event_type", filter.event_type.as_ref())
            .and_equal("outcome", filter.outcome.map(nexus_model::Outcome::as_str))
            .and_equal("user_id", filter.user_id.as_ref())
            .and_equal("asset_id", filter.asset_id.as_ref())
            .and_equal("trace_id", filter.trace_id.as_ref())
            .and_equal("request_id", filter.request_id.as_ref())
            .and_from(span.from)
            .and_below(span.below);
        if !filter.include_reads {
            all = all.and("is_read", Operator::Equal, Value { value_type: Some(ValueType::BooleanValue(false)) });
        }
        let times = [(filter.since, Operator::GreaterThanOrEqual), (filter.until, Operator::LessThan)];
        for (time, operator) in times {
            if let Some(time) = time {
                all = all.and("recorded_at", operator, document::time(time));
            }
        }
        all
    }

    fn into_filter(self) -> Filter {
        let one = |(field, operator, value): (&str, Operator, Value)| Filter {
            filter_type: Some(FilterType::FieldFilter(FieldFilter {
                field: Some(reference(field)),
                op: operator as i32,
                value: Some(value),
            })),
        };
        let filters = self.0.into_iter().map(one).collect();
        let op = composite_filter::Operator::And as i32;
        Filter { filter_type: Some(FilterType::CompositeFilter(CompositeFilter { op, filters })) }
    }

    /// Asks for all that hold, in no order.
    pub(super) fn all(self) -> StructuredQuery {
        StructuredQuery {
            from: vec![CollectionSelector { collection_id: document::COLLECTION.to_owned(), all_descendants: false }],
            r#where: Some(self.into_filter()),
            ..Default::default()
        }
    }

    /// Asks for at most `limit` of a log by seq.
    pub(super) fn by_seq(self, order: Order, limit: usize) -> StructuredQuery {
        self.ordered(&BY_SEQ, order, limit)
    }

    /// Asks for the one whose log's name comes first.
    pub(super) fn first_log(self) -> StructuredQuery {
        self.ordered(&["log"], Order::Asc, 1)
    }

    fn ordered(self, fields: &[&str], order: Order, limit: usize) -> StructuredQuery {
        let direction = if order == Order::Desc { Direction::Descending } else { Direction::Ascending } as i32;
        StructuredQuery {
            order_by: fields.iter().map(|field| By { field: Some(reference(field)), direction }).collect(),
            limit: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            ..self.all()
        }
    }

    /// Asks how many of a log hold. Firestore bills a thousand of them as one read.
    pub(super) fn counted(self) -> StructuredAggregationQuery {
        let order_by = |field: &&str| By { field: Some(reference(field)), direction: Direction::Ascending as i32 };
        let by_seq = self.0.iter().any(|(field, ..)| *field == "seq");
        let order_by = if by_seq { BY_SEQ.iter().map(order_by).collect() } else { Vec::new() };
        let count = Aggregation {
            alias: COUNTED.to_owned(),
            operator: Some(aggregation::Operator::Count(aggregation::Count { up_to: None })),
        };
        let query = StructuredQuery { order_by, ..self.all() };
        StructuredAggregationQuery {
            aggregations: vec![count],
            query_type: Some(structured_aggregation_query::QueryType::StructuredQuery(query)),
        }
    }
}

/// The same of these fields alone.
pub(super) fn select(query: StructuredQuery, fields: &[&str]) -> StructuredQuery {
    StructuredQuery {
        select: Some(Projection { fields: fields.iter().map(|name| reference(name)).collect() }),
        ..query
    }
}

fn reference(field: &str) -> FieldReference {
    FieldReference { field_path: field.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use nexus_model::Timestamp;

    use super::*;

    /// The columns that a filter asks to equal something.
    const FILTERED: [&str; 8] =
        ["surface", "event_type", "outcome", "user_id", "asset_id", "trace_id", "request_id", "is_read"];

    fn filters() -> Vec<Query> {
        let all = Query { include_reads: true, ..Query::default() };
        let time = Timestamp::from_micros(0);
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse().ok();
        vec![
            all.clone(),
            Query { include_reads: false, ..all.clone() },
            Query { surface: "chat".parse().ok(), ..all.clone() },
            Query { event_type: "message_posted".parse().ok(), ..all.clone() },
            Query { outcome: Some(nexus_model::Outcome::Failure), ..all.clone() },
            Query { user_id: "u".parse().ok(), ..all.clone() },
            Query { asset_id: "a".parse().ok(), ..all.clone() },
            Query { trace_id: trace, ..all.clone() },
            Query { request_id: "r".parse().ok(), ..all.clone() },
            Query { since: time, until: time, user_id: "u".parse().ok(), ..all },
        ]
    }

    /// The emulator asks for no index, so this does: each filtered column has one with the log and the order, in both directions.
    #[test]
    fn every_query_has_its_indexes() {
        let file = include_str!("../../../config/firestore.reading.indexes.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let listed: BTreeSet<Vec<(String, String)>> = file["indexes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|index| {
                assert_eq!((&index["collectionGroup"], &index["queryScope"]), (&"events".into(), &"COLLECTION".into()));
                let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                let fields = index["fields"].as_array().unwrap().iter();
                fields.map(|field| (text(&field["fieldPath"]), text(&field["order"]))).collect()
            })
            .collect();
        let log = LogId::parse("nexus/t_a/dev/w").unwrap();
        let mut needed = BTreeSet::new();
        for (filter, order) in filters().iter().flat_map(|filter| [(filter, Order::Asc), (filter, Order::Desc)]) {
            let span = Span { from: 0, below: 9, order, limit: 1 };
            let equal = Conditions::of_rows(&log, filter, span).0.into_iter();
            let equal: Vec<&str> = equal.filter(|(_, op, _)| *op == Operator::Equal).map(|(field, ..)| field).collect();
            let way = if order == Order::Asc { "ASCENDING" } else { "DESCENDING" };
            let ordered = [("seq", way), ("recorded_at", way)];
            // Firestore merges the indexes of several columns as long as they end in the same order.
            for column in
                equal.iter().filter(|column| **column != "log").map(Some).chain((equal.len() == 1).then_some(None))
            {
                assert!(column.is_none_or(|column| FILTERED.contains(column)));
                let fields = [("log", "ASCENDING")]
                    .into_iter()
                    .chain(column.map(|column| (*column, "ASCENDING")))
                    .chain(ordered);
                needed.insert(fields.map(|(field, way)| (field.to_owned(), way.to_owned())).collect::<Vec<_>>());
            }
        }
        assert_eq!(needed.len(), 2 * (FILTERED.len() + 1));
        assert_eq!(listed, needed);
    }
}
