//! One object by its id: its summary, its light curve, its classes, its cutouts.

use super::lsst::{self, LsstLightCurve};
use super::packet::AlercePacket;
use super::services::Probability;
use super::ztf::{self, ZtfLightCurve};
use super::{Alerce, explain};
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
            Survey::Ztf => Ok(Call::get(self.roots.ztf(&["objects", id]), read_alert)),
            Survey::Lsst => {
                let detections = self.roots.lsst_object(&["lightcurve_api", "detections"], id);
                let request = self.roots.lsst_object(&["object_api", "object"], id).accept_status(500);
                Ok(Call::step(request, move |answer| match answer {
                    // The same failure stands for an unknown object and for a service that is down.
                    Err(error) if explain::is_silent(&error) => Ok(Call::get(detections, move |response| {
                        Err(explain::about_object(error, &response))
                    })),
                    Ok(response) if response.status() == 500 => Err(explain::failed()),
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
                let request = self.roots.lsst_object(&["lightcurve_api", "lightcurve"], oid);
                let oid = oid.to_owned();
                Ok(Call::get(request, move |response| {
                    let curve = response.json::<Option<LsstLightCurve>>()?.unwrap_or_default();
                    Ok(lsst::light_curve(&oid, curve))
                }))
            }
        }
    }

    /// What the classifiers say of an object.
    pub(super) fn classes_of(&self, oid: &str) -> Result<Call<Vec<Classification>>> {
        let survey = self.known(oid)?;
        let rows = self.probabilities(oid)?;
        Ok(rows.map(move |rows| {
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
            Survey::Ztf => Ok(Call::get(self.roots.ztf(&["objects", &oid, "detections"]), move |response| {
                let latest = ztf::latest_with_stamp(response.json()?);
                Ok(latest.map_or_else(Vec::new, |candid| alerce.ztf_cutouts(&oid, &candid)))
            })),
            Survey::Lsst => {
                let request = self.roots.lsst_object(&["lightcurve_api", "detections"], &oid);
                Ok(Call::get(request, move |response| {
                    let latest = lsst::latest_with_stamp(response.json()?);
                    Ok(latest.map_or_else(Vec::new, |id| alerce.lsst_cutouts(&oid, &id)))
                }))
            }
        }
    }

    fn ztf_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.roots.ztf(&["objects", oid, "lightcurve"]), move |response| {
            // An object without any point answers null.
            let curve = response.json::<Option<ZtfLightCurve>>()?.unwrap_or_default();
            Ok(ztf::light_curve(&name, curve))
        })
    }

    fn forced_points(&self, oid: &str) -> Call<ReducedData> {
        let name = oid.to_owned();
        Call::get(self.roots.v2("forced-photometry", oid), move |response| {
            Ok(ztf::forced_photometry(&name, response.json()?))
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
            let request = self.roots.lsst_object(&["stamps_api", "stamp"], oid);
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
