//! One object by an id of any kind: its locus with the history, its points, its cutouts.

use serde::de::IgnoredAny;

use super::alerts::{AntaresAlert, read_alert};
use super::locus::{Locus, is_locus};
use super::services::{self, Thumbnail};
use super::{Antares, listing, photometry};
use crate::plugin::*;

/// How often a merged locus may lead to another one.
pub(super) const MOST_MERGERS: usize = 5;

/// The alerts of a history as their texts, so that one which cannot be read is not lost; an error
/// stands for what could not be had.
pub(super) type History = Vec<Result<Alert<IgnoredAny>>>;

/// Whose id this is.
pub(super) enum Id {
    Locus,
    Object(Survey),
}

/// The history that came with a locus, with what cannot be read of it.
#[derive(Deserialize)]
pub(super) struct Loaded {
    #[serde(default)]
    pub(super) alerts: Rows<AntaresAlert>,
}

pub(super) fn merged(id: &str, other: &str) -> Error {
    let text = format!("the locus {id} was merged into {other}; ask for that one");
    Error::new(ErrorKind::NotFound, text).with("replaced_by", other)
}

impl Antares {
    pub(super) fn known(&self, id: &str) -> Result<Id> {
        if is_locus(id) {
            return Ok(Id::Locus);
        }
        let text = "this is no id of ANTARES; loci are like ANT2020m4pja, objects of ZTF like \
                    ZTF20aaelulu, those of LSST have 15 to 19 digits";
        Survey::of_id(id).map(Id::Object).ok_or_else(|| Error::new(ErrorKind::Input, text))
    }

    pub(super) fn of_locus(&self, id: &str) -> Result<()> {
        if is_locus(id) {
            return Ok(());
        }
        let text = "this call is for the id of a locus, such as ANT2020m4pja; a listing by ztf_id or lsst_id gives it";
        Err(Error::new(ErrorKind::Input, text).with("id", id))
    }

    /// The id of the locus that is meant by an id of any kind.
    pub(super) fn find(&self, id: &str) -> Result<Call<String>> {
        let Id::Object(survey) = self.known(id)? else { return Ok(Call::Done(id.to_owned())) };
        let field = match survey {
            Survey::Ztf => "properties.ztf_object_id",
            Survey::Lsst => "properties.survey.lsst.dia_object_id",
        };
        let wanted = id.to_owned();
        Ok(Call::get(listing::by_name(&self.endpoints, field, id), move |response| {
            let (loci, _) = response.items::<Locus, listing::Envelope>(Some("data"))?;
            match loci.into_iter().next() {
                Some(locus) => Ok(locus?.into_packet().id),
                None => {
                    let text = format!("no locus has this object of {survey}");
                    Err(Error::new(ErrorKind::NotFound, text).with("id", wanted))
                }
            }
        }))
    }

    /// Every page of a history from the one with this query on.
    fn history(&self, id: String, query: String, mut gathered: History) -> Call<Result<History>> {
        let antares = self.clone();
        let request = self.endpoints.further(&["loci", &id, "alerts"], &query);
        Call::step(request, move |answer| {
            let read = |response: Response| response.items::<IgnoredAny, listing::Envelope>(Some("data"));
            let (alerts, envelope) = match answer.and_then(read) {
                Ok(page) => page,
                Err(error) if gathered.is_empty() => return Ok(Call::Done(Err(error))),
                // What did come is not lost by it.
                Err(error) => {
                    gathered.push(Err(error));
                    return Ok(Call::Done(Ok(gathered)));
                }
            };
            let more = !alerts.is_empty();
            gathered.extend(alerts);
            match envelope.next().map(|link| antares.endpoints.query_of(link)) {
                Some(Ok(next)) if next != query && more => Ok(antares.history(id, next, gathered)),
                Some(Err(error)) => {
                    gathered.push(Err(error));
                    Ok(Call::Done(Ok(gathered)))
                }
                _ => Ok(Call::Done(Ok(gathered))),
            }
        })
    }

    pub(super) fn whole_history(&self, id: &str) -> Call<Result<History>> {
        self.history(id.to_owned(), String::new(), Vec::new())
    }

