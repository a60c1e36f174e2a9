//! What is kept of buses, rules, targets, connections and API destinations.

use std::collections::BTreeMap;

use aws::Caller;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{Keyspace, Table};

use crate::pattern::Pattern;
use crate::schedule::Schedule;

/// The bus that every account has in every region.
pub(crate) const DEFAULT_BUS: &str = "default";

/// An account's part of a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Zone {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Zone {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            account: caller.account.to_string(),
            region: caller.region.to_string(),
        }
    }

    /// A key of a row in it.
    pub(crate) fn key(&self, rest: &str) -> String {
        format!("{}/{}/{rest}", self.account, self.region)
    }

    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:events:{}:{}:{resource}", self.region, self.account)
    }
}

/// A kind of row.
pub(crate) trait Row: Serialize + DeserializeOwned {
    const TABLE: Table;

    /// Its name in its zone.
    fn name(&self) -> String;
}

pub(crate) type Tags = BTreeMap<String, String>;

/// The API's timestamps: seconds since 1970.
pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// Sets members that have a value.
pub(crate) fn with(mut value: Value, members: &[(&str, Option<Value>)]) -> Value {
    for (name, member) in members {
        if let Some(member) = member {
            value[*name] = member.clone();
        }
    }
    value
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bus {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) kms_key: Option<String>,
    pub(crate) dead_letter: Option<Value>,
    pub(crate) log: Option<Value>,
    /// The statements of its resource policy: kept and never evaluated.
    pub(crate) statements: Vec<Value>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) tags: Tags,
}

impl Row for Bus {
    const TABLE: Table = Table::new(Keyspace::Services, "events/buses");

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Bus {
    pub(crate) fn new(name: &str, created: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            kms_key: None,
            dead_letter: None,
            log: None,
            statements: Vec::new(),
            created,
            modified: created,
            tags: Tags::new(),
        }
    }

    pub(crate) fn arn(&self, zone: &Zone) -> String {
        zone.arn(&format!("event-bus/{}", self.name))
    }

    pub(crate) fn policy(&self) -> Option<String> {
        let policy = json!({"Version": "2012-10-17", "Statement": self.statements});
        (!self.statements.is_empty()).then(|| policy.to_string())
    }

    /// What its creation and change answer, and its description begins with.
    pub(crate) fn settings(&self) -> [(&'static str, Option<Value>); 4] {
        [
            ("Description", self.description.clone().map(Value::from)),
            ("KmsKeyIdentifier", self.kms_key.clone().map(Value::from)),
            ("DeadLetterConfig", self.dead_letter.clone()),
            ("LogConfig", self.log.clone()),
        ]
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) bus: String,
    pub(crate) name: String,
    pub(crate) pattern: Option<String>,
    pub(crate) schedule: Option<String>,
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) role: Option<String>,
    /// From when a rate counts.
    pub(crate) begin: Timestamp,
    pub(crate) tags: Tags,
}

impl Row for Rule {
    const TABLE: Table = Table::new(Keyspace::Services, "events/rules");

    fn name(&self) -> String {
        rule_name(&self.bus, &self.name)
    }
}

/// The name of a rule's row, which those of its targets begin with.
pub(crate) fn rule_name(bus: &str, rule: &str) -> String {
    format!("{bus}/{rule}")
}

impl Rule {
    pub(crate) fn arn(&self, zone: &Zone) -> String {
        match self.bus.as_str() {
            DEFAULT_BUS => zone.arn(&format!("rule/{}", self.name)),
            bus => zone.arn(&format!("rule/{bus}/{}", self.name)),
        }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.state != "DISABLED"
    }

    pub(crate) fn parsed_pattern(&self) -> Option<Pattern> {
        Pattern::parse(self.pattern.as_deref()?).ok()
    }

    pub(crate) fn parsed_schedule(&self) -> Option<Schedule> {
        Schedule::parse(self.schedule.as_deref()?)
    }

