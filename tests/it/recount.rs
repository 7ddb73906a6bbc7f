//! A recount: what a dashboard should say, worked out from the events themselves by code that shares nothing with the server's.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Client;

/// Units of 10⁻⁹.
fn nanos(text: &str) -> i128 {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    sign * format!("{whole}{fraction:0<9}").parse::<i128>().unwrap()
}

/// What the events say, counted here.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) total: u64,
    failures: u64,
    by_surface: BTreeMap<String, u64>,
    by_hour: BTreeMap<String, (u64, u64)>,
    by_code: BTreeMap<String, u64>,
    pii: BTreeMap<String, u64>,
    train: (u64, u64),
    /// Currency, dimension, value.
    cost: BTreeMap<(String, String, String), i128>,
    /// Assets, bytes.
    pub(crate) stored: (i64, i64),
    pub(crate) pending: i64,
    /// The newest value of each indicator.
    kpis: BTreeMap<String, Value>,
    /// The values of each temperature, newest first.
    temperatures: BTreeMap<String, Vec<Value>>,
    /// The newest payload.
    kill_switch: Value,
}

/// Snapshots of a temperature that a dashboard shows.
const RECENT: usize = 20;

impl Counted {
    pub(crate) fn of(events: &[Value]) -> Self {
        let mut counted = Self::default();
        for event in events {
            let failed = event["outcome"] == "failure";
            counted.total += 1;
            counted.failures += u64::from(failed);
            *counted.by_surface.entry(text(&event["surface"])).or_default() += 1;
            let hour = format!("{}:00:00.000000Z", &text(&event["recorded_at"])[..13]);
            let of_hour = counted.by_hour.entry(hour).or_default();
            *of_hour = (of_hour.0 + 1, of_hour.1 + u64::from(failed));
            if failed {
                *counted.by_code.entry(text(&event["error_code"])).or_default() += 1;
            }
            for (kind, count) in event["pii_flags"]["flags"].as_object().unwrap() {
                *counted.pii.entry(kind.clone()).or_default() += count.as_u64().unwrap();
            }
            *(if event["train_ok"] == true { &mut counted.train.0 } else { &mut counted.train.1 }) += 1;
            if !failed {
                counted.success(event);
            }
        }
        counted
    }

    fn success(&mut self, event: &Value) {
        let (input, size) = (&event["input"], event["output"]["size_bytes"].as_i64());
        match event["event_type"].as_str().unwrap() {
            "usage_recorded" => {
                for (dimension, field) in [
                    ("total", "cost"),
                    ("by_provider", "provider"),
                    ("by_model", "model_or_plan_id"),
                    ("by_tool_type", "tool_type"),
                ] {
                    let Some(value) = input[field].as_str() else { continue };
                    let value = if field == "cost" { "" } else { value };
                    let key = (text(&input["currency"]), dimension.to_owned(), value.to_owned());
                    *self.cost.entry(key).or_default() += nanos(input["cost"].as_str().unwrap());
                }
            }
            "raw_asset_presigned" => self.pending += 1,
            "raw_asset_registered" => {
                self.pending -= 1;
                self.stored = (self.stored.0 + 1, self.stored.1 + size.unwrap());
            }
            "kpi_measured" => {
                self.kpis.insert(text(&input["kpi_name"]), input["value"].clone());
            }
            "temperature_snapshot_taken" => {
                let values = self.temperatures.entry(text(&input["of_surface"])).or_default();
                values.insert(0, input["value"].clone());
                values.truncate(RECENT);
            }
            "kill_switch_updated" => self.kill_switch = input.clone(),
            "raw_asset_deleted" => self.stored = (self.stored.0 - 1, self.stored.1 - size.unwrap()),
            _ => {}
        }
    }

    /// The same, as a dashboard says it.
    pub(crate) fn shown(dashboard: &Value) -> Self {
        let activity = &dashboard["activity"];
        let map = |value: &Value| members(value, |count| count.as_u64().unwrap());
        let mut cost = BTreeMap::new();
        for (currency, spent) in dashboard["budget"]["by_currency"].as_object().unwrap() {
            cost.insert((currency.clone(), "total".into(), String::new()), nanos(spent["total"].as_str().unwrap()));
            for dimension in ["by_provider", "by_model", "by_tool_type"] {
                for (value, amount) in spent[dimension].as_object().unwrap() {
                    let key = (currency.clone(), dimension.to_owned(), value.clone());
                    cost.insert(key, nanos(amount.as_str().expect("money is a string")));
                }
            }
        }
        let hours = activity["by_hour"].as_array().unwrap().iter();
        let storage = &dashboard["storage"];
        let number = |value: &Value| value.as_i64().unwrap();
        Self {
            total: activity["total"].as_u64().unwrap(),
            failures: activity["failures"].as_u64().unwrap(),
            by_surface: map(&activity["by_surface"]),
            by_hour: hours
                .map(|hour| {
                    (text(&hour["hour"]), (hour["count"].as_u64().unwrap(), hour["failures"].as_u64().unwrap()))
                })
                .collect(),
            by_code: map(&dashboard["errors"]["by_code"]),
            pii: map(&dashboard["privacy"]["pii_found"]),
            train: (
                dashboard["privacy"]["train_ok"].as_u64().unwrap(),
                dashboard["privacy"]["train_denied"].as_u64().unwrap(),
            ),
            cost,
            stored: (number(&storage["assets"]), number(&storage["bytes"])),
            pending: number(&storage["pending"]),
            kpis: members(&dashboard["kpi"]["kpis"], |kpi| kpi["value"].clone()),
            temperatures: members(&dashboard["temperature"]["surfaces"], |surface| {
                let recent = surface["recent"].as_array().unwrap();
                assert_eq!(recent.first().map(|newest| &newest["value"]), Some(&surface["current"]["value"]));
                recent.iter().map(|snapshot| snapshot["value"].clone()).collect()
            }),
            kill_switch: without(&dashboard["controls"]["kill_switch"], &["at", "by"]),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The members of an object, each seen so.
fn members<T>(object: &Value, see: impl Fn(&Value) -> T) -> BTreeMap<String, T> {
    object.as_object().unwrap().iter().map(|(name, value)| (name.clone(), see(value))).collect()
}

fn without(object: &Value, names: &[&str]) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        names.iter().for_each(|name| drop(members.remove(*name)));
    }
    object
}

/// The dashboard, and a count of the events up to the position that it reflects.
pub(crate) async fn shown_and_counted(client: &Client) -> (Value, Counted) {
    let dashboard = client.get("/nexus/dashboard?window=24h", 200).await.json();
    let position = dashboard["activity"]["position"].as_array().unwrap();
    let sizes: BTreeMap<String, u64> =
        position.iter().map(|log| (text(&log["log"]), log["size"].as_u64().unwrap())).collect();
    let mut events = client.events("include_reads=true&order=asc&limit=500").await;
    events.retain(|event| event["ledger"]["seq"].as_u64().unwrap() < sizes[event["ledger"]["log"].as_str().unwrap()]);
    (dashboard, Counted::of(&events))
}
