//! `Lines`: the rows of a light curve inside a packet, read in one go; a bad row is by itself.

use crate::plugin::*;

/// The rows of a list inside a packet; one that cannot be read is the reason why. Null is no rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines<T>(pub Vec<Result<T, String>>);

impl<T> Lines<T> {
    /// The rows that could be read, in their order.
    pub fn good(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|row| row.as_ref().ok())
    }

    /// Whether there is no row, good or bad.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same rows, for reading points of them.
    pub(super) fn rows(&self) -> Rows<&T> {
        let fault = |text: &String| Error::new(ErrorKind::Unreadable, text.clone());
        Rows(self.0.iter().map(|row| row.as_ref().map_err(fault)).collect())
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self(Vec::new())
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
        if let Ok(rows) = serde_json::from_str::<Option<Vec<T>>>(text.get()) {
            return Ok(Self(rows.unwrap_or_default().into_iter().map(Ok).collect()));
        }
        let rows = serde_json::from_str::<Rows<T>>(text.get()).map_err(serde::de::Error::custom)?;
        Ok(Self(rows.into_iter().map(|row| row.map_err(|e| e.message().to_owned())).collect()))
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
            lines.0[1].as_ref().unwrap_err(),
            "row 2 cannot be read: a text was given, a whole number was due"
        );
        assert_eq!(serde_json::to_string(&lines).unwrap(), "[1,3]");
        assert!(serde_json::from_str::<Lines<i32>>("null").unwrap().is_empty());
        assert!(serde_json::from_str::<Lines<i32>>("{}").is_err());
    }
}
