//! Parts of the contract on saved queries and on how far runs have come.

use std::time::Duration;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::query::BrokerQuery;
use crate::store::{Advance, Claim, DeadLetter, QueryStore, Report, Save, Scope};

fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error: Error| error.kind())
}

const LEASE: Claim = Claim::IfExpired(Duration::from_secs(3600));

impl Suite {
    pub(super) async fn queries(&mut self) -> Result<()> {
        let store = self.store.clone();
        let store: &dyn QueryStore = store.queries_or_fail()?;
        self.holds("an empty store lists no query", store.queries().await?.is_empty());
        self.same("an empty store has no query", &store.query("a").await?, &None);
        self.same("removing a query that is not there says so", &store.delete_query("a").await?, &false);
        let parameters = map(json!({ "radius": AWKWARD, "candid": u64::MAX, "class": ["SN", null] }));
        let mut query = BrokerQuery::new("near M77", SOURCE, parameters.clone());
        query.created = instant(1) + TimeDelta::nanoseconds(1);
        query.modified = instant(1);
        let first = store.save_query(&query).await?;
        self.holds("a saved query has an id", first.id != 0);
        self.holds("the time of saving is kept", first.modified > instant(1));
        let ought =
            BrokerQuery { id: first.id, created: instant(1), modified: first.modified, ..query.clone() };
        self.same("a query is returned as it is kept", &first, &ought);
        let found = store.query("near M77").await?;
        self.same("a query comes back as it was returned", &found, &Some(first.clone()));
        let keys = |query: &BrokerQuery| query.parameters.keys().cloned().collect::<Vec<_>>();
        let found = found.map(|query| keys(&query));
        self.same("parameters keep their order", &found, &Some(keys(&query)));

        let changed = BrokerQuery { created: instant(5), ..query.clone() };
        let second = store.save_query(&BrokerQuery { broker: "Lasair".into(), ..changed }).await?;
        self.same("a name that is there keeps its id", &second.id, &first.id);
        self.same("and when it was created", &second.created, &first.created);
        self.holds("and is not modified earlier than before", second.modified >= first.modified);
        self.same("a query takes over what is new", &second.broker.as_str(), &"Lasair");
        self.same("one name is one query", &store.queries().await?, &vec![second.clone()]);

        let other = store.save_query(&BrokerQuery { name: "Near".into(), ..query.clone() }).await?;
        self.holds("another name is another query", other.id != second.id);
        let all = store.queries().await?;
        self.same("queries come by name", &all, &vec![other.clone(), second.clone()]);
        self.same("removing a query says so", &store.delete_query("Near").await?, &true);
        self.same("a removed query is gone", &store.query("Near").await?, &None);
        self.same("and no other one is", &store.queries().await?, &vec![second.clone()]);
        let third = store.save_query(&BrokerQuery { name: "third".into(), ..query.clone() }).await?;
        let ids = [third.id, other.id, second.id];
        self.holds("the id of a removed query is not given again", !ids[1..].contains(&ids[0]));
        for name in ["", " ", "a\0b"] {
            let kind = kind(store.save_query(&BrokerQuery { name: name.into(), ..query.clone() }).await);
            self.same(format!("a query called {name:?} is refused"), &kind, &Some(ErrorKind::Input));
        }
        Ok(())
    }

