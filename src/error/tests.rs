//! What an error shows, hides and means.

use super::*;

#[test]
fn what_is_shown_is_one_line_without_control_characters() {
    let error = Error::new(ErrorKind::Status, "bad \u{1b}[2J\nmore").with("name", "a\u{7}b");
    assert_eq!(error.to_string(), "bad \u{fffd}[2J\u{fffd}more [name=a\u{fffd}b]");
}

#[test]
fn a_secret_that_is_repeated_is_hidden_everywhere_also_encoded() {
    let secrets: Vec<Arc<str>> = vec!["p&ss w".into(), "abc".into()];
    let error = Error::new(ErrorKind::Auth, "wrong: p&ss w, p%26ss+w, abc").with("got", "p&ss w");
    assert_eq!(error.without(&secrets).to_string(), "wrong: …, …, abc [got=…]");
    let fault = Error::from_problems(ErrorKind::Input, vec![Problem::new("key", "p&ss w is bad")]);
    assert_eq!(fault.without(&secrets).problems(), [Problem::new("key", "… is bad")]);
    let short = Error::new(ErrorKind::Auth, "wrong").with("got", "abc").with("of", "abcd");
    assert_eq!(short.without(&secrets).to_string(), "wrong [got=…, of=abcd]");
}

#[test]
fn a_secret_is_hidden_in_the_causes_too() {
    let secrets: Vec<Arc<str>> = vec!["canary7777".into()];
    let inner =
        Error::new(ErrorKind::Unreadable, "no number: canary7777").because(std::io::Error::other("e"));
    let error = Error::new(ErrorKind::Unreadable, "bad").because(inner).without(&secrets);
    let cause = error.source().unwrap();
    assert_eq!(cause.to_string(), "no number: …");
    assert_eq!(cause.source().unwrap().to_string(), "e");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    let clean = Error::new(ErrorKind::Unreadable, "bad").because(std::io::Error::other("e"));
    let clean = clean.without(&secrets);
    assert!(clean.source().unwrap().is::<std::io::Error>(), "a clean cause stays what it is");
}

#[test]
fn an_item_that_was_asked_for_is_named_in_text_and_type() {
    let failed = || Error::new(ErrorKind::Status, "the service failed").with_status(502);
    let error = failed().asking_for(("7", "SN 2026xyz")).asking_for("8");
    assert_eq!(error.to_string(), "the service failed [id=7, name=SN 2026xyz, status=502]");
    assert_eq!(error.asked(), Some(&Asked::new("7").named("SN 2026xyz")));
    assert_eq!(error.alike().asked(), error.asked());
    for name in ["", " ", "7"] {
        let error = failed().asking_for(("7", name));
        assert_eq!((error.context("name"), error.asked().unwrap().name()), (None, None));
    }
    // What the error says already is not said twice.
    let error = failed().with("id", "seven").asking_for("7");
    assert_eq!((error.context("id"), error.asked().unwrap().id()), (Some("seven"), "7"));
    assert_eq!(error.to_string(), "the service failed [id=seven, status=502]");
    let error = failed().with("name", "AT2026abc").asking_for("AT2026abc");
    assert_eq!(error.to_string(), "the service failed [name=AT2026abc, status=502]");
    let secrets: Vec<Arc<str>> = vec!["canary".into()];
    let error = failed().asking_for(("canary", "a canary")).without(&secrets);
    assert_eq!(error.asked(), Some(&Asked::new("…").named("a …")));
    assert!(!format!("{error:?}").contains("canary"));
}

#[test]
fn what_passes_and_what_is_for_good() {
    use ErrorKind::*;
    let passing = |kind, status: Option<u16>| {
        let error = Error::new(kind, "failed");
        status.map_or_else(|| error.alike(), |status| error.alike().with_status(status)).is_passing()
    };
    for kind in [Network, Timeout, RateLimited] {
        assert!(passing(kind, None), "{kind:?}");
    }
    for kind in
        [Config, Input, Unsupported, NotFound, Auth, Status, TooLarge, Unreadable, Refused, Store, Limit]
    {
        assert!(!passing(kind, None), "{kind:?}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504, 507, 520, 599] {
        assert!(passing(Status, Some(status)), "{status}");
        // A plugin that knows better what a status means is believed.
        assert!(!passing(NotFound, Some(status)), "{status}");
        assert!(!passing(Refused, Some(status)), "{status}");
    }
    for status in [200, 302, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 501, 505] {
        assert!(!passing(Status, Some(status)), "{status}");
    }
    // A failure under status 200 that its plugin knows to pass; a store that is locked.
    for kind in [Status, Store] {
        assert!(Error::new(kind, "busy").with_status(200).retryable(true).is_passing());
    }
    // Spent retries change nothing.
    assert!(Error::new(Network, "lost").retryable(false).is_passing());
}

#[test]
fn who_says_when_to_come_back_ends_a_run() {
    let later = |kind, wait: Option<u64>| {
        let error = Error::new(kind, "not now").with_status(503);
        wait.map_or_else(|| error.alike(), |wait| error.alike().with_retry_after(Duration::from_secs(wait)))
            .comes_back_later()
    };
    assert!(later(ErrorKind::RateLimited, None) && later(ErrorKind::RateLimited, Some(60)));
    assert!(later(ErrorKind::Status, Some(60)) && !later(ErrorKind::Status, None));
    assert!(!later(ErrorKind::Network, None) && !later(ErrorKind::Timeout, None));
    assert!(!later(ErrorKind::NotFound, Some(60)) && !later(ErrorKind::Input, Some(60)));
}

#[test]
fn display_is_one_line_without_the_source() {
    let error = Error::new(ErrorKind::Network, "cannot be reached")
        .at("MARS")
        .at("later callers do not rename it")
        .because(std::io::Error::other("dns"));
    assert_eq!(error.to_string(), "MARS: cannot be reached");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("dns"));
}

#[test]
fn many_problems_are_one_message() {
    let problems = vec![Problem::new("ra", "400 is outside 0..=360"), Problem::new("", "empty")];
    let error = Error::from_problems(ErrorKind::Input, problems);
    assert_eq!(error.to_string(), "ra: 400 is outside 0..=360; empty");
    assert_eq!(error.problems().len(), 2);
}
