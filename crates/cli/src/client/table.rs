//! Lists for people.

/// Rows below headings, each column as wide as its widest text.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(super) fn new(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned)] }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The lines, with no spaces at their ends.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
                line.push_str(&format!("{cell:width$}  "));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Facts for people: a label and a value on each line.
#[derive(Debug, Default)]
pub(super) struct Facts(String);

impl Facts {
    /// Adds a line.
    pub(super) fn row(&mut self, label: &str, value: impl std::fmt::Display) {
        self.0.push_str(format!("{label:<10}  {value}").trim_end());
        self.0.push('\n');
    }

    /// The lines.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let mut table = Table::new(["NAME", "MEMORY", "ABOUT"]);
        table.row(["größer".to_owned(), "128 MB".to_owned(), String::new()]);
        table.row(["f".to_owned(), "10240 MB".to_owned(), "tea".to_owned()]);
        insta::assert_snapshot!(table.text(), @r"
        NAME    MEMORY    ABOUT
        größer  128 MB
        f       10240 MB  tea
        ");
    }
}
