//! Notes against the published example and against another implementation.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// The example of Go's `golang.org/x/mod/sumdb/note` package, from which C2SP's signed-note was taken: its key, its note.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("nexus.test", &[seed; 32]).unwrap()
}

#[test]
fn the_published_note_verifies_and_a_changed_one_does_not() {
    let peter: VerifyingKey = PETER.parse().unwrap();
    assert_eq!(peter.to_string(), PETER);
    let (text, by) = open(NOTE, std::slice::from_ref(&peter)).unwrap();
    assert!(text.ends_with("your problem is.\n"));
    assert_eq!(by, [&peter]);
    let changed = NOTE.replace("answer", "Answer");
    assert_eq!(open(&changed, std::slice::from_ref(&peter)).unwrap_err(), NoteError::BadSignature);
    assert_eq!(open(NOTE, &[key(1).verifying().clone()]).unwrap_err(), NoteError::Untrusted);
}

/// RFC 8032, section 7.1, test 1.
#[test]
fn signing_is_the_rfcs_ed25519() {
    let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let key = SigningKey::from_seed("x", &seed.try_into().unwrap()).unwrap();
    assert_eq!(hex::encode(key.verifying().public), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(
        hex::encode(key.pair.sign(b"")),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    );
}

#[test]
fn another_implementation_takes_our_checkpoints() {
    use signed_note::{Note, StandardVerifier, VerifierList};
    let checkpoint = Checkpoint { origin: "nexus.test/t_demo/dev/w".to_owned(), size: 7, root: [9; 32] };
    let (one, two) = (key(1), key(2));
    let note = sign(&checkpoint.to_string(), &[&one, &two]);
    for key in [&one, &two] {
        let theirs = StandardVerifier::new(&key.verifying().to_string()).unwrap();
        let note = Note::from_bytes(note.as_bytes()).unwrap();
        let (good, _) = note.verify(&VerifierList::new(vec![Box::new(theirs)])).unwrap();
        assert_eq!(good.len(), 1);
        let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!((read.origin(), read.size(), read.hash().0), ("nexus.test/t_demo/dev/w", 7, [9; 32]));
    }
    let keys = [one.verifying().clone(), two.verifying().clone()];
    assert_eq!(open(&note, &keys).unwrap().1.len(), 2);
    assert_eq!(Checkpoint::open(&note, &keys[1..]).unwrap(), checkpoint);
}

#[test]
fn what_is_not_written_plainly_is_refused() {
    let root = STANDARD.encode([1; 32]);
    for size in ["07", "+7", "-1", "", "7 "] {
        assert!(format!("o\n{size}\n{root}\n").parse::<Checkpoint>().is_err(), "{size}");
    }
    assert!(format!("o\n7\n{root}").parse::<Checkpoint>().is_err());
    assert!(format!("\n7\n{root}\n").parse::<Checkpoint>().is_err());
    assert!(format!("o\n7\n{root}\nan extension\n").parse::<Checkpoint>().is_ok());
    for name in ["", "a b", "a+b"] {
        assert!(SigningKey::from_seed(name, &[1; 32]).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_a_note_or_refused(text in "(\\PC|\n|\u{2014} ){0,80}") {
        let _ = open(&text, &[PETER.parse().unwrap()]);
        let _ = text.parse::<Checkpoint>();
        let _ = text.parse::<VerifyingKey>();
    }

    #[test]
    fn a_signed_checkpoint_opens_and_any_flipped_bit_of_it_does_not(size: u64, root: [u8; 32], at: prop::sample::Index) {
        let checkpoint = Checkpoint { origin: "nexus.test/t_a/dev/w".to_owned(), size, root };
        let (signer, mut note) = (key(3), String::new());
        let keys = [signer.verifying().clone()];
        note.push_str(&sign(&checkpoint.to_string(), &[&signer]));
        prop_assert_eq!(Checkpoint::open(&note, &keys).unwrap(), checkpoint);
        let mut bytes = note.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::open(&changed, &keys).is_err());
        }
    }
}
