//! SCRAM (RFC 5802, RFC 7677) as HTTP carries it (RFC 7804): two requests, both sides prove the password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha512};

use crate::plugin::*;

/// More would only keep this side busy.
const MOST_ROUNDS: u32 = 1_000_000;

/// RFC 7677 forbids less.
const LEAST_ROUNDS: u32 = 4_096;

const SCHEME: &str = "SCRAM-SHA-512";

/// A hash function that SCRAM is made with.
pub(super) trait Hash {
    fn hash(data: &[u8]) -> Vec<u8>;
    fn keyed(key: &[u8], data: &[u8]) -> Option<Vec<u8>>;
    fn salted(password: &[u8], salt: &[u8], rounds: u32) -> Option<Vec<u8>>;
}

macro_rules! hash {
    ($name:ty, $length:literal) => {
        impl Hash for $name {
            fn hash(data: &[u8]) -> Vec<u8> {
                <$name>::digest(data).to_vec()
            }

            fn keyed(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
                let mut mac = <Hmac<$name> as KeyInit>::new_from_slice(key).ok()?;
                mac.update(data);
                Some(mac.finalize().into_bytes().to_vec())
            }

            fn salted(password: &[u8], salt: &[u8], rounds: u32) -> Option<Vec<u8>> {
                let mut out = vec![0; $length];
                pbkdf2::pbkdf2::<Hmac<$name>>(password, salt, rounds, &mut out).ok()?;
                Some(out)
            }
        }
    };
}

hash!(Sha512, 64);

/// Who logs in.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    username: String,
    password: Secret,
}

impl Credential {
    /// # Errors
    /// [`ErrorKind::Config`] for a password that would have to be normalised first, which Hop
    /// Auth's never need.
    pub(super) fn new(username: &str, password: &Secret) -> Result<Self> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if !plain(username) || !plain(password.expose()) {
            let text = "a name and a password of printable ASCII characters are due, as Hop Auth gives them";
            let key = if plain(username) { "hopskotch_password" } else { "hopskotch_username" };
            return Err(Error::from_problems(ErrorKind::Config, vec![Problem::new(key, text)]));
        }
        Ok(Self { username: username.to_owned(), password: password.clone() })
    }

    pub(super) fn username(&self) -> &str {
        &self.username
    }

    pub(super) fn password(&self) -> &Secret {
        &self.password
    }
}

/// The client's side of one exchange.
#[derive(Clone)]
struct Client {
    credential: Credential,
    nonce: String,
}

/// What the client answers, and what the server must prove.
struct Proof {
    client_final: String,
    server_signature: String,
}

impl Client {
    fn bare(&self) -> String {
        let name = self.credential.username.replace('=', "=3D").replace(',', "=2C");
        format!("n={name},r={}", self.nonce)
    }

    fn first(&self) -> String {
        format!("n,,{}", self.bare())
    }

    fn answer<H: Hash>(&self, server_first: &str) -> Result<Proof> {
        let fault = |text: &'static str| Error::new(ErrorKind::Auth, text);
        let mut fields = server_first.split(',');
        let mut field = |key: &str| fields.next().and_then(|field| field.strip_prefix(key));
        let (nonce, salt, rounds) = (field("r="), field("s="), field("i="));
        let nonce = nonce.filter(|nonce| nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce));
        let nonce = nonce.ok_or_else(|| fault("the service's challenge does not belong to this login"))?;
        let salt = salt.and_then(|salt| STANDARD.decode(salt).ok()).filter(|salt| !salt.is_empty());
        let rounds = rounds.and_then(|rounds| rounds.parse().ok());
        let (salt, rounds) =
            salt.zip(rounds).ok_or_else(|| fault("the service's challenge cannot be read"))?;
        if !(LEAST_ROUNDS..=MOST_ROUNDS).contains(&rounds) {
            return Err(fault("the service's challenge is not as hard as it must be, or too hard"));
        }
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{server_first},{without_proof}", self.bare());
        let proof = || {
            let salted = H::salted(self.credential.password.expose().as_bytes(), &salt, rounds)?;
            let client_key = H::keyed(&salted, b"Client Key")?;
            let signature = H::keyed(&H::hash(&client_key), signed.as_bytes())?;
            let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
            let server = H::keyed(&H::keyed(&salted, b"Server Key")?, signed.as_bytes())?;
            Some(Proof {
                client_final: format!("{without_proof},p={}", STANDARD.encode(proof)),
                server_signature: STANDARD.encode(server),
            })
        };
        proof().ok_or_else(|| fault("the service's challenge cannot be answered"))
    }
}

