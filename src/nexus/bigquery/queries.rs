//! What is read back and, by `nexus refollow` alone, removed: SQL with parameters over one log's rows.
//!
//! Every statement names days, since the table demands it and a day that is not named costs nothing, and tenant and environment, by
//! which the rows of a day are clustered.

use std::ops::Range;

use google_cloud_bigquery::query::{Row as Answer, RowIterator};
use google_cloud_bigquery_v2::model::{QueryParameter, QueryParameterType, QueryParameterValue};

use super::{
    BackendError, BigQueryBackend, LogId, MAX_ROWS, Row,
    columns::{Found, select_list},
};

/// Microseconds of a day.
const DAY: i64 = 24 * 3600 * 1_000_000;
/// What belongs to a log: tenant and environment first, as the table is clustered.
const OF_LOG: &str =
    "tenant_id = @tenant AND env = @env AND log = @log AND recorded_at >= @since AND recorded_at < @until";
/// And of those, the ones at some seqs.
const OF_SEQS: &str = "seq >= @first AND seq < @bound";

/// Days that rows may lie in: microseconds since 1970, from, and before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    since: i64,
    until: i64,
}

impl Days {
    /// All there are: the year 1 to the year 9999, which is what a TIMESTAMP can say.
    pub(super) const ALL: Self = Self { since: -62_135_596_800_000_000, until: 253_402_300_799_999_999 };

    /// The whole days of these rows.
    pub(super) fn of(rows: &[Row]) -> Self {
        let times = || rows.iter().map(|row| row.columns.recorded_at.micros());
        let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        Self { since: first.div_euclid(DAY) * DAY, until: (last.div_euclid(DAY) + 1) * DAY }
    }
}

fn parameter(name: &str, kind: &str, value: String) -> QueryParameter {
    QueryParameter::new()
        .set_name(name)
        .set_parameter_type(QueryParameterType::new().set_type(kind))
        .set_parameter_value(QueryParameterValue::new().set_value(value))
}

fn integer(name: &str, value: u64) -> QueryParameter {
    parameter(name, "INT64", value.min(i64::MAX as u64).to_string())
}

fn time(name: &str, micros: i64) -> QueryParameter {
    let time = chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default();
    parameter(name, "TIMESTAMP", time.format("%Y-%m-%d %H:%M:%S%.6f+00:00").to_string())
}

fn of_log(log: &LogId, days: Days) -> Vec<QueryParameter> {
    vec![
        parameter("tenant", "STRING", log.tenant.to_string()),
        parameter("env", "STRING", log.env.to_string()),
        parameter("log", "STRING", log.origin.to_string()),
        time("since", days.since),
        time("until", days.until),
    ]
}

fn of_seqs(log: &LogId, seqs: Range<u64>, days: Days) -> Vec<QueryParameter> {
    let mut parameters = of_log(log, days);
    parameters.extend([integer("first", seqs.start), integer("bound", seqs.end)]);
    parameters
}

impl BigQueryBackend {
    /// The rows of a log whose seqs are in `seqs`, ascending, doubles beside one another.
    pub(super) async fn find(&self, log: &LogId, seqs: Range<u64>, days: Days) -> Result<Vec<Found>, BackendError> {
        let mut answers = self.ask(log, seqs, days).await?;
        let mut found = Vec::new();
        while let Some(row) = self.next_found(&mut answers).await? {
            found.push(row);
        }
        Ok(found)
    }

    /// Asks for what [`find`](Self::find) finds.
    pub(super) async fn ask(&self, log: &LogId, seqs: Range<u64>, days: Days) -> Result<RowIterator, BackendError> {
        let columns = select_list();
        let sql = format!("SELECT {columns} FROM {} WHERE {OF_LOG} AND {OF_SEQS} ORDER BY seq", self.quoted());
        Ok(self.query(sql, of_seqs(log, seqs, days)).await?.set_page_size(MAX_ROWS as u32))
    }

