//! Objects that the service sends as a text: in JSON, or as Python writes a dictionary.

use crate::plugin::*;

/// The deepest nesting that is read.
const DEEPEST: usize = 32;

/// The object that a text holds; `None` where it holds none.
pub(super) fn object(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text).ok().or_else(|| python(text))?;
    Some(value).filter(Value::is_object)
}

/// A literal of Python: dictionaries, lists, tuples, texts, numbers, `None`, `True`, `False`, and calls of
/// one argument, such as `Decimal('0.1')`, which are that argument. NaN and infinity are null.
fn python(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(DEEPEST)?;
    reader.blanks();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a sign, if it comes next.
    fn take(&mut self, sign: char) -> bool {
        self.blanks();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What comes next as long as it is of these letters.
    fn word(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn value(&mut self, deep: usize) -> Option<Value> {
        let deep = deep.checked_sub(1)?;
        self.blanks();
        match self.rest.chars().next()? {
            '{' => self.dictionary(deep),
            '[' => self.list(']', deep).map(Value::Array),
            '(' => self.list(')', deep).map(Value::Array),
            '\'' | '"' => self.text().map(Value::String),
            c if c.is_ascii_digit() || "+-.".contains(c) => self.number(),
            c if c.is_ascii_alphabetic() || c == '_' => self.name(deep),
            _ => None,
        }
    }

    fn dictionary(&mut self, deep: usize) -> Option<Value> {
        let mut map = Map::new();
        self.rest = self.rest.get(1..)?;
        loop {
            if self.take('}') {
                return Some(Value::Object(map));
            }
            let key = match self.value(deep)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if !self.take(':') {
                return None;
            }
            let value = self.value(deep)?;
            map.insert(key, value);
            if !self.take(',') && !self.rest.starts_with('}') {
                return None;
            }
        }
    }

    fn list(&mut self, end: char, deep: usize) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        self.rest = self.rest.get(1..)?;
        loop {
            if self.take(end) {
                return Some(list);
            }
            list.push(self.value(deep)?);
            if !self.take(',') && !self.rest.starts_with(end) {
                return None;
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let mut letters = self.rest.chars();
        let quote = letters.next()?;
        let mut text = String::new();
        loop {
            match letters.next()? {
                '\\' => {
                    let code = match letters.next()? {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'x' => coded(&mut letters, 2)?,
                        'u' => coded(&mut letters, 4)?,
                        'U' => coded(&mut letters, 8)?,
                        sign @ ('\'' | '"' | '\\') => sign,
                        other => {
                            text.push('\\');
                            other
                        }
                    };
                    text.push(code);
                }
                letter if letter == quote => {
                    self.rest = letters.as_str();
                    return Some(text);
                }
                letter => text.push(letter),
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let text = self.word(|c| c.is_ascii_alphanumeric() || "+-._".contains(c));
        if matches!(text.trim_start_matches(['+', '-']), "inf" | "nan") {
            return Some(Value::Null);
        }
        let whole = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
        whole.or_else(|_| text.parse::<f64>().map(Value::from)).ok()
    }

    fn name(&mut self, deep: usize) -> Option<Value> {
        match self.word(|c| c.is_ascii_alphanumeric() || "._".contains(c)) {
            "None" | "nan" | "inf" => return Some(Value::Null),
            "True" => return Some(Value::Bool(true)),
            "False" => return Some(Value::Bool(false)),
            _ => {}
        }
        if !self.rest.starts_with('(') {
            return None;
        }
        let mut arguments = self.list(')', deep)?;
        if arguments.len() == 1 { arguments.pop() } else { Some(Value::Array(arguments)) }
    }
}

/// The letter of a code of so many hexadecimal digits.
fn coded(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = letters.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_of_python_are_read() {
        let read = |text: &str| object(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            read("{'classification': 'SN', 'z': 0.12, 'photoZ': None, 'n': -3, 'list': [1, (2, 3.5e1)],}"),
            json!({"classification": "SN", "z": 0.12, "photoZ": null, "n": -3, "list": [1, [2, 35.0]]})
        );
        assert_eq!(
            read(r#" {"it's": 'a "b" \'c\' \\ \xe9 \u00e9 \n', 'up': True, 'down': False} "#),
            json!({"it's": "a \"b\" 'c' \\ é é \n", "up": true, "down": false})
        );
        assert_eq!(
            read(
                "{'z': Decimal('0.1'), 'mag': np.float64(18.5), 'at': datetime.date(2026, 1, 2), 'x': nan, 'y': -inf}"
            ),
            json!({"z": "0.1", "mag": 18.5, "at": [2026, 1, 2], "x": null, "y": null})
        );
        assert_eq!(read("{'id': 169342810955317611}"), json!({"id": 169_342_810_955_317_611_i64}));
        assert_eq!(read("{\"a\": null}"), json!({"a": null}), "JSON as a text");
        assert_eq!(read("{}"), json!({}));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "SN",
            "[1]",
            "{'a': }",
            "{'a' 1}",
            "{'a': 1} x",
            "{'a': 'b}",
            "{'a': x}",
            "{'a': 1 2}",
            "{é}",
        ] {
            assert_eq!(object(text), None, "{text}");
        }
        let deep = "{'a': ".repeat(40) + "1" + &"}".repeat(40);
        assert_eq!(object(&deep), None);
    }
}
