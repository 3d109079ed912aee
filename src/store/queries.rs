//! `QueryStore`: saved queries, how far runs have come, what they report, messages that cannot be read.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::check::to_micros;
use super::progress::{Claim, Claimed, DeadLetter, Fence, Progress, Report, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::query::BrokerQuery;

/// The part of a store that keeps saved queries and how far runs have come.
///
/// Reached by [`TargetStore::query_store`](super::TargetStore::query_store). Runs move on by
/// [`Advance`](super::Advance)s that are saved with the entries they cover; saving a query touches nothing
/// of a run, and a run touches nothing of the query.
#[async_trait]
pub trait QueryStore: Send + Sync {
    /// Keeps a query and returns it as it is kept.
    ///
    /// One with an `id` that is there is that query, under its new name if that differs; one whose `id` is
    /// 0, or is not there, is the query of its name, or a new one with a new id. `created` stays, `modified`
    /// is set to now; `last_run` and `resume` are not taken over. When broker or parameters differ, the
    /// place that the last run came to is dropped, and a run that is on its way is
    /// [fenced](ErrorKind::Fenced).
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the name is empty or another query's, or a text holds a NUL;
    /// [`ErrorKind::Store`].
    async fn save_query(&self, query: &BrokerQuery) -> Result<BrokerQuery>;

    /// All saved queries in the byte order of their names.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn queries(&self) -> Result<Vec<BrokerQuery>>;

    /// The saved query of this name.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn query(&self, name: &str) -> Result<Option<BrokerQuery>>;

    /// Removes a saved query with its progress and reports; false when there was none. Its id is not given
    /// again.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn delete_query(&self, name: &str) -> Result<bool>;

    /// Sets when a run of a query was last begun; false when there is no such query.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn began(&self, id: i64, at: DateTime<Utc>) -> Result<bool>;

    /// Claims a scope for an owner: the claims before are not valid any more.
    ///
    /// # Errors
    /// [`ErrorKind::Claimed`] when another owner's lease lasts; [`ErrorKind::Store`].
    async fn claim(&self, scope: &Scope, owner: &str, claim: Claim) -> Result<Claimed>;

    /// Ends the lease of a claim, so that anybody may claim the scope at once.
    ///
    /// # Errors
    /// [`ErrorKind::Fenced`] when the claim is not the last one; [`ErrorKind::Store`].
    async fn release(&self, scope: &Scope, fence: Fence) -> Result<()>;

    /// How far a scope has come; `None` for one that was never claimed.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn progress(&self, scope: &Scope) -> Result<Option<Progress>>;

    /// The reports of a scope, the newest run first.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn reports(&self, scope: &Scope, limit: usize) -> Result<Vec<Report>>;

    /// Messages that cannot be read, by number, those behind the number `after`.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn dead_letters(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>>;

    /// Removes a message that cannot be read; false when there was none.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    async fn delete_dead_letter(&self, id: i64) -> Result<bool>;
}

/// What keeping a query comes to.
pub(super) struct Settled {
    /// As it is kept; its id is 0 when it is new.
    pub(super) query: BrokerQuery,
    /// Whether it asks something else than before, so that the place of its last run means nothing.
    pub(super) other_question: bool,
}

/// What keeping a query comes to. `old` is the kept one of its id, else of its name; `namesake` that of its
/// name.
pub(super) fn settle(
    query: &BrokerQuery,
    old: Option<&BrokerQuery>,
    namesake: Option<&BrokerQuery>,
    now: DateTime<Utc>,
) -> Result<Settled> {
    if let (Some(old), Some(other)) = (old, namesake)
        && old.id != other.id
    {
        let text = "another query has this name; choose another or remove that one";
        return Err(Error::new(ErrorKind::Input, text).with("query", &query.name));
    }
    let other_question =
        old.is_some_and(|old| old.broker != query.broker || old.parameters != query.parameters);
    let kept = BrokerQuery {
        id: old.map_or(0, |old| old.id),
        created: old.map_or(to_micros(query.created), |old| old.created),
        modified: now,
        last_run: old.and_then(|old| old.last_run),
        resume: None,
        ..query.clone()
    };
    Ok(Settled { query: kept, other_question })
}

/// The progress of a query that asks something else now: no place, and no claim that is valid.
pub(super) fn begun_anew(progress: &Progress, now: DateTime<Utc>) -> Progress {
    let fence = Fence(progress.fence.0 + 1);
    Progress {
        fence,
        owner: String::new(),
        until: None,
        place: None,
        updated: now,
        scope: progress.scope.clone(),
    }
}
