//! SCRAM over HTTP with the archive: both sides prove the password, or nothing is believed.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha512};
use wiremock::matchers::any;
use wiremock::{Mock, Request, Respond};

use super::*;

const SALT: &[u8] = b"some salt";

/// The archive's side, as it should be or with one fault.
#[derive(Clone)]
struct Gate {
    password: &'static str,
    fault: Fault,
    /// The client's first message without its header, and ours.
    open: Arc<Mutex<Option<(String, String)>>>,
    failures: Arc<Mutex<u32>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    NoProof,
    WrongProof,
    OtherLogin,
    FailsOnce,
}

fn keyed(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

impl Gate {
    fn new(password: &'static str, fault: Fault) -> Self {
        Self { password, fault, open: Arc::default(), failures: Arc::default() }
    }

    fn challenge(&self, first: &str) -> ResponseTemplate {
        let bare = first.strip_prefix("n,,").unwrap().to_owned();
        let nonce = bare.rsplit_once("r=").unwrap().1;
        let ours = format!("r={nonce}gate,s={},i=4096", STANDARD.encode(SALT));
        let header = format!("SCRAM-SHA-512 sid=s-1, data={}", STANDARD.encode(&ours));
        *self.open.lock().unwrap() = Some((bare, ours));
        ResponseTemplate::new(401).insert_header("www-authenticate", header)
    }

    fn judge(&self, sid: &str, last: &str) -> ResponseTemplate {
        let (bare, ours) = self.open.lock().unwrap().take().expect("a challenge is good for one answer");
        assert_eq!(sid, "s-1");
        let (without_proof, proof) = last.rsplit_once(",p=").unwrap();
        let signed = format!("{bare},{ours},{without_proof}");
        let mut salted = [0; 64];
        pbkdf2::pbkdf2::<Hmac<Sha512>>(self.password.as_bytes(), SALT, 4096, &mut salted).unwrap();
        let client_key = keyed(&salted, b"Client Key");
        let signature = keyed(&Sha512::digest(&client_key), signed.as_bytes());
        let due: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        if STANDARD.decode(proof).unwrap() != due {
            return ResponseTemplate::new(401)
                .insert_header("www-authenticate", "SCRAM-SHA-512 realm=\"default\"");
        }
        if self.fault == Fault::FailsOnce && std::mem::replace(&mut *self.failures.lock().unwrap(), 1) == 0 {
            return ResponseTemplate::new(503);
        }
        let server = keyed(&keyed(&salted, b"Server Key"), signed.as_bytes());
        let (sid, proof) = match self.fault {
            Fault::NoProof => return bson_answer(200, "archive_page2.json"),
            Fault::WrongProof => (sid, vec![0; 64]),
            Fault::OtherLogin => ("s-2", server),
            _ => (sid, server),
        };
        let data = STANDARD.encode(format!("v={}", STANDARD.encode(proof)));
        let header = format!("sid={sid}, data={data}");
        bson_answer(200, "archive_page2.json").insert_header("authentication-info", header)
    }
}

impl Respond for Gate {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = request.headers.get("authorization").unwrap().to_str().unwrap();
        let fields = header.strip_prefix("SCRAM-SHA-512 ").unwrap();
        let data = fields.rsplit_once("data=").unwrap().1;
        let data = String::from_utf8(STANDARD.decode(data).unwrap()).unwrap();
        match fields.strip_prefix("sid=") {
            None => self.challenge(&data),
            Some(rest) => self.judge(rest.split(',').next().unwrap(), &data),
        }
    }
}

fn config(service: &Service) -> ScimmaConfig {
    ScimmaConfig {
        hopskotch_username: Some("alice-1234abcd".into()),
        hopskotch_password: Some("hunter2".into()),
        ..service.config()
    }
}

async fn through(gate: Gate) -> (Service, Listed<ScimmaPacket>) {
    let service = Service::start().await;
    Mock::given(any()).respond_with(gate).mount(&service.server).await;
    let listed = list(&service.broker_of(config(&service)), &ScimmaQuery::default()).await;
    (service, listed)
}

