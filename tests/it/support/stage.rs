//! A Nexus over one of two stores that share no code: its own embedded one, and Garage. The same test runs on both.

use std::collections::BTreeMap;

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::{
    Client, Nexus, Setup,
    garage::{Garage, REGION},
};

/// A server and its store.
pub(crate) struct Stage {
    pub(crate) nexus: Nexus,
    pub(crate) garage: Option<Garage>,
}

impl Stage {
    /// On the embedded store.
    pub(crate) async fn embedded() -> Self {
        Self { nexus: Nexus::start().await, garage: None }
    }

    /// On Garage; `None` when it is not installed, and the calling test is noted as skipped.
    pub(crate) async fn garage() -> Option<Self> {
        Self::garage_with(Setup::new()).await
    }

    /// On Garage, with more settings.
    pub(crate) async fn garage_with(setup: Setup) -> Option<Self> {
        let garage = Garage::start()?;
        let nexus = on_s3(setup, &garage.endpoint, &garage.bucket, &garage.access_key, &garage.secret_key);
        Some(Self { nexus: nexus.start().await, garage: Some(garage) })
    }

    /// A client of `tenant` in `dev` whose token has `role` there.
    pub(crate) fn client(&self, tenant: &str, role: &str) -> Client {
        self.nexus.client(tenant, role)
    }

    pub(crate) fn bucket(&self) -> &str {
        self.garage.as_ref().map_or("nexus", |garage| &garage.bucket)
    }

    /// What the store answers to a form that its policy does not admit (FACTS: Garage says 400 to all of them).
    pub(crate) fn is_garage(&self) -> bool {
        self.garage.is_some()
    }
}

/// A setup whose store is an S3 endpoint elsewhere.
pub(crate) fn on_s3(setup: Setup, endpoint: &str, bucket: &str, key: &str, secret: &str) -> Setup {
    setup
        .env("NEXUS__STORAGE__MODE", "s3")
        .env("NEXUS__STORAGE__ENDPOINT", endpoint)
        .env("NEXUS__STORAGE__BUCKET", bucket)
        .env("NEXUS__STORAGE__REGION", REGION)
        .env("NEXUS__STORAGE__PATH_STYLE", true)
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret)
}

/// A form as a browser posts it, which a test may tamper with before it is sent.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) url: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) file: Vec<u8>,
}

impl Upload {
    /// The form that a presign answered, with a file.
    pub(crate) fn of(presigned: &Value, file: impl Into<Vec<u8>>) -> Self {
        Self {
            url: presigned["url"].as_str().unwrap().to_owned(),
            fields: serde_json::from_value(presigned["fields"].clone()).unwrap(),
            file: file.into(),
        }
    }

    /// With a field set.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Posts it, `file` last; the store's status and words.
    pub(crate) async fn send(self) -> (u16, String) {
        self.try_send().await.unwrap()
    }

    /// The same, where nobody may be there.
    pub(crate) async fn try_send(self) -> reqwest::Result<(u16, String)> {
        let form = self.fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
        let form = form.part("file", Part::bytes(self.file).file_name("from-a-browser.bin"));
        let response = reqwest::Client::new().post(self.url).multipart(form).send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// Posts it; the store must take it.
    pub(crate) async fn succeeds(self) {
        let (status, text) = self.send().await;
        assert!((200..300).contains(&status), "{status} {text}");
    }
}

/// Runs each test on both stores: `on_both_stores!(a, b)` makes `embedded::a`, `garage::a` and so on, from functions
/// that take a [`Stage`].
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Stage::embedded().await).await;
            })+
        }
        mod garage {
            $(#[tokio::test]
            async fn $name() {
                if let Some(stage) = $crate::support::Stage::garage().await {
                    super::$name(stage).await;
                }
            })+
        }
    };
}
pub(crate) use on_both_stores;
