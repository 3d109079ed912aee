//! The contract of a `TargetStore`, as a suite that every store can run.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::extra::Extra;
use crate::reduced_datum::{Astrometry, Classification, Datum, Photometry, ReducedDatum, Spectroscopy};
use crate::store::{Counts, Entry, History, TargetId, TargetStore};
use crate::target::{Elements, NonSidereal, PositionHint, Scheme, Sidereal, Target, slug};

/// Runs every clause of the contract and returns those that do not hold, in words.
///
/// `make` is called for each part and gives an empty store each time.
///
/// ```
/// use std::sync::Arc;
/// use tom_alerts::{MemoryStore, TargetStore};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let make = async || Ok(Arc::new(MemoryStore::new()) as Arc<dyn TargetStore>);
/// let broken = tom_alerts::testing::store::check(make).await;
/// assert!(broken.is_empty(), "{broken:#?}");
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn check(make: impl AsyncFn() -> Result<Arc<dyn TargetStore>>) -> Vec<String> {
    let mut broken = Vec::new();
    macro_rules! part {
        ($($part:ident)*) => {$(
            match make().await {
                Ok(store) => {
                    let mut suite = Suite { part: stringify!($part), store, broken: Vec::new() };
                    if let Err(error) = suite.$part().await {
                        suite.broken.push(format!("{}: a call fails: {error}", suite.part));
                    }
                    broken.append(&mut suite.broken);
                }
                Err(error) => broken.push(format!("{}: no store can be made: {error}", stringify!($part))),
            }
        )*};
    }
    part!(empty round_trip names at_once large one_batch data classifications paging saving_data);
    part!(own_ids renames precedence orders untimed motion bridges refusals editing older_classes spellings);
    let promised = match make().await {
        Ok(store) => (store.guarantees(), store.query_store().is_some()),
        Err(error) => {
            broken.push(format!("no store can be made: {error}"));
            return broken;
        }
    };
    if promised.0.corrects {
        part!(corrections withdrawals);
    }
    if promised.0.deletes {
        part!(deleting);
    }
    if promised.1 {
        part!(queries renamed_queries reports dead_letters);
    }
    if promised.0.fenced {
        part!(claims fences);
    }
    broken
}

mod progress;
mod sightings;

struct Suite {
    part: &'static str,
    store: Arc<dyn TargetStore>,
    broken: Vec<String>,
}

const SOURCE: &str = "ALeRCE";
/// Has no short decimal form, and is no sum of few powers of two.
const AWKWARD: f64 = 0.1 + 0.2;

fn counts(created: u64, updated: u64, unchanged: u64) -> Counts {
    Counts { created, updated, unchanged }
}

fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn point(target: &str, micros: i64, magnitude: f64) -> ReducedDatum {
    let value = Photometry { filter: "g".into(), magnitude: Some(magnitude), ..Photometry::default() };
    datum(target, micros, Datum::Photometry(value))
}

fn datum(target: &str, micros: i64, value: Datum) -> ReducedDatum {
    ReducedDatum::new(target, SOURCE, "https://alerce.online/object/x", instant(micros), value)
}

