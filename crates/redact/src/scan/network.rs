//! IPv4 and IPv6 (RFC 4291) addresses and MAC addresses (IEEE 802).

use std::net::Ipv6Addr;

use super::{
    Context,
    label::{Label, Says},
    number::Group,
};
use crate::{PiiType, hint::Hint};

/// The longest text of an IPv6 address, an IPv4 tail included.
const MAX_IPV6: usize = 45;

/// A dotted quad at the first four groups; answers how many groups it used up. Versions and OIDs are used up unreported.
pub(crate) fn ipv4(context: &mut Context<'_>, run: &[Group]) -> Option<usize> {
    let dotted = run.windows(2).take_while(|pair| context.bytes[pair[0].end..pair[1].start] == *b".").count() + 1;
    if dotted < 4 || context.before(run[0].start) == b'+' {
        return None;
    }
    let quad = &run[..4];
    let octets =
        quad.iter().all(|group| group.len() <= 3 && group.value(context.bytes).is_some_and(|value| value <= 255));
    let (start, end) = (quad[0].start, quad[3].end);
    // `2.84.05.88.157.483.23` is a French NIR.
    if dotted >= 6 && quad.iter().map(Group::len).eq([1, 2, 2, 2]) {
        return None;
    }
    if dotted > 4 || !octets {
        // Dots also join other numbers (a phone in pairs): only what cannot be one is used up.
        return (dotted > 5 || run[..4].iter().any(|group| group.len() == 1)).then_some(dotted);
    }
    let padded = quad.iter().any(|group| group.len() > 1 && context.bytes[group.start] == b'0');
    if padded && quad.iter().all(|group| group.len() == 2) {
        return None;
    }
    let version = is_version(context, start) || context.hint == Some(Hint::Opaque) && context.labels.said.is_empty();
    let more = matches!(context.at(end), b'-' | b'_' | b'+')
        && context.at(end + 1).is_ascii_alphabetic()
        && context.at(end) != b'_';
    if !version && !more && context.before(start) != b'.' {
        context.push(start, end, PiiType::IpAddress);
    }
    Some(4)
}

/// `Chrome/120.0.0.0`, `version 1.2.3.4`, `libfoo-1.2.3.4`.
fn is_version(context: &Context<'_>, start: usize) -> bool {
    let named = match context.before(start) {
        b'/' => start >= 2 && context.bytes[start - 2].is_ascii_alphanumeric(),
        b'-' => start >= 2 && context.bytes[start - 2].is_ascii_alphabetic() && is_release(&context.text[start..]),
        b'v' | b'V' => true,
        _ => false,
    };
    // `Ver 192.208.117.35` is Spanish: see there. Versions have small numbers.
    let large = context.text[start..].split(['.', ' ']).take(4).all(|octet| octet.len() >= 2);
    let see = |label: &Label| large && context.text[label.start..label.end].eq_ignore_ascii_case("ver");
    named || context.labels.before(start, 4).any(|label| label.says == Says::Version && !see(&label))
}

/// `libfoo-1.2.3.4`, `tool-12.0.1.2.tar.gz`: small numbers, or an archive.
fn is_release(text: &str) -> bool {
    let length = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let (quad, rest) = text.split_at(length);
    let archive = ["tar", "tgz", "zip", "gz", "jar", "whl", "deb", "rpm", "so", "dll", "exe", "dmg", "msi"];
    let small = quad.split('.').all(|octet| octet.len() <= 2)
        && !quad.starts_with("10.")
        && quad.split('.').next().is_some_and(|octet| octet.len() == 1);
    small || archive.iter().any(|extension| rest.starts_with(extension))
}

/// Addresses that are written with colons.
pub(crate) fn find_colons(context: &mut Context<'_>) {
    let is_part = |b: u8| b.is_ascii_hexdigit() || b == b':' || b == b'.';
    let mut next = 0;
    while let Some(found) = memchr::memchr(b':', &context.bytes[next..]) {
        let colon = next + found;
        let before = &context.bytes[next..colon];
        let start = colon - before.iter().rev().take_while(|b| b.is_ascii_hexdigit()).count();
        let end = start + context.bytes[start..].iter().take_while(|&&b| is_part(b)).count();
        let start_free = !context.before(start).is_ascii_alphanumeric();
        // `ip:2001:db8::1`: the first colon is a word's, and the address begins behind it.
        next = if start_free { end.max(colon + 1) } else { colon + 1 };
        if start_free {
            let length = context.bytes[start..end].iter().rev().take_while(|b| matches!(b, b'.' | b':')).count();
            colons(context, start, end, length);
        }
    }
}

