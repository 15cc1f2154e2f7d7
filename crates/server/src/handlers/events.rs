//! Test events (manual, 7.4).

use crate::{call::Call, failure::Failure};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use fngraph::{ErrorCode, RegistryError, RequestId, TestEvent, Timestamp};
use fngraph_api::{
    Empty, Json,
    events::{CreateEvent, DeleteEvent, Event, EventList, EventName, EventSummary, ListEvents, ShowEvent, UpdateEvent},
};

/// Base64 as clients write it, with the padding or without it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Lists the test events of a function, in the order of their creation.
pub(crate) async fn list(call: Call<ListEvents>) -> Result<Json<EventList>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let events = function.test_events.iter().map(|event| EventSummary {
        id: event.id.clone(),
        last_modified: seconds(event.modified_at),
        name: event.name.clone(),
    });
    let events: Vec<_> = events.collect();
    let count = events.len() as u64;
    Ok(Json(EventList { count, events, next_marker: count }))
}

/// Creates a test event.
pub(crate) async fn create(call: Call<CreateEvent>) -> Result<Json<EventName>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let Json(body) = &call.body;
    let event = TestEvent {
        id: RequestId::random().to_string(),
        name: body.name.clone(),
        content: content(&body.content)?.into(),
        modified_at: call.app.now(),
    };
    let answer = EventName { id: event.id.clone(), name: event.name.clone() };
    call.app.runtime.registry().create_test_event(&urn.function, event).await?;
    Ok(Json(answer))
}

/// Deletes a test event.
pub(crate) async fn delete(call: Call<DeleteEvent>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    call.app.runtime.registry().delete_test_event(&urn.function, &call.path.event_id).await?;
    Ok(Empty {})
}

/// Answers one test event with its content.
pub(crate) async fn show(call: Call<ShowEvent>) -> Result<Json<Event>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let event = function.test_events.iter().find(|event| event.id == call.path.event_id).ok_or_else(|| {
        let event = call.path.event_id.chars().take(80).collect();
        RegistryError::TestEventNotFound { function: urn.function.clone(), event }
    })?;
    Ok(Json(Event {
        id: event.id.clone(),
        name: event.name.clone(),
        content: BASE64_STANDARD.encode(event.content.as_bytes()),
        last_modified: seconds(event.modified_at),
    }))
}

/// Replaces the content of a test event.
pub(crate) async fn update(call: Call<UpdateEvent>) -> Result<Json<EventName>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let content = content(&call.body.0.content)?;
    let (id, now) = (&call.path.event_id, call.app.now());
    let event = call.app.runtime.registry().update_test_event(&urn.function, id, content, now).await?;
    Ok(Json(EventName { id: event.id, name: event.name }))
}

/// The event in base64.
fn content(base64: &str) -> Result<String, Failure> {
    let content = LENIENT.decode(base64).ok().and_then(|content| String::from_utf8(content).ok());
    content.ok_or_else(|| {
        let text = "the content of a test event is JSON, or another text, in base64; this is not";
        Failure::new(ErrorCode::InvalidTestEvent, text)
    })
}

fn seconds(moment: Timestamp) -> i64 {
    moment.as_millis().div_euclid(1000)
}
