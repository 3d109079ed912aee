//! The columns that are asked for: those that the packets read. The whole answer is ten times as long.

/// Of ZTF's `objects`, `latests` and `sso`.
pub(super) const ZTF: &[&str] = &[
    "i:objectId",
    "i:candid",
    "i:jd",
    "i:fid",
    "i:magpsf",
    "i:sigmapsf",
    "i:diffmaglim",
    "i:isdiffpos",
    "i:ra",
    "i:dec",
    "i:rb",
    "i:drb",
    "i:distnr",
    "i:jdstarthist",
    "i:ndethist",
    "i:ssnamenr",
    "i:ssdistnr",
    "i:ssmagnr",
    "d:cdsxmatch",
    "d:tns",
    "d:rf_snia_vs_nonia",
    "d:snn_snia_vs_nonia",
    "d:snn_sn_vs_all",
    "d:rf_kn_vs_nonkn",
    "d:mulens",
    "d:slsn_score",
    "d:anomaly_score",
    "d:roid",
    "d:nalerthist",
    "d:is_transient",
    "d:mag_rate",
];

/// Of a light curve of ZTF.
pub(super) const ZTF_CURVE: &[&str] = &[
    "i:objectId",
    "i:candid",
    "i:jd",
    "i:fid",
    "i:magpsf",
    "i:sigmapsf",
    "i:diffmaglim",
    "i:isdiffpos",
    "i:ra",
    "i:dec",
    "i:rb",
    "i:drb",
    "i:distnr",
    "i:magnr",
    "i:sigmagnr",
    "i:nbad",
];

/// Of LSST's `sources` and `tags`.
pub(super) const LSST: &[&str] = &[
    "r:diaObjectId",
    "r:diaSourceId",
    "r:ssObjectId",
    "r:midpointMjdTai",
    "r:band",
    "r:psfFlux",
    "r:psfFluxErr",
    "r:scienceFlux",
    "r:scienceFluxErr",
    "r:ra",
    "r:dec",
    "r:raErr",
    "r:decErr",
    "r:snr",
    "r:reliability",
    "r:extendedness",
    "r:isNegative",
    "r:visit",
    "r:detector",
    "r:timeWithdrawnMjdTai",
    "f:xm_simbad_otype",
    "f:xm_gaiadr3_DR3Name",
    "f:xm_gcvs_type",
    "f:xm_vsx_Type",
    "f:xm_tns_fullname",
    "f:xm_tns_type",
    "f:xm_tns_redshift",
    "f:xm_legacydr8_zphot",
    "f:clf_cats_class",
    "f:clf_cats_score",
    "f:clf_earlySNIa_score",
    "f:clf_snnSnVsOthers_score",
    "f:fink_science_version",
];

/// What LSST's `conesearch` has beside; it needs the last one to select by dates.
pub(super) const LSST_CONE: &[&str] = &[
    "r:nDiaSources",
    "f:is_sso",
    "f:is_cataloged",
    "f:main_label_crossmatch",
    "f:main_label_classifier",
    "f:firstDiaSourceMjdTaiFink",
];

/// What LSST's `sso` has beside.
pub(super) const LSST_SSO: &[&str] =
    &["r:designation", "r:ephRa", "r:ephDec", "r:packed_primary_provisional_designation"];

/// Whether a column can be asked for: a family, a colon, a name, and not one that is computed.
pub(super) fn is_column(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    name.split_once(':').is_some_and(|(family, rest)| {
        matches!(family, "i" | "d" | "r" | "f" | "b") && !rest.is_empty() && rest.chars().all(letter)
    })
}
