//! What is set, and whence: flags over environment over the TOML file over the defaults.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use outbound::Endpoint;
use runtime::MockConfiguration;
use serde::Serialize;

use crate::endpoints::Sources;

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The TOML file of that path.
    File(PathBuf),
    /// That environment variable.
    Environment(String),
    /// That flag on the command line.
    Flag(String),
}

/// One setting in force.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Its name in the TOML file; `--name` on the command line; `CANTER_NAME` in the environment.
    pub name: Cow<'static, str>,
    /// As text; secrets are not shown.
    pub value: String,
    /// Whence.
    pub source: Source,
    /// What it does.
    pub about: &'static str,
}

/// The settings that exist: name, default, what they do.
const SETTINGS: [(&str, &str, &str); 11] = [
    ("listen", "127.0.0.1:4566", "address and port of every API"),
    (
        "data",
        "./canter-data",
        "folder that holds everything durable",
    ),
    (
        "insecure-listen",
        "false",
        "allow an address that other machines reach; nothing authenticates callers yet",
    ),
    (
        "allow-host",
        "",
        "further names in the Host header that are accepted, separated by commas",
    ),
    (
        "allow-origin",
        "",
        "origins whose pages may call the APIs, separated by commas",
    ),
    (
        "limits",
        "aws",
        "`aws`: AWS's quotas; `none`: without the 256 KiB and 25,000-event limits",
    ),
    (
        "retention-days",
        "90",
        "for how many days an execution is kept after its end; `none`: for ever",
    ),
    (
        "log",
        "warn",
        "what goes to standard error: error, warn, info, debug, or a filter by module",
    ),
    (
        "models",
        "",
        "folder of API models of services that are elsewhere",
    ),
    (
        "mock-config",
        "",
        "mock configuration of Step Functions Local, whose test cases executions can be started as",
    ),
    (
        "ca-bundle",
        "",
        "PEM file of further authorities whose certificates are trusted in calls to elsewhere",
    ),
];

/// Everything that a server needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The data folder; none keeps everything in memory.
    pub data: Option<PathBuf>,
    /// Whether an address that is not loopback is accepted.
    pub insecure_listen: bool,
    /// Further Host names that are accepted.
    pub allow_hosts: Vec<String>,
    /// Origins whose pages may call the APIs.
    pub allow_origins: Vec<String>,
    /// Whether AWS's payload and history limits hold.
    pub aws_limits: bool,
    /// For how many days an execution is kept after its end; none keeps it for ever.
    pub retention_days: Option<u32>,
    /// The log filter.
    pub log: String,
    /// The services that live elsewhere, by id.
    pub endpoints: BTreeMap<&'static str, Endpoint>,
    /// The test cases that executions can be started as.
    pub mocks: MockConfiguration,
    /// A PEM file of further authorities for calls to them.
    pub ca_bundle: Option<PathBuf>,
    /// The table behind `canter config`.
    pub settings: Vec<Setting>,
}

