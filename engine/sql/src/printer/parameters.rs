//! Parameters: `$1`, `$2`, …, or columns of the CTE `"_subs"` in a statement for many subscribers.

use super::Printer;
use crate::statement::ParamSource;
use std::fmt::Write as _;
use std::sync::Arc;

impl Printer {
    pub(super) fn param(&mut self, source: ParamSource, ty: &str) {
        let n = match source {
            ParamSource::Request(_) | ParamSource::Session(_) => self.value(source, ty),
            ParamSource::Literal(_) | ParamSource::Array(_) | ParamSource::Deferred(_) => {
                self.new_param(source, ty)
            }
        };
        self.param_reference(n, ty);
    }

    /// Returns the number of the parameter for a value of the request. The type is part of the key because Postgres gives a
    /// parameter one type.
    fn value(&mut self, source: ParamSource, ty: &str) -> usize {
        let key = (source, ty.to_owned());
        if let Some(&n) = self.values.get(&key) {
            return n;
        }
        let n = self.new_param(key.0.clone(), ty);
        self.values.insert(key, n);
        n
    }

    fn new_param(&mut self, source: ParamSource, ty: &str) -> usize {
        self.params.push(source);
        if self.multiplexed {
            self.types.push(ty.to_owned());
        }
        self.params.len()
    }

    fn param_reference(&mut self, n: usize, ty: &str) {
        if self.multiplexed {
            let _ = write!(self.sql, "\"_subs\".\"p{}\"", n - 1);
        } else {
            let _ = write!(self.sql, "(${n})::{ty}");
        }
    }

    pub(super) fn array(&mut self, source: &Arc<ParamSource>) {
        if let Some(&n) = self.arrays.get(&Arc::as_ptr(source)) {
            self.param_reference(n, "text[]");
        } else {
            self.param(ParamSource::clone(source), "text[]");
            self.arrays.insert(Arc::as_ptr(source), self.params.len());
        }
    }

    /// Returns the CTE `"_subs"`, a row of typed values for each subscriber.
    pub(super) fn subscribers(&self) -> String {
        // Materialized, so that a subscriber's values are taken out of the JSON once and not for each row they filter.
        let mut sql = String::with_capacity(self.sql.len() + 256);
        sql.push_str(r#"WITH "_subs" AS MATERIALIZED (SELECT ("e"->>0)::int4 AS "id""#);
        for (i, ty) in self.types.iter().enumerate() {
            let _ = write!(sql, r#", ("e"->1->>{i})::{ty} AS "p{i}""#);
        }
        sql.push_str(r#" FROM json_array_elements($1::json) AS "e")"#);
        sql
    }
}
