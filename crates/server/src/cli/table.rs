//! Text tables: aligned by display width, coloured on a terminal only.

use std::fmt;
use std::io::IsTerminal;

use unicode_width::UnicodeWidthStr;

/// What a cell's text says about its row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Head,
    Good,
    Bad,
    Warn,
    Faint,
}

/// Whether standard output shows colours: a terminal, and nobody said NO_COLOR (<https://no-color.org>).
pub(super) fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

pub(super) fn paint(text: &str, tone: Tone) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Head => "1",
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Warn => "33",
        Tone::Faint => "2",
    };
    if colours() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// The tone of an execution's or a state's status.
pub(super) fn status_tone(status: &str) -> Tone {
    match status {
        "SUCCEEDED" => Tone::Good,
        "FAILED" | "TIMED_OUT" | "ABORTED" => Tone::Bad,
        "CAUGHT" | "RUNNING" => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// Rows under a head line. The last column is not padded and is cut to the terminal's width.
pub(super) struct Table {
    rows: Vec<(Tone, Vec<String>)>,
    indent: usize,
}

/// Wide enough for a terminal of today, and readable when there is none to ask.
const WIDTH_MAX: usize = 160;

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self {
            rows: vec![(
                Tone::Head,
                head.iter().map(|cell| (*cell).to_owned()).collect(),
            )],
            indent: 0,
        }
    }

    pub(super) fn indented(mut self, by: usize) -> Self {
        self.indent = by;
        self
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.toned(Tone::Plain, cells);
    }

    pub(super) fn toned<const N: usize>(&mut self, tone: Tone, cells: [&str; N]) {
        // One line a row: what a cell holds may have come from anywhere.
        let clean = |cell: &str| {
            cell.chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect()
        };
        self.rows
            .push((tone, cells.into_iter().map(clean).collect()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self
            .rows
            .iter()
            .map(|(_, cells)| cells.len())
            .max()
            .unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|(_, cells)| cells.get(column))
                    .map(|c| c.width())
                    .max()
            })
            .map(Option::unwrap_or_default)
            .collect();
        for (tone, cells) in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (column, cell) in cells.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < cells.len() {
                    let width = widths.get(column).copied().unwrap_or_default();
                    line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
                }
            }
            if line.width() > WIDTH_MAX {
                line = line.chars().take(WIDTH_MAX - 1).chain(['…']).collect();
            }
            writeln!(f, "{}", paint(line.trim_end(), *tone))?;
        }
        Ok(())
    }
}
