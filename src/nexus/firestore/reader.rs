//! Reading the documents back for callers, by queries over the columns. Which indexes they need is in `config/firestore.reading.indexes.json`.

use async_trait::async_trait;
use firestore::gcloud_sdk::google::firestore::v1::{
    Document, RunAggregationQueryRequest, RunQueryRequest, StructuredAggregationQuery, StructuredQuery, Value,
    run_aggregation_query_request, run_query_request,
    structured_aggregation_query::{self, Aggregation, aggregation},
    structured_query::{
        CollectionSelector, CompositeFilter, Direction, FieldFilter, FieldReference, Filter, Order as By, Projection,
        composite_filter, field_filter::Operator, filter::FilterType,
    },
    value::ValueType,
};
use nexus_ledger::{Order, Query};
use nexus_model::{Env, EventId, TenantId};

use super::{FirestoreBackend, MAX_WRITES, document};
use crate::nexus::{
    backend::BackendError,
    reading::{CopyReader, ReadRow, Span},
    row::LogId,
};

fn text(value: impl std::fmt::Display) -> Value {
    Value { value_type: Some(ValueType::StringValue(value.to_string())) }
}

fn integer(value: u64) -> Value {
    Value { value_type: Some(ValueType::IntegerValue(i64::try_from(value).unwrap_or(i64::MAX))) }
}

/// Conditions on columns, all of which must hold.
#[derive(Default)]
struct Conditions(Vec<(&'static str, Operator, Value)>);

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

    fn of_log(log: &str) -> Self {
        Self::default().and("log", Operator::Equal, text(log))
    }

    /// What `filter` admits of the rows in a span.
    fn of_rows(log: &LogId, filter: &Query, span: Span) -> Self {
        let mut all = Self::of_log(&log.origin)
            .and_equal("surface", filter.surface.as_ref())
            .and_equal("event_type", filter.event_type.as_ref())
            .and_equal("outcome", filter.outcome.map(nexus_model::Outcome::as_str))
            .and_equal("user_id", filter.user_id.as_ref())
            .and_equal("asset_id", filter.asset_id.as_ref())
            .and_equal("trace_id", filter.trace_id.as_ref())
            .and_equal("request_id", filter.request_id.as_ref())
            .and("seq", Operator::GreaterThanOrEqual, integer(span.from))
            .and("seq", Operator::LessThan, integer(span.below));
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
                field: Some(FieldReference { field_path: field.to_owned() }),
                op: operator as i32,
                value: Some(value),
            })),
        };
        let filters = self.0.into_iter().map(one).collect();
        let op = composite_filter::Operator::And as i32;
        Filter { filter_type: Some(FilterType::CompositeFilter(CompositeFilter { op, filters })) }
    }
}

/// A query of documents that hold, in an order, some of their fields; all of them where none is named.
fn query(conditions: Conditions, order: &[&str], newest: bool, limit: usize, fields: &[&str]) -> StructuredQuery {
    let reference = |field: &&str| FieldReference { field_path: (*field).to_owned() };
    let direction = if newest { Direction::Descending } else { Direction::Ascending } as i32;
    StructuredQuery {
        select: (!fields.is_empty()).then(|| Projection { fields: fields.iter().map(reference).collect() }),
        from: vec![CollectionSelector { collection_id: document::COLLECTION.to_owned(), all_descendants: false }],
        r#where: Some(conditions.into_filter()),
        order_by: order.iter().map(|field| By { field: Some(reference(field)), direction }).collect(),
        limit: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
        ..Default::default()
    }
}

impl FirestoreBackend {
    async fn place(&self, tenant: &TenantId, env: &Env) -> Result<String, BackendError> {
        Ok(format!("{}/tenants/{tenant}/envs/{env}", self.db().await?.get_documents_path()))
    }

    async fn ask(&self, parent: String, query: StructuredQuery) -> Result<Vec<Document>, BackendError> {
        let query_type = Some(run_query_request::QueryType::StructuredQuery(query));
        let request = RunQueryRequest { parent, query_type, ..Default::default() };
        let failed = self.failed("query");
        let mut answers = self.client().await?.run_query(request).await.map_err(|s| failed.status(s))?.into_inner();
        let mut documents = Vec::new();
        while let Some(answer) = answers.message().await.map_err(|s| failed.status(s))? {
            documents.extend(answer.document);
        }
        Ok(documents)
    }

