//! Counts and sums per hour of `recorded_at`: by surface, event type and outcome, and by each dimension of the catalog. Whole days are
//! summed up once more, so that what a long window costs hardly depends on how full its hours are.

use std::collections::BTreeMap;

use nexus_model::{Decimal, Outcome, catalog::Amount};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Caps, HOUR_SECONDS, OTHER,
    days::Days,
    facts::{Facts, Measured},
    pairs,
};

/// What of a measure was added up, exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Counts, bytes, milliseconds, ….
    #[serde(default, skip_serializing_if = "is_zero", with = "wide")]
    pub whole: i128,
    /// Money, by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "money")]
    pub money: BTreeMap<String, Decimal>,
    /// Amounts that could not be added: of a currency beyond the cap, or beyond 128 bits.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde asks for
fn is_zero(number: &i128) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde asks for
fn is_none(number: &u64) -> bool {
    *number == 0
}

/// How many events, and what their measures sum to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Events.
    pub count: u64,
    /// By measure.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<String, Sum>,
}

/// A row's key: what happened, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeKey {
    /// Where it happened.
    pub surface: String,
    /// What happened.
    pub event_type: String,
    /// Whether it failed.
    pub failed: bool,
}

/// A row's key: successes of one type, by the value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupKey {
    /// What happened.
    pub event_type: String,
    /// The dimension's name.
    pub dimension: String,
    /// Its value, or [`OTHER`].
    pub value: String,
}

/// The rows of an hour, or of a day of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// By surface, type and outcome.
    #[serde(with = "pairs")]
    pub types: BTreeMap<TypeKey, Cell>,
    /// By dimension.
    #[serde(with = "pairs")]
    pub groups: BTreeMap<GroupKey, Cell>,
    /// Failures by code.
    pub errors: BTreeMap<String, u64>,
    /// Findings of the redactor by type.
    pub pii: BTreeMap<String, u64>,
    /// Events that may be trained on.
    pub train_ok: u64,
    /// Events that may not.
    pub train_denied: u64,
    /// Currencies with sums in it.
    currencies: BTreeMap<String, u64>,
}

impl Period {
    /// Events.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.train_ok + self.train_denied
    }

    /// Those that failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Adds another period's counts and sums to this one's.
    pub fn merge(&mut self, other: &Self) {
        merge_cells(&mut self.types, &other.types);
        merge_cells(&mut self.groups, &other.groups);
        merge_counts(&mut self.errors, &other.errors);
        merge_counts(&mut self.pii, &other.pii);
        merge_counts(&mut self.currencies, &other.currencies);
        self.train_ok += other.train_ok;
        self.train_denied += other.train_denied;
    }

    fn rows(&self) -> usize {
        self.types.len() + self.groups.len() + self.errors.len() + self.pii.len() + self.currencies.len()
    }

    /// The names that it holds, each with its kind.
    fn names(&self) -> impl Iterator<Item = (String, &str)> {
        let groups = self.groups.keys().map(|key| (kind_of(&key.event_type, &key.dimension), key.value.as_str()));
        let errors = self.errors.keys().map(|code| (ERROR.to_owned(), code.as_str()));
        let pii = self.pii.keys().map(|kind| (PII.to_owned(), kind.as_str()));
        let currencies = self.currencies.keys().map(|currency| (CURRENCY.to_owned(), currency.as_str()));
        groups.chain(errors).chain(pii).chain(currencies).filter(|(_, name)| *name != OTHER)
    }
}

fn merge_cells<K: Ord + Clone>(into: &mut BTreeMap<K, Cell>, from: &BTreeMap<K, Cell>) {
    for (key, cell) in from {
        match into.get_mut(key) {
            Some(known) => known.merge(cell),
            None => drop(into.insert(key.clone(), cell.clone())),
        }
    }
}

fn merge_counts(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (name, count) in from {
        match into.get_mut(name) {
            Some(known) => *known = known.saturating_add(*count),
            None => drop(into.insert(name.clone(), *count)),
        }
    }
}

const ERROR: &str = "error";
const PII: &str = "pii";
const CURRENCY: &str = "currency";

