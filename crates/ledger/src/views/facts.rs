//! What one event contributes: read from its leaf with no more of it parsed than its catalog row asks for.

use std::{borrow::Cow, collections::BTreeMap, collections::HashMap, fmt};

use nexus_model::{
    Catalog, EventId, Outcome, Timestamp,
    catalog::{Amount, Readable, Row, Source},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};

use super::uploads::UploadFact;

/// The catalog's rows by event type, which is unique in the whole catalog.
pub(super) struct Rows(HashMap<String, Row>);

impl Rows {
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self(catalog.rows().map(|row| (row.event_type.as_str().to_owned(), row.clone())).collect())
    }
}

/// Tells catalogs apart by what the fold reads of them.
pub(super) fn fingerprint(catalog: &Catalog) -> String {
    let mut hash = Sha256::new();
    for row in catalog.rows() {
        hash.update(
            format!("{:?}{:?}{:?}{:?}{:?};", row.surface, row.event_type, row.measures, row.dimensions, row.latest)
                .as_bytes(),
        );
    }
    hex::encode(hash.finalize())
}

/// A leaf, borrowed. Canonical JSON escapes nothing in identifiers, so they can be.
#[derive(Deserialize)]
pub(super) struct Leaf<'a> {
    pub event_id: EventId,
    surface: &'a str,
    event_type: &'a str,
    outcome: Outcome,
    #[serde(default)]
    error_code: Option<&'a str>,
    user_id: &'a str,
    #[serde(default)]
    asset_id: Option<&'a str>,
    #[serde(borrow)]
    input: &'a RawValue,
    #[serde(borrow)]
    output: &'a RawValue,
    #[serde(borrow)]
    pii_flags: Flags<'a>,
    train_ok: bool,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
}

#[derive(Deserialize)]
struct Flags<'a> {
    #[serde(borrow)]
    flags: BTreeMap<Cow<'a, str>, u64>,
}

/// As much of an event as its row reads.
struct Picked<'a> {
    input: Value,
    output: Value,
    asset_id: Option<&'a str>,
}

impl Readable for Picked<'_> {
    fn input(&self) -> &Value {
        &self.input
    }

    fn output(&self) -> &Value {
        &self.output
    }

    fn asset_id(&self) -> Option<&str> {
        self.asset_id
    }
}

/// An amount of a measure, in which currency where it is money.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured<'r> {
    pub name: &'r str,
    pub amount: Amount,
    pub currency: Option<String>,
}

/// The payload of a latest-row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LatestFact<'r> {
    pub view: &'r str,
    pub keep: usize,
    pub key: Vec<String>,
    pub input: Value,
}

/// What one event contributes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts<'a> {
    pub event_id: EventId,
    pub surface: &'a str,
    pub event_type: &'a str,
    pub outcome: Outcome,
    pub error_code: Option<&'a str>,
    pub user_id: &'a str,
    pub asset_id: Option<&'a str>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub train_ok: bool,
    pub pii: Vec<(String, u64)>,
    pub measured: Vec<Measured<'a>>,
    /// Dimension and value.
    pub groups: Vec<(&'a str, String)>,
    pub latest: Option<LatestFact<'a>>,
    pub upload: Option<UploadFact>,
}

