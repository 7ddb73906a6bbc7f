//! One field of an event's `input`: its name, whether it must be there, and what it may hold.

use serde::Deserialize;

use crate::id::EventType;

/// The largest integer that every JSON reader keeps exact: 2^53 − 1 (RFC 7493, section 2.2).
pub const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;
/// The most code points of a name: of a provider, a KPI, a lock.
pub const MAX_NAME: u32 = 128;
/// The most code points of any text: what one event may hold in bytes binds first.
pub const MAX_TEXT: u32 = 262_144;
/// The most items of a list.
pub const MAX_ITEMS: u32 = 1_000;
/// The most words that a field may choose from.
pub const MAX_WORDS: usize = 64;

/// Names that every event type takes, or that mean something else; no row may declare them.
pub(super) const RESERVED: [&str; 3] = ["asset_id", DURATION, EXTRA];
/// How long the action took. Milliseconds.
pub(super) const DURATION: &str = "duration_ms";
/// Where a caller's own fields go.
pub(super) const EXTRA: &str = "extra";

/// What a field may hold. `null` counts as absent, as everywhere in the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// A string of `min` to `max` Unicode code points.
    Text {
        /// The fewest.
        min: u32,
        /// The most.
        max: u32,
    },
    /// One of these strings.
    Word(Vec<String>),
    /// A whole number; `3.0` is one, as in JSON Schema and in RFC 8785, which writes it `3`.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Any finite number. Never for money, and never summed.
    Number,
    /// Money: a string in the form of [`Decimal::FORM`](super::Decimal::FORM).
    Decimal,
    /// An ISO 4217 code by its form, `^[A-Z]{3}$`. Which codes are in use changes, and is the caller's knowledge.
    Currency,
    /// An RFC 3339 time, as [`Timestamp`](crate::Timestamp) reads it.
    Time,
    /// True or false.
    Boolean,
    /// A list of at most `items` strings of 1 to `max` code points.
    TextList {
        /// The most items.
        items: u32,
        /// The most code points of one.
        max: u32,
    },
    /// An object of whatever the caller likes.
    Object,
    /// Any JSON.
    Any,
}

/// A field of `input`.
///
/// In configuration: `{name, type, required, min, max, max_items, words}`, where `type` is `text` (`min`, default 1, and
/// `max`, default [`MAX_NAME`], in code points), `word` (`words`), `integer` (`min`, default 0, and `max`), `number`,
/// `decimal`, `currency`, `time`, `boolean`, `text_list` (`max_items`, `max`), `object` or `any`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "FieldConfig")]
#[non_exhaustive]
pub struct Field {
    /// Its key in `input`.
    pub name: String,
    /// Whether a success must carry it. A failure need not: a failed action may not know it.
    pub required: bool,
    /// What it may hold.
    pub field_type: FieldType,
}

impl Field {
    pub(super) fn new(name: &str, required: bool, field_type: FieldType) -> Self {
        Self { name: name.to_owned(), required, field_type }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldConfig {
    name: String,
    #[serde(rename = "type")]
    type_name: TypeName,
    #[serde(default)]
    required: bool,
    min: Option<i64>,
    max: Option<i64>,
    max_items: Option<u32>,
    words: Option<Vec<String>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum TypeName {
    Text,
    Word,
    Integer,
    Number,
    Decimal,
    Currency,
    Time,
    Boolean,
    TextList,
    Object,
    Any,
}

impl TryFrom<FieldConfig> for Field {
    type Error = String;

    fn try_from(mut config: FieldConfig) -> Result<Self, String> {
        // A field's name has the form of an event type's: lower-case snake case of at most 64 characters.
        if config.name.parse::<EventType>().is_err() {
            return Err(format!("field name: expected {}", EventType::FORM));
        }
        let field_type = read_type(&mut config).map_err(|fault| format!("field {}: {fault}", config.name))?;
        let left = [
            ("min", config.min.is_some()),
            ("max", config.max.is_some()),
            ("max_items", config.max_items.is_some()),
            ("words", config.words.is_some()),
        ];
        if let Some((option, _)) = left.iter().find(|(_, is_left)| *is_left) {
            return Err(format!("field {}: `{option}` does not apply to its type", config.name));
        }
        Ok(Self { name: config.name, required: config.required, field_type })
    }
}

/// Takes what the type needs out of `config`; what is left does not apply to it.
fn read_type(config: &mut FieldConfig) -> Result<FieldType, String> {
    Ok(match config.type_name {
        TypeName::Text => {
            let max = bounded("max", config.max.take().unwrap_or(MAX_NAME.into()), 1, MAX_TEXT)?;
            FieldType::Text { min: bounded("min", config.min.take().unwrap_or(1), 0, max)?, max }
        }
        TypeName::TextList => FieldType::TextList {
            items: bounded("max_items", config.max_items.take().unwrap_or(MAX_ITEMS).into(), 1, MAX_ITEMS)?,
            max: bounded("max", config.max.take().unwrap_or(MAX_NAME.into()), 1, MAX_TEXT)?,
        },
        TypeName::Word => FieldType::Word(words(config.words.take().unwrap_or_default())?),
        TypeName::Integer => {
            let (min, max) = (config.min.take().unwrap_or(0), config.max.take().unwrap_or(MAX_SAFE_INTEGER));
            if min < -MAX_SAFE_INTEGER || max > MAX_SAFE_INTEGER || min > max {
                return Err(format!("expected min <= max, both within ±{MAX_SAFE_INTEGER}"));
            }
            FieldType::Integer { min, max }
        }
        TypeName::Number => FieldType::Number,
        TypeName::Decimal => FieldType::Decimal,
        TypeName::Currency => FieldType::Currency,
        TypeName::Time => FieldType::Time,
        TypeName::Boolean => FieldType::Boolean,
        TypeName::Object => FieldType::Object,
        TypeName::Any => FieldType::Any,
    })
}

fn words(words: Vec<String>) -> Result<Vec<String>, String> {
    let distinct = words.iter().collect::<std::collections::BTreeSet<_>>().len() == words.len();
    let short = words.iter().all(|word| (1..=MAX_NAME as usize).contains(&word.len()));
    if (1..=MAX_WORDS).contains(&words.len()) && distinct && short {
        Ok(words)
    } else {
        Err(format!("expected 1 to {MAX_WORDS} distinct `words` of 1 to {MAX_NAME} bytes"))
    }
}

fn bounded(option: &str, value: i64, min: u32, max: u32) -> Result<u32, String> {
    u32::try_from(value)
        .ok()
        .filter(|value| (min..=max).contains(value))
        .ok_or_else(|| format!("`{option}` is not within {min} to {max}"))
}
