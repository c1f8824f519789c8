use super::*;

fn texts(text: &str, language: Language) -> Vec<(usize, String)> {
    pieces(text, language)
        .into_iter()
        .map(|piece| (piece.line, piece.text.trim().replace(NOT_PROSE, "~")))
        .collect()
}

fn found(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
    expected
        .iter()
        .map(|(line, text)| (*line, (*text).to_owned()))
        .collect()
}

#[test]
fn rust_comments_and_strings_are_found() {
    let text = r##"//! Module
fn f<'a>(c: &'a str) -> char { '"' } // end of line
/// First line
/// second `inline code`
const A: &str = "two words"; const B: &str = "word";
const C: &str = r#"raw "text" here"#; /* block /* nested */ comment */
const D: &str = "with // no comment \" inside";
"##;
    let expected = [
        (1, "Module"),
        (2, "end of line"),
        (3, "First line\n second ~~~~~~~~~~~~~"),
        (5, "two words"),
        (6, "raw \"text\" here"),
        (6, "block /* nested */ comment"),
        (7, "with // no comment  \" inside"),
    ];
    assert_eq!(texts(text, Language::Rust), found(&expected));
}

#[test]
fn line_of_a_match_counts_line_ends_in_the_text() {
    let text = "\nconst A: &str = \"first line \\\n    second line\";\n";
    let found = pieces(text, Language::Rust);
    let offset = found[0].text.find("second").expect("the second line");
    assert_eq!(found[0].line_of(offset), 3);
}

#[test]
fn scripts_and_jsx_are_separated_from_code() {
    let text = "const a = x > 0 && y < 1 // why not\nconst r = /[\"'/]/.test(it's)\n\
                const b = <p title=\"a title\">Don't wait for {name} to come</p>\n\
                const c = `template ${x} text`\n} else if (a) {\n";
    let expected = [
        (1, "why not"),
        (3, "a title"),
        (3, "Don't wait for"),
        (3, "to come"),
        (4, "template ${x} text"),
    ];
    assert_eq!(texts(text, Language::Jsx), found(&expected));
}

#[test]
fn sql_python_and_hash_comments_are_found() {
    let sql = "SELECT 'it''s -- text' -- a comment\n/* block */";
    let expected = [(1, "s -- text"), (1, "a comment"), (2, "block")];
    assert_eq!(texts(sql, Language::Sql), found(&expected));
    let python = "\"\"\"A module.\n\nMore.\n\"\"\"\nx = 'two words'  # why\n";
    let expected = [(1, "A module.\n\nMore."), (5, "two words"), (5, "why")];
    assert_eq!(texts(python, Language::Python), found(&expected));
    let shell = "a=${#b[@]} # why\necho 'no # comment' \"#\"\n# one\n# two\n";
    let expected = [(1, "why"), (3, "one\n two")];
    assert_eq!(texts(shell, Language::Hash), found(&expected));
}

#[test]
fn descriptions_of_templates_are_found() {
    let yaml = "Description: >-\n  Two\n  lines\nParameters:\n  A:\n    ConstraintDescription: A rule.\n\
                \x20   Default: nothing\n  - Label: {default: The name}\n  - {Description: the pool, Port: 1}\n";
    let expected = [
        (2, "Two\n  lines"),
        (6, "A rule."),
        (8, "The name}"),
        (9, "the pool, Port: 1}"),
    ];
    assert_eq!(texts(yaml, Language::Yaml), found(&expected));
}

#[test]
fn markdown_is_found_without_code_and_targets() {
    let text = "# Title\n\nSome `code` and\n[a link](x/y.md) here.\n\n```sh\nignored\n```\n- item\n  more\n| a | b |\n";
    let expected = [
        (1, "# Title"),
        (3, "Some ~~~~~~ and\n[a link~~~~~~~~~ here."),
        (9, "- item\n  more"),
        (11, "| a | b |"),
    ];
    assert_eq!(texts(text, Language::Markdown), found(&expected));
}

#[test]
fn hasuras_wording_is_skipped() {
    let text = "// Hasura's wording\n#[derive(Debug)]\nconst A: [&str; 2] = [\n    \"is no query\",\n    \"is no root\",\n];\n\
                const B: &str = \"our own\";\n\
                f(\"is no type\"); // Hasura's wording\n\
                f(\"our text\");\n\
                // Hasura's wording: begin\nf(\"is no field\");\n\ng(\"is no scalar\");\n// Hasura's wording: end\n\
                f(\"our end\");\n";
    let expected = [(7, "our own"), (9, "our text"), (15, "our end")];
    assert_eq!(texts(text, Language::Rust), found(&expected));
}

#[test]
fn marker_in_a_match_skips_one_arm() {
    let text = "match a {\n    // Hasura's wording\n    A => \"is no query\",\n    B => \"our own\",\n}\n";
    assert_eq!(texts(text, Language::Rust), found(&[(4, "our own")]));
}

#[test]
fn unfinished_literals_do_not_panic() {
    for text in [
        "\"", "'", "r#\"", "/*", "`", "\\", "'\\", "\"\\", "/", ">", "b'é", "/* é",
    ] {
        for language in [
            Language::Rust,
            Language::Jsx,
            Language::Sql,
            Language::Python,
            Language::Yaml,
            Language::Markdown,
        ] {
            pieces(text, language);
        }
    }
}

#[test]
fn language_follows_the_name() {
    assert_eq!(language("a/b.rs"), Some(Language::Rust));
    assert_eq!(language(".ci/run"), Some(Language::Hash));
    assert_eq!(language("docs/style-guide.md"), None);
    assert_eq!(language("LICENSE"), None);
}
