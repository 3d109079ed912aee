//! What the pages for people hold in their scripts: lists that are given to a variable.

use std::borrow::Cow;

use crate::plugin::*;

/// The list that a script of the page gives to a variable, as an answer of its own.
///
/// The list ends with its own bracket, wherever texts in it hold brackets, quotes or markup.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is none: a page that says that the service is down is no
/// empty list.
pub(super) fn list(response: &Response, variable: &str) -> Result<Response> {
    // A letter that is not UTF-8, in a comment say, costs no more than itself.
    let text = String::from_utf8_lossy(response.body());
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("var ")) {
        at += found + "var ".len();
        let value = text[at..].trim_start().strip_prefix(variable).map(str::trim_start);
        let value = value.and_then(|rest| rest.strip_prefix('=')).map(str::trim_start);
        if let Some(value) = value.filter(|value| value.starts_with('[')) {
            let start = text.len() - value.len();
            let end = start + end_of_list(value.as_bytes());
            let list = match &text {
                Cow::Borrowed(_) => response.body().slice(start..end),
                Cow::Owned(text) => text[start..end].to_owned().into(),
            };
            return Ok(Response::new(200, Vec::new(), list));
        }
    }
    let text = format!("the page holds no list of {variable}; the service may be down");
    Err(Error::new(ErrorKind::Unreadable, text))
}

/// The place behind the bracket that ends a list; the end of the text when it is cut off.
fn end_of_list(text: &[u8]) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
