//! The User-Agent by which TNS knows who asks.

use std::fmt::Write as _;

use crate::plugin::*;

/// The User-Agent that names a bot or a user: JSON directly behind a word, in ASCII.
pub(super) fn marker(id: u64, kind: &str, name: &str) -> String {
    let text = json!({"tns_id": id, "type": kind, "name": name}).to_string();
    let mut marker = String::from("tns_marker");
    for character in text.chars() {
        if (' '..='~').contains(&character) {
            marker.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a text does not fail.
                let _ = write!(marker, "\\u{unit:04x}");
            }
        }
    }
    marker
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_json_in_ascii_whatever_the_name() {
        let marker = marker(7, "bot", "O'Brien \"Ünï\" 🚀\u{7f}");
        assert!(marker.is_ascii() && !marker.contains('\u{7f}'));
        let text = marker.strip_prefix("tns_marker").unwrap();
        let read: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read, json!({"tns_id": 7, "type": "bot", "name": "O'Brien \"Ünï\" 🚀\u{7f}"}));
    }
}
