//! A login that lasts: once for many requests, renewed early, once more after a refusal, under a paused clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use tom_alerts::http::{Http, HttpConfig};
use tom_alerts::plugin::*;
use tom_alerts::testing::ScriptedTransport;

#[derive(Debug)]
struct Guarded(Session);

#[derive(Debug, Clone, Deserialize)]
struct Nothing {}

impl Protocol for Guarded {
    const INFO: &'static BrokerInfo =
        &BrokerInfo::new("Guarded", "A service behind a login", "https://g.example/");
    type Config = NoForm;
    type Query = NoForm;
    type Packet = Nothing;
    type Submission = NoForm;

    fn new(_: NoForm) -> Result<Self> {
        Ok(Self(Session::new()))
    }
    fn listing(&self, _: &NoForm, _: &Cursor) -> Result<Request> {
        Ok(ask())
    }
    fn page(&self, _: &NoForm, _: &Cursor, _: Response) -> Result<Page<Nothing>> {
        Ok(Page::new(Vec::new(), None))
    }
    fn to_generic_alert(&self, _: &Alert<Nothing>) -> Result<GenericAlert> {
        Ok(GenericAlert::new("x"))
    }
    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        let carry = |request: Request, token: &Secret| {
            request.secret_header("authorization", "Bearer ", token.expose())
        };
        Ok(self.0.exchange(request, carry, || {
            let login = Request::post("https://g.example/auth".parse().unwrap())
                .secret_form("password", "opensesame");
            Ok(Call::get(login, |response| {
                let lasts = response.into_result()?.text()?.to_owned();
                let (token, seconds) = lasts.split_once(' ').unwrap_or((&lasts, "600"));
                Ok(Token::new(token).lasting(Duration::from_secs(seconds.parse().unwrap())))
            }))
        }))
    }
}

fn ask() -> Request {
    Request::get("https://g.example/data".parse().unwrap())
}

fn text(status: u16, text: &str) -> Response {
    Response::new(status, Vec::new(), text.to_owned().into())
}

fn client(script: &ScriptedTransport) -> Client<Guarded> {
    let http = Http::with_transport(Arc::new(script.clone()), &HttpConfig::default()).with_dice(|| 0.0);
    Client::with_http(NoForm {}, &http).unwrap()
}

async fn get(client: &Client<Guarded>) -> Result<String> {
    client.run(Ok(Call::get(ask(), |response| Ok(response.text()?.to_owned())))).await
}

fn token_of(request: &Request) -> Option<&str> {
    let header = request.headers().iter().find(|(name, _)| name == "authorization");
    header.map(|(_, value)| value.trim_start_matches("Bearer "))
}

/// A service that gives tokens t1, t2, … that last 600 s, and takes those that `good` says are good.
fn service(good: impl Fn(&str) -> bool + Send + Sync + 'static) -> ScriptedTransport {
    let logins = AtomicU32::new(0);
    ScriptedTransport::new(move |request| {
        Ok(match token_of(request) {
            None => text(200, &format!("t{} 600", logins.fetch_add(1, Ordering::Relaxed) + 1)),
            Some(token) if good(token) => text(200, token),
            Some(_) => text(401, "Unauthorized"),
        })
    })
    .latency(Duration::from_millis(100))
}

fn logins(script: &ScriptedTransport) -> usize {
    script.requests().iter().filter(|request| token_of(request).is_none()).count()
}

#[tokio::test(start_paused = true)]
async fn many_requests_at_once_log_in_once() {
    let script = service(|_| true);
    let client = client(&script);
    let answers = join_all((0..20).map(|_| get(&client))).await;
    assert!(answers.iter().all(|answer| answer.as_deref().unwrap() == "t1"));
    assert_eq!((logins(&script), script.requests().len()), (1, 21));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_a_minute_early_and_not_before() {
    let script = service(|_| true);
    let client = client(&script);
    assert_eq!(get(&client).await.unwrap(), "t1");
    tokio::time::advance(Duration::from_secs(538)).await;
    assert_eq!(get(&client).await.unwrap(), "t1");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(get(&client).await.unwrap(), "t2");
    assert_eq!(logins(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_requests_share_one_new_login_and_are_sent_again_once() {
    let script = service(|token| token != "t1");
    let client = client(&script);
    let answers = join_all((0..5).map(|_| get(&client))).await;
    assert!(answers.iter().all(|answer| answer.as_deref().unwrap() == "t2"), "{answers:?}");
    assert_eq!((logins(&script), script.requests().len()), (2, 12));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_takes_no_token_is_asked_twice_and_no_more() {
    let script = service(|_| false);
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!((logins(&script), script.requests().len()), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_tried_once_for_all_that_wait() {
    let script = ScriptedTransport::new(|_| Ok(text(401, "{\"error\": \"invalid_client\"}")));
    let script = script.latency(Duration::from_millis(100));
    let client = client(&script);
    let answers = join_all((0..10).map(|_| get(&client))).await;
    for answer in &answers {
        let error = answer.as_ref().unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Auth, Some(401)));
        assert!(error.to_string().contains("invalid_client"), "{error}");
        assert!(!format!("{error:?}").contains("opensesame"));
    }
    assert_eq!(script.requests().len(), 1);
    // A later request tries anew: the password may have been mended at the service.
    assert!(get(&client).await.is_err());
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_login_know_when_to_come_back() {
    let script = ScriptedTransport::new(|_| {
        Ok(Response::new(429, vec![("retry-after".to_owned(), "9000".to_owned())], "{}".into()))
    });
    let client = client(&script.clone().latency(Duration::from_millis(100)));
    for answer in join_all((0..3).map(|_| get(&client))).await {
        let error = answer.unwrap_err();
        assert_eq!(
            (error.retry_after(), error.is_retryable()),
            (Some(Duration::from_secs(9000)), true),
            "{error}"
        );
    }
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_few_seconds_is_used_for_half_of_them() {
    let script = ScriptedTransport::new(|request| {
        Ok(text(200, if token_of(request).is_none() { "short 10" } else { "fine" }))
    });
    let client = client(&script);
    for (pause, due) in [(0, 1), (4, 1), (2, 2)] {
        tokio::time::advance(Duration::from_secs(pause)).await;
        get(&client).await.unwrap();
        assert_eq!(logins(&script), due);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_given_up_leaves_no_one_waiting() {
    let script = service(|_| true);
    let client = client(&script);
    let gone = tokio::time::timeout(Duration::from_millis(50), get(&client)).await;
    assert!(gone.is_err());
    assert_eq!(get(&client).await.unwrap(), "t1");
    assert_eq!(logins(&script), 2, "the first one was sent, but its answer was not waited for");
    assert!(!format!("{client:?}").contains("t1"));
}
