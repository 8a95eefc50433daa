//! Two columns of help, laid out for the narrowest terminal: what wraps them on a wider one keeps their lines.

/// The width that every terminal has.
const WIDTH: usize = 80;

/// Each name with what it means, which goes on below itself.
pub fn columns(rows: &[(&str, &str)]) -> String {
    let names = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let indent = names + 4;
    let mut lines = Vec::new();
    for (name, meaning) in rows {
        let mut line = format!("  {name:<names$}  ");
        let mut is_begun = false;
        for word in meaning.split(' ') {
            if is_begun && line.len() + 1 + word.len() > WIDTH {
                lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
                is_begun = false;
            }
            if is_begun {
                line.push(' ');
            }
            line.push_str(word);
            is_begun = true;
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meaning_goes_on_below_itself_and_fits() {
        let long = "word ".repeat(30);
        let text = columns(&[("a", "short"), ("name", long.trim())]);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("  a     short"));
        assert!(
            lines
                .next()
                .is_some_and(|line| line.starts_with("  name  word word"))
        );
        assert!(lines.all(|line| line.starts_with("        word") && line.len() <= WIDTH));
        assert_eq!(text.matches("word").count(), 30);
    }
}
