//! What may be done with notes, and the order in which it is done: intent, event, effect.
//!
//! 1. The change is written down as an intent, durably, and is not visible yet.
//! 2. Nexus records its event. Refused: the intent is forgotten, nothing happened. Unknown: the caller hears 503, and
//! 3. [`Maybes::keep_settling`] repeats it, with the same event id, until it is recorded; only then the change is made.
//!
//! Changes take turns, so that none is planned on what another, unsettled one is about to alter. That is one round trip to Nexus for
//! each change: right for notes, too slow for much more.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::{
    auth::Admitted,
    failure::{Failure, SettleError, report},
    nexus_client::{Caller, NexusClient, NexusError},
    store::{Intent, Note, Store, StoreError},
};

/// How often unsettled changes are tried again.
const SETTLE_INTERVAL: Duration = Duration::from_millis(500);
/// The most unsettled changes; beyond it nothing more is taken on.
const MAX_UNSETTLED: usize = 1000;
const MAX_TITLE: usize = 200;
const MAX_TAGS: usize = 20;
/// Notes in one list.
pub(crate) const PAGE: usize = 100;

/// What a caller says of a note.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    title: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Draft {
    fn check(&self) -> Result<(), Failure> {
        let titled = (1..=MAX_TITLE).contains(&self.title.trim().chars().count());
        let tagged = self.tags.len() <= MAX_TAGS && self.tags.iter().all(|tag| (1..=64).contains(&tag.chars().count()));
        match (titled, tagged) {
            (true, true) => Ok(()),
            (false, _) => {
                Err(Failure::new(422, "maybe.invalid", format!("title: expected 1 to {MAX_TITLE} characters")))
            }
            (_, false) => Err(Failure::new(
                422,
                "maybe.invalid",
                format!("tags: expected at most {MAX_TAGS}, of 1 to 64 characters"),
            )),
        }
    }
}

pub(crate) struct Maybes {
    store: Store,
    nexus: NexusClient,
    turn: Mutex<()>,
}

/// Reads a body; a bad one is a failure like any other, and so recorded.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::new(422, "maybe.invalid", error.to_string()))
}

impl Maybes {
    pub(crate) fn new(store: Store, nexus: NexusClient) -> Self {
        Self { store, nexus, turn: Mutex::default() }
    }

    pub(crate) async fn create(&self, who: &Admitted, draft: Result<Draft, Failure>) -> Result<Note, Failure> {
        let id = Uuid::now_v7().to_string();
        let plan = |_: Option<Note>| Ok(Some(draft.clone()?));
        self.write(who, "maybe_created", &id, plan).await
    }

    pub(crate) async fn update(
        &self,
        who: &Admitted,
        id: &str,
        draft: Result<Draft, Failure>,
    ) -> Result<Note, Failure> {
        let plan = |old: Option<Note>| {
            old.ok_or_else(unknown)?;
            Ok(Some(draft.clone()?))
        };
        self.write(who, "maybe_updated", id, plan).await
    }

    pub(crate) async fn delete(&self, who: &Admitted, id: &str) -> Result<(), Failure> {
        let change = async {
            who.must_be("writer")?;
            let _turn = self.turn(&who.caller).await?;
            self.kept(|store| store.get(&who.caller, id))?.ok_or_else(unknown)?;
            self.change(&who.caller, "maybe_deleted", id, json!({}), json!([]), None).await
        };
        self.audited(&who.caller, "maybe_deleted", id, change.await).await
    }

    pub(crate) async fn read(&self, who: &Admitted, id: &str) -> Result<Note, Failure> {
        let found =
            who.must_be("reader").and_then(|()| self.kept(|store| store.get(&who.caller, id))?.ok_or_else(unknown));
        let found = self.audited(&who.caller, "maybe_read", id, found).await?;
        self.tell(&who.caller, "maybe_read", id).await?;
        Ok(found)
    }

    pub(crate) async fn list(&self, who: &Admitted, after: &str) -> Result<Vec<Note>, Failure> {
        let found = who.must_be("reader").and_then(|()| Ok(self.kept(|store| store.list(&who.caller, after, PAGE))?));
        let found = self.audited(&who.caller, "maybe_listed", "", found).await?;
        self.tell(&who.caller, "maybe_listed", "").await?;
        Ok(found)
    }

    /// A form for one file that is to be attached. The upload is the user's own: Nexus sees the user's token.
    pub(crate) async fn presign(
        &self,
        who: &Admitted,
        id: &str,
        file: Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        let presigned = async {
            who.must_be("writer")?;
            self.kept(|store| store.get(&who.caller, id))?.ok_or_else(unknown)?;
            Ok(self.nexus.with_token(&who.token).presign(&who.caller, &file?).await?)
        };
        self.audited(&who.caller, "maybe_updated", id, presigned.await).await
    }

    /// Registers the file that came, and attaches it.
    pub(crate) async fn attach(
        &self,
        who: &Admitted,
        id: &str,
        claim: Result<Value, Failure>,
    ) -> Result<Note, Failure> {
        let attached = async {
            who.must_be("writer")?;
            let _turn = self.turn(&who.caller).await?;
            let mut note = self.kept(|store| store.get(&who.caller, id))?.ok_or_else(unknown)?;
            let asset = self.nexus.with_token(&who.token).register(&who.caller, &claim?).await?;
            let asset_id = asset["asset_id"].as_str().unwrap_or_default().to_owned();
            if !note.attachments.contains(&asset_id) {
                note.attachments.push(asset_id.clone());
            }
            stamp(&mut note, &who.caller);
            let refs = json!([{ "kind": "raw_asset", "id": asset_id }]);
            self.change(
                &who.caller,
                "maybe_updated",
                id,
                json!({ "extra": { "attached": 1 } }),
                refs,
                Some(note.clone()),
            )
            .await?;
            Ok(note)
        };
        self.audited(&who.caller, "maybe_updated", id, attached.await).await
    }

