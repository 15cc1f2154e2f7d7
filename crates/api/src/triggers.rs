//! Triggers: what calls functions by itself (manual, 7.13).

mod event_data;

pub use event_data::{ApigFuncInfo, TriggerEventData};

use crate::{Empty, FunctionPath, Json, operation::operations};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use std::fmt;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Deletes the triggers of a published version or of an alias, or, with `latest` or neither, all of the function.
    BatchDeleteFunctionTriggers = Delete "/v2/{project_id}/fgs/triggers/{function_urn}" => 204, "7.13.1" {
        path: FunctionPath, query: Empty, body: Empty, answer: Empty
    }
    /// Lists the triggers of a published version or of an alias, or, with `latest` or neither, all of the function.
    ListFunctionTriggers = Get "/v2/{project_id}/fgs/triggers/{function_urn}" => 200, "7.13.2" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<Vec<FunctionTrigger>>
    }
    /// Creates a trigger of a version or an alias.
    CreateFunctionTrigger = Post "/v2/{project_id}/fgs/triggers/{function_urn}" => 201, "7.13.3" {
        path: FunctionPath, query: Empty, body: Json<CreateTriggerBody>, answer: Json<FunctionTrigger>
    }
    /// Deletes a trigger.
    DeleteFunctionTrigger = Delete "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}" => 204, "7.13.4" {
        path: TriggerPath, query: Empty, body: Empty, answer: Empty
    }
    /// Answers one trigger.
    ShowFunctionTrigger = Get "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}" => 200, "7.13.5" {
        path: TriggerPath, query: Empty, body: Empty, answer: Json<FunctionTrigger>
    }
    /// Changes a trigger. What is left out stays as it is.
    UpdateTrigger = Put "/v2/{project_id}/fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}" => 200, "7.13.6" {
        path: TriggerPath, query: Empty, body: Json<UpdateTriggerBody>, answer: Json<FunctionTrigger>
    }
}

/// The status of a trigger that fires.
pub const ACTIVE: &str = "ACTIVE";

/// The status of a trigger that does not fire.
pub const DISABLED: &str = "DISABLED";

/// What answers have in the place of a password.
pub const MASK: &str = "******";

/// The parameters of paths that name a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TriggerPath {
    /// The project.
    pub project_id: String,
    /// The function: a URN, with or without a version or alias, or a part of one that is enough. One with a published
    /// version or an alias has the triggers of that only.
    pub function_urn: String,
    /// The trigger's type: `TIMER`.
    pub trigger_type_code: String,
    /// The trigger's id.
    pub trigger_id: String,
}

/// A trigger to create.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateTriggerBody {
    /// Its type: `TIMER`, `APIG`, `DEDICATEDGATEWAY`, `APIC`, `OBS`, `EVENTGRID` or `SMN`; and those that cannot fire
    /// here, `CTS`, `DDS`, `DMS`, `DIS`, `LTS`, `KAFKA`, `OPENSOURCEKAFKA`, `RABBITMQ`, `ROCKETMQ`, `GeminiDB Mongo` and
    /// `IOTDA`.
    #[schema(example = "TIMER")]
    pub trigger_type_code: String,
    /// `ACTIVE` or `DISABLED`. Default: `ACTIVE`, or `DISABLED` for triggers that cannot fire here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ACTIVE")]
    pub trigger_status: Option<String>,
    /// The code of its messages. It changes nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type_code: Option<String>,
    /// How it is set up.
    #[serde(default)]
    pub event_data: TriggerEventData,
}

/// What to change of a trigger.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateTriggerBody {
    /// `ACTIVE` or `DISABLED`. Default: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ACTIVE")]
    pub trigger_status: Option<String>,
    /// What is set up differently: a list, of which each element changes what those before it left, or one object.
    /// Default: nothing.
    #[serde(default, deserialize_with = "list_or_one", skip_serializing_if = "Vec::is_empty")]
    pub event_data: Vec<TriggerEventData>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionTrigger {
    /// Its id.
    pub trigger_id: String,
    /// Its type.
    #[schema(example = "TIMER")]
    pub trigger_type_code: String,
    /// `ACTIVE` or `DISABLED`.
    #[schema(example = "ACTIVE")]
    pub trigger_status: String,
    /// How it is set up. Passwords are `******`.
    pub event_data: TriggerEventData,
    /// When it was last changed.
    #[schema(example = "2026-11-23T01:02:03Z")]
    pub last_updated_time: String,
    /// When it was created.
    #[schema(example = "2026-11-23T01:02:03Z")]
    pub created_time: String,
}

/// Reads what the SDK sends as a list and people as an object.
fn list_or_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TriggerEventData>, D::Error> {
    struct ListOrOne;

    impl<'de> Visitor<'de> for ListOrOne {
        type Value = Vec<TriggerEventData>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of objects, or an object")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = elements.next_element()? {
                if all.len() == MOST_CHANGES {
                    return Err(de::Error::invalid_length(all.len() + 1, &"a list of up to 10 objects"));
                }
                all.push(one);
            }
            Ok(all)
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
            TriggerEventData::deserialize(MapAccessDeserializer::new(members)).map(|one| vec![one])
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }

    deserializer.deserialize_any(ListOrOne)
}

/// The most elements of a list of changes. The SDK sends one.
const MOST_CHANGES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Operation as _;
    use serde_json::{Value, json};

    fn update(body: Value) -> Result<Vec<TriggerEventData>, String> {
        serde_json::from_value::<UpdateTriggerBody>(body).map(|body| body.event_data).map_err(|error| error.to_string())
    }

    #[test]
    fn changes_come_as_a_list_as_an_object_or_not_at_all() {
        let fast = TriggerEventData { schedule: Some("1m".to_owned()), ..TriggerEventData::default() };
        assert_eq!(update(json!({"event_data": [{"schedule": "1m"}]})), Ok(vec![fast.clone()]));
        assert_eq!(update(json!({"event_data": {"schedule": "1m"}})), Ok(vec![fast]));
        for nothing in [json!({}), json!({"event_data": []}), json!({"event_data": null})] {
            assert_eq!(update(nothing.clone()), Ok(Vec::new()), "{nothing}");
        }
        assert!(update(json!({"event_data": "1m"})).unwrap_err().contains("a list of objects, or an object"));
        assert!(update(json!({"event_data": vec![json!({}); 11]})).unwrap_err().contains("up to 10"));
    }

    #[test]
    fn types_with_spaces_fit_into_paths() {
        let path = TriggerPath {
            project_id: "p1".to_owned(),
            function_urn: "f".to_owned(),
            trigger_type_code: "GeminiDB Mongo".to_owned(),
            trigger_id: "1".to_owned(),
        };
        assert_eq!(ShowFunctionTrigger::target(&path, &Empty {}), "/v2/p1/fgs/triggers/f/GeminiDB%20Mongo/1");
    }
}
