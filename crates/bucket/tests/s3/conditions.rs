//! Conditional requests: exact one by one and in a race.

use aws_sdk_s3::primitives::DateTime;
use futures::future::join_all;

use crate::checksums::wait_for_no_files;
use crate::support::{BUCKET, Store, bytes, code, status, stream};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_who_create_exactly_one_wins() {
    let store = Store::open().await;
    // Both ways of keeping bytes, many times over: a race that is lost once in a hundred still shows.
    for round in 0..60 {
        let size = if round % 2 == 0 { 64 } else { 20_000 };
        let key = format!("race/{round}");
        let puts = (0..8_u8).map(|writer| {
            let put = store.client.put_object().bucket(BUCKET).key(&key).if_none_match("*");
            put.body(stream(vec![writer; size])).send()
        });
        let results = join_all(puts).await;
        let winners: Vec<_> = results.iter().enumerate().filter(|(_, put)| put.is_ok()).collect();
        assert_eq!(winners.len(), 1, "round {round}");
        let losers = results.iter().filter_map(|put| put.as_ref().err());
        assert!(losers.clone().all(|error| (status(error), code(error)) == (412, "PreconditionFailed".into())));
        let kept = store.get(&key).await.unwrap();
        assert_eq!(kept, vec![winners[0].0 as u8; size]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn updates_with_if_match_lose_nothing() {
    let store = Store::open().await;
    store.put("counter", "0").await;
    let increments = (0..8).map(|_| async {
        for _ in 0..10 {
            while !increment(&store).await {}
        }
    });
    join_all(increments).await;
    assert_eq!(store.get("counter").await.unwrap(), b"80");
}

/// Whether it was counted; not when somebody else was faster.
async fn increment(store: &Store) -> bool {
    let got = store.client.get_object().bucket(BUCKET).key("counter").send().await.unwrap();
    let etag = got.e_tag().unwrap().to_owned();
    let count = String::from_utf8(got.body.collect().await.unwrap().to_vec()).unwrap();
    let next = (count.parse::<u32>().unwrap() + 1).to_string();
    let put = store.client.put_object().bucket(BUCKET).key("counter").if_match(etag);
    match put.body(stream(next)).send().await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(status(&error), 412);
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_delete_a_version_and_replace_it_exactly_one_wins() {
    let store = Store::open().await;
    for round in 0..20 {
        let key = format!("k/{round}");
        let etag = store.put(&key, bytes(5_000)).await.e_tag().unwrap().to_owned();
        let delete = store.client.delete_object().bucket(BUCKET).key(&key).if_match(&etag).send();
        let put = store.client.put_object().bucket(BUCKET).key(&key).if_match(&etag);
        let (deleted, replaced) = tokio::join!(delete, put.body(stream("new")).send());
        assert!(deleted.is_ok() != replaced.is_ok(), "round {round}");
        assert_eq!(store.get(&key).await.is_some(), replaced.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_condition_is_decided_on_the_current_object() {
    let store = Store::open().await;
    let put = |key: &str| store.client.put_object().bucket(BUCKET).key(key).body(stream(bytes(9_000)));
    let absent = put("absent").if_match("\"0123\"").send().await.unwrap_err();
    assert_eq!((status(&absent), code(&absent)), (404, "NoSuchKey".into()));
    let first = put("k").if_none_match("*").send().await.unwrap();
    let taken = put("k").if_none_match("*").send().await.unwrap_err();
    assert_eq!(status(&taken), 412);
    let other = put("k").if_match("\"0123\"").send().await.unwrap_err();
    assert_eq!(status(&other), 412);
    put("k").if_match(first.e_tag().unwrap()).send().await.unwrap();
    let delete = store.client.delete_object().bucket(BUCKET).key("k");
    assert_eq!(status(&delete.clone().if_match("\"0123\"").send().await.unwrap_err()), 412);
    delete.if_match(first.e_tag().unwrap()).send().await.unwrap();
    put("k").if_none_match("*").send().await.unwrap();
    store.delete("k").await;
    wait_for_no_files(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_answered_304_or_412() {
    let store = Store::open().await;
    let etag = store.put("k", "hello").await.e_tag().unwrap().to_owned();
    let (hour_ago, in_an_hour) = (at(-3600), at(3600));
    let get = || store.client.get_object().bucket(BUCKET).key("k");
    let head = || store.client.head_object().bucket(BUCKET).key("k");
    assert_eq!(status(&get().if_none_match(&etag).send().await.unwrap_err()), 304);
    assert_eq!(status(&head().if_none_match(&etag).send().await.unwrap_err()), 304);
    assert_eq!(status(&get().if_match("\"0123\"").send().await.unwrap_err()), 412);
    assert_eq!(status(&head().if_match("\"0123\"").send().await.unwrap_err()), 412);
    assert_eq!(status(&get().if_modified_since(in_an_hour).send().await.unwrap_err()), 304);
    assert_eq!(status(&get().if_unmodified_since(hour_ago).send().await.unwrap_err()), 412);
    assert!(get().if_none_match("\"0123\"").send().await.is_ok());
    assert!(get().if_match(&etag).if_modified_since(hour_ago).send().await.is_ok());
    assert!(head().if_match(&etag).if_unmodified_since(in_an_hour).send().await.is_ok());
    // The 304 of a browser's revalidation has no body and still names the object.
    let url = get()
        .presigned(aws_sdk_s3::presigning::PresigningConfig::expires_in(std::time::Duration::from_secs(60)).unwrap());
    let request = reqwest::Client::new().get(url.await.unwrap().uri()).header("if-none-match", &etag);
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["etag"].to_str().unwrap()), (304, etag.as_str()));
    assert!(answer.bytes().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_conditional_on_both_ends() {
    let store = Store::open().await;
    let etag = store.put("from", "hello").await.e_tag().unwrap().to_owned();
    let copy = || {
        let copy = store.client.copy_object().bucket(BUCKET).key("to");
        copy.copy_source(format!("{BUCKET}/from"))
    };
    assert_eq!(status(&copy().copy_source_if_match("\"0123\"").send().await.unwrap_err()), 412);
    assert_eq!(status(&copy().copy_source_if_none_match(&etag).send().await.unwrap_err()), 412);
    assert_eq!(store.get("to").await, None);
    copy().copy_source_if_match(&etag).send().await.unwrap();
    assert_eq!(status(&copy().if_none_match("*").send().await.unwrap_err()), 412);
    copy().if_match(&etag).send().await.unwrap();
}

fn at(seconds_from_now: i64) -> DateTime {
    DateTime::from_secs(chrono::Utc::now().timestamp() + seconds_from_now)
}
