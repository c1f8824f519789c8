//! Fenced blocks, headings and links of a Markdown file.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A fenced block.
pub(super) struct Block {
    /// Info string.
    pub(super) kind: String,
    /// Content.
    pub(super) text: String,
    /// Second-level heading of its section.
    pub(super) section: String,
    /// Line of the opening fence.
    pub(super) line: usize,
}

/// A link.
pub(super) struct Link {
    /// Target as written.
    pub(super) target: String,
    /// Link text.
    pub(super) text: String,
    /// Line of the link.
    pub(super) line: usize,
}

/// Returns the fenced blocks.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut section = String::new();
    let mut heading = false;
    let mut open = false;
    let mut blocks: Vec<Block> = Vec::new();
    for (event, range) in parse(markdown) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H2,
                ..
            }) => {
                section.clear();
                heading = true;
            }
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Text(text) | Event::Code(text) if heading => section.push_str(&text),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                open = true;
                blocks.push(Block {
                    kind: kind.into_string(),
                    text: String::new(),
                    section: section.clone(),
                    line: line(markdown, range.start),
                });
            }
            Event::End(TagEnd::CodeBlock) => open = false,
            Event::Text(text) if open => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&text);
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Returns the links, including those in tables and headings.
pub(super) fn links(markdown: &str) -> Vec<Link> {
    let mut open: Vec<Link> = Vec::new();
    let mut links = Vec::new();
    for (event, range) in parse(markdown) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => open.push(Link {
                target: dest_url.into_string(),
                text: String::new(),
                line: line(markdown, range.start),
            }),
            Event::Text(text) | Event::Code(text) => {
                for link in &mut open {
                    link.text.push_str(&text);
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => links.extend(open.pop()),
            _ => {}
        }
    }
    links
}

/// Returns the anchors of the headings as code hosts generate them: lowercase, hyphens for spaces, no punctuation.
pub(super) fn anchors(markdown: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    let mut heading = None;
    for (event, _) in parse(markdown) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let text = heading.take().unwrap_or_default().to_lowercase();
                let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                anchors.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
            }
            _ => {}
        }
    }
    anchors
}

fn parse(markdown: &str) -> impl Iterator<Item = (Event<'_>, std::ops::Range<usize>)> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter()
}

fn line(markdown: &str, at: usize) -> usize {
    markdown[..at].matches('\n').count() + 1
}

#[test]
fn blocks_links_and_anchors_are_found() {
    let text =
        "# A `b`: c?\n\n[there](x.md#y)\n\n## Two\n\n| [`f`](g.rs) |\n|---|\n| x |\n\n```sh\nls\n# a\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            &*found[0].kind,
            &*found[0].text,
            &*found[0].section,
            found[0].line
        ),
        ("sh", "ls\n# a\n", "Two", 11)
    );
    let found: Vec<_> = links(text)
        .into_iter()
        .map(|link| (link.text, link.target, link.line))
        .collect();
    assert_eq!(
        found,
        [
            ("there".to_owned(), "x.md#y".to_owned(), 3),
            ("f".to_owned(), "g.rs".to_owned(), 7)
        ]
    );
    assert_eq!(anchors(text), ["a-b-c", "two"]);
}
