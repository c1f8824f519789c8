//! Names of a step: validated, and in the forms of each language.

/// Maximum length of a name: `threefactor-STAGE-NAME` is the name of a function on AWS, of at most 64 characters, and a stage has
/// up to 20.
const MAX_NAME: usize = 28;

/// Maximum length of a role: stacks on an existing database add up to 50 bytes, and Postgres truncates names at 63.
const MAX_ROLE: usize = 13;

/// Columns of `orders` after which a step can run.
pub(super) const AFTER: [&str; 6] = [
    "order_valid",
    "payment_valid",
    "approved",
    "driver_assigned",
    "food_picked",
    "delivered",
];

/// A step that is to be added.
#[derive(Debug)]
pub(super) struct Step {
    /// Name of the function, of its crate and of its path, for example `notify-kitchen`.
    pub(super) name: String,
    /// Name of the module, for example `notify_kitchen`.
    pub(super) snake: String,
    /// Name of the type and prefix in the templates, for example `NotifyKitchen`.
    pub(super) pascal: String,
    /// Name as a title, for example `Notify kitchen`.
    pub(super) title: String,
    /// Column of `orders` that starts the step.
    pub(super) after: String,
    /// Database role.
    pub(super) role: String,
}

impl Step {
    /// Returns an error that names the rule if the name, the column or the role cannot be used. `functions`: text of
    /// functions/functions.json.
    pub(super) fn new(name: &str, after: &str, role: Option<&str>, functions: &str) -> Result<Self, String> {
        check_name(name)?;
        if !AFTER.contains(&after) {
            return Err(format!(
                "--after \"{after}\" is not a column that starts a step; use one of {}",
                AFTER.join(", ")
            ));
        }
        let pascal = pascal(name);
        for other in values(functions, "name") {
            if other == name {
                return Err(format!(
                    "the function \"{name}\" exists; choose another name, or edit functions/{name}"
                ));
            }
            // The entries of functions are found by their names. (One-word names are words of others already, as in refund-payment.)
            if other.contains('-') && name.contains(other) {
                return Err(format!(
                    "the name \"{name}\" contains that of the function \"{other}\", by which its entries are found; choose another name"
                ));
            }
            let existing = self::pascal(other);
            if existing.starts_with(&pascal) || pascal.starts_with(&existing) {
                return Err(format!(
                    "the name \"{name}\" begins like that of the function \"{other}\", and the resources of the templates in infra/ \
                     are distinguished by their beginning; choose another first word"
                ));
            }
        }
        let words: Vec<&str> = name.split('-').collect();
        let role = role.map_or_else(|| format!("fn_{}", words[0]), str::to_owned);
        check_role(&role, functions)?;
        let title = words.join(" ");
        let (first, rest) = title.split_at(1);
        Ok(Self {
            snake: words.join("_"),
            title: first.to_ascii_uppercase() + rest,
            name: name.to_owned(),
            pascal,
            after: after.to_owned(),
            role,
        })
    }

    /// SET clause that brings a new order into the state in which the step runs.
    fn ready(&self) -> String {
        let reached = AFTER.iter().position(|column| *column == self.after).unwrap_or(0);
        let columns = AFTER[..=reached].iter().map(|column| format!("{column} = true"));
        let columns: Vec<String> = columns.collect();
        format!("{}, total = 500", columns.join(", "))
    }

    /// Replaces the placeholders of a template.
    pub(super) fn fill(&self, template: &str) -> String {
        [
            ("@@name@@", &self.name),
            ("@@snake@@", &self.snake),
            ("@@Pascal@@", &self.pascal),
            ("@@after@@", &self.after),
            ("@@role@@", &self.role),
            ("@@title@@", &self.title),
            ("@@ready@@", &self.ready()),
        ]
        .iter()
        .fold(template.to_owned(), |text, (placeholder, value)| {
            text.replace(placeholder, value)
        })
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !name.split('-').all(is_word) {
        return Err(format!(
            "\"{name}\" is not a name of a step; use lower-case words with single hyphens between them, such as notify-kitchen"
        ));
    }
    if !name.contains('-') {
        return Err(format!(
            "the name \"{name}\" has one word; use a verb and an object, such as notify-kitchen"
        ));
    }
    if name.len() > MAX_NAME {
        return Err(format!(
            "the name \"{name}\" has {} characters; use at most {MAX_NAME}",
            name.len()
        ));
    }
    Ok(())
}

fn check_role(role: &str, functions: &str) -> Result<(), String> {
    let remedy = "choose another with --role, such as fn_notify";
    let valid = role.strip_prefix("fn_").is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    });
    if !valid {
        return Err(format!(
            "the role \"{role}\" must be fn_ and lower-case letters, digits or underscores; {remedy}"
        ));
    }
    if role.len() > MAX_ROLE {
        return Err(format!(
            "the role \"{role}\" has {} bytes; use at most {MAX_ROLE}: {remedy}",
            role.len()
        ));
    }
    for other in values(functions, "role") {
        // Triggers in schema.sql compare the beginning of the current role's name.
        if other.starts_with(role) || role.starts_with(other) {
            return Err(format!(
                "the role \"{role}\" begins like \"{other}\", the role of another function; {remedy}"
            ));
        }
        // Entries of roles are found by their names.
        if role.contains(other) {
            return Err(format!(
                "the role \"{role}\" contains \"{other}\", the role of another function; {remedy}"
            ));
        }
    }
    Ok(())
}