/// A dimension's kind of names; it holds a `/`, which the others do not.
fn kind_of(event_type: &str, dimension: &str) -> String {
    format!("{event_type}/{dimension}")
}

/// The names that are told apart, by kind: those of the kept hours, at most so many of a kind. How many hours hold each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names(BTreeMap<String, BTreeMap<String, u32>>);

impl Names {
    /// What `name` is called: itself, or [`OTHER`] where it is new and there are too many.
    fn admit<'n>(&self, kind: &str, name: &'n str, max: usize) -> &'n str {
        let Some(known) = self.0.get(kind) else { return name };
        if known.contains_key(name) || known.len() < max { name } else { OTHER }
    }

    /// An hour holds it now.
    fn hold(&mut self, kind: &str, name: &str) {
        if name != OTHER {
            *self.0.entry(kind.to_owned()).or_default().entry(name.to_owned()).or_default() += 1;
        }
    }

    /// An hour that held it went.
    fn release(&mut self, kind: &str, name: &str) {
        let Some(known) = self.0.get_mut(kind) else { return };
        if let Some(hours) = known.get_mut(name) {
            *hours -= 1;
            if *hours == 0 {
                known.remove(name);
            }
        }
    }
}

/// The hours of one tenant and environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollups {
    /// By the number of the hour since the Unix epoch. Hours without events have no row.
    #[serde(with = "pairs")]
    pub hours: BTreeMap<i64, Period>,
    /// The newest hour that went because there were too many hours or rows.
    pub dropped: Option<i64>,
    /// Follows from `hours`.
    #[serde(skip)]
    days: Days,
    /// Follows from `hours`.
    #[serde(skip)]
    names: Names,
    /// Follows from `hours`.
    #[serde(skip)]
    rows: usize,
}

impl Rollups {
    pub(super) fn add(&mut self, facts: &Facts<'_>, caps: &Caps) {
        let number = facts.recorded_at.micros().div_euclid(HOUR_SECONDS * 1_000_000);
        self.days.forget(number);
        let is_new = !self.hours.contains_key(&number);
        let hour = self.hours.entry(number).or_default();
        let before = hour.rows();
        Filling { hour, names: &mut self.names, max: caps.names }.add(facts);
        self.rows += hour.rows() - before;
        while self.hours.len() > 1 && (self.hours.len() > caps.hours || self.rows > caps.rows) {
            self.drop_oldest();
        }
        if is_new {
            self.days.sum_up(&self.hours, self.dropped);
        }
    }

    /// What the hours from number `first` on sum up to, piece by piece: whole days where they are over, hours elsewhere.
    pub fn since(&self, first: i64) -> impl Iterator<Item = &Period> {
        self.days.pieces(&self.hours, first)
    }

    fn drop_oldest(&mut self) {
        let Some((number, hour)) = self.hours.pop_first() else { return };
        self.days.forget(number);
        self.rows -= hour.rows();
        for (kind, name) in hour.names() {
            self.names.release(&kind, name);
        }
        self.dropped = self.dropped.max(Some(number));
    }

    /// Brings back what is not kept, because it follows from the rest.
    pub(super) fn complete(&mut self) {
        self.rows = self.hours.values().map(Period::rows).sum();
        self.days.sum_up(&self.hours, self.dropped);
        self.names = Names::default();
        for hour in self.hours.values() {
            for (kind, name) in hour.names() {
                self.names.hold(&kind, name);
            }
        }
    }
}

/// An hour in the filling.
struct Filling<'a> {
    hour: &'a mut Period,
    names: &'a mut Names,
    max: usize,
}

