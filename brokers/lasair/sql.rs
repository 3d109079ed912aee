//! The parts of a query: what the service refuses is told before a call is spent on it.

use super::facts::{Facts, Parts};

/// The longest `selected` and `conditions`.
const LONGEST: usize = 4096;
/// The longest `tables`.
const LONGEST_TABLES: usize = 1024;

/// Signs that the service refuses, and the one that it does not know: MySQL takes what follows `--` for a
/// comment, with the order and the limit behind it.
const SIGNS: [&str; 7] = ["#", "--", "/*", "*/", ";", "||", "\\"];
/// What ends the conditions proper: the first words of the clauses that may follow them.
const CLAUSES: [&str; 3] = ["group", "having", "order"];
const NOT_SELECTED: [&str; 9] =
    ["create", "select", "from", "where", "join", "inner", "outer", "with", "sleep"];
const NO_CONDITION: [&str; 9] =
    ["create", "select", "union", "exists", "window", "for", "into", "outfile", "dumpfile"];

/// Joined tables with the columns that a packet is made of.
const SHERLOCK: &str = "sherlock_classifications";
const SHERLOCK_COLUMNS: [&str; 8] = [
    "classification",
    "association_type",
    "catalogue_table_name",
    "catalogue_object_id",
    "separationArcsec",
    "photoZ",
    "description",
    "z",
];
const TNS: &str = "crossmatch_tns";
const TNS_COLUMNS: [&str; 5] = ["tns_prefix", "tns_name", "disc_int_name", "type", "z"];

/// The condition that an object is one of these. Ids were checked for their shape before.
pub(super) fn one_of<'a>(facts: &Facts, ids: impl Iterator<Item = &'a str>) -> String {
    let quote = facts.quote;
    let ids: Vec<_> = ids.map(|id| format!("{quote}{id}{quote}")).collect();
    format!("{} IN ({})", facts.id_column(), ids.join(","))
}

/// The columns of `objects` that a packet is made of, and of Sherlock's table where it is joined.
pub(super) fn columns(facts: &Facts, parts: Parts) -> String {
    let mut all = vec![facts.id_column()];
    all.extend(facts.columns.iter().map(|column| format!("objects.{column}")));
    if parts.sherlock {
        all.extend(SHERLOCK_COLUMNS.iter().map(|column| format!("{SHERLOCK}.{column}")));
    }
    if parts.tns {
        // Two columns of one name would become one key; Sherlock's redshift goes before.
        let mine = TNS_COLUMNS.iter().filter(|column| !(parts.sherlock && **column == "z"));
        let known = |column: &&&str| !facts.columns.contains(column);
        all.extend(mine.filter(known).map(|column| format!("{TNS}.{column}")));
    }
    all.join(", ")
}

/// The columns of an object's TNS entry.
pub(super) fn tns_columns(facts: &Facts) -> String {
    let own = TNS_COLUMNS.iter().map(|column| format!("{TNS}.{column}"));
    std::iter::once(facts.id_column()).chain(own).collect::<Vec<_>>().join(", ")
}

/// What the columns of a row mean, as far as the tables say so without doubt.
pub(super) fn parts(tables: &[String]) -> Parts {
    let has = |name: &str| tables.iter().any(|table| table.eq_ignore_ascii_case(name));
    let annotated = tables.iter().any(|table| table.to_ascii_lowercase().starts_with("annotator:"));
    // An annotator's table has a `classification` too.
    Parts { sherlock: has(SHERLOCK) && !annotated, tns: has(TNS) }
}

/// Table lists as the service wants them; `objects` is always part of it.
pub(super) fn tables(tables: &[String]) -> String {
    let mut all = vec!["objects".to_owned()];
    for table in tables.iter().map(|table| table.trim().to_ascii_lowercase()) {
        if !table.is_empty() && !all.contains(&table) {
            all.push(table);
        }
    }
    all.join(",")
}

pub(super) const WITH_SHERLOCK: &str = "objects,sherlock_classifications";
pub(super) const WITH_TNS: &str = "objects,crossmatch_tns";

/// The conditions with an order that leaves no two rows alike, which pages need.
pub(super) fn ordered(facts: &Facts, conditions: &str) -> String {
    let conditions = enclosed(conditions);
    if has_order(&conditions) {
        return format!("{conditions}, {}", facts.id_column());
    }
    let gap = if conditions.is_empty() { "" } else { " " };
    format!("{conditions}{gap}ORDER BY {}", facts.id_column())
}

/// The conditions in parentheses, what follows them behind: the service writes them behind an `AND` with
/// the joins of its tables, which an `OR` would take apart.
pub(super) fn enclosed(conditions: &str) -> String {
    let (proper, rest) = conditions.split_at(clauses(conditions));
    match (proper.trim(), rest.trim()) {
        ("", rest) => rest.to_owned(),
        (proper, "") => format!("({proper})"),
        (proper, rest) => format!("({proper}) {rest}"),
    }
}

