//! One object by any of its names: its latest alert, its light curve, its cutouts.

use super::listing::{self, needed, newest, rows, unknown};
use super::packet::FinkPacket;
use super::query::{Survey, is_lsst, is_word, is_ztf};
use super::services::TnsName;
use super::ztf::ZtfLightCurve;
use super::{Fink, NAME, columns, lsst, ztf};
use crate::plugin::*;

/// How a name is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Named<'a> {
    /// An object of a survey.
    Object(&'a str),
    /// An object of the solar system.
    Sso(&'a str),
    /// An object by its name at TNS.
    Tns(&'a str),
}

impl<'a> Named<'a> {
    pub(super) fn read(name: &'a str) -> Result<Self> {
        let name = name.trim();
        if is_ztf(name) || is_lsst(name) {
            Ok(Self::Object(name))
        } else if is_tns(name) {
            Ok(Self::Tns(name))
        } else if is_word(name) {
            Ok(Self::Sso(name))
        } else {
            let text =
                "this is no name that Fink knows; ZTF's are like ZTF20aaelulu, LSST's have 15 to 19 digits";
            Err(Error::new(ErrorKind::Input, text))
        }
    }
}

/// Whether a name is one of TNS, such as `SN 2023vwy` or `AT2023vwy`.
fn is_tns(name: &str) -> bool {
    let rest = ["SN", "AT", "TDE", "FRB"].iter().find_map(|prefix| name.strip_prefix(prefix));
    let year = rest.map(str::trim_start).and_then(|rest| rest.split_at_checked(4));
    year.is_some_and(|(year, letters)| {
        let digits = year.bytes().all(|b| b.is_ascii_digit());
        digits && !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Whether a name is a number or designation of the MPC: `8467`, `2004 JQ12`, `10P`, `C/2020 V2`.
pub(super) fn is_designation(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(name) {
        return name.len() <= 7;
    }
    if name.strip_suffix(['P', 'D', 'I']).is_some_and(|number| digits(number) && number.len() <= 4) {
        return true;
    }
    let (comet, rest) = match name.split_once('/') {
        Some((kind, rest)) => (matches!(kind, "C" | "P" | "D" | "X" | "A" | "I"), rest),
        None => (false, name),
    };
    if !comet && name.contains('/') {
        return false;
    }
    let Some((year, letters)) = rest.split_at_checked(4) else { return false };
    let letters = letters.trim_start();
    let head = letters.bytes().take_while(u8::is_ascii_uppercase).count();
    let tail = &letters[head..];
    // A minor planet has two letters, a comet may have one.
    let heads = if comet { 1..=2 } else { 2..=2 };
    digits(year) && heads.contains(&head) && (tail.is_empty() || digits(tail))
}

impl Fink {
    /// The latest alert of an object; every column where `whole`.
    pub(super) fn one(&self, name: &str, whole: bool) -> Result<Call<Alert<FinkPacket>>> {
        // LSST's service computes nothing, and its whole answer is a megabyte an object.
        let ask = |survey, beside: &[&str]| {
            (survey == Survey::Lsst || !whole).then(|| needed(survey, beside).join(","))
        };
        match Named::read(name)? {
            Named::Object(id) => {
                self.latest(id, ask(if is_ztf(id) { Survey::Ztf } else { Survey::Lsst }, &[]))
            }
            Named::Sso(name) => {
                let lsst =
                    listing::solar_system(self, Survey::Lsst, name, ask(Survey::Lsst, columns::LSST_SSO));
                let ztf = listing::solar_system(self, Survey::Ztf, name, ask(Survey::Ztf, &[]))?;
                let name = name.to_owned();
                let both = [lsst, Ok(ztf)].into_iter().map(|request| {
                    let name = name.clone();
                    Ok(Call::get(request?, move |response| newest(rows(&response)?.into_iter(), &name)))
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
            Named::Object(id) if is_ztf(id) => {
                let oid = id.to_owned();
                Ok(self.ztf_light_curve(id)?.map(move |curve| {
                    let known = !curve.valid.is_empty() || !curve.failures.is_empty();
                    let data = ztf::light_curve(&oid, curve);
                    if known || !data.points.is_empty() { Ok(data) } else { Err(unknown(&oid)) }
                }))
            }
            Named::Object(id) => self.lsst_points(id),
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
        Ok(Call::get(self.roots.ask(Survey::Ztf, "objects", &arguments)?, move |response| {
            Ok(ZtfLightCurve::of(&oid, response.json()?))
        }))
    }

    fn lsst_points(&self, oid: &str) -> Result<Call<ReducedData>> {
        let request = listing::objects(self, Survey::Lsst, oid, Some(needed(Survey::Lsst, &[]).join(",")))?;
        let name = oid.to_owned();
        let sources = Call::get(request, move |response| {
            let data = lsst::light_curve(&name, response.json()?);
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
        Ok(Call::all(vec![sources, forced], |results| {
            let mut parts = results.into_iter();
            let mut data = parts.next().unwrap_or_else(|| Ok(ReducedData::default()))?;
            match parts.next() {
                Some(Ok(forced)) => data.merge(forced),
                Some(Err(error)) => {
                    data.notes.push("forced photometry could not be had; the rest is whole".to_owned());
                    data.failures.push(error.with("list", "fp"));
                }
                None => {}
            }
            Ok(data.sorted())
        }))
    }

    /// Brightness and places of a solar-system object, from both surveys.
    fn sso_points(&self, name: &str) -> Result<Call<ReducedData>> {
        let ask = |survey, beside: &[&str]| {
            let request = listing::solar_system(self, survey, name, Some(needed(survey, beside).join(",")))?;
            let name = name.to_owned();
            Ok(Call::get(request, move |response| {
                let rows = rows(&response)?;
                if rows.is_empty() { Err(unknown(&name)) } else { Ok(moving_points(&name, rows)) }
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
        let (Some(id), root) = (alert.alert_id(), self.roots.of(survey)?) else { return Ok(Vec::new()) };
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
        let (right, shape) = match due {
            Survey::Ztf => (is_ztf(id), "like ZTF20aaelulu"),
            Survey::Lsst => (is_lsst(id), "15 to 19 digits"),
        };
        let text = format!("this call is for objects of {due} only, whose ids are {shape}");
        if right { Ok(id) } else { Err(Error::new(ErrorKind::Input, text).with("id", id)) }
    }
}

/// `SN2023vwy` as TNS writes it.
fn spaced(name: &str) -> String {
    let at = name.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (prefix, rest) = name.split_at(at);
    format!("{} {rest}", prefix.trim_end())
}

/// The newest of what the services gave.
fn newest_of(answers: Vec<Result<Alert<FinkPacket>>>, name: &str) -> Result<Alert<FinkPacket>> {
    let absent =
        |item: &Result<_>| item.as_ref().is_err_and(|error: &Error| error.kind() == ErrorKind::NotFound);
    if answers.iter().all(absent) {
        return Err(unknown(name));
    }
    newest(answers.into_iter().filter(|item| !absent(item)), name)
}

/// What the alerts of a moving object measured: how bright it was, and where.
fn moving_points(name: &str, rows: Vec<Result<Alert<FinkPacket>>>) -> ReducedData {
    let mut points = Points::new(NAME, name);
    for (index, row) in rows.into_iter().enumerate() {
        let alert = match row {
            Ok(alert) => alert,
            Err(error) => {
                points.fail(error.with("list", "sso").with("row", index + 1));
                continue;
            }
        };
        let read = match &*alert {
            FinkPacket::Ztf(row) => ztf::detection(row),
            FinkPacket::Lsst(row) => lsst::source(row),
        };
        match read {
            Ok(Some((time, found))) => points.push(time, found),
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
            points.push(
                time,
                Astrometry {
                    ra,
                    dec,
                    telescope: Some(telescope.to_owned()),
                    source_id: alert.alert_id().map(str::to_owned),
                    ..Astrometry::default()
                },
            );
        }
    }
    points.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_asked_for_where_it_is_known() {
        for (name, due) in [
            ("ZTF24aaaaaab", Some("object")),
            ("169342810955317611", Some("object")),
            ("8467", Some("sso")),
            ("2004 JQ12", Some("sso")),
            ("C/2020V2", Some("sso")),
            ("Benoitcarry", Some("sso")),
            ("SN 2023vwy", Some("tns")),
            ("AT2023vwy", Some("tns")),
            ("../x", None),
            ("", None),
        ] {
            let read = Named::read(name).ok().map(|named| match named {
                Named::Object(_) => "object",
                Named::Sso(_) => "sso",
                Named::Tns(_) => "tns",
            });
            assert_eq!(read, due, "{name}");
        }
        assert_eq!(spaced("AT2023vwy"), "AT 2023vwy");
        assert_eq!(spaced("SN 2023vwy"), "SN 2023vwy");
    }

    #[test]
    fn designations_are_told_from_other_names() {
        for name in [
            "8467",
            "2004 JQ12",
            "2017VM11",
            "10P",
            "C/2020 V2",
            "C/2020V2",
            "P/2010 WK",
            "C/2020 P",
            "2017 XP",
            "2004",
            "1I",
        ] {
            assert!(is_designation(name), "{name}");
        }
        for name in ["Benoitcarry", "SN 2023vwy", "M31", "12345678", "NGC 1", "2004 ", "X/", "é", "T/2020 V2"]
        {
            assert!(!is_designation(name), "{name}");
        }
    }
}
