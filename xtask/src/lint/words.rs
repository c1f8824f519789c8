//! Word list of docs/style-guide.md and its matcher. This module and docs/style-guide.md are not scanned, because they quote
//! the phrases.

/// Effect of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Printed.
    Warn,
    /// Printed, and the command fails.
    Deny,
}

/// Condition on the text before a phrase.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// No condition.
    Anything,
    /// The previous word is none of these.
    Not(&'static [&'static str]),
    /// Start of the text, or after one of `.;:(`, or after one of these words.
    StartOr(&'static [&'static str]),
    /// Start of a text only.
    Start,
    /// Start of a Rust doc comment only.
    DocStart,
}

/// Kind of a scanned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `///` or `//!` in Rust.
    Doc,
    /// Any other comment.
    Comment,
    /// String literal, JSX text or a CloudFormation description.
    Text,
    /// Markdown paragraph.
    Prose,
    /// Commit subject.
    Subject,
}

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Words separated by spaces. Alternatives of a word are separated by `|`, an alternative `*` is any word, and a final
    /// `?` makes the word optional. `'s` is a word.
    phrase: &'static str,
    before: Before,
    /// Words that may not follow; with one of them the phrase is legitimate.
    not_after: &'static [&'static str],
    level: Level,
    suggestion: &'static str,
}

/// Path prefixes where an entry does not apply, by phrase.
const EXEMPT: [(&str, &str); 1] = [("story", "apps/browser-tests/")];

const fn deny(phrase: &'static str, suggestion: &'static str) -> Entry {
    Entry {
        phrase,
        before: Before::Anything,
        not_after: &[],
        level: Level::Deny,
        suggestion,
    }
}

const fn warn(phrase: &'static str, suggestion: &'static str) -> Entry {
    Entry {
        level: Level::Warn,
        ..deny(phrase, suggestion)
    }
}

const fn after(entry: Entry, not_after: &'static [&'static str]) -> Entry {
    Entry { not_after, ..entry }
}

const fn before(entry: Entry, before: Before) -> Entry {
    Entry { before, ..entry }
}

const NAME_THE_COMPONENT: &str = "name the component, or use the passive voice";

const ENTRIES: &[Entry] = &[
    deny("whoever", NAME_THE_COMPONENT),
    deny("somebody|nobody|anybody|everybody", NAME_THE_COMPONENT),
    before(
        warn("who", "name the component"),
        Before::StartOr(&["to", "for", "of", "from", "by"]),
    ),
    before(
        deny("what|who|where|which", "begin with a noun phrase"),
        Before::DocStart,
    ),
    after(
        before(
            deny("is no", "\"is not a\" or \"invalid\""),
            Before::Not(&["there"]),
        ),
        &["longer", "more", "need", "way", "reason"],
    ),
    after(deny("so many|long", "a number with a unit"), &["as", "that"]),
    deny("sign|signs of life", "keep-alive, activity"),
    deny("beside each|one other|another", "concurrently"),
    deny("told|tell|tells|telling *? apart", "distinguish"),
    deny("in force", "current, active, committed"),
    deny("trouble|troubles", "error, failure, fault"),
    deny(
        "broke|break|breaks|breaking|broken off",
        "failed, panicked, closed",
    ),
    deny("mend|mends|mended|mending", "fix, correct"),
    deny("anew|afresh", "again, recreated"),
    warn("by itself|themselves", "automatically, on its own"),
    deny(
        "hand|hands|handed|handing it|them|events? back",
        "release, return",
    ),
    deny("hand|hands|handed|handing the rest back", "release, return"),
    deny("written|write|writes|wrote down", "record, store"),
    deny("at hand", "available"),
    warn("that|which|what will pass", "transient"),
    warn("that|which|what passes", "transient"),
    warn("passes by itself", "transient"),
    deny("nowhere? to be found", "was not found"),
    after(
        warn("stand|stands", "is, is located, appears, remains"),
        &["for", "alone", "out", "by"],
    ),
    deny("rooms", "module, capacity"),
    deny("this|own|per|other|each room", "module, capacity"),
    deny(
        "door|doors|drawer|drawers|house|houses",
        "interface, storage, code base",
    ),
    warn(
        "walk|walks|walked|walking",
        "bind (planner), life cycle (order), traverse",
    ),
    warn(
        "a|the|one|each|next|last|every|most look|looks",
        "poll, scan, attempt",
    ),
    warn("that|what is|are|was|were there", "existing"),
    deny("any more", "no longer"),
    deny("go|goes on", "continue, resume"),
    deny(
        "farewell|greed|crowd|crowds|crowded|patience|patiently|stray|strays|careless|carelessly",
        "timeout, share, busy, orphan, fsync off",
    ),
    before(warn("answers", "\"Returns\""), Before::Start),
    warn("answers how|what|whether|which", "returns"),
    warn("answers the new|path|version|connection", "returns"),
    deny("as * has it", "\"as in X\""),
    deny("not served", "not supported"),
    deny("kept in the metadata", "stored but ignored"),
    deny("in words", "human-readable, as text"),
    deny("hold|holds|holding|held up", "block, delay"),
    deny("he|him|his", "they, or the component"),
    deny("nodejs", "Node.js"),
    deny("small letters", "lowercase letters"),
    deny("one 's own", "its own, dedicated"),
    deny("came|become|becomes|became of", "result, outcome"),
    deny("for people", "human-readable"),
    deny("* 's sake", "\"for compatibility with\""),
    deny("story", "history, progress"),
    deny("the books", "audit"),
    deny("the original|reference 's", "the Node.js example's"),
];

