//! One object: put, read whole and in part, described, copied, removed.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};

use crate::support::{BUCKET, Store, bytes, code, config, status, stream};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_is_what_is_got_at_every_size() {
    let mut store = Store::open().await;
    // Around the inline limit, the piece size, and several pieces.
    let sizes = [0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, (5 << 20) + 3];
    for size in sizes {
        store.put(&format!("size/{size}"), bytes(size)).await;
    }
    for round in 0..2 {
        for size in sizes {
            let got = store.get(&format!("size/{size}")).await.unwrap();
            assert!(got == bytes(size), "size {size}, round {round}");
        }
        store.reopen().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_kept_and_returned() {
    let store = Store::open().await;
    let expires = DateTime::from_secs(2_000_000_000);
    let put = store.client.put_object().bucket(BUCKET).key("described");
    let put = put.content_type("text/csv; charset=utf-8");
    let put = put.content_disposition("attachment; filename=\"a.csv\"");
    let put = put.cache_control("no-store").content_language("de").content_encoding("gzip");
    let put = put.expires(expires).metadata("project", "blue").metadata("city", "Malmö");
    put.body(stream("x")).send().await.unwrap();

    let head = store.client.head_object().bucket(BUCKET).key("described").send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/csv; charset=utf-8"));
    assert_eq!(head.content_disposition(), Some("attachment; filename=\"a.csv\""));
    assert_eq!(head.cache_control(), Some("no-store"));
    assert_eq!(head.content_language(), Some("de"));
    assert_eq!(head.content_encoding(), Some("gzip"));
    assert_eq!(head.expires_string(), Some("Wed, 18 May 2033 03:33:20 GMT"));
    assert_eq!(head.metadata().unwrap()["project"], "blue");
    // Metadata beyond ASCII travels as RFC 2047 words.
    assert_eq!(head.metadata().unwrap()["city"], "=?UTF-8?B?TWFsbcO2?=");
    assert_eq!(head.content_length(), Some(1));
    assert_eq!(head.e_tag(), Some("\"9dd4e461268c8034f5c8564e155c67a6\""));
    assert!(head.last_modified().is_some());

    let get = store.client.get_object().bucket(BUCKET).key("described");
    let get = get.response_content_disposition("attachment; filename=\"b.csv\"");
    let get = get.response_content_type("text/plain").response_cache_control("private");
    let got = get.send().await.unwrap();
    assert_eq!(got.content_disposition(), Some("attachment; filename=\"b.csv\""));
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.cache_control(), Some("private"));
    assert_eq!(got.content_language(), Some("de"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_exact() {
    let store = Store::open().await;
    for (key, size) in [("inline", 1000_usize), ("file", 300_000)] {
        let whole = bytes(size);
        store.put(key, whole.clone()).await;
        let last = size - 1;
        let cases = [
            ("bytes=0-0".to_owned(), 0..1),
            ("bytes=10-19".to_owned(), 10..20),
            ("bytes=500-".to_owned(), 500..size),
            ("bytes=-7".to_owned(), size - 7..size),
            (format!("bytes={last}-{last}"), last..size),
            (format!("bytes=5-{}", size * 2), 5..size),
            (format!("bytes=-{}", size * 2), 0..size),
        ];
        for (range, expected) in cases {
            let get = store.client.get_object().bucket(BUCKET).key(key).range(&range);
            let got = get.send().await.unwrap();
            let announced = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
            assert_eq!(got.content_range(), Some(announced.as_str()));
            let body = got.body.collect().await.unwrap().to_vec();
            assert!(body == whole[expected], "{key} {range}");
        }
        let beyond = store.client.get_object().bucket(BUCKET).key(key);
        let refused = beyond.range(format!("bytes={size}-")).send().await.unwrap_err();
        assert_eq!((status(&refused), code(&refused)), (416, "InvalidRange".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_object_stays_whole_for_who_reads_it() {
    let store = Store::open().await;
    let old = bytes(8 << 20);
    store.put("k", old.clone()).await;
    let got = store.client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    store.put("k", "new").await;
    store.delete("k").await;
    let body = got.body.collect().await.unwrap().to_vec();
    assert!(body == old);
    assert_eq!(store.get("k").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_of_an_object_under_replacement_always_find_one_whole() {
    let store = Store::open().await;
    store.put("k", vec![0; 20_000]).await;
    let writers = (0..2_u8).map(|writer| {
        let store = &store;
        async move {
            for version in 0..60_u8 {
                store.put("k", vec![version * 2 + writer; 20_000 + usize::from(version)]).await;
            }
        }
    });
    let readers = (0..4).map(|_| {
        let store = &store;
        async move {
            for _ in 0..100 {
                let got = store.get("k").await.expect("the object is never gone");
                assert_eq!(got.len(), 20_000 + usize::from(got[0] / 2));
                assert!(got.iter().all(|byte| *byte == got[0]), "two versions in one answer");
            }
        }
    });
    tokio::join!(futures::future::join_all(writers), futures::future::join_all(readers));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_shares_the_bytes_and_outlives_its_source() {
    let store = Store::open().await;
    for (key, size) in [("small", 100), ("large", 100_000)] {
        store.put(key, bytes(size)).await;
        let copy = store.client.copy_object().bucket(BUCKET).key(format!("{key}-copy"));
        copy.copy_source(format!("{BUCKET}/{key}")).send().await.unwrap();
        store.delete(key).await;
        assert_eq!(store.get(key).await, None);
        assert!(store.get(&format!("{key}-copy")).await.unwrap() == bytes(size));
    }
    let copy = store.client.copy_object().bucket(BUCKET).key("none");
    let refused = copy.copy_source(format!("{BUCKET}/absent")).send().await.unwrap_err();
    assert_eq!(code(&refused), "NoSuchKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_onto_itself_replaces_the_metadata() {
    let store = Store::open().await;
    store.put("k", bytes(50_000)).await;
    let copy = || {
        let copy = store.client.copy_object().bucket(BUCKET).key("k");
        copy.copy_source(format!("{BUCKET}/k"))
    };
    assert_eq!(code(&copy().send().await.unwrap_err()), "InvalidRequest");
    let replaced = copy().metadata_directive(MetadataDirective::Replace).metadata("a", "b");
    replaced.content_type("text/plain").send().await.unwrap();
    let head = store.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["a"], "b");
    assert_eq!(head.content_type(), Some("text/plain"));
    assert!(store.get("k").await.unwrap() == bytes(50_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_at_once() {
    let store = Store::open().await;
    let keys: Vec<_> = (0..300).map(|n| format!("many/{n}")).collect();
    for key in &keys {
        store.put(key, "x").await;
    }
    let objects = keys.iter().map(String::as_str).chain(["absent"]).map(|key| {
        let object = ObjectIdentifier::builder().key(key);
        object.build().unwrap()
    });
    let delete = Delete::builder().set_objects(Some(objects.collect())).build().unwrap();
    let deleted = store.client.delete_objects().bucket(BUCKET).delete(delete);
    let deleted = deleted.send().await.unwrap();
    assert_eq!(deleted.deleted().len(), 301);
    assert!(deleted.errors().is_empty());
    let left = store.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(left.key_count(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_made_found_and_listed() {
    let store = Store::open().await;
    store.client.create_bucket().bucket("second-bucket").send().await.unwrap();
    let again = store.client.create_bucket().bucket("second-bucket").send().await;
    assert_eq!(code(&again.unwrap_err()), "BucketAlreadyOwnedByYou");
    store.client.head_bucket().bucket("second-bucket").send().await.unwrap();
    let missing = store.client.head_bucket().bucket("no-such-bucket").send().await;
    assert_eq!(status(&missing.unwrap_err()), 404);
    let location = store.client.get_bucket_location().bucket(BUCKET).send().await.unwrap();
    assert!(location.location_constraint().is_none_or(|place| place.as_str().is_empty()));
    let buckets = store.client.list_buckets().send().await.unwrap();
    let names: Vec<_> = buckets.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["second-bucket", BUCKET]);
    let put = store.client.put_object().bucket("no-such-bucket").key("k");
    assert_eq!(code(&put.body(stream("x")).send().await.unwrap_err()), "NoSuchBucket");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused_and_not_ignored() {
    let store = Store::open().await;
    let put = || store.client.put_object().bucket(BUCKET).key("k").body(stream("x"));
    let refusals = [
        put().tagging("a=b").send().await,
        put().acl(aws_sdk_s3::types::ObjectCannedAcl::PublicRead).send().await,
        put().server_side_encryption(aws_sdk_s3::types::ServerSideEncryption::Aes256).send().await,
        put().storage_class(aws_sdk_s3::types::StorageClass::Glacier).send().await,
    ];
    for refused in refusals {
        assert_eq!(code(&refused.unwrap_err()), "NotImplemented");
    }
    let multipart = store.client.create_multipart_upload().bucket(BUCKET).key("k");
    assert_eq!(code(&multipart.send().await.unwrap_err()), "NotImplemented");
    let version = store.client.get_object().bucket(BUCKET).key("k").version_id("v1");
    assert_eq!(code(&version.send().await.unwrap_err()), "NoSuchVersion");
    assert_eq!(store.get("k").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_above_the_limit_is_refused() {
    let store = Store::open_with(|config| config.max_put_bytes = 10_000).await;
    store.put("fits", bytes(10_000)).await;
    let put = store.client.put_object().bucket(BUCKET).key("k");
    let refused = put.body(stream(bytes(10_001))).send().await.unwrap_err();
    assert_eq!((status(&refused), code(&refused)), (400, "EntityTooLarge".into()));
    let put = store.client.put_object().bucket(BUCKET).key("k").body(stream("x"));
    let refused = put.metadata("m", "v".repeat(2100)).send().await.unwrap_err();
    assert_eq!(code(&refused), "MetadataTooLarge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_has_one_owner_at_a_time() {
    let store = Store::open().await;
    let second = nexus_bucket::Bucket::open(config(store.dir.path()));
    let error = second.err().unwrap();
    assert!(matches!(error, nexus_bucket::BucketError::InUse { .. }));
    assert!(error.to_string().contains("in use by another process"));
    store.bucket.close();
    store.bucket.close();
    assert!(nexus_bucket::Bucket::open(config(store.dir.path())).is_ok());
    let put = store.client.put_object().bucket(BUCKET).key("k");
    let put = put.body(stream("x")).customize().config_override(
        aws_sdk_s3::config::Config::builder().retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled()),
    );
    assert_eq!(status(&put.send().await.unwrap_err()), 503);
}
