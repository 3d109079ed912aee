//! Objects in tables: the staging files, zipped or not, and the web search as CSV.

use std::io::{Cursor, Read};

use super::names;
use super::packet::{Group, MagFilter, Named, TnsPacket};
use crate::plugin::*;

/// More than the file of all objects unpacks to; a small file must not fill the memory.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;

/// The rows of a table by the names of its columns, which grow over time; a row that cannot be read
/// is an error in its place. Lines above the heading are passed over.
///
/// The staging files have coordinates in degrees, the web search sexagesimal ones.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is no heading.
pub fn read_table(text: &str) -> Result<Vec<Result<TnsPacket>>> {
    /// Lines above the heading: the period of a file.
    const MOST_ABOVE: usize = 4;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut columns = None;
    for _ in 0..=MOST_ABOVE {
        if !reader.read_record(&mut record).map_err(|e| unreadable(&e))? {
            break;
        }
        columns = Columns::of(&record);
        if columns.is_some() {
            break;
        }
    }
    let Some(columns) = columns else {
        return Err(Error::new(ErrorKind::Unreadable, "the table has no heading with the column of names"));
    };
    let mut rows = Vec::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => rows.push(columns.packet(&record, rows.len() + 1)),
            Err(error) => {
                rows.push(Err(unreadable(&error)));
                if reader.is_done() {
                    return Ok(rows);
                }
            }
        }
    }
}

fn unreadable(error: &csv::Error) -> Error {
    let text = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "a row of the table is not UTF-8".to_owned(),
        _ => format!("a row of the table cannot be read: {error}"),
    };
    Error::new(ErrorKind::Unreadable, text)
}

/// The table of a staging file: the one file of a zip, or the text itself.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for a broken archive, [`ErrorKind::TooLarge`] for one that unpacks to
/// more than 2 GiB.
pub fn unzip(body: &[u8]) -> Result<String> {
    let broken = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    let mut bytes = Vec::new();
    if body.starts_with(b"PK") {
        let mut archive = zip::ZipArchive::new(Cursor::new(body))
            .map_err(|e| broken("the archive is cut off or broken").because(e))?;
        let file = archive
            .by_index(0)
            .map_err(|e| broken("the archive holds no file that can be read").because(e))?;
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| broken("the archive is cut off or broken").because(e))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the file unpacks to more than {LARGEST} bytes"),
            ));
        }
    } else {
        bytes.extend_from_slice(body);
    }
    String::from_utf8(bytes).map_err(|_| broken("the table is not UTF-8 text"))
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

    fn packet(&self, row: &csv::StringRecord, number: usize) -> Result<TnsPacket> {
        let fault = |text: String| Error::new(ErrorKind::Unreadable, text);
        if row.len() != self.count {
            let text = format!("row {number} has {} cells where the heading has {}", row.len(), self.count);
            return Err(fault(text));
        }
        let cell = |field: Field| {
            let place = self.places[field as usize]?;
            row.get(place).map(str::trim).filter(|text| !text.is_empty())
        };
        let text = |field: Field| cell(field).map(str::to_owned);
        let number_in = |field: Field| match cell(field).map(|text| (text, text.parse::<f64>())) {
            None => Ok(None),
            Some((_, Ok(value))) => Ok(Some(value).filter(|value| value.is_finite())),
            Some((text, Err(_))) => {
                let column = COLUMNS[field as usize];
                let column = if self.staging { column.0 } else { column.1 };
                let text = wire::shortened(text, 30);
                Err(fault(format!("row {number} cannot be read: {column}: {text:?} is no number")))
            }
        };
        let whole = |field: Field| cell(field).and_then(|text| text.parse::<i64>().ok());
        let name =
            cell(Field::Name).ok_or_else(|| fault(format!("row {number} cannot be read: it has no name")))?;
        // The web search writes "SN 2026abc".
        let (prefix, objname) = match (self.staging, name.split_once(' ')) {
            (false, Some((prefix, rest))) => (Some(prefix.trim().to_owned()), rest.trim().to_owned()),
            _ => (text(Field::Prefix), name.to_owned()),
        };
        let mut packet = TnsPacket {
            objname,
            name_prefix: prefix,
            objid: whole(Field::Objid),
            redshift: number_in(Field::Redshift)?,
            hostname: text(Field::Host),
            host_redshift: number_in(Field::HostRedshift)?,
            internal_names: text(Field::Names),
            discoverydate: text(Field::Discovered),
            discoverymag: number_in(Field::Magnitude)?,
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
        // A row whose names are all one is given once.
        packet.internal_names = packet.internal_names.filter(|text| names::listed(text).next().is_some());
        Ok(packet)
    }
}
