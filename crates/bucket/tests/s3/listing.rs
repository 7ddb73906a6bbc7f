//! Listing: order, prefixes, groups and pages.

use std::collections::BTreeSet;

use crate::support::{BUCKET, Store};

const KEYS: [&str; 12] = ["a", "a/1", "a/2/x", "a/2/y", "a0", "b/1", "b/2", "b/3", "c", "d//e", "d//f", "é"];

async fn filled() -> Store {
    let store = Store::open().await;
    for key in KEYS.iter().rev() {
        store.put(key, *key).await;
    }
    store
}

/// Objects and groups, page by page, as `key` and `group/`.
async fn walk(store: &Store, prefix: &str, delimiter: Option<&str>, page: i32) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut groups, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let list = store.client.list_objects_v2().bucket(BUCKET).prefix(prefix).max_keys(page);
        let list = list.set_delimiter(delimiter.map(str::to_owned)).set_continuation_token(token);
        let listed = list.send().await.unwrap();
        let count = listed.contents().len() + listed.common_prefixes().len();
        assert_eq!(listed.key_count(), Some(count as i32));
        assert!(count <= page as usize);
        keys.extend(listed.contents().iter().map(|object| object.key().unwrap().to_owned()));
        groups.extend(listed.common_prefixes().iter().map(|group| group.prefix().unwrap().to_owned()));
        token = listed.next_continuation_token().map(str::to_owned);
        assert_eq!(listed.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            return (keys, groups);
        }
        assert_eq!(count, page as usize, "a page that is not the last is full");
    }
}

/// The definition, applied to all keys at once.
fn expected(prefix: &str, delimiter: Option<&str>) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut groups) = (Vec::new(), BTreeSet::new());
    for key in KEYS.iter().copied().collect::<BTreeSet<_>>() {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        match delimiter.and_then(|delimiter| Some((rest.find(delimiter)?, delimiter))) {
            Some((at, delimiter)) => {
                groups.insert(format!("{prefix}{}", &rest[..at + delimiter.len()]));
            }
            None => keys.push(key.to_owned()),
        }
    }
    (keys, groups.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_size_gives_the_same_walk() {
    let store = filled().await;
    for prefix in ["", "a", "a/", "a/2", "b/", "d/", "zzz", "é"] {
        for delimiter in [None, Some("/"), Some("2"), Some("//")] {
            for page in [1, 2, 3, 5, 1000] {
                let walked = walk(&store, prefix, delimiter, page).await;
                assert_eq!(walked, expected(prefix, delimiter), "{prefix} {delimiter:?} {page}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn start_after_begins_after_the_key() {
    let store = filled().await;
    let list = || store.client.list_objects_v2().bucket(BUCKET);
    let listed = list().start_after("b/2").send().await.unwrap();
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["b/3", "c", "d//e", "d//f", "é"]);
    let listed = list().start_after("b/").delimiter("/").send().await.unwrap();
    let groups: Vec<_> = listed.common_prefixes().iter().filter_map(|group| group.prefix()).collect();
    assert_eq!(groups, ["d/"]);
    assert_eq!(list().max_keys(0).send().await.unwrap().key_count(), Some(0));
    assert!(list().continuation_token("!!").send().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_listing_walks_by_marker() {
    let store = filled().await;
    let (mut keys, mut groups, mut marker) = (Vec::new(), Vec::new(), None);
    loop {
        let list = store.client.list_objects().bucket(BUCKET).delimiter("/").max_keys(2);
        let listed = list.set_marker(marker).send().await.unwrap();
        keys.extend(listed.contents().iter().map(|object| object.key().unwrap().to_owned()));
        groups.extend(listed.common_prefixes().iter().map(|group| group.prefix().unwrap().to_owned()));
        marker = listed.next_marker().map(str::to_owned);
        if listed.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!((keys, groups), expected("", Some("/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_stays_in_its_bucket() {
    let store = filled().await;
    // Names around the test bucket's in byte order.
    for bucket in ["test-bucke", "test-bucket-1", "test-bucket0"] {
        store.client.create_bucket().bucket(bucket).send().await.unwrap();
        let put = store.client.put_object().bucket(bucket).key("elsewhere");
        put.send().await.unwrap();
    }
    assert_eq!(walk(&store, "", None, 1000).await, expected("", None));
}
