//! `GET /nexus/export/training`: the events that may be trained on, streamed as NDJSON.

use std::{collections::VecDeque, sync::Arc};

use axum::{
    body::Body,
    extract::{RawQuery, State},
};
use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use nexus_ledger::{Order, Query};
use nexus_model::RequestContext;
use nexus_redact::OptOut;
use serde_json::json;

use super::{
    audited::{Answer, Failure},
    context::Context,
    query::{MAX_LIMIT, Params},
};
use crate::{app::App, logging::Detail, views::events::PageCursor};

/// `GET /nexus/export/training`
#[utoipa::path(
    get, path = "/nexus/export/training", tag = "privacy",
    params(
        ("since" = Option<String>, Query, description = "Recorded at or after this time. RFC 3339"),
        ("until" = Option<String>, Query, description = "Recorded before this time. RFC 3339"),
    ),
    responses((status = 200, description = "One DatasetEvent a line, oldest first", body = String, content_type = "application/x-ndjson"))
)]
pub async fn training(
    State(app): State<App>,
    Context(context): Context,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let query = Query {
        since: params.take("since")?,
        until: params.take("until")?,
        include_reads: true,
        order: Order::Asc,
        limit: MAX_LIMIT,
        ..Query::default()
    };
    params.finish()?;
    let detail = Detail::default().input(json!({ "since": query.since, "until": query.until }));
    // The first page is read before the event is kept, so that a ledger that cannot be read is told as such.
    let mut export = Export { app, context: Arc::new(context), next: Some((query, None)), lines: VecDeque::new() };
    export.fetch().await.map_err(|error| Failure::new(error, detail.clone()))?;
    let body = Body::from_stream(stream::try_unfold(export, |mut export| async move {
        loop {
            if let Some(line) = export.lines.pop_front() {
                return Ok::<_, std::io::Error>(Some((line, export)));
            }
            if export.next.is_none() {
                return Ok(None);
            }
            // The answer's head is gone: a connection that is cut is how the caller hears of it.
            export.fetch().await.map_err(std::io::Error::other)?;
        }
    }));
    Ok(Answer::stream(StatusCode::OK, "application/x-ndjson", body, detail))
}

/// An export under way: one page in memory, and where the next one begins.
struct Export {
    app: App,
    context: Arc<RequestContext>,
    next: Option<(Query, Option<PageCursor>)>,
    lines: VecDeque<Bytes>,
}

impl Export {
    /// Reads one page and keeps what may be trained on now: the choice of tenant and user is asked again for each event.
    async fn fetch(&mut self) -> Result<(), nexus_ledger::LedgerError> {
        let Some((query, cursor)) = self.next.take() else { return Ok(()) };
        let page = self.app.events.page(&self.context, query.clone(), cursor).await?;
        self.next = page.cursor().map(|cursor| (query, Some(cursor.clone())));
        for (event, line) in page.events()?.into_iter().zip(page.lines()) {
            let opt_out = self.app.train_prefs.opt_out(&event.tenant_id, &event.env, &event.user_id).await;
            if event.train_ok && opt_out == OptOut::No {
                self.lines.push_back(line);
            }
        }
        Ok(())
    }
}
