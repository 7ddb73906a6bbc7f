//! `nexus token`: a token signed with the configured or the development secret.

use std::{collections::HashMap, process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use nexus_model::{ActorType, TenantId};

use crate::{
    auth::{self, Claims},
    config::Config,
    secrets::Secrets,
};

/// What the token says.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The tenant, for instance t_demo. May be given more than once.
    #[arg(long, required = true)]
    pub tenant: Vec<TenantId>,
    /// The role in each of them.
    #[arg(long, value_enum, default_value_t = RoleArg::Writer)]
    pub role: RoleArg,
    /// The subject.
    #[arg(long, default_value = "u_demo", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub user: String,
    /// What kind of actor the subject is.
    #[arg(long, value_enum, default_value_t = ActorArg::Human)]
    pub actor: ActorArg,
    /// How long the token is valid: a number and s, m, h or d.
    #[arg(long, default_value = "8h", value_parser = parse_ttl)]
    pub ttl: Duration,
    /// Whether the bearer may name another user in the events it posts.
    #[arg(long)]
    pub on_behalf: bool,
}

/// A role.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum RoleArg {
    Owner,
    Admin,
    Writer,
    Reader,
}

/// A kind of actor.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum ActorArg {
    Human,
    Agent,
    System,
}

impl RoleArg {
    const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Writer => "writer",
            Self::Reader => "reader",
        }
    }
}

fn parse_ttl(text: &str) -> Result<Duration, String> {
    let bad = || "expected a number and s, m, h or d, for instance 8h".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err(bad()),
    };
    let number: u64 = number.parse().map_err(|_| bad())?;
    number
        .checked_mul(seconds)
        .filter(|&total| total > 0 && total <= 366 * 86400)
        .map(Duration::from_secs)
        .ok_or_else(bad)
}

/// The claims that `args` ask for, at `now_seconds` since the epoch.
fn claims(args: &TokenArgs, now_seconds: u64) -> Claims {
    let tenants: Vec<String> = args.tenant.iter().map(ToString::to_string).collect();
    Claims {
        sub: args.user.clone(),
        role_map: tenants.iter().map(|tenant| (tenant.clone(), args.role.name().to_owned())).collect::<HashMap<_, _>>(),
        default_tenant_id: tenants.first().cloned(),
        tenant_ids: tenants,
        exp: now_seconds + args.ttl.as_secs(),
        actor_type: match args.actor {
            ActorArg::Human => ActorType::Human,
            ActorArg::Agent => ActorType::Agent,
            ActorArg::System => ActorType::System,
        },
        on_behalf: args.on_behalf,
        iss: None,
        aud: None,
    }
}

/// A token for the development profile's first steps.
pub(super) fn demo(secret: &[u8]) -> Option<String> {
    let args = TokenArgs {
        tenant: vec!["t_demo".parse().ok()?],
        role: RoleArg::Owner,
        user: "u_demo".to_owned(),
        actor: ActorArg::Human,
        ttl: Duration::from_secs(8 * 3600),
        on_behalf: false,
    };
    auth::sign(&claims(&args, jsonwebtoken::get_current_timestamp()), secret).ok()
}

pub(super) fn run(config: &Config, args: &TokenArgs) -> ExitCode {
    let secrets = match Secrets::load(config) {
        Ok(secrets) => secrets,
        Err(error) => return super::failed(&error),
    };
    let Some(secret) = secrets.jwt_secret else {
        eprintln!(
            "nexus: tokens are verified with a JWKS, whose private key is elsewhere; set auth.jwt_secret to sign here"
        );
        return ExitCode::FAILURE;
    };
    let mut claims = claims(args, jsonwebtoken::get_current_timestamp());
    claims.iss.clone_from(&config.auth.issuer);
    claims.aud.clone_from(&config.auth.audience);
    match auth::sign(&claims, &secret) {
        Ok(token) => {
            println!("{token}");
            ExitCode::SUCCESS
        }
        Err(error) => super::failed(&error),
    }
}