/// A phrase of the list in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Byte offset of its first word.
    pub(super) offset: usize,
    /// As it appears in the text.
    pub(super) phrase: String,
    pub(super) level: Level,
    pub(super) suggestion: &'static str,
}

/// A word of a text, by byte offsets.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
}

/// Returns the matches in `text`, which belongs to the file at `path` (relative to the workspace root, or empty).
pub(super) fn matches(path: &str, kind: Kind, text: &str) -> Vec<Match> {
    let lower = text.to_ascii_lowercase();
    let words = words(&lower);
    let mut found = Vec::new();
    for entry in ENTRIES {
        if EXEMPT
            .iter()
            .any(|(phrase, prefix)| *phrase == entry.phrase && path.starts_with(prefix))
        {
            continue;
        }
        let pattern: Vec<_> = entry.phrase.split(' ').collect();
        for at in 0..words.len() {
            let Some(end) = matched(&lower, &words, at, &pattern) else {
                continue;
            };
            let (first, last) = (words[at], words[end - 1]);
            if compound(&lower, first.start, last.end)
                || !allowed_before(entry.before, kind, &lower, &words, at)
                || follows(&lower, &words, end, entry.not_after)
            {
                continue;
            }
            let phrase = text[first.start..last.end].split_whitespace().collect::<Vec<_>>();
            found.push(Match {
                offset: first.start,
                phrase: phrase.join(" "),
                level: entry.level,
                suggestion: entry.suggestion,
            });
        }
    }
    // Of overlapping matches only the first is reported.
    found.sort_by_key(|found| found.offset);
    let mut end = 0;
    found.retain(|found| {
        let separate = found.offset >= end;
        if separate {
            end = found.offset + found.phrase.len();
        }
        separate
    });
    found
}

/// Splits lower-case text into words. An apostrophe starts a word: "it's" is "it" and "'s".
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let apostrophe = matches!(c, '\'' | '’');
        let inside = c.is_alphanumeric() || c == '_';
        if let (Some(from), false) = (start, inside) {
            words.push(Word { start: from, end: at });
            start = None;
        }
        if start.is_none() && (inside || (apostrophe && text[..at].ends_with(char::is_alphanumeric))) {
            start = Some(at);
        }
    }
    words
}

/// Returns the index after the last word if the pattern matches from `at`.
fn matched(text: &str, words: &[Word], at: usize, pattern: &[&str]) -> Option<usize> {
    let Some((first, rest)) = pattern.split_first() else {
        return Some(at);
    };
    let (alternatives, optional) = match first.strip_suffix('?') {
        Some(alternatives) => (alternatives, true),
        None => (*first, false),
    };
    let taken = words.get(at).is_some_and(|word| {
        let spelled = text[word.start..word.end].replace('’', "'");
        alternatives
            .split('|')
            .any(|alternative| alternative == spelled || (alternative == "*" && !spelled.starts_with('\'')))
    });
    let next = |at: usize| {
        let adjacent = rest.is_empty() || words.get(at).is_some_and(|word| joined(text, words, at, *word));
        adjacent.then(|| matched(text, words, at, rest)).flatten()
    };
    if taken && let Some(end) = next(at + 1) {
        return Some(end);
    }
    if optional {
        return matched(text, words, at, rest);
    }
    None
}

/// Only white space, or nothing before an apostrophe, separates the word from the previous one.
fn joined(text: &str, words: &[Word], at: usize, word: Word) -> bool {
    at.checked_sub(1)
        .and_then(|at| words.get(at))
        .is_some_and(|previous| text[previous.end..word.start].chars().all(char::is_whitespace))
}

/// The range is part of a compound, path or identifier, such as `no-op`, `plan/walk` or `Poller::look`.
fn compound(text: &str, start: usize, end: usize) -> bool {
    let (before, behind) = (&text[..start], &text[end..]);
    let glued = |c: char| matches!(c, '-' | '/' | '.' | ':' | '_' | '@' | '=' | '#' | '$');
    let mut outward = before.chars().rev();
    let before_is_part = outward.next().is_some_and(glued) && outward.next().is_some_and(part);
    let path_before = before.ends_with('/') || before.ends_with("::") || before.ends_with("--");
    let mut outward = behind.chars();
    let behind_is_part = outward.next().is_some_and(glued) && outward.next().is_some_and(part);
    before_is_part || path_before || behind_is_part || behind.starts_with('(') || behind.starts_with("::")
}

