//! The shapes of ids: UUIDs of the archive's messages, numbers of SKIP's alerts.

use crate::plugin::*;

/// What an id means.
pub(super) enum Id {
    /// A message of the archive, its UUID as the archive writes it.
    Message(String),
    /// An alert of SKIP.
    Alert,
}

impl Id {
    pub(super) fn of(id: &str) -> Result<Self> {
        if (1..=18).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::Alert);
        }
        // Other spellings of a UUID would make one message two.
        match bson::Uuid::parse_str(id).map(|uuid| uuid.to_string()) {
            Ok(uuid) if uuid.eq_ignore_ascii_case(id) => Ok(Self::Message(uuid)),
            _ => {
                let text = "this is no id of SCIMMA; the archive's are UUIDs, SKIP's are numbers";
                Err(Error::new(ErrorKind::Input, text))
            }
        }
    }
}
