//! Names and values in running text: `password=…`, `api_key: …`, `?token=…`, `"phone":"…"`.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{Context, postcode, random, spoken, value};
use crate::{
    PiiType,
    hint::{Hint, Hints},
};

/// Bytes of a name.
const MAX_NAME: usize = 48;
/// Bytes of a value.
const MAX_VALUE: usize = 512;

/// Signs inside a value that is no password: what has more is a row of names, each looked at by itself.
const MAX_SIGNS: usize = 8;

/// What people write after `password:` and `password is` when they speak about passwords, in the languages of the rules.
const PROSE: &str = "\
    required must should cannot can is was the reset changed expired invalid incorrect wrong missing not please too and field your a n/a \
    none null empty set unset valid correct weak strong ok okay yes no true false unknown public private secret secure unique shared \
    complex simple random temporary identical visible hidden plaintext outdated fine good working mandatory optional different similar \
    sensitive common long short still also now only never always being stored hashed encrypted case-sensitive mask masked redacted \
    something anything nothing username email birthday default string text value policy strength safe unsafe insecure unreadable \
    unavailable readonly expiring needed used known this that it same new old mine yours here there below above attached enclosed \
    falsch richtig ungültig gültig abgelaufen erforderlich geändert korrekt sicher unsicher schwach zurückgesetzt nicht vergessen leer \
    incorrecta correcta obligatoria obligatorio segura débil inválida válida necesaria requerida correcto incorrecto \
    requis obligatoire expiré expirée invalide faible sécurisé erroné oublié valide \
    errata corretta obbligatoria scaduta debole sicura sbagliata richiesta valida onjuist verlopen verplicht gewijzigd vereist ongeldig \
    zwak veilig vergeten obrigatória fraca incorreta felaktigt ogiltigt obligatoriskt wymagane nieprawidłowe błędne poprawne";

static PROSE_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| PROSE.split_ascii_whitespace().collect());

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let mut next = 0;
    while let Some(found) = memchr::memchr2(b'=', b':', &context.bytes[next..]) {
        let sign = next + found;
        next = sign + 1;
        if let Some((start, end, kind)) = around(context, sign) {
            context.push(start, end, kind);
            next = end.max(next);
        }
    }
}

/// `--api-key '…'`, `--smtp-pass …`: options of a command whose value is the next word.
pub(crate) fn find_options(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let mut next = 0;
    while let Some(found) = OPTION.find(&context.bytes[next..]) {
        let start = next + found + OPTION.needle().len();
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let length = context.bytes[start..].iter().take(MAX_NAME).take_while(|b| is_name(b)).count();
        next = start + length;
        if context.at(next) != b' ' || length < 2 {
            continue;
        }
        let hint = context.hints.of(&context.text[start..next], None).filter(|hint| *hint != Hint::BareName);
        let Some(hint) = hint else { continue };
        let Some((from, end)) = value_at(context, next, hint) else { continue };
        let text = &context.text[from..end];
        // The next option is no value: `--password --dry-run`.
        if let Some(kind) = value::whole(hint, text).filter(|_| !text.starts_with('-')) {
            context.push(from, end, kind);
            next = end;
        }
    }
}

static OPTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" --"));

