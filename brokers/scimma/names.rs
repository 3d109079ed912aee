//! The shapes of ids: UUIDs of the archive's messages, numbers of SKIP's alerts, names of objects.

/// What an id means.
#[derive(Debug, PartialEq)]
pub(super) enum Id {
    /// A message of the archive, its UUID as the archive writes it.
    Message(String),
    /// An alert of SKIP, its number.
    Alert(String),
    /// The name of an object or the title of a message.
    Name(String),
}

impl Id {
    /// An alert without a name is listed as its topic and id, which means the id.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        let last = text.rsplit_once('/').map_or(text, |(_, last)| last);
        // Longer digits are names, those of LSST's objects.
        if (1..15).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Alert(last.to_owned());
        }
        match bson::Uuid::parse_str(last) {
            Ok(uuid) => Self::Message(uuid.to_string()),
            Err(_) => Self::Name(text.to_owned()),
        }
    }

    /// Whether it is an id rather than a name.
    pub(super) fn is_id(&self) -> bool {
        !matches!(self, Self::Name(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_short_numbers() {
        let uuid = "0b5e7a3c-1d2f-4c6b-8a9e-000000000001";
        let message = || Id::Message(uuid.to_owned());
        for text in [uuid, &uuid.to_uppercase(), &uuid.replace('-', ""), &format!(" gcn.test/{uuid} ")] {
            assert_eq!(Id::of(text), message(), "{text}");
        }
        for text in ["11", "TOMToolkit.test/11"] {
            assert_eq!(Id::of(text), Id::Alert("11".to_owned()));
        }
        for text in ["SN 2031qq", "169342810955317611", "0b5e7a3c", ""] {
            assert_eq!(Id::of(text), Id::Name(text.to_owned()));
        }
    }
}
