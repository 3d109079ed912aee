//! `Feed`: streams made by hand have places, notes, a total and an end, and learn what was saved.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use serde_json::json;
use support::listing::place;
use tom_alerts::{AlertStream, Error, ErrorKind, Feed, Parameters, Placed, ResumeToken};

fn parameters() -> Parameters {
    json!({ "topic": "alerts" }).as_object().unwrap().clone()
}

fn feed(from: Option<&ResumeToken>) -> Feed {
    Feed::new("Hand", &parameters(), from).unwrap()
}

/// Numbers as items, each with the next number as the place behind it; those that three divides are bad,
/// and those that five divides are passed over.
fn numbers(feed: &Feed, last: u32) -> AlertStream<u32> {
    let first: u32 = feed.place().map_or(1, |place| place.parse().unwrap());
    feed.stream(stream::iter(first..=last).map(|n| match n {
        _ if n % 5 == 0 => Placed::passed(n + 1),
        _ if n % 3 == 0 => Placed::new(Err(Error::new(ErrorKind::Unreadable, format!("{n} is bad"))), n + 1),
        _ => Placed::new(Ok(n), n + 1),
    }))
}

fn at<T>(alerts: &AlertStream<T>) -> Option<String> {
    alerts.resume_token().map(|token| place(&token.to_string()).to_owned())
}

#[tokio::test]
async fn each_item_brings_the_place_behind_it() {
    let mut alerts = numbers(&feed(None), 7);
    let mut seen = vec![(0, at(&alerts))];
    while let Some(item) = alerts.next().await {
        seen.push((item.unwrap_or(99), at(&alerts)));
    }
    let due = [(0, "0@"), (1, "0@2"), (2, "0@3"), (99, "0@4"), (4, "0@5"), (99, "0@7"), (7, "0@8")];
    assert_eq!(seen, due.map(|(n, place)| (n, Some(place.to_owned()))));
    // It stopped, but nobody said that this is the end.
    assert_eq!(at(&alerts).as_deref(), Some("0@8"));
}

#[tokio::test]
async fn what_was_passed_over_behind_the_last_item_is_not_read_again() {
    let feed = feed(None);
    let mut alerts = numbers(&feed, 5);
    for _ in 0..4 {
        let _ = alerts.next().await.unwrap();
    }
    assert_eq!(at(&alerts).as_deref(), Some("0@5"));
    assert!(alerts.next().await.is_none());
    assert_eq!(at(&alerts).as_deref(), Some("0@6"));
}

#[tokio::test]
async fn a_stream_goes_on_where_any_item_was_taken() {
    for taken in 0..6 {
        let mut alerts = numbers(&feed(None), 8);
        for _ in 0..taken {
            let _ = alerts.next().await.unwrap();
        }
        let token: ResumeToken = alerts.resume_token().unwrap().to_string().parse().unwrap();
        let rest = numbers(&feed(Some(&token)), 8);
        assert_eq!(rest.started(), alerts.started());
        let (rest, _) = rest.collect_all().await;
        let due: Vec<_> = alerts.collect_all().await.0;
        assert_eq!(rest, due, "{token}");
    }
}

#[tokio::test]
async fn an_end_that_is_said_early_holds_once_all_is_taken() {
    let feed = feed(None);
    let mut alerts = numbers(&feed, 2);
    feed.ended();
    feed.total(2);
    feed.note("of the archive");
    feed.note("of the archive");
    assert_eq!((alerts.total(), alerts.notes()), (Some(2), vec!["of the archive".to_owned()]));
    assert_eq!(alerts.try_next().await.unwrap(), Some(1));
    assert_eq!(at(&alerts).as_deref(), Some("0@2"));
    assert_eq!(alerts.try_next().await.unwrap(), Some(2));
    assert_eq!(at(&alerts).as_deref(), Some("0@3"));
    assert_eq!((alerts.try_next().await.unwrap(), at(&alerts)), (None, None));
    // Said late it holds too.
    let late = self::feed(None);
    let mut alerts = numbers(&late, 1);
    while alerts.next().await.is_some() {}
    assert!(alerts.resume_token().is_some());
    late.ended();
    assert_eq!(alerts.resume_token(), None);
}

#[tokio::test]
async fn the_maker_is_told_what_is_saved() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&told);
    let feed = feed(None).on_taken(move |place| {
        kept.lock().unwrap().push(place.to_owned());
        if place == "3" { Err(Error::new(ErrorKind::Network, "the cluster is gone")) } else { Ok(()) }
    });
    feed.ended();
    // Whatever is made of the stream, it is the same listing.
    let mut alerts = numbers(&feed, 2).map_ok(|n| Ok(n * 10)).limit(9);
    let start = alerts.resume_token();
    alerts.taken(start.as_ref()).unwrap();
    alerts.taken(None).unwrap();
    assert!(told.lock().unwrap().is_empty(), "nothing was taken, and this is not the end");
    assert_eq!(alerts.try_next().await.unwrap(), Some(10));
    let first = alerts.resume_token();
    assert_eq!(alerts.try_next().await.unwrap(), Some(20));
    // The one before is saved while the next one is there.
    alerts.taken(first.as_ref()).unwrap();
    assert_eq!(*told.lock().unwrap(), ["2"]);
    assert!(alerts.next().await.is_none());
    let error = alerts.taken(alerts.resume_token().as_ref()).unwrap_err();
    assert_eq!((error.kind(), told.lock().unwrap().len()), (ErrorKind::Network, 2));
    assert_eq!(told.lock().unwrap()[1], "3");
    let other = numbers(&self::feed(None), 1).resume_token();
    assert_eq!(alerts.taken(other.as_ref()).unwrap_err().kind(), ErrorKind::Input);
    assert_eq!(told.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_maker_may_say_something_when_it_is_told() {
    let feed = feed(None);
    let same = feed.clone();
    let feed = feed.on_taken(move |place| {
        same.note(format!("committed {place}"));
        Ok(())
    });
    let mut alerts = numbers(&feed, 2);
    alerts.next().await.unwrap().unwrap();
    alerts.taken(alerts.resume_token().as_ref()).unwrap();
    assert_eq!(alerts.notes(), ["committed 2"]);
}

#[tokio::test]
async fn a_token_of_another_query_is_refused() {
    let token = feed(None).stream(stream::empty::<Placed<u32>>()).resume_token().unwrap();
    let other = json!({ "topic": "others" }).as_object().unwrap().clone();
    let error = Feed::new("Hand", &other, Some(&token)).unwrap_err();
    assert_eq!((error.kind(), error.broker()), (ErrorKind::Input, Some("Hand")));
    assert!(Feed::new("Hands", &parameters(), Some(&token)).is_err());
    assert_eq!(Feed::new("Hand", &parameters(), Some(&token)).unwrap().started(), token.started());
}

#[test]
fn notes_are_bounded() {
    let feed = feed(None);
    for n in 0..12_000 {
        feed.note(n.to_string());
    }
    let notes = feed.stream(stream::empty::<Placed<u32>>()).notes();
    assert_eq!((notes.len(), notes[10_000].as_str()), (10_001, "further notes are left out"));
    assert!(format!("{feed:?}").contains("Feed"));
}
