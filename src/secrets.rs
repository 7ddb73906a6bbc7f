//! Keys of a deployment: from the configuration, or, in development, made once and kept in the data directory.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::config::{Config, ConfigError, Profile};

/// The file with the generated keys, in the data directory, readable by its owner alone.
pub const FILE: &str = "development-keys.json";
/// The file that remembers the hash key where none is configured, in the data directory, readable by its owner alone.
const HASH_KEY_FILE: &str = "hash-key";

/// The keys in use.
#[derive(Clone)]
pub struct Secrets {
    /// Verifies HS256 tokens, where that is configured.
    pub jwt_secret: Option<Vec<u8>>,
    /// Ed25519 seed that signs checkpoints.
    pub ledger_signing_key: [u8; 32],
    /// The seed it replaces; signs them too.
    pub previous_signing_key: Option<[u8; 32]>,
    /// Keys pseudonyms and the comparison of repeated events.
    pub hash_key: [u8; 32],
    /// Access key of the embedded S3 endpoint.
    pub s3_access_key: String,
    /// Secret key of the embedded S3 endpoint.
    pub s3_secret_key: String,
}

/// The keys could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}; NEXUS_DATA_DIR names the data directory")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there, but not as it was written.
    #[error("{path} is damaged ({source}); remove it to have new keys made, which ends all development tokens")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A configured key cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The system gave no randomness.
    #[error("no randomness from the system: {0}")]
    Random(io::Error),
}

#[derive(Serialize, Deserialize)]
struct Generated {
    jwt_secret: String,
    ledger_signing_key: String,
    s3_access_key: String,
    s3_secret_key: String,
}

impl Secrets {
    /// The configured keys; what development may make for itself is made when it is first asked for.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a configured key has the wrong form.
    pub fn load(config: &Config) -> Result<Self, SecretsError> {
        let generated = generated(&config.server.data_dir)?;
        let ledger_signing_key = match &config.ledger.signing_key {
            Some(key) => key.seed("ledger.signing_key")?,
            None => seed(&generated.ledger_signing_key)?,
        };
        let previous = config.ledger.previous_signing_key.as_ref();
        let previous_signing_key = previous.map(|key| key.seed("ledger.previous_signing_key")).transpose()?;
        let hash_key = match &config.privacy.hash_key {
            Some(key) => key.seed("privacy.hash_key")?,
            None => remembered_hash_key(&config.server.data_dir, &ledger_signing_key)?,
        };
        let jwks = config.auth.jwks_file.is_some() || config.auth.jwks_url.is_some();
        let jwt_secret = match &config.auth.jwt_secret {
            Some(secret) => Some(secret.expose().as_bytes().to_vec()),
            None if config.profile == Profile::Development && !jwks => Some(generated.jwt_secret.into_bytes()),
            None => None,
        };
        Ok(Self {
            jwt_secret,
            ledger_signing_key,
            previous_signing_key,
            hash_key,
            s3_access_key: generated.s3_access_key,
            s3_secret_key: generated.s3_secret_key,
        })
    }

    /// Keys for a process that serves its own store to itself for a moment. Nothing is read or written.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn ephemeral() -> Result<Self, SecretsError> {
        let Generated { s3_access_key, s3_secret_key, .. } = make()?;
        Ok(Self {
            jwt_secret: None,
            ledger_signing_key: [0; 32],
            previous_signing_key: None,
            hash_key: [0; 32],
            s3_access_key,
            s3_secret_key,
        })
    }
}

/// The hash key where none is configured: it follows from the signing key of the first start, so that replicas agree, and is
/// remembered, so that it survives the rotation of that key. Another hash key would give callers other pseudonyms, and make
/// conflicts of repeated events.
fn remembered_hash_key(data_dir: &Path, signing_key: &[u8; 32]) -> Result<[u8; 32], SecretsError> {
    let path = data_dir.join(HASH_KEY_FILE);
    let failed = |action| {
        let path = path.clone();
        move |source| SecretsError::File { action, path, source }
    };
    match fs::read_to_string(&path) {
        Ok(text) => seed(text.trim()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            let key = derive(signing_key, "hash-key");
            // Two processes that start at once write the same.
            let draft = data_dir.join(format!(".{HASH_KEY_FILE}.{}", Uuid::now_v7().simple()));
            let mut file = private_file(&draft).map_err(failed("write"))?;
            file.write_all(hex::encode(key).as_bytes()).and_then(|()| file.sync_all()).map_err(failed("write"))?;
            fs::rename(&draft, &path).map_err(failed("write"))?;
            File::open(data_dir).and_then(|dir| dir.sync_all()).map_err(failed("sync"))?;
            Ok(key)
        }
        Err(source) => Err(failed("read")(source)),
    }
}

/// A key for one purpose from another key.
#[must_use]
pub fn derive(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    // HMAC as a PRF takes a key of any length, so the error cannot occur; a hash of the purpose alone would follow.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(b"nexus/v1/");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    })
}

fn seed(text: &str) -> Result<[u8; 32], SecretsError> {
    let seed = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    seed.ok_or_else(|| {
        ConfigError::Invalid { key: format!("ledger_signing_key in {FILE}"), why: "expected 64 hex digits".to_owned() }
            .into()
    })
}

/// Reads the generated keys, or makes them. Two processes that start at once end up with the same ones: whoever links its
/// file first wins, and both read that.
fn generated(data_dir: &Path) -> Result<Generated, SecretsError> {
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| SecretsError::File { action, path, source }
    };
    fs::create_dir_all(data_dir).map_err(failed("create", data_dir))?;
    let path = data_dir.join(FILE);
    if !path.exists() {
        let draft = data_dir.join(format!(".{FILE}.{}", Uuid::now_v7().simple()));
        write_private(&draft, &make()?).map_err(failed("write", &draft))?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft).map_err(failed("remove", &draft))?;
        if let Err(source) = linked
            && source.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(failed("write", &path)(source));
        }
        File::open(data_dir).and_then(|dir| dir.sync_all()).map_err(failed("sync", data_dir))?;
    }
    let bytes = fs::read(&path).map_err(failed("read", &path))?;
    serde_json::from_slice(&bytes).map_err(|source| SecretsError::Damaged { path, source })
}

fn make() -> Result<Generated, SecretsError> {
    Ok(Generated {
        jwt_secret: random_hex(32)?,
        ledger_signing_key: random_hex(32)?,
        s3_access_key: format!("NEXUS{}", random_hex(8)?.to_uppercase()),
        s3_secret_key: random_hex(20)?,
    })
}

fn random_hex(bytes: usize) -> Result<String, SecretsError> {
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut buffer)).map_err(SecretsError::Random)?;
    Ok(hex::encode(buffer))
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn write_private(path: &Path, keys: &Generated) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.write_all(&serde_json::to_vec_pretty(keys)?)?;
    file.sync_all()
}
