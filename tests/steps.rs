//! Steps around what a protocol asks: pages that are completed in batches, requests that are answered
//! only after a challenge.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::plugin::*;
use tom_alerts::testing::ScriptedTransport;

/// A service whose listing gives ids alone, and which challenges every request.
#[derive(Debug)]
struct Batches {
    root: Root,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Thing {
    id: String,
    ra: Option<f64>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
struct Nothing {
    /// A word.
    #[garde(skip)]
    #[schemars(title = "Word")]
    word: Option<String>,
}

impl Form for Nothing {}

impl Protocol for Batches {
    const INFO: &'static BrokerInfo =
        &BrokerInfo::new("Batches", "A service of things by the dozen", "https://things.example/");
    type Config = Nothing;
    type Query = Nothing;
    type Packet = Thing;
    type Submission = NoForm;

    fn new(_: Nothing) -> Result<Self> {
        Ok(Self { root: Root::new("base_url", None, "https://things.example/")? })
    }

    fn listing(&self, _: &Nothing, _: &Cursor) -> Result<Request> {
        Ok(self.root.get(&["ids"]))
    }

    fn page(&self, _: &Nothing, _: &Cursor, response: Response) -> Result<Page<Thing>> {
        let (items, _) = response.items::<Thing, Value>(None)?;
        Ok(Page::new(items, None))
    }

    fn complete(&self, _: &Nothing, page: Page<Thing>) -> Result<Call<Page<Thing>>> {
        let ids: Vec<String> = match &page.items {
            Items::Whole(items) => items.iter().flatten().map(|item| item.id.clone()).collect(),
            Items::Slots(_) => Vec::new(),
        };
        let batch = |ids: &[String]| {
            Call::get(self.root.get(&["things"]).query("ids", ids.join(",")), |response| {
                Ok(response.items::<Thing, Value>(None)?.0)
            })
        };
        let batches: Vec<_> = ids.chunks(2).map(batch).collect();
        let joined = Call::all(batches, |batches| {
            // A batch that failed is an error among the items, and the rest goes on.
            Ok(batches.into_iter().flat_map(|batch| batch.unwrap_or_else(|error| vec![Err(error)])).collect())
        });
        Ok(joined.map(move |items| Ok(Page::new(items, page.next))))
    }

    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        let again = request.clone();
        Ok(Call::step(request, move |answer| {
            let answer = answer?;
            match answer.header("www-authenticate") {
                Some(challenge) if answer.status() == 401 => {
                    let proof = challenge.chars().rev().collect::<String>();
                    Ok(Call::get(again.secret_header("authorization", "Proof ", &proof), Ok))
                }
                _ => Ok(Call::Done(answer)),
            }
        }))
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        (response.status() == 418).then(|| Error::new(ErrorKind::Status, "the service is a teapot"))
    }

    fn to_generic_alert(&self, alert: &Alert<Thing>) -> Result<GenericAlert> {
        Ok(GenericAlert { ra: alert.ra, ..GenericAlert::new(&alert.id) })
    }
}

fn challenge() -> Response {
    Response::new(401, vec![("WWW-Authenticate".into(), "abc".into())], "".into())
}

fn client(
    answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> (Client<Batches>, ScriptedTransport) {
    let script = ScriptedTransport::new(move |request| {
        let proof = request.headers().iter().find(|(name, _)| name == "authorization");
        Ok(match proof {
            None => challenge(),
            Some((_, proof)) => {
                assert_eq!(proof, "Proof cba");
                answer(request)
            }
        })
    });
    let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default());
    (Client::with_http(Nothing::default(), &http).unwrap(), script)
}

fn things(request: &Request) -> Response {
    let ids = request.url().query_pairs().find(|(key, _)| key == "ids").map(|(_, value)| value.into_owned());
    let body = match ids.as_deref() {
        None => json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]),
        Some("c") => return Response::new(418, Vec::new(), "".into()),
        Some(ids) => ids.split(',').map(|id| json!({"id": id, "ra": 1.5})).collect(),
    };
    Response::new(200, Vec::new(), body.to_string().into())
}

#[tokio::test(start_paused = true)]
async fn only_what_is_wanted_of_a_page_is_completed() {
    let asked = |script: &ScriptedTransport| -> Vec<String> {
        let queries =
            script.requests().into_iter().filter_map(|request| Some(request.url().query()?.to_owned()));
        let mut queries: Vec<_> = queries.collect();
        queries.dedup();
        queries
    };
    let (client, script) = client(|request| match request.url().query() {
        Some("ids=c") => Response::new(200, Vec::new(), r#"[{"id": "c", "ra": 1.5}]"#.into()),
        _ => things(request),
    });
    let mut alerts = client.alerts(&Nothing::default()).unwrap().limit(1);
    assert_eq!(alerts.next().await.unwrap().unwrap().ra, Some(1.5));
    assert!(alerts.next().await.is_none());
    assert_eq!(asked(&script), ["ids=a"]);
    let token = alerts.resume_token();
    let mut rest = client.alerts_from(&Nothing::default(), token.as_ref()).unwrap();
    let mut ids = Vec::new();
    while let Some(alert) = rest.try_next().await.unwrap() {
        ids.push(alert.id.clone());
    }
    assert_eq!((ids, rest.resume_token()), (vec!["b".to_owned(), "c".to_owned()], None));
    assert_eq!(asked(&script), ["ids=a", "ids=b%2Cc"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_completed_to_another_number_of_items_is_told() {
    let (client, _) = client(|request| match request.url().query() {
        Some(_) => Response::new(200, Vec::new(), "[]".into()),
        None => things(request),
    });
    let error = client.alerts(&Nothing::default()).unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(error.ends_listing() && error.message().contains("0 items of 3"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_page_is_completed_in_batches_and_a_failed_batch_is_one_error() {
    let (client, script) = client(things);
    let mut alerts = client.alerts(&Nothing::default()).unwrap();
    for id in ["a", "b"] {
        let alert = alerts.next().await.unwrap().unwrap();
        assert_eq!((alert.id.as_str(), alert.ra), (id, Some(1.5)));
    }
    let error = alerts.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "Batches: the service is a teapot [item=3, status=418]");
    assert!(alerts.next().await.is_none());
    // Each of the listing and the two batches was sent once, challenged, and sent with its proof.
    let requests = script.requests();
    assert_eq!(requests.len(), 6);
    assert_eq!(requests.iter().filter(|request| request.has_credential()).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_an_exchange_brings_is_judged_like_any_other_answer() {
    let (client, _) = client(|_| Response::new(404, Vec::new(), r#"{"detail": "no ids here"}"#.into()));
    let error = client.alerts(&Nothing::default()).unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no ids here"), "{error}");
    assert!(!format!("{error:?}").contains("cba"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_challenge_that_stays_is_a_refused_credential() {
    let script = ScriptedTransport::new(|_| Ok(challenge()));
    let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default());
    let client = Client::<Batches>::with_http(Nothing::default(), &http).unwrap();
    let error = client.alerts(&Nothing::default()).unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(script.requests().len(), 2, "it is answered once, not for ever");
}
