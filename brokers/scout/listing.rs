//! The list and one object: the request of a query, and what the answer says.

use super::endpoints::Endpoints;
use super::ephemeris::Ephemeris;
use super::packet::ScoutPacket;
use super::query::ScoutQuery;
use crate::plugin::*;

/// The version of the service that this crate was written for.
const VERSION: &str = "1.3";

/// The request of a query: the whole list, or one object.
pub(super) fn request(endpoints: &Endpoints, query: &ScoutQuery) -> Request {
    match &query.tdes {
        Some(tdes) => query.with_options(endpoints.object(tdes)),
        None => endpoints.list(),
    }
}

/// Reads the list, or the one object that was asked for.
pub(super) fn page(
    endpoints: &Endpoints,
    query: &ScoutQuery,
    response: &Response,
) -> Result<Page<ScoutPacket>> {
    if query.tdes.is_some() {
        return object_page(query, response);
    }
    let (mut items, envelope) = response.items::<ScoutPacket, Envelope>(Some("data"))?;
    let mut notes = envelope.notes(items.len());
    let all = items.len();
    let odd: Vec<_> = items.iter().flatten().flat_map(|object| unread(object.raw(), &**object)).collect();
    notes.extend(unread_sums("the list", odd.iter().map(|odd| odd.field.as_str())));
    items.retain(|item| item.as_ref().map_or(true, |object| query.passes(object)));
    if query.filters() && all > 0 {
        notes.push(format!("{} of {all} objects pass the filters", items.iter().flatten().count()));
    }
    let total = u64::try_from(items.len()).ok();
    let page = if query.wants_object() {
        let ask = |item: Result<Alert<ScoutPacket>>| {
            let item = item?;
            let request = query.with_options(endpoints.object(&item.object_name));
            Ok(Slot::ask(&*item.object_name, Call::get(request, |response| object(&response, false))))
        };
        Page::of_slots(items.into_iter().map(ask).collect(), None)
    } else {
        Page::new(items, None)
    };
    Ok(notes.into_iter().fold(page.with_total(total), Page::with_note))
}

/// What surrounds the rows of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "wire::whole_or_none")]
    count: Option<i64>,
    signature: Option<Value>,
}

impl Envelope {
    /// What is to be said beside the rows.
    fn notes(&self, rows: usize) -> Vec<String> {
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
fn version_note(signature: Option<&Value>) -> Option<String> {
    let version = signature?.get("version")?;
    let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
    (version != VERSION).then(|| format!("Scout's API is of version {version}; this crate knows {VERSION}"))
}

/// What of an answer with one object could not be read.
fn odd_notes(alert: &Alert<ScoutPacket>, response: &Response) -> Vec<String> {
    let text = String::from_utf8_lossy(response.body());
    let of_ephemeris = alert.ephemeris.iter().flat_map(|ephemeris| unread(&text, &**ephemeris));
    let odd: Vec<_> = unread(alert.raw(), &**alert).into_iter().chain(of_ephemeris).collect();
    unread_sums("the answer", odd.iter().map(|odd| odd.field.as_str()))
}

/// One object, as [`ScoutQuery`] asked for it.
pub(super) fn object(response: &Response, ephemeris: bool) -> Result<Alert<ScoutPacket>> {
    if !ephemeris {
        return response.alert();
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

/// The observations of an object that was asked for with its file; empty where it has none.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for a file that is no text.
pub(super) fn file_mpc(alert: &Alert<ScoutPacket>) -> Result<&str> {
    #[derive(Deserialize)]
    struct Filed {
        #[serde(rename = "fileMPC")]
        file: Option<Value>,
    }
    match (&alert.file_mpc, serde_json::from_str(alert.raw())) {
        (Some(file), _) => Ok(file),
        (None, Ok(Filed { file: Some(file) })) if !file.is_string() => {
            Err(Error::new(ErrorKind::Unreadable, "fileMPC: a text was due"))
        }
        _ => Ok(""),
    }
}

/// The page that a query is answered with: one object.
fn object_page(query: &ScoutQuery, response: &Response) -> Result<Page<ScoutPacket>> {
    #[derive(Deserialize)]
    struct Signed {
        signature: Option<Value>,
    }
    let alert = object(response, query.wants_ephemeris())?;
    let odd = odd_notes(&alert, response);
    let passes = query.passes(&alert);
    let mut page = Page::new(if passes { vec![Ok(alert)] } else { Vec::new() }, None);
    page.notes.extend(version_note(response.json::<Signed>()?.signature.as_ref()));
    page.notes.extend(odd);
    if !passes {
        page.notes.push("the object does not pass the filters".to_owned());
    }
    Ok(page.with_total(Some(u64::from(passes))))
}
