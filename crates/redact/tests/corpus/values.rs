//! Values of each type, as people and systems write them, with right check digits.

use super::rng::Rng;

pub const FIRST: &[&str] = &[
    "Jane",
    "Peter",
    "Aisha",
    "Łukasz",
    "Björn",
    "Chiara",
    "José",
    "Zoë",
    "Priya",
    "Wei",
    "Olga",
    "Sean",
    "Anneliese",
    "Mateusz",
    "Inês",
    "Yusuf",
];
pub const LAST: &[&str] = &[
    "Doe",
    "Müller",
    "O'Brien",
    "García",
    "Nowak",
    "van Dijk",
    "Rossi",
    "Lindqvist",
    "Silva",
    "Dubois",
    "Kapoor",
    "Chen",
    "Smith-Jones",
    "Åberg",
];
const ASCII_NAMES: &[&str] = &[
    "jane", "peter", "aisha", "bjorn", "chiara", "jose", "priya", "wei", "olga", "sean", "doe", "rossi", "nowak",
    "silva",
];

pub const KINDS: &[&str] = &[
    "email",
    "phone",
    "payment_card",
    "iban",
    "us_ssn",
    "uk_nino",
    "uk_nhs",
    "es_nif",
    "it_codice_fiscale",
    "fr_nir",
    "de_steuer_id",
    "in_aadhaar",
    "br_cpf",
    "ca_sin",
    "au_tfn",
    "nl_bsn",
    "pl_pesel",
    "se_personnummer",
    "street_address",
    "postcode",
    "date_of_birth",
    "ip_address",
    "mac_address",
    "url_credentials",
    "secret",
    "private_key",
    "jwt",
    "password",
    "crypto_wallet",
    "gps_coordinates",
    "passport",
    "driver_licence",
    "person_name",
];

pub fn value(kind: &str, rng: &mut Rng) -> String {
    match kind {
        "email" => email(rng),
        "phone" => phone(rng),
        "payment_card" => card(rng),
        "iban" => iban(rng),
        "us_ssn" => ssn(rng),
        "uk_nino" => nino(rng),
        "uk_nhs" => spaced(&nhs(rng), &[3, 3, 4], ' ', rng),
        "es_nif" => nif(rng),
        "it_codice_fiscale" => codice_fiscale(rng),
        "fr_nir" => spaced(&nir(rng), &[1, 2, 2, 2, 3, 3, 2], ' ', rng),
        "de_steuer_id" => spaced(&steuer_id(rng), &[2, 3, 3, 3], ' ', rng),
        "in_aadhaar" => spaced(&with_check(rng, "%###########", 2, verhoeff), &[4, 4, 4], ' ', rng),
        "br_cpf" => cpf(rng),
        "ca_sin" => spaced(&with_check(rng, "%########", 1, luhn), &[3, 3, 3], ' ', rng),
        "au_tfn" => spaced(&with_check(rng, "%########", 1, tfn), &[3, 3, 3], ' ', rng),
        "nl_bsn" => with_check(rng, "%########", 1, bsn),
        "pl_pesel" => pesel(rng),
        "se_personnummer" => personnummer(rng),
        "street_address" => street(rng),
        "postcode" => postcode(rng),
        "date_of_birth" => date(rng),
        "ip_address" => ip(rng),
        "mac_address" => mac(rng),
        "url_credentials" => {
            format!("{}:{}", rng.pick(ASCII_NAMES), rng.string("abcdefghijkmnpqrstuvwxyz23456789", 10))
        }
        "secret" => secret(rng),
        "private_key" => private_key(rng),
        "jwt" => jwt(rng),
        "password" => password(rng),
        "crypto_wallet" => wallet(rng),
        "gps_coordinates" => gps(rng),
        "passport" => {
            let form = rng.pick(&["@########", "#########", "@@#######", "@@@######", "C@@##@##@"]);
            rng.fill(form)
        }
        "driver_licence" => {
            let form = rng.pick(&["@###-####-####", "@#######", "@@@@@######@@9@@", "########", "@############"]);
            rng.fill(form)
        }
        "person_name" => format!("{} {}", rng.pick(FIRST), rng.pick(LAST)),
        other => panic!("no such type: {other}"),
    }
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

pub fn luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| if i % 2 == 1 { if d > 4 { 2 * d - 9 } else { 2 * d } } else { d })
        .sum();
    sum % 10 == 0
}

