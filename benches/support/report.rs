//! The table at the end of a run.

use std::fmt;

/// Figures, each beside its goal.
#[derive(Debug, Default)]
pub(crate) struct Report {
    title: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Row {
    figure: String,
    measured: String,
    goal: String,
    /// `None` where there is no goal.
    met: Option<bool>,
}

impl Report {
    /// An empty table.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A figure without a goal.
    pub(crate) fn figure(&mut self, figure: impl Into<String>, measured: impl Into<String>) {
        let (figure, measured) = (figure.into(), measured.into());
        self.rows.push(Row { figure, measured, goal: String::new(), met: None });
    }

    /// A figure, its goal in words, and whether it is met.
    pub(crate) fn goal(&mut self, figure: impl Into<String>, measured: impl Into<String>, goal: &str, met: bool) {
        let (figure, measured) = (figure.into(), measured.into());
        self.rows.push(Row { figure, measured, goal: goal.to_owned(), met: Some(met) });
    }

    /// A line below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// How many goals are missed.
    pub(crate) fn missed(&self) -> usize {
        self.rows.iter().filter(|row| row.met == Some(false)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Row) -> &str| self.rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0);
        let (first, second) = (width(|row| &row.figure), width(|row| &row.measured));
        let third = width(|row| &row.goal);
        writeln!(f, "{}", self.title)?;
        for Row { figure, measured, goal, met } in &self.rows {
            let verdict = met.map_or("", |met| if met { "met" } else { "MISSED" });
            let line = format!("  {figure:<first$}  {measured:>second$}  {goal:<third$}  {verdict}");
            writeln!(f, "{}", line.trim_end())?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

/// `12,345`
pub(crate) fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as `12.3 MiB`.
#[allow(clippy::cast_precision_loss)] // far below 2^52
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Microseconds as `1.23 ms`.
pub(crate) fn milliseconds(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
}
