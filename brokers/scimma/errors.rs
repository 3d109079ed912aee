//! What the services' failures mean, where their status alone would mislead.

use std::collections::BTreeMap;

use crate::plugin::*;

pub(super) fn explain(response: &Response) -> Option<Error> {
    if response.is_success() {
        return None;
    }
    // The archive tells its failures in a bare text.
    let text = response.text().ok().map(str::trim).filter(|text| is_words(text));
    let error = |kind, text: String| Some(Error::new(kind, text));
    match (response.status(), text) {
        (401, _) if asks_for_scram(response) => error(
            ErrorKind::Auth,
            "the archive refused the credential, or the message or topic is private; set hopskotch_username \
             and hopskotch_password, or token, of a credential that may read it"
                .to_owned(),
        ),
        (500, Some("Internal Error")) => error(
            ErrorKind::Status,
            "the archive failed; it answers so too when it knows none of the topics, and when a resume token \
             is not its own"
                .to_owned(),
        ),
        (400, None) => fields(response).map(|faults| Error::from_problems(ErrorKind::Input, faults)),
        (400, Some(words)) => error(ErrorKind::Input, format!("the archive refused the request: {words}")),
        (403, Some(words)) => error(ErrorKind::Auth, format!("the credential may not do this: {words}")),
        (404, Some(words)) => error(ErrorKind::NotFound, format!("the archive does not have this: {words}")),
        (413, _) => error(ErrorKind::TooLarge, "the message is larger than the archive takes".to_owned()),
        (501, _) => error(ErrorKind::Unsupported, "the archive takes no messages now: it is read only".to_owned()),
        (500, _) if response.is_html() => error(
            ErrorKind::Status,
            "the SKIP server failed; it answers so too for a cone or polygon that it cannot read".to_owned(),
        ),
        _ => None,
    }
}

/// What to do with a message that the topic does not take for its size: what its readers expect.
pub(super) fn publishing(error: Error, topic: &str) -> Error {
    if error.kind() != ErrorKind::TooLarge {
        return error;
    }
    let text = format!(
        "{}; give it to the archive (Scimma::upload to {topic}+oversized), and publish in its place a message of \
         format external with the url of the receipt",
        error.message()
    );
    error.reworded(ErrorKind::TooLarge, text)
}

/// SKIP lists the faults of each filter.
fn fields(response: &Response) -> Option<Vec<Problem>> {
    let faults: BTreeMap<String, Vec<String>> = response.json().ok()?;
    let problem = |(field, texts): (String, Vec<String>)| {
        let text: String = texts.join(" ").chars().filter(|c| !c.is_control()).take(200).collect();
        Problem::new(field, text)
    };
    (1..=20).contains(&faults.len()).then(|| faults.into_iter().map(problem).collect())
}

fn asks_for_scram(response: &Response) -> bool {
    response.header("www-authenticate").is_some_and(|text| text.trim_start().starts_with("SCRAM"))
}

/// A short text that is neither JSON nor a web page.
fn is_words(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !"<>{}[]".contains(c);
    (1..=100).contains(&text.len()) && text.chars().all(plain)
}
