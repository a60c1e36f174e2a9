//! The settings `endpoints` and `models`: which services live elsewhere, and how they are spoken to.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use aws::model;
use outbound::{Credentials, Endpoint};
use toml::{Table, Value};

use crate::config::{Environment, Setting, Source};

/// What was set of one endpoint, and whence.
struct Given<'t> {
    name: String,
    url: (String, Source),
    /// `access-key`, `secret-key`, `region`, from the file.
    more: Option<&'t Table>,
}

/// Where settings come from, the first that has one winning.
pub(crate) struct Sources<'s> {
    /// `s3=http://…,polly=…`
    pub(crate) flag: Option<&'s str>,
    pub(crate) environment: &'s Environment,
    pub(crate) table: &'s Table,
    pub(crate) file: &'s Path,
    /// The folder of models; none if empty.
    pub(crate) models: &'s str,
}

/// The endpoints by the services' ids, and a row of settings for each thing that was set.
pub(crate) type Found = (BTreeMap<&'static str, Endpoint>, Vec<Setting>);

impl Sources<'_> {
    /// Reads both settings. Models are added to those that the process knows.
    ///
    /// # Errors
    /// For a service without a model, what is no URL, and what is no model, by the setting's name.
    pub(crate) fn endpoints(&self) -> Result<Found> {
        let mut settings = self.add_models()?;
        let mut endpoints = BTreeMap::new();
        for given in self.given()?.into_values() {
            let id = self
                .id(&given.name)
                .with_context(|| format!("`endpoints.{}`", given.name))?;
            let endpoint = self.endpoint(&given)?;
            let (value, source) = given.url;
            settings.push(row(
                format!("endpoints.{id}"),
                value,
                source,
                "where the service is, instead of here",
            ));
            settings.extend(self.rows(id, given.more));
            if endpoints.insert(id, endpoint).is_some() {
                bail!("`endpoints` has `{id}` under two names");
            }
        }
        Ok((endpoints, settings))
    }

    /// What each source says, by plain name.
    fn given(&self) -> Result<BTreeMap<String, Given<'_>>> {
        let mut given = BTreeMap::new();
        let mut table = BTreeMap::new();
        for (name, value) in sub_table(self.table, "endpoints")? {
            let (url, more) = match value {
                Value::String(url) => (url.clone(), None),
                Value::Table(more) => (
                    text(more, "url").with_context(|| format!("`endpoints.{name}`"))?,
                    Some(more),
                ),
                _ => bail!("`endpoints.{name}` wants a URL or a table with one"),
            };
            if table.insert(model::plain_name(name), more).is_some() {
                bail!("`endpoints` has `{name}` under two names");
            }
            let source = Source::File(self.file.to_owned());
            put(&mut given, name, url, source, more);
        }
        for (variable, url) in self.environment {
            if let Some(name) = variable.strip_prefix("CANTER_ENDPOINT_") {
                let more = table.get(&model::plain_name(name)).copied().flatten();
                let source = Source::Environment(variable.clone());
                put(&mut given, &name.to_lowercase(), url.clone(), source, more);
            }
        }
        let flags = self.flag.unwrap_or_default().split(',');
        for flag in flags.filter(|flag| !flag.is_empty()) {
            let Some((name, url)) = flag.split_once('=') else {
                bail!(
                    "`--endpoint` wants a service and its URL, such as s3=https://minio.local:9000, not `{flag}`"
                );
            };
            let more = table.get(&model::plain_name(name)).copied().flatten();
            let source = Source::Flag("--endpoint".into());
            put(&mut given, name, url.to_owned(), source, more);
        }
        Ok(given)
    }

    fn endpoint(&self, given: &Given<'_>) -> Result<Endpoint> {
        let context = || format!("`endpoints.{}`", given.name);
        let empty = Table::new();
        let more = given.more.unwrap_or(&empty);
        let known = ["url", "access-key", "secret-key", "region"];
        if let Some(unknown) = more.keys().find(|key| !known.contains(&key.as_str())) {
            bail!(
                "{} has an unknown setting `{unknown}`; there are {}",
                context(),
                known.join(", ")
            );
        }
        let optional = |key| more.get(key).map(|_| text(more, key)).transpose();
        let keys = (
            optional("access-key").with_context(context)?,
            optional("secret-key").with_context(context)?,
        );
        let credentials = match keys {
            (Some(access_key), Some(secret_key)) => Credentials {
                access_key,
                secret_key,
                session_token: None,
            },
            (None, None) => self.own_credentials(),
            _ => bail!("{} wants both `access-key` and `secret-key`", context()),
        };
        let region = optional("region").with_context(context)?;
        Endpoint::new(&given.url.0, credentials, region).with_context(context)
    }

    /// The process's own, as AWS's SDKs read them.
    fn own_credentials(&self) -> Credentials {
        let variable = |name: &str| {
            let value = self.environment.get(name).cloned();
            value.filter(|value| !value.is_empty())
        };
        match (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        ) {
            (Some(access_key), Some(secret_key)) => Credentials {
                access_key,
                secret_key,
                session_token: variable("AWS_SESSION_TOKEN"),
            },
            _ => Credentials::default(),
        }
    }

    /// What else was set of an endpoint.
    fn rows(&self, id: &str, more: Option<&Table>) -> Vec<Setting> {
        let about = |key: &str| match key {
            "access-key" => "in whose name requests are signed",
            "secret-key" => "what they are signed with",
            _ => "which region they are signed for, whatever the call's is",
        };
        more.into_iter()
            .flatten()
            .filter(|(key, _)| *key != "url")
            .map(|(key, value)| {
                let value = match value.as_str() {
                    Some(text) if key != "secret-key" => text,
                    _ => "***",
                };
                let source = Source::File(self.file.to_owned());
                row(
                    format!("endpoints.{id}.{key}"),
                    value.into(),
                    source,
                    about(key),
                )
            })
            .collect()
    }

    /// Adds the models of the table `models`.
    fn add_models(&self) -> Result<Vec<Setting>> {
        let mut settings = Vec::new();
        if self.table.get("models").is_none_or(Value::is_str) {
            return Ok(settings);
        }
        for (name, path) in sub_table(self.table, "models")? {
            let setting = format!("models.{name}");
            let path = path
                .as_str()
                .with_context(|| format!("`{setting}` wants the path of a service-2.json"))?;
            let id = add_model(Path::new(path)).with_context(|| format!("`{setting}`"))?;
            if model::id_by_name(name) != Some(id) {
                bail!("`{setting}`: `{path}` is the model of `{id}`");
            }
            let source = Source::File(self.file.to_owned());
            settings.push(row(
                setting,
                path.into(),
                source,
                "how the service is spoken to",
            ));
        }
        Ok(settings)
    }

    /// The service's id, by what is known or by a model in the folder.
    fn id(&self, name: &str) -> Result<&'static str> {
        let known = match model::id_by_name(name) {
            Some(known) => Some(known),
            None => match self.model_file(name)? {
                Some(file) => Some(add_model(&file)?),
                None => None,
            },
        };
        match known {
            Some("states") => bail!("Step Functions is what this server is; it can't be elsewhere"),
            Some(id) => Ok(id),
            None => {
                let built_in: Vec<_> = model::ENTRIES.iter().map(|entry| entry.id).collect();
                bail!(
                    "there is no model of `{name}`, only of {}; give its service-2.json by `[models] {name} = \"/path\"`, or a \
                     folder of models by `CANTER_MODELS`",
                    built_in.join(", ")
                )
            }
        }
    }

    /// The file of a service in the folder of models: `polly.json`, or as botocore lays them out,
    /// `polly/2016-06-10/service-2.json.gz`, the newest version.
    fn model_file(&self, name: &str) -> Result<Option<PathBuf>> {
        if self.models.is_empty() {
            return Ok(None);
        }
        let wanted = model::plain_name(name);
        for entry in entries(Path::new(self.models))? {
            let stem = entry.file_name().unwrap_or_default().to_string_lossy();
            let stem = stem.trim_end_matches(".gz").trim_end_matches(".json");
            if model::plain_name(stem) != wanted {
                continue;
            }
            if entry.is_file() {
                return Ok(Some(entry));
            }
            let mut versions = entries(&entry)?;
            versions.push(entry);
            let files = versions.iter().flat_map(|version| {
                ["service-2.json", "service-2.json.gz"].map(|file| version.join(file))
            });
            return Ok(files.filter(|file| file.is_file()).max());
        }
        Ok(None)
    }
}

