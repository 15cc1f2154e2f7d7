use super::*;

fn rule(header: &str, matches: Matches) -> HeaderRule {
    HeaderRule { header: header.to_owned(), matches }
}

fn rules(combine: Combine, rules: &[HeaderRule]) -> Routing {
    Routing::Rules { combine, rules: rules.to_vec() }
}

/// Whether the routing chooses a call with these headers.
fn check(routing: &Routing, percent: u8, headers: &[(&str, &str)], expected: bool) {
    let header = |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    assert_eq!(routing.chooses(percent, &header), expected, "{routing:?} {percent} {headers:?}");
}

#[test]
fn a_weight_chooses_its_percentage() {
    for (weight, chosen) in [(0, 0), (1, 1), (50, 50), (100, 100)] {
        let routing = Routing::Weight(weight);
        assert_eq!((0..100).filter(|percent| routing.chooses(*percent, &|_| None)).count(), chosen);
    }
}

#[test]
fn rules_choose_by_header() {
    let beta = rule("X-Stage", Matches::Equals("beta".to_owned()));
    let places = rule("place", Matches::In(vec!["ulm".to_owned(), "bonn".to_owned()]));
    let both = rules(Combine::And, &[beta.clone(), places.clone()]);
    check(&both, 0, &[("x-stage", "beta"), ("Place", "bonn")], true);
    check(&both, 0, &[("x-stage", "beta")], false);
    check(&both, 0, &[("x-stage", "Beta"), ("place", "ulm")], false);
    let one = rules(Combine::Or, &[beta, places]);
    check(&one, 99, &[("place", "ulm")], true);
    check(&one, 0, &[("place", "ulm,bonn")], false);
    check(&one, 0, &[], false);
}

#[test]
fn no_rules_choose_nothing() {
    check(&rules(Combine::And, &[]), 0, &[], false);
    check(&rules(Combine::Or, &[]), 0, &[], false);
}

fn refused(version: &str, routing: Routing) -> Option<ErrorCode> {
    let at = Timestamp::EPOCH;
    let mut alias = Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), at);
    alias.additional = Some(Additional { version: version.parse().unwrap(), routing });
    alias.validate().err().map(|invalid| invalid.code())
}

#[test]
fn an_additional_version_is_another_published_one() {
    assert_eq!(refused("v2", Routing::Weight(100)), None);
    assert_eq!(refused("latest", Routing::Weight(1)), Some(ErrorCode::InvalidAdditionalVersion));
    assert_eq!(refused("v1", Routing::Weight(1)), Some(ErrorCode::SameAdditionalVersion));
    assert_eq!(refused("v2", Routing::Weight(101)), Some(ErrorCode::InvalidAdditionalWeight));
}

#[test]
fn rules_are_few_and_name_headers() {
    let named = |header: &str| rule(header, Matches::Equals(String::new()));
    assert_eq!(refused("v2", rules(Combine::And, &vec![named("a-B_1"); 20])), None);
    for bad in [vec![], vec![named("a"); 21], vec![named("")], vec![named("a b")]] {
        assert_eq!(refused("v2", rules(Combine::Or, &bad)), Some(ErrorCode::InvalidAdditionalVersion));
    }
}

#[test]
fn a_description_is_short() {
    let mut alias = Alias::new("prod".parse().unwrap(), VersionName::latest(), Timestamp::EPOCH);
    alias.description = "a".repeat(513);
    assert_eq!(alias.validate().unwrap_err().code(), ErrorCode::DescriptionTooLong);
}
