//! Source text as words with their lines, without comments, texts and tests.

/// A word or a sign of the source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// The words and signs of a file; `::` is one sign.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    let lines = |part: &[u8]| part.iter().filter(|byte| **byte == b'\n').count();
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest {
            _ if rest[0].is_ascii_whitespace() => 1,
            [b'/', b'/', ..] => until(rest, b"\n"),
            [b'/', b'*', ..] => until(rest, b"*/"),
            [b'r' | b'b', ..] | [b'"', ..] if text_length(rest) > 0 => text_length(rest),
            [b'\'', ..] => character_length(rest),
            _ if word(rest[0]) => rest.iter().take_while(|byte| word(**byte)).count(),
            [b':', b':', ..] => 2,
            _ => 1,
        };
        if word(rest[0]) && text_length(rest) == 0 || b":{}();,*#[]".contains(&rest[0]) {
            let text = source[at..at + length].to_owned();
            found.push(Token { text, line });
        }
        line += lines(&rest[..length]);
        at += length;
    }
    without_tests(found)
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn until(text: &[u8], end: &[u8]) -> usize {
    text.windows(end.len()).position(|part| part == end).map_or(text.len(), |at| at + end.len())
}

/// The length of the quoted text that begins here; 0 for anything else.
fn text_length(text: &[u8]) -> usize {
    let prefix = text.iter().take_while(|byte| matches!(byte, b'r' | b'b' | b'c')).count();
    let marks = text[prefix..].iter().take_while(|byte| **byte == b'#').count();
    let open = prefix + marks;
    if prefix > 2 || text.get(open) != Some(&b'"') || (marks > 0 && prefix == 0) {
        return 0;
    }
    if text[..prefix].contains(&b'r') {
        let end = [b"\"", vec![b'#'; marks].as_slice()].concat();
        return open + 1 + until(&text[open + 1..], &end);
    }
    let mut at = open + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// The length of a character in quotes, or of the mark of a lifetime.
fn character_length(text: &[u8]) -> usize {
    if text.get(1) == Some(&b'\\') {
        return 3 + until(&text[3.min(text.len())..], b"'");
    }
    let letter = std::str::from_utf8(&text[1..]).ok().and_then(|rest| rest.chars().next());
    let length = letter.map_or(1, char::len_utf8);
    if text.get(1 + length) == Some(&b'\'') { length + 2 } else { 1 }
}

/// Takes out what stands behind `#[cfg(test)]`, but leaves `mod NAME ;` there under the word `cfg_test`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here: Vec<_> = tokens[at..].iter().take(mark.len()).map(|token| token.text.as_str()).collect();
        if here != mark {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += mark.len();
        let begun = at;
        let mut depth = 0_usize;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.text.as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
        if let [first, name, end] = &tokens[begun..at]
            && (first.text.as_str(), end.text.as_str()) == ("mod", ";")
        {
            kept.push(Token { text: "cfg_test".to_owned(), line: first.line });
            kept.push(name.clone());
        }
    }
    kept
}
