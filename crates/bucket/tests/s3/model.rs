//! Random requests against the store and against a map: both must always agree, restarts included.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::support::{BUCKET, Store, status, stream};

/// Few keys, close to each other, so that requests meet.
const KEYS: [&str; 9] = ["a", "a/", "a/b", "a/b/c", "a0", "A", "b//c", "ü", "../a"];

#[derive(Clone, Debug)]
enum Step {
    Put { key: usize, size: usize, fill: u8, condition: Condition },
    Delete { key: usize, condition: Condition },
    Copy { from: usize, to: usize, condition: Condition },
    Get { key: usize, start: usize, length: usize },
    List { prefix: usize, delimiter: bool, page: i32 },
    Reopen,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Condition {
    None,
    Absent,
    /// If-Match with the ETag of what this key holds.
    Matches(usize),
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => Just(Condition::None),
        1 => Just(Condition::Absent),
        2 => (0..KEYS.len()).prop_map(Condition::Matches),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS.len();
    let size = prop_oneof![Just(0_usize), 1..300_usize, 4090..4100_usize, 5000..70_000_usize];
    prop_oneof![
        6 => (key(), size, 0..4_u8, condition())
            .prop_map(|(key, size, fill, condition)| Step::Put { key, size, fill, condition }),
        2 => (key(), condition()).prop_map(|(key, condition)| Step::Delete { key, condition }),
        2 => (key(), key(), condition()).prop_map(|(from, to, condition)| Step::Copy { from, to, condition }),
        3 => (key(), 0..5000_usize, 1..5000_usize).prop_map(|(key, start, length)| Step::Get { key, start, length }),
        2 => (key(), any::<bool>(), 1..5_i32).prop_map(|(prefix, delimiter, page)| Step::List { prefix, delimiter, page }),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Clone)]
struct Object {
    bytes: Vec<u8>,
    etag: String,
    /// Which put made the bytes; copies share it.
    origin: usize,
}

#[derive(Default)]
struct Model {
    objects: BTreeMap<&'static str, Object>,
    puts: usize,
}

impl Model {
    fn etag(&self, key: usize) -> String {
        let object = self.objects.get(KEYS[key]);
        object.map_or_else(|| "\"none\"".to_owned(), |object| object.etag.clone())
    }

    /// The status a write to `key` is refused with.
    fn refusal(&self, key: usize, condition: Condition) -> Option<u16> {
        let current = self.objects.get(KEYS[key]);
        match condition {
            Condition::None => None,
            Condition::Absent => current.map(|_| 412),
            Condition::Matches(other) => match current {
                None => Some(404),
                Some(object) => (object.etag != self.etag(other)).then_some(412),
            },
        }
    }

