//! The cloud's Node SDK.

use crate::client::{Checks, node};

#[test]
fn a_users_script_works_with_signatures() {
    node("scenario.mjs", Checks::Signatures);
}

#[test]
fn a_users_script_works_without_checks() {
    node("scenario.mjs", Checks::Nothing);
}
