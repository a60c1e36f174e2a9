use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use server::Source;

use super::Settings;
use super::table::Table;

#[derive(Args)]
pub(super) struct Print {
    #[command(flatten)]
    settings: Settings,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(print: &Print) -> Result<ExitCode> {
    let config = print.settings.load()?;
    if print.json {
        println!("{}", serde_json::to_string_pretty(&config.settings)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["SETTING", "VALUE", "FROM", "WHAT IT DOES"]);
    for setting in &config.settings {
        let source = match &setting.source {
            Source::Default => "default".into(),
            Source::File(path) => path.display().to_string(),
            Source::Environment(name) => name.clone(),
            Source::Flag(flag) => flag.clone(),
        };
        table.row([&*setting.name, &setting.value, &source, setting.about]);
    }
    print!("{table}");
    Ok(ExitCode::SUCCESS)
}