    pub(super) async fn renamed_queries(&mut self) -> Result<()> {
        let whole = self.store.clone();
        let store: &dyn QueryStore = whole.queries_or_fail()?;
        let parameters = map(json!({ "class": "SN" }));
        let query = store.save_query(&BrokerQuery::new("old", SOURCE, parameters.clone())).await?;
        let other = store.save_query(&BrokerQuery::new("other", SOURCE, parameters)).await?;
        let scope = Scope::query(query.id);
        store.began(query.id, instant(7)).await?;
        let claimed = store.claim(&scope, "me", LEASE).await?;
        let to = |place: &str| Advance::new(scope.clone(), claimed.fence, Some(place.into()));
        whole.save(Save::default().with_advance(to("page 3"))).await?;

        let renamed = BrokerQuery { name: "new".into(), last_run: None, resume: None, ..query.clone() };
        let renamed = store.save_query(&renamed).await?;
        self.same("a query is renamed by its id", &renamed.id, &query.id);
        self.same("its old name is gone", &store.query("old").await?, &None);
        let ought = (Some(instant(7)), Some("page 3".to_owned()));
        self.same("saving touches nothing of a run", &(renamed.last_run, renamed.resume.clone()), &ought);
        let clash = BrokerQuery { name: "other".into(), ..renamed.clone() };
        self.same(
            "another query's name is refused",
            &kind(store.save_query(&clash).await),
            &Some(ErrorKind::Input),
        );
        self.same("and that one stays", &store.query("other").await?.map(|q| q.id), &Some(other.id));

        let parameters = map(json!({ "class": "AGN" }));
        let asked = store.save_query(&BrokerQuery { parameters, ..renamed }).await?;
        let ought = (Some(instant(7)), None);
        self.same("another question begins anew", &(asked.last_run, asked.resume), &ought);
        let late = whole.save(Save::default().with_advance(to("page 4"))).await;
        self.same("and the run on the way is fenced", &kind(late), &Some(ErrorKind::Fenced));
        self.same(
            "a run touches nothing of the query",
            &store.query("new").await?.map(|q| q.broker),
            &Some(SOURCE.into()),
        );
        self.same("no query, no run", &store.began(999, instant(1)).await?, &false);
        Ok(())
    }

    pub(super) async fn claims(&mut self) -> Result<()> {
        let whole = self.store.clone();
        let store: &dyn QueryStore = whole.queries_or_fail()?;
        let scope = Scope::new("query:1");
        self.same("a scope that was never claimed has no progress", &store.progress(&scope).await?, &None);
        let first = store.claim(&scope, "one", LEASE).await?;
        self.same("it begins at the beginning", &first.place, &None);
        let refused = store.claim(&scope, "two", LEASE).await.err();
        let told =
            refused.as_ref().map(|error| (error.kind(), error.retry_after().is_some(), error.is_retryable()));
        self.same("a second runner is refused until a time", &told, &Some((ErrorKind::Claimed, true, true)));
        let again = store.claim(&scope, "one", LEASE).await?;
        self.holds("an owner may claim again", again.fence > first.fence);
        store.release(&scope, again.fence).await?;
        let second = store.claim(&scope, "two", Claim::IfExpired(Duration::ZERO)).await?;
        self.holds("what is released is free at once", second.fence > again.fence);
        self.same(
            "an old claim releases nothing",
            &kind(store.release(&scope, again.fence).await),
            &Some(ErrorKind::Fenced),
        );
        let third = store.claim(&scope, "three", LEASE).await?;
        self.holds("an expired lease is free", third.fence > second.fence);
        let now = store.claim(&scope, "four", Claim::Now).await?;
        self.holds("what is assigned elsewhere is claimed at once", now.fence > third.fence);
        self.same(
            "the last owner is known",
            &store.progress(&scope).await?.map(|p| p.owner),
            &Some("four".into()),
        );
        Ok(())
    }