impl<'a> Facts<'a> {
    /// Reads a leaf.
    ///
    /// # Errors
    /// When it is no event of this version's form.
    pub(super) fn read(rows: &'a Rows, leaf: &'a [u8]) -> Result<Self, serde_json::Error> {
        let leaf: Leaf<'a> = serde_json::from_slice(leaf)?;
        let row = rows.0.get(leaf.event_type).filter(|row| row.surface.as_str() == leaf.surface);
        let mut facts = Facts {
            event_id: leaf.event_id,
            surface: leaf.surface,
            event_type: leaf.event_type,
            outcome: leaf.outcome,
            error_code: leaf.error_code,
            user_id: leaf.user_id,
            asset_id: leaf.asset_id,
            occurred_at: leaf.occurred_at,
            recorded_at: leaf.recorded_at,
            train_ok: leaf.train_ok,
            pii: leaf.pii_flags.flags.into_iter().map(|(name, count)| (name.into_owned(), count)).collect(),
            measured: Vec::new(),
            groups: Vec::new(),
            latest: None,
            upload: None,
        };
        let Some(row) = row else { return Ok(facts) };
        let success = leaf.outcome == Outcome::Success;
        let whole = success && row.latest.is_some();
        let input = if whole { parse(leaf.input)? } else { pick(leaf.input, |name| reads(row, name, false))? };
        let upload = if row.emitted_by_nexus && success { UploadFact::wants(leaf.event_type) } else { &[] };
        let output = pick(leaf.output, |name| reads(row, name, true) || upload.contains(&name))?;
        let picked = Picked { input, output, asset_id: leaf.asset_id };
        facts.measured = measured(row, &picked);
        if success {
            facts.groups = groups(row, &picked);
            if !upload.is_empty() || UploadFact::is_about(leaf.event_type) {
                let size = pick(leaf.input, |name| name == "size_bytes")?;
                facts.upload = UploadFact::of(leaf.event_type, leaf.asset_id, &size, &picked.output);
            }
            facts.latest = latest(row, picked);
        }
        Ok(facts)
    }
}

fn measured<'r>(row: &'r Row, event: &Picked<'_>) -> Vec<Measured<'r>> {
    let one = |measure: &'r nexus_model::catalog::Measure| {
        let amount = measure.of(event)?;
        let currency = match &measure.currency {
            Some(source) => Some(source.text(event)?.to_owned()),
            // Money whose currency nobody names is added to nothing.
            None if matches!(amount, Amount::Decimal(_)) => return None,
            None => None,
        };
        Some(Measured { name: &measure.name, amount, currency })
    };
    row.measures.iter().filter_map(one).collect()
}

/// Sums of money are kept per currency anyway, so the currency of a measure is no group of its own.
fn groups<'r>(row: &'r Row, event: &Picked<'_>) -> Vec<(&'r str, String)> {
    let is_currency = |source: &Source| row.measures.iter().any(|measure| measure.currency.as_ref() == Some(source));
    let dimensions = row.dimensions.iter().filter(|dimension| !is_currency(&dimension.source));
    dimensions.filter_map(|one| Some((one.name.as_str(), one.source.text(event)?.to_owned()))).collect()
}

fn latest<'r>(row: &'r Row, event: Picked<'_>) -> Option<LatestFact<'r>> {
    let latest = row.latest.as_ref()?;
    let key = latest.key_of(&event)?.into_iter().map(ToOwned::to_owned).collect();
    Some(LatestFact { view: &latest.view, keep: latest.keep as usize, key, input: event.input })
}

/// Whether a row reads this member of `input`, or of `output`.
fn reads(row: &Row, name: &str, output: bool) -> bool {
    let is = |source: &Source| match source {
        Source::Input(own) => !output && own == name,
        Source::Output(own) => output && own == name,
        Source::AssetId => false,
    };
    row.measures.iter().any(|one| is(&one.source) || one.currency.as_ref().is_some_and(is))
        || row.dimensions.iter().any(|one| is(&one.source))
}

fn parse(raw: &RawValue) -> Result<Value, serde_json::Error> {
    serde_json::from_str(raw.get())
}

/// The members of an object that are wanted; an empty one where it is no object.
fn pick(raw: &RawValue, wanted: impl Fn(&str) -> bool) -> Result<Value, serde_json::Error> {
    if !raw.get().starts_with('{') || raw.get() == "{}" {
        return Ok(Value::Object(Map::new()));
    }
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    Pick(wanted).deserialize(&mut deserializer).map(Value::Object)
}

struct Pick<F>(F);

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Pick<F> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Pick<F> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut picked = Map::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if (self.0)(&name) {
                picked.insert(name.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(picked)
    }
}
