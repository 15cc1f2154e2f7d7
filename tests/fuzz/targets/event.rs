//! Events as the triggers send them, or do not.
#![no_main]

use fngraph_guest::event::{
    ApigEvent, CtsEvent, DdsEvent, DisEvent, DmsEvent, EventGridEvent, GaussMongoEvent, IotdaEvent, KafkaEvent,
    LtsEvent, ObsEvent, SmnEvent, TimerEvent,
};
use libfuzzer_sys::fuzz_target;
use serde_json::from_slice;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = from_slice::<ApigEvent>(bytes) {
        let _ = event.body();
    }
    if let Ok(event) = from_slice::<ObsEvent>(bytes) {
        event.records.iter().for_each(|record| drop(record.s3.object.decoded_key()));
    }
    let _ = from_slice::<CtsEvent>(bytes);
    let _ = from_slice::<DdsEvent>(bytes);
    let _ = from_slice::<DisEvent>(bytes);
    let _ = from_slice::<DmsEvent>(bytes);
    let _ = from_slice::<EventGridEvent>(bytes);
    let _ = from_slice::<GaussMongoEvent>(bytes);
    let _ = from_slice::<IotdaEvent>(bytes);
    let _ = from_slice::<KafkaEvent>(bytes);
    let _ = from_slice::<LtsEvent>(bytes);
    let _ = from_slice::<SmnEvent>(bytes);
    let _ = from_slice::<TimerEvent>(bytes);
});
