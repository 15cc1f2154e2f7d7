//! The error codes that apply to the operations that are there.

use crate::{FILES, case::File};
use std::collections::BTreeSet;

/// The codes of the manual's section 9.2 that sections 7.1 to 7.11 and 7.15 can answer here. Each has a case.
const APPLICABLE: &[&str] = &[
    "FSS.0400", "FSS.0401", "FSS.0403", "FSS.0404", "FSS.0406", "FSS.1001", "FSS.1002", "FSS.1003", "FSS.1004",
    "FSS.1005", "FSS.1006", "FSS.1007", "FSS.1008", "FSS.1009", "FSS.1010", "FSS.1011", "FSS.1012", "FSS.1013",
    "FSS.1014", "FSS.1015", "FSS.1016", "FSS.1017", "FSS.1018", "FSS.1019", "FSS.1026", "FSS.1043", "FSS.1051",
    "FSS.1052", "FSS.1053", "FSS.1061", "FSS.1062", "FSS.1063", "FSS.1066", "FSS.1068", "FSS.1069", "FSS.1070",
    "FSS.1072", "FSS.1073", "FSS.1074", "FSS.1076", "FSS.1077", "FSS.1081", "FSS.1086", "FSS.1091", "FSS.1092",
    "FSS.1093", "FSS.1094", "FSS.1404", "FSS.1405", "FSS.1426", "FSS.1429", "FSS.4002", "FSS.4004", "FSS.4009",
    "FSS.4010", "FSS.4011", "FSS.4140", "FSS.4205", "FSS.4207",
];

#[test]
fn every_code_that_applies_has_a_case() {
    let mut shown = BTreeSet::new();
    for name in FILES {
        for case in File::read(name).cases {
            shown.extend(case.error_code);
            shown.extend(case.answer_headers.get("x-func-err-code").filter(|code| code.starts_with("FSS.")).cloned());
        }
    }
    let applicable: BTreeSet<String> = APPLICABLE.iter().map(|code| (*code).to_owned()).collect();
    let missing: Vec<_> = applicable.difference(&shown).collect();
    let unlisted: Vec<_> = shown.difference(&applicable).collect();
    assert!(missing.is_empty() && unlisted.is_empty(), "no case shows {missing:?}; not listed here: {unlisted:?}");
}