fn part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '/')
}

fn allowed_before(before: Before, kind: Kind, text: &str, words: &[Word], at: usize) -> bool {
    let head = text[..words[at].start].trim_end();
    let previous = || {
        at.checked_sub(1)
            .filter(|_| joined(text, words, at, words[at]))
            .map(|at| &text[words[at].start..words[at].end])
    };
    match before {
        Before::Anything => true,
        Before::Not(excluded) => previous().is_none_or(|word| !excluded.contains(&word)),
        Before::StartOr(included) => {
            head.is_empty()
                || head.ends_with(['.', ';', ':', '('])
                || previous().is_some_and(|word| included.contains(&word))
        }
        Before::Start => head.is_empty() && matches!(kind, Kind::Doc | Kind::Comment),
        Before::DocStart => head.is_empty() && kind == Kind::Doc,
    }
}

fn follows(text: &str, words: &[Word], at: usize, excluded: &[&str]) -> bool {
    words
        .get(at)
        .is_some_and(|word| joined(text, words, at, *word) && excluded.contains(&&text[word.start..word.end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(kind: Kind, text: &str) -> Vec<String> {
        matches("README.md", kind, text)
            .into_iter()
            .map(|found| found.phrase)
            .collect()
    }

    #[test]
    fn phrase_is_found_in_any_case_and_across_lines() {
        for text in [
            "Nobody waits.",
            "the NOBODY",
            "it waits for\nnobody's lock",
            "(nobody)",
        ] {
            assert_eq!(phrases(Kind::Comment, text).len(), 1, "{text}");
        }
        assert_eq!(
            phrases(Kind::Comment, "runs beside\n  each other"),
            ["beside each other"]
        );
    }

    #[test]
    fn part_of_a_word_path_or_identifier_is_not_a_phrase() {
        for text in [
            "warehouse",
            "who_joined",
            "plan/walk/mod.rs",
            "Poller::walk",
            "walk()",
            "a no-op is no-op",
            "whose turn",
            "beside, each other",
        ] {
            assert_eq!(phrases(Kind::Comment, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn exceptions_before_and_after_a_phrase_count() {
        assert_eq!(phrases(Kind::Text, "the body is no JSON"), ["is no"]);
        for text in ["there is no order", "it is no longer needed", "is, no"] {
            assert_eq!(phrases(Kind::Text, text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(phrases(Kind::Text, "at most so many."), ["so many"]);
        assert_eq!(phrases(Kind::Text, "so long as it runs"), Vec::<String>::new());
    }

    #[test]
    fn optional_and_wildcard_words_match() {
        for (text, found) in [
            ("tell apart", "tell apart"),
            ("tell them apart", "tell them apart"),
            ("handed back", "handed back"),
            ("hand events back", "hand events back"),
            ("as Hasura has it", "as Hasura has it"),
            ("for compatibility's sake", "compatibility's sake"),
            ("the original’s schema", "the original’s"),
        ] {
            assert_eq!(phrases(Kind::Comment, text), [found]);
        }
        assert_eq!(
            phrases(Kind::Comment, "tell all of them apart"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn position_restricts_some_entries() {
        assert_eq!(phrases(Kind::Doc, "What the row holds."), ["What"]);
        assert_eq!(
            phrases(Kind::Comment, "What the row holds."),
            Vec::<String>::new()
        );
        assert_eq!(phrases(Kind::Comment, "Answers with JSON."), ["Answers"]);
        assert_eq!(
            phrases(Kind::Comment, "It answers with JSON."),
            Vec::<String>::new()
        );
        assert_eq!(phrases(Kind::Prose, "Closed: who joined."), ["who"]);
        assert_eq!(
            phrases(Kind::Prose, "a customer who joined"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn level_depends_on_the_entry_and_exempt_paths() {
        let level = |path: &str, text: &str| {
            let found = matches(path, Kind::Comment, text);
            found.first().map(|found| found.level)
        };
        assert_eq!(level("shared/src/lib.rs", "nobody"), Some(Level::Deny));
        assert_eq!(level("shared/src/lib.rs", "it stands"), Some(Level::Warn));
        assert_eq!(level("apps/browser-tests/a.ts", "a story"), None);
        assert_eq!(level("apps/shared/a.ts", "a story"), Some(Level::Deny));
    }

    #[test]
    fn every_entry_matches_its_own_phrase() {
        for entry in ENTRIES {
            let text: Vec<_> = entry
                .phrase
                .split(' ')
                .map(|word| word.trim_end_matches('?').split('|').next().unwrap_or(word))
                .map(|word| if word == "*" { "it" } else { word })
                .collect();
            let mut text = text.join(" ").replace(" '", "'");
            if matches!(entry.before, Before::Anything | Before::Not(_)) {
                text.insert_str(0, "It ");
            }
            let found = matches("x", Kind::Doc, &text);
            assert!(
                found.iter().any(|found| found.suggestion == entry.suggestion),
                "{text}: {found:?}"
            );
        }
    }
}
