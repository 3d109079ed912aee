//! Objects in tables: the staging files, zipped or not, and the web search as CSV.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use super::names;
use super::packet::{Group, MagFilter, Named, TnsPacket};
use crate::plugin::*;

/// More than the file of all objects unpacks to; a small file must not fill the memory.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;

/// A table with what is to be said of it.
#[derive(Debug)]
pub(super) struct Table {
    /// The rows; one that cannot be read is an error in its place.
    pub(super) rows: Vec<Result<TnsPacket>>,
    /// Cells that were left out, and letters that were replaced.
    pub(super) notes: Vec<String>,
    /// The first time above the heading: the period of a staging file begins then.
    pub(super) period: Option<DateTime<Utc>>,
}

/// The rows of a table by the names of its columns, which grow over time; a row that cannot be read
/// is an error in its place. Lines above the heading are passed over.
///
/// The staging files have coordinates in degrees, the web search sexagesimal ones. Bytes that are not
/// UTF-8 are replaced by `U+FFFD`; cells that hold no number where one is due are left out, but for those
/// of the position.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is no heading.
pub fn read_table(table: impl AsRef<[u8]>) -> Result<Vec<Result<TnsPacket>>> {
    Ok(read(table.as_ref())?.rows)
}

/// The same, with what is to be said of it.
pub(super) fn read(table: &[u8]) -> Result<Table> {
    /// Lines above the heading: the period of a file.
    const MOST_ABOVE: usize = 4;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table);
    let mut record = csv::ByteRecord::new();
    let (mut columns, mut period) = (None, None);
    for _ in 0..=MOST_ABOVE {
        if !reader.read_byte_record(&mut record).map_err(|e| unreadable(&e))? {
            break;
        }
        let line = csv::StringRecord::from_byte_record_lossy(record.clone());
        columns = Columns::of(&line);
        if columns.is_some() {
            break;
        }
        period = period.or_else(|| line.iter().find_map(time::parse_utc));
    }
    let Some(columns) = columns else {
        return Err(Error::new(ErrorKind::Unreadable, "the table has no heading with the column of names"));
    };
    let (mut rows, mut odd, mut replaced) = (Vec::new(), Vec::new(), 0_usize);
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                replaced += usize::from(std::str::from_utf8(record.as_slice()).is_err());
                let row = csv::StringRecord::from_byte_record_lossy(record.clone());
                rows.push(columns.packet(&row, rows.len() + 1, &mut odd));
            }
            Err(error) => {
                rows.push(Err(unreadable(&error)));
                if reader.is_done() {
                    break;
                }
            }
        }
    }
    let mut notes = unread_sums("the table", odd);
    if replaced > 0 {
        let row = if replaced == 1 { "1 row" } else { &format!("{replaced} rows") };
        notes.push(format!("{row} of the table held bytes that are not UTF-8; each is replaced by U+FFFD"));
    }
    Ok(Table { rows, notes, period })
}

fn unreadable(error: &csv::Error) -> Error {
    Error::new(ErrorKind::Unreadable, format!("a row of the table cannot be read: {error}"))
}

/// The table of a staging file: the one file of a zip, or the bytes themselves.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for a broken archive, [`ErrorKind::TooLarge`] for one that unpacks to
/// more than 2 GiB.
pub fn unzip(body: &[u8]) -> Result<Cow<'_, [u8]>> {
    let broken = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    if !body.starts_with(b"PK") {
        return Ok(Cow::Borrowed(body));
    }
    let mut bytes = Vec::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(body))
        .map_err(|e| broken("the archive is cut off or broken").because(e))?;
    let file =
        archive.by_index(0).map_err(|e| broken("the archive holds no file that can be read").because(e))?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| broken("the archive is cut off or broken").because(e))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("the file unpacks to more than {LARGEST} bytes"),
        ));
    }
    Ok(Cow::Owned(bytes))
}

/// The names that a column has in the staging files and in the web search.
const COLUMNS: [(&str, &str, Field); 24] = [
    ("name", "name", Field::Name),
    ("name_prefix", "", Field::Prefix),
    ("objid", "id", Field::Objid),
    ("ra", "ra", Field::Ra),
    ("declination", "dec", Field::Dec),
    ("redshift", "redshift", Field::Redshift),
    ("typeid", "", Field::TypeId),
    ("type", "obj. type", Field::Type),
    ("", "host name", Field::Host),
    ("", "host redshift", Field::HostRedshift),
    ("reporting_groupid", "", Field::ReportingId),
    ("reporting_group", "reporting group/s", Field::Reporting),
    ("source_groupid", "", Field::SourceId),
    ("source_group", "discovery data source/s", Field::Source),
    ("discoverydate", "discovery date (ut)", Field::Discovered),
    ("discoverymag", "discovery mag/flux", Field::Magnitude),
    ("discmagfilter", "", Field::FilterId),
    ("filter", "discovery filter", Field::Filter),
    ("reporters", "sender", Field::Reporter),
    ("internal_names", "disc. internal name", Field::Names),
    ("discovery_ads_bibcode", "discovery bibcode", Field::Discovery),
    ("class_ads_bibcodes", "classification bibcodes", Field::Classification),
    ("lastmodified", "end prop. period", Field::Modified),
    ("", "public", Field::Public),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Prefix,
    Objid,
    Ra,
    Dec,
    Redshift,
    TypeId,
    Type,
    Host,
    HostRedshift,
    ReportingId,
    Reporting,
    SourceId,
    Source,
    Discovered,
    Magnitude,
    FilterId,
    Filter,
    Reporter,
    Names,
    Discovery,
    Classification,
    Modified,
    Public,
}