fn has_order(conditions: &str) -> bool {
    let mut last = "";
    outer_words(conditions).any(|(_, word)| {
        let before = std::mem::replace(&mut last, word);
        before.eq_ignore_ascii_case("order") && word.eq_ignore_ascii_case("by")
    })
}

/// Where the clauses behind the conditions begin.
fn clauses(conditions: &str) -> usize {
    let clause = |word: &str| CLAUSES.iter().any(|known| word.eq_ignore_ascii_case(known));
    let first = outer_words(conditions).find(|(_, word)| clause(word));
    first.map_or(conditions.len(), |(at, _)| at)
}

/// The words outside of texts and parentheses, with their places.
fn outer_words(conditions: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut outer = Outer::default();
    let mut begin = None;
    let ends = conditions.char_indices().chain([(conditions.len(), ' ')]);
    ends.filter_map(move |(at, letter)| {
        let part = (letter.is_alphanumeric() || "_.".contains(letter)) && outer.is_outside();
        outer.pass(letter);
        match (begin, part) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                begin = None;
                return Some((from, &conditions[from..at]));
            }
            _ => {}
        }
        None
    })
}

/// Where one stands in conditions: in a text, in parentheses, or outside of both.
#[derive(Default)]
struct Outer {
    quote: Option<char>,
    depth: u32,
    /// A parenthesis was closed that none had opened.
    beyond: bool,
}

impl Outer {
    fn is_outside(&self) -> bool {
        self.quote.is_none() && self.depth == 0
    }

    fn pass(&mut self, letter: char) {
        match (self.quote, letter) {
            (Some(quote), letter) if quote == letter => self.quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => self.quote = Some(letter),
            (None, '(') => self.depth += 1,
            (None, ')') => match self.depth.checked_sub(1) {
                Some(depth) => self.depth = depth,
                None => self.beyond = true,
            },
            _ => {}
        }
    }
}

/// Why these conditions cannot stand in parentheses.
fn open_fault(conditions: &str) -> Option<&'static str> {
    let mut outer = Outer::default();
    conditions.chars().for_each(|letter| outer.pass(letter));
    if outer.quote.is_some() {
        return Some("a quotation mark is not closed");
    }
    (outer.beyond || outer.depth > 0).then_some("the parentheses do not match")
}

fn word_in<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let own: Vec<_> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    words.iter().copied().find(|word| own.iter().any(|mine| mine.eq_ignore_ascii_case(word)))
}

fn sign_in(text: &str) -> Option<&'static str> {
    SIGNS.into_iter().find(|sign| text.contains(sign))
}

/// Why the service would refuse the columns.
pub(super) fn selected_fault(selected: &str) -> Option<String> {
    if selected.len() > LONGEST - 64 {
        return Some(format!("at most {} characters", LONGEST - 64));
    }
    let refused = sign_in(selected).or_else(|| word_in(selected, &NOT_SELECTED));
    refused.map(|what| format!("Lasair refuses `{what}` among the columns"))
}

/// Why the service would refuse the conditions.
pub(super) fn conditions_fault(facts: &Facts, conditions: &str) -> Option<String> {
    let longest = LONGEST - "() ORDER BY ".len() - facts.id_column().len();
    if conditions.len() > longest {
        return Some(format!("at most {longest} characters"));
    }
    for field in ["limit", "offset"] {
        // The service looks for the small letters, wherever they are.
        if conditions.contains(field) || word_in(conditions, &[field]).is_some() {
            return Some(format!("Lasair refuses `{field}` in conditions; the field {field} is for that"));
        }
    }
    let refused = sign_in(conditions).or_else(|| word_in(conditions, &NO_CONDITION));
    let refused = refused.map(|what| format!("Lasair refuses `{what}` in conditions"));
    refused.or_else(|| open_fault(conditions).map(str::to_owned))
}

