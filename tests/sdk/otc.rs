//! The SDK of the cloud's European sister, which sends tokens, bare colons in paths, and events as JSON strings.

use crate::client::{Checks, python};

#[test]
fn a_users_script_works_with_tokens() {
    python("otc.py", Checks::Signatures);
}

#[test]
fn a_users_script_works_without_checks() {
    python("otc.py", Checks::Nothing);
}
