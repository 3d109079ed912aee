//! One object by its id: its summary, its light curve, its classes, its cutouts.

use super::lsst::{self, LsstLightCurve};
use super::packet::AlercePacket;
use super::services::Probability;
use super::ztf::{self, ZtfLightCurve};
use super::{Alerce, errors};
use crate::plugin::*;

impl Alerce {
    /// The survey of an id that can be one of this service.
    pub(super) fn known(&self, id: &str) -> Result<Survey> {
        let text = "this is no id of ALeRCE; ZTF's are like ZTF20aaelulu, LSST's have 15 to 19 digits";
        Survey::of_id(id).ok_or_else(|| Error::new(ErrorKind::Input, text))
    }

    /// One object.
    pub(super) fn one(&self, id: &str) -> Result<Call<Alert<AlercePacket>>> {
        match self.known(id)? {
            Survey::Ztf => Ok(Call::get(self.endpoints.ztf(&["objects", id]), read_alert)),
            Survey::Lsst => {
                let detections = self.endpoints.lsst_object(&["lightcurve_api", "detections"], id);
                let request = self.endpoints.lsst_object(&["object_api", "object"], id).accept_status(500);
                Ok(Call::step(request, move |answer| match answer {
                    // The same failure stands for an unknown object and for a service that is down.
                    Err(error) if errors::is_silent(&error) => {
                        Ok(Call::step(detections, move |answer| Err(errors::about_object(error, answer))))
                    }
                    Ok(response) if response.status() == 500 => Err(errors::failed()),
                    answer => Ok(Call::Done(read_alert(answer?)?)),
                }))
            }
        }
    }

    /// The light curve of an object.
    pub(super) fn points(&self, oid: &str) -> Result<Call<ReducedData>> {
        match self.known(oid)? {
            Survey::Ztf if self.forced_photometry => {
                let (curve, forced) = (self.ztf_points(oid), self.forced_points(oid));
                Ok(points::beside(curve, forced, "forced_photometry", "forced photometry"))
            }
            Survey::Ztf => Ok(self.ztf_points(oid)),
            Survey::Lsst => {
                let request = self.endpoints.lsst_object(&["lightcurve_api", "lightcurve"], oid);
                let name = oid.to_owned();
                let curve = Call::get(request, move |response| {
                    let (curve, odd) = wire::left_out(|| response.json::<Option<LsstLightCurve>>());
                    let curve = curve?.unwrap_or_default();
                    let is_empty = curve.is_empty();
                    Ok((lsst::light_curve(&name, curve, odd), is_empty))
                });
                Ok(self.unless_unknown(curve, oid)?.map(|(data, _)| Ok(data)))
            }
        }
    }

    /// What LSST's services have of an object, which is empty for an object that they do not know: where
    /// it is, it is asked whether they do.
    fn unless_unknown<T: Send + 'static>(
        &self,
        found: Call<(T, bool)>,
        oid: &str,
    ) -> Result<Call<(T, bool)>> {
        let object = self.one(oid)?;
        Ok(found.and_then(move |(found, is_empty)| {
            Ok(if is_empty { object.map(move |_| Ok((found, is_empty))) } else { Call::Done((found, false)) })
        }))
    }

    /// What the classifiers say of an object.
    pub(super) fn classes_of(&self, oid: &str) -> Result<Call<Vec<Classification>>> {
        let survey = self.known(oid)?;
        let mut rows = self.probabilities(oid)?.map(|rows| {
            let is_empty = rows.0.is_empty();
            Ok((rows, is_empty))
        });
        if survey == Survey::Lsst {
            rows = self.unless_unknown(rows, oid)?;
        }
        Ok(rows.map(move |(rows, _)| {
            let classify = |row: Probability| {
                let mut class = Classification::from(row);
                if survey == Survey::Lsst {
                    // The service sends 0 whatever the version is.
                    class.version = None;
                }
                class
            };
            // A row that does not say who classified, or as what, says nothing.
            let named = |class: &Classification| !class.classifier.is_empty() && !class.class.is_empty();
            let classes = rows.into_iter().map(|row| row.map(classify));
            classes.filter(|class| class.as_ref().map_or(true, named)).collect()
        }))
    }

    /// The cutouts of the latest detection that has some: links to PNG images.
    pub(super) fn cutouts_of(&self, oid: &str) -> Result<Call<Vec<Cutout>>> {
        let oid = oid.to_owned();
        let alerce = self.clone();
        match self.known(&oid)? {
            Survey::Ztf => {
                Ok(Call::get(self.endpoints.ztf(&["objects", &oid, "detections"]), move |response| {
                    let latest = ztf::latest_with_stamp(response.json()?);
                    Ok(latest.map_or_else(Vec::new, |candid| alerce.ztf_cutouts(&oid, &candid)))
                }))
            }
            Survey::Lsst => {
                let request = self.endpoints.lsst_object(&["lightcurve_api", "detections"], &oid);
                let detections = Call::get(request, |response| {
                    let rows = response.json::<Rows<lsst::LsstDetection>>()?;
                    let is_empty = rows.0.is_empty();
                    Ok((lsst::latest_with_stamp(rows), is_empty))
                });
                Ok(self.unless_unknown(detections, &oid)?.map(move |(latest, _)| {
                    Ok(latest.map_or_else(Vec::new, |id| alerce.lsst_cutouts(&oid, &id)))
                }))
            }
        }
    }

    fn ztf_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.endpoints.ztf(&["objects", oid, "lightcurve"]), move |response| {
            // An object without any point answers null.
            let (curve, odd) = wire::left_out(|| response.json::<Option<ZtfLightCurve>>());
            Ok(ztf::light_curve(&name, curve?.unwrap_or_default(), odd))
        })
    }

    fn forced_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.endpoints.v2("forced-photometry", oid), move |response| {
            let (rows, odd) = wire::left_out(|| response.json());
            Ok(ztf::forced_photometry(&name, rows?, odd))
        })
    }

    fn ztf_cutouts(&self, oid: &str, candid: &str) -> Vec<Cutout> {
        let cutout = |kind: CutoutKind| {
            let request = self.stamp_request("get_stamp", oid, candid);
            let request = request.query("type", kind.as_str()).query("format", "png");
            png(kind, candid, request.url())
        };
        CutoutKind::ALL.map(cutout).into()
    }

    fn lsst_cutouts(&self, oid: &str, measurement: &str) -> Vec<Cutout> {
        let cutout = |kind: CutoutKind| {
            let word = match kind {
                CutoutKind::Science => "cutoutScience",
                CutoutKind::Template => "cutoutTemplate",
                CutoutKind::Difference => "cutoutDifference",
            };
            let request = self.endpoints.lsst_object(&["stamps_api", "stamp"], oid);
            let request = request.query("measurement_id", measurement).query("stamp_type", word);
            png(kind, measurement, request.query("file_format", "png").url())
        };
        CutoutKind::ALL.map(cutout).into()
    }
}

fn read_alert(response: Response) -> Result<Alert<AlercePacket>> {
    Alert::from_raw(response.text()?)
}

fn png(kind: CutoutKind, source_id: &str, url: &Url) -> Cutout {
    Cutout {
        kind,
        format: "png".to_owned(),
        source_id: Some(source_id.to_owned()),
        url: Some(url.clone()),
        bytes: None,
    }
}