/// Why a table is none: the service ignores those silently.
pub(super) fn table_fault(facts: &Facts, table: &str) -> Option<String> {
    let table = table.trim().to_ascii_lowercase();
    let (word, rest) = match table.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (table.as_str(), None),
    };
    let numbers = |rest: &str| {
        !rest.is_empty() && rest.split('&').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let topics = |rest: &str| {
        let sound = |topic: &str| {
            !topic.is_empty() && topic.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        rest.split('&').all(sound)
    };
    let numbered = |word: &str| ["watchlist", "area"].contains(&word) || facts.table_words.contains(&word);
    let sound = match (word, rest) {
        ("objects" | SHERLOCK | TNS, None) => true,
        ("annotator", Some(rest)) => topics(rest),
        (word, Some(rest)) if word.starts_with("watchlist") && numbered(word) => {
            numbers(rest) && !rest.contains('&')
        }
        (word, Some(rest)) if numbered(word) => numbers(rest),
        _ => false,
    };
    if sound {
        return None;
    }
    let known = [SHERLOCK, TNS, "watchlist:<n>", "area:<n>", "annotator:<topic>"];
    Some(format!("{table} is no table of Lasair; there are {}", known.join(", ")))
}

/// Why these tables do not go together, or lack one that the texts name.
pub(super) fn tables_fault(tables: &[String], texts: &[&str]) -> Option<String> {
    let lower: Vec<_> = tables.iter().map(|table| table.trim().to_ascii_lowercase()).collect();
    if lower.iter().map(|table| table.len() + 1).sum::<usize>() + "objects".len() > LONGEST_TABLES {
        return Some(format!("at most {LONGEST_TABLES} characters"));
    }
    let has = |name: &str| lower.iter().any(|table| table == name);
    if has(TNS) && lower.iter().any(|table| table.starts_with("watchlist")) {
        return Some(format!("{TNS} and a watchlist do not go together"));
    }
    let needs = |name: &&str| !has(name) && texts.iter().any(|text| text.contains(&format!("{name}.")));
    let lacking = [SHERLOCK, TNS].into_iter().find(|name| needs(name))?;
    Some(format!("the columns of {lacking} need it here"))
}

#[cfg(test)]
mod tests {
    use super::super::survey::LasairSurvey;
    use super::super::{Lsst, Ztf};
    use super::*;

    #[test]
    fn a_full_batch_of_ids_fits_into_the_conditions() {
        for (facts, id) in [(Ztf::FACTS, "ZTF20aaelulu"), (Lsst::FACTS, "9223372036854775807")] {
            let conditions = one_of(facts, std::iter::repeat_n(id, facts.batch.min(200)));
            assert!(conditions.len() <= LONGEST, "{}", conditions.len());
        }
        let parts = Parts { sherlock: true, tns: true };
        assert!(columns(Lsst::FACTS, parts).len() <= LONGEST);
    }

    #[test]
    fn an_order_is_added_where_none_is() {
        let id = "ORDER BY objects.objectId";
        assert_eq!(ordered(Ztf::FACTS, " gmag < 12 "), format!("(gmag < 12) {id}"));
        assert_eq!(ordered(Ztf::FACTS, ""), id);
        // Rows that are alike by the order asked for could change places between two pages.
        let own = "gmag < 12 order  by ncand DESC";
        assert_eq!(ordered(Ztf::FACTS, own), "(gmag < 12) order  by ncand DESC, objects.objectId");
        assert_eq!(ordered(Ztf::FACTS, "ORDER BY ncand"), "ORDER BY ncand, objects.objectId");
    }

    #[test]
    fn conditions_stand_in_parentheses_and_the_clauses_behind_them() {
        for (given, sent) in [
            ("", ""),
            ("a < 1 OR b < 2", "(a < 1 OR b < 2)"),
            ("a OR (b GROUP BY c) order by d", "(a OR (b GROUP BY c)) order by d"),
            ("a = 'x order by y' OR b", "(a = 'x order by y' OR b)"),
            ("a GROUP BY b HAVING c ORDER BY d", "(a) GROUP BY b HAVING c ORDER BY d"),
            ("having_x = 1 AND t.order = 2", "(having_x = 1 AND t.order = 2)"),
            ("é = \"(\" OR b", "(é = \"(\" OR b)"),
        ] {
            assert_eq!(enclosed(given), sent);
        }
        for (given, fault) in [
            ("a) OR (b", Some("the parentheses do not match")),
            ("(a", Some("the parentheses do not match")),
            ("a = 'b", Some("a quotation mark is not closed")),
            ("a -- b", Some("Lasair refuses `--` in conditions")),
            ("(a = ')') OR b - -1 > 0", None),
        ] {
            assert_eq!(conditions_fault(Ztf::FACTS, given).as_deref(), fault, "{given}");
        }
        assert_eq!(selected_fault("gmag -- x").as_deref(), Some("Lasair refuses `--` among the columns"));
    }

    #[test]
    fn two_redshifts_do_not_become_one() {
        let both = columns(Ztf::FACTS, Parts { sherlock: true, tns: true });
        assert!(both.contains("sherlock_classifications.z") && !both.contains("crossmatch_tns.z"), "{both}");
        let alone = columns(Ztf::FACTS, Parts { sherlock: false, tns: true });
        assert!(alone.ends_with("crossmatch_tns.type, crossmatch_tns.z"), "{alone}");
    }
}
