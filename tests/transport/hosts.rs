//! Limits belong to the host, whoever asks it.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tom_alerts::Config;
use tom_alerts::registry::Plugin;

use super::support::toy::{Toy, service};
use super::*;

fn good() -> ScriptedTransport {
    ScriptedTransport::new(|_| Ok(answer_with(200, &[])))
}

#[tokio::test(start_paused = true)]
async fn two_clients_of_one_transport_keep_the_distance_between_them() {
    let http = http(&good(), |_| ());
    let (one, two) = (http.scoped(limits(None, Some(2))), http.scoped(limits(None, Some(2))));
    let start = Instant::now();
    let asked = |http: &Http| {
        let http = http.clone();
        async move { join_all((0..2).map(|_| http.send(get(HERE)))).await }
    };
    join(asked(&one), asked(&two)).await;
    assert_eq!(seconds(start), 6.0, "four requests, 2 s apart");
}

#[tokio::test(start_paused = true)]
async fn two_clients_of_one_transport_share_the_places() {
    let script = good().latency(Duration::from_secs(1));
    let http = http(&script, |c| c.max_in_flight = 4);
    let (one, two) = (http.scoped(limits(Some(2), None)), http.scoped(limits(Some(2), None)));
    let start = Instant::now();
    let all = (0..8).map(|n| if n % 2 == 0 { &one } else { &two }).map(|http| http.send(get(HERE)));
    join_all(all).await;
    assert_eq!((seconds(start), script.requests().len()), (4.0, 8));
}

#[tokio::test(start_paused = true)]
async fn the_strictest_of_what_is_asked_for_holds_for_all_from_then_on_and_at_that_host_only() {
    let script = good().latency(Duration::from_secs(1));
    let http = http(&script, |c| c.max_in_flight = 4);
    let strict = http.scoped(limits(Some(1), Some(3)));
    let all = |url: &'static str, count: usize| {
        let http = http.clone();
        async move {
            let start = Instant::now();
            join_all((0..count).map(|_| http.send(get(url)))).await;
            seconds(start)
        }
    };
    // Nobody has asked for less so far.
    assert_eq!(all(HERE, 4).await, 1.0);
    strict.send(get(HERE)).await.unwrap();
    let apart = all(HERE, 3).await;
    assert!((8.0..=9.0).contains(&apart), "3 s apart, one by one: {apart}");
    assert_eq!(all(THERE, 8).await, 2.0, "not asked by the strict client");
    // Each limit by itself: the places of one client and the distance of another.
    let apart = http.scoped(limits(None, Some(2)));
    let alone = http.scoped(limits(Some(1), None));
    apart.send(get(THERE)).await.unwrap();
    alone.send(get(THERE)).await.unwrap();
    let rest = all(THERE, 3).await;
    assert!((5.0..=6.0).contains(&rest), "{rest}");
}

#[tokio::test(start_paused = true)]
async fn a_client_cannot_ask_for_more_than_the_transport_has() {
    let script = good().latency(Duration::from_secs(1));
    let http = http(&script, |c| c.max_in_flight = 2);
    let greedy = http.scoped(limits(Some(500), None));
    assert_eq!(greedy.max_in_flight(), 2);
    let start = Instant::now();
    join_all((0..6).map(|_| greedy.send(get(HERE)))).await;
    assert_eq!(seconds(start), 3.0);
}

#[tokio::test(start_paused = true)]
async fn two_registries_over_one_transport_have_one_count_of_places() {
    let script = service(9, |_| None).latency(Duration::from_secs(1));
    let http = http(&script, |c| c.max_in_flight = 10);
    let config = Config::new().set("Toy", "api_key", "k").set("Toy", "max_in_flight", 2);
    let registry = || {
        let toy = Plugin::of::<Toy>("toy");
        tom_alerts::Registry::with_plugins(&config, &http, &[toy]).unwrap().broker("Toy").unwrap()
    };
    let (one, two) = (registry(), registry());
    let start = Instant::now();
    let all = (0..8).map(|n| if n % 2 == 0 { &one } else { &two });
    let all = join_all(all.map(|broker| broker.fetch_alert("T1"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(seconds(start), 4.0, "2 at once, not 4");
}

#[cfg(feature = "scout")]
#[tokio::test(start_paused = true)]
async fn scout_is_asked_once_a_second_by_two_registries_too() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let script = ScriptedTransport::new(move |_| {
        seen.lock().unwrap().push(Instant::now());
        Ok(answer_with(200, &[]))
    });
    let http = http(&script, |_| ());
    let config = Config::new();
    let registries = [0, 1].map(|_| tom_alerts::Registry::with_http(&config, &http).unwrap());
    let brokers = registries.map(|registry| registry.broker("Scout").unwrap());
    let all = (0..6).map(|n| brokers[n % 2].fetch_alert("P21aaaa"));
    join_all(all).await;
    let times = times.lock().unwrap();
    let apart: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(apart.len(), 5);
    assert!(apart.iter().all(|apart| *apart >= Duration::from_secs(1)), "{apart:?}");
}