/// Where each field stands in a row.
struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    count: usize,
    /// The staging files, which have a column of prefixes.
    staging: bool,
}

impl Columns {
    fn of(heading: &csv::StringRecord) -> Option<Self> {
        let names: Vec<String> = heading
            .iter()
            .map(|name| name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase())
            .collect();
        let staging = names.iter().any(|name| name == "objid");
        let place = |of: &str| names.iter().position(|name| !of.is_empty() && name == of);
        let places = COLUMNS.map(|(file, web, _)| place(if staging { file } else { web }));
        places[Field::Name as usize].map(|_| Self { places, count: names.len(), staging })
    }

    /// The object of a row. `odd` gathers the columns of cells that are left out, as they hold no number.
    fn packet(
        &self,
        row: &csv::StringRecord,
        number: usize,
        odd: &mut Vec<&'static str>,
    ) -> Result<TnsPacket> {
        let fault = |text: String| Error::new(ErrorKind::Unreadable, text);
        if row.len() != self.count {
            let text = format!("row {number} has {} cells where the heading has {}", row.len(), self.count);
            return Err(fault(text));
        }
        let cell = |field: Field| {
            let place = self.places[field as usize]?;
            let nothing =
                |text: &str| ["", "nan", "none", "null"].iter().any(|no| no.eq_ignore_ascii_case(text));
            row.get(place).map(str::trim).filter(|text| !nothing(text))
        };
        let text = |field: Field| cell(field).map(str::to_owned);
        let heading = |field: Field| {
            let column = COLUMNS[field as usize];
            if self.staging { column.0 } else { column.1 }
        };
        let number_or_none = |field: Field| {
            cell(field).and_then(|text| text.parse::<f64>().ok()).filter(|value| value.is_finite())
        };
        let number_in = |field: Field| match (cell(field), number_or_none(field)) {
            (Some(text), None) => {
                let text = wire::shortened(text, 30);
                let column = heading(field);
                Err(fault(format!("row {number} cannot be read: {column}: {text:?} is no number")))
            }
            (_, read) => Ok(read),
        };
        let whole = |field: Field| cell(field).and_then(|text| text.parse::<i64>().ok());
        let name =
            cell(Field::Name).ok_or_else(|| fault(format!("row {number} cannot be read: it has no name")))?;
        if name.contains(char::REPLACEMENT_CHARACTER) {
            return Err(fault(format!("row {number} cannot be read: its name is not UTF-8 text")));
        }
        // The web search writes "SN 2026abc".
        let (prefix, objname) = match (self.staging, name.split_once(' ')) {
            (false, Some((prefix, rest))) => (Some(prefix.trim().to_owned()), rest.trim().to_owned()),
            _ => (text(Field::Prefix), name.to_owned()),
        };
        let mut packet = TnsPacket {
            objname,
            name_prefix: prefix,
            objid: whole(Field::Objid),
            redshift: number_or_none(Field::Redshift),
            hostname: text(Field::Host),
            host_redshift: number_or_none(Field::HostRedshift),
            internal_names: text(Field::Names),
            discoverydate: text(Field::Discovered),
            discoverymag: number_or_none(Field::Magnitude),
            reporter: text(Field::Reporter),
            discovery_bibcode: text(Field::Discovery),
            classification_bibcodes: text(Field::Classification),
            public: cell(Field::Public).map(|text| text == "1"),
            ..TnsPacket::default()
        };
        if self.staging {
            packet.radeg = number_in(Field::Ra)?;
            packet.decdeg = number_in(Field::Dec)?;
            packet.lastmodified = text(Field::Modified);
        } else {
            packet.ra = text(Field::Ra);
            packet.dec = text(Field::Dec);
            packet.end_prop_period = text(Field::Modified);
        }
        let named =
            |name: Option<String>, id: Option<i64>| (name.is_some() || id.is_some()).then_some((name, id));
        packet.object_type =
            named(text(Field::Type), whole(Field::TypeId)).map(|(name, id)| Named { name, id });
        let group = |(group_name, groupid)| Group { groupid, group_name };
        packet.reporting_group = named(text(Field::Reporting), whole(Field::ReportingId)).map(group);
        packet.discovery_data_source = named(text(Field::Source), whole(Field::SourceId)).map(group);
        let split = cell(Field::Filter).map(|text| text.rsplit_once('-').unwrap_or((text, "")));
        packet.discmagfilter =
            named(split.map(|(name, _)| name.to_owned()), whole(Field::FilterId)).map(|(name, id)| {
                let family = split.map(|(_, family)| family.to_owned()).filter(|family| !family.is_empty());
                MagFilter { id, name, family }
            });
        let group_id = |group: &Option<Group>| group.as_ref().is_some_and(|group| group.groupid.is_some());
        for (field, is_read) in [
            (Field::Objid, packet.objid.is_some()),
            (Field::Redshift, packet.redshift.is_some()),
            (Field::HostRedshift, packet.host_redshift.is_some()),
            (Field::Magnitude, packet.discoverymag.is_some()),
            (Field::TypeId, packet.object_type.as_ref().is_some_and(|class| class.id.is_some())),
            (Field::FilterId, packet.discmagfilter.as_ref().is_some_and(|filter| filter.id.is_some())),
            (Field::ReportingId, group_id(&packet.reporting_group)),
            (Field::SourceId, group_id(&packet.discovery_data_source)),
        ] {
            odd.extend((!is_read && cell(field).is_some()).then(|| heading(field)));
        }
        // A row whose names are all one is given once.
        packet.internal_names = packet.internal_names.filter(|text| names::listed(text).next().is_some());
        Ok(packet)
    }
}
