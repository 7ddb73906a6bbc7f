//! Checksums: verified before the object counts, kept, and returned.

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

use crate::presigned::{SignedRequest, sign};
use crate::support::{BUCKET, Store, bytes, code, status, stream};

/// The wrong checksum of each kind, of the right length.
const WRONG: [(&str, usize); 6] = [
    ("content-md5", 16),
    ("x-amz-checksum-crc32", 4),
    ("x-amz-checksum-crc32c", 4),
    ("x-amz-checksum-crc64nvme", 8),
    ("x-amz-checksum-sha1", 20),
    ("x-amz-checksum-sha256", 32),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_mismatch_leaves_the_old_object_and_no_file() {
    let store = Store::open().await;
    store.put("k", "old").await;
    for size in [10, 100_000] {
        for (header, length) in WRONG {
            let wrong = STANDARD.encode(vec![7; length]);
            let request = sign(&store, "PUT", "/k", &bytes(size)).header(header, wrong);
            let (status, body) = request.send().await;
            assert_eq!(status, 400, "{header}: {body}");
            assert!(body.contains("<Code>BadDigest</Code>"), "{header}: {body}");
        }
    }
    assert_eq!(store.get("k").await.unwrap(), b"old");
    wait_for_no_files(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_checksum_is_refused() {
    let store = Store::open().await;
    for (header, length) in WRONG {
        for value in ["???".to_owned(), STANDARD.encode(vec![7; length + 1])] {
            let request = sign(&store, "PUT", "/k", b"x").header(header, value);
            let (status, body) = request.send().await;
            assert_eq!(status, 400);
            assert!(body.contains("<Code>InvalidDigest</Code>"), "{header}: {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signed_content_hash_is_verified() {
    let store = Store::open().await;
    store.put("k", "old").await;
    for size in [10, 100_000, 3 << 20] {
        let request = SignedRequest { body: vec![1; size], ..sign(&store, "PUT", "/k", &vec![2; size]) };
        let (status, body) = request.send().await;
        assert_eq!(status, 400);
        assert!(body.contains("<Code>XAmzContentSHA256Mismatch</Code>"), "{body}");
    }
    assert_eq!(store.get("k").await.unwrap(), b"old");
    wait_for_no_files(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_of_the_sdk_is_verified_kept_and_returned() {
    let mut store = Store::open().await;
    let algorithms = [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ];
    // The SDK sends the checksum as a header or, for a stream from a file, as a trailer of a chunked body.
    let file = store.dir.path().join("upload");
    std::fs::write(&file, bytes(200_000)).unwrap();
    for algorithm in &algorithms {
        for trailer in [false, true] {
            let body = match trailer {
                false => stream(bytes(200_000)),
                true => aws_sdk_s3::primitives::ByteStream::from_path(&file).await.unwrap(),
            };
            let put = store.client.put_object().bucket(BUCKET).key(format!("{algorithm}-{trailer}"));
            put.checksum_algorithm(algorithm.clone()).body(body).send().await.unwrap();
        }
    }
    store.reopen().await;
    for algorithm in &algorithms {
        for trailer in [false, true] {
            let key = format!("{algorithm}-{trailer}");
            let head = store.client.head_object().bucket(BUCKET).key(&key);
            let head = head.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
            let kept = [
                head.checksum_crc32(),
                head.checksum_crc32_c(),
                head.checksum_crc64_nvme(),
                head.checksum_sha1(),
                head.checksum_sha256(),
            ];
            assert_eq!(kept.iter().flatten().count(), 1, "{key}: {kept:?}");
            // The SDK checks the body against the checksum it is given.
            let get = store.client.get_object().bucket(BUCKET).key(&key);
            let got = get.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
            assert!(got.body.collect().await.unwrap().to_vec() == bytes(200_000));
            assert_eq!(head.content_encoding(), None, "aws-chunked is not kept");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claimed_sha256_comes_back_as_claimed() {
    let store = Store::open().await;
    let sha256 = STANDARD.encode(sha2::Sha256::digest(b"hello"));
    let put = store.client.put_object().bucket(BUCKET).key("k").checksum_sha256(&sha256);
    let stored = put.body(stream("hello")).send().await.unwrap();
    assert_eq!(stored.checksum_sha256(), Some(sha256.as_str()));
    let head = store.client.head_object().bucket(BUCKET).key("k");
    let silent = head.clone().send().await.unwrap();
    assert_eq!(silent.checksum_sha256(), None);
    let told = head.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(told.checksum_sha256(), Some(sha256.as_str()));
    // A part of the object must not come with the checksum of the whole.
    let part = store.client.get_object().bucket(BUCKET).key("k").range("bytes=1-2");
    let part = part.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(part.checksum_sha256(), None);
    let copy = store.client.copy_object().bucket(BUCKET).key("c");
    let copied = copy.copy_source(format!("{BUCKET}/k")).send().await.unwrap();
    let result = copied.copy_object_result().unwrap();
    assert_eq!(result.checksum_sha256(), Some(sha256.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_checksum_of_the_sdk_is_bad_digest() {
    let store = Store::open().await;
    let put = store.client.put_object().bucket(BUCKET).key("k").checksum_sha256(STANDARD.encode([0; 32]));
    let refused = put.body(stream("hello")).send().await.unwrap_err();
    assert_eq!((status(&refused), code(&refused)), (400, "BadDigest".into()));
    assert_eq!(store.get("k").await, None);
}

/// A trailer is only known after the body: written by hand, since the SDK cannot be made to lie.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_trailer_is_refused() {
    let store = Store::open().await;
    store.put("k", "old").await;
    let trailers = [("x-amz-checksum-crc32:AAAAAA==\r\n", "BadDigest"), ("", "InvalidRequest")];
    for (trailer, expected) in trailers {
        let body = format!("5\r\nhello\r\n0\r\n{trailer}\r\n");
        let request = sign(&store, "PUT", "/k", b"").unsigned_trailer("x-amz-checksum-crc32", 5);
        let (status, answer) = SignedRequest { body: body.into(), ..request }.send().await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer.contains(&format!("<Code>{expected}</Code>")), "{answer}");
    }
    assert_eq!(store.get("k").await.unwrap(), b"old");
}

/// Files of refused uploads go away in the background.
pub async fn wait_for_no_files(store: &Store) {
    for _ in 0..200 {
        if store.blob_files() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{} blob files are left", store.blob_files());
}