#[tokio::test]
async fn a_listing_is_asked_for_with_a_proved_password() {
    let (service, listed) = through(Gate::new("hunter2", Fault::None)).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(listed.alerts.len(), 3);
    let asked = service.asked().await;
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1]);
    for request in service.server.received_requests().await.unwrap() {
        let text = format!("{:?}", request.headers);
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let (service, listed) = through(Gate::new("another", Fault::None)).await;
    assert!(listed.alerts.is_empty());
    assert_eq!(listed.faults[0].kind(), ErrorKind::Auth);
    assert!(
        listed.faults[0].to_string().contains("the archive refused the credential"),
        "{}",
        listed.faults[0]
    );
    assert_eq!(service.asked().await.len(), 2);
}

#[tokio::test]
async fn a_service_that_cannot_prove_the_password_is_not_believed() {
    for (fault, due) in [
        (Fault::NoProof, "the service did not prove that it knows the password"),
        (Fault::WrongProof, "the service did not prove that it knows the password"),
        (Fault::OtherLogin, "the service answered another login than this one"),
    ] {
        let (_service, listed) = through(Gate::new("hunter2", fault)).await;
        assert!(listed.alerts.is_empty());
        assert_eq!(listed.faults[0].kind(), ErrorKind::Auth);
        assert!(listed.faults[0].to_string().contains(due), "{}", listed.faults[0]);
    }
}

#[tokio::test]
async fn a_failure_within_the_exchange_begins_it_anew() {
    let (service, listed) = through(Gate::new("hunter2", Fault::FailsOnce)).await;
    assert_eq!(listed.alerts.len(), 3, "{:?}", listed.faults);
    assert_eq!(service.asked().await.len(), 4);
}

#[tokio::test]
async fn a_connection_that_breaks_within_the_exchange_begins_it_anew() {
    let service = Service::start().await;
    let proves = |request: &Request| format!("{:?}", request.headers.get("authorization")).contains("sid=");
    Mock::given(proves)
        .respond_with_err(|_: &Request| std::io::Error::other("gone"))
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&service.server)
        .await;
    Mock::given(any()).respond_with(Gate::new("hunter2", Fault::None)).mount(&service.server).await;
    let listed = list(&service.broker_of(config(&service)), &ScimmaQuery::default()).await;
    assert_eq!(listed.alerts.len(), 3, "{:?}", listed.faults);
}

#[tokio::test]
async fn a_body_goes_with_the_proof_only() {
    let service = Service::start().await;
    Mock::given(any()).respond_with(Gate::new("hunter2", Fault::None)).mount(&service.server).await;
    let broker = service.broker_of(config(&service));
    let message = HopMessage::new(HopFormat::Json, "{}");
    let answer = broker.run(broker.protocol().upload("a.b", &message)).await;
    // The recorded answer is a listing, which has no id.
    assert!(answer.unwrap_err().to_string().contains("under which id"));
    let requests = service.server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].body.is_empty());
    assert!(!requests[1].body.is_empty());
}

#[tokio::test]
async fn a_token_takes_the_place_of_the_exchange() {
    let service = Service::start().await;
    service.get("/archive/messages", bson_answer(200, "archive_page2.json")).await;
    let broker = service.broker_of(ScimmaConfig { token: Some("t0ken".into()), ..config(&service) });
    assert_eq!(list(&broker, &ScimmaQuery::default()).await.alerts.len(), 3);
    assert_eq!(service.header(0, "authorization").await.as_deref(), Some("Token t0ken"));
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn skip_gets_nothing_of_the_credential() {
    let service = Service::start().await;
    service.get("/api/v2/alerts/", answer(200, "skip_empty.json")).await;
    let broker = service.broker_of(config(&service));
    list(&broker, &skip_query()).await;
    let requests = service.server.received_requests().await.unwrap();
    let mut names: Vec<_> = requests[0].headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    let text = format!("{:?} {}", requests[0].headers, requests[0].url);
    assert!(!text.contains("alice") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_body_is_sent_to_a_service_that_asks_for_no_proof() {
    let service = Service::start().await;
    service.post("/archive/topic/a.b", bson_answer(201, "archive_uploaded.json")).await;
    let broker = service.broker_of(config(&service));
    let message = HopMessage::new(HopFormat::Json, "{}");
    broker.run(broker.protocol().upload("a.b", &message)).await.unwrap();
    let requests = service.server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].body.is_empty() && !requests[1].body.is_empty());
}