impl Proof {
    fn check(&self, server_final: &str) -> Result<()> {
        let fields: Vec<_> = server_final.split(',').collect();
        if let Some(reason) = fields.iter().find_map(|field| field.strip_prefix("e=")) {
            let reason: String =
                reason.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect();
            return Err(Error::new(ErrorKind::Auth, format!("the service refused the credential: {reason}")));
        }
        let given = fields.iter().find_map(|field| field.strip_prefix("v="));
        // The signature was made for this exchange alone, so how long comparing takes tells nothing.
        if given == Some(self.server_signature.as_str()) {
            return Ok(());
        }
        let text = "the service did not prove that it knows the password; its answer was thrown away";
        Err(Error::new(ErrorKind::Auth, text))
    }
}

/// The steps that get an answer with a credential. After a failure of the service all of them are
/// done again, as a challenge is good for one answer.
pub(super) fn exchange(credential: &Credential, request: Request, tries: u32) -> Call<Response> {
    // Two random UUIDs: 244 bits that nobody can foresee.
    let nonce = [bson::Uuid::new(), bson::Uuid::new()].map(|half| half.bytes()).concat();
    let client = Client { credential: credential.clone(), nonce: STANDARD.encode(nonce) };
    let bodiless = match request.encoded() {
        None => request.clone(),
        Some(_) => Request::post(request.url().clone()),
    };
    let opening = authorised(bodiless.idempotent(true), &format!("data={}", STANDARD.encode(client.first())));
    Call::step(opening, move |answer| {
        let response = answer?;
        let challenge = response.header("www-authenticate").filter(|_| response.status() == 401);
        let Some((sid, server_first)) = challenge.and_then(|text| data(text.trim().strip_prefix(SCHEME)?))
        else {
            // Nobody was asked who it is: what was held back until then is to be sent now.
            if response.is_success() && request.encoded().is_some() {
                return Ok(Call::get(request, Ok));
            }
            return Ok(Call::Done(response));
        };
        let proof = client.answer::<Sha512>(&server_first)?;
        let closing = format!("sid={sid},data={}", STANDARD.encode(&proof.client_final));
        let again = request.is_idempotent().then(|| (client.credential, request.clone()));
        let closing = authorised(request.idempotent(false), &closing);
        Ok(Call::step(closing, move |answer| finish(answer, &sid, &proof, again, tries)))
    })
}

fn finish(
    answer: Result<Response>,
    sid: &str,
    proof: &Proof,
    again: Option<(Credential, Request)>,
    tries: u32,
) -> Result<Call<Response>> {
    let failed = match &answer {
        Ok(response) => (502..=504).contains(&response.status()),
        Err(error) => error.kind() == ErrorKind::Network,
    };
    if let (true, Some((credential, request)), 1..) = (failed, again, tries) {
        let next = exchange(&credential, request, tries - 1);
        return Ok(Call::Wait(Duration::from_secs(1), Box::new(next)));
    }
    let response = answer?;
    match response.header("authentication-info").and_then(data) {
        Some((known, server_final)) => {
            proof.check(&server_final)?;
            if known != sid {
                return Err(Error::new(ErrorKind::Auth, "the service answered another login than this one"));
            }
        }
        // A failure needs no proof; an answer does.
        None if response.is_success() => proof.check("")?,
        None => {}
    }
    Ok(Call::Done(response))
}

