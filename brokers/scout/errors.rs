//! What a failure means that comes under status 200.

use crate::plugin::*;

pub(super) fn explain(response: &Response) -> Option<Error> {
    /// A failure has a few words; an object has more.
    const LARGEST: usize = 2_048;
    #[derive(Deserialize)]
    struct Failure {
        #[serde(default, deserialize_with = "wire::text_or_none")]
        error: Option<String>,
        #[serde(default, deserialize_with = "wire::text_or_none")]
        message: Option<String>,
        #[serde(rename = "objectName")]
        object_name: Option<serde::de::IgnoredAny>,
        data: Option<serde::de::IgnoredAny>,
        eph: Option<serde::de::IgnoredAny>,
    }
    if response.status() != 200 || response.body().len() > LARGEST {
        return None;
    }
    let failure: Failure = response.json().ok()?;
    // Rows beside an error are none: an empty list would pass for one without objects.
    let has_rows = failure.object_name.is_some() || failure.data.is_some() || failure.eph.is_some();
    failure.error.or(failure.message.filter(|_| !has_rows))?;
    let words = response.own_words().unwrap_or_default();
    let lower = words.to_lowercase();
    let gone = ["does not exist", "not found", "no object", "unknown object"];
    Some(if gone.iter().any(|word| lower.contains(word)) {
        let text = "Scout does not have this object: it was never on the NEO Confirmation Page, or it has left it \
                    because it was designated, found to be artificial, or lost";
        Error::new(ErrorKind::NotFound, format!("{text}; Scout says: {words}"))
    } else {
        let text = "Scout failed for the moment; try again in a few minutes. Scout says";
        Error::new(ErrorKind::Status, format!("{text}: {words}")).retryable(true)
    })
}
