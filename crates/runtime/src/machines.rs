//! State machines: what may be created, updated and deleted, and the parsed definitions that executions run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::Arn;
use engine::Timestamp;
use store::{Batch, Store};

use crate::tables::machines::{self as table, ALIASES_MAX, VERSIONS_MAX};
use crate::{
    Alias, Revision, RuntimeError, Settings, StateMachineName, StateMachineRecord,
    StateMachineType, Version,
};

/// Parsed definitions in memory: each may be some megabytes, and few are in use at a time.
const PARSED_MAX: usize = 256;

/// Records in memory, each some hundred bytes.
const RECORDS_MAX: usize = 4096;

/// CreateStateMachine's members.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct CreateStateMachine {
    pub account: String,
    pub region: String,
    pub name: String,
    pub definition: String,
    pub role_arn: String,
    pub kind: StateMachineType,
    pub settings: Settings,
    pub tags: Vec<(String, String)>,
    pub publish: bool,
    pub version_description: Option<String>,
}

/// UpdateStateMachine's members.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct UpdateStateMachine {
    pub arn: String,
    pub definition: Option<String>,
    pub role_arn: Option<String>,
    pub settings: Settings,
    pub publish: bool,
    pub version_description: Option<String>,
}

/// A state machine, in the revision that was asked for.
#[derive(Clone, Debug)]
pub struct StateMachine {
    /// What all its revisions share.
    pub record: Arc<StateMachineRecord>,
    /// What may change.
    pub revision: Arc<Revision>,
    /// The revision's definition, read.
    pub definition: Arc<asl::StateMachine>,
    /// The version that the ARN named, or that CreateStateMachine or UpdateStateMachine published.
    pub version: Option<Version>,
    /// The alias that the ARN named.
    pub alias: Option<Alias>,
}

impl StateMachine {
    /// `stateMachineVersionArn`
    pub fn version_arn(&self) -> Option<String> {
        let version = self.version.as_ref()?;
        Some(format!("{}:{}", self.record.arn, version.number))
    }

    /// `stateMachineAliasArn`
    pub fn alias_arn(&self) -> Option<String> {
        let alias = self.alias.as_ref()?;
        Some(format!("{}:{}", self.record.arn, alias.name))
    }
}

type RevisionKey = ([u8; 16], u64);

/// The state machines of a store.
pub(crate) struct Machines {
    store: Store,
    /// Changes come one at a time: each reads what the last one wrote.
    changes: tokio::sync::Mutex<()>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    /// Counts changes, so that a record read before one is not kept after it.
    changes: u64,
    records: HashMap<String, Arc<StateMachineRecord>>,
    revisions: HashMap<RevisionKey, (Arc<Revision>, Arc<asl::StateMachine>)>,
}

