//! Reads Scout's answers: the list, one object, an object with an ephemeris, and failures under status 200.

use super::ephemeris::Ephemeris;
use super::packet::ScoutPacket;
use super::query::ScoutQuery;
use crate::plugin::*;

/// The version of the service that this crate was written for.
const VERSION: &str = "1.3";

/// What surrounds the rows of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    #[serde(deserialize_with = "super::loose::whole")]
    count: Option<i64>,
    signature: Option<Value>,
}

impl Envelope {
    /// What is to be said beside the rows.
    pub(super) fn notes(&self, rows: usize) -> Vec<String> {
        let mut notes = version_note(self.signature.as_ref()).into_iter().collect::<Vec<_>>();
        if let Some(count) = self.count.filter(|count| usize::try_from(*count) != Ok(rows)) {
            notes.push(format!("Scout says that it lists {count} objects, but {rows} came"));
        }
        if rows == 0 {
            notes.push("Scout lists no object; that does not mean that all of them have left".to_owned());
        }
        notes
    }
}

/// A word on a version that this crate does not know; the answer is read all the same.
pub(super) fn version_note(signature: Option<&Value>) -> Option<String> {
    let version = &signature?["version"];
    let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
    (version != VERSION).then(|| format!("Scout's API is of version {version}; this crate knows {VERSION}"))
}

/// One object, as [`ScoutQuery`] asked for it.
pub(super) fn object(response: &Response, ephemeris: bool) -> Result<Alert<ScoutPacket>> {
    if !ephemeris {
        return Alert::from_raw(response.text()?);
    }
    let mut ephemeris: Ephemeris = response.json()?;
    let object = ephemeris.other.remove("object").unwrap_or_default();
    ephemeris.other.remove("signature");
    let mut packet: ScoutPacket = serde_json::from_value(object).map_err(|e| {
        Error::new(ErrorKind::Unreadable, "the object of the ephemeris cannot be read").because(e)
    })?;
    packet.ephemeris = Some(Box::new(ephemeris));
    Alert::remade(packet)
}

/// The page that a query is answered with: one object.
pub(super) fn object_page(query: &ScoutQuery, response: &Response) -> Result<Page<ScoutPacket>> {
    #[derive(Deserialize)]
    struct Signed {
        signature: Option<Value>,
    }
    let alert = object(response, query.wants_ephemeris())?;
    let passes = query.passes(&alert);
    let mut page = Page::new(if passes { vec![Ok(alert)] } else { Vec::new() }, None);
    page.notes.extend(version_note(response.json::<Signed>()?.signature.as_ref()));
    if !passes {
        page.notes.push("the object does not pass the filters".to_owned());
    }
    Ok(page.with_total(Some(u64::from(passes))))
}

/// A failure that comes under status 200.
pub(super) fn explain(response: &Response) -> Option<Error> {
    /// A failure has a few words; an object has more.
    const LARGEST: usize = 2_048;
    #[derive(Deserialize)]
    struct Failure {
        #[serde(default, deserialize_with = "super::loose::text")]
        error: Option<String>,
        #[serde(default, deserialize_with = "super::loose::text")]
        message: Option<String>,
        #[serde(rename = "objectName")]
        object_name: Option<serde::de::IgnoredAny>,
        data: Option<serde::de::IgnoredAny>,
        eph: Option<serde::de::IgnoredAny>,
    }
    if response.status() != 200 || response.body().len() > LARGEST {
        return None;
    }
    let failure: Failure = serde_json::from_slice(response.body()).ok()?;
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
