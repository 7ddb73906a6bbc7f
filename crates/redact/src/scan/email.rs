//! E-mail addresses (RFC 5321, with RFC 6531's letters of any script).

use std::net::IpAddr;

use super::Context;
use crate::PiiType;

/// Bytes of a local part and of a domain (RFC 5321, section 4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
/// Bytes of an address in brackets, with `IPv6:` and a zone, up to its bracket.
const MAX_LITERAL: usize = 64;

/// What ends file names and no domain.
const FILE_EXTENSIONS: [&str; 36] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "tif", "tiff", "css", "js", "mjs", "ts", "tsx", "jsx",
    "json", "html", "htm", "xml", "txt", "csv", "pdf", "doc", "docx", "xls", "xlsx", "eml", "msg", "log", "mp", "wav",
    "avi", "yaml", "yml", "heic",
];

/// Accounts that stand before the `@` of a repository's address and name nobody.
const REPOSITORY_ACCOUNTS: [&str; 5] = ["git", "hg", "svn", "gitlab", "gitea"];

pub(crate) fn find(context: &mut Context<'_>) {
    let mut next = 0;
    while let Some(found) = memchr::memchr(b'@', &context.bytes[next..]) {
        let at = next + found;
        next = at + 1;
        if let Some((start, end)) = around(context, at) {
            context.push(start, end, PiiType::Email);
        }
    }
}

fn around(context: &Context<'_>, at: usize) -> Option<(usize, usize)> {
    let is_local = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || b"._%+-'!#$*^~`{}|/=".contains(&b);
    let back = context.bytes[..at].iter().rev().take(MAX_LOCAL).take_while(|&&b| is_local(b)).count();
    let mut start = at - back;
    // Before the address may stand a key, a path or a bracket of its own.
    if let Some(cut) = context.bytes[start..at].iter().rposition(|b| b"/={}|`".contains(b)) {
        start += cut + 1;
    }
    while start < at && (b".'-!#*%".contains(&context.bytes[start]) || !context.text.is_char_boundary(start)) {
        start += 1;
    }
    // `"john doe"@example.com`: a quoted local part.
    if context.before(at) == b'"' && at >= 2 {
        let window = at.saturating_sub(1 + MAX_LOCAL);
        start = window + memchr::memrchr(b'"', &context.bytes[window..at - 1])?;
    }
    if start == at || context.bytes[at - 1] == b'.' {
        return None;
    }
    let end = domain_end(context, at + 1).or_else(|| literal_end(context, at + 1))?;
    let local = &context.text[start..at];
    let path = context.at(end) == b':' && context.at(end + 1).is_ascii_alphanumeric() || context.at(end) == b'/';
    (!(path && REPOSITORY_ACCOUNTS.contains(&local))).then_some((start, end))
}

/// Where an address in brackets (RFC 5321, section 4.1.3) that begins at `start` ends: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
fn literal_end(context: &Context<'_>, start: usize) -> Option<usize> {
    let window = context.bytes[start..].strip_prefix(b"[")?;
    let length = memchr::memchr(b']', &window[..window.len().min(MAX_LITERAL)])?;
    let literal = context.text.get(start + 1..start + 1 + length)?;
    let address = literal.strip_prefix("IPv6:").unwrap_or(literal);
    address.parse::<IpAddr>().is_ok().then_some(start + length + 2)
}

/// Where the domain at `start` ends, if it has a dot and a top level that files do not have.
fn domain_end(context: &Context<'_>, start: usize) -> Option<usize> {
    let is_domain = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || b == b'-' || b == b'.';
    let mut end = start + context.bytes[start..].iter().take(MAX_DOMAIN).take_while(|&&b| is_domain(b)).count();
    while !context.text.is_char_boundary(end) {
        end -= 1;
    }
    // `jane@example.com.pdf`, `jane@example.com.` and `jane@example.com-2` end before the last dot or dash.
    let mut domain = &context.text[start..end];
    loop {
        domain = domain.trim_end_matches(['.', '-']);
        let (head, top) = domain.rsplit_once('.')?;
        if head.is_empty() || head.split('.').any(str::is_empty) {
            return None;
        }
        let letters = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) || top.starts_with("xn--");
        if letters && !FILE_EXTENSIONS.contains(&top.to_ascii_lowercase().as_str()) {
            return Some(start + domain.len());
        }
        // `example.com-2`: a top level with something stuck to it.
        let stem = top.find(|c: char| !c.is_alphabetic()).unwrap_or(0);
        domain = if stem >= 2 && top.as_bytes()[stem] == b'-' { &domain[..head.len() + 1 + stem] } else { head };
    }
}
