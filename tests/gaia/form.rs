//! The query form: what cannot be asked.

use super::*;

#[test]
fn a_query_that_cannot_be_asked_is_told_with_its_field() {
    let told = |pairs: Value| read(pairs).unwrap_err().to_string();
    let neither = "target_name, cone: give a name or a cone, or one of the other fields: \
                   the list holds every alert of ten years";
    let number = "cone: give RA,Dec,radius: three numbers in degrees, on the sky";
    for (pairs, due) in [
        (json!({}), neither),
        (json!({"query_name": "x", "broker": "Gaia", "target_name": "", "cone": ""}), neither),
        (json!({"target_name": NAME, "cone": "1,2,3"}), "target_name, cone: give a name or a cone, not both"),
        (json!({"cone": "1,2"}), number),
        (json!({"cone": "1,2,3,4"}), number),
        (json!({"cone": "1,two,3"}), number),
        (json!({"cone": "361,-89,1"}), number),
        (json!({"cone": "360,-91,1"}), number),
        (json!({"cone": "360,-89,0"}), number),
        (json!({"ra": 1, "dec": 2}), "ra, dec, radius: give all of them or none"),
        (json!({"ra": 1, "dec": 2, "radius": 3, "cone": "1,2,3"}), "cone, ra: one cone a query"),
        (json!({"cone": "1,2,3", "name_contains": true}), "name_contains: needs a target_name"),
        (json!({"mag_min": 19, "mag_max": 18}), "mag_min, mag_max: the first must not be above the second"),
        (json!({"target": NAME}), "target: no such field; did you mean target_name?"),
    ] {
        let words = told(pairs.clone());
        assert!(words.starts_with(due), "{pairs}: {words}");
    }
}
