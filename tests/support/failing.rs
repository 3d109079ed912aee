//! What goes wrong in the same way at every service, and how every broker tells it.

use std::time::SystemTime;

use tom_alerts::http::Response;
use tom_alerts::{Error, ErrorKind, Protocol};
use wiremock::ResponseTemplate;

use super::listing::list;
use super::script::{self, client, text};
use super::service::{OnLoopback, Service};

/// A service's page for people where an answer was due.
pub(crate) const BAD_GATEWAY: &str = "<!doctype html><html><title>502 Bad Gateway</title></html>";

/// The same as an answer.
pub(crate) fn bad_gateway(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(BAD_GATEWAY, "text/html")
}

/// A question to a service on loopback: how and where it is asked, and the query.
pub(crate) struct Question<P: Protocol>(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) P::Query,
);

impl<P: OnLoopback> Question<P> {
    /// The error that one answer is told as, in place of any alert.
    pub(crate) async fn told(&self, answer: ResponseTemplate) -> Error {
        let mut service = Service::<P>::start().await;
        service.http.max_retries = 0;
        service.on(self.0, self.1, answer).await;
        let mut listed = list(&service.broker(), &self.2).await;
        assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1), "{:?}", listed.faults);
        listed.faults.remove(0)
    }

    /// Each answer is told as an error of this kind in these words.
    pub(crate) async fn tells<'a>(
        &self,
        cases: impl IntoIterator<Item = (ResponseTemplate, ErrorKind, &'a str)>,
    ) {
        for (answer, kind, due) in cases {
            let error = self.told(answer).await;
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, due));
        }
    }

    /// After a pause that the service names, and after each of these failures, it is asked once more.
    pub(crate) async fn is_asked_again(
        &self,
        failures: impl IntoIterator<Item = ResponseTemplate>,
        good: ResponseTemplate,
        alerts: usize,
    ) {
        let soon = httpdate::fmt_http_date(SystemTime::now());
        let pauses = ["0", &soon].map(|at| ResponseTemplate::new(429).insert_header("retry-after", at));
        for first in pauses.into_iter().chain(failures) {
            let service = Service::<P>::start().await;
            service.first(first).await;
            service.on(self.0, self.1, good.clone()).await;
            let listed = list(&service.broker(), &self.2).await;
            assert_eq!((listed.alerts.len(), listed.faults.len()), (alerts, 0), "{:?}", listed.faults);
            assert_eq!(service.asked().await.len(), 2);
        }
    }

    /// A body that is larger than this many bytes is not taken.
    pub(crate) async fn refuses_more_than(&self, most: u64, large: ResponseTemplate) {
        let mut service = Service::<P>::start().await;
        service.http.max_body = most;
        service.on(self.0, self.1, large).await;
        let fault = list(&service.broker(), &self.2).await.faults.remove(0);
        assert_eq!(fault.kind(), ErrorKind::TooLarge);
        assert!(fault.to_string().contains(&most.to_string()), "{fault}");
    }

    /// A pause that is longer than anyone waits is told at once.
    pub(crate) async fn tells_a_long_pause(&self) {
        let service = Service::<P>::start().await;
        let pause = ResponseTemplate::new(429).insert_header("retry-after", "3600");
        service.on(self.0, self.1, pause).await;
        let fault = list(&service.broker(), &self.2).await.faults.remove(0);
        assert_eq!(fault.kind(), ErrorKind::RateLimited);
        assert!(fault.is_retryable() && fault.retry_after().is_some());
        assert!(fault.to_string().contains("come back in"), "{fault}");
        assert_eq!(service.asked().await.len(), 1);
    }
}

/// A question to a scripted service under a paused clock: the configuration, and the query.
pub(crate) struct Scripted<P: Protocol>(pub(crate) fn() -> P::Config, pub(crate) P::Query);

impl<P: Protocol> Scripted<P> {
    /// Each answer is told as an error of this kind in these words, and none shows a canary.
    pub(crate) async fn tells<'a>(&self, cases: impl IntoIterator<Item = (Response, ErrorKind, &'a str)>) {
        for (answer, kind, due) in cases {
            let listed = list(&client::<P>(&script::always(answer), self.0()), &self.1).await;
            assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 1), "{due}");
            let told = listed.faults[0].to_string();
            assert_eq!((listed.faults[0].kind(), told.as_str()), (kind, due));
            assert!(!told.contains("canary") && !format!("{:?}", listed.faults[0]).contains("canary"));
        }
    }

    /// After a pause that the service names, and after a failure, it is asked once more.
    pub(crate) async fn is_asked_again(&self, good: Response, alerts: usize) {
        let soon = httpdate::fmt_http_date(SystemTime::now());
        let pause = |at: &str| Response::new(429, vec![("retry-after".to_owned(), at.to_owned())], "".into());
        for first in [pause("3"), pause(&soon), text(500, ""), text(503, "")] {
            let script = script::first(first, good.clone());
            let listed = list(&client::<P>(&script, self.0()), &self.1).await;
            assert_eq!((listed.alerts.len(), script.requests().len()), (alerts, 2), "{:?}", listed.faults);
        }
    }
}
