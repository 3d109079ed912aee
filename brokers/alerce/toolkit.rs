//! TOM Toolkit's saved queries of ALeRCE, of all its releases, made into fields of the form.

use crate::plugin::*;

/// Objects of a page in TOM Toolkit.
const TOM_PAGE: u32 = 20;

const CLASS: &str = "cfield_";
const PROBABILITY: &str = "prob_cfield_";

pub(super) fn prepare(given: &mut Given) {
    former_service(given);
    classifiers(given);
    if given.tom_query() == Some(TomQuery::Alerts) && given.get("max_pages").is_some() {
        given.set_default("page_size", TOM_PAGE);
    }
}

/// The fields of TOM Toolkit 2.6, which asked a service that is gone.
fn former_service(given: &mut Given) {
    for (field, probability, words) in
        [("classrf", "pclassrf", "lc_classifier"), ("classearly", "pclassearly", "stamp_classifier")]
    {
        let number = |class: &Value| class.as_str().is_none_or(|text| text.trim().parse::<u32>().is_ok());
        if given.get(field).is_some_and(number) {
            let text =
                format!("the class numbers of ALeRCE's former service are gone; give a class in {words}");
            given.fault(field, text);
            given.remove(probability);
        }
        given.rename(field, words);
    }
    given.scale("sr", 3600.0);
    for (key, field) in [
        ("nobs__gt", "ndet_min"),
        ("nobs__lt", "ndet_max"),
        ("mjd__gt", "firstmjd_min"),
        ("mjd__lt", "firstmjd_max"),
        // Hours in the form; a saved query holds the MJD that was meant.
        ("relative_mjd__gt", "firstmjd_min"),
        ("pclassrf", "p_lc_classifier"),
        ("pclassearly", "p_stamp_classifier"),
        ("sr", "radius"),
        ("records", "page_size"),
    ] {
        given.rename(key, field);
    }
    let order = match given.text("sort_by") {
        Some("nobs") => "ndet",
        Some("pclassrf" | "pclassearly") => "probability",
        Some("lastmjd") => "lastmjd",
        _ => return,
    };
    given.remove("sort_by");
    given.set_default("order_by", order);
    given.set_default("order_mode", "DESC");
}

/// One classifier that a data service of TOM Toolkit 3 is asked for.
struct Asked {
    key: String,
    classifier: String,
    class: Value,
    probability: Option<Value>,
}

/// The fields of a data service, one pair for each classifier, and the list that repeats them.
fn classifiers(given: &mut Given) {
    let names: Vec<String> =
        given.keys().filter_map(|key| key.strip_prefix(CLASS)).map(str::to_owned).collect();
    let mut asked: Vec<Asked> = Vec::new();
    for classifier in names {
        let key = format!("{CLASS}{classifier}");
        let Some(class) = given.remove(&key) else { continue };
        let probability = given.get(&format!("{PROBABILITY}{classifier}")).cloned();
        given.remove(&format!("{PROBABILITY}{classifier}"));
        asked.push(Asked { key, classifier, class, probability });
    }
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    let listed = match given.get("classifiers").cloned() {
        Some(Value::Array(items)) => items,
        other => other.into_iter().collect(),
    };
    given.remove("classifiers");
    for item in listed {
        let (Some(classifier), Some(class)) = (text(&item, "classifier"), text(&item, "class")) else {
            given.fault("classifiers", "each of them has a classifier and one of its classes");
            return;
        };
        let probability = item.get("probability").filter(|value| !value.is_null()).cloned();
        match asked.iter().find(|known| known.classifier == classifier) {
            Some(known) if known.class != class.as_str() => {
                let key = known.key.clone();
                given.fault("classifiers", format!("given as {key} too, with another class"));
                return;
            }
            Some(_) => {}
            None => asked.push(Asked {
                key: "classifiers".to_owned(),
                classifier,
                class: class.into(),
                probability,
            }),
        }
    }
    let alone: Vec<String> =
        given.keys().filter(|key| key.starts_with(PROBABILITY)).map(str::to_owned).collect();
    for key in alone {
        let classifier = key.strip_prefix(PROBABILITY).unwrap_or_default();
        let text = format!("needs a class in {CLASS}{classifier}");
        given.fault(&key, text);
    }
    let many = asked.len() > 1;
    let Some(one) = asked.into_iter().next() else { return };
    if many || ["classifier", "class", "probability"].iter().any(|field| given.get(field).is_some()) {
        let text = "one classifier a query; TOM Toolkit asks for each by itself, so save a query for each";
        given.fault(if many { "classifiers" } else { &one.key }, text);
        return;
    }
    given.set("classifier", one.classifier, &one.key);
    given.set("class", one.class, &one.key);
    if let Some(probability) = one.probability {
        given.set("probability", probability, &format!("prob_{}", one.key));
    }
}