    /// A locus with its history. Without the whole of that it is still the locus, as a listing has it:
    /// its score is not known, nor whether its magnitude is of a negative difference.
    pub(super) fn with_history(&self, locus: Alert<Locus>) -> Call<Alert<Locus>> {
        self.whole_history(&locus.id).map(move |history| {
            let history = history.and_then(|rows| rows.into_iter().collect::<Result<Vec<_>>>());
            let Ok(history) = history else { return Ok(locus) };
            let texts: Vec<&str> = history.iter().map(Alert::raw).collect();
            let text = format!(r#"{{"locus":{},"alerts":[{}]}}"#, locus.raw(), texts.join(","));
            Alert::from_raw(&text)
        })
    }

    /// The points of a locus of which perhaps no more than the id is known, or of the one that it
    /// was merged into.
    pub(super) fn points_of(&self, locus: Locus, mergers: usize) -> Result<Call<ReducedData>> {
        let antares = self.clone();
        if !self.corrected_magnitudes || locus.lightcurve.is_some() {
            return Ok(antares.with_points(locus, None));
        }
        Ok(Call::step(self.endpoints.get(&["loci", &locus.id]), move |answer| {
            match answer.and_then(|response| listing::one(&response)) {
                Ok(whole) => match whole.properties.replaced_by.clone() {
                    Some(other) if is_locus(&other) && mergers > 0 => {
                        let note =
                            format!("{} was merged into {other}; these are the data of that one", locus.id);
                        let other = Locus { id: other, ..Locus::default() };
                        let rest = antares.points_of(other, mergers - 1)?;
                        Ok(rest.map(move |mut data| {
                            data.notes.push(note);
                            Ok(data)
                        }))
                    }
                    _ => Ok(antares.with_points(whole.into_packet(), None)),
                },
                Err(error) if error.kind() == ErrorKind::NotFound => Err(error),
                Err(error) => Ok(antares.with_points(locus, Some(error))),
            }
        }))
    }

    /// The points of a locus that was fetched, or could not be.
    fn with_points(&self, locus: Locus, fault: Option<Error>) -> Call<ReducedData> {
        let antares = self.clone();
        self.whole_history(&locus.id).map(move |history| {
            let read = |row| read_alert(row).map(Alert::into_packet);
            let rows = history?;
            let mut data = antares.points(&locus, wire::left_out(|| rows.into_iter().map(read).collect()));
            if let Some(error) = fault {
                data.notes
                    .push("the light curve could not be had; corrected magnitudes are missing".to_owned());
                data.failures.push(error.with("list", "lightcurve"));
            }
            Ok(data)
        })
    }

    pub(super) fn points(&self, locus: &Locus, history: (Vec<Result<AntaresAlert>>, usize)) -> ReducedData {
        let read = || if self.corrected_magnitudes { locus.light_curve() } else { Ok(Rows::default()) };
        let (curve, left_out) = wire::left_out(read);
        let (rows, fault) = match curve {
            Ok(rows) => (rows, None),
            Err(error) => (Rows::default(), Some(error.with("list", "lightcurve"))),
        };
        let mut data = photometry::points(&locus.id, locus.name(), history, (rows, left_out));
        data.failures.extend(fault);
        data
    }

    /// The thumbnails of the newest detection.
    pub(super) fn cutouts_of(&self, locus: &Locus) -> Call<Vec<Cutout>> {
        let Some(alert) = locus.properties.newest_alert_id.clone() else { return Call::Done(Vec::new()) };
        let (endpoints, version) = (self.endpoints.clone(), self.endpoints.version());
        Call::step(self.endpoints.get(&["alerts", &alert, "thumbnails"]), move |answer| {
            let rows: Rows<Thumbnail> = match answer {
                Err(error) if error.kind() == ErrorKind::NotFound => Rows::default(),
                answer => services::list(version, &answer?)?,
            };
            let mut cutouts = Vec::new();
            for row in rows {
                let row = row?;
                let (Some(kind), Some(src)) = (row.kind(), &row.src) else { continue };
                cutouts.push(Cutout {
                    kind,
                    format: row.format(),
                    source_id: Some(AntaresAlert::source_id(&alert).to_owned()),
                    url: Some(endpoints.absolute(src)?),
                    bytes: None,
                });
            }
            cutouts.sort_by_key(|cutout| CutoutKind::ALL.iter().position(|kind| *kind == cutout.kind));
            Ok(Call::Done(cutouts))
        })
    }
}
