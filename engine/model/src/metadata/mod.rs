//! The stored metadata in Hasura's v3 form ([`types`]) and its resolution ([`resolve()`], [`tracked`]).

pub mod api_limits;
pub mod computed_field;
pub mod enums;
pub mod function;
pub mod inconsistent;
pub mod introspection_options;
pub mod lenient;
pub mod names;
pub mod naming;
pub mod permissions;
pub mod query_collections;
pub mod relationship;
pub mod resolve;
pub mod rest_endpoints;
pub mod table_list;
pub mod tracked;
pub mod types;
pub mod versions;

pub use inconsistent::InconsistentObject;
pub use resolve::resolve;
pub use types::Metadata;