fn pascal(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

/// The string values of a key in the lines of functions/functions.json.
fn values<'t>(json: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    let start = format!("\"{key}\": \"");
    json.lines().filter_map(move |line| {
        let (_, rest) = line.split_once(&start)?;
        rest.split_once('"').map(|(value, _)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTIONS: &str = r#"[
  { "name": "payment", "role": "fn_payment", "caller": "browser" },
  { "name": "refund-payment", "role": "fn_refund", "caller": "trigger" }
]"#;

    #[test]
    fn names_have_the_form_of_each_language() {
        let step = Step::new("notify-kitchen2", "approved", None, FUNCTIONS).unwrap();
        assert_eq!(
            (step.snake.as_str(), step.pascal.as_str(), step.title.as_str()),
            ("notify_kitchen2", "NotifyKitchen2", "Notify kitchen2")
        );
        assert_eq!(step.role, "fn_notify");
        // As in refund-payment, the last word may be the name of a function.
        Step::new("remind-payment", "approved", None, FUNCTIONS).unwrap();
        assert_eq!(step.fill("@@name@@ @@Pascal@@"), "notify-kitchen2 NotifyKitchen2");
    }

    #[test]
    fn unusable_names_are_refused_with_the_rule() {
        for (name, reason) in [
            ("", "is not a name of a step"),
            ("Notify-Kitchen", "is not a name of a step"),
            ("notify_kitchen", "is not a name of a step"),
            ("notify--kitchen", "is not a name of a step"),
            ("-notify", "is not a name of a step"),
            ("notify-", "is not a name of a step"),
            ("2-notify", "is not a name of a step"),
            ("notify-küche", "is not a name of a step"),
            ("../notify", "is not a name of a step"),
            ("notify", "has one word"),
            (
                "notify-all-the-cooks-in-kitchen",
                "has 31 characters; use at most 28",
            ),
            ("refund-payment", "the function \"refund-payment\" exists"),
            ("payment-reminder", "begins like that of the function \"payment\""),
            (
                "retry-refund-payment",
                "contains that of the function \"refund-payment\"",
            ),
            (
                "pre-refund-payments",
                "contains that of the function \"refund-payment\"",
            ),
        ] {
            let error = Step::new(name, "approved", None, FUNCTIONS).unwrap_err();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    #[test]
    fn unusable_roles_and_columns_are_refused() {
        let refused = |after: &str, role: Option<&str>, name: &str| {
            Step::new(name, after, role, FUNCTIONS).unwrap_err()
        };
        assert!(refused("total", None, "notify-kitchen").contains("use one of order_valid, payment_valid"));
        for (role, reason) in [
            ("postgres", "must be fn_"),
            ("fn_", "must be fn_"),
            ("fn_Kitchen", "must be fn_"),
            ("fn_notification", "has 15 bytes; use at most 13"),
            ("fn_refund", "begins like \"fn_refund\""),
            ("fn_refund_x", "begins like \"fn_refund\""),
            ("fn_pay", "begins like \"fn_payment\""),
            ("fn_fn_refund", "contains \"fn_refund\""),
        ] {
            let error = refused("approved", Some(role), "notify-kitchen");
            assert!(
                error.contains(reason) && error.contains("--role"),
                "{role}: {error}"
            );
        }
        assert!(refused("approved", None, "congratulate-guest").contains("use at most 13"));
    }
}