/// Whether another group of the same address would stand before `start`: `dump-00-1a-…` and `dump.00-1a-…` have none, `11-00-1a-…` has.
fn follows_group(context: &Context<'_>, start: usize, length: usize, separator: u8) -> bool {
    if context.before(start) != separator {
        return false;
    }
    let word = context.bytes[..start - 1].iter().rev().take(5).take_while(|b| b.is_ascii_alphanumeric());
    let (count, hex) = word.fold((0, true), |(count, hex), b| (count + 1, hex && b.is_ascii_hexdigit()));
    count == 0 || (count == length && hex)
}

fn colons(context: &mut Context<'_>, start: usize, end: usize, trailing: usize) {
    // `3f:30:d8:95:f3:52.bin`: what follows looks hexadecimal, too.
    if let Some(mac) = context.bytes.get(start..start + 17).filter(|mac| is_mac(mac, b':')) {
        let free = !context.at(start + mac.len()).is_ascii_alphanumeric() && context.at(start + mac.len()) != b':';
        if free {
            return context.push(start, start + 17, PiiType::MacAddress);
        }
    }
    if end - start > MAX_IPV6 + 2 {
        return;
    }
    for end in [end, end - trailing] {
        let text = &context.text[start..end];
        if context.at(end).is_ascii_alphanumeric() {
            continue;
        }
        let kind = if is_mac(text.as_bytes(), b':') {
            PiiType::MacAddress
        } else if is_ipv6(text) {
            PiiType::IpAddress
        } else {
            continue;
        };
        return context.push(start, end, kind);
    }
}

/// `::` alone says nothing, and `a::b` is a path in many languages: a digit is asked for, and two groups.
fn is_ipv6(text: &str) -> bool {
    let colons = text.bytes().filter(|&b| b == b':').count();
    // `[:, ::2]` and `3::3` are slices; of the short ones `::1` alone is one.
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    colons >= 2
        && (digits >= 3 || text == "::1")
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.parse::<Ipv6Addr>().is_ok()
}

/// Six pairs of hex digits.
fn is_mac(text: &[u8], separator: u8) -> bool {
    text.len() == 17
        && text.iter().enumerate().all(|(at, b)| if at % 3 == 2 { *b == separator } else { b.is_ascii_hexdigit() })
}

/// Bytes between a word for MAC addresses and the address that it announces.
const MAC_WINDOW: usize = 10;

/// `MAC F0058DE10060`, `wifiMac-A4E8DB1DDF4E`: twelve hexadecimal digits that are not grouped, where a word announces them.
pub(crate) fn find_announced(context: &mut Context<'_>) {
    let tokens = context.tokens;
    for (_, index) in context.labels.announcing(Says::Mac, tokens, MAC_WINDOW) {
        let token = tokens[index];
        if token.len() == 12 && context.bytes[token.start..token.end].iter().all(u8::is_ascii_hexdigit) {
            context.push(token.start, token.end, PiiType::MacAddress);
        }
    }
}

/// MAC addresses with dashes (`00-1A-2B-…`) or in Cisco's dotted form (`001a.2b3c.4d5e`).
pub(crate) fn find_dashed(context: &mut Context<'_>) {
    let mut done = 0;
    for token in context.tokens {
        // The first pairs may hold no digit, so the look goes back from the first that does.
        let joined = |b: u8| b == b'-' || b == b'.';
        let apart = !joined(context.at(token.end)) && !joined(context.before(token.start));
        if token.start < done || apart || !(token.len() == 2 || token.len() == 4) {
            continue;
        }
        let (step, length, separator) = if token.len() == 2 { (3, 17, b'-') } else { (5, 14, b'.') };
        for back in 0..6 {
            let Some(start) = token.start.checked_sub(back * step) else { break };
            // Asked first, as it is cheap and so all through a long row of groups.
            if context.before(start).is_ascii_alphanumeric() || follows_group(context, start, token.len(), separator) {
                continue;
            }
            let Some(run) = context.bytes.get(start..start + length) else { continue };
            let cisco =
                || run.iter().enumerate().all(|(at, b)| if at % 5 == 4 { *b == b'.' } else { b.is_ascii_hexdigit() });
            let shaped =
                if separator == b'-' { is_mac(run, b'-') } else { cisco() && run.iter().any(u8::is_ascii_alphabetic) };
            if !shaped {
                continue;
            }
            let ends = !context.at(start + length).is_ascii_alphanumeric() && context.at(start + length) != b'-';
            if ends {
                context.push(start, start + length, PiiType::MacAddress);
                done = start + length;
                break;
            }
        }
    }
}
