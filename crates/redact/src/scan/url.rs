//! Credentials in URLs: the user information of RFC 3986, section 3.2.1. Tokens in a query are assignments.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Context;
use crate::PiiType;

static SCHEME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("://"));

/// Bytes of user information.
const MAX_USER: usize = 512;

pub(crate) fn find(context: &mut Context<'_>) {
    for scheme in SCHEME.find_iter(context.bytes) {
        let start = scheme + 3;
        let authority = context.bytes[start..].iter().take(MAX_USER);
        let length = authority.take_while(|b| !b.is_ascii_whitespace() && !b"/?#\"'<>\\".contains(b)).count();
        let Some(at) = memchr::memrchr(b'@', &context.bytes[start..start + length]) else { continue };
        let user = &context.text[start..start + at];
        // `ssh://git@host` names nobody; what has no password is left to the e-mail rule.
        if user.contains(':') && user != ":" {
            context.push(start, start + at, PiiType::UrlCredentials);
        }
    }
}