    /// Tries unsettled changes again, for ever.
    pub(crate) async fn keep_settling(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SETTLE_INTERVAL).await;
            let _turn = self.turn.lock().await;
            let intents = self.kept(Store::intents).unwrap_or_else(|error| {
                report(&error);
                Vec::new()
            });
            for intent in intents {
                let Err(error) = self.settle(&intent).await else { continue };
                report(&error);
                if !matches!(error, SettleError::Nexus(NexusError::Refused { .. })) {
                    break;
                }
            }
        }
    }

    async fn write(
        &self,
        who: &Admitted,
        event_type: &str,
        id: &str,
        plan: impl Fn(Option<Note>) -> Result<Option<Draft>, Failure>,
    ) -> Result<Note, Failure> {
        let written = async {
            who.must_be("writer")?;
            let _turn = self.turn(&who.caller).await?;
            let old = self.kept(|store| store.get(&who.caller, id))?;
            let (attachments, revision) =
                old.as_ref().map_or_else(Default::default, |old| (old.attachments.clone(), old.revision));
            let draft = plan(old)?.ok_or_else(unknown)?;
            draft.check()?;
            let Draft { title, content, tags } = draft;
            let input = json!({ "title": title, "tags": tags, "content": { "text": content } });
            let (updated_at, updated_by) = Default::default();
            let mut note =
                Note { id: id.to_owned(), title, content, tags, attachments, revision, updated_at, updated_by };
            stamp(&mut note, &who.caller);
            self.change(&who.caller, event_type, id, input, json!([]), Some(note.clone())).await?;
            Ok(note)
        };
        self.audited(&who.caller, event_type, id, written.await).await
    }

    /// Waits for its turn, and settles what the place still has unsettled: nothing is planned on what is about to change.
    async fn turn(&self, caller: &Caller) -> Result<MutexGuard<'_, ()>, Failure> {
        let turn = self.turn.lock().await;
        let own = |intent: &Intent| (&intent.caller.tenant, &intent.caller.env) == (&caller.tenant, &caller.env);
        for intent in self.kept(Store::intents)?.into_iter().filter(own) {
            self.settle(&intent).await.map_err(|error| {
                report(&error);
                Failure::unaudited()
            })?;
        }
        Ok(turn)
    }

    /// Has an intent's event recorded, and makes its change. Whatever Nexus answers but yes, an earlier attempt may have been
    /// recorded, so the intent is kept.
    async fn settle(&self, intent: &Intent) -> Result<(), SettleError> {
        self.nexus.record(&intent.caller, intent.event.clone()).await?;
        Ok(self.kept(|store| store.apply(intent))?)
    }

    /// Runs a look into the file, which may wait for the disk, so that others do not wait with it.
    fn kept<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        tokio::task::block_in_place(|| work(&self.store))
    }

    /// Intent, event, effect. The caller has its turn.
    async fn change(
        &self,
        caller: &Caller,
        event_type: &str,
        id: &str,
        input: Value,
        source_refs: Value,
        becomes: Option<Note>,
    ) -> Result<(), Failure> {
        let mut event = event(event_type, id);
        event["input"] = input;
        event["source_refs"] = source_refs;
        let event_id = event["event_id"].as_str().unwrap_or_default().to_owned();
        let intent = Intent { event_id, caller: caller.clone(), event, id: id.to_owned(), becomes };
        if self.kept(Store::intents)?.len() >= MAX_UNSETTLED {
            return Err(Failure::unaudited());
        }
        self.kept(|store| store.intend(&intent))?;
        match self.nexus.record(caller, intent.event.clone()).await {
            Ok(_) => Ok(self.kept(|store| store.apply(&intent))?),
            Err(error) => {
                if matches!(error, NexusError::Refused { .. }) {
                    self.kept(|store| store.forget(&intent))?;
                }
                Err(error.into())
            }
        }
    }

    /// Records that something was done that changes nothing. Without its event it is not answered.
    async fn tell(&self, caller: &Caller, event_type: &str, id: &str) -> Result<(), Failure> {
        self.nexus.record(caller, event(event_type, id)).await?;
        Ok(())
    }

    /// Records a failure; a failure that cannot be recorded is answered as that.
    async fn audited<T>(
        &self,
        caller: &Caller,
        event_type: &str,
        id: &str,
        result: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let failure = match result {
            Err(failure) if failure.code != Failure::unaudited().code => failure,
            other => return other,
        };
        let mut event = event(event_type, id);
        event["outcome"] = "failure".into();
        event["error_code"] = failure.code.clone().into();
        self.nexus.record(caller, event).await?;
        Err(failure)
    }
}

fn unknown() -> Failure {
    Failure::new(404, "maybe.unknown", "there is no such maybe here")
}

fn stamp(note: &mut Note, caller: &Caller) {
    note.revision += 1;
    note.updated_at = now();
    note.updated_by.clone_from(&caller.user_id);
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// An event about a note, or, with an empty `id`, about none.
fn event(event_type: &str, id: &str) -> Value {
    let mut event = json!({
        "event_id": Uuid::now_v7(), "surface": "maybes", "event_type": event_type, "occurred_at": now(), "asset_type": "maybe",
    });
    // What is no id of ours is not repeated: it may be anything that somebody typed.
    if id.parse::<Uuid>().is_ok() {
        event["asset_id"] = id.into();
    }
    event
}