    /// How many documents a log has from a seq on. Firestore bills a thousand of them as one read.
    async fn count_from(&self, log: &LogId, seq: u64) -> Result<u64, BackendError> {
        let conditions = Conditions::of_log(&log.origin).and("seq", Operator::GreaterThanOrEqual, integer(seq));
        let counted = StructuredQuery { limit: None, ..query(conditions, &["seq", "recorded_at"], false, 0, &[]) };
        let count = Aggregation {
            alias: "rows".to_owned(),
            operator: Some(aggregation::Operator::Count(aggregation::Count { up_to: None })),
        };
        let query = StructuredAggregationQuery {
            aggregations: vec![count],
            query_type: Some(structured_aggregation_query::QueryType::StructuredQuery(counted)),
        };
        let query_type = Some(run_aggregation_query_request::QueryType::StructuredAggregationQuery(query));
        let parent = self.parent(log).await?;
        let request = RunAggregationQueryRequest { parent, query_type, ..Default::default() };
        self.counted(request).await
    }
}

fn seq_of(document: &Document) -> Result<u64, BackendError> {
    document::seq(document)
        .ok_or_else(|| BackendError::Diverged { seq: 0, what: format!("{} has no seq", document.name) })
}

fn row_of(document: &Document) -> Result<ReadRow, BackendError> {
    ReadRow::new(seq_of(document)?, document::leaf(document).unwrap_or_default())
}

#[async_trait]
impl CopyReader for FirestoreBackend {
    /// One query a log: the first document after those of the logs that are known.
    async fn logs(&self, tenant: &TenantId, env: &Env) -> Result<Vec<LogId>, BackendError> {
        let parent = self.place(tenant, env).await?;
        let mut logs: Vec<LogId> = Vec::new();
        loop {
            let known = logs.last().map(|log| log.origin.to_string()).unwrap_or_default();
            let conditions = Conditions::default().and("log", Operator::GreaterThan, text(known));
            let first = self.ask(parent.clone(), query(conditions, &["log"], false, 1, &["log"])).await?;
            let Some(document) = first.first() else { return Ok(logs) };
            let named = document::log(document).and_then(LogId::parse);
            let own = named.filter(|log| log.tenant == *tenant && log.env == *env);
            let stray =
                || BackendError::Diverged { seq: 0, what: format!("{} names no log of its place", document.name) };
            logs.push(own.ok_or_else(stray)?);
        }
    }

    /// One call writes at most `MAX_WRITES` rows, in no order, and calls of a log follow one another: only that many can have a gap.
    async fn end(&self, log: &LogId) -> Result<u64, BackendError> {
        let parent = self.parent(log).await?;
        let of_log = || Conditions::of_log(&log.origin);
        let order = ["seq", "recorded_at"];
        let newest = self.ask(parent.clone(), query(of_log(), &order, true, 1, &["seq"])).await?;
        let Some(newest) = newest.first().map(seq_of).transpose()? else { return Ok(0) };
        let from = (newest + 1).saturating_sub(MAX_WRITES as u64);
        if self.count_from(log, from).await? == newest + 1 - from {
            return Ok(newest + 1);
        }
        let window = of_log().and("seq", Operator::GreaterThanOrEqual, integer(from));
        let there = self.ask(parent, query(window, &order, false, MAX_WRITES, &["seq"])).await?;
        let mut end = from;
        for document in &there {
            if seq_of(document)? != end {
                break;
            }
            end += 1;
        }
        Ok(end)
    }

    async fn rows(&self, log: &LogId, filter: &Query, span: Span) -> Result<Vec<ReadRow>, BackendError> {
        let conditions = Conditions::of_rows(log, filter, span);
        let newest = span.order == Order::Desc;
        let asked = query(conditions, &["seq", "recorded_at"], newest, span.limit, &["seq", "leaf"]);
        self.ask(self.parent(log).await?, asked).await?.iter().map(row_of).collect()
    }

    async fn find(&self, tenant: &TenantId, env: &Env, id: EventId) -> Result<Option<(LogId, ReadRow)>, BackendError> {
        let conditions = Conditions::default().and("event_id", Operator::Equal, text(id));
        // Writers that do not know each other may each have it.
        let asked = query(conditions, &[], false, MAX_WRITES, &["log", "seq", "leaf"]);
        let mut first: Option<(LogId, ReadRow)> = None;
        for document in self.ask(self.place(tenant, env).await?, asked).await? {
            let row = row_of(&document)?;
            let log = document::log(&document).and_then(LogId::parse);
            let log = log.ok_or_else(|| BackendError::Diverged {
                seq: row.seq,
                what: format!("{} names no log", document.name),
            })?;
            if first.as_ref().is_none_or(|(_, known)| row.recorded_at < known.recorded_at) {
                first = Some((log, row));
            }
        }
        Ok(first)
    }
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
