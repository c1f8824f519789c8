//! schema.sql: applied to an empty database, to itself and to earlier schemas ([`upgrades`]); its constraints
//! ([`constraints`]), when restaurants take orders ([`openings`]), what it notes of changes ([`changes`]), the traces of orders ([`traces`]), its views ([`tracking`] and [`views`]), and
//! the sums that they read ([`figures`]).

mod changes;
mod constraints;
mod figures;
mod openings;
mod traces;
mod tracking;
mod upgrades;
mod views;
