//! The table of agents in a text: found by its head, coloured by its columns, and stacked where it is too wide.

use super::color;

/// The heads of the columns, as the text has them.
const HEAD: [&str; 4] = ["agent", "result", "old → new", "change"];

/// A table at the start of some lines.
pub(super) struct Table<'t> {
    /// With the head.
    rows: Vec<&'t str>,
    /// Where each column begins, in characters.
    starts: [usize; 4],
}

impl<'t> Table<'t> {
    pub(super) fn at_start(lines: &[&'t str]) -> Option<Self> {
        let head = lines.first().filter(|line| line.starts_with("  agent "))?;
        let mut starts = [0; 4];
        for (start, name) in starts.iter_mut().zip(HEAD) {
            let before = head.get(..head.find(name)?)?;
            *start = before.chars().count();
        }
        if !starts.is_sorted() {
            return None;
        }
        let rows = lines.iter().take_while(|line| !line.is_empty());
        Some(Self {
            rows: rows.copied().collect(),
            starts,
        })
    }

    pub(super) const fn lines(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn shown(&self, columns: Option<usize>, colored: bool) -> Vec<String> {
        let widest = self.rows.iter().map(|row| row.chars().count()).max();
        let too_wide = columns
            .zip(widest)
            .is_some_and(|(columns, widest)| widest > columns);
        if too_wide {
            return self
                .rows
                .iter()
                .skip(1)
                .flat_map(|row| self.stacked(row, colored))
                .collect();
        }
        let rows = self.rows.iter().enumerate();
        rows.map(|(at, row)| match (at, colored) {
            (0, true) => color::dim(row),
            (_, true) => self.painted(row),
            (_, false) => (*row).to_owned(),
        })
        .collect()
    }

    /// The cells of a row with the spaces after them.
    fn cells(&self, row: &str) -> [String; 4] {
        let cell = |column: usize| -> String {
            let start = self.starts.get(column).copied().unwrap_or(0);
            let end = self.starts.get(column + 1).copied().unwrap_or(usize::MAX);
            row.chars()
                .skip(start)
                .take(end.saturating_sub(start))
                .collect()
        };
        [cell(0), cell(1), cell(2), cell(3)]
    }

    fn painted(&self, row: &str) -> String {
        let [agent, result, scores, change] = self.cells(row);
        let (result, change) = (color::cell(&result), color::change(&change));
        format!("  {agent}{result}{scores}{change}")
    }

    /// An agent on one line, what became of it on the next.
    fn stacked(&self, row: &str, colored: bool) -> Vec<String> {
        let [agent, result, scores, change] =
            self.cells(row).map(|cell| cell.trim_end().to_owned());
        if !colored {
            return vec![
                format!("  {agent}"),
                format!("    {result}  {scores}"),
                format!("    {change}"),
            ];
        }
        let (result, change) = (color::cell(&result), color::change(&change));
        vec![
            format!("  {}", color::strong(&agent)),
            format!("    {result}  {scores}"),
            format!("    {change}"),
        ]
    }
}