    pub(super) async fn fences(&mut self) -> Result<()> {
        let whole = self.store.clone();
        let store: &dyn QueryStore = whole.queries_or_fail()?;
        let (one, two) = (Scope::partition("c", "t", 0), Scope::partition("c", "t", 1));
        let (a, b) = (store.claim(&one, "me", Claim::Now).await?, store.claim(&two, "me", Claim::Now).await?);
        let entry = |name: &str| Ok::<_, Error>(Entry::new(Target::sidereal(name, 1.0, 2.0)?, SOURCE));
        let place = async |scope: &Scope| Ok::<_, Error>(store.progress(scope).await?.and_then(|p| p.place));
        let save = Save::of(vec![entry("a")?])
            .with_advance(Advance::new(one.clone(), a.fence, Some("10".into())))
            .with_advance(Advance::new(two.clone(), b.fence, Some("20".into())));
        whole.save(save).await?;
        self.same("places are saved with the rows", &place(&one).await?, &Some("10".into()));
        self.same("several at once", &place(&two).await?, &Some("20".into()));
        let alone = Save::default().with_advance(Advance::new(two.clone(), b.fence, Some("21".into())));
        whole.save(alone).await?;
        self.same("also without rows", &place(&two).await?, &Some("21".into()));

        let taken = store.claim(&one, "other", Claim::Now).await?;
        self.same("who takes over goes on from there", &taken.place, &Some("10".into()));
        let zombie = Save::of(vec![entry("b")?])
            .with_advance(Advance::new(two.clone(), b.fence, Some("22".into())))
            .with_advance(Advance::new(one.clone(), a.fence, Some("11".into())));
        self.same("a replaced runner is refused", &kind(whole.save(zombie).await), &Some(ErrorKind::Fenced));
        self.same("nothing of its rows is saved", &whole.find("b").await?, &None);
        self.same(
            "nor any place",
            &(place(&one).await?, place(&two).await?),
            &(Some("10".into()), Some("21".into())),
        );
        let unclaimed = Advance::new(Scope::new("never claimed"), a.fence, None);
        let unclaimed = whole.save(Save::default().with_advance(unclaimed)).await;
        self.same("nobody moves what was never claimed", &kind(unclaimed), &Some(ErrorKind::Fenced));
        let end = Save::default().with_advance(Advance::new(one.clone(), taken.fence, None));
        whole.save(end).await?;
        self.same("at the end there is no place", &place(&one).await?, &None);
        Ok(())
    }

    pub(super) async fn reports(&mut self) -> Result<()> {
        let whole = self.store.clone();
        let store: &dyn QueryStore = whole.queries_or_fail()?;
        let scope = Scope::new("query:1");
        let report =
            |micros: i64, seen: u64| Report::new(scope.clone(), instant(micros), json!({ "seen": seen }));
        for (micros, seen) in [(1, 5), (2, 6), (2, 7)] {
            whole.save(Save::default().with_report(report(micros, seen))).await?;
        }
        let ought = vec![report(2, 7), report(1, 5)];
        self.same("reports come newest first, one a run", &store.reports(&scope, 9).await?, &ought);
        self.same("as many as asked for", &store.reports(&scope, 1).await?.len(), &1);
        self.holds("each scope has its own", store.reports(&Scope::new("query:2"), 9).await?.is_empty());
        Ok(())
    }

    pub(super) async fn dead_letters(&mut self) -> Result<()> {
        let whole = self.store.clone();
        let store: &dyn QueryStore = whole.queries_or_fail()?;
        let letter = |offset: i64| DeadLetter::new("ztf", 3, offset, "no schema", vec![0, 255, 1]);
        whole.save(Save::default().with_dead_letter(letter(i64::MAX)).with_dead_letter(letter(1))).await?;
        whole.save(Save::default().with_dead_letter(letter(1))).await?;
        let found = store.dead_letters(0, 9).await?;
        let places: Vec<_> = found.iter().map(|l| (l.offset, l.bytes.clone(), l.saved.is_some())).collect();
        let ought = vec![(i64::MAX, vec![0, 255, 1], true), (1, vec![0, 255, 1], true)];
        self.same("each message is kept once, whole", &places, &ought);
        let Some(first) = found.first() else { return Ok(()) };
        self.same("they are read in pages", &store.dead_letters(first.id, 9).await?.len(), &1);
        self.same("removing one says so", &store.delete_dead_letter(first.id).await?, &true);
        self.same("nothing twice", &store.delete_dead_letter(first.id).await?, &false);
        Ok(())
    }
}
