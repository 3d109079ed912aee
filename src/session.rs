//! `Session`: a login that lasts. One login for many requests, renewed early and once after a refusal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::call::{Call, Chain, Engine, Linked, run};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::secret::Secret;

/// A login that is kept: for services that give a token for a name and a password.
///
/// A plugin holds one and calls [`exchange`](Self::exchange) in
/// [`Protocol::exchange`](crate::Protocol::exchange).
///
/// - The first of many concurrent requests logs in, the others wait for its token.
/// - A token is renewed [`EARLY`](Self::EARLY) before it ends.
/// - A request that is answered with 401 is sent again once, with a new token: that of the first one
///   that was refused, so there is one login here too.
/// - A login that fails fails all that wait for it at that moment, so that a wrong password is tried
///   once and not by each of them.
///
/// Clones share the login. `Debug` shows no token.
///
/// ```
/// use tom_alerts::plugin::*;
/// # fn run(session: &Session, request: Request, login: Url, password: Secret) -> Call<Response> {
/// session.exchange(
///     request,
///     |request, token| request.secret_header("authorization", "Bearer ", token.expose()),
///     move || {
///         let request = Request::post(login.clone()).secret_form("password", password.expose());
///         Ok(Call::get(request, |response| {
///             let answer: Value = response.into_result()?.json()?;
///             let token = answer["access_token"].as_str().unwrap_or_default();
///             Ok(Token::new(token).lasting(Duration::from_secs(3600)))
///         }))
///     },
/// )
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Session(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    /// Logins that were tried.
    tried: AtomicU64,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// How the last login failed.
    failed: Option<Error>,
}

struct Held {
    token: Secret,
    until: Option<Instant>,
    login: u64,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct Token {
    secret: Secret,
    lasts: Option<Duration>,
}

impl Token {
    /// A token that lasts until it is refused.
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), lasts: None }
    }

    /// A token that lasts so long from now on.
    #[must_use]
    pub fn lasting(mut self, time: Duration) -> Self {
        self.lasts = Some(time);
        self
    }
}

type Carry = Box<dyn Fn(Request, &Secret) -> Request + Send + Sync>;
type Login = Box<dyn Fn() -> Result<Call<Token>> + Send + Sync>;

impl Session {
    /// How long before its end a token is renewed.
    pub const EARLY: Duration = Duration::from_secs(60);

    /// A session without a token yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The steps that send a request with a token: `carry` puts the token on the request, `login`
    /// makes the steps that get a token, which judge the answer's status themselves.
    #[must_use]
    pub fn exchange(
        &self,
        request: Request,
        carry: impl Fn(Request, &Secret) -> Request + Send + Sync + 'static,
        login: impl Fn() -> Result<Call<Token>> + Send + Sync + 'static,
    ) -> Call<Response> {
        let session = self.clone();
        let steps = Steps { session, request, carry: Box::new(carry), login: Box::new(login) };
        Call::Chain(Chain::of(Box::new(steps)))
    }

    /// The token, and the number of the login that gave it; that of `refused` is good no more.
    async fn token(&self, engine: &dyn Engine, login: &Login, refused: Option<u64>) -> Result<(Secret, u64)> {
        let before = self.0.tried.load(Ordering::Acquire);
        let mut state = self.0.state.lock().await;
        if let Some(held) = &state.held {
            let lasts = held.until.is_none_or(|until| Instant::now() < until);
            if lasts && Some(held.login) != refused {
                return Ok((held.token.clone(), held.login));
            }
        }
        // Whoever was before in the queue tried while this one waited.
        let tried = self.0.tried.load(Ordering::Acquire) != before;
        if let Some(failed) = state.failed.as_ref().filter(|_| tried) {
            return Err(failed.alike());
        }
        *state = State::default();
        let result = match login() {
            Ok(call) => run(engine, call).await,
            Err(error) => Err(error),
        };
        let number = self.0.tried.fetch_add(1, Ordering::AcqRel) + 1;
        match result {
            Ok(Token { secret, lasts }) => {
                let until =
                    lasts.and_then(|time| Instant::now().checked_add(time - Self::EARLY.min(time / 2)));
                state.held = Some(Held { token: secret.clone(), until, login: number });
                Ok((secret, number))
            }
            Err(error) => {
                state.failed = Some(error.alike());
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// A request that waits for the session's token.
struct Steps {
    session: Session,
    request: Request,
    carry: Carry,
    login: Login,
}

impl Linked<Response> for Steps {
    fn requests(&self) -> Vec<&Request> {
        vec![&self.request]
    }

    fn run<'a>(self: Box<Self>, engine: &'a dyn Engine) -> BoxFuture<'a, Result<Call<Response>>>
    where
        Response: 'a,
    {
        async move {
            let (token, number) = self.session.token(engine, &self.login, None).await?;
            let answer = engine.send((self.carry)(self.request.clone(), &token)).await?;
            if answer.status() != UNAUTHORIZED {
                return Ok(Call::Done(answer));
            }
            let (token, _) = self.session.token(engine, &self.login, Some(number)).await?;
            engine.send((self.carry)(self.request, &token)).await.map(Call::Done)
        }
        .boxed()
    }
}

const UNAUTHORIZED: u16 = 401;