fn verhoeff(text: &str) -> bool {
    // The dihedral group D5, computed instead of tabled: rotations 0 to 4, reflections 5 to 9.
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permute = |n: usize, d: u32| (0..n).fold(d, |d, _| [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][d as usize]);
    digits(text).iter().rev().enumerate().fold(0, |c, (i, &d)| times(c, permute(i % 8, d))) == 0
}

fn weighted(text: &str, weights: &[i64]) -> i64 {
    digits(text).iter().zip(weights).map(|(&d, w)| i64::from(d) * w).sum()
}

fn tfn(text: &str) -> bool {
    weighted(text, &[1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0
}

fn bsn(text: &str) -> bool {
    weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0
}

/// Numbers of this pattern whose first digit is at least `first`, until the check holds.
fn with_check(rng: &mut Rng, pattern: &str, first: u32, check: fn(&str) -> bool) -> String {
    loop {
        let text = rng.fill(pattern);
        if digits(&text)[0] >= first && digits(&text)[0] != 8 && check(&text) {
            return text;
        }
    }
}

/// In groups, or sometimes without them.
fn spaced(text: &str, groups: &[usize], separator: char, rng: &mut Rng) -> String {
    if rng.chance(30) { text.to_owned() } else { grouped(text, groups, separator) }
}

pub fn grouped(text: &str, groups: &[usize], separator: char) -> String {
    let mut rest = text;
    let mut parts = Vec::new();
    for &length in groups {
        let (part, tail) = rest.split_at(length.min(rest.len()));
        parts.push(part);
        rest = tail;
    }
    parts.join(&separator.to_string())
}

fn email(rng: &mut Rng) -> String {
    let domain = rng.pick(&[
        "example.com",
        "mail.example.org",
        "firma.example.de",
        "uni-köln.example",
        "correo.example.es",
        "example.co.uk",
        "corp.example.io",
    ]);
    let (a, b) = (rng.pick(ASCII_NAMES), rng.pick(ASCII_NAMES));
    match rng.below(5) {
        0 => format!("{a}.{b}@{domain}"),
        1 => format!("{a}{}@{domain}", rng.range(1, 99)),
        2 => format!("{a}_{b}@{domain}"),
        3 => format!("{a}+{b}@{domain}"),
        _ => format!("{}@{domain}", a.to_uppercase()),
    }
}

fn phone(rng: &mut Rng) -> String {
    let form = rng.pick(&[
        "+1 %##-555-####",
        "+1-2##-555-01##",
        "(2##) 555-01##",
        "2##-555-01##",
        "2##.555.01##",
        "1-800-555-####",
        "+44 20 7946 0###",
        "020 7946 0###",
        "07700 900###",
        "+44 7700 900###",
        "+33 1 %# ## ## ##",
        "06 %# ## ## ##",
        "+49 30 ########",
        "030 %#######",
        "0171 %######",
        "+34 612 ### ###",
        "612 ### ###",
        "+39 06 %### ####",
        "347 %### ###",
        "+31 6 %#######",
        "06-%#######",
        "+48 601 ### ###",
        "601 ### ###",
        "+46 70 %## ## ##",
        "070-%## ## ##",
        "+55 11 9%###-####",
        "(11) 9%###-####",
        "+91 98### #####",
        "98### #####",
        "+61 4## ### ###",
        "0412 ### ###",
        "(02) 9%## ####",
        "+14155552###",
        "0033 1 %# ## ## ##",
        "+353 1 %## ####",
    ]);
    rng.fill(form)
}

fn card(rng: &mut Rng) -> String {
    let (pattern, groups): (&str, &[usize]) = match rng.below(6) {
        0 | 1 => ("4###############", &[4, 4, 4, 4]),
        2 => ("5%##############", &[4, 4, 4, 4]),
        3 => ("37#############", &[4, 6, 5]),
        4 => ("6011############", &[4, 4, 4, 4]),
        _ => ("36############", &[4, 6, 4]),
    };
    let text = loop {
        let text = rng.fill(pattern);
        let master = !text.starts_with('5') || ("51".."56").contains(&&text[..2]);
        if master && luhn(&text) {
            break text;
        }
    };
    match rng.below(3) {
        0 => text,
        1 => grouped(&text, groups, ' '),
        _ => grouped(&text, groups, '-'),
    }
}

fn iban(rng: &mut Rng) -> String {
    let form = rng.pick(&[
        "DE####################",
        "GB##@@@@##############",
        "FR#########################",
        "ES######################",
        "NL##@@@@##########",
        "IT##@######################",
        "PL##########################",
        "SE######################",
    ]);
    let text = rng.fill(form);
    let body = &text[4..];
    let spelt: String =
        format!("{body}{}00", &text[..2]).chars().map(|c| c.to_digit(36).unwrap().to_string()).collect();
    let rest = spelt.bytes().fold(0u64, |rest, b| (rest * 10 + u64::from(b - b'0')) % 97);
    let text = format!("{}{:02}{body}", &text[..2], 98 - rest);
    if rng.chance(50) {
        text
    } else {
        text.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join(" ")
    }
}

fn ssn(rng: &mut Rng) -> String {
    let text = format!(
        "{:03}{:02}{:04}",
        [rng.range(1, 665), rng.range(667, 899)][rng.below(2)],
        rng.range(1, 99),
        rng.range(1, 9999)
    );
    grouped(&text, &[3, 2, 4], *rng.pick(&[&'-', &'-', &' ']))
}

fn nino(rng: &mut Rng) -> String {
    let text = format!(
        "{}{}{}",
        rng.pick(&["AB", "CE", "JG", "PX", "ST", "WL"]),
        rng.fill("######"),
        rng.pick(&["A", "B", "C", "D"])
    );
    if rng.chance(50) { text } else { grouped(&text, &[2, 2, 2, 2, 1], ' ') }
}

fn nhs(rng: &mut Rng) -> String {
    with_check(rng, "%#########", 1, |text| {
        let check = 11 - weighted(&text[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        check != 10 && check % 11 == i64::from(digits(text)[9])
    })
}

fn nif(rng: &mut Rng) -> String {
    let letters = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let first = rng.below(10);
    let rest = rng.fill("#######");
    let nie = rng.chance(40) && first < 3;
    let number: usize = format!("{first}{rest}").parse().unwrap();
    let letter = letters[number % 23] as char;
    let head = if nie { ["X", "Y", "Z"][first].to_owned() } else { first.to_string() };
    if rng.chance(30) { format!("{head}{rest}-{letter}") } else { format!("{head}{rest}{letter}") }
}

fn codice_fiscale(rng: &mut Rng) -> String {
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let body = format!(
        "{}{}{}{:02}{}",
        rng.fill("@@@@@@"),
        rng.fill("##"),
        rng.pick(&["A", "C", "H", "M", "S"]),
        rng.range(1, 31),
        rng.fill("@###")
    );
    let sum: usize = body
        .chars()
        .enumerate()
        .map(|(i, c)| {
            let v = c.to_digit(10).map_or_else(|| c as usize - 'A' as usize, |d| d as usize);
            if i % 2 == 0 { odd[v] } else { v }
        })
        .sum();
    format!("{body}{}", (b'A' + (sum % 26) as u8) as char)
}

fn nir(rng: &mut Rng) -> String {
    let body = format!(
        "{}{:02}{:02}{:02}{}",
        rng.range(1, 2),
        rng.below(100),
        rng.range(1, 12),
        rng.range(1, 95),
        rng.fill("######")
    );
    format!("{body}{:02}", 97 - body.parse::<u64>().unwrap() % 97)
}

fn steuer_id(rng: &mut Rng) -> String {
    loop {
        let mut order: Vec<u32> = (0..10).collect();
        for i in (1..10).rev() {
            order.swap(i, rng.below(i + 1));
        }
        // One digit twice, one not at all, the rest once.
        let (from, to) = (rng.below(10), rng.below(10));
        if from == to {
            continue;
        }
        order[to] = order[from];
        if order[0] == 0 {
            continue;
        }
        let product = order.iter().fold(10, |p, &d| {
            let s = (d + p) % 10;
            (if s == 0 { 10 } else { s }) * 2 % 11
        });
        let body: String = order.iter().map(u32::to_string).collect();
        return format!("{body}{}", (11 - product) % 10);
    }
}

fn cpf(rng: &mut Rng) -> String {
    let mut d = digits(&rng.fill("%########"));
    for n in [9u32, 10] {
        let sum: u32 = d.iter().zip((2..=n + 1).rev()).map(|(&d, w)| d * w).sum();
        d.push(sum * 10 % 11 % 10);
    }
    let text: String = d.iter().map(u32::to_string).collect();
    if rng.chance(30) { text } else { format!("{}.{}.{}-{}", &text[..3], &text[3..6], &text[6..9], &text[9..]) }
}

fn pesel(rng: &mut Rng) -> String {
    let body = format!("{:02}{:02}{:02}{}", rng.range(30, 99), rng.range(1, 12), rng.range(1, 28), rng.fill("####"));
    let sum = weighted(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn personnummer(rng: &mut Rng) -> String {
    let text = loop {
        let text =
            format!("{:02}{:02}{:02}{}", rng.range(30, 99), rng.range(1, 12), rng.range(1, 28), rng.fill("####"));
        if luhn(&text) {
            break text;
        }
    };
    match rng.below(3) {
        0 => format!("19{text}"),
        1 => format!("19{}-{}", &text[..6], &text[6..]),
        _ => format!("{}-{}", &text[..6], &text[6..]),
    }
}

fn street(rng: &mut Rng) -> String {
    let n = rng.range(1, 240);
    match rng.below(9) {
        0 => format!(
            "{n} {} {}",
            rng.pick(&["Maple", "Oak Ridge", "Evergreen", "Queen Victoria", "North Main"]),
            rng.pick(&["Street", "Ave", "Road", "Blvd", "Lane", "Terrace", "Drive", "St."])
        ),
        1 => format!(
            "{}{} {n}",
            rng.pick(&["Haupt", "Bahnhof", "Goethe", "Schiller"]),
            rng.pick(&["straße", "strasse", "weg", "platz", "str."])
        ),
        2 => format!(
            "{n} {} {}",
            rng.pick(&["rue", "avenue", "boulevard", "chemin"]),
            rng.pick(&["de la Paix", "Victor Hugo", "des Lilas", "du Général Leclerc"])
        ),
        3 => format!(
            "{} {} {n}",
            rng.pick(&["Calle", "Avenida", "Plaza", "Paseo"]),
            rng.pick(&["Mayor", "de la Constitución", "San Juan", "del Prado"])
        ),
        4 => format!(
            "{} {} {n}",
            rng.pick(&["Via", "Viale", "Piazza", "Corso"]),
            rng.pick(&["Roma", "Garibaldi", "della Repubblica", "Vittorio Emanuele"])
        ),
        5 => {
            format!("{}{} {n}", rng.pick(&["Kerk", "Dorps", "Prinsen"]), rng.pick(&["straat", "laan", "gracht", "weg"]))
        }
        6 => format!("ul. {} {n}/{}", rng.pick(&["Marszałkowska", "Długa", "Piotrkowska"]), rng.range(1, 40)),
        7 => format!("{}{} {n}", rng.pick(&["Stor", "Drottning", "Kungs"]), rng.pick(&["gatan", "vägen"])),
        _ => format!("Rua {}, {n}", rng.pick(&["Augusta", "das Flores", "do Ouvidor"])),
    }
}

fn postcode(rng: &mut Rng) -> String {
    let form = rng.pick(&[
        "#####",
        "%####-####",
        "SW1@ %@@",
        "EC%A %@@",
        "M%# %@@",
        "1### AB",
        "%#-###",
        "### ##",
        "K1A %B%",
        "0####-###",
    ]);
    rng.fill(form)
}

pub fn date(rng: &mut Rng) -> String {
    let (y, m, d) = (rng.range(1930, 2012), rng.range(1, 12), rng.range(1, 28));
    let months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match rng.below(6) {
        0 => format!("{y}-{m:02}-{d:02}"),
        1 => format!("{d:02}/{m:02}/{y}"),
        2 => format!("{d}.{m}.{y}"),
        3 => format!("{} {d}, {y}", months[m - 1]),
        4 => format!("{d} {} {y}", months[m - 1]),
        _ => format!("{d} de {} de {y}", rng.pick(&["enero", "marzo", "septiembre", "agosto"])),
    }
}

fn ip(rng: &mut Rng) -> String {
    match rng.below(4) {
        0 => format!("2001:db8:{:x}::{:x}", rng.range(1, 65535), rng.range(1, 65535)),
        1 => format!(
            "fe80::{:x}:{:x}:{:x}:{:x}",
            rng.range(4096, 65535),
            rng.range(4096, 65535),
            rng.range(4096, 65535),
            rng.range(4096, 65535)
        ),
        _ => format!("{}.{}.{}.{}", rng.range(1, 223), rng.below(256), rng.below(256), rng.range(1, 254)),
    }
}

fn mac(rng: &mut Rng) -> String {
    let text = rng.string("0123456789abcdef", 12);
    match rng.below(3) {
        0 => grouped(&text, &[2, 2, 2, 2, 2, 2], ':'),
        1 => grouped(&text.to_uppercase(), &[2, 2, 2, 2, 2, 2], '-'),
        _ => grouped(&format!("0{}a", &text[1..11]), &[4, 4, 4], '.'),
    }
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn secret(rng: &mut Rng) -> String {
    match rng.below(9) {
        0 => format!("AKIA{}", rng.string("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        1 => format!("ghp_{}", rng.string(ALNUM, 36)),
        2 => format!("AIza{}", rng.string(ALNUM, 35)),
        3 => format!("xoxb-{}-{}", rng.fill("%###########"), rng.string(ALNUM, 24)),
        4 => format!("sk_live_{}", rng.string(ALNUM, 24)),
        5 => format!("glpat-{}", rng.string(ALNUM, 20)),
        6 => format!("npm_{}", rng.string(ALNUM, 36)),
        7 => format!("SG.{}.{}", rng.string(ALNUM, 22), rng.string(ALNUM, 43)),
        _ => format!("sk-proj-{}", rng.string(ALNUM, 48)),
    }
}

fn private_key(rng: &mut Rng) -> String {
    let kind = rng.pick(&["RSA ", "EC ", "OPENSSH ", ""]);
    format!(
        "-----BEGIN {kind}PRIVATE KEY-----\n{}\n{}\n-----END {kind}PRIVATE KEY-----",
        rng.string(ALNUM, 64),
        rng.string(ALNUM, 40)
    )
}

fn jwt(rng: &mut Rng) -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", rng.string(ALNUM, 40), rng.string(ALNUM, 43))
}

fn password(rng: &mut Rng) -> String {
    match rng.below(4) {
        0 => format!("{}{}", rng.pick(&["hunter", "letmein", "Summer", "dragon", "monkey"]), rng.range(1, 9999)),
        1 => format!("{}!{}", rng.string("abcdefghijk", 6), rng.range(10, 99)),
        2 => rng.string("ABCDEFGHabcdefgh0123456789$#!", 14),
        _ => format!("correct-horse-{}", rng.range(1, 99)),
    }
}

fn wallet(rng: &mut Rng) -> String {
    match rng.below(3) {
        0 => format!("0x{}", rng.string("0123456789abcdefABCDEF", 40)),
        1 => (*rng.pick(&[
            &"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            &"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            &"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        ]))
        .to_owned(),
        _ => (*rng
            .pick(&[&"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", &"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]))
        .to_owned(),
    }
}

fn gps(rng: &mut Rng) -> String {
    let (lat, lon) = (rng.range(10_000, 85_000), rng.range(10_000, 170_000));
    let (s, t) = (rng.pick(&["", "-"]), rng.pick(&["", "-"]));
    format!("{s}{}.{:04}, {t}{}.{:04}", lat / 1000, rng.range(1001, 9999), lon / 1000, rng.range(1001, 9999))
}