fn extra(value: Value) -> Extra {
    map(value).into()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

fn class(classifier: &str, version: Option<&str>, class: &str, probability: f64) -> Classification {
    Classification {
        classifier: classifier.into(),
        version: version.map(str::to_owned),
        class: class.into(),
        probability: Some(probability),
        rank: Some(1),
    }
}

fn orbit(scheme: Scheme) -> Elements {
    Elements {
        scheme,
        epoch_of_elements: 60_000.1,
        inclination: AWKWARD,
        lng_asc_node: 1.0 / 3.0,
        arg_of_perihelion: 359.999_999_999_999_94,
        eccentricity: 5e-324,
    }
}

/// A target of each sort, with every field in use somewhere.
fn targets() -> Result<Vec<Target>> {
    let full = Sidereal {
        ra: 359.999_999_999_999_94,
        dec: -AWKWARD,
        epoch: Some(2015.5),
        pm_ra: Some(-1e-300),
        pm_dec: Some(f64::MIN_POSITIVE),
        parallax: Some(1.0 / 3.0),
        distance: Some(f64::MAX),
        distance_err: Some(1e23),
    };
    let mut first = Target::sidereal("1 full", 0.0, 0.0)?;
    first.coordinates = crate::target::Coordinates::Sidereal(full);
    let hint = PositionHint { ra: AWKWARD, dec: 89.999, time: Some(instant(-1)), uncertainty: Some(AWKWARD) };
    let schemes = [
        Scheme::MinorPlanet { mean_anomaly: AWKWARD, semimajor_axis: 2.7 },
        Scheme::Comet { perihdist: 1e-7, epoch_of_perihelion: 60_123.456_789 },
        Scheme::MajorPlanet { mean_anomaly: 0.0, semimajor_axis: 5.2, mean_daily_motion: AWKWARD },
    ];
    let mut all =
        vec![first.with_alias("zweiter Name").with_alias("a").with_extra("ndet", 3).with_extra("", "")];
    for (n, scheme) in schemes.into_iter().enumerate() {
        let body =
            NonSidereal { elements: Some(orbit(scheme)), abs_mag: Some(17.3), ..NonSidereal::default() };
        all.push(Target::non_sidereal(format!("{n} orbit"), body)?);
    }
    let seen = NonSidereal { position: Some(hint), slope: Some(0.15), ..NonSidereal::default() };
    all.push(Target::non_sidereal("seen once", seen)?.with_extra("né", "\"quoted\"\n\u{1F52D}"));
    all.push(Target::non_sidereal("nothing known", NonSidereal::default())?);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// A target as it reads when a broker alone has said it.
fn read(target: &Target) -> Target {
    let mut read = target.clone();
    read.aliases.sort_unstable();
    let prefixed = |(key, value)| (format!("{}_{key}", slug(SOURCE)), value);
    read.extras = std::mem::take(&mut read.extras).into_iter().map(prefixed).collect();
    read
}

/// A datum of each sort, oldest first.
fn every_datum(target: &str) -> Vec<ReducedDatum> {
    let full = Photometry {
        filter: "r".into(),
        magnitude: Some(AWKWARD),
        error: Some(5e-324),
        limit: Some(1.0 / 3.0),
        limiting_magnitude: Some(20.123_456_789_012_345),
        negative_magnitude: Some(1e23),
        flux: Some(-f64::MAX),
        flux_error: Some(f64::MIN_POSITIVE),
        flux_unit: Some("nJy".into()),
        unit: Some("AB".into()),
        telescope: Some("P48".into()),
        instrument: Some("ZTF".into()),
        survey: Some("ZTF".into()),
        source_id: Some("18446744073709551615".into()),
        forced: true,
        extra: extra(
            json!({ "id": u64::MAX, "low": i64::MIN, "né": { "deep": [AWKWARD, null, "\u{0}\\"] } }),
        ),
    };
    let spectrum = Spectroscopy {
        wavelength: vec![4000.1, AWKWARD],
        wavelength_unit: Some("Angstrom".into()),
        flux: vec![-1e-17, 0.0],
        error: vec![1e-18, f64::MIN_POSITIVE],
        source_id: Some("7".into()),
        ..Spectroscopy::default()
    };
    let place = Astrometry { ra: AWKWARD, dec: -1.0 / 3.0, ra_error: Some(1e-3), ..Astrometry::default() };
    vec![
        datum(target, -2_500_000_000_000_001, Datum::Astrometry(place)),
        datum(target, 1_600_000_000_000_000, Datum::Spectroscopy(spectrum)),
        datum(target, 1_600_000_000_000_001, Datum::Photometry(full)),
        datum(target, 1_600_000_000_000_002, extra(json!({ "features": { "n": 1.0, "m": 1 } })).into()),
    ]
}

impl Suite {
    fn holds(&mut self, clause: impl Display, yes: bool) {
        if !yes {
            self.broken.push(format!("{}: {clause}", self.part));
        }
    }

    fn same<T: PartialEq + Debug>(&mut self, clause: impl Display, is: &T, ought: &T) {
        if is != ought {
            self.broken.push(format!("{}: {clause}: {is:?}, which ought to be {ought:?}", self.part));
        }
    }

    async fn empty(&mut self) -> Result<()> {
        let store = self.store.clone();
        self.same("an empty store counts nothing", &store.count_targets().await?, &0);
        self.same("an empty store has no target", &store.target("a").await?, &None);
        self.holds("an empty store lists no target", store.targets(None, 10).await?.is_empty());
        self.holds("an unknown target has no data", store.reduced_data("a").await?.is_empty());
        self.holds("an unknown target has no classifications", store.classifications("a").await?.is_empty());
        self.holds("an empty store has no sightings", store.sightings(TargetId(1)).await?.is_empty());
        self.same("an empty store has no history", &store.history(TargetId(1)).await?, &History::default());
        self.same("an unknown object was never fetched", &store.fetched(SOURCE, "a").await?, &None);
        let saved = store.save_all(&[]).await?;
        self.holds(
            "saving nothing does nothing",
            saved.targets.is_empty() && saved.data == Counts::default(),
        );
        Ok(())
    }

    async fn round_trip(&mut self) -> Result<()> {
        let store = self.store.clone();
        let targets = targets()?;
        let classes = [
            class("lc", None, "SNIa", AWKWARD),
            class("lc", Some(""), "SNIa", 1.0 / 3.0),
            class("lc", Some("1.0"), "SNIa", 5e-324),
            Classification { probability: None, rank: None, ..class("stamp", None, "Boson (β)", 0.0) },
        ];
        let entries: Vec<Entry> = targets
            .iter()
            .map(|t| {
                Entry::new(t.clone(), SOURCE)
                    .with_data(every_datum(&t.name))
                    .with_classifications(classes.to_vec())
            })
            .collect();
        let many = entries.len() as u64;
        let saved = store.save_all(&entries).await?;
        self.same("new targets are created", &saved.outcomes(), &vec!["created"; entries.len()]);
        self.same("new data are created", &saved.data, &counts(4 * many, 0, 0));
        self.same("new classifications are created", &saved.classifications, &counts(4 * many, 0, 0));
        for _ in 0..2 {
            for target in &targets {
                let name = &target.name;
                self.same("a target comes back as it is", &store.target(name).await?, &Some(read(target)));
                self.same("data come back as they are", &store.reduced_data(name).await?, &every_datum(name));
                let found = store.classifications(name).await?;
                self.holds("classifications know their source", found.iter().all(|c| c.source == SOURCE));
                let found: Vec<_> = found.into_iter().map(|c| c.classification).collect();
                self.same("classifications come back as they are", &found, &classes.to_vec());
            }
            let listed = store.targets(None, 100).await?.into_iter().map(|stored| stored.target).collect();
            let ought: Vec<_> = targets.iter().map(read).collect();
            self.same::<Vec<_>>("targets are listed as they are", &listed, &ought);
            self.same("targets are counted", &store.count_targets().await?, &many);
            let saved = store.save_all(&entries).await?;
            self.same(
                "what is saved again is unchanged",
                &saved.outcomes(),
                &vec!["unchanged"; entries.len()],
            );
            self.same("data saved again are unchanged", &saved.data, &counts(0, 0, 4 * many));
            let again = saved.classifications;
            self.same("classifications saved again are unchanged", &again, &counts(0, 0, 4 * many));
        }
        Ok(())
    }

    /// Saves an entry and says what became of it.
    async fn save_one(&self, entry: Entry) -> Result<&'static str> {
        let saved = self.store.save_all(&[entry]).await?;
        Ok(saved.outcomes().first().copied().unwrap_or("nothing"))
    }

    async fn paging(&mut self) -> Result<()> {
        let store = self.store.clone();
        let names = ["b", "B", "a", "é", "e\u{301}", "Z", "aa", "10", "9", "\u{1F52D}"];
        let entries = names.iter().map(|name| Ok(Entry::new(Target::sidereal(*name, 1.0, 2.0)?, SOURCE)));
        store.save_all(&entries.collect::<Result<Vec<_>>>()?).await?;
        for size in [1, 3, 100, usize::MAX] {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = store.targets(after, size).await?;
                self.holds(format!("no page holds more than {size}"), page.len() <= size);
                let Some(last) = page.last() else { break };
                self.holds("pages come by number", after.is_none_or(|after| last.id > after));
                after = Some(last.id);
                found.extend(page.into_iter().map(|stored| stored.target.name));
                if found.len() > names.len() {
                    break;
                }
            }
            found.sort_unstable();
            let mut ought = names.map(str::to_owned).to_vec();
            ought.sort_unstable();
            self.same(format!("pages of {size} give each target once"), &found, &ought);
        }
        self.holds("a page of none is empty", store.targets(None, 0).await?.is_empty());
        Ok(())
    }

    async fn one_batch(&mut self) -> Result<()> {
        let store = self.store.clone();
        let target = |alias: &str| Ok::<_, crate::Error>(Target::sidereal("a", 1.0, 2.0)?.with_alias(alias));
        let entries = [
            Entry::new(target("one")?, SOURCE).with_data(vec![point("a", 1, 18.0), point("a", 1, 18.5)]),
            Entry::new(Target::sidereal("b", 1.0, 2.0)?, SOURCE),
            Entry::new(target("two")?, SOURCE)
                .with_data(vec![point("a", 1, 19.0), point("a", 2, 19.5)])
                .with_classifications(vec![class("lc", None, "SN", 0.1), class("lc", None, "SN", 0.2)]),
            Entry::new(target("one")?, SOURCE),
        ];
        let saved = store.save_all(&entries).await?;
        let changes = vec!["created", "created", "updated", "unchanged"];
        self.same("entries of one name are merged", &saved.outcomes(), &changes);
        self.same("a datum that comes twice counts once", &saved.data, &counts(2, 0, 0));
        self.same("a classification that comes twice counts once", &saved.classifications, &counts(1, 0, 0));
        let found = store.reduced_data("a").await?;
        self.same("of equal data the last counts", &found, &vec![point("a", 1, 19.0), point("a", 2, 19.5)]);
        let found = store.classifications("a").await?;
        let found: Vec<_> = found.iter().map(|c| c.classification.probability).collect();
        self.same("of equal classifications the last counts", &found, &vec![Some(0.2)]);
        let saved = store.save_all(&entries).await?;
        self.same("a batch with repetitions is unchanged when saved again", &saved.data, &counts(0, 0, 2));
        self.same("and so are its classifications", &saved.classifications, &counts(0, 0, 1));
        self.same("and its targets", &saved.outcomes(), &vec!["unchanged"; 4]);
        Ok(())
    }

    async fn data(&mut self) -> Result<()> {
        let store = self.store.clone();
        let target = Target::sidereal("a", 1.0, 2.0)?;
        self.save_one(Entry::new(target.clone(), SOURCE)).await?;
        let save = async |data: Vec<ReducedDatum>| {
            store.save_all(&[Entry::new(target.clone(), SOURCE).with_data(data)]).await
        };
        let limit = Photometry { filter: "g".into(), limit: Some(20.0), ..Photometry::default() };
        let mut with_id = Photometry { filter: "g".into(), magnitude: Some(18.0), ..Photometry::default() };
        with_id.source_id = Some("1".into());
        with_id.extra = extra(json!({ "b": 1, "a": { "d": 1, "c": 2 } }));
        let mut identified = datum("other name", 5, Datum::Photometry(with_id.clone()));
        let given = vec![point("a", 9, 18.0), datum("a", 8, Datum::Photometry(limit)), identified.clone()];
        let saved = save(given.clone()).await?;
        self.same("new data of a known target leave it unchanged", &saved.outcomes(), &vec!["unchanged"]);
        self.same("new data of a known target are created", &saved.data, &counts(3, 0, 0));
        let found = store.reduced_data("a").await?;
        self.holds("data are kept under their entry's target", found.iter().all(|d| d.target == "a"));
        let order: Vec<_> = found.iter().map(|d| (d.timestamp, d.key())).collect();
        self.holds("data come oldest first, then by key", order.is_sorted());

        with_id.extra = extra(json!({ "a": { "c": 2, "d": 1 }, "b": 1 }));
        let turned = datum("a", 5, Datum::Photometry(with_id.clone()));
        self.same("another order of keys is no change", &save(vec![turned]).await?.data, &counts(0, 0, 1));
        let finer =
            ReducedDatum { timestamp: instant(9) + TimeDelta::nanoseconds(999), ..point("a", 9, 18.0) };
        self.same("what is finer than 1 µs is cut off", &save(vec![finer]).await?.data, &counts(0, 0, 1));
        let saved = save(vec![point("a", 9, 18.000_000_000_000_004)]).await?;
        self.same("a corrected value is an update", &saved.data, &counts(0, 1, 0));
        identified.timestamp = instant(6);
        self.same(
            "a corrected time is an update",
            &save(vec![identified.clone()]).await?.data,
            &counts(0, 1, 0),
        );
        identified.source_location = "elsewhere".into();
        self.same(
            "a corrected place is an update",
            &save(vec![identified.clone()]).await?.data,
            &counts(0, 1, 0),
        );
        let other = ReducedDatum { source_name: "Lasair".into(), ..identified };
        let saved = save(vec![other, point("a", 9, 18.0), point("a", 10, 18.0), given[1].clone()]).await?;
        self.same(
            "sources are kept apart, and each row is counted for itself",
            &saved.data,
            &counts(2, 1, 1),
        );
        self.same("every point is there", &store.reduced_data("a").await?.len(), &5);
        Ok(())
    }

    async fn classifications(&mut self) -> Result<()> {
        let store = self.store.clone();
        let save = async |source: &str, classes: &[Classification]| {
            let entry = Entry::new(Target::sidereal("a", 1.0, 2.0)?, source);
            Ok::<_, crate::Error>(
                store.save_all(&[entry.with_classifications(classes.to_vec())]).await?.classifications,
            )
        };
        let (none, first) = (class("lc", None, "SN", 0.5), class("lc", Some("1"), "SN", 0.5));
        let saved = save("B", &[none.clone(), first.clone()]).await?;
        self.same("versions are kept apart, none too", &saved, &counts(2, 0, 0));
        self.same(
            "another source is kept apart",
            &save("A", std::slice::from_ref(&none)).await?,
            &counts(1, 0, 0),
        );
        let better = Classification { probability: Some(0.75), ..none.clone() };
        let third = Classification { rank: Some(3), ..class("lc", None, "AGN", 0.1) };
        let saved = save("B", &[better.clone(), first.clone(), third.clone()]).await?;
        self.same("a new probability is an update, a new class is created", &saved, &counts(1, 1, 1));
        let found = store.classifications("a").await?;
        let found: Vec<_> = found.into_iter().map(|c| (c.source, c.classification)).collect();
        let b = || "B".to_owned();
        let ought = vec![("A".to_owned(), none), (b(), better), (b(), third), (b(), first)];
        self.same("they come by source, classifier, version, rank and class", &found, &ought);
        Ok(())
    }

    async fn names(&mut self) -> Result<()> {
        let store = self.store.clone();
        let names = ["x", "X", "x y", "'; DROP TABLE target; --", "%", "_", "\"", "\\", "2024 abc", "007"];
        for name in names {
            let target = Target::sidereal(name, 1.0, 2.0)?;
            let entry = Entry::new(target, "it's").with_data(vec![point(name, 1, 18.0)]);
            let saved = store.save_all(&[entry]).await?;
            self.same(format!("{name:?} is a name of its own"), &saved.outcomes(), &vec!["created"]);
        }
        for name in names {
            let found = store.target(name).await?.map(|target| target.name);
            self.same("a name is found byte for byte", &found.as_deref(), &Some(name));
            let spaced = format!(" {}\n", name.replace(' ', "  "));
            let found = store.target(&spaced).await?.map(|target| target.name);
            self.same("blanks around and within a name are collapsed", &found.as_deref(), &Some(name));
            self.same("and so are its data", &store.reduced_data(name).await?.len(), &1);
        }
        self.same("7 is not 007", &store.target("7").await?, &None);
        Ok(())
    }

    async fn at_once(&mut self) -> Result<()> {
        let store = self.store.clone();
        let entry = |n: i64| {
            let target = Target::sidereal(format!("t{}", n % 5), 1.0, 2.0)?;
            Ok(Entry::new(target, SOURCE).with_data(vec![point("t", n, 18.0), point("t", 0, 18.0)]))
        };
        let entries = (1..=20).map(entry).collect::<Result<Vec<_>>>()?;
        let saves = entries.iter().map(|entry| store.save_all(std::slice::from_ref(entry)));
        let saved = future::try_join_all(saves).await?;
        let created = saved.iter().filter(|saved| saved.outcomes() == ["created"]).count();
        self.same("of saves at once each target is created by one", &created, &5);
        let mut data = Counts::default();
        saved.iter().for_each(|saved| data += saved.data);
        self.same("of saves at once each datum is created by one", &data, &counts(25, 0, 15));
        Ok(())
    }

    async fn large(&mut self) -> Result<()> {
        let store = self.store.clone();
        let points: Vec<_> = (0..10_500).map(|n| point("a", n, 18.0)).collect();
        let mut entries = vec![Entry::new(Target::sidereal("a", 1.0, 2.0)?, SOURCE).with_data(points)];
        for n in 0..300 {
            let target = Target::sidereal(format!("b{n}"), 1.0, 2.0)?;
            entries
                .push(Entry::new(target, SOURCE).with_data(vec![point("b", 1, 18.0), point("b", 2, 18.0)]));
        }
        let saved = store.save_all(&entries).await?;
        self.same("a large batch is counted whole", &saved.data, &counts(11_100, 0, 0));
        let saved = store.save_all(&entries).await?;
        self.same("a large batch saved again is unchanged", &saved.data, &counts(0, 0, 11_100));
        entries[0].data[10_499] = point("a", 10_499, 19.0);
        entries[300].data.push(point("b", 3, 18.0));
        entries
            .push(Entry::new(Target::sidereal("c", 1.0, 2.0)?, SOURCE).with_data(vec![point("c", 1, 1.0)]));
        let saved = store.save_all(&entries).await?;
        self.same("few changes in a large batch are counted", &saved.data, &counts(2, 1, 11_099));
        self.same("a long light curve comes back whole", &store.reduced_data("a").await?.len(), &10_500);
        Ok(())
    }
}
