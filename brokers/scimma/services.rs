//! What the services can beside listings: topics, counts, health, files, events.

use super::query::{ScimmaQuery, Source};
use super::skip::{self, SkipEvent, SkipTopic};
use super::{Scimma, archive};
use crate::plugin::*;

/// Whether the parts of the archive work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// The database.
    #[serde(rename = "DatabaseOK")]
    pub database: bool,
    /// What keeps the messages.
    #[serde(rename = "ObjectStoreOK")]
    pub object_store: bool,
    /// What knows the credentials.
    #[serde(rename = "HopAuthOK")]
    pub hop_auth: bool,
}

impl Scimma {
    /// The topics of which the archive has messages that may be read, by name.
    ///
    /// ```no_run
    /// # async fn run() -> tom_alerts::Result<()> {
    /// use tom_alerts::brokers::scimma::{ScimmaBroker, ScimmaConfig};
    /// let scimma = ScimmaBroker::new(ScimmaConfig::default())?;
    /// let topics = scimma.run(Ok(scimma.protocol().topics())).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn topics(&self) -> Call<Vec<String>> {
        Call::get(self.endpoints.archive(&["topics"]), |response| archive::texts(&response, "topics"))
    }

    /// How many messages of the archive answer a query.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a query to SKIP, whose listings say it themselves.
    pub fn count(&self, query: &ScimmaQuery) -> Result<Call<u64>> {
        if query.source_of(self.own_skip) == Source::Skip {
            return Err(Error::new(ErrorKind::Input, "only messages of the archive can be counted"));
        }
        let request = archive::filters(self.endpoints.archive(&["messages", "count"]), query);
        Ok(Call::get(request, |response| archive::number(&response, "count")))
    }

    /// Whether the archive's parts work.
    #[must_use]
    pub fn health(&self) -> Call<Health> {
        Call::get(self.endpoints.archive(&["health_check"]), |response| response.json())
    }

    /// The file that a message of the archive is, byte for byte; its `file_name` says which.
    #[must_use]
    pub fn raw_file(&self, uuid: &str, file_name: &str) -> Call<Vec<u8>> {
        let request = self.endpoints.archive(&["msg", uuid, "raw_file", file_name]);
        Call::get(request, |response| Ok(response.body().to_vec()))
    }

    /// The topics of a SKIP server, with the numbers that queries take.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_topics(&self) -> Result<Call<Vec<SkipTopic>>> {
        Ok(skip::all(self.endpoints.skip(self.version, &["topics", ""])?, 1))
    }

    /// The events of a SKIP server whose name contains a text, in any case.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_events(&self, identifier: &str) -> Result<Call<Vec<SkipEvent>>> {
        let request = self.endpoints.skip(self.version, &["events", ""])?;
        Ok(skip::all(request.query("identifier", identifier), 1))
    }

    /// An event of a SKIP server by its number, with its alerts.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_event(&self, id: u64) -> Result<Call<SkipEvent>> {
        let request = self.endpoints.skip(self.version, &["events", &id.to_string(), ""])?;
        Ok(Call::get(request, |response| response.json()))
    }
}