    fn headers(&self, condition: Condition) -> (Option<String>, Option<String>) {
        match condition {
            Condition::None => (None, None),
            Condition::Absent => (None, Some("*".into())),
            Condition::Matches(other) => (Some(self.etag(other)), None),
        }
    }
}

/// Carries out a step on both and compares the answers.
async fn take(store: &mut Store, model: &mut Model, step: Step) {
    match step {
        Step::Put { key, size, fill, condition } => {
            let (matches, absent) = model.headers(condition);
            let put = store.client.put_object().bucket(BUCKET).key(KEYS[key]);
            let put = put.set_if_match(matches).set_if_none_match(absent);
            let put = put.body(stream(vec![fill; size])).send().await;
            let expected = model.refusal(key, condition);
            assert_eq!(put.as_ref().err().map(status), expected);
            if let Ok(put) = put {
                model.puts += 1;
                let etag = put.e_tag().unwrap().to_owned();
                model.objects.insert(KEYS[key], Object { bytes: vec![fill; size], etag, origin: model.puts });
            }
        }
        Step::Delete { key, condition } => {
            let condition = if condition == Condition::Absent { Condition::None } else { condition };
            let delete = store.client.delete_object().bucket(BUCKET).key(KEYS[key]);
            let deleted = delete.set_if_match(model.headers(condition).0).send().await;
            let expected = model.refusal(key, condition);
            assert_eq!(deleted.as_ref().err().map(status), expected);
            if deleted.is_ok() {
                model.objects.remove(KEYS[key]);
            }
        }
        Step::Copy { from, to, condition } => {
            let (matches, absent) = model.headers(condition);
            let source = percent_encoding::utf8_percent_encode(KEYS[from], percent_encoding::NON_ALPHANUMERIC);
            let copy = store.client.copy_object().bucket(BUCKET).key(KEYS[to]);
            let copy = copy.copy_source(format!("{BUCKET}/{source}")).set_if_match(matches);
            let copied = copy.set_if_none_match(absent).send().await;
            let source = model.objects.get(KEYS[from]).cloned();
            let expected = match &source {
                _ if from == to => Some(400),
                None => Some(404),
                Some(_) => model.refusal(to, condition),
            };
            assert_eq!(copied.as_ref().err().map(status), expected);
            if let (Ok(_), Some(source)) = (copied, source) {
                model.objects.insert(KEYS[to], source);
            }
        }
        Step::Get { key, start, length } => get(store, model, key, start, length).await,
        Step::List { prefix, delimiter, page } => list(store, model, KEYS[prefix], delimiter, page).await,
        Step::Reopen => {
            store.reopen().await;
            check_files(store, model);
        }
    }
}

async fn get(store: &Store, model: &Model, key: usize, start: usize, length: usize) {
    let get = store.client.get_object().bucket(BUCKET).key(KEYS[key]);
    let got = get.range(format!("bytes={start}-{}", start + length - 1)).send().await;
    let Some(object) = model.objects.get(KEYS[key]) else {
        return assert_eq!(status(&got.unwrap_err()), 404);
    };
    if start >= object.bytes.len() {
        return assert_eq!(status(&got.unwrap_err()), 416);
    }
    let got = got.unwrap();
    assert_eq!(got.e_tag(), Some(object.etag.as_str()));
    let end = object.bytes.len().min(start + length);
    assert!(got.body.collect().await.unwrap().to_vec() == object.bytes[start..end]);
}

async fn list(store: &Store, model: &Model, prefix: &str, delimiter: bool, page: i32) {
    let mut listed = BTreeSet::new();
    let mut token = None;
    loop {
        let list = store.client.list_objects_v2().bucket(BUCKET).prefix(prefix).max_keys(page);
        let list = list.set_delimiter(delimiter.then(|| "/".into())).set_continuation_token(token);
        let answer = list.send().await.unwrap();
        let keys = answer.contents().iter().map(|object| (object.key().unwrap(), object.size()));
        listed.extend(keys.map(|(key, size)| (key.to_owned(), size)));
        let groups = answer.common_prefixes().iter().map(|group| group.prefix().unwrap());
        listed.extend(groups.map(|group| (group.to_owned(), None)));
        token = answer.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let expected = model.objects.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(key, object)| {
        match key[prefix.len()..].find('/').filter(|_| delimiter) {
            Some(at) => (key[..prefix.len() + at + 1].to_owned(), None),
            None => ((*key).to_owned(), Some(object.bytes.len() as i64)),
        }
    });
    assert_eq!(listed, expected.collect());
}

/// After a restart there is one file for each put above the inline limit that some object still has.
fn check_files(store: &Store, model: &Model) {
    let large = model.objects.values().filter(|object| object.bytes.len() > 4096);
    let origins: BTreeSet<_> = large.map(|object| object.origin).collect();
    assert_eq!(store.blob_files(), origins.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_a_map(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut store = Store::open().await;
            let mut model = Model::default();
            for step in steps {
                take(&mut store, &mut model, step).await;
            }
            for key in KEYS {
                let kept = model.objects.get(key).map(|object| object.bytes.clone());
                assert!(store.get(key).await == kept, "{key}");
            }
            take(&mut store, &mut model, Step::Reopen).await;
        });
    }
}
