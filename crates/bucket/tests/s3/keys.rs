//! Keys are opaque: whatever they look like, they name one object and no path.

use aws_sdk_s3::types::EncodingType;

use crate::support::{BUCKET, Store, count_files, status, stream};

const HOSTILE: [&str; 24] = [
    "a/../b",
    "b",
    "../../etc/passwd",
    "..",
    ".",
    "./x",
    "x",
    "/",
    "//",
    "/leading",
    "leading",
    "trailing/",
    "trailing",
    "empty//segment",
    "empty/segment",
    "Case",
    "case",
    "k",
    "k/child",
    "space and+plus %2F %",
    "back\\slash:*?\"<>|",
    "ünï/日本語/🙂",
    "a&b=c;d,e@f$g!h'i(j)#k",
    "index.redb",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_are_keys_like_any_other() {
    let mut store = Store::open().await;
    let longest = "k".repeat(1024);
    let keys: Vec<&str> = HOSTILE.into_iter().chain([longest.as_str()]).collect();
    for key in &keys {
        // Beyond the inline limit, so that each makes a file.
        store.put(key, key.repeat(5000)).await;
    }
    store.reopen().await;
    for key in &keys {
        assert!(store.get(key).await.unwrap() == key.repeat(5000).into_bytes(), "{key}");
    }
    let list = store.client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url);
    let listed = list.send().await.unwrap();
    let mut listed: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).map(decode).collect();
    let mut expected: Vec<String> = keys.iter().map(|key| key.to_string()).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    // Nothing outside the two places the store has.
    assert_eq!(count_files(store.dir.path()), keys.len() + 1);
    for (n, key) in keys.iter().enumerate() {
        store.delete(key).await;
        assert_eq!(store.get(key).await, None);
        for other in &keys[n + 1..] {
            let head = store.client.head_object().bucket(BUCKET).key(*other).send().await;
            assert!(head.is_ok(), "{other} went with {key}");
        }
    }
}

fn decode(encoded: &str) -> String {
    percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap().into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_1025_bytes_is_refused() {
    let store = Store::open().await;
    let put = store.client.put_object().bucket(BUCKET).key("k".repeat(1025));
    let refused = put.body(stream("x")).send().await.unwrap_err();
    assert_eq!(status(&refused), 400);
}

/// A control character, which XML cannot carry, survives a listing that is asked to encode.
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_survive_an_encoded_listing() {
    let store = Store::open().await;
    let key = "a\u{1}\u{7f}\t\nb";
    store.put(key, "x").await;
    assert_eq!(store.get(key).await.unwrap(), b"x");
    let list = store.client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url);
    let listed = list.send().await.unwrap();
    assert_eq!(decode(listed.contents()[0].key().unwrap()), key);
}
