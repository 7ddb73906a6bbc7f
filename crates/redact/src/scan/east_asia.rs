//! Addresses of China, Taiwan and Japan, which are written without spaces, the largest place first: `北京市朝阳区建国路88号`,
//! `東京都千代田区丸の内1-9-1`.

use super::Context;
use crate::PiiType;

/// Bytes before the house number that are looked at: some twenty characters.
const REACH: usize = 64;
/// Characters behind which a house number stands in China: roads, lanes, villages, quarters.
const ROADS: [char; 9] = ['路', '街', '道', '巷', '弄', '胡', '同', '村', '段'];
/// Characters that end the name of a place in Japan.
const PLACES: [char; 9] = ['都', '道', '府', '県', '市', '区', '郡', '町', '村'];
/// What stands behind a house number, and may be followed by more numbers: houses, floors, rooms.
const UNITS: [&str; 14] =
    ["号楼", "号", "號", "丁目", "番地", "番", "单元", "單元", "楼", "樓", "室", "层", "栋", "幢"];

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number || context.text.is_ascii() {
        return;
    }
    let mut done = 0;
    for &token in context.tokens {
        if token.start < done || !token.is_number() || token.len() > 5 {
            continue;
        }
        if let Some((start, end)) = address(context, token.start) {
            context.push(start, end, PiiType::StreetAddress);
            done = end;
        }
    }
}

/// Numbers that one address may have: house, stair, floor, room.
const MAX_NUMBERS: usize = 8;

/// The address whose first number begins at `number`.
fn address(context: &Context<'_>, number: usize) -> Option<(usize, usize)> {
    let mut from = number.saturating_sub(REACH);
    while !context.text.is_char_boundary(from) {
        from += 1;
    }
    let before = &context.text[from..number];
    let letters = |c: char| matches!(c, '\u{3005}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}');
    let name: usize = before.chars().rev().take_while(|&c| letters(c)).map(char::len_utf8).sum();
    let name = &before[before.len() - name..];
    let last = name.chars().next_back()?;
    let (end, numbers, unit) = numbers(context, number);
    let chinese = ROADS.contains(&last) && matches!(unit, Some("号" | "號" | "号楼"));
    let japanese =
        name.chars().any(|c| PLACES.contains(&c)) && (numbers >= 2 || matches!(unit, Some("丁目" | "番地" | "番")));
    // `高速道路5号線` is a line.
    let line = context.text[end..].starts_with(['線', '线']);
    ((chinese || japanese) && !line && name.chars().count() >= 3).then_some((number - name.len(), end))
}

/// Where a chain of numbers and units ends, how many numbers it has, and its first unit.
fn numbers(context: &Context<'_>, from: usize) -> (usize, usize, Option<&'static str>) {
    let (mut at, mut numbers, mut first) = (from, 0, None);
    loop {
        let digits = context.bytes[at..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || numbers == MAX_NUMBERS {
            return (at, numbers, first);
        }
        (at, numbers) = (at + digits, numbers + 1);
        let unit = UNITS.into_iter().find(|unit| context.text[at..].starts_with(unit));
        first = first.or(unit);
        let dash = context.at(at) == b'-' && context.at(at + 1).is_ascii_digit();
        match unit {
            Some(unit) => at += unit.len(),
            None if dash => at += 1,
            None => return (at, numbers, first),
        }
    }
}
