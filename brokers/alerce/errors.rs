//! What the services' failures mean: their words are terse or mislead.

use super::endpoints::Endpoints;
use super::lsst::LsstDetection;
use crate::plugin::*;

/// What LSST's services say of nearly every failure.
const SILENCE: &str = "An error occurred";

const SILENT: &str = "LSST's service failed without a reason; it does so for an object that it does not know, \
                      and when its database is down";

const DOWN: &str = "LSST's service fails for every question; its database may be down; try again later";

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
        500 if says_nothing(response) => Some(Error::new(ErrorKind::Status, SILENT)),
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
    wire::shortened(&line, LONGEST).trim_end_matches('.').to_owned()
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

/// What the failure without a reason means for an object, by what the service says of its detections.
pub(super) fn about_object(error: Error, detections: Result<Response>) -> Error {
    let failed_for_it = "LSST's service failed for an object that it has; try again later";
    let text = match detections.map(|response| response.json::<Rows<LsstDetection>>()) {
        Ok(Ok(rows)) if rows.0.is_empty() => {
            return error.reworded(ErrorKind::NotFound, "no such LSST object");
        }
        Ok(_) => failed_for_it,
        Err(failed) if is_silent(&failed) => DOWN,
        Err(failed) => return failed,
    };
    error.reworded(ErrorKind::Status, text).retryable(true)
}

/// How a request gets its answer. Where LSST's listing fails without a reason, its classifiers are asked
/// for: it fails so for one that it does not know, and when its database is down.
pub(super) fn exchange(endpoints: &Endpoints, request: Request) -> Call<Response> {
    let listing = endpoints.lsst(&["object_api", "list_objects"]);
    if request.url().path() != listing.url().path() {
        return Call::get(request, Ok);
    }
    let pair = request.url().query_pairs().find(|(key, _)| key == "classifier");
    let asked = pair.map(|(_, classifier)| classifier.into_owned());
    let classifiers = endpoints.lsst(&["classifier_api", "classifiers"]);
    Call::step(request, move |answer| {
        let response = answer?;
        if !says_nothing(&response) {
            return Ok(Call::Done(response));
        }
        let status = response.status();
        Ok(Call::step(classifiers, move |answer| {
            let answer = answer.and_then(Response::into_result);
            Err(about_listing(asked.as_deref(), answer.and_then(|response| response.json()))
                .with_status(status))
        }))
    })
}

/// A classifier of LSST's list, of which only the name matters here.
#[derive(Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "wire::text_or_none")]
    classifier_name: Option<String>,
}

/// What the failure without a reason means for a listing, by what the service says of its classifiers.
fn about_listing(asked: Option<&str>, classifiers: Result<Rows<Named>>) -> Error {
    let Ok(rows) = classifiers else { return Error::new(ErrorKind::Status, DOWN).retryable(true) };
    let known: Vec<String> = rows.into_iter().flatten().filter_map(|row| row.classifier_name).collect();
    match asked.filter(|asked| !known.is_empty() && !known.iter().any(|name| name == asked)) {
        Some(asked) => {
            let problem =
                format!("LSST's service has no classifier {asked:.60}; it has {}", known.join(", "));
            Error::from_problems(ErrorKind::Input, vec![Problem::new("classifier", problem)])
        }
        None => {
            let text =
                "LSST's service failed without a reason, though it answers other questions; try again later";
            Error::new(ErrorKind::Status, text).retryable(true)
        }
    }
}

/// Whether this is LSST's failure without a reason.
fn says_nothing(response: &Response) -> bool {
    let said = || response.json::<Failure>().ok()?.detail?.as_str().map(|said| said == SILENCE);
    response.status() == 500 && said() == Some(true)
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