    pub(crate) fn wire(&self, zone: &Zone) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        with(
            json!({
                "Name": self.name,
                "Arn": self.arn(zone),
                "State": self.state,
                "EventBusName": self.bus,
            }),
            &[
                ("EventPattern", text(&self.pattern)),
                ("ScheduleExpression", text(&self.schedule)),
                ("Description", text(&self.description)),
                ("RoleArn", text(&self.role)),
            ],
        )
    }
}

/// Where a rule's events go: the API's members.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) bus: String,
    pub(crate) rule: String,
    pub(crate) settings: Value,
}

impl Row for Target {
    const TABLE: Table = Table::new(Keyspace::Services, "events/targets");

    fn name(&self) -> String {
        format!("{}/{}", rule_name(&self.bus, &self.rule), self.id())
    }
}

impl Target {
    pub(crate) fn id(&self) -> &str {
        self.text("Id")
    }

    pub(crate) fn arn(&self) -> &str {
        self.text("Arn")
    }

    fn text(&self, name: &str) -> &str {
        self.settings
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// How requests to an HTTP endpoint are authorised. Its secrets are among the parameters.
// DIVERGENCE: secrets lie in the data folder as they are; on AWS they are in Secrets Manager.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) secret_id: String,
    pub(crate) description: Option<String>,
    pub(crate) kind: String,
    pub(crate) parameters: Value,
    pub(crate) authorized: bool,
    pub(crate) kms_key: Option<String>,
    pub(crate) connectivity: Option<Value>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) authorized_at: Option<Timestamp>,
}

impl Row for Connection {
    const TABLE: Table = Table::new(Keyspace::Services, "events/connections");

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Connection {
    pub(crate) fn arn(&self, zone: &Zone) -> String {
        zone.arn(&format!("connection/{}/{}", self.name, self.id))
    }

    pub(crate) fn secret_arn(&self, zone: &Zone) -> String {
        let Zone { account, region } = zone;
        format!(
            "arn:aws:secretsmanager:{region}:{account}:secret:events!connection/{}/{}",
            self.name, self.secret_id
        )
    }

    pub(crate) fn state(&self) -> &'static str {
        if self.authorized {
            "AUTHORIZED"
        } else {
            "DEAUTHORIZED"
        }
    }

    /// What operations that change it answer.
    pub(crate) fn answer(&self, zone: &Zone, state: &str) -> Value {
        with(
            json!({
                "ConnectionArn": self.arn(zone),
                "ConnectionState": state,
                "CreationTime": seconds(self.created),
                "LastModifiedTime": seconds(self.modified),
            }),
            &[(
                "LastAuthorizedTime",
                self.authorized_at.map(|at| seconds(at).into()),
            )],
        )
    }

    /// The parameters without what must not be shown.
    pub(crate) fn shown_parameters(&self) -> Value {
        shown(&self.parameters)
    }
}

/// Members that are secret wherever they stand.
const SECRETS: [&str; 3] = ["ApiKeyValue", "Password", "ClientSecret"];

fn shown(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let hidden = members.get("IsValueSecret") == Some(&true.into());
            let is_secret = |name: &str| SECRETS.contains(&name) || (hidden && name == "Value");
            let kept = members.iter().filter(|(name, _)| !is_secret(name));
            let kept: Map<String, Value> = kept
                .map(|(name, value)| (name.clone(), shown(value)))
                .collect();
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

/// An HTTP endpoint that can be a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) connection_arn: String,
    pub(crate) endpoint: String,
    pub(crate) method: String,
    pub(crate) rate: Option<i64>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

impl Row for Destination {
    const TABLE: Table = Table::new(Keyspace::Services, "events/api-destinations");

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Destination {
    pub(crate) fn arn(&self, zone: &Zone) -> String {
        zone.arn(&format!("api-destination/{}/{}", self.name, self.id))
    }

    pub(crate) fn answer(&self, zone: &Zone) -> Value {
        json!({
            "ApiDestinationArn": self.arn(zone),
            "ApiDestinationState": "ACTIVE",
            "CreationTime": seconds(self.created),
            "LastModifiedTime": seconds(self.modified),
        })
    }
}
