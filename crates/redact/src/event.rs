//! From a draft to the event that the ledger may take.

use nexus_model::{DatasetEvent, EventDraft, PiiFlags, Timestamp};

use crate::{path::Path, redactor::Redactor, tree::Tree, walk::Walk};

/// Whether the tenant or the user has opted out of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptOut {
    /// Neither has.
    No,
    /// One of them has.
    Yes,
    /// The preferences could not be read, so the event may not be trained on.
    Unknown,
}

/// What the shell knows and the redactor must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When Nexus took the event.
    pub recorded_at: Timestamp,
    /// Whether it may be trained on at all.
    pub opt_out: OptOut,
}

/// An event that has been through the redactor, which alone can build it. The ledger takes nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Redacted(DatasetEvent);

impl Redacted {
    /// The event.
    #[must_use]
    pub fn event(&self) -> &DatasetEvent {
        &self.0
    }

    /// The event, owned.
    #[must_use]
    pub fn into_event(self) -> DatasetEvent {
        self.0
    }
}

impl Redactor {
    /// Redacts `input`, `output`, `metadata.extra` and `source_refs`, counts what was found and decides `train_ok`.
    ///
    /// The structural ids are kept as they are: their types admit opaque tokens only. The only way to a [`Redacted`].
    #[must_use]
    pub fn redact(&self, draft: EventDraft, stamp: Stamp) -> Redacted {
        let tenant = draft.tenant_id.clone();
        let mut walk = Walk::counting(self.rules_for(Some(&tenant)));
        let mut metadata = draft.metadata;
        let (mut input, mut output) = (draft.input, draft.output);
        let mut source_refs = draft.source_refs;
        let changes = {
            let mut tree = Tree::with_room();
            let roots = [tree.add(&input), tree.add(&output), tree.add_map(&metadata.extra)];
            let (mut parts, path) = (tree.parts(), Path::root());
            for root in roots {
                walk.node(&mut parts, root, None, &path);
            }
            for source in &mut source_refs {
                walk.text(&mut source.kind, &path);
                walk.text(&mut source.id, &path);
            }
            if walk.look_again() {
                if walk.may_be_again(&parts) {
                    for root in roots {
                        walk.node_again(&mut parts, root, &path);
                    }
                }
                for source in &mut source_refs {
                    walk.text_again(&mut source.kind, &path);
                    walk.text_again(&mut source.id, &path);
                }
            }
            tree.changes()
        };
        if let Some(mut changes) = changes {
            changes.put_back(&mut input);
            changes.put_back(&mut output);
            changes.put_back_map(&mut metadata.extra);
        }
        let forbidden = walk.counts().any(|(kind, _)| walk.rules().forbids_training(kind));
        let reason = reason(forbidden, stamp.opt_out);
        Redacted(DatasetEvent {
            event_id: draft.event_id,
            tenant_id: draft.tenant_id,
            env: draft.env,
            surface: draft.surface,
            event_type: draft.event_type,
            outcome: draft.outcome,
            error_code: draft.error_code,
            user_id: draft.user_id,
            asset_type: draft.asset_type,
            asset_id: draft.asset_id,
            input,
            output,
            metadata,
            pii_flags: PiiFlags {
                flags: walk.counts().map(|(kind, count)| (kind.as_str().to_owned(), count)).collect(),
                policy_reason: reason.to_owned(),
            },
            train_ok: reason == CLEAN,
            source_refs,
            occurred_at: draft.occurred_at,
            recorded_at: stamp.recorded_at,
        })
    }
}

/// Nothing was found that the policy forbids, and nobody has opted out.
const CLEAN: &str = "clean";

/// The word for `pii_flags.policy_reason`. A person's will is named before what the rules found.
fn reason(forbidden: bool, opt_out: OptOut) -> &'static str {
    match opt_out {
        OptOut::Yes => "opt_out",
        OptOut::Unknown => "opt_out_unknown",
        OptOut::No if forbidden => "pii_found",
        OptOut::No => CLEAN,
    }
}
