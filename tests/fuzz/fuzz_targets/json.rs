//! Any bytes as a body: the reader of listings agrees with the plain one, NaN tokens included.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;
use tom_alerts::http::{Response, json, mend_nan};

fuzz_target!(|bytes: &[u8]| {
    let response = Response::new(200, Vec::new(), bytes.to_vec().into());
    let _ = response.own_words();
    let plain = json::<Value>(bytes);
    if let Ok((items, rest)) = response.items::<Value, Value>(Some("items")) {
        let Ok(plain) = plain.as_ref() else {
            // A number beyond every float, or brackets too deep, is one bad item; the rest is JSON.
            let text = response.text().expect("a page is text");
            let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
            assert!(is_json(text) || mend_nan(text).is_some_and(|mended| is_json(&mended)));
            return;
        };
        let list = plain["items"].as_array().map_or(0, Vec::len);
        // Of a key that stands twice the last one counts, for both.
        assert_eq!(items.len(), list);
        for (item, value) in items.iter().zip(plain["items"].as_array().into_iter().flatten()) {
            if value.is_array() {
                assert!(item.is_err(), "a list is no item");
                continue;
            }
            let item = item.as_ref().expect("any other JSON is a value");
            assert_eq!(&**item, value);
            assert_eq!(serde_json::from_str::<Value>(item.raw()).ok().as_ref(), Some(value));
        }
        // Of a key that stands twice the list is taken; what else stood there stays.
        assert!(rest.get("items").is_none_or(|left| !left.is_array()));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && serde_json::from_str::<Value>(text).is_ok()
        && let Some(mended) = mend_nan(text)
    {
        assert_eq!(mended, text, "what is JSON stays as it is");
    }
});
