//! Test events (manual, 7.4).

use crate::{Empty, FunctionPath, Json, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the test events of a function.
    ListEvents = Get "/v2/{project_id}/fgs/functions/{function_urn}/events" => 200, "7.4.1" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<EventList>
    }
    /// Creates a test event.
    CreateEvent = Post "/v2/{project_id}/fgs/functions/{function_urn}/events" => 200, "7.4.2" {
        path: FunctionPath, query: Empty, body: Json<CreateEventBody>, answer: Json<EventName>
    }
    /// Deletes a test event.
    DeleteEvent = Delete "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}" => 204, "7.4.3" {
        path: EventPath, query: Empty, body: Empty, answer: Empty
    }
    /// Answers one test event with its content.
    ShowEvent = Get "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}" => 200, "7.4.4" {
        path: EventPath, query: Empty, body: Empty, answer: Json<Event>
    }
    /// Replaces the content of a test event.
    UpdateEvent = Put "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}" => 200, "7.4.5" {
        path: EventPath, query: Empty, body: Json<UpdateEventBody>, answer: Json<EventName>
    }
}

/// The parameters of paths that name a test event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EventPath {
    /// The project.
    pub project_id: String,
    /// The function.
    pub function_urn: String,
    /// The test event.
    pub event_id: String,
}

/// The test events of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventList {
    /// How many there are.
    pub count: u64,
    /// The test events, without their content.
    pub events: Vec<EventSummary>,
    /// How many were answered: always all of them, so there is no next page.
    pub next_marker: u64,
}

/// A test event in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventSummary {
    /// Its id.
    pub id: String,
    /// When it was last written, in seconds since 1970: a number, on which the SDKs insist.
    pub last_modified: i64,
    /// Its name.
    pub name: String,
}

/// A new test event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateEventBody {
    /// Its name: 1 to 25 letters, digits, `_` and `-`, beginning with a letter.
    #[schema(min_length = 1, max_length = 25)]
    pub name: String,
    /// The event, up to 4096 bytes, as base64.
    pub content: String,
}

/// A new content of a test event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateEventBody {
    /// The event, up to 4096 bytes, as base64.
    pub content: String,
}

/// A test event's id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A test event with its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The event, as base64.
    pub content: String,
    /// When it was last written, in seconds since 1970.
    pub last_modified: i64,
}