impl Machines {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            changes: tokio::sync::Mutex::new(()),
            cache: Mutex::default(),
        }
    }

    pub(crate) async fn create(
        &self,
        new: CreateStateMachine,
        now: Timestamp,
        id: [u8; 16],
    ) -> Result<StateMachine, RuntimeError> {
        if !new.publish && new.version_description.is_some() {
            return Err(RuntimeError::Validation(
                "Version description can only be set when publish is true".into(),
            ));
        }
        let parsed = parsed(&new.definition, new.kind)?;
        let arn = Arn::new(
            "states",
            &new.region,
            &new.account,
            format!("stateMachine:{}", new.name),
        )
        .to_string();
        let name =
            StateMachineName::parse(&arn).ok_or_else(|| RuntimeError::InvalidArn(arn.clone()))?;
        let _alone = self.changes.lock().await;
        if let Some(existing) = table::get(&self.store, &name)? {
            return self.same_again(existing, &new, &arn);
        }
        let revision = Revision {
            number: 0,
            id: None,
            definition: new.definition.into(),
            role_arn: new.role_arn.into(),
            settings: new.settings,
            updated: now,
        };
        let version = new.publish.then_some(Version {
            number: 1,
            revision: 0,
            description: new.version_description,
            created: now,
        });
        let record = StateMachineRecord {
            arn: arn.into(),
            name: name.name.clone().into(),
            id,
            kind: new.kind,
            created: now,
            revision: 0,
            version: u64::from(new.publish),
            tags: new.tags,
        };
        let mut batch = Batch::default();
        table::put(&mut batch, &name, &record);
        table::put_revision(&mut batch, &id, &revision);
        if let Some(version) = &version {
            table::put_version(&mut batch, &id, version);
        }
        self.store.commit(batch).await?;
        Ok(self.keep(record, revision, parsed, version))
    }

    /// CreateStateMachine is idempotent in all but role and tags, which a repetition does not change.
    fn same_again(
        &self,
        existing: StateMachineRecord,
        new: &CreateStateMachine,
        arn: &str,
    ) -> Result<StateMachine, RuntimeError> {
        let (revision, definition) = self.revision(&existing.id, existing.revision)?;
        let version = if new.publish {
            table::version(&self.store, &existing.id, 1)?
        } else {
            None
        };
        let same = *revision.definition == *new.definition
            && existing.kind == new.kind
            && revision.settings == new.settings
            && new.publish == version.is_some()
            && version
                .as_ref()
                .is_none_or(|version| version.description == new.version_description);
        if !same {
            return Err(RuntimeError::StateMachineAlreadyExists(arn.to_owned()));
        }
        Ok(StateMachine {
            record: Arc::new(existing),
            revision,
            definition,
            version,
            alias: None,
        })
    }

    pub(crate) async fn update(
        &self,
        update: UpdateStateMachine,
        now: Timestamp,
        revision_id: String,
    ) -> Result<StateMachine, RuntimeError> {
        let Settings {
            logging,
            tracing,
            encryption,
        } = update.settings;
        if update.definition.is_none()
            && update.role_arn.is_none()
            && logging.is_none()
            && tracing.is_none()
            && encryption.is_none()
        {
            return Err(RuntimeError::NothingToUpdate);
        }
        if !update.publish && update.version_description.is_some() {
            return Err(RuntimeError::Validation(
                "Version description can only be set when publish is true".into(),
            ));
        }
        let name = unqualified(&update.arn)?;
        let _alone = self.changes.lock().await;
        let mut record = self.required(&name, &update.arn)?;
        let checked = update
            .definition
            .as_deref()
            .map(|definition| parsed(definition, record.kind))
            .transpose()?;
        let (old, old_parsed) = self.revision(&record.id, record.revision)?;
        let settings = Settings {
            logging: logging.or_else(|| old.settings.logging.clone()),
            tracing: tracing.or_else(|| old.settings.tracing.clone()),
            encryption: encryption.or_else(|| old.settings.encryption.clone()),
        };
        let definition = update
            .definition
            .map_or_else(|| Arc::clone(&old.definition), Arc::from);
        let role_arn = update
            .role_arn
            .map_or_else(|| Arc::clone(&old.role_arn), Arc::from);
        let unchanged =
            definition == old.definition && role_arn == old.role_arn && settings == old.settings;
        let revision = Revision {
            number: if unchanged {
                old.number
            } else {
                old.number + 1
            },
            id: if unchanged {
                old.id.clone()
            } else {
                Some(revision_id)
            },
            definition,
            role_arn,
            settings,
            updated: now,
        };
        record.revision = revision.number;
        let mut batch = Batch::default();
        let version = if update.publish {
            Some(self.next_version(
                &mut record,
                &revision,
                update.version_description,
                now,
                &mut batch,
            )?)
        } else {
            None
        };
        table::put(&mut batch, &name, &record);
        table::put_revision(&mut batch, &record.id, &revision);
        self.store.commit(batch).await?;
        Ok(self.keep(record, revision, checked.unwrap_or(old_parsed), version))
    }

    /// Publishes the revision, unless the newest version keeps it already.
    fn next_version(
        &self,
        record: &mut StateMachineRecord,
        revision: &Revision,
        description: Option<String>,
        now: Timestamp,
        batch: &mut Batch,
    ) -> Result<Version, RuntimeError> {
        let newest = table::versions(&self.store, &record.id, None, 1)?.pop();
        if let Some(newest) = newest
            && newest.revision == revision.number
        {
            return Ok(newest);
        }
        if table::versions(&self.store, &record.id, None, VERSIONS_MAX)?.len() >= VERSIONS_MAX {
            return Err(RuntimeError::QuotaExceeded(
                "The maximum number of versions per state machine has been reached.".into(),
            ));
        }
        record.version += 1;
        let version = Version {
            number: record.version,
            revision: revision.number,
            description,
            created: now,
        };
        table::put_version(batch, &record.id, &version);
        Ok(version)
    }

    pub(crate) async fn publish(
        &self,
        arn: &str,
        revision_id: Option<&str>,
        description: Option<String>,
        now: Timestamp,
    ) -> Result<StateMachine, RuntimeError> {
        let name = unqualified(arn)?;
        let _alone = self.changes.lock().await;
        let mut record = self.required(&name, arn)?;
        let (revision, definition) = self.revision(&record.id, record.revision)?;
        let current = revision.id.as_deref().unwrap_or("INITIAL");
        if let Some(wanted) = revision_id
            && wanted != current
        {
            return Err(RuntimeError::Conflict(format!(
                "Failed to publish the State Machine version for revision {wanted}. The current State Machine \
                 revision is {current}."
            )));
        }
        let mut batch = Batch::default();
        let version = self.next_version(&mut record, &revision, description, now, &mut batch)?;
        table::put(&mut batch, &name, &record);
        self.store.commit(batch).await?;
        let record = self.keep_record(record);
        Ok(StateMachine {
            record,
            revision,
            definition,
            version: Some(version),
            alias: None,
        })
    }

    /// Deletes what is there. Its executions go on with their revision.
    pub(crate) async fn delete(&self, arn: &str) -> Result<(), RuntimeError> {
        let name = unqualified(arn)?;
        let _alone = self.changes.lock().await;
        let Some(record) = table::get(&self.store, &name)? else {
            return Ok(());
        };
        let mut batch = Batch::default();
        table::delete(&mut batch, &name);
        for version in table::versions(&self.store, &record.id, None, VERSIONS_MAX)? {
            table::delete_version(&mut batch, &record.id, version.number);
        }
        for alias in table::aliases(&self.store, &record.id)? {
            table::delete_alias(&mut batch, &record.id, &alias.name);
        }
        self.store.commit(batch).await?;
        let mut cache = self.lock();
        cache.changes += 1;
        cache.records.remove(&name.arn);
        Ok(())
    }

    pub(crate) async fn delete_version(&self, arn: &str) -> Result<(), RuntimeError> {
        let name =
            StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let number: u64 = name
            .qualifier
            .as_deref()
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let _alone = self.changes.lock().await;
        let Some(record) = table::get(&self.store, &name)? else {
            return Ok(());
        };
        let users: Vec<String> = table::aliases(&self.store, &record.id)?
            .into_iter()
            .filter(|alias| alias.routes.iter().any(|(version, _)| *version == number))
            .map(|alias| alias.name)
            .collect();
        if !users.is_empty() {
            return Err(RuntimeError::Conflict(format!(
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this \
                 version: [{}]",
                users.join(", ")
            )));
        }
        let mut batch = Batch::default();
        table::delete_version(&mut batch, &record.id, number);
        self.store.commit(batch).await?;
        Ok(())
    }

    pub(crate) async fn create_alias(
        &self,
        name: &str,
        description: Option<String>,
        routes: &[(String, u32)],
        now: Timestamp,
    ) -> Result<(String, Alias), RuntimeError> {
        let (machine, routes) = routes_of(routes)?;
        let _alone = self.changes.lock().await;
        let record = self.routed(&machine, &routes)?;
        let arn = format!("{}:{name}", record.arn);
        if let Some(existing) = table::alias(&self.store, &record.id, name)? {
            // Recorded: sfn_api_aliasing, test_error_create_alias_not_idempotent, for the description too.
            if existing.description != description || existing.routes != routes {
                return Err(RuntimeError::Conflict(
                    "Failed to create alias because an alias with the same name and a different routing configuration \
                     already exists."
                        .into(),
                ));
            }
            return Ok((arn, existing));
        }
        if table::aliases(&self.store, &record.id)?.len() >= ALIASES_MAX {
            return Err(RuntimeError::QuotaExceeded(
                "The maximum number of aliases per state machine has been reached.".into(),
            ));
        }
        let alias = Alias {
            name: name.to_owned(),
            description,
            routes,
            created: now,
            updated: now,
        };
        let mut batch = Batch::default();
        table::put_alias(&mut batch, &record.id, &alias);
        self.store.commit(batch).await?;
        Ok((arn, alias))
    }

    pub(crate) async fn update_alias(
        &self,
        arn: &str,
        description: Option<String>,
        routes: Option<&[(String, u32)]>,
        now: Timestamp,
    ) -> Result<Alias, RuntimeError> {
        let _alone = self.changes.lock().await;
        let (record, mut alias) = self.alias(arn)?;
        if let Some(routes) = routes {
            let (machine, routes) = routes_of(routes)?;
            if machine.arn != *record.arn {
                return Err(RuntimeError::Validation(
                    "The routing configuration must contain versions of the alias's state machine."
                        .into(),
                ));
            }
            self.routed(&machine, &routes)?;
            alias.routes = routes;
        }
        alias.description = description.or(alias.description);
        alias.updated = now;
        let mut batch = Batch::default();
        table::put_alias(&mut batch, &record.id, &alias);
        self.store.commit(batch).await?;
        Ok(alias)
    }

    /// The state machine whose versions the routes name, which must all be there.
    fn routed(
        &self,
        machine: &StateMachineName,
        routes: &[(u64, u32)],
    ) -> Result<StateMachineRecord, RuntimeError> {
        let missing = |arn: String| RuntimeError::ResourceNotFound(arn);
        let record =
            table::get(&self.store, machine)?.ok_or_else(|| missing(machine.arn.clone()))?;
        for (version, _) in routes {
            if table::version(&self.store, &record.id, *version)?.is_none() {
                return Err(missing(format!("{}:{version}", record.arn)));
            }
        }
        Ok(record)
    }

    pub(crate) async fn delete_alias(&self, arn: &str) -> Result<(), RuntimeError> {
        let name =
            StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let not_found = || RuntimeError::ResourceNotFound(arn.to_owned());
        let _alone = self.changes.lock().await;
        let record = table::get(&self.store, &name)?.ok_or_else(not_found)?;
        // Recorded: deleting an alias that is not there succeeds (sfn_api_aliasing, test_delete_no_such_alias_arn).
        let alias = name.qualifier.as_deref().ok_or_else(not_found)?;
        let mut batch = Batch::default();
        table::delete_alias(&mut batch, &record.id, alias);
        self.store.commit(batch).await?;
        Ok(())
    }

    /// The state machine that an ARN names: as it is now, in a version, or behind an alias, where `draw` chooses
    /// among the routes by a number below 100.
    pub(crate) fn find(
        &self,
        arn: &str,
        draw: impl FnOnce() -> u32,
    ) -> Result<StateMachine, RuntimeError> {
        let name =
            StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let record = self.record(&name, arn)?;
        let not_found = || RuntimeError::StateMachineDoesNotExist(arn.to_owned());
        let (number, version, alias) = match &name.qualifier {
            None => (record.revision, None, None),
            Some(qualifier) => {
                let alias = match qualifier.parse::<u64>() {
                    Ok(_) => None,
                    Err(_) => Some(
                        table::alias(&self.store, &record.id, qualifier)?.ok_or_else(not_found)?,
                    ),
                };
                let number = match &alias {
                    Some(alias) => route(alias, draw()).ok_or_else(not_found)?,
                    None => qualifier.parse().map_err(|_| not_found())?,
                };
                let version =
                    table::version(&self.store, &record.id, number)?.ok_or_else(not_found)?;
                (version.revision, Some(version), alias)
            }
        };
        let (revision, definition) = self.revision(&record.id, number)?;
        Ok(StateMachine {
            record,
            revision,
            definition,
            version,
            alias,
        })
    }

    pub(crate) fn record(
        &self,
        name: &StateMachineName,
        arn: &str,
    ) -> Result<Arc<StateMachineRecord>, RuntimeError> {
        let changes = {
            let cache = self.lock();
            if let Some(record) = cache.records.get(&name.arn) {
                return Ok(Arc::clone(record));
            }
            cache.changes
        };
        let record = Arc::new(self.required(name, arn)?);
        let mut cache = self.lock();
        if cache.changes == changes && cache.records.len() < RECORDS_MAX {
            cache.records.insert(name.arn.clone(), Arc::clone(&record));
        }
        Ok(record)
    }

    /// A revision and its parsed definition.
    pub(crate) fn revision(
        &self,
        machine: &[u8; 16],
        number: u64,
    ) -> Result<(Arc<Revision>, Arc<asl::StateMachine>), RuntimeError> {
        if let Some((revision, parsed)) = self.lock().revisions.get(&(*machine, number)) {
            return Ok((Arc::clone(revision), Arc::clone(parsed)));
        }
        let revision = table::revision(&self.store, machine, number)?
            .ok_or(RuntimeError::Damaged("state machine's revision"))?;
        let parsed = asl::parse_accepted(&revision.definition)
            .map(Arc::new)
            .ok_or(RuntimeError::Damaged("state machine's definition"))?;
        let revision = Arc::new(revision);
        self.keep_revision(*machine, Arc::clone(&revision), Arc::clone(&parsed));
        Ok((revision, parsed))
    }

    pub(crate) fn versions(
        &self,
        arn: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Version>, RuntimeError> {
        let name = unqualified(arn)?;
        match table::get(&self.store, &name)? {
            Some(record) => table::versions(&self.store, &record.id, before, limit),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn aliases(&self, arn: &str) -> Result<Vec<Alias>, RuntimeError> {
        let name =
            StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let record = self.required(&name, arn)?;
        let mut aliases = table::aliases(&self.store, &record.id)?;
        if let Some(version) = name.qualifier {
            let version: u64 = version
                .parse()
                .map_err(|_| RuntimeError::InvalidArn(arn.to_owned()))?;
            aliases.retain(|alias| alias.routes.iter().any(|(number, _)| *number == version));
        }
        Ok(aliases)
    }

    pub(crate) fn alias(
        &self,
        arn: &str,
    ) -> Result<(Arc<StateMachineRecord>, Alias), RuntimeError> {
        let name =
            StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
        let not_found = || RuntimeError::ResourceNotFound(arn.to_owned());
        let record = table::get(&self.store, &name)?.ok_or_else(not_found)?;
        let alias = name.qualifier.as_deref().ok_or_else(not_found)?;
        let alias = table::alias(&self.store, &record.id, alias)?.ok_or_else(not_found)?;
        Ok((Arc::new(record), alias))
    }

    pub(crate) fn list(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StateMachineRecord>, RuntimeError> {
        table::list(&self.store, account, region, after, limit)
    }

    pub(crate) async fn tag(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Vec<(String, String)>) -> Result<(), RuntimeError>,
    ) -> Result<(), RuntimeError> {
        let name = unqualified(arn)?;
        let _alone = self.changes.lock().await;
        let Some(mut record) = table::get(&self.store, &name)? else {
            return Err(RuntimeError::ResourceNotFound(arn.to_owned()));
        };
        change(&mut record.tags)?;
        let mut batch = Batch::default();
        table::put(&mut batch, &name, &record);
        self.store.commit(batch).await?;
        self.keep_record(record);
        Ok(())
    }

    fn required(
        &self,
        name: &StateMachineName,
        arn: &str,
    ) -> Result<StateMachineRecord, RuntimeError> {
        table::get(&self.store, name)?
            .ok_or_else(|| RuntimeError::StateMachineDoesNotExist(arn.to_owned()))
    }

    fn keep(
        &self,
        record: StateMachineRecord,
        revision: Revision,
        parsed: Arc<asl::StateMachine>,
        version: Option<Version>,
    ) -> StateMachine {
        let revision = Arc::new(revision);
        self.keep_revision(record.id, Arc::clone(&revision), Arc::clone(&parsed));
        StateMachine {
            record: self.keep_record(record),
            revision,
            definition: parsed,
            version,
            alias: None,
        }
    }

    fn keep_record(&self, record: StateMachineRecord) -> Arc<StateMachineRecord> {
        let record = Arc::new(record);
        let mut cache = self.lock();
        cache.changes += 1;
        if cache.records.len() >= RECORDS_MAX {
            cache.records.clear();
        }
        cache
            .records
            .insert(record.arn.to_string(), Arc::clone(&record));
        record
    }

    fn keep_revision(
        &self,
        machine: [u8; 16],
        revision: Arc<Revision>,
        parsed: Arc<asl::StateMachine>,
    ) {
        let mut cache = self.lock();
        if cache.revisions.len() >= PARSED_MAX {
            cache.revisions.clear();
        }
        cache
            .revisions
            .insert((machine, revision.number), (revision, parsed));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unqualified(arn: &str) -> Result<StateMachineName, RuntimeError> {
    let name =
        StateMachineName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))?;
    match name.qualifier {
        None => Ok(name),
        Some(_) => Err(RuntimeError::Validation(format!(
            "1 validation error detected: Value '{arn}' at 'stateMachineArn' must not have a qualifier"
        ))),
    }
}

fn parsed(
    definition: &str,
    kind: StateMachineType,
) -> Result<Arc<asl::StateMachine>, RuntimeError> {
    let parsed = asl::parse_as(
        definition,
        match kind {
            StateMachineType::Standard => asl::MachineType::Standard,
            StateMachineType::Express => asl::MachineType::Express,
        },
    );
    match parsed.machine {
        Some(machine) => Ok(Arc::new(machine)),
        None => Err(RuntimeError::InvalidDefinition(parsed.diagnostics)),
    }
}

/// The state machine of a routing configuration, and its versions by number.
fn routes_of(
    routes: &[(String, u32)],
) -> Result<(StateMachineName, Vec<(u64, u32)>), RuntimeError> {
    let named: Vec<_> = routes
        .iter()
        .filter_map(|(arn, weight)| {
            let name = StateMachineName::parse(arn)?;
            let version = name.qualifier.as_deref()?.parse().ok()?;
            Some((name, (version, *weight)))
        })
        .collect();
    let received = || {
        routes
            .iter()
            .map(|(arn, _)| arn.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    // Recorded: sfn_api_aliasing, test_error_create_alias_with_state_machine_arn.
    if named.len() != routes.len() || named.is_empty() {
        return Err(RuntimeError::Validation(format!(
            "Routing configuration must contain state machine version ARNs. Received: [{}]",
            received()
        )));
    }
    let weights: u32 = named
        .iter()
        .map(|(_, (_, weight))| *weight)
        .fold(0, u32::saturating_add);
    if weights != 100 {
        return Err(RuntimeError::Validation(
            "Sum of routing configuration weights must equal 100.".into(),
        ));
    }
    let machine = StateMachineName {
        qualifier: None,
        ..named[0].0.clone()
    };
    if named.iter().any(|(name, _)| name.arn != machine.arn) {
        return Err(RuntimeError::Validation(format!(
            "Routing configuration must contain versions of one state machine. Received: [{}]",
            received()
        )));
    }
    Ok((machine, named.into_iter().map(|(_, route)| route).collect()))
}

/// The version on which `draw` of a hundred falls.
fn route(alias: &Alias, draw: u32) -> Option<u64> {
    let mut passed = 0;
    alias
        .routes
        .iter()
        .find(|(_, weight)| {
            passed += weight;
            draw < passed
        })
        .or(alias.routes.last())
        .map(|(version, _)| *version)
}
