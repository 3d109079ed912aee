//! The list: its request, which of its alerts answer a query, one alert out of it.

use super::csv_list::Found;
use super::packet::GaiaAlert;
use super::query::{GaiaList, GaiaQuery};
use super::wanted::Wanted;
use super::{Gaia, csv_list, script};
use crate::plugin::*;

/// The cursor of the list in the page for people, after the CSV was not there.
const INDEX: &str = "index";

/// The request for the list.
pub(super) fn request(gaia: &Gaia, at: &Cursor) -> Result<Request> {
    match at.as_str() {
        "" => Ok(first(gaia)),
        INDEX => Ok(gaia.endpoints.index()),
        _ => Err(Cursor::foreign()),
    }
}

/// The list to ask for first. Where both may be had, a CSV that is not there is no failure.
fn first(gaia: &Gaia) -> Request {
    match gaia.list {
        None => gaia.endpoints.csv().accept_status(404),
        Some(GaiaList::Csv) => gaia.endpoints.csv(),
        Some(GaiaList::Page) => gaia.endpoints.index(),
    }
}

/// Reads the list, down to what answers the query.
pub(super) fn page(
    gaia: &Gaia,
    query: &GaiaQuery,
    at: &Cursor,
    response: &Response,
) -> Result<Page<GaiaAlert>> {
    if response.status() == 404 {
        return Ok(Page::new(Vec::new(), Some(Cursor::new(INDEX))));
    }
    let is_index = !at.is_start() || gaia.list == Some(GaiaList::Page);
    let (items, notes) = search(&Wanted::of(query), is_index, response)?;
    let found = items.len();
    let mut page = Page::new(items, None).with_total(u64::try_from(found).ok());
    if found == 0 {
        page = page.with_note("no alert of the list answers the query");
    }
    if response.header("warning").is_some() {
        let days = response.header("age").and_then(|age| age.parse::<u64>().ok()).unwrap_or(0) / 86_400;
        page = page.with_note(format!(
            "the service could not be asked; the list is the one that was kept {days} days ago"
        ));
    }
    Ok(notes.into_iter().fold(page, Page::with_note))
}

/// One alert out of the list by a name of Gaia or TNS.
pub(super) fn find(gaia: &Gaia, name: &str) -> Call<Alert<GaiaAlert>> {
    let query = GaiaQuery { target_name: Some(name.to_owned()), ..GaiaQuery::default() };
    let wanted = Wanted::of(&query);
    let read = move |is_index: bool, response: &Response| {
        let mut fault = None;
        for item in search(&wanted, is_index, response)?.0 {
            match item {
                Ok(alert) => return Ok(alert),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        Err(fault.unwrap_or_else(|| Error::new(ErrorKind::NotFound, "the list has no alert of this name")))
    };
    let (index, is_index) = (gaia.endpoints.index(), gaia.list == Some(GaiaList::Page));
    Call::step(first(gaia), move |answer| {
        let response = answer?;
        if response.status() == 404 {
            return Ok(Call::get(index, move |response| read(true, &response)));
        }
        Ok(Call::Done(read(is_index, &response)?))
    })
}

/// The alerts of a list that are wanted, and notes. What cannot be read may be what is wanted.
fn search(wanted: &Wanted, is_index: bool, response: &Response) -> Result<Found> {
    if !is_index {
        return csv_list::search(wanted, response);
    }
    let (mut items, serde::de::IgnoredAny) = script::list(response, "alerts")?.items(None)?;
    items.retain(|item: &Result<Alert<GaiaAlert>>| item.as_ref().map_or(true, |alert| wanted.takes(alert)));
    let odd: Vec<_> = items.iter().flatten().flat_map(|alert| unread(alert.raw(), &**alert)).collect();
    let notes = unread_sums("the list", odd.iter().map(|odd| odd.field.as_str()));
    Ok((items, notes))
}
