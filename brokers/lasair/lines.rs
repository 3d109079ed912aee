//! `Lines`: the rows of a light curve inside a packet, read in one go; a bad row is by itself.

use crate::plugin::*;

/// The rows of a list inside a packet; one that cannot be read is the reason why. Null is no rows, and
/// what is no list is one row that cannot be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Lines<T> {
    /// The rows in their order.
    pub rows: Vec<Result<T, String>>,
    /// How many values in them were left out because they are of another type than due.
    pub left_out: usize,
}

impl<T> Lines<T> {
    /// The rows that could be read, in their order.
    pub fn good(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().filter_map(|row| row.as_ref().ok())
    }

    /// Whether there is no row, good or bad.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same rows, for reading points of them.
    pub(super) fn each(&self) -> Rows<&T> {
        let fault = |text: &String| Error::new(ErrorKind::Unreadable, text.clone());
        Rows(self.rows.iter().map(|row| row.as_ref().map_err(fault)).collect())
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), left_out: 0 }
    }
}

impl<T: Serialize> Serialize for Lines<T> {
    /// The rows that could be read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.good())
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Lines<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(from)?;
        // All rows are good nearly always, and reading them together costs half of one by one.
        let (rows, left_out) = wire::left_out(|| serde_json::from_str::<Option<Vec<T>>>(text.get()));
        if let Ok(rows) = rows {
            return Ok(Self { rows: rows.unwrap_or_default().into_iter().map(Ok).collect(), left_out });
        }
        let (rows, left_out) = wire::left_out(|| wire::rows::<_, T>(&*text));
        let rows = rows.map_err(serde::de::Error::custom)?.into_iter();
        Ok(Self { rows: rows.map(|row| row.map_err(|e| e.message().to_owned())).collect(), left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_rows_stay_beside_bad_ones() {
        let lines: Lines<i32> = serde_json::from_str(r#"[1, "x", 3]"#).unwrap();
        assert_eq!(lines.good().copied().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(
            lines.rows[1].as_ref().unwrap_err(),
            "row 2 cannot be read: a text was given, a whole number was due"
        );
        assert_eq!(serde_json::to_string(&lines).unwrap(), "[1,3]");
        assert!(serde_json::from_str::<Lines<i32>>("null").unwrap().is_empty());
        let none: Lines<i32> = serde_json::from_str("{}").unwrap();
        assert_eq!(
            none.rows,
            [Err("the list cannot be read: an object was given, a list was due".to_owned())]
        );
    }
}