    /// The next row of such an answer.
    pub(super) async fn next_found(&self, answers: &mut RowIterator) -> Result<Option<Found>, BackendError> {
        while let Some(answer) = self.next(answers).await? {
            if let Some(found) = Found::read(&answer).map_err(|error| self.failed("reading rows").row(error))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The days in which a log's rows at these seqs lie; `None` where there are none. Reads narrow columns alone.
    pub(super) async fn days_of(&self, log: &LogId, seqs: Range<u64>) -> Result<Option<Days>, BackendError> {
        let bounds = "UNIX_MICROS(MIN(recorded_at)) AS since, UNIX_MICROS(MAX(recorded_at)) AS until";
        let sql = format!("SELECT {bounds} FROM {} WHERE {OF_LOG} AND {OF_SEQS}", self.quoted());
        let mut answers = self.query(sql, of_seqs(log, seqs, Days::ALL)).await?;
        let Some(answer) = self.next(&mut answers).await? else { return Ok(None) };
        let failed = |error| self.failed("reading rows").row(error);
        let since: Option<i64> = answer.get("since").map_err(failed)?;
        let until: Option<i64> = answer.get("until").map_err(failed)?;
        Ok(since.zip(until).map(|(since, until)| Days { since, until: until.saturating_add(1) }))
    }

    /// The seq after the log's last row; 0 where there is none.
    pub(super) async fn tail(&self, log: &LogId) -> Result<u64, BackendError> {
        let sql = format!("SELECT MAX(seq) AS number FROM {} WHERE {OF_LOG}", self.quoted());
        let newest = self.number(sql, of_log(log, Days::ALL)).await?;
        Ok(newest.map_or(0, |seq| u64::try_from(seq).map_or(0, |seq| seq.saturating_add(1))))
    }

    /// How many rows there are under the log's name.
    pub(super) async fn rows_of(&self, log: &LogId) -> Result<u64, BackendError> {
        let sql = format!("SELECT COUNT(*) AS number FROM {} WHERE {OF_LOG}", self.quoted());
        let rows = self.number(sql, of_log(log, Days::ALL)).await?;
        Ok(rows.map_or(0, |rows| u64::try_from(rows).unwrap_or(0)))
    }

    /// Removes the rows under the log's name that no seq below `size` accounts for, and says how many there were.
    pub(super) async fn delete_beyond(&self, log: &LogId, size: u64) -> Result<u64, BackendError> {
        let beyond = format!("{OF_LOG} AND (seq >= @size OR seq < 0)");
        let mut parameters = of_log(log, Days::ALL);
        parameters.push(integer("size", size));
        let count = format!("SELECT COUNT(*) AS number FROM {} WHERE {beyond}", self.quoted());
        let there = self.number(count, parameters.clone()).await?.unwrap_or(0);
        if there > 0 {
            self.query(format!("DELETE FROM {} WHERE {beyond}", self.quoted()), parameters).await?;
        }
        Ok(u64::try_from(there).unwrap_or(0))
    }

    /// Removes every row at these seqs, all of which lie in these days.
    pub(super) async fn delete(&self, log: &LogId, seqs: &[u64], days: Days) -> Result<(), BackendError> {
        // Numbers, so nothing of them can be SQL.
        let list = seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!("DELETE FROM {} WHERE {OF_LOG} AND seq IN ({list})", self.quoted());
        self.query(sql, of_log(log, days)).await.map(drop)
    }

    /// The table, for SQL. Its parts are checked with the configuration and hold no quote.
    fn quoted(&self) -> String {
        format!("`{}.{}.{}`", self.project(), self.settings.dataset, self.settings.table)
    }

    async fn query(&self, sql: String, parameters: Vec<QueryParameter>) -> Result<RowIterator, BackendError> {
        let query = self.clients().await?.queries.query(sql).set_parameter_mode("NAMED");
        // An answer from before the last write is no answer.
        let query = query.set_query_parameters(parameters).set_use_query_cache(false);
        let done = query.until_done().await.map_err(|error| self.failed("a query").query(error))?;
        Ok(done.read())
    }

    async fn next(&self, answers: &mut RowIterator) -> Result<Option<Answer>, BackendError> {
        answers.next().await.transpose().map_err(|error| self.failed("reading rows").row(error))
    }

    async fn number(&self, sql: String, parameters: Vec<QueryParameter>) -> Result<Option<i64>, BackendError> {
        let mut answers = self.query(sql, parameters).await?;
        let Some(answer) = self.next(&mut answers).await? else { return Ok(None) };
        answer.get("number").map_err(|error| self.failed("reading rows").row(error))
    }
}
