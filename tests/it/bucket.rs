//! The bucket as an operator sees it, through S3: for tests of what stands in it.

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};

use crate::support::{Nexus, Setup, stage::on_s3};

const BUCKET: &str = "nexus";

/// The embedded bucket of a server.
pub(crate) struct Bucket(Client);

impl Bucket {
    pub(crate) fn of(nexus: &Nexus) -> Self {
        let [key, secret] = keys(nexus);
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(nexus.s3.as_ref().unwrap())
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .force_path_style(true);
        Self(Client::from_conf(config.build()))
    }

    /// The keys that begin with `prefix`; there are fewer than 1,000.
    pub(crate) async fn keys(&self, prefix: &str) -> Vec<String> {
        let listed = self.0.list_objects_v2().bucket(BUCKET).prefix(prefix).send().await.unwrap();
        assert!(!listed.is_truncated().unwrap_or_default());
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// An object's bytes.
    pub(crate) async fn read(&self, key: &str) -> Vec<u8> {
        let object = self.0.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        object.body.collect().await.unwrap().to_vec()
    }
}

/// A setup whose store is the embedded one of another server.
pub(crate) fn on_the_store_of(nexus: &Nexus) -> Setup {
    let [key, secret] = keys(nexus);
    on_s3(Setup::new(), nexus.s3.as_ref().unwrap(), BUCKET, &key, &secret)
}

fn keys(nexus: &Nexus) -> [String; 2] {
    let keys = nexus.keys();
    ["s3_access_key", "s3_secret_key"].map(|name| keys[name].as_str().unwrap().to_owned())
}
