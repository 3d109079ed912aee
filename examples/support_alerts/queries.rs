//! `query`: queries that are kept under a name.

use tom_alerts::{BrokerQuery, Error, ErrorKind, Result, TargetStore, form, store};

use super::args::{QueryArgs, QueryCommand};
use super::fault::Done;
use super::lists::write_alerts;
use super::output::{Columns, Rows, say};
use super::{Tool, known_store, store_to_read};

const QUERIES: Columns = Columns {
    table: &["name", "broker", "parameters", "last run (UTC)"],
    csv: &["id", "name", "broker", "parameters", "created", "modified", "last_run"],
};

/// Adds, lists, runs and deletes saved queries.
pub(crate) async fn run(tool: &Tool, asked: &QueryArgs) -> Done {
    let Some(address) = asked.store.as_deref() else {
        let text = "saved queries need a store; give --store URL, such as --store sqlite:alerts.db";
        return Err(Error::new(ErrorKind::Input, text).into());
    };
    match &asked.command {
        QueryCommand::Add { name, broker, parameters } => {
            let broker = tool.registry.broker(broker)?;
            // Before the store is opened: a faulty query leaves no empty store behind.
            let parameters = broker.check(&form::parse_pairs(parameters)?)?;
            let store = store::open(address).await?;
            let query = BrokerQuery::save(name, &*broker, &parameters, &*store).await?;
            list(tool, &[query])
        }
        QueryCommand::List => {
            let queries = store_to_read(address).await?.queries_or_fail()?.queries().await?;
            list(tool, &queries)
        }
        QueryCommand::Run { name, limit, targets } => {
            let store = known_store(address).await?;
            let Some(mut query) = store.queries_or_fail()?.query(name).await? else {
                return Err(no_such(name, &*store).await?.into());
            };
            let alerts = query.run(&tool.registry, &*store).await?;
            write_alerts(tool, alerts.limit(limit.alerts()), *targets).await
        }
        QueryCommand::Delete { name } => {
            let store = known_store(address).await?;
            if !store.queries_or_fail()?.delete_query(name).await? {
                return Err(no_such(name, &*store).await?.into());
            }
            say(&format!("deleted: {name}"));
            Ok(())
        }
    }
}

fn list(tool: &Tool, queries: &[BrokerQuery]) -> Done {
    let mut rows = Rows::new(tool.style, QUERIES)?;
    for query in queries {
        rows.row(query, || {
            let text =
                |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let pairs = query.parameters.iter().map(|(key, value)| format!("{key}={}", text(value)));
            vec![
                query.name.clone(),
                query.broker.clone(),
                pairs.collect::<Vec<_>>().join(" "),
                query
                    .last_run
                    .map_or_else(|| "never".to_owned(), |t| t.format("%Y-%m-%d %H:%M:%S").to_string()),
            ]
        })?;
    }
    rows.finish("the store has no queries")
}

async fn no_such(name: &str, store: &dyn TargetStore) -> Result<Error> {
    let names: Vec<_> =
        store.queries_or_fail()?.queries().await?.into_iter().map(|query| query.name).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Ok(Error::new(ErrorKind::Input, format!("no query is called {name:?}; known: {known}")))
}