fn authorised(request: Request, fields: &str) -> Request {
    request.secret_header("authorization", &format!("{SCHEME} "), fields)
}

/// The fields `sid` and `data` of a header, with the latter decoded.
fn data(header: &str) -> Option<(String, String)> {
    let field = |name: &str| {
        let mut fields = header.split(',').map(str::trim);
        fields
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
            .map(|text| text.trim_matches('"'))
    };
    let sid = field("sid").filter(|sid| sid.bytes().all(|b| b.is_ascii_graphic()))?;
    let data = String::from_utf8(STANDARD.decode(field("data")?).ok()?).ok()?;
    Some((sid.to_owned(), data))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha1::Sha1;
    use sha2::Sha256;

    use super::*;

    hash!(Sha1, 20);
    hash!(Sha256, 32);

    fn client(nonce: &str) -> Client {
        let credential = Credential::new("user", &Secret::from("pencil")).unwrap();
        Client { credential, nonce: nonce.to_owned() }
    }

    #[test]
    fn the_exchange_of_rfc_5802() {
        let client = client("fyko+d2lbbFgONRv9qkxdawL");
        assert_eq!(client.first(), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
        let first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
        let proof = client.answer::<Sha1>(first).unwrap();
        let closing = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
        assert_eq!(proof.client_final, closing);
        proof.check("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").unwrap();
    }

    #[test]
    fn the_exchange_of_rfc_7677() {
        let client = client("rOprNGfwEbeRWgbNEkqO");
        let first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = client.answer::<Sha256>(first).unwrap();
        let closing = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                       p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(proof.client_final, closing);
        proof.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
    }

    #[test]
    fn a_service_that_does_not_know_the_password_is_found_out() {
        let client = client("abc");
        let proof = client.answer::<Sha512>("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096").unwrap();
        for lie in ["", "v=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="] {
            assert!(proof.check(lie).unwrap_err().to_string().contains("did not prove"), "{lie}");
        }
        let told = proof.check("e=invalid-proof").unwrap_err().to_string();
        assert_eq!(told, "the service refused the credential: invalid-proof");
    }

    #[test]
    fn a_challenge_that_is_no_good_is_not_answered() {
        for first in [
            "",
            "r=abc,s=QSXC,i=4096",
            "r=xyzabc,s=QSXC,i=4096",
            "r=abcd,s=,i=4096",
            "r=abcd,s=QSXC,i=1",
            "r=abcd,s=QSXC,i=4000000000",
            "m=ext,r=abcd,s=QSXC,i=4096",
        ] {
            assert_eq!(
                client("abc").answer::<Sha512>(first).map(|_| ()).unwrap_err().kind(),
                ErrorKind::Auth,
                "{first}"
            );
        }
    }

    #[test]
    fn a_name_is_escaped_and_a_password_that_must_be_normalised_is_refused() {
        let credential = Credential::new("a=b,c", &Secret::from("x")).unwrap();
        let client = Client { credential, nonce: "n".to_owned() };
        assert_eq!(client.first(), "n,,n=a=3Db=2Cc,r=n");
        let error = Credential::new("a", &Secret::from("pässword")).unwrap_err();
        assert!(error.to_string().starts_with("hopskotch_password: "), "{error}");
        assert!(!format!("{error:?}").contains("ssword-"));
    }

    proptest! {
        #[test]
        fn no_header_panics(text in ".{0,80}", sid in "[a-z=, ]{0,20}") {
            let _ = data(&text);
            let _ = data(&format!("sid={sid}, data={}", STANDARD.encode(&text)));
            let _ = client("a").answer::<Sha1>(&format!("r=a{text},s={sid},i=4096"));
        }
    }
}
