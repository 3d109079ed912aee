//! One object by any of its names: its latest alert, its light curve, its cutouts.

use super::listing::{self, needed, newest, rows, unknown};
use super::names::{Named, parts_of, spaced};
use super::packet::FinkPacket;
use super::services::TnsName;
use super::ztf::ZtfLightCurve;
use super::{Fink, NAME, columns, lsst, ztf};
use crate::plugin::*;

impl Fink {
    /// The latest alert of an object, or that which an id names; every column where `whole`.
    pub(super) fn one(&self, name: &str, whole: bool) -> Result<Call<Alert<FinkPacket>>> {
        // LSST's service computes nothing, and its whole answer is a megabyte an object.
        let ask = |survey, beside: &[&str]| {
            (survey == Survey::Lsst || !whole).then(|| needed(survey, beside).join(","))
        };
        let alert = parts_of(name).1.map(str::to_owned);
        match Named::read(name)? {
            Named::Object(survey, id) => self.latest(survey, id, alert, ask(survey, &[])),
            Named::Sso(name) => {
                let lsst =
                    listing::solar_system(self, Survey::Lsst, name, ask(Survey::Lsst, columns::LSST_SSO));
                let ztf = listing::solar_system(self, Survey::Ztf, name, ask(Survey::Ztf, &[]))?;
                let name = name.to_owned();
                let both = [lsst, Ok(ztf)].into_iter().map(|request| {
                    let (name, alert) = (name.clone(), alert.clone());
                    Ok(Call::get(request?, move |response| {
                        newest(rows(&response)?.into_iter(), &name, alert.as_deref())
                    }))
                });
                // Where one service does not know it, or cannot be asked, the other may.
                Ok(Call::all(both.flat_map(|call: Result<_>| call.ok()).collect(), move |answers| {
                    newest_of(answers, &name)
                }))
            }
            Named::Tns(name) => {
                let fink = self.clone();
                Ok(self.id_of_tns(name)?.and_then(move |id| fink.one(&id, whole)))
            }
        }
    }

    /// The ZTF id of an object by its name at TNS.
    fn id_of_tns(&self, name: &str) -> Result<Call<String>> {
        let full = name.replace(' ', "");
        let request = self.tns_request(Survey::Ztf, &spaced(name), false)?;
        Ok(Call::get(request, move |response| {
            let names = response.json::<Rows<TnsName>>()?;
            // The resolver takes a name for the beginning of one.
            let own = names.into_iter().flatten().filter(|row| {
                row.full_name().is_some_and(|name| name.replace(' ', "").eq_ignore_ascii_case(&full))
            });
            let mut ids = own.filter_map(|row| row.ztf_id().map(str::to_owned));
            ids.next().ok_or_else(|| {
                let text = "Fink has no ZTF object of this name at TNS; search its place";
                Error::new(ErrorKind::NotFound, text).with("name", full)
            })
        }))
    }

    /// The light curve of an object.
    pub(super) fn points(&self, name: &str) -> Result<Call<ReducedData>> {
        match Named::read(name)? {
            Named::Object(Survey::Ztf, id) => {
                let oid = id.to_owned();
                Ok(self.ztf_light_curve(id)?.map(move |curve| {
                    let known = !curve.valid.is_empty() || !curve.failures.is_empty();
                    let data = ztf::light_curve(&oid, curve);
                    if known || !data.points.is_empty() { Ok(data) } else { Err(unknown(&oid)) }
                }))
            }
            Named::Object(Survey::Lsst, id) => self.lsst_points(id),
            Named::Sso(name) => self.sso_points(name),
            Named::Tns(name) => {
                let fink = self.clone();
                Ok(self.id_of_tns(name)?.and_then(move |id| fink.points(&id)))
            }
        }
    }

    /// The light curve of a ZTF object with limits and bad measurements, each sort by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that is none of ZTF.
    pub fn ztf_light_curve(&self, oid: &str) -> Result<Call<ZtfLightCurve>> {
        let oid = self.of_survey(oid, Survey::Ztf)?.to_owned();
        let columns = columns::ZTF_CURVE.join(",");
        let arguments = json!({"objectId": oid, "withupperlim": true, "columns": columns});
        Ok(Call::get(self.endpoints.ask(Survey::Ztf, "objects", &arguments)?, move |response| {
            let (rows, left_out) = wire::left_out(|| response.json());
            Ok(ZtfLightCurve { left_out, ..ZtfLightCurve::of(&oid, rows?) })
        }))
    }

    fn lsst_points(&self, oid: &str) -> Result<Call<ReducedData>> {
        let request = listing::objects(self, Survey::Lsst, oid, Some(needed(Survey::Lsst, &[]).join(",")))?;
        let name = oid.to_owned();
        let sources = Call::get(request, move |response| {
            let (rows, left_out) = wire::left_out(|| response.json());
            let data = lsst::light_curve(&name, rows?, left_out);
            if data.points.is_empty() && data.failures.is_empty() && data.notes.is_empty() {
                return Err(unknown(&name));
            }
            Ok(data)
        });
        if !self.forced_photometry {
            return Ok(sources);
        }
        let name = oid.to_owned();
        let forced = self.lsst_forced(oid)?.map(move |rows| Ok(lsst::forced_photometry(&name, rows)));
        Ok(points::beside(sources, forced, "fp", "forced photometry"))
    }

