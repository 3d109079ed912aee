//! Five services with long listings of small items.

use tom_alerts::http::Request;

/// A service of made-up alerts, 100 a page.
pub(crate) struct Service {
    pub(crate) broker: &'static str,
    pub(crate) config: &'static [(&'static str, &'static str)],
    pub(crate) query: &'static [&'static str],
    pub(crate) pages: usize,
    /// The id of an alert, which is also its target's name.
    pub(crate) name: fn(usize) -> String,
    /// An alert's text with its declination, or `null`; the id stands first.
    item: fn(&str, &str) -> String,
    /// A page's text: its items, and whether and where there is another.
    around: fn(&str, Option<usize>) -> String,
    /// The number of the page that is asked for, from 0.
    pub(crate) page: fn(&Request) -> usize,
}

pub(crate) const PAGE: usize = 100;

impl Service {
    pub(crate) fn name(&self, number: usize) -> String {
        (self.name)(number)
    }

    pub(crate) fn item(&self, number: usize) -> String {
        let dec = number as f64 % 17_000.0 / 100.0 - 85.0;
        (self.item)(&self.name(number), &dec.to_string())
    }

    pub(crate) fn without_position(&self, number: usize) -> String {
        (self.item)(&self.name(number), "null")
    }

    /// The id is an object, which is none.
    pub(crate) fn without_id(&self, number: usize) -> String {
        let (name, item) = (self.name(number), self.item(number));
        if self.broker == "SCIMMA" {
            // There the id is a number, and the name may be missing.
            return item.replacen(r#""id": "#, r#""id": {"no": 1}, "was": "#, 1);
        }
        item.replacen(&format!(r#""{name}""#), &format!(r#"{{"no": "{name}"}}"#), 1)
    }

    pub(crate) fn not_a_number(&self, number: usize) -> String {
        // A field that none of the readers knows.
        self.item(number).replacen('{', r#"{"made_up": NaN, "#, 1)
    }

    /// The page with these items.
    pub(crate) fn around(&self, page: usize, items: &str) -> String {
        (self.around)(items, (page + 1 < self.pages).then_some(page + 1))
    }
}

/// The number that stands as letters in a name of ZTF.
fn place(name: &str) -> u64 {
    name.bytes().skip(5).fold(0, |sum, letter| sum * 26 + u64::from(letter - b'a'))
}

/// A number as letters, so that it can stand in a name of ZTF.
fn letters(mut number: usize, length: usize) -> String {
    let mut name = vec![b'a'; length];
    for letter in name.iter_mut().rev() {
        *letter = b'a' + u8::try_from(number % 26).unwrap();
        number /= 26;
    }
    String::from_utf8(name).unwrap()
}

fn number(request: &Request, key: &str, first: usize) -> usize {
    let mut pairs = request.url().query_pairs();
    pairs.find(|(name, _)| name == key).map_or(first, |(_, value)| value.parse().unwrap())
}

pub(crate) const SERVICES: &[Service] = &[
    Service {
        broker: "ALeRCE",
        config: &[],
        query: &["survey=ztf", "page_size=100"],
        pages: 300,
        name: |n| format!("ZTF21{}", letters(n, 7)),
        item: |id, dec| {
            format!(
                r#"{{"oid": "{id}", "meanra": 150.11, "meandec": {dec}, "ndet": 24, "firstmjd": 60310.2215,
                    "lastmjd": 60402.25, "class": "SNIa", "classifier": "lc_classifier", "probability": 0.91}}"#
            )
        },
        around: |items, next| {
            format!(r#"{{"total": null, "has_next": {}, "items": [{items}]}}"#, next.is_some())
        },
        page: |request| number(request, "page", 1) - 1,
    },
    Service {
        broker: "ANTARES",
        config: &[],
        query: &["page_size=100"],
        pages: 200,
        name: |n| format!("ANT2024{}", letters(n, 6)),
        item: |id, dec| {
            format!(
                r#"{{"locus": {{"locus_id": "{id}", "ra": 150.11, "dec": {dec}, "tags": ["extragalactic"],
                    "properties": {{"num_alerts": 5, "newest_alert_id": "ztf_candidate:1", "newest_alert_magnitude": 17.75,
                    "newest_alert_observation_time": 60402.25}}}}}}"#
            )
        },
        around: |items, next| {
            let link = next.map(|page| format!(r#""http://127.0.0.1:1/v2/loci?limit=100&offset={page}00""#));
            let link = link.unwrap_or_else(|| "null".to_owned());
            format!(r#"{{"data": [{items}], "meta": {{}}, "links": {{"next": {link}}}}}"#)
        },
        page: |request| number(request, "offset", 0) / PAGE,
    },
    Service {
        broker: "MARS",
        config: &[],
        query: &["magpsf_lte=19"],
        pages: 200,
        name: |n| format!("ZTF19{}", letters(n, 7)),
        item: |id, dec| {
            format!(
                r#"{{"objectId": "{id}", "lco_id": {}, "candid": 2695378462115010012, "candidate": {{"jd": 2458577.75,
                    "ra": 150.11, "dec": {dec}, "filter": "r", "magpsf": 18.25, "rb": 0.91, "isdiffpos": "t"}}}}"#,
                // The newest first, as the server lists.
                9_999_999_999 - place(id)
            )
        },
        around: |items, _| format!(r#"{{"has_next": false, "has_prev": false, "results": [{items}]}}"#),
        page: |request| number(request, "page", 1) - 1,
    },
    Service {
        broker: "SCIMMA",
        config: &[],
        query: &["source=skip", "page_size=100"],
        pages: 150,
        name: |n| format!("S310301_X{n}"),
        item: |id, dec| {
            format!(
                r#"{{"identifier": "{id}", "id": {}, "timestamp": "2031-03-01T20:24:08Z", "topic": "lvc.lvc-counterpart",
                    "right_ascension": 201.25, "declination": {dec}, "parsed_message": {{"rank": "2"}}}}"#,
                id.trim_start_matches("S310301_X").parse::<u64>().unwrap_or(0) + 1
            )
        },
        around: |items, next| {
            let link = next.map(|page| format!(r#""http://127.0.0.1:1/api/v2/alerts/?page={}""#, page + 1));
            let link = link.unwrap_or_else(|| "null".to_owned());
            format!(r#"{{"count": 15000, "next": {link}, "previous": null, "results": [{items}]}}"#)
        },
        page: |request| number(request, "page", 1) - 1,
    },
    Service {
        broker: "Babamul",
        config: &[("api_token", "bbml_made_up")],
        query: &["survey=ztf", "mjd_min=61358", "mjd_max=61359", "page_size=100"],
        pages: 150,
        name: |n| format!("ZTF26{}", letters(n, 7)),
        item: |id, dec| {
            format!(
                r#"{{"objectId": "{id}", "candid": {}, "candidate": {{"jd": 2461360.9326273,
                    "ra": 150.12, "dec": {dec}, "band": "r", "magpsf": 18.3, "isdiffpos": true, "drb": 0.998}},
                    "classifications": {{"acai_h": 0.9925}}}}"#,
                // Sorted by this number, as Babamul lists.
                3_005_432_622_415_015_012 + place(id)
            )
        },
        around: |items, _| format!(r#"{{"message": "found", "data": [{items}]}}"#),
        page: |request| number(request, "skip", 0) / PAGE,
    },
];
