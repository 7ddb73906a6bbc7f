//! The types of personal data and secrets that the rules find.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! pii_types {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What was found. On the wire, in `pii_flags` and in placeholders it is its snake-case name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum PiiType {
            $($(#[$doc])* $name,)*
        }

        impl PiiType {
            /// Every type, in the order of its declaration, which is also the order of precedence where findings overlap.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on the wire, for instance `email`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

pii_types! {
    /// Data that could not be scanned because it passes a limit; it is replaced whole.
    Unscannable => "unscannable",
    /// A PEM or OpenSSH private-key block.
    PrivateKey => "private_key",
    /// A JSON Web Token (RFC 7519).
    Jwt => "jwt",
    /// An access key or token of a known form, or a high-entropy value under a secret-like name.
    Secret => "secret",
    /// A value under a password-like name.
    Password => "password",
    /// User information or a token inside a URL (RFC 3986, section 3.2.1).
    UrlCredentials => "url_credentials",
    /// A payment card number: issuer prefix, length and Luhn check digit (ISO/IEC 7812).
    PaymentCard => "payment_card",
    /// An international bank account number (ISO 13616, mod 97).
    Iban => "iban",
    /// A cryptocurrency address.
    CryptoWallet => "crypto_wallet",
    /// A US social security number.
    UsSsn => "us_ssn",
    /// A UK national insurance number.
    UkNino => "uk_nino",
    /// A UK NHS number.
    UkNhs => "uk_nhs",
    /// A Spanish DNI or NIE.
    EsNif => "es_nif",
    /// An Italian codice fiscale.
    ItCodiceFiscale => "it_codice_fiscale",
    /// A French social security number (NIR).
    FrNir => "fr_nir",
    /// A German tax identification number (Steuer-ID).
    DeSteuerId => "de_steuer_id",
    /// An Indian Aadhaar number.
    InAadhaar => "in_aadhaar",
    /// A Brazilian CPF.
    BrCpf => "br_cpf",
    /// A Canadian social insurance number.
    CaSin => "ca_sin",
    /// An Australian tax file number.
    AuTfn => "au_tfn",
    /// A Dutch citizen service number (BSN).
    NlBsn => "nl_bsn",
    /// A Polish PESEL.
    PlPesel => "pl_pesel",
    /// A Swedish personnummer.
    SePersonnummer => "se_personnummer",
    /// A passport number in context.
    Passport => "passport",
    /// A driving licence number in context.
    DriverLicence => "driver_licence",
    /// An e-mail address.
    Email => "email",
    /// A telephone number.
    Phone => "phone",
    /// An IPv4 or IPv6 address.
    IpAddress => "ip_address",
    /// A MAC address.
    MacAddress => "mac_address",
    /// A date of birth in context.
    DateOfBirth => "date_of_birth",
    /// Geographic coordinates in context.
    GpsCoordinates => "gps_coordinates",
    /// A street address.
    StreetAddress => "street_address",
    /// A postcode in context.
    Postcode => "postcode",
    /// A person's name, where the key says so.
    PersonName => "person_name",
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// JSON Pointer (RFC 6901) to the string, number or member in the original tree; shared by all that was found in it.
    pub pointer: Arc<str>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PiiType,
    /// First byte of it, in the original string (UTF-8), or in the text of the original number.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Whether it stands in the member's name and not in its value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_key: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::unwrap_used)]
    fn names_are_the_wire_names() {
        for kind in PiiType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