impl Config {
    /// Puts the settings together.
    ///
    /// `flags` holds what the command line gave, by setting name; `endpoint` is a list, `s3=http://…,…`. `file` is the TOML file asked for; without one,
    /// `canter.toml` in the current folder is read if it is there.
    ///
    /// # Errors
    /// When the file can't be read or has a key that is no setting, and when a value is not of its kind: an endpoint that
    /// is no URL or of a service without a model, a model that can't be read.
    pub fn load(
        flags: &BTreeMap<&'static str, String>,
        environment: &Environment,
        file: Option<&Path>,
    ) -> Result<Self> {
        let (path, text) = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("can't read `{}`", path.display()))?;
                (path.to_owned(), text)
            }
            None => {
                let path = PathBuf::from("canter.toml");
                let text = if path.is_file() {
                    std::fs::read_to_string(&path)?
                } else {
                    String::new()
                };
                (path, text)
            }
        };
        let table: toml::Table = text
            .parse()
            .with_context(|| format!("`{}` is not TOML", path.display()))?;
        if let Some(unknown) = table
            .keys()
            .find(|key| *key != "endpoints" && SETTINGS.iter().all(|(name, ..)| name != key))
        {
            let known: Vec<_> = SETTINGS.iter().map(|(name, ..)| *name).collect();
            bail!(
                "`{}` has an unknown setting `{unknown}`; there are {}, endpoints",
                path.display(),
                known.join(", ")
            );
        }
        let mut settings: Vec<Setting> = SETTINGS
            .iter()
            .map(|&(name, default, about)| {
                let variable = format!("CANTER_{}", name.to_uppercase().replace('-', "_"));
                let (value, source) = if let Some(value) = flags.get(name) {
                    (value.clone(), Source::Flag(format!("--{name}")))
                } else if let Some(value) = environment.get(&variable) {
                    (value.clone(), Source::Environment(variable))
                // `[models]` is read with the endpoints.
                } else if let Some(value) = table.get(name).filter(|value| !value.is_table()) {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    (text, Source::File(path.clone()))
                } else {
                    (default.to_owned(), Source::Default)
                };
                Setting {
                    name: name.into(),
                    value,
                    source,
                    about,
                }
            })
            .collect();
        let models = settings.iter().find(|setting| setting.name == "models");
        let (endpoints, rows) = Sources {
            flag: flags.get("endpoint").map(String::as_str),
            environment,
            table: &table,
            file: &path,
            models: models.map_or("", |setting| &setting.value),
        }
        .endpoints()?;
        settings.extend(rows);
        Self::from_settings(settings, endpoints)
    }

    fn from_settings(
        settings: Vec<Setting>,
        endpoints: BTreeMap<&'static str, Endpoint>,
    ) -> Result<Self> {
        let value = |name: &str| {
            let found = settings.iter().find(|setting| setting.name == name);
            found
                .map(|setting| setting.value.as_str())
                .unwrap_or_default()
        };
        let listen = value("listen");
        let listen = listen
            .strip_prefix("localhost:")
            .map_or_else(|| listen.to_owned(), |port| format!("127.0.0.1:{port}"))
            .parse()
            .with_context(|| {
                format!(
                    "`listen` wants an address and a port, such as 127.0.0.1:4566, not `{listen}`"
                )
            })?;
        let insecure_listen = match value("insecure-listen") {
            "true" | "1" => true,
            "false" | "0" => false,
            other => bail!("`insecure-listen` wants true or false, not `{other}`"),
        };
        if value("data").is_empty() {
            bail!("`data` wants a folder");
        }
        let aws_limits = match value("limits") {
            "aws" => true,
            "none" => false,
            other => bail!("`limits` wants `aws` or `none`, not `{other}`"),
        };
        let list = |name: &str| {
            let items = value(name).split(',').map(str::trim);
            items
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Ok(Self {
            listen,
            data: Some(value("data").into()),
            insecure_listen,
            allow_hosts: list("allow-host"),
            allow_origins: list("allow-origin"),
            aws_limits,
            retention_days: retention(value("retention-days"))?,
            log: value("log").into(),
            endpoints,
            mocks: mocks(value("mock-config"))?,
            ca_bundle: Some(value("ca-bundle"))
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            settings,
        })
    }

    /// A server in memory on a free loopback port, for tests and for `canter run --local`.
    ///
    /// # Panics
    /// Never: the defaults are of their kind.
    pub fn ephemeral() -> Self {
        let flags = BTreeMap::from([("listen", "127.0.0.1:0".to_owned())]);
        let config = Self::load(&flags, &Environment::new(), Some(Path::new("/dev/null")))
            .expect("the defaults are of their kind");
        Self {
            data: None,
            ..config
        }
    }
}

fn retention(days: &str) -> Result<Option<u32>> {
    if days == "none" {
        return Ok(None);
    }
    let number = days.parse().ok().filter(|days| *days > 0);
    let wanted = || format!("`retention-days` wants a number of days or `none`, not `{days}`");
    number.map(Some).with_context(wanted)
}

fn mocks(path: &str) -> Result<MockConfiguration> {
    if path.is_empty() {
        return Ok(MockConfiguration::default());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read `{path}`"))?;
    MockConfiguration::parse(&text).with_context(|| format!("`mock-config` is `{path}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("canter.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:1\"\ndata = \"/d\"\ninsecure-listen = true\n",
        )
        .expect("written");
        let flags = BTreeMap::from([("listen", "127.0.0.1:3".to_owned())]);
        let environment = Environment::from([("CANTER_DATA".to_owned(), "/e".to_owned())]);
        let config =
            Config::load(&flags, &environment, Some(&file)).expect("the settings are fine");
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.data.as_deref(), Some(Path::new("/e")));
        assert!(config.insecure_listen);
        let sources: Vec<_> = config
            .settings
            .iter()
            .map(|setting| setting.source.clone())
            .collect();
        assert_eq!(sources[0], Source::Flag("--listen".into()));
        assert_eq!(sources[1], Source::Environment("CANTER_DATA".into()));
        assert_eq!(sources[2], Source::File(file));
        assert_eq!(sources[3], Source::Default);
    }

    #[test]
    fn what_is_no_setting_or_not_of_its_kind_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("c.toml");
        for (text, says) in [
            ("lisen = 1", "unknown setting `lisen`"),
            (
                "listen = \"nowhere\"",
                "`listen` wants an address and a port, such as 127.0.0.1:4566, not `nowhere`",
            ),
            (
                "limits = \"some\"",
                "`limits` wants `aws` or `none`, not `some`",
            ),
            (
                "retention-days = 0",
                "`retention-days` wants a number of days or `none`, not `0`",
            ),
            (
                "insecure-listen = \"maybe\"",
                "`insecure-listen` wants true or false",
            ),
            ("= 1", "is not TOML"),
        ] {
            std::fs::write(&file, text).expect("written");
            let error =
                Config::load(&BTreeMap::new(), &Environment::new(), Some(&file)).expect_err(text);
            assert!(format!("{error:#}").contains(says), "{error:#}");
        }
    }
}
