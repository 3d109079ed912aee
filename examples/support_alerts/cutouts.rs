//! `cutouts`: images around an object, listed or saved.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tom_alerts::http::{Http, Request};
use tom_alerts::{Cutout, CutoutKind, Error, ErrorKind, Result};
use url::Url;

use super::Tool;
use super::args::ObjectArgs;
use super::fault::{Done, Fault, Tally};
use super::output::{Columns, Rows};

const CUTOUTS: Columns = Columns {
    table: &["kind", "format", "id", "where"],
    csv: &["kind", "format", "source_id", "url", "file"],
};

/// A cutout without its bytes, which are no matter for a line of text.
#[derive(Serialize)]
struct Row<'a> {
    kind: CutoutKind,
    format: &'a str,
    source_id: Option<&'a str>,
    url: Option<&'a Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

/// Lists the cutouts of an object, and saves them where a folder is given.
pub(crate) async fn run(tool: &Tool, asked: &ObjectArgs, folder: Option<&Path>) -> Done {
    let cutouts = tool.registry.broker(&asked.broker)?.cutouts(&asked.id, None).await?;
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(|e| Fault::Other(format!("{}: {e}", folder.display())))?;
    }
    let mut rows = Rows::new(tool.style, CUTOUTS)?;
    let mut tally = Tally::default();
    let mut taken = HashSet::new();
    for cutout in &cutouts {
        let file = match folder {
            None => None,
            Some(folder) => {
                match save(&tool.http, cutout, folder.join(file_name(&asked.id, cutout, &mut taken))).await {
                    Ok(file) => Some(file),
                    Err(error) => {
                        tally.bad(&error.at(&asked.broker).with("kind", cutout.kind.as_str()));
                        continue;
                    }
                }
            }
        };
        tally.good();
        let row = Row {
            kind: cutout.kind,
            format: &cutout.format,
            source_id: cutout.source_id.as_deref(),
            url: cutout.url.as_ref(),
            file,
        };
        rows.row(&row, || {
            let place = match (&row.file, row.url, &cutout.bytes) {
                (Some(file), ..) => file.display().to_string(),
                (None, Some(url), _) => url.to_string(),
                (None, None, Some(image)) => format!("{} bytes, with the alert", image.0.len()),
                (None, None, None) => String::new(),
            };
            vec![
                row.kind.as_str().to_owned(),
                row.format.to_owned(),
                row.source_id.unwrap_or_default().to_owned(),
                place,
            ]
        })?;
    }
    let nothing = match cutouts.is_empty() {
        true => "there are no cutouts of this object",
        false => "none of the cutouts could be saved",
    };
    rows.finish(nothing)?;
    tally.done()
}

async fn save(http: &Http, cutout: &Cutout, file: PathBuf) -> Result<PathBuf> {
    let fault = |kind, text: &'static str| Error::new(kind, text);
    let bytes = match (&cutout.bytes, &cutout.url) {
        (Some(image), _) => image.0.clone(),
        (None, Some(url)) => {
            let response = http.send(Request::get(url.clone()).accept("*/*")).await?.into_result()?;
            if response.body().is_empty() || response.is_html() {
                return Err(fault(ErrorKind::Unreadable, "no image came, but a page or nothing at all"));
            }
            response.body().to_vec()
        }
        (None, None) => return Err(fault(ErrorKind::NotFound, "the broker gives neither image nor address")),
    };
    match fs::write(&file, bytes) {
        Ok(()) => Ok(file),
        Err(e) => {
            Err(fault(ErrorKind::Store, "the image cannot be saved").with("file", file.display()).because(e))
        }
    }
}

/// `OID_ID_kind.ext`, each part of it harmless, and no name twice in one run.
fn file_name(id: &str, cutout: &Cutout, taken: &mut HashSet<String>) -> String {
    let mut stem = plain(id);
    if let Some(source) = cutout.source_id.as_deref().filter(|source| !source.is_empty()) {
        stem = format!("{stem}_{}", plain(source));
    }
    stem = format!("{stem}_{}", cutout.kind.as_str());
    let ending = plain(&cutout.format);
    let mut name = format!("{stem}.{ending}");
    let mut number = 2_u32;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{stem}_{number}.{ending}");
        number += 1;
    }
    name
}

/// The text without what could lead out of the folder or is no file name on some machine.
fn plain(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "+-.".contains(c) { c } else { '_' };
    let name: String = text.chars().take(80).map(safe).collect();
    match name.trim_matches('.') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}
