//! The error codes that apply to the operations that are there.

use crate::{FILES, case::File};
use std::collections::BTreeSet;

/// The codes of the manual's section 9.2 that sections 7.1 to 7.13 and 7.15 can answer here. Each has a case.
const APPLICABLE: &[&str] = &[
    "FSS.0400", "FSS.0401", "FSS.0403", "FSS.0404", "FSS.0406", "FSS.0409", "FSS.1001", "FSS.1002", "FSS.1003",
    "FSS.1004", "FSS.1005", "FSS.1006", "FSS.1007", "FSS.1008", "FSS.1009", "FSS.1010", "FSS.1011", "FSS.1012",
    "FSS.1013", "FSS.1014", "FSS.1015", "FSS.1016", "FSS.1017", "FSS.1018", "FSS.1019", "FSS.1022", "FSS.1023",
    "FSS.1024", "FSS.1025", "FSS.1026", "FSS.1032", "FSS.1033", "FSS.1043", "FSS.1045", "FSS.1051", "FSS.1052",
    "FSS.1053", "FSS.1056", "FSS.1057", "FSS.1058", "FSS.1059", "FSS.1061", "FSS.1062", "FSS.1063", "FSS.1065",
    "FSS.1066", "FSS.1068", "FSS.1069", "FSS.1070", "FSS.1072", "FSS.1073", "FSS.1074", "FSS.1076", "FSS.1077",
    "FSS.1081", "FSS.1086", "FSS.1091", "FSS.1092", "FSS.1093", "FSS.1094", "FSS.1101", "FSS.1102", "FSS.1103",
    "FSS.1104", "FSS.1106", "FSS.1107", "FSS.1108", "FSS.1109", "FSS.1110", "FSS.1112", "FSS.1113", "FSS.1123",
    "FSS.1131", "FSS.1132", "FSS.1133", "FSS.1134", "FSS.1136", "FSS.1137", "FSS.1138", "FSS.1140", "FSS.1141",
    "FSS.1142", "FSS.1143", "FSS.1145", "FSS.1146", "FSS.1147", "FSS.1148", "FSS.1149", "FSS.1150", "FSS.1153",
    "FSS.1154", "FSS.1160", "FSS.1163", "FSS.1164", "FSS.1166", "FSS.1174", "FSS.1301", "FSS.1305", "FSS.1306",
    "FSS.1307", "FSS.1312", "FSS.1313", "FSS.1314", "FSS.1316", "FSS.1317", "FSS.1318", "FSS.1404", "FSS.1405",
    "FSS.1426", "FSS.1429", "FSS.1440", "FSS.1441", "FSS.4002", "FSS.4004", "FSS.4009", "FSS.4010", "FSS.4011",
    "FSS.4140", "FSS.4205", "FSS.4207",
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