fn around(context: &Context<'_>, sign: usize) -> Option<(usize, usize, PiiType)> {
    let bytes = context.bytes;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'_' | b'-' | b'.');
    let spaces = bytes[..sign].iter().rev().take(1).take_while(|&&b| b == b' ').count();
    let quote = sign.checked_sub(1 + spaces).map(|at| bytes[at]).filter(|b| matches!(b, b'"' | b'\'' | b'`' | b']'));
    let name_end = sign - spaces - usize::from(quote.is_some());
    // `Mot de passe.....: …`
    let dots = bytes[..name_end].iter().rev().take(MAX_REMARK).take_while(|b| **b == b'.').count();
    let name_end = name_end - if dots > 1 { dots } else { 0 };
    let (name_end, named_to) = (without_remark(bytes, name_end), name_end);
    let length = bytes[..name_end].iter().rev().take(MAX_NAME).take_while(|&&b| is_name(b)).count();
    let name_start = context.text.ceil_char_boundary(name_end - length);
    // The name in a placeholder is ours: `[redacted:phone]: 5`.
    if length < 2 || context.is_opaque(name_start, name_end) {
        return None;
    }
    let own = context.hints.of(&context.text[name_start..name_end], None);
    // `has_password=true`: a question.
    if own == Some(Hint::Plain) {
        return None;
    }
    let own = own.filter(|hint| !hint.says_nothing());
    let hint = own.or_else(|| several_words(context, name_end)).or_else(|| signature(context, name_start..name_end))?;
    let (start, end) = value_at(context, sign + 1, hint)?;
    // A sign, quotes or a name that no sentence has (`first_name: …`) show that a machine wrote it.
    let joined = || {
        bytes[name_start..name_end]
            .windows(2)
            .any(|pair| pair[0] == b'_' || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    let phrase = phrase_end(context, start, end, hint);
    // `fullname: Lata`, `Nickname : Hugues`, but not `firstname: This field is required`; `+ author: Frida Åkesson` in a line of its own
    let person = || {
        let name = &bytes[name_start..name_end];
        let named = name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b"name");
        let closes = match bytes.get(phrase) {
            None | Some(b'\n' | b'\r') => named || begins_line(&bytes[..name_start]),
            Some(b',' | b';' | b'|' | b')' | b'"') => named,
            Some(_) => false,
        };
        hint == Hint::Name && closes && context.text[start..end].starts_with(char::is_uppercase)
    };
    let tight = bytes[sign] == b'=' || quote.is_some() || quoted(context, start, end) || joined() || person();
    let end = if tight || hint == Hint::Coordinates { phrase } else { end };
    let end = if hint == Hint::Postcode { postcode::whole_at(context, start).unwrap_or(end).max(end) } else { end };
    let text = &context.text[start..end];
    let kind = match hint {
        Hint::Whole(PiiType::Password) if !tight && bytes[sign] == b':' => {
            // `password (bool): Enable the prompt.`
            (spoken_password(text) && (name_end == named_to || spoken::is_odd(text))).then_some(PiiType::Password)
        }
        // `password=None`
        Hint::Whole(PiiType::Password) if bytes[sign] == b'=' && !quoted(context, start, end) && is_nothing(text) => {
            None
        }
        // In prose only a name that can be nothing else is believed.
        Hint::BareName | Hint::Name if !tight => None,
        Hint::BareName
            if quote.is_none()
                && !quoted(context, start, end)
                && !(bytes[sign] == b'=' && text.starts_with(char::is_uppercase)) =>
        {
            None
        }
        // `auth: currentPassword="…"`: a name, with its own value behind it.
        Hint::Secret if names_quoted(context, start, end) => None,
        Hint::Secret => (random::looks_random(text) || (in_query(context, name_start) && text.len() >= 8))
            .then_some(PiiType::Secret),
        Hint::Street | Hint::Address if !tight => None,
        _ => value::whole(hint, text),
    }?;
    Some((start, end, kind))
}

/// `Pwd (required): …`: where the name ends before a remark in brackets.
fn without_remark(bytes: &[u8], end: usize) -> usize {
    let Some(head) = bytes[..end].strip_suffix(b")") else { return end };
    let from = head.len().saturating_sub(MAX_REMARK);
    let open = memchr::memrchr2(b'(', b'\n', &head[from..]).map(|at| from + at).filter(|at| bytes[*at] == b'(');
    open.map_or(end, |open| open - bytes[..open].iter().rev().take(1).take_while(|b| **b == b' ').count())
}

/// Bytes of a remark in brackets behind a name.
const MAX_REMARK: usize = 16;

/// `[Wachtwoord] NDI5uLWIAbU23`: a name in brackets before its value.
pub(crate) fn find_bracketed(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let mut next = 0;
    while let Some(found) = memchr::memchr(b'[', &context.bytes[next..]) {
        let start = next + found + 1;
        next = start;
        let window = &context.bytes[start..context.bytes.len().min(start + MAX_NAME)];
        let Some(length) = memchr::memchr2(b']', b'[', window).filter(|at| window[*at] == b']') else { continue };
        let (end, name) = (start + length, start..start + length);
        if context.at(end + 1) != b' ' || context.is_opaque(start - 1, end + 1) {
            continue;
        }
        let Some(hint) = context.hints.of(&context.text[name], None) else { continue };
        let Some((from, to)) = value_at(context, end + 1, hint) else { continue };
        let text = &context.text[from..to];
        let kind = match hint {
            Hint::Whole(PiiType::Password) => {
                (spoken_password(text) && spoken::is_odd(text)).then_some(PiiType::Password)
            }
            hint => Some(hint).filter(|hint| hint.has_form()).and_then(|hint| value::whole(hint, text)),
        };
        if let Some(kind) = kind {
            context.push(from, to, kind);
            next = to;
        }
    }
}

/// Whether what stands before a name is nothing, or a mark of a list or of a change: `- `, `+ `.
fn begins_line(head: &[u8]) -> bool {
    let head = head.strip_suffix(b" ").unwrap_or(head);
    let head = head.strip_suffix(b"+").or_else(|| head.strip_suffix(b"-")).unwrap_or(head);
    head.last().is_none_or(|b| *b == b'\n')
}

