//! The MPC's page of objects that left the NEO Confirmation Page, and what became of each.

use super::Scout;
use crate::plugin::*;

/// An object that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Departure {
    /// Its designation on the NEO Confirmation Page.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
    /// When it left, as the page writes it: `Aug. 21.34`, UT. The page gives no year.
    pub date: Option<String>,
    /// The circular that announced it, such as `2026-Q53`.
    pub reference: Option<String>,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fate {
    /// It has this designation now: of the MPC, or of another object on the page that was the same.
    Designated(String),
    /// It was seen no more.
    NotConfirmed,
    /// It was never there.
    DoesNotExist,
    /// It is a known artificial object.
    NotMinorPlanet,
    /// In the page's own words: suspected to be artificial, and what else may come.
    Other(String),
}

impl Scout {
    /// What became of the objects that left the NEO Confirmation Page, by the MPC's list.
    ///
    /// # Errors
    /// None here; the call fails as any other.
    pub fn departures(&self) -> Result<Call<Vec<Departure>>> {
        Ok(Call::get(self.endpoints.departures(), |response| {
            // A letter that is not UTF-8 costs no line of the page.
            Ok(read(&String::from_utf8_lossy(response.body())))
        }))
    }
}

/// The departures of the page, in its order; links of the page's frame are none.
fn read(page: &str) -> Vec<Departure> {
    let items = page.split("<li>").skip(1);
    items.filter_map(|item| departure(&plain(item.split("</li>").next().unwrap_or(item)))).collect()
}

fn departure(text: &str) -> Option<Departure> {
    // The bracket of the date; a comet's name may stand in one of its own before it.
    let dated = text.find("UT)").and_then(|end| text[..end].rfind('('));
    let dated = dated.map(|start| (&text[..start], &text[start + 1..]));
    let (head, tail) =
        dated.or_else(|| text.split_once('(')).filter(|(head, _)| !head.trim().is_empty()).or_else(|| {
            // A numbered designation begins with a bracket of its own.
            let end = text.find(" (")?;
            Some((&text[..end], &text[end + 2..]))
        })?;
    let date = tail.split_once(')').map(|(date, _)| date.trim().trim_end_matches("UT").trim().to_owned());
    let reference =
        tail.split_once("MPEC").map(|(_, rest)| rest.trim().trim_end_matches(']').trim().to_owned());
    let head = head.trim();
    let (name, fate) = match head.split_once(" = ") {
        Some((designation, name)) => {
            let designation = designation.trim();
            (name, Fate::Designated(designation.strip_prefix("Comet ").unwrap_or(designation).to_owned()))
        }
        None => {
            let (name, words) = head.split_once(' ')?;
            let fate = match words.trim() {
                "was not confirmed" => Fate::NotConfirmed,
                "does not exist" => Fate::DoesNotExist,
                "was not a minor planet" => Fate::NotMinorPlanet,
                words => Fate::Other(words.to_owned()),
            };
            (name, fate)
        }
    };
    let name = name.trim().to_owned();
    Some(Departure { name, fate, date, reference: reference.filter(|text| !text.is_empty()) })
}

/// The text of a piece of HTML on one line.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("&amp;", "&")
}
