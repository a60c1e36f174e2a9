//! Figures, as a table and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::Options;

/// What a figure is measured against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    AtMost(f64),
    AtLeast(f64),
}

/// One number of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// `pass1` …
    pub scenario: &'static str,
    /// What was measured, in words.
    pub what: String,
    /// In `unit`.
    pub value: f64,
    /// `ms`, `MB`, `1/s` …
    pub unit: &'static str,
    /// Where there is one.
    pub mark: Option<Mark>,
}

impl Figure {
    pub(crate) fn new(
        scenario: &'static str,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            scenario,
            what: what.into(),
            value,
            unit,
            mark: None,
        }
    }

    pub(crate) fn at_most(mut self, mark: f64) -> Self {
        self.mark = Some(Mark::AtMost(mark));
        self
    }

    pub(crate) fn at_least(mut self, mark: f64) -> Self {
        self.mark = Some(Mark::AtLeast(mark));
        self
    }

    /// Whether it is as good as its mark; none without one.
    pub fn met(&self) -> Option<bool> {
        self.mark.map(|mark| match mark {
            Mark::AtMost(most) => self.value <= most,
            Mark::AtLeast(least) => self.value >= least,
        })
    }

    /// The number with three significant digits, and its unit.
    pub fn text(&self) -> String {
        format!("{} {}", number(self.value), self.unit)
    }

    /// `≤ 0.12 ms`, or nothing.
    pub fn mark_text(&self) -> String {
        match self.mark {
            Some(Mark::AtMost(most)) => format!("≤ {} {}", number(most), self.unit),
            Some(Mark::AtLeast(least)) => format!("≥ {} {}", number(least), self.unit),
            None => String::new(),
        }
    }
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 {
        let digits = format!("{value:.0}");
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) && digit.is_ascii_digit() {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else if value.abs() >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// All figures of a run, and what it was run with.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order of the scenarios.
    pub figures: Vec<Figure>,
    settings: Value,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        let settings = json!({
            "seconds": options.span.as_secs_f64(), "clients": options.clients, "rate": options.rate,
            "scale": options.scale, "cores": std::thread::available_parallelism().map_or(0, usize::from),
        });
        Self {
            figures: Vec::new(),
            settings,
        }
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        let figures: Vec<Value> = self.figures.iter().map(|figure| {
            json!({
                "scenario": figure.scenario, "what": figure.what, "value": figure.value, "unit": figure.unit,
                "mark": figure.mark_text(), "met": figure.met(),
            })
        }).collect();
        json!({"settings": self.settings, "figures": figures})
    }

    /// A table for docs/performance.md.
    pub fn to_markdown(&self) -> String {
        let mut table =
            String::from("| scenario | what | measured | mark |\n|---|---|---:|---:|\n");
        for figure in &self.figures {
            let missed = if figure.met() == Some(false) {
                " **missed**"
            } else {
                ""
            };
            let _ = writeln!(
                table,
                "| {} | {} | {} | {}{missed} |",
                figure.scenario,
                figure.what,
                figure.text(),
                figure.mark_text()
            );
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_with_its_mark() {
        let figure = Figure::new("pass1", "executions", 6543.2, "1/s").at_least(6000.0);
        assert_eq!(
            (figure.text(), figure.mark_text()),
            ("6,543 1/s".into(), "≥ 6,000 1/s".into())
        );
        assert_eq!(figure.met(), Some(true));
        assert_eq!(number(-1_234_567.0), "-1,234,567");
        assert_eq!(number(0.1), "0.100");
    }
}