impl Filling<'_> {
    fn add(&mut self, facts: &Facts<'_>) {
        let failed = facts.outcome == Outcome::Failure;
        let currencies: Vec<Option<String>> =
            facts.measured.iter().map(|one| one.currency.as_deref().and_then(|name| self.currency(name))).collect();
        let measured = || facts.measured.iter().zip(&currencies).map(|(one, currency)| (one, currency.as_deref()));
        let key = TypeKey { surface: facts.surface.to_owned(), event_type: facts.event_type.to_owned(), failed };
        self.hour.types.entry(key).or_default().add(measured());
        for (dimension, value) in &facts.groups {
            let kind = kind_of(facts.event_type, dimension);
            let value = self.names.admit(&kind, value, self.max);
            let key = GroupKey {
                event_type: facts.event_type.to_owned(),
                dimension: (*dimension).to_owned(),
                value: value.to_owned(),
            };
            if !self.hour.groups.contains_key(&key) {
                self.names.hold(&kind, value);
            }
            self.hour.groups.entry(key).or_default().add(measured());
        }
        if failed {
            let code = self.names.admit(ERROR, facts.error_code.unwrap_or(NO_CODE), self.max);
            count(&mut self.hour.errors, self.names, ERROR, code, 1);
        }
        for (kind, found) in &facts.pii {
            let kind = self.names.admit(PII, kind, self.max);
            count(&mut self.hour.pii, self.names, PII, kind, *found);
        }
        *(if facts.train_ok { &mut self.hour.train_ok } else { &mut self.hour.train_denied }) += 1;
    }

    /// A currency's name, or `None` beyond the cap: sums of different currencies are never added up, not even under `other`.
    fn currency(&mut self, name: &str) -> Option<String> {
        let admitted = self.names.admit(CURRENCY, name, self.max);
        count(&mut self.hour.currencies, self.names, CURRENCY, admitted, 1);
        (admitted == name).then(|| name.to_owned())
    }
}

/// What failures are counted under that name no code.
const NO_CODE: &str = "none";

fn count(rows: &mut BTreeMap<String, u64>, names: &mut Names, kind: &str, name: &str, by: u64) {
    if let Some(row) = rows.get_mut(name) {
        *row = row.saturating_add(by);
    } else {
        names.hold(kind, name);
        rows.insert(name.to_owned(), by);
    }
}

impl Cell {
    fn add<'m>(&mut self, measured: impl Iterator<Item = (&'m Measured<'m>, Option<&'m str>)>) {
        self.count += 1;
        for (one, currency) in measured {
            if !self.sums.contains_key(one.name) {
                self.sums.insert(one.name.to_owned(), Sum::default());
            }
            if let Some(sum) = self.sums.get_mut(one.name) {
                sum.add(one.amount, currency);
            }
        }
    }

    /// Adds another cell's counts and sums to this one's.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (name, sum) in &other.sums {
            self.sums.entry(name.clone()).or_default().merge(sum);
        }
    }
}

impl Sum {
    fn add(&mut self, amount: Amount, currency: Option<&str>) {
        match (amount, currency) {
            (Amount::Integer(amount), _) => self.whole = self.whole.saturating_add(amount.into()),
            (Amount::Decimal(amount), Some(currency)) => self.pay(currency, amount),
            (Amount::Decimal(_), None) => self.left_out += 1,
        }
    }

    fn pay(&mut self, currency: &str, amount: Decimal) {
        let known = self.money.get(currency).copied().unwrap_or(Decimal::ZERO);
        match known.checked_add(amount) {
            Some(sum) => {
                self.money.insert(currency.to_owned(), sum);
            }
            None => self.left_out += 1,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.whole = self.whole.saturating_add(other.whole);
        self.left_out += other.left_out;
        for (currency, amount) in &other.money {
            self.pay(currency, *amount);
        }
    }
}

/// 128-bit numbers as text, which JSON's readers would round.
mod wide {
    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Decimals by their parts: a sum may be longer than a text that is read.
mod money {
    use super::{BTreeMap, Decimal, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        money: &BTreeMap<String, Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(money.iter().map(|(currency, amount)| {
            let (nanos, scale) = amount.parts();
            (currency, (nanos.to_string(), scale))
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Decimal>, D::Error> {
        let parts = BTreeMap::<String, (String, u8)>::deserialize(deserializer)?;
        let decimal = |(nanos, scale): (String, u8)| Decimal::from_parts(nanos.parse().ok()?, scale);
        let read = parts.into_iter().map(|(currency, parts)| decimal(parts).map(|amount| (currency, amount)));
        read.collect::<Option<_>>().ok_or_else(|| serde::de::Error::custom("not the parts of a decimal"))
    }
}