fn put<'t>(
    given: &mut BTreeMap<String, Given<'t>>,
    name: &str,
    url: String,
    source: Source,
    more: Option<&'t Table>,
) {
    let new = Given {
        name: name.to_owned(),
        url: (url, source),
        more,
    };
    given.insert(model::plain_name(name), new);
}

fn row(name: String, value: String, source: Source, about: &'static str) -> Setting {
    Setting {
        name: Cow::Owned(name),
        value,
        source,
        about,
    }
}

fn sub_table<'t>(
    table: &'t Table,
    name: &str,
) -> Result<impl Iterator<Item = (&'t String, &'t Value)>> {
    let found = match table.get(name) {
        None => None,
        Some(Value::Table(found)) => Some(found),
        Some(_) => bail!("`{name}` wants a table"),
    };
    Ok(found.into_iter().flatten())
}

fn text(table: &Table, key: &str) -> Result<String> {
    let found = table.get(key).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("`{key}` wants a text"))?
        .to_owned())
}

fn add_model(path: &Path) -> Result<&'static str> {
    let text = std::fs::read(path).with_context(|| format!("can't read `{}`", path.display()))?;
    let added = model::add(&text);
    added.with_context(|| format!("`{}`", path.display()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || format!("can't read the folder `{}`", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(read)? {
        paths.push(entry.with_context(read)?.path());
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use serde_json::json;

    fn load(file: &str, environment: &[(&str, &str)], flag: Option<&str>) -> Result<Config> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("canter.toml");
        std::fs::write(
            &path,
            file.replace("FOLDER", &folder.path().display().to_string()),
        )
        .expect("written");
        model_file(&folder.path().join("hidden.json"), "Hidden Service");
        let versions = folder.path().join("folded-service");
        for version in ["2014-01-01", "2020-01-01"] {
            std::fs::create_dir_all(versions.join(version)).expect("made");
            model_file(
                &versions.join(version).join("service-2.json"),
                "Folded Service",
            );
        }
        let environment = environment
            .iter()
            .map(|(name, value)| {
                let value = value.replace("FOLDER", &folder.path().display().to_string());
                ((*name).to_owned(), value)
            })
            .collect();
        let flags = flag
            .map(|flag| ("endpoint", flag.to_owned()))
            .into_iter()
            .collect();
        Config::load(&flags, &environment, Some(&path))
    }

    fn model_file(path: &Path, service_id: &str) {
        let model = json!({
            "metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "json", "serviceId": service_id},
            "operations": {}, "shapes": {},
        });
        std::fs::write(path, model.to_string()).expect("written");
    }

    fn url(config: &Config, id: &str) -> Option<String> {
        let endpoint = config.endpoints.get(id)?;
        Some(endpoint.url().to_string())
    }

    fn shown(config: &Config) -> Vec<(String, String)> {
        let rows = config.settings.iter();
        rows.filter(|row| row.name.contains('.'))
            .map(|row| (row.name.to_string(), row.value.clone()))
            .collect()
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
        let file = "[endpoints]\ns3 = \"http://file:1\"\nlambda = \"http://file:2\"\niam = \"http://file:3\"\n";
        let environment = [
            ("CANTER_ENDPOINT_S3", "http://environment:1"),
            ("CANTER_ENDPOINT_LAMBDA", "http://environment:2"),
        ];
        let config = load(
            file,
            &environment,
            Some("s3=http://flag:1,cloudwatch-logs=http://flag:4"),
        )
        .expect("they are fine");
        assert_eq!(url(&config, "s3").as_deref(), Some("http://flag:1/"));
        assert_eq!(
            url(&config, "lambda").as_deref(),
            Some("http://environment:2/")
        );
        assert_eq!(url(&config, "iam").as_deref(), Some("http://file:3/"));
        assert_eq!(url(&config, "logs").as_deref(), Some("http://flag:4/"));
        let sources: Vec<_> = config
            .settings
            .iter()
            .filter(|row| row.name == "endpoints.s3" || row.name == "endpoints.lambda")
            .map(|row| row.source.clone())
            .collect();
        let variable = "CANTER_ENDPOINT_LAMBDA".to_owned();
        assert_eq!(
            sources,
            [
                Source::Environment(variable),
                Source::Flag("--endpoint".into())
            ]
        );
    }

    #[test]
    fn a_table_says_who_signs_and_its_secret_is_not_shown() {
        let file = "[endpoints.s3]\nurl = \"http://file:1\"\naccess-key = \"AKIA\"\nsecret-key = \"hush\"\nregion = \"home\"\n";
        let config = load(
            file,
            &[("CANTER_ENDPOINT_S3", "http://environment:1")],
            None,
        );
        let config = config.expect("they are fine");
        assert_eq!(url(&config, "s3").as_deref(), Some("http://environment:1/"));
        let rows = [
            ("endpoints.s3", "http://environment:1"),
            ("endpoints.s3.access-key", "AKIA"),
            ("endpoints.s3.region", "home"),
            ("endpoints.s3.secret-key", "***"),
        ];
        let mut seen = shown(&config);
        seen.sort();
        assert_eq!(
            seen,
            rows.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(!format!("{config:?}").contains("hush"));
    }

    #[test]
    fn a_service_that_is_not_built_in_needs_its_model() {
        let file = "[endpoints]\nhidden-service = \"http://h\"\n[models]\nhidden-service = \"FOLDER/hidden.json\"\n";
        let config = load(file, &[], None).expect("they are fine");
        assert_eq!(url(&config, "hiddenservice").as_deref(), Some("http://h/"));
        let environment = [
            ("CANTER_MODELS", "FOLDER"),
            ("CANTER_ENDPOINT_FOLDED_SERVICE", "http://f"),
        ];
        let config = load("", &environment, None).expect("they are fine");
        assert_eq!(url(&config, "foldedservice").as_deref(), Some("http://f/"));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_name() {
        for (file, says) in [
            ("endpoints = 1", "`endpoints` wants a table"),
            (
                "[endpoints]\ns3 = 1",
                "`endpoints.s3` wants a URL or a table with one",
            ),
            (
                "[endpoints]\ns3 = \"minio\"",
                "`endpoints.s3`: `minio` is not a URL such as https://minio.local:9000",
            ),
            (
                "[endpoints]\nnothing = \"http://h\"",
                "`endpoints.nothing`: there is no model of `nothing`, only of states, s3,",
            ),
            (
                "[endpoints]\nstates = \"http://h\"",
                "Step Functions is what this server is",
            ),
            (
                "[endpoints]\ns3 = \"http://h\"\nS3 = \"http://h\"",
                "`endpoints` has `s3` under two names",
            ),
            (
                "[endpoints]\nlogs = \"http://h\"\ncloudwatchlogs = \"http://h\"",
                "`endpoints` has `logs` under two names",
            ),
            (
                "[endpoints.s3]\nurl = \"http://h\"\nkey = \"x\"",
                "`endpoints.s3` has an unknown setting `key`",
            ),
            (
                "[endpoints.s3]\nurl = \"http://h\"\naccess-key = \"x\"",
                "`endpoints.s3` wants both",
            ),
            (
                "[endpoints.s3]\nurl = \"http://h\"\nregion = 1",
                "`endpoints.s3`: `region` wants a text",
            ),
            (
                "[endpoints.s3]\nregion = \"r\"",
                "`endpoints.s3`: `url` wants a text",
            ),
            (
                "[models]\npolly = 1",
                "`models.polly` wants the path of a service-2.json",
            ),
            (
                "[models]\npolly = \"/no/such/file\"",
                "`models.polly`: can't read `/no/such/file`",
            ),
            (
                "[models]\npolly = \"FOLDER/hidden.json\"",
                "is the model of `hiddenservice`",
            ),
            (
                "[models]\npolly = \"FOLDER/canter.toml\"",
                "it is no API model",
            ),
        ] {
            let error = load(file, &[], None).expect_err(file);
            let text = format!("{error:#}");
            assert!(text.contains(says), "{file}: {text}");
        }
        let error = load("", &[("CANTER_ENDPOINT_DYNAMO", "http://h")], None).expect_err("none");
        assert!(
            format!("{error:#}").contains("no model of `dynamo`"),
            "{error:#}"
        );
        let error = load("", &[], Some("s3")).expect_err("it has no URL");
        assert!(format!("{error:#}").contains("not `s3`"), "{error:#}");
    }
}