/// What the name says whose value begins at `at`: `full_name="…`, `zip: …`.
pub(crate) fn hint_before(text: &str, at: usize, hints: &Hints) -> Option<Hint> {
    let head = text[..at].trim_end_matches(['"', '\'', '`', ' ']);
    let head = if at - head.len() > 3 { return None } else { head.strip_suffix([':', '='])? };
    let head = head.trim_end_matches(['"', '\'', '`', ' ']);
    let start = head
        .char_indices()
        .rev()
        .take(MAX_NAME)
        .take_while(|(_, c)| c.is_alphanumeric() || "_-.".contains(*c))
        .last()?
        .0;
    hints.of(&head[start..], None).filter(|hint| !hint.says_nothing())
}

/// What programs call nothing.
fn is_nothing(text: &str) -> bool {
    let text = text.trim_end_matches([')', ']', '}']);
    ["none", "null", "nil", "true", "false", "undefined", "str", "string"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
        || text.bytes().all(|b| b == b'*')
}

/// Whether a value is a name and its sign, before a value in quotes.
fn names_quoted(context: &Context<'_>, start: usize, end: usize) -> bool {
    let name = &context.bytes[start..end];
    !matches!(context.before(start), b'"' | b'\'' | b'`')
        && matches!(context.at(end), b'"' | b'\'' | b'`')
        && name.last() == Some(&b'=')
        && context.hints.of(&context.text[start..end - 1], None).is_some_and(|hint| !hint.says_nothing())
}

fn quoted(context: &Context<'_>, start: usize, end: usize) -> bool {
    let before = context.before(start);
    matches!(before, b'"' | b'\'' | b'`') && context.at(end) == before
}

/// Where a value of several words ends that no quotes hold together: `name=Jane Doe age=7`, `street=5 Oak Road; city=…`.
fn phrase_end(context: &Context<'_>, start: usize, end: usize, hint: Hint) -> usize {
    let names = matches!(hint, Hint::Name | Hint::BareName);
    if quoted(context, start, end) || !(names || matches!(hint, Hint::Street | Hint::Address | Hint::Coordinates)) {
        return end;
    }
    let mut stop = end;
    while stop - start < MAX_PHRASE && context.at(stop) == b' ' && stop < context.bytes.len() {
        let rest = &context.text[stop + 1..];
        let word = rest.find(|c: char| c.is_whitespace() || "\"'<>`&,;|}]=:".contains(c)).unwrap_or(rest.len());
        let capital = rest.chars().next().is_some_and(char::is_uppercase);
        let first = rest.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '#' || c == '-');
        let is_key = matches!(rest.as_bytes().get(word), Some(b'=' | b':'));
        // What follows a number is no more of it, but another number.
        let number =
            hint != Hint::Coordinates || rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
        let digits = names && rest[..word].bytes().any(|b| b.is_ascii_digit());
        if word == 0 || is_key || !first || !number || digits || (names && !(capital || SMALL.contains(&&rest[..word])))
        {
            break;
        }
        stop += 1 + word;
    }
    stop
}

/// Bytes of a value of several words.
const MAX_PHRASE: usize = 96;
/// Words in names that begin with a small letter.
const SMALL: [&str; 14] = ["de", "da", "do", "dos", "del", "della", "der", "den", "di", "la", "le", "van", "von", "y"];

/// Names that are written apart: `mot de passe : …`, `api key: …`. In prose only those of secrets are believed.
fn several_words(context: &Context<'_>, name_end: usize) -> Option<Hint> {
    let is_part = |b: u8| b.is_ascii_alphabetic() || b == b' ' || b >= 0x80;
    let length = context.bytes[..name_end].iter().rev().take(MAX_NAME).take_while(|&&b| is_part(b)).count();
    let start = context.text.ceil_char_boundary(name_end - length);
    let hint = context.hints.of(&context.text[start..name_end], None)?;
    let hint = Some(hint).filter(|_| !context.is_opaque(start, name_end))?;
    matches!(hint, Hint::Secret | Hint::Whole(PiiType::Password)).then_some(hint)
}

/// `?sig=…`, `&X-Amz-Signature=…`: whoever has a link that is signed has what it opens.
fn signature(context: &Context<'_>, name: Range<usize>) -> Option<Hint> {
    let signs = ["sig", "signature", "hmac"];
    let last = || context.text[name.clone()].rsplit(['-', '_']).next().unwrap_or("");
    let signed = in_query(context, name.start) && signs.iter().any(|word| last().eq_ignore_ascii_case(word));
    signed.then_some(Hint::Secret)
}

