//! `nexus doctor`: what the service depends on, a line each, with what to do about it.

use std::process::ExitCode;

use aws_sdk_s3::error::DisplayErrorContext;

use crate::{
    app::s3_access,
    config::{Config, Profile, StorageMode},
    nexus::{Finding, Standing, following::backend_of},
    raw_storage::{repository::RawStorageRepository, s3::S3RawStorageRepository},
    secrets::Secrets,
};

/// A clock further off than this is reported. S3 refuses signatures beyond 15 minutes. Seconds.
const MAX_SKEW_SECONDS: i64 = 60;

enum Verdict {
    Good(String),
    /// It works, but not as well as it could.
    Advice(String),
    Bad(String),
}
use Verdict::{Advice, Bad, Good};

pub(super) fn run(config: Config) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::failed(&error),
    };
    runtime.block_on(examine(config))
}

async fn examine(config: Config) -> ExitCode {
    let secrets = match Secrets::load(&config) {
        Ok(secrets) => secrets,
        Err(error) => return super::failed(&error),
    };
    let repository = match S3RawStorageRepository::new(&config.storage, s3_access(&config, &secrets)).await {
        Ok(repository) => repository,
        Err(error) => return super::failed(&error),
    };
    let mut bad = 0;
    let mut report = |name: &str, verdict: Verdict| {
        let (mark, text) = match verdict {
            Good(text) => ("ok    ", text),
            Advice(text) => ("advice", text),
            Bad(text) => {
                bad += 1;
                ("FAIL  ", text)
            }
        };
        println!("{mark}  {name}: {text}");
    };

    let reachable = repository.check().await;
    let reached = reachable.is_ok();
    report("bucket", bucket(&config, reachable.err().as_ref().map(std::error::Error::source)));
    if reached {
        let (write, conditional) = writes(&config, &repository).await;
        report("write", write);
        report("conditional writes", conditional);
        report("versioning", versioning(&repository).await);
    }
    report("clock", clock(&config, &repository).await);
    for origin in &config.cors.origins {
        report("CORS", cors(&repository, origin).await);
    }
    if config.cors.origins.is_empty() && config.profile == Profile::Production {
        report("CORS", Advice("no origin is configured, so no browser can upload; set cors.origins".to_owned()));
    }
    match backend_of(&config, None) {
        None => report("backend", Good("none configured; the ledger lives in the data directory alone".to_owned())),
        Some(backend) => {
            for finding in backend.doctor().await {
                report(finding.name, verdict(finding));
            }
        }
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn verdict(finding: Finding) -> Verdict {
    match finding.standing {
        Standing::Good => Good(finding.text),
        Standing::Advice => Advice(finding.text),
        Standing::Bad => Bad(finding.text),
    }
}

fn bucket(config: &Config, failure: Option<Option<&(dyn std::error::Error + 'static)>>) -> Verdict {
    let name = &config.storage.bucket;
    let Some(source) = failure else { return Good(format!("{name} answers")) };
    let cause = source.map(|source| DisplayErrorContext(source).to_string()).unwrap_or_default();
    let cause = cause.split(" (").next().unwrap_or_default().to_owned();
    Bad(match config.storage.mode {
        StorageMode::Embedded => format!(
            "the embedded endpoint on {} does not answer ({cause}); start `nexus serve` first",
            config.server.s3_listen
        ),
        StorageMode::S3 => format!(
            "{name} does not answer ({cause}); check storage.bucket, storage.region, storage.endpoint, the credentials, and that they may s3:ListBucket"
        ),
    })
}

/// Writes a small object twice, the second time on condition that it is not there, and removes it again.
async fn writes(config: &Config, repository: &S3RawStorageRepository) -> (Verdict, Verdict) {
    match repository.has_conditional_writes().await {
        Ok(true) => {
            (Good("objects can be written and removed".to_owned()), Good("If-None-Match is honoured".to_owned()))
        }
        Ok(false) => {
            let text = "the store has no If-None-Match: two processes that register one asset at once may both succeed";
            let accepted = config.profile == Profile::Development || config.storage.allow_unconditional;
            let conditional = if accepted {
                Advice(text.to_owned())
            } else {
                Bad(format!("{text}; use a store that has it, or accept that with storage.allow_unconditional = true"))
            };
            (Good("objects can be written and removed".to_owned()), conditional)
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|source| DisplayErrorContext(source).to_string());
            let fix = "grant s3:PutObject, s3:GetObject and s3:DeleteObject on the bucket";
            (Bad(format!("{error} ({}); {fix}", cause.unwrap_or_default())), Bad("not tried".to_owned()))
        }
    }
}

async fn versioning(repository: &S3RawStorageRepository) -> Verdict {
    match repository.client().get_bucket_versioning().bucket(repository.bucket()).send().await {
        Ok(answer) if answer.status().is_some_and(|status| status.as_str() == "Enabled") => {
            Good("enabled: what was registered stays readable".to_owned())
        }
        Ok(_) => Advice(
            "not enabled: an upload URL that is used again replaces the object, which is noticed at download; enable it for production"
                .to_owned(),
        ),
        Err(_) => Advice("cannot be read; grant s3:GetBucketVersioning to have it checked".to_owned()),
    }
}

/// Compares the `Date` of any answer of the store with the clock here.
async fn clock(config: &Config, repository: &S3RawStorageRepository) -> Verdict {
    let url = config.storage.endpoint.clone().unwrap_or_else(|| repository.post_url().to_owned());
    let date = match reqwest::Client::new().head(&url).timeout(std::time::Duration::from_secs(5)).send().await {
        Ok(response) => {
            response.headers().get(http::header::DATE).and_then(|date| date.to_str().ok().map(ToOwned::to_owned))
        }
        Err(_) => None,
    };
    let now = chrono::Utc::now();
    match date.and_then(|date| chrono::DateTime::parse_from_rfc2822(&date).ok()) {
        None => Advice("the store told no time to compare with".to_owned()),
        Some(theirs) => {
            let skew = (now - theirs.to_utc()).num_seconds();
            if skew.abs() <= MAX_SKEW_SECONDS {
                Good(format!("within {MAX_SKEW_SECONDS} s of the store's"))
            } else {
                Bad(format!(
                    "{skew} s off the store's; run a time service such as chrony, or every signature is refused"
                ))
            }
        }
    }
}

/// Asks the store as a browser on `origin` would before it posts a form.
async fn cors(repository: &S3RawStorageRepository, origin: &str) -> Verdict {
    let fix = "allow it in the bucket's CORS configuration, with methods GET, PUT and POST, and expose ETag";
    let asked = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, repository.post_url())
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .timeout(std::time::Duration::from_secs(5))
        .send()
        .await;
    let allowed = match &asked {
        Ok(response) => response.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok()),
        Err(_) => return Bad(format!("{origin}: the store does not answer; {fix}")),
    };
    match allowed {
        Some(allowed) if allowed == "*" || allowed == origin => Good(format!("{origin} may upload")),
        _ => Bad(format!("{origin} may not upload; {fix}")),
    }
}
