//! How both services let users in: a personal token, or a login that lasts.

use crate::plugin::*;

/// The way in.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// Nothing is configured.
    None,
    /// A personal token.
    Token(Secret),
    /// A name and a password, for which `POST /auth` gives a token.
    Login { field: &'static str, name: String, password: Secret },
}

/// The way in, with the login that lasts.
#[derive(Debug, Clone)]
pub(super) struct Door {
    access: Access,
    session: Session,
    root: Root,
    /// What to set when the login is refused.
    advice: &'static str,
}

impl Door {
    pub(super) fn new(access: Access, root: Root, advice: &'static str) -> Self {
        Self { access, session: Session::new(), root, advice }
    }

    pub(super) fn ready(&self) -> Result<()> {
        match self.access {
            Access::None => Err(Error::new(ErrorKind::Config, self.advice)),
            Access::Token(_) | Access::Login { .. } => Ok(()),
        }
    }

    pub(super) fn exchange(&self, request: Request) -> Result<Call<Response>> {
        self.ready()?;
        Ok(match &self.access {
            Access::None => Call::get(request, Ok),
            Access::Token(token) => Call::get(carry(request, token), Ok),
            Access::Login { field, name, password } => {
                let (root, advice) = (self.root.clone(), self.advice);
                let (field, name, password) = (*field, name.clone(), password.clone());
                self.session.exchange(request, carry, move || {
                    // A login changes nothing, so it may be tried again.
                    let request =
                        root.post(&["auth"]).form(field, &name).secret_form("password", password.expose());
                    Ok(Call::get(request.idempotent(true), move |response| token(response, advice)))
                })
            }
        })
    }
}

fn carry(request: Request, token: &Secret) -> Request {
    request.secret_header("authorization", "Bearer ", token.expose())
}

/// What a login gives.
#[derive(Deserialize)]
struct Grant {
    access_token: Secret,
    #[serde(default, deserialize_with = "wire::number_or_none")]
    expires_in: Option<f64>,
}

fn token(response: Response, advice: &'static str) -> Result<Token> {
    if matches!(response.status(), 400 | 401 | 403) {
        let words = response.own_words().map_or_else(String::new, |words| format!(" ({words})"));
        let text = format!("the login was refused{words}; {advice}");
        return Err(Error::new(ErrorKind::Auth, text).with_status(response.status()));
    }
    let response = response.into_result()?;
    // The text of this answer is a secret, so no word of it goes into an error.
    let grant: Grant = wire::json(response.body())
        .map_err(|_| Error::new(ErrorKind::Unreadable, "the answer to the login has no token"))?;
    let lasts = grant.expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let token = Token::new(grant.access_token);
    Ok(match lasts {
        Some(lasts) => token.lasting(lasts),
        None => token,
    })
}
