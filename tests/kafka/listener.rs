//! A listener that speaks as much of Kafka's protocol as a login over TLS and one message take.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha512};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tom_alerts::kafka::Cluster;

/// What the listener was told.
#[derive(Default, Clone)]
pub(super) struct Seen {
    pub(super) mechanism: Option<String>,
    pub(super) user: Option<String>,
    pub(super) records: Vec<Vec<u8>>,
    /// Everything that came, decrypted.
    pub(super) bytes: Vec<u8>,
}

pub(super) struct Listener {
    port: u16,
    ca_file: PathBuf,
    seen: Arc<Mutex<Seen>>,
    _folder: tempfile::TempDir,
}

impl Listener {
    /// A broker on loopback that knows one password.
    pub(super) async fn start(password: &'static str) -> Self {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, made.cert.pem()).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(
            tokio_rustls::rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, told) = (acceptor.clone(), Arc::clone(&told));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let mut session = Session { port, password, seen: told, scram: None };
                        let _ = session.serve(stream).await;
                    }
                });
            }
        });
        Self { port, ca_file, seen, _folder: folder }
    }

    pub(super) fn cluster(&self) -> Cluster {
        let servers = format!("127.0.0.1:{}", self.port);
        Cluster::new(servers).ca_file(Some(self.ca_file.clone())).timeout(Duration::from_secs(15))
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

struct Session {
    port: u16,
    password: &'static str,
    seen: Arc<Mutex<Seen>>,
    /// The client's first message without its header, and ours.
    scram: Option<(String, String)>,
}

impl Session {
    async fn serve(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        loop {
            let length = stream.read_i32().await?;
            let mut frame = vec![0; usize::try_from(length).unwrap()];
            stream.read_exact(&mut frame).await?;
            self.seen.lock().unwrap().bytes.extend(&frame);
            let mut input = Input(&frame);
            let (api, version, correlation) = (input.i16(), input.i16(), input.i32());
            input.text();
            let body = match api {
                18 => versions(version),
                17 => self.handshake(&mut input),
                36 => self.authenticate(&mut input),
                3 => self.metadata(),
                0 => self.produce(&mut input),
                other => panic!("request {other} was not expected"),
            };
            let mut answer = Output::default();
            answer.i32(correlation);
            answer.0.extend(body.0);
            stream.write_i32(i32::try_from(answer.0.len()).unwrap()).await?;
            stream.write_all(&answer.0).await?;
            stream.flush().await?;
        }
    }

    fn handshake(&mut self, input: &mut Input<'_>) -> Output {
        self.seen.lock().unwrap().mechanism = Some(input.text());
        let mut out = Output::default();
        out.i16(0);
        out.i32(1);
        out.text("SCRAM-SHA-512");
        out
    }

    fn authenticate(&mut self, input: &mut Input<'_>) -> Output {
        let said = String::from_utf8(input.bytes().to_vec()).unwrap();
        let mut out = Output::default();
        let answer = match self.scram.take() {
            None => {
                let bare = said.strip_prefix("n,,").unwrap().to_owned();
                let user = bare.split(',').next().unwrap().strip_prefix("n=").unwrap().to_owned();
                self.seen.lock().unwrap().user = Some(user);
                let nonce = bare.rsplit_once("r=").unwrap().1;
                let first = format!("r={nonce}listener,s={},i=4096", STANDARD.encode(b"salt and more"));
                self.scram = Some((bare, first.clone()));
                Some(first)
            }
            Some((bare, first)) => self.verify(&said, &bare, &first),
        };
        match answer {
            Some(answer) => {
                out.i16(0);
                out.i16(-1);
                out.byte_list(answer.as_bytes());
            }
            None => {
                out.i16(58);
                out.text("Authentication failed");
                out.byte_list(b"");
            }
        }
        out
    }

    /// Our own proof, if the client's is right.
    fn verify(&self, said: &str, bare: &str, first: &str) -> Option<String> {
        let (without_proof, proof) = said.rsplit_once(",p=").unwrap();
        let signed = format!("{bare},{first},{without_proof}");
        let mut salted = [0; 64];
        pbkdf2::pbkdf2::<Hmac<Sha512>>(self.password.as_bytes(), b"salt and more", 4096, &mut salted)
            .unwrap();
        let client_key = keyed(&salted, b"Client Key");
        let signature = keyed(&Sha512::digest(&client_key), signed.as_bytes());
        let due: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server = keyed(&keyed(&salted, b"Server Key"), signed.as_bytes());
        (STANDARD.decode(proof).unwrap() == due).then(|| format!("v={}", STANDARD.encode(server)))
    }

    fn metadata(&self) -> Output {
        let mut out = Output::default();
        out.i32(1);
        out.i32(1);
        out.text("127.0.0.1");
        out.i32(i32::from(self.port));
        out.i16(-1);
        out.text("cluster");
        out.i32(1);
        out.i32(1);
        out.i16(0);
        out.text("group.topic");
        out.0.push(0);
        out.i32(1);
        out.i16(0);
        out.i32(0);
        out.i32(1);
        for _ in 0..2 {
            out.i32(1);
            out.i32(1);
        }
        out
    }

    fn produce(&mut self, input: &mut Input<'_>) -> Output {
        input.text();
        assert_eq!(input.i16(), -1, "all replicas must have confirmed");
        input.i32();
        assert_eq!(input.i32(), 1);
        let topic = input.text();
        assert_eq!((input.i32(), input.i32()), (1, 0));
        self.seen.lock().unwrap().records.push(input.bytes().to_vec());
        let mut out = Output::default();
        out.i32(1);
        out.text(&topic);
        out.i32(1);
        out.i32(0);
        out.i16(0);
        out.i64(41);
        out.i64(-1);
        out.i32(0);
        out
    }
}

fn keyed(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// What is spoken here; a newer question is told so.
fn versions(asked: i16) -> Output {
    let mut out = Output::default();
    out.i16(if asked > 0 { 35 } else { 0 });
    let known = [(0, 3, 3), (1, 4, 4), (3, 2, 2), (17, 1, 1), (18, 0, 0), (36, 0, 0)];
    out.i32(known.len() as i32);
    for (api, least, most) in known {
        out.i16(api);
        out.i16(least);
        out.i16(most);
    }
    out
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    fn text(&mut self) -> String {
        let length = usize::try_from(self.i16()).unwrap_or(0);
        String::from_utf8(self.take(length).to_vec()).unwrap()
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::try_from(self.i32()).unwrap_or(0);
        self.take(length)
    }
}

#[derive(Default)]
struct Output(Vec<u8>);

impl Output {
    fn i16(&mut self, n: i16) {
        self.0.extend(n.to_be_bytes());
    }

    fn i32(&mut self, n: i32) {
        self.0.extend(n.to_be_bytes());
    }

    fn i64(&mut self, n: i64) {
        self.0.extend(n.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.i16(i16::try_from(text.len()).unwrap());
        self.0.extend(text.as_bytes());
    }

    fn byte_list(&mut self, bytes: &[u8]) {
        self.i32(i32::try_from(bytes.len()).unwrap());
        self.0.extend(bytes);
    }
}