    /// Brightness and places of a solar-system object, from both surveys.
    fn sso_points(&self, name: &str) -> Result<Call<ReducedData>> {
        let ask = |survey, beside: &[&str]| {
            let request = listing::solar_system(self, survey, name, Some(needed(survey, beside).join(",")))?;
            let name = name.to_owned();
            Ok(Call::get(request, move |response| {
                let (rows, left_out) = wire::left_out(|| rows(&response));
                let rows = rows?;
                if rows.is_empty() { Err(unknown(&name)) } else { Ok(moving_points(&name, rows, left_out)) }
            }))
        };
        let calls = [ask(Survey::Ztf, &[]), ask(Survey::Lsst, columns::LSST_SSO)];
        let calls: Vec<_> = calls.into_iter().flat_map(|call: Result<_>| call.ok()).collect();
        Ok(Call::all(calls, |results| {
            let (mut data, mut faults) = (ReducedData::default(), Vec::new());
            let mut any = false;
            for result in results {
                match result {
                    Ok(part) => {
                        data.merge(part);
                        any = true;
                    }
                    Err(error) => faults.push(error),
                }
            }
            let absent = |error: &Error| error.kind() == ErrorKind::NotFound;
            if !any {
                // A service that failed says more than one that has nothing.
                let worst = faults.iter().position(|error| !absent(error)).unwrap_or(0);
                return Err(if faults.is_empty() { unknown("") } else { faults.swap_remove(worst) });
            }
            data.failures.extend(faults.into_iter().filter(|error| !absent(error)));
            Ok(data.sorted())
        }))
    }

    /// The cutouts of an alert: links to PNG images, made by the service when they are asked for.
    pub(super) fn cutouts_of(&self, alert: &FinkPacket) -> Result<Vec<Cutout>> {
        let survey = alert.survey();
        let (Some(id), root) = (alert.alert_id(), self.endpoints.of(survey)?) else { return Ok(Vec::new()) };
        let cutout = |kind: CutoutKind| {
            let request = root.get(&["cutouts"]);
            let request = match survey {
                Survey::Ztf => {
                    request.query("objectId", alert.object_id().unwrap_or_default()).query("candid", id)
                }
                Survey::Lsst => request.query("diaSourceId", id),
            };
            let word = match kind {
                CutoutKind::Science => "Science",
                CutoutKind::Template => "Template",
                CutoutKind::Difference => "Difference",
            };
            Cutout {
                kind,
                format: "png".to_owned(),
                source_id: Some(id.to_owned()),
                url: Some(request.query("kind", word).query("output-format", "PNG").url().clone()),
                bytes: None,
            }
        };
        Ok(CutoutKind::ALL.map(cutout).into())
    }

    /// An id of one survey, where a call is for that alone.
    pub(super) fn of_survey<'a>(&self, id: &'a str, due: Survey) -> Result<&'a str> {
        let id = id.trim();
        let fault = due.id_fault(id, &format!("this call is for objects of {due} only"));
        fault.map_or(Ok(id), |fault| Err(Error::new(ErrorKind::Input, fault).with("id", id)))
    }
}

/// The newest of what the services gave.
fn newest_of(answers: Vec<Result<Alert<FinkPacket>>>, name: &str) -> Result<Alert<FinkPacket>> {
    let absent =
        |item: &Result<_>| item.as_ref().is_err_and(|error: &Error| error.kind() == ErrorKind::NotFound);
    if answers.iter().all(absent) {
        return Err(unknown(name));
    }
    newest(answers.into_iter().filter(|item| !absent(item)), name, None)
}

/// What the alerts of a moving object measured: how bright it was, and where.
fn moving_points(name: &str, rows: Vec<Result<Alert<FinkPacket>>>, left_out: usize) -> ReducedData {
    let mut points = Points::new(NAME, name);
    points.note_left_out("sso", left_out);
    let mut withdrawn = 0_usize;
    for (index, row) in rows.into_iter().enumerate() {
        let alert = match row {
            Ok(alert) => alert,
            Err(error) => {
                points.fail(error.with("list", "sso").with("row", index + 1));
                continue;
            }
        };
        let gone = alert.withdrawn();
        withdrawn += usize::from(gone.is_some());
        let read = match &*alert {
            FinkPacket::Ztf(row) => {
                ztf::detection(row).map(|read| read.map(|(time, found)| (time, found, None)))
            }
            FinkPacket::Lsst(row) => lsst::source(row),
        };
        match read {
            Ok(Some(found)) => points.push_row_at(name, found),
            Ok(None) => {}
            Err(error) => points.fail(error.with("list", "sso").with("row", index + 1)),
        }
        if let (Some(time), (Some(ra), Some(dec))) = (alert.time(), alert.position())
            && (0.0..=360.0).contains(&ra)
            && (-90.0..=90.0).contains(&dec)
        {
            let telescope = match alert.survey() {
                Survey::Ztf => "ZTF",
                Survey::Lsst => "Rubin",
            };
            let place = Astrometry {
                ra,
                dec,
                telescope: Some(telescope.into()),
                source_id: alert.alert_id().map(str::to_owned),
                ..Astrometry::default()
            };
            points.push_row_at(name, (time, place, gone));
        }
    }
    if withdrawn > 0 {
        points.note(listing::withdrawn_note(withdrawn));
    }
    points.done()
}
