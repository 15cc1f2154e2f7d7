use super::*;
use std::time::Duration;

pub(crate) fn timer(name: &str) -> Source {
    let timing = Timing::Rate(fngraph_schedule::Schedule::rate("3m").unwrap());
    Source::Timer(Timer { name: name.to_owned(), timing, user_event: String::new() })
}

fn gateway(edit: impl FnOnce(&mut Gateway)) -> Source {
    let mut gateway = Gateway {
        kind: TriggerKind::Apig,
        api_id: "1".to_owned(),
        api_name: "API_shop".to_owned(),
        group_id: String::new(),
        group_name: String::new(),
        host: String::new(),
        path: "/shop/{id}".to_owned(),
        matching: PathMatch::Prefix,
        method: GatewayMethod::Any,
        protocol: GatewayProtocol::Https,
        auth: GatewayAuth::None,
        timeout: Duration::from_secs(5),
        is_async: false,
        cors: false,
        is_private: false,
        env_id: String::new(),
        env_name: "RELEASE".to_owned(),
        instance_id: String::new(),
    };
    edit(&mut gateway);
    Source::Gateway(gateway)
}

fn bucket(edit: impl FnOnce(&mut Bucket)) -> Bucket {
    let (name, bucket) = ("n".to_owned(), "pictures".to_owned());
    let events = vec![ObjectEvent::Created(None)];
    let feed = BucketFeed::Obs;
    let mut made = Bucket { feed, name, bucket, prefix: String::new(), suffix: String::new(), events };
    edit(&mut made);
    made
}

fn topic(urn: &str) -> Source {
    Source::Topic { topic_urn: urn.to_owned() }
}

fn check(source: Source, expected: Result<(), ErrorCode>) {
    let trigger = Trigger::new("1", source, Timestamp::EPOCH);
    assert_eq!(trigger.validate().map_err(|invalid| invalid.code()), expected, "{trigger:?}");
}

#[test]
fn each_kind_has_its_rules() {
    check(timer("Timer-1"), Ok(()));
    for name in ["", "1st", "a b", &"a".repeat(65)] {
        check(timer(name), Err(ErrorCode::InvalidTimerTrigger));
    }
    check(gateway(|_| ()), Ok(()));
    let edits: [fn(&mut Gateway); 5] = [
        |gateway| gateway.path = "shop".to_owned(),
        |gateway| gateway.timeout = Duration::ZERO,
        |gateway| gateway.timeout = Duration::from_millis(60_001),
        |gateway| gateway.api_name = "1".to_owned(),
        |gateway| gateway.host = "a b".to_owned(),
    ];
    for edit in edits {
        check(gateway(edit), Err(ErrorCode::InvalidApigTrigger));
    }
    check(Source::Bucket(bucket(|_| ())), Ok(()));
    for name in ["", "ab", "Pictures", "a..b", "-abc", "../x"] {
        check(Source::Bucket(bucket(|bucket| bucket.bucket = name.to_owned())), Err(ErrorCode::InvalidObsTrigger));
    }
    check(Source::Bucket(bucket(|bucket| bucket.events.clear())), Err(ErrorCode::InvalidObsTrigger));
    check(topic("urn:smn:local:project:orders"), Ok(()));
    for urn in ["", "orders", "urn:smn:local:project:", "urn:smn:local:project:a:b", "urn:smn:local:../x:a"] {
        check(topic(urn), Err(ErrorCode::InvalidSmnTrigger));
    }
}

#[test]
fn what_is_not_here_cannot_be_active_and_what_cannot_be_disabled_is_active() {
    let settings = serde_json::Map::new();
    let kafka = Elsewhere { kind: TriggerKind::Kafka, settings, secrets: fngraph_types::Secrets::default() };
    check(Source::Elsewhere(kafka.clone()), Err(ErrorCode::TriggerUnavailable));
    let disabled = |source| Trigger { is_active: false, ..Trigger::new("1", source, Timestamp::EPOCH) };
    disabled(Source::Elsewhere(kafka)).validate().unwrap();
    disabled(timer("t")).validate().unwrap();
    disabled(topic("urn:smn:local:project:orders")).validate().unwrap_err();
    disabled(gateway(|_| ())).validate().unwrap_err();
}

#[test]
fn buckets_overlap_when_one_object_could_fire_both() {
    let put = |bucket: &mut Bucket| bucket.events = vec![ObjectEvent::Created(Some(Creation::Put))];
    let any = bucket(|_| ());
    assert!(any.overlaps(&bucket(put)) && bucket(put).overlaps(&any));
    assert!(!any.overlaps(&bucket(|bucket| bucket.bucket = "other".to_owned())));
    assert!(!any.overlaps(&bucket(|bucket| bucket.events = vec![ObjectEvent::Removed(None)])));
    let begins = |prefix: &'static str| bucket(|bucket| bucket.prefix = prefix.to_owned());
    assert!(begins("a/").overlaps(&begins("a/b")) && !begins("a/").overlaps(&begins("b/")));
    assert!(begins("a/").wants(ObjectEvent::Created(Some(Creation::Copy)), "a/x"));
    assert!(!begins("a/").wants(ObjectEvent::Created(Some(Creation::Copy)), "b/x"));
    assert!(!begins("a/").wants(ObjectEvent::Removed(Some(Removal::Delete)), "a/x"));
}

#[test]
fn a_rate_is_written_as_it_was_read() {
    let Source::Timer(timer) = timer("t") else { unreachable!() };
    assert_eq!(timer.timing.text(), "3m");
    assert_eq!(Timing::Cron("@every 3m".parse().unwrap()).text(), "@every 3m");
}
