//! A plain-text table whose columns line up.

use super::view::Row;

/// The rows under their headings, columns padded to the widest cell.
pub(super) fn plain(rows: &[Row]) -> String {
    let head = ["agent", "result", "old → new", "change (plausible range)"].map(str::to_owned);
    let lines: Vec<[String; 4]> = std::iter::once(head)
        .chain(
            rows.iter()
                .map(|row| [&row.agent, &row.result, &row.scores, &row.change].map(Clone::clone)),
        )
        .collect();
    let widths: Vec<usize> = (0..4)
        .map(|i| {
            lines
                .iter()
                .filter_map(|l| l.get(i))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let padded = lines.iter().map(|line| {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        format!("  {}", cells.join("  ").trim_end())
    });
    padded.collect::<Vec<_>>().join("\n")
}
