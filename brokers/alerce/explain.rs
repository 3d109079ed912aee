//! What the services' failures mean: their words are terse or mislead.

use super::lsst::LsstDetection;
use crate::plugin::*;

/// What LSST's services say of nearly every failure.
const SILENCE: &str = "An error occurred";

const SILENT: &str = "LSST's service failed without a reason; it does so for an unknown object or classifier, \
                      and for a class without its classifier";

/// A body of a failure, as v1 (`errors`, `message`) and LSST (`detail`) send it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    errors: Option<Map<String, Value>>,
    message: Option<Value>,
    detail: Option<Value>,
}

/// The error of an answer that the core would word worse; `None` leaves it to the core.
pub(super) fn explain(response: &Response) -> Option<Error> {
    if response.status() < 400 {
        return None;
    }
    let body = response.json::<Failure>().ok()?;
    match response.status() {
        400 | 422 => refused(&body),
        404 if body.message.is_some() => {
            Some(Error::new(ErrorKind::NotFound, "no such object, or nothing of the kind about it"))
        }
        500 if body.detail.as_ref().and_then(Value::as_str) == Some(SILENCE) => {
            Some(Error::new(ErrorKind::Status, SILENT))
        }
        _ => None,
    }
}

/// The service's words, field by field.
fn refused(body: &Failure) -> Option<Error> {
    let mut problems = Vec::new();
    if let Some(errors) = &body.errors {
        problems.extend(errors.iter().map(|(field, said)| Problem::new(field, words(said))));
    }
    match &body.detail {
        Some(Value::Object(fields)) => {
            problems.extend(fields.iter().map(|(field, said)| Problem::new(field, words(said))));
        }
        Some(Value::Array(entries)) => problems.extend(entries.iter().map(|entry| {
            let steps = entry["loc"].as_array().map(Vec::as_slice).unwrap_or_default();
            let field = steps.iter().filter_map(Value::as_str).rfind(|step| *step != "query");
            Problem::new(field.unwrap_or_default(), words(&entry["msg"]))
        })),
        Some(said @ Value::String(_)) => problems.push(Problem::new("", words(said))),
        _ => {}
    }
    problems.truncate(20);
    (!problems.is_empty()).then(|| Error::from_problems(ErrorKind::Input, problems))
}

/// A text of the service on one line, not too long, without a full stop.
fn words(said: &Value) -> String {
    const LONGEST: usize = 200;
    let text = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect::<String>().trim_end_matches('.').to_owned()
}

/// Whether this is LSST's failure without a reason.
pub(super) fn is_silent(error: &Error) -> bool {
    error.http_status() == Some(500) && error.message() == SILENT
}

/// A failure with status 500 that the service has no words of its own for.
pub(super) fn failed() -> Error {
    let text = "LSST's service failed, or something before it";
    Error::new(ErrorKind::Status, text).with_status(500).retryable(true)
}

/// A path that is not there, where a service has words of its own for an object that is not.
pub(super) fn no_path() -> Error {
    let text = "LSST's service does not have this path; is lsst_url right?";
    Error::new(ErrorKind::NotFound, text).with_status(404)
}

/// What the failure without a reason means for an object whose detections are known.
pub(super) fn about_object(error: Error, detections: &Response) -> Error {
    let absent = detections.json::<Rows<LsstDetection>>().is_ok_and(|rows| rows.0.is_empty());
    if absent {
        return error.reworded(ErrorKind::NotFound, "no such LSST object");
    }
    error
        .reworded(ErrorKind::Status, "LSST's service failed for an object that it has; try again later")
        .retryable(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Option<String> {
        explain(&Response::new(status, Vec::new(), body.to_owned().into())).map(|e| e.to_string())
    }

    #[test]
    fn each_refused_field_is_named() {
        let body = r#"{"errors": {"order_by": "no valid choice.", "page": "no int"}, "message": "failed"}"#;
        assert_eq!(told(400, body).as_deref(), Some("order_by: no valid choice; page: no int"));
        let body = r#"{"detail":[{"type":"int_parsing","loc":["query","n_det",0],"msg":"no integer","input":"abc"}]}"#;
        assert_eq!(told(422, body).as_deref(), Some("n_det: no integer"));
        let body = r#"{"detail":{"search_filters":"Order can be only DESC or ASC."}}"#;
        assert_eq!(told(422, body).as_deref(), Some("search_filters: Order can be only DESC or ASC"));
        assert_eq!(
            told(400, r#"{"detail":"Radius must be greater"}"#).as_deref(),
            Some("Radius must be greater")
        );
    }

    #[test]
    fn other_answers_are_left_to_the_core() {
        assert_eq!(told(200, r#"{"detail":"An error occurred"}"#), None);
        assert_eq!(told(404, "<!doctype html><title>404 Not Found</title>"), None);
        assert_eq!(told(500, r#"{"message": "internal"}"#), None);
        assert_eq!(told(400, "[]"), None);
        assert!(told(500, r#"{"detail":"An error occurred"}"#).unwrap().starts_with("LSST's service failed"));
    }
}
