//! Parts of the contract on who owns a value: own ids, names, times, edits, what is corrected or deleted.

use super::*;
use crate::error::ErrorKind;
use crate::provenance::Provenance;
use crate::store::{Deletion, Outcome};
use crate::target::{Coordinates, Edit, Place, Word};

/// What a broker says of an object at an instant.
fn said(source: &str, id: &str, target: Target, micros: i64) -> Entry {
    let whose = Provenance::of_object(id).observed_at(Some(instant(micros)));
    Entry::new(target, source).with_provenance(whose)
}

fn at(name: &str, ra: f64) -> Result<Target> {
    Target::sidereal(name, ra, 2.0)
}

/// Every order of a few things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.len() < 2 {
        return vec![things.to_vec()];
    }
    let mut all = Vec::new();
    for n in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(n);
        for mut order in orders(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

impl Suite {
    async fn target_of(&self, name: &str) -> Result<Target> {
        let found = self.store.target(name).await?;
        Ok(found.unwrap_or(Target::non_sidereal("not there", NonSidereal::default())?))
    }

    pub(super) async fn own_ids(&mut self) -> Result<()> {
        let store = self.store.clone();
        self.save_one(said("TNS", "7", at("AT 2026abc", 1.0)?, 1)).await?;
        let changes = self.save_one(said("TNS", " 7 ", at("SN 2026abc", 1.0)?, 2)).await?;
        self.same("an own id finds the target under another name", &changes, &"updated");
        self.same("and none is made", &store.count_targets().await?, &1);
        let changes = self.save_one(said("Hermes", "7", at("x", 5.0)?, 2)).await?;
        self.same("the same id of another source is another object", &changes, &"created");
        let changes = self.save_one(said("Hermes", "8", at("7", 5.0)?, 2)).await?;
        self.same("an own id is no name", &changes, &"created");
        let saved = store.save_all(&[said("ALeRCE", "Z1", at("SN 2026abc", 1.0)?, 3)]).await?;
        self.same("a name joins what different sources say", &saved.outcomes(), &vec!["unchanged"]);
        let first = store.find("AT 2026abc").await?.map(|found| found.id);
        self.holds("a save tells the number", saved.targets.first().is_some_and(|t| t.id == first));
        let sightings = store.sightings(first.unwrap_or(TargetId(0))).await?;
        let sources: Vec<_> = sightings.iter().map(|s| (s.source.as_str(), s.object_id.as_str())).collect();
        self.same("each source's word is kept apart", &sources, &vec![("ALeRCE", "Z1"), ("TNS", "7")]);
        Ok(())
    }

    pub(super) async fn renames(&mut self) -> Result<()> {
        let store = self.store.clone();
        for (n, name) in ["AT 2026abc", "SN 2026abc", "TDE 2026abc"].into_iter().enumerate() {
            self.save_one(said("TNS", "7", at(name, 1.0)?, n as i64)).await?;
        }
        let target = self.target_of("AT 2026abc").await?;
        self.same("a renamed target has its new name", &target.name.as_str(), &"TDE 2026abc");
        self.same("and the old ones", &target.aliases, &vec!["AT 2026abc".into(), "SN 2026abc".into()]);
        self.save_one(said("TNS", "7", at("AT 2026abc", 1.0)?, 0)).await?;
        self.same("an older name takes nothing back", &self.target_of("SN 2026abc").await?, &target);
        for name in ["AT 2026abc", "SN 2026abc", "TDE 2026abc"] {
            let data = store.find(name).await?.map(|found| found.target.name);
            self.same("every name finds it", &data.as_deref(), &Some("TDE 2026abc"));
        }
        Ok(())
    }

    pub(super) async fn precedence(&mut self) -> Result<()> {
        let mut full = at("a", 1.0)?;
        if let Coordinates::Sidereal(place) = &mut full.coordinates {
            (place.distance, place.parallax, place.epoch) = (Some(10.0), Some(0.5), Some(2016.0));
        }
        self.save_one(said("TNS", "1", full.with_extra("class", "SN"), 5)).await?;
        let mut mean = said("ALeRCE", "Z1", at("a", 1.1)?.with_extra("class", "AGN"), 4);
        mean.provenance = mean.provenance.mean_of(Some(9));
        self.save_one(mean.clone()).await?;
        let target = self.target_of("a").await?;
        self.same("a mean position counts before a reported one", &target.position(), &Some((1.1, 2.0)));
        let Coordinates::Sidereal(place) = &target.coordinates else { return Ok(()) };
        self.same(
            "what one source alone says stays",
            &(place.distance, place.parallax),
            &(Some(10.0), Some(0.5)),
        );
        self.same("an epoch belongs to its position", &place.epoch, &None);
        let extra = |key: &str| target.extras.get(key).map(String::as_str);
        self.same(
            "extras are their source's",
            &(extra("tns_class"), extra("alerce_class")),
            &(Some("SN"), Some("AGN")),
        );
        let changes = self.save_one(mean.clone()).await?;
        self.same("what is said again changes nothing", &changes, &"unchanged");
        let older = said("ALeRCE", "Z1", at("a", 1.3)?.with_extra("class", "star").with_extra("new", 1), 3);
        self.save_one(older).await?;
        let target = self.target_of("a").await?;
        self.same("an older value replaces no newer one", &target.position(), &Some((1.1, 2.0)));
        let extra = |key: &str| target.extras.get(key).map(String::as_str);
        self.same("nor an extra", &(extra("alerce_class"), extra("alerce_new")), &(Some("AGN"), Some("1")));
        Ok(())
    }

    pub(super) async fn orders(&mut self) -> Result<()> {
        let store = self.store.clone();
        let entries = |n: usize| -> Result<Vec<Entry>> {
            let (name, ztf) = (format!("SN#{n}#"), format!("Z#{n}#"));
            let with = |target: Target| target.with_alias(&name);
            let mut mean = said("ALeRCE", "Z", with(at(&ztf, 1.5)?.with_extra("class", "SN")), 1);
            mean.provenance = Provenance::of_object(&ztf).observed_at(Some(instant(1))).mean_of(Some(3));
            let mut score = said("ALeRCE", "Z", with(at(&ztf, 1.5)?.with_extra("class", "AGN")), 1);
            (score.provenance, score.score) = (mean.provenance.clone(), Some(0.9));
            let older = said("TNS", &n.to_string(), at(&name, 1.0)?.with_extra("type", "AT"), 1);
            let newer = said("TNS", &n.to_string(), at(&name, 1.2)?.with_extra("type", "SN"), 2);
            Ok(vec![mean, score, older, newer])
        };
        let all = orders(&[0, 1, 2, 3]);
        let mut first: Option<Target> = None;
        for (n, order) in all.iter().enumerate() {
            let entries = entries(n)?;
            // Half of them in one save, the others one by one.
            let ordered: Vec<_> = order.iter().filter_map(|place| entries.get(*place)).cloned().collect();
            match n % 2 {
                0 => drop(store.save_all(&ordered).await?),
                _ => {
                    for entry in &ordered {
                        store.save_all(std::slice::from_ref(entry)).await?;
                    }
                }
            }
            let mut target = self.target_of(&format!("Z#{n}#")).await?;
            let again = store.save_all(&ordered).await?.outcomes();
            self.same("saved again in any order, nothing changes", &again, &vec!["unchanged"; ordered.len()]);
            target.name = target.name.replace(&format!("#{n}#"), "");
            target.aliases.iter_mut().for_each(|alias| *alias = alias.replace(&format!("#{n}#"), ""));
            let ought = first.get_or_insert_with(|| target.clone()).clone();
            self.same("the order of saving makes no difference", &target, &ought);
        }
        self.same("each object is one target", &store.count_targets().await?, &(all.len() as u64));
        Ok(())
    }

    pub(super) async fn untimed(&mut self) -> Result<()> {
        let entry = |extra: i32, run: i64| {
            let mut entry = Entry::new(at("a", 1.0)?.with_extra("mag", extra), "SCIMMA");
            entry.run = Some(instant(run));
            Ok::<_, crate::Error>(entry)
        };
        let store = self.store.clone();
        store.save_all(&[entry(17, 5)?, entry(19, 5)?]).await?;
        let mag = |target: Target| target.extras.get("scimma_mag").cloned();
        self.same(
            "of rows without a time the first listed stays",
            &mag(self.target_of("a").await?),
            &Some("17".into()),
        );
        self.save_one(entry(20, 5)?).await?;
        self.same("also when the run goes on", &mag(self.target_of("a").await?), &Some("17".into()));
        let changes = store.save_all(&[entry(17, 9)?, entry(19, 9)?]).await?.outcomes();
        self.same("a second run changes nothing", &changes, &vec!["unchanged"; 2]);
        self.save_one(entry(16, 10)?).await?;
        self.same(
            "a later run that says otherwise does",
            &mag(self.target_of("a").await?),
            &Some("16".into()),
        );
        Ok(())
    }

    pub(super) async fn motion(&mut self) -> Result<()> {
        let scheme = Scheme::MinorPlanet { mean_anomaly: 1.0, semimajor_axis: 2.7 };
        let body =
            NonSidereal { elements: Some(orbit(scheme)), abs_mag: Some(17.3), ..NonSidereal::default() };
        let with = Target::non_sidereal("P1", body.clone())?;
        self.save_one(said("Scout", "P1", with.clone(), 1)).await?;
        let bare = Target::non_sidereal("P1", NonSidereal::default())?;
        self.save_one(said("Scout", "P1", bare, 2)).await?;
        self.same("an orbit is replaced by an orbit alone", &self.target_of("P1").await?, &with);
        self.save_one(said("ANTARES", "A", at("P1", 4.0)?, 3)).await?;
        let target = self.target_of("P1").await?;
        self.same("what moves stays so", &target.target_type(), &"NON_SIDEREAL");
        self.same("with the position that is known of it", &target.position(), &Some((4.0, 2.0)));
        let Coordinates::NonSidereal(orbit) = &target.coordinates else { return Ok(()) };
        self.same("and its orbit", &orbit.elements, &body.elements);
        Ok(())
    }

    pub(super) async fn bridges(&mut self) -> Result<()> {
        let store = self.store.clone();
        self.save_one(said("A", "1", at("one", 1.0)?, 1)).await?;
        self.save_one(said("B", "2", at("two", 1.0)?, 1)).await?;
        let bridge = said("C", "3", at("three", 1.0)?.with_alias("one").with_alias("two"), 1);
        let saved = store.save_all(std::slice::from_ref(&bridge)).await?;
        let first = store.find("one").await?.map(|found| found.id);
        let second = store.find("two").await?.map(|found| found.id);
        let target = saved.targets.first();
        self.holds("what joins two targets goes to the lower number", target.is_some_and(|t| t.id == first));
        let with = target.and_then(|t| t.conflict.as_ref()).map(|c| c.with.clone());
        self.same("with a conflict", &with, &second.map(|id| vec![id]));
        self.same("and neither loses a name", &store.count_targets().await?, &2);
        let own = said("B", "2", at("two", 1.0)?.with_alias("one"), 2);
        let saved = store.save_all(&[own]).await?;
        self.holds("the source's own id counts first", saved.targets.first().is_some_and(|t| t.id == second));
        let aliases = self.target_of("two").await?.aliases;
        self.holds("a name of another target is no alias", !aliases.contains(&"one".to_owned()));
        let again = store.save_all(std::slice::from_ref(&bridge)).await?.outcomes();
        self.same("saved again it changes nothing", &again, &vec!["unchanged"]);
        Ok(())
    }

    pub(super) async fn refusals(&mut self) -> Result<()> {
        let store = self.store.clone();
        let plain = |name: &str| Ok::<_, crate::Error>(Entry::new(Target::sidereal(name, 1.0, 2.0)?, SOURCE));
        let mut unnamed = plain("x")?;
        unnamed.target.name = " ".into();
        let mut beyond = plain("x")?;
        beyond.target.coordinates = Coordinates::Sidereal(Sidereal { dec: 90.5, ..Sidereal::default() });
        let infinite = Photometry { flux: Some(f64::INFINITY), ..Photometry::default() };
        let nowhere = Astrometry { ra: f64::NAN, ..Astrometry::default() };
        let faulty = [
            ("an empty name", unnamed),
            ("a declination beyond the pole", beyond),
            ("a magnitude that is NaN", plain("x")?.with_data(vec![point("x", 1, f64::NAN)])),
            ("an infinite flux", plain("x")?.with_data(vec![datum("x", 1, infinite.into())])),
            ("a position that is NaN", plain("x")?.with_data(vec![datum("x", 1, nowhere.into())])),
            (
                "a probability that is NaN",
                plain("x")?.with_classifications(vec![class("lc", None, "SN", f64::NAN)]),
            ),
            ("a NUL in a name", plain("x\0y")?),
            ("the source of users", Entry { source: "user".into(), ..plain("x")? }),
            ("the source of earlier versions", Entry { source: "earlier".into(), ..plain("x")? }),
            ("no source", Entry { source: String::new(), ..plain("x")? }),
        ];
        for (n, (what, bad)) in faulty.into_iter().enumerate() {
            let (one, two) = (format!("a{n}"), format!("b{n}"));
            let good = plain(&one)?.with_data(vec![point(&one, 1, 18.0)]);
            let saved = store.save_all(&[good, bad, plain(&two)?]).await?;
            let outcomes = vec!["created", "refused", "created"];
            self.same(format!("{what} is refused alone"), &saved.outcomes(), &outcomes);
            let kind = saved.targets.get(1).and_then(|target| match &target.outcome {
                Outcome::Refused(error) => Some(error.kind()),
                _ => None,
            });
            self.same(format!("{what} is a fault of the input"), &kind, &Some(ErrorKind::Input));
            self.same(format!("{what} saves nothing"), &store.find("x").await?, &None);
            self.same(
                format!("{what} keeps no data from others"),
                &store.reduced_data(&one).await?.len(),
                &1,
            );
        }
        Ok(())
    }

    pub(super) async fn saving_data(&mut self) -> Result<()> {
        let store = self.store.clone();
        self.save_one(said("TNS", "1", at("a", 1.0)?, 1)).await?;
        let before = store.find("a").await?;
        let mut old = at("a", 9.0)?.with_extra("stale", 1).with_alias("stale");
        old.extras.insert("tns_class".into(), "old".into());
        let entry = Entry::of_data(old, "ALeRCE", vec![point("a", 1, 18.0)]);
        let saved = store.save_all(&[entry]).await?;
        self.same("saving data does not touch the target", &saved.outcomes(), &vec!["unchanged"]);
        self.same("it reads as before", &store.find("a").await?, &before);
        self.same("nor does it claim a name", &store.find("stale").await?, &None);
        self.same("the data are saved", &saved.data, &counts(1, 0, 0));
        let entry = Entry::of_data(at("b", 9.0)?, "ALeRCE", vec![point("b", 1, 18.0)]);
        self.same("a target that lacks is made", &self.save_one(entry).await?, &"created");
        let mut entry = said("ALeRCE", "Z9", at("c", 9.0)?, 1);
        entry.fetched = Some(instant(77));
        self.save_one(entry).await?;
        let fetched = store.fetched("ALeRCE", "Z9").await?;
        self.same("when data were fetched is kept", &fetched, &Some(instant(77)));
        self.same("by source", &store.fetched("TNS", "Z9").await?, &None);
        Ok(())
    }

    pub(super) async fn editing(&mut self) -> Result<()> {
        let store = self.store.clone();
        self.save_one(said("TNS", "1", at("a", 1.0)?.with_extra("class", "SN"), 1)).await?;
        self.save_one(said("TNS", "2", at("other", 1.0)?, 1)).await?;
        let Some(found) = store.find("a").await? else { return Ok(()) };
        let mut edit = Edit { name: Some(Word::Set("mine".into())), ..Edit::default() };
        edit.position = Some(Word::Set(Place::new(3.0, 4.0)));
        edit.numbers.insert("distance".into(), Word::Set(AWKWARD));
        edit.extras.insert("tns_class".into(), Word::Clear);
        edit.extras.insert("priority".into(), Word::Set("high".into()));
        let edited = match store.edit(found.id, &edit).await {
            Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(()),
            edited => edited?,
        };
        let Some(edited) = edited else {
            self.holds("a target that is there can be edited", false);
            return Ok(());
        };
        self.same("a user's name counts first", &edited.target.name.as_str(), &"mine");
        self.same("and position", &edited.target.position(), &Some((3.0, 4.0)));
        let extras: Vec<_> = edited.target.extras.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.same("a cleared extra is gone", &extras, &vec![("priority", "high")]);
        self.same("a target is found by its old name too", &store.find("a").await?, &Some(edited.clone()));
        self.save_one(said("TNS", "1", at("a", 1.5)?.with_extra("class", "AGN"), 9)).await?;
        self.same("no source overwrites an edit", &self.target_of("mine").await?, &edited.target);
        let mut undo = Edit::default();
        (undo.position, undo.name) = (Some(Word::Unset), Some(Word::Unset));
        undo.numbers.insert("distance".into(), Word::Unset);
        undo.extras.insert("tns_class".into(), Word::Unset);
        undo.extras.insert("priority".into(), Word::Unset);
        store.edit(found.id, &undo).await?;
        let ought = at("a", 1.5)?.with_extra("tns_class", "AGN");
        self.same("what is unset comes back from the sources", &self.target_of("a").await?, &ought);
        let taken = Edit { name: Some(Word::Set("other".into())), ..Edit::default() };
        let kind = store.edit(found.id, &taken).await.err().map(|error| error.kind());
        self.same("the name of another target is refused", &kind, &Some(ErrorKind::Input));
        let nowhere = Edit { position: Some(Word::Clear), ..Edit::default() };
        let kind = store.edit(found.id, &nowhere).await.err().map(|error| error.kind());
        self.same("a fixed target without a position is refused", &kind, &Some(ErrorKind::Input));
        self.same("a refused edit changes nothing", &self.target_of("a").await?, &ought);
        self.same("no target, no edit", &store.edit(TargetId(99), &Edit::default()).await?, &None);
        Ok(())
    }

    pub(super) async fn corrections(&mut self) -> Result<()> {
        let store = self.store.clone();
        let save = async |data: Vec<ReducedDatum>| {
            store.save_all(&[Entry::new(at("a", 1.0)?, SOURCE).with_data(data)]).await
        };
        let limit = Photometry { filter: "g".into(), limit: Some(20.0), ..Photometry::default() };
        let limit = datum("a", 1, limit.into());
        save(vec![point("a", 1, 18.0), point("a", 2, 18.0)]).await?;
        self.same("a corrected value is an update", &save(vec![limit.clone()]).await?.data, &counts(0, 1, 0));
        let data = store.reduced_data("a").await?;
        self.same("a detection may turn into a limit", &data, &vec![limit.clone(), point("a", 2, 18.0)]);
        save(vec![point("a", 1, 19.0)]).await?;
        let id = store.find("a").await?.map_or(TargetId(0), |found| found.id);
        let old: Vec<_> = store.history(id).await?.data.into_iter().map(|old| old.value).collect();
        self.same(
            "what was corrected is kept, the first first",
            &old,
            &vec![point("a", 1, 18.0), limit.clone()],
        );
        let saved =
            save(vec![limit.clone(), point("a", 3, 18.0), datum("a", 3, limit.value.clone())]).await?;
        self.same("of one save a detection counts before a limit", &saved.data, &counts(1, 1, 0));
        let found = store.reduced_data("a").await?;
        self.holds("and stays", found.contains(&point("a", 3, 18.0)));
        let classes = async |probability: f64| {
            let classes = vec![class("lc", Some("1"), "SN", probability)];
            store.save_all(&[Entry::new(at("a", 1.0)?, SOURCE).with_classifications(classes)]).await
        };
        classes(0.5).await?;
        self.same(
            "a changed probability is an update",
            &classes(0.7).await?.classifications,
            &counts(0, 1, 0),
        );
        let old = store.history(id).await?.classifications;
        let old: Vec<_> = old.iter().map(|old| old.value.classification.probability).collect();
        self.same("and the old one is kept", &old, &vec![Some(0.5)]);
        Ok(())
    }

    pub(super) async fn older_classes(&mut self) -> Result<()> {
        let store = self.store.clone();
        let save = async |time: i64, name: &str, probability: f64| {
            let classes = vec![class("lc", None, name, probability)];
            let entry = said("TNS", "1", at("a", 1.0)?, time).with_classifications(classes);
            Ok::<_, crate::Error>(store.save_all(&[entry]).await?.classifications)
        };
        save(5, "SN", 0.5).await?;
        self.same("a later alert corrects a class", &save(6, "SN", 0.6).await?, &counts(0, 1, 0));
        self.same("an older alert corrects none", &save(4, "SN", 0.4).await?, &counts(0, 0, 1));
        self.same("it may bring another", &save(4, "AGN", 0.1).await?, &counts(1, 0, 0));
        let both = [said("TNS", "1", at("a", 1.0)?, 7), said("TNS", "1", at("a", 1.0)?, 3)];
        let classes = [0.7, 0.3].map(|p| vec![class("lc", None, "SN", p)]);
        let both: Vec<_> = both
            .into_iter()
            .zip(classes)
            .map(|(entry, classes)| entry.with_classifications(classes))
            .collect();
        store.save_all(&both).await?;
        let found = store.classifications("a").await?;
        let found: Vec<_> =
            found.iter().map(|c| (c.classification.class.as_str(), c.classification.probability)).collect();
        self.same("also within one save", &found, &vec![("AGN", Some(0.1)), ("SN", Some(0.7))]);
        let message = |time: i64, magnitude: f64| {
            let entry = said("TNS", "m", at("m", 1.0)?, time).with_data(vec![point("m", 1, magnitude)]);
            let whose = entry.provenance.clone().with_own_data();
            Ok::<_, crate::Error>(entry.with_provenance(whose))
        };
        store.save_all(&[message(6, 18.2)?, message(5, 18.0)?]).await?;
        let data = store.reduced_data("m").await?;
        self.same("points of an older message correct none", &data, &vec![point("m", 1, 18.2)]);
        let older = store.save_all(&[message(4, 17.0)?]).await?.data;
        self.same("also in another save", &older, &counts(0, 0, 1));
        let newer = store.save_all(&[message(7, 18.3)?]).await?.data;
        self.same("those of a newer one do", &newer, &counts(0, 1, 0));
        Ok(())
    }

    pub(super) async fn spellings(&mut self) -> Result<()> {
        let store = self.store.clone();
        let entry =
            said("TNS", "1", at("AT 2026abc", 1.0)?.with_alias("AT 2026abc ").with_alias("AT  2026abc"), 1);
        let saved = store.save_all(std::slice::from_ref(&entry)).await?.outcomes();
        self.same("two spellings of one name are one", &saved, &vec!["created"]);
        let again = store.save_all(&[entry]).await?.outcomes();
        self.same("also again", &again, &vec!["unchanged"]);
        if store.guarantees().deletes
            && let Some(found) = store.find("AT 2026abc").await?
        {
            let mut edit = Edit { name: Some(Word::Set("X".into())), ..Edit::default() };
            edit.aliases.insert("X".into());
            edit.aliases.insert("X ".into());
            self.holds("an edit may give a name twice", store.edit(found.id, &edit).await.is_ok());
            let nan = Edit { numbers: [("abs_mag".into(), Word::Set(f64::NAN))].into(), ..Edit::default() };
            self.holds("no number of an edit is NaN", store.edit(found.id, &nan).await.is_err());
            self.holds("and the target can be read", store.find("X").await?.is_some());
        }
        Ok(())
    }

    pub(super) async fn withdrawals(&mut self) -> Result<()> {
        let store = self.store.clone();
        let save = async |data: Vec<ReducedDatum>| {
            store.save_all(&[Entry::new(at("a", 1.0)?, SOURCE).with_data(data)]).await
        };
        let back = |micros: i64| ReducedDatum { withdrawn: Some(instant(99)), ..point("a", micros, 18.0) };
        save(vec![point("a", 1, 18.0), point("a", 2, 18.0)]).await?;
        self.same("a withdrawn row is an update", &save(vec![back(1)]).await?.data, &counts(0, 1, 0));
        let data = store.reduced_data("a").await?;
        self.same("and is no measurement any more", &data, &vec![point("a", 2, 18.0)]);
        let again = save(vec![point("a", 1, 18.0), back(1)]).await?.data;
        self.same("it stays withdrawn, whatever comes", &again, &counts(0, 0, 1));
        self.same("also by itself", &save(vec![point("a", 1, 17.0)]).await?.data, &counts(0, 0, 1));
        save(vec![back(3)]).await?;
        save(vec![point("a", 3, 18.0)]).await?;
        let data = store.reduced_data("a").await?;
        self.same("also when it was withdrawn before it came", &data, &vec![point("a", 2, 18.0)]);
        let id = store.find("a").await?.map_or(TargetId(0), |found| found.id);
        let withdrawn = store.history(id).await?.withdrawn;
        self.same("what was withdrawn is in the history", &withdrawn, &vec![back(1), back(3)]);
        Ok(())
    }

    pub(super) async fn deleting(&mut self) -> Result<()> {
        let store = self.store.clone();
        let entry = |n: i64| {
            let entry =
                said("TNS", &n.to_string(), at(&format!("t{n}"), 1.0)?.with_alias(format!("a{n}")), 1);
            let data = vec![point("t", 1, 18.0), point("t", 2, 18.0)];
            Ok::<_, crate::Error>(
                entry.with_data(data).with_classifications(vec![class("lc", None, "SN", 0.1)]),
            )
        };
        store.save_all(&[entry(1)?, entry(2)?]).await?;
        let id = async |name: &str| Ok::<_, crate::Error>(store.find(name).await?.map(|found| found.id));
        let (first, second) = (id("t1").await?, id("t2").await?);
        let (Some(one), Some(two)) = (first, second) else { return Ok(()) };
        self.same("deleting says so", &store.delete(two, Deletion::Forget).await?, &true);
        self.same("nothing twice", &store.delete(two, Deletion::Forget).await?, &false);
        self.same("a deleted target is gone", &store.find("a2").await?, &None);
        self.holds("with its data", store.reduced_data("t2").await?.is_empty());
        self.same("a forgotten target is made anew", &self.save_one(entry(2)?).await?, &"created");
        self.holds("under another number", id("t2").await?.is_some_and(|new| new > two));
        store.delete(one, Deletion::Ignore).await?;
        self.same("an ignored target is not made again", &self.save_one(entry(1)?).await?, &"ignored");
        let renamed = said("TNS", "1", at("another name", 1.0)?, 1);
        self.same("by its own id neither", &self.save_one(renamed).await?, &"ignored");
        let by_alias = said("Hermes", "9", at("a1", 1.0)?, 1);
        self.same("nor by another name", &self.save_one(by_alias).await?, &"ignored");
        self.same("one target is left", &store.count_targets().await?, &1);
        Ok(())
    }
}
