//! The dataset and the table: looked at, made where they are not, and given the columns that this version knows and they lack.

use google_cloud_bigquery_v2::model::{
    Clustering, Dataset, DatasetReference, Table, TableFieldSchema, TableReference, TableSchema, TimePartitioning,
};
use google_cloud_gax::error::{Error, rpc::Code};

use super::{
    BackendError, BigQueryBackend,
    clients::Clients,
    columns::{CLUSTERED_BY, COLUMNS, PARTITIONED_BY},
    failure::code,
};

impl BigQueryBackend {
    /// Checks both; with `make`, makes what is missing.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`.
    pub(super) async fn settle_table(&self, clients: &Clients, make: bool) -> Result<(), BackendError> {
        self.settle_dataset(clients, make).await?;
        let failed = |what| move |error| self.failed(what).rpc(error);
        let table = match self.get_table(clients).await {
            Err(error) if make && code(&error) == Some(Code::NotFound) => {
                let request = clients.tables.insert_table().set_project_id(self.project());
                let made = request.set_dataset_id(&self.settings.dataset).set_table(self.new_table()).send().await;
                match made {
                    // Another replica was quicker; its table is looked at like any.
                    Err(error) if code(&error) == Some(Code::AlreadyExists) => {
                        self.get_table(clients).await.map_err(failed("looking at the table"))?
                    }
                    other => other.map_err(failed("making the table"))?,
                }
            }
            other => other.map_err(failed("looking at the table"))?,
        };
        self.check_layout(&table)?;
        self.add_columns(clients, &table, make).await
    }

    async fn settle_dataset(&self, clients: &Clients, make: bool) -> Result<(), BackendError> {
        let (project, dataset) = (self.project(), &self.settings.dataset);
        let found = clients.datasets.get_dataset().set_project_id(project).set_dataset_id(dataset).send().await;
        match found {
            Ok(found) => self.check_location(&found),
            Err(error) if make && code(&error) == Some(Code::NotFound) => {
                let reference = DatasetReference::new().set_project_id(project).set_dataset_id(dataset);
                let location = self.settings.location.clone().unwrap_or_default();
                let new = Dataset::new()
                    .set_dataset_reference(reference)
                    .set_location(location)
                    .set_description("The copy of Nexus' ledger".to_owned());
                match clients.datasets.insert_dataset().set_project_id(project).set_dataset(new).send().await {
                    Ok(_) => Ok(()),
                    Err(error) if code(&error) == Some(Code::AlreadyExists) => Ok(()),
                    Err(error) => Err(self.failed("making the dataset").rpc(error)),
                }
            }
            Err(error) => Err(self.failed("looking at the dataset").rpc(error)),
        }
    }

    async fn get_table(&self, clients: &Clients) -> Result<Table, Error> {
        let request = clients.tables.get_table().set_project_id(self.project());
        request.set_dataset_id(&self.settings.dataset).set_table_id(&self.settings.table).send().await
    }

    fn new_table(&self) -> Table {
        let reference = TableReference::new()
            .set_project_id(self.project())
            .set_dataset_id(&self.settings.dataset)
            .set_table_id(&self.settings.table);
        let days = TimePartitioning::new().set_type("DAY").set_field(PARTITIONED_BY.to_owned());
        Table::new()
            .set_table_reference(reference)
            .set_description("One row per event of Nexus' ledger".to_owned())
            .set_schema(TableSchema::new().set_fields(COLUMNS.iter().map(|column| column.field(false))))
            .set_time_partitioning(days)
            .set_clustering(Clustering::new().set_fields(CLUSTERED_BY))
            .set_require_partition_filter(true)
    }

    /// Data that must stay somewhere must not be somewhere else.
    fn check_location(&self, dataset: &Dataset) -> Result<(), BackendError> {
        match &self.settings.location {
            Some(wanted) if !wanted.eq_ignore_ascii_case(&dataset.location) => Err(self.wrong(
                format!("the dataset is in {}, not in {wanted}", dataset.location),
                "set nexus.bigquery.location to where it is, or name another dataset",
            )),
            _ => Ok(()),
        }
    }

    /// A table that is not cut by day makes every query read all of it.
    fn check_layout(&self, table: &Table) -> Result<(), BackendError> {
        let partitioned = table.time_partitioning.as_ref();
        let by_day = partitioned
            .is_some_and(|by| by.r#type.eq_ignore_ascii_case("DAY") && by.field.as_deref() == Some(PARTITIONED_BY));
        let clustered = table.clustering.as_ref().is_some_and(|by| by.fields == CLUSTERED_BY);
        if by_day && clustered {
            if table.require_partition_filter != Some(true) {
                tracing::warn!("BigQuery's table answers queries that name no day, which read and cost all of it");
            }
            return Ok(());
        }
        Err(self.wrong(
            format!(
                "the table is not partitioned by day of {PARTITIONED_BY} and clustered by {}",
                CLUSTERED_BY.join(", ")
            ),
            "name a table in nexus.bigquery.table that does not exist yet; it is made, and `nexus refollow` fills it",
        ))
    }

    /// Columns are added, never changed: a column of another type is somebody else's.
    async fn add_columns(&self, clients: &Clients, table: &Table, make: bool) -> Result<(), BackendError> {
        let mut fields = table.schema.clone().unwrap_or_default().fields;
        let mut missing = Vec::new();
        for column in COLUMNS {
            match fields.iter().find(|field| field.name.eq_ignore_ascii_case(column.name)) {
                None => missing.push(column),
                Some(field) if !column.kind.names().iter().any(|name| field.r#type.eq_ignore_ascii_case(name)) => {
                    return Err(self.wrong(
                        format!("column {} is {}, not {}", column.name, field.r#type, column.kind.names()[0]),
                        "name another table in nexus.bigquery.table",
                    ));
                }
                Some(_) => {}
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let names = missing.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
        if !make {
            let grant = "the next start adds them; that needs bigquery.tables.update";
            return Err(self.wrong(format!("the table lacks the columns {names}"), grant));
        }
        fields.extend(missing.iter().map(|column| column.field(true)).collect::<Vec<TableFieldSchema>>());
        let request = clients.tables.patch_table().set_project_id(self.project());
        let request = request.set_dataset_id(&self.settings.dataset).set_table_id(&self.settings.table);
        let patch = Table::new().set_schema(TableSchema::new().set_fields(fields));
        request.set_table(patch).send().await.map_err(|error| self.failed("adding columns").rpc(error))?;
        tracing::info!(columns = names, "columns were added to BigQuery's table");
        Ok(())
    }

    fn wrong(&self, what: String, grant: &str) -> BackendError {
        let (project, dataset, table) = (self.project(), &self.settings.dataset, &self.settings.table);
        let what = format!("BigQuery {dataset}.{table} in project {project}: {what}");
        BackendError::Misconfigured { what, grant: grant.to_owned(), source: None }
    }
}
