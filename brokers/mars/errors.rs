//! What the server's one failure means: an unknown alert, a value that it cannot read, or trouble.

use super::Mars;
use crate::plugin::*;

/// An objectId that nothing has: a request that every sound instance answers.
const NOTHING: &str = "__none__";

/// The words of the server's own page for whatever it did not catch. A proxy before it has others.
const UNCAUGHT: &str = "encountered an internal error and was unable to complete your request";

pub(super) fn explain(response: &Response) -> Option<Error> {
    let text = "the server failed; it answers so to any value that it cannot read. Left to look at are the name in \
                objectcone, which its resolver may not know, the instance's version, and its log";
    is_uncaught(response).then(|| Error::new(ErrorKind::Status, text))
}

fn is_uncaught(response: &Response) -> bool {
    response.status() == 500
        && response.is_html()
        && response.text().is_ok_and(|page| page.contains(UNCAUGHT))
}

/// A request about one alert. The server's page is the same for an unknown number and for trouble, so
/// a server that gives it is asked whether it is sound; any other failure is one.
pub(super) fn about<T: Send + 'static>(
    mars: &Mars,
    request: Request,
    read: impl FnOnce(Response) -> Result<T> + Send + 'static,
) -> Call<T> {
    let sound = mars.root.get(&[""]).query("objectId", NOTHING).query("format", "json");
    Call::step(request.accept_status(500), move |answer| match answer {
        // An accepted status is an error only where `explain` makes it one.
        Err(error) if error.http_status() == Some(500) => Ok(Call::step(sound, move |answer| {
            Err(match answer {
                Ok(_) => error.reworded(ErrorKind::NotFound, "there is no alert of this number"),
                Err(_) => error.retryable(true),
            })
        })),
        Ok(response) if response.status() == 500 => {
            let text = "the service failed, or something before it";
            Err(Error::new(ErrorKind::Status, text).with_status(500).retryable(true))
        }
        answer => Ok(Call::Done(read(answer?)?)),
    })
}