/// Whether a name at `start` is a parameter of a URL's query.
fn in_query(context: &Context<'_>, start: usize) -> bool {
    matches!(context.before(start), b'?' | b'&' | b'#' | b';')
}

/// The value after the sign: quoted, or up to a space or a separator.
pub(crate) fn value_at(context: &Context<'_>, after: usize, hint: Hint) -> Option<(usize, usize)> {
    let bytes = context.bytes;
    // `**Password:** hunter2`: the name in Markdown's bold letters.
    let signs =
        bytes[after..].iter().take(4).take_while(|b| matches!(b, b' ' | b'\t' | b'>' | b'=' | b':' | b'*')).count();
    let mut start = after + signs;
    if let Some(&quote @ (b'"' | b'\'' | b'`')) = bytes.get(start) {
        start += 1;
        let window = &bytes[start..bytes.len().min(start + MAX_VALUE)];
        let length = memchr::memchr(quote, window)?;
        return (length > 0).then_some((start, start + length));
    }
    let password = hint == Hint::Whole(PiiType::Password);
    if password {
        start += scheme(&bytes[start..]);
    }
    // In a sentence `&` may stand inside a password, in a query it ends one.
    let told = password && bytes.get(after.wrapping_sub(1)) != Some(&b'=');
    let ends = |b: u8| {
        let mark = match (told, password) {
            (true, _) => b"\"'<>`,;".as_slice(),
            (false, true) => b"\"'<>`&,;",
            (false, false) => b"\"'<>`&,;|}]",
        };
        b.is_ascii_whitespace() || (mark.contains(&b) && !(b == b',' && hint == Hint::Coordinates))
    };
    let mut signs = 0;
    let part = |b: &&u8| {
        signs += usize::from(matches!(**b, b'=' | b':'));
        !ends(**b) && (password || signs <= MAX_SIGNS)
    };
    let mut end = start + bytes[start..].iter().take(MAX_VALUE).take_while(part).count();
    if signs > MAX_SIGNS && !password {
        return None;
    }
    // `password=rR&7N+v3*ZF3 user=bob`: no name follows the mark, so that it is a part of the value.
    while password && !told && context.at(end) == b'&' && end - start < MAX_VALUE && !is_parameter(&bytes[end + 1..]) {
        end += 1 + bytes[end + 1..].iter().take(MAX_VALUE).take_while(|&&b| !ends(b)).count();
    }
    // `LAST_NAME=O'Connell`
    let letter = |at: usize| context.at(at).is_ascii_alphabetic();
    while matches!(hint, Hint::Name | Hint::BareName)
        && (start + 1..start + MAX_PHRASE).contains(&end)
        && context.at(end) == b'\''
        && letter(end - 1)
        && letter(end + 1)
    {
        end += 1 + bytes[end + 1..].iter().take(MAX_PHRASE).take_while(|&&b| !ends(b)).count();
    }
    // A full stop ends the sentence and not the value, unless it is a password that goes on in a machine's line.
    let closed = bytes.get(end).is_none_or(u8::is_ascii_whitespace);
    while end > start && matches!(bytes[end - 1], b'.' | b')' | b'?') && (closed || !password) {
        end -= 1;
    }
    end = context.text.floor_char_boundary(end);
    (end > start && context.text.is_char_boundary(start)).then_some((start, end))
}

/// Whether `rest` begins as a parameter of a query does: `user=…`.
fn is_parameter(rest: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'[' | b']' | b'%');
    let length = rest.iter().take(MAX_NAME).take_while(|b| is_name(b)).count();
    length == 0 || rest.get(length) == Some(&b'=')
}

/// The length of an authentication scheme and its space (RFC 9110, section 11.1) before the credentials.
fn scheme(rest: &[u8]) -> usize {
    let head = &rest[..rest.len().min(12)];
    let known = |word: &[u8]| {
        [&b"bearer"[..], b"basic", b"token", b"digest", b"apikey"].iter().any(|s| word.eq_ignore_ascii_case(s))
    };
    memchr::memchr(b' ', head).filter(|&at| known(&head[..at])).map_or(0, |at| at + 1)
}

/// `password: hunter2` is one; `password: required` is talk about one.
pub(crate) fn spoken_password(text: &str) -> bool {
    let plain = text.trim_matches(['.', ',', '!', '?', ')', '(']);
    text.len() >= 3
        && !(plain.len() <= 16 && PROSE_WORDS.contains(&*plain.to_lowercase()))
        && !crate::replace::is_placeholders(text)
}
