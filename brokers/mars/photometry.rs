//! The light curve of an alert: its measurement and its history, detections of mixed objects and limits.

use super::NAME;
use super::packet::{MarsAlert, PreviousCandidate};
use crate::plugin::*;

/// The points of an alert and its history, each once.
pub(super) fn light_curve(alert: &MarsAlert, history: Rows<PreviousCandidate>, odd: usize) -> ReducedData {
    let own = &alert.object_id;
    // The place at the broker is the object, not the alert that was asked for: the same points
    // come with every alert of the object, and must be the same points then.
    let mut points = Points::new(NAME, own);
    points.note_left_out("the light curve", odd);
    let this = PreviousCandidate {
        lco_id: Some(alert.lco_id.clone()),
        object_id: Some(own.clone()),
        candid: alert.candid,
        candidate: alert.candidate.clone(),
        ..PreviousCandidate::default()
    };
    points.rows("alert", Rows(vec![Ok(this)]), |row| point(row, own));
    points.rows("prv_candidate", history, |row| point(row, own));
    let mut data = points.done();
    // The measurements before the alert are listed once more with each.
    data.each_once();
    data
}

fn point(row: PreviousCandidate, own: &str) -> points::Read<Photometry> {
    let c = row.candidate;
    let time = points::instant(c.jd, time::utc_from_jd)?;
    let depth = points::magnitude(c.diffmaglim);
    let magnitude = points::magnitude(c.magpsf);
    if magnitude.is_none() && depth.is_none() {
        return Ok(None);
    }
    let filter = c.band().ok_or_else(|| {
        Error::new(ErrorKind::Unreadable, "the row has neither fid nor filter, so its band is not known")
    })?;
    let mut found = Photometry {
        filter: filter.into(),
        unit: Some("AB".into()),
        telescope: Some("ZTF".into()),
        survey: Some("ZTF".into()),
        ..Photometry::default()
    };
    let Some(magnitude) = magnitude else {
        found.limit = depth;
        return Ok(Some((time, found)));
    };
    if c.isdiffpos == Some(false) {
        found.negative_magnitude = Some(magnitude);
    } else {
        found.magnitude = Some(magnitude);
    }
    found.error = points::magnitude_error(c.sigmapsf);
    found.limiting_magnitude = depth;
    found.source_id = row.candid.or(c.candid).map(|id| id.to_string());
    let extra = &mut found.extra;
    points::keep(extra, "isdiffpos", c.isdiffpos.map(|positive| if positive { 1 } else { -1 }));
    points::keep(extra, "rb", c.rb);
    points::keep(extra, "drb", c.drb);
    points::keep(extra, "magap", points::magnitude(c.magap));
    points::keep(extra, "distnr", c.distnr);
    points::keep(extra, "lco_id", row.lco_id);
    points::keep(extra, "objectId", row.object_id.filter(|name| name != own));
    Ok(Some((time, found)))
}
