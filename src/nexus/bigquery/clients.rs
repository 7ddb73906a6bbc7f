//! The official clients, made once: REST for tables and queries, gRPC for rows.

use google_cloud_auth::credentials::{self, Credentials};
use google_cloud_bigquery::client::{BigQuery, Write};
use google_cloud_bigquery_v2::client::{DatasetService, TableService};
use google_cloud_gax::retry_policy::NeverRetry;

use super::{BackendError, failure::causes};
use crate::config;

/// Everything that talks to BigQuery.
pub(super) struct Clients {
    pub datasets: DatasetService,
    pub tables: TableService,
    pub queries: BigQuery,
    pub write: Write,
}

impl Clients {
    /// Makes them; nobody is asked yet. Whoever calls repeats, so the clients do not, but for what a query's own job wants.
    ///
    /// # Errors
    /// `Misconfigured` where there are no credentials.
    pub(super) async fn new(settings: &config::BigQuery) -> Result<Self, BackendError> {
        let emulated = settings.emulator_host.is_some();
        let credentials: Credentials = if emulated {
            credentials::anonymous::Builder::new().build()
        } else {
            credentials::Builder::default().build().map_err(|error| unusable(&error))?
        };
        let mut datasets =
            DatasetService::builder().with_credentials(credentials.clone()).with_retry_policy(NeverRetry);
        let mut tables = TableService::builder().with_credentials(credentials.clone()).with_retry_policy(NeverRetry);
        let project = settings.project.clone().unwrap_or_default();
        let mut queries = BigQuery::builder().with_project_id(project).with_credentials(credentials.clone());
        let mut write = Write::builder().with_credentials(credentials);
        if let Some(host) = &settings.emulator_host {
            let endpoint = endpoint(host);
            datasets = datasets.with_endpoint(&endpoint);
            tables = tables.with_endpoint(&endpoint);
            queries = queries.with_endpoint(&endpoint);
        }
        if let Some(host) = &settings.emulator_grpc_host {
            write = write.with_endpoint(endpoint(host));
        }
        Ok(Self {
            datasets: datasets.build().await.map_err(|error| unusable(&error))?,
            tables: tables.build().await.map_err(|error| unusable(&error))?,
            queries: queries.build().await.map_err(|error| unusable(&error))?,
            write: write.build().await.map_err(|error| unusable(&error))?,
        })
    }
}

/// Emulators are named with and without the scheme.
fn endpoint(host: &str) -> String {
    if host.contains("://") { host.to_owned() } else { format!("http://{host}") }
}

fn unusable(error: &(dyn std::error::Error + 'static)) -> BackendError {
    BackendError::Misconfigured {
        what: format!("no BigQuery client can be made: {}", causes(error)),
        grant: "give Nexus credentials: GOOGLE_APPLICATION_CREDENTIALS, or a service account on the platform"
            .to_owned(),
        source: None,
    }
}
